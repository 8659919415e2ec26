//! Which parts this FFmpeg has, and which version it is.

use super::{Error, raw};

/// Version texts of FFmpeg and its libraries, for reports and for telling one build from another.
pub fn versions() -> Vec<(String, String)> {
    let library = |(name, v): (&str, u32)| (name.to_owned(), format!("{}.{}.{}", v >> 16, (v >> 8) & 0xff, v & 0xff));
    std::iter::once(("ffmpeg".to_owned(), raw::version_info())).chain(raw::versions().map(library)).collect()
}

/// Fails when an encoder is missing.
pub fn require_encoder(name: &str) -> Result<(), Error> {
    let missing = || Error::Missing { kind: "encoder", name: name.to_owned() };
    ffmpeg_next::encoder::find_by_name(name).map(|_| ()).ok_or_else(missing)
}

/// Fails when a filter is missing.
pub fn require_filter(name: &str) -> Result<(), Error> {
    let missing = || Error::Missing { kind: "filter", name: name.to_owned() };
    ffmpeg_next::filter::find(name).map(|_| ()).ok_or_else(missing)
}
