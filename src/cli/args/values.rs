//! Values that clap's own parsers do not know, each refused with how to write it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use streampack::config::{RateControlMode, TopRung};
use streampack::job::live::{OnLoss, Overload};
use streampack::source::takeover::Takeover;

pub(super) fn rate_control() -> impl TypedValueParser<Value = RateControlMode> {
    PossibleValuesParser::new(RateControlMode::ALL.map(RateControlMode::name)).try_map(|name| name.parse())
}

pub(super) fn top_rung() -> impl TypedValueParser<Value = TopRung> {
    PossibleValuesParser::new(TopRung::ALL.map(TopRung::name)).try_map(|name| name.parse())
}

pub(super) fn on_loss() -> impl TypedValueParser<Value = OnLoss> {
    PossibleValuesParser::new(OnLoss::ALL.map(OnLoss::name)).try_map(|name| name.parse())
}

pub(super) fn overload() -> impl TypedValueParser<Value = Overload> {
    PossibleValuesParser::new(Overload::ALL.map(Overload::name)).try_map(|name| name.parse())
}

pub(super) fn takeover() -> impl TypedValueParser<Value = Takeover> {
    PossibleValuesParser::new(Takeover::ALL.map(Takeover::name)).try_map(|name| name.parse())
}

pub(super) fn rate_factor(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number; write it like 21 or 19.5"))
}

pub(super) fn loudness(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a loudness; write it like -16"))
}

pub(super) fn pixels(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of pixels; write it like 320"))
}

pub(super) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of jobs; write 1 or more"))
}

pub(super) fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of objects; write it like 100"))
}

/// The value of a header (RFC 9110 § 5.5), as far as every store takes it.
pub(crate) fn header(text: &str) -> Result<String, String> {
    let sound = !text.trim().is_empty() && text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if sound {
        Ok(text.trim().to_owned())
    } else {
        Err("that is no value of a header; write it like max-age=60".to_owned())
    }
}

pub(crate) fn distribution(text: &str) -> Result<String, String> {
    let sound = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    if sound {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a distribution; write its ID, like E2EXAMPLE"))
    }
}

/// A host and a port, parted by the last colon: `localhost:8080`, `[::1]:8080`.
pub(super) fn address(text: &str) -> Result<String, String> {
    let sound = |(host, port): (&str, &str)| {
        let host_is_one = !host.is_empty() && (!host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
        host_is_one && port.parse::<u16>().is_ok()
    };
    match text.rsplit_once(':').is_some_and(sound) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is not an address; write it like 127.0.0.1:8080")),
    }
}

/// A directory of this machine. `s3://bucket` would be a directory called `s3:`, which nobody means.
pub(super) fn directory() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.to_str().and_then(scheme) {
        Some(scheme) => Err(format!("{scheme} outputs are not supported; give a directory")),
        None => Ok(path),
    })
}

/// `s3://` of `s3://bucket/film`.
fn scheme(text: &str) -> Option<&str> {
    let (name, _) = text.split_once("://")?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    named.then(|| &text[..name.len() + "://".len()])
}
