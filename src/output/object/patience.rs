//! How long a store is waited for, and how often it is asked again.

use std::time::Duration;

use object_store::{BackoffConfig, ClientOptions, RetryConfig};

/// A request may take so long; a slow line sends one part of an upload in it.
const PATIENCE: Duration = Duration::from_secs(120);
/// A connection is there in this time or never.
const CONNECT: Duration = Duration::from_secs(10);

/// How long the client waits.
pub(super) fn options(options: ClientOptions) -> ClientOptions {
    options.with_timeout(PATIENCE).with_connect_timeout(CONNECT)
}

/// How often the client repeats a request by itself.
pub(super) fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(15),
            base: 2.0,
        },
        max_retries: 10,
        retry_timeout: Duration::from_secs(240),
    }
}
