//! Every path and URL of the output. Nothing else formats one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::media::{RenditionId, SegmentNumber};

/// How the media of a rendition is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One file per segment.
    SegmentFiles,
    /// One file per rendition, with `sidx`.
    SingleFile,
}

/// The HLS multivariant playlist.
pub const MASTER: &str = "master.m3u8";
/// The DASH MPD.
pub const MPD: &str = "manifest.mpd";
/// Where the server of a live programme tells the time of day, relative to the MPD.
pub const TIME: &str = "time";
/// The report.
pub const REPORT: &str = "streampack.json";
/// The report of a batch, beside the sets that it made.
pub const BATCH_REPORT: &str = "streampack-batch.json";
/// The poster picture.
pub const POSTER: &str = "poster.jpg";
/// The private work directory inside the output.
pub const WORK: &str = ".streampack";
/// The WebVTT file of the thumbnails.
pub const THUMBNAILS: &str = "thumbnails/thumbnails.vtt";
/// The HLS image playlist.
pub const IMAGES: &str = "thumbnails/images.m3u8";

/// The chapters as Apple's players read them.
pub const CHAPTERS_JSON: &str = "chapters.json";
/// The chapters as WebVTT.
pub const CHAPTERS_VTT: &str = "chapters.vtt";

/// The CMAF header of a rendition.
pub fn init(id: &RenditionId) -> String {
    format!("{id}/init.mp4")
}

/// One segment of a rendition.
pub fn segment(id: &RenditionId, number: SegmentNumber) -> String {
    format!("{id}/segment_{:05}.m4s", number.0)
}

/// One WebVTT segment of a text rendition.
pub fn page(id: &RenditionId, number: SegmentNumber) -> String {
    format!("{id}/segment_{:05}.vtt", number.0)
}

/// The whole programme of a text rendition as one WebVTT file.
pub fn whole_text(id: &RenditionId) -> String {
    format!("{id}/subtitles.vtt")
}

/// Whether `key` is the first segment of a rendition.
pub fn is_first_segment(key: &str) -> bool {
    key.ends_with("/segment_00001.m4s")
}

/// The one file of a rendition in [`Layout::SingleFile`].
pub fn single(id: &RenditionId) -> String {
    format!("{id}/media.mp4")
}

/// The media playlist of a rendition.
pub fn playlist(id: &RenditionId) -> String {
    format!("{id}/playlist.m3u8")
}

/// The I-frame playlist of a video rendition.
pub fn iframes(id: &RenditionId) -> String {
    format!("{id}/iframes.m3u8")
}

/// The plain file of a rung, by the shorter side of its picture.
pub fn progressive(short_side: u32) -> String {
    format!("progressive/{short_side}p.mp4")
}

/// A thumbnail sheet, counted from 1.
pub fn sprite(number: u64) -> String {
    format!("thumbnails/sprite_{number:05}.jpg")
}

/// `segment` as a DASH template (ISO/IEC 23009-1 § 5.3.9.4.4), relative to the MPD.
pub fn dash_segments(id: &RenditionId) -> String {
    format!("{}/$RepresentationID$/segment_$Number%05d$.m4s", id.kind().name())
}

/// `init` as a DASH template, relative to the MPD.
pub fn dash_init(id: &RenditionId) -> String {
    format!("{}/$RepresentationID$/init.mp4", id.kind().name())
}

/// `sprite` as a DASH template, relative to the MPD.
pub const DASH_SPRITES: &str = "thumbnails/sprite_$Number%05d$.jpg";

/// Whether an object names others, of a set or of one in a directory of sets: it is stored after them and removed before
/// them.
pub fn names_others(key: &str) -> bool {
    [".m3u8", ".mpd", THUMBNAILS].iter().any(|end| key.ends_with(end))
}

/// `key` as a playlist at `from` names it: relative to the playlist's own directory.
pub fn relative(from: &str, key: &str) -> String {
    let directory = from.rfind('/').map_or("", |at| &from[..=at]);
    if let Some(rest) = key.strip_prefix(directory) {
        return rest.to_owned();
    }
    format!("{}{key}", "../".repeat(directory.matches('/').count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::RenditionKind;

    #[test]
    fn the_dash_template_expands_to_the_stored_key() {
        let id = RenditionId::new(RenditionKind::Video, "720p_h264");
        for number in [1, 42, 99_999, 123_456] {
            let expanded = dash_segments(&id)
                .replace("$RepresentationID$", id.name())
                .replace("$Number%05d$", &format!("{number:05}"));
            assert_eq!(expanded, segment(&id, SegmentNumber(number)));
        }
    }

    #[test]
    fn playlists_name_their_segments_without_a_path() {
        assert_eq!(relative("video/720p/playlist.m3u8", "video/720p/init.mp4"), "init.mp4");
        assert_eq!(relative("master.m3u8", "video/720p/playlist.m3u8"), "video/720p/playlist.m3u8");
        assert_eq!(relative("thumbnails/images.m3u8", "video/a.mp4"), "../video/a.mp4");
    }
}
