//! Flags of `token`.

use std::path::PathBuf;

use clap::Args;
use streampack::config::Seconds;

/// Flags of `token`.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The programme, as `live` tells where it is served: https://HOST/t/TOKEN/master.m3u8; without it the token alone
    /// is printed
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The keys that the server has; the first one signs
    #[arg(long, value_name = "FILE")]
    pub(crate) token_key_file: PathBuf,
    /// How long it is good: 90, 30m, 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) valid: Seconds,
    /// It opens what is below this directory of the programme alone, as audio/ [default: all of it]
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) path: Option<String>,
}
