//! Which parts this FFmpeg has, and which version it is.

use super::{Error, raw};

/// Which libraries of FFmpeg take part in something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Libraries {
    /// All of them.
    All,
    /// All but libavfilter, which is loaded only where pictures or sound are filtered.
    WithoutFilters,
}

/// Version texts of FFmpeg and its libraries, for reports and for telling one build from another.
///
/// # Errors
/// When libavfilter takes part and cannot be loaded.
pub fn versions(libraries: Libraries) -> Result<Vec<(String, String)>, Error> {
    let [codec, format, scale, resample] = raw::versions();
    let filter = match libraries {
        Libraries::All => Some(("libavfilter", raw::filters::version()?)),
        Libraries::WithoutFilters => None,
    };
    let all = [codec, format].into_iter().chain(filter).chain([scale, resample]);
    let texts = all.map(|(name, v)| (name.to_owned(), format!("{}.{}.{}", v >> 16, (v >> 8) & 0xff, v & 0xff)));
    Ok(std::iter::once(("ffmpeg".to_owned(), raw::version_info())).chain(texts).collect())
}

/// Fails when an encoder is missing.
pub fn require_encoder(name: &str) -> Result<(), Error> {
    let missing = || Error::Missing { kind: "encoder", name: name.to_owned() };
    ffmpeg_next::encoder::find_by_name(name).map(|_| ()).ok_or_else(missing)
}

/// Whether there is a decoder of this name.
pub fn has_decoder(name: &str) -> bool {
    ffmpeg_next::decoder::find_by_name(name).is_some()
}

/// The licence under which this FFmpeg was built.
pub fn license() -> String {
    ffmpeg_next::util::license().to_owned()
}

/// A kind of hardware device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// FFmpeg's name of it: `vaapi`.
    pub name: String,
    /// One can be opened here.
    pub usable: bool,
}

/// The kinds of hardware devices that this FFmpeg was built for.
pub fn hardware() -> Vec<Device> {
    raw::hardware().into_iter().map(|(name, usable)| Device { name, usable }).collect()
}

/// Fails when a filter is missing, or all are.
pub fn require_filter(name: &str) -> Result<(), Error> {
    raw::filters::find(name).map(|_| ())
}

/// Whether FLV is read in which codecs are told by four letters, as Enhanced RTMP has it: since FFmpeg 6.1.
pub fn reads_enhanced_flv() -> bool {
    const LIBAVFORMAT: u32 = 60 << 16 | 16 << 8;
    ffmpeg_next::format::version() >= LIBAVFORMAT
}
