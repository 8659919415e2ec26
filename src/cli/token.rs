//! `streampack token`: a URL that opens a live programme for some time.

use std::time::Duration;

use streampack::clock::{LiveClock, SystemClock};
use streampack::job::keys::open_to_others;
use streampack::origin::live::token::{DIRECTORY, TokenKeys};

use super::args::Token;
use super::error::{Error, one_line};
use super::terminal::Terminal;

/// What stands for a token in the URL that `live` tells.
const PLACE: &str = "TOKEN";

/// Prints a token, or a URL with one.
pub(crate) fn token(flags: &Token, clock: &SystemClock, terminal: &Terminal) -> Result<(), Error> {
    let keys = TokenKeys::read(&flags.token_key_file)?;
    if let Some(warning) = open_to_others("token key file", &flags.token_key_file) {
        terminal.tell(&format!("warning: {}\n", one_line(&warning.message)));
    }
    let path = flags.path.as_deref().unwrap_or_default().trim_matches('/');
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let expiry = clock.utc() + Duration::from_secs_f64(flags.valid.as_f64());
    let token = keys.sign(&prefix, expiry.as_secs());
    let Some(url) = &flags.url else { return terminal.print(&format!("{token}\n")) };
    let (place, with) = (format!("/{DIRECTORY}/{PLACE}/"), format!("/{DIRECTORY}/{token}/"));
    if !url.contains(&place) {
        let remedy = "give it as live tells it, or leave it out for the token alone";
        return Err(Error::Usage(format!("{url} has no place for a token: {place} is not in it; {remedy}")));
    }
    terminal.print(&format!("{}\n", url.replacen(&place, &with, 1)))
}
