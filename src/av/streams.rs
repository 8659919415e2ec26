//! What the container says of its streams, in plain data.

use ffmpeg_next::codec::packet::side_data::Type as SideData;
use ffmpeg_next::format::chapter::Chapter;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{Rational, media};

use super::demux::Demuxer;
use super::packet::to_us;
use super::raw;
use crate::media::{ColorInfo, FrameRate, Language, PixelAspect, Resolution, TrackIndex};

/// What kind of stream it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Pictures that move.
    Video,
    /// Sound.
    Audio,
    /// Words.
    Text,
    /// Subtitles as pictures, or in a form that nothing tells.
    Subtitle,
    /// A cover or another attached picture.
    Picture,
    /// A font or another file.
    Attachment,
    /// Timed data, or nothing FFmpeg knows.
    Data,
}

/// Facts of one stream as its container declares them.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Position in the source.
    pub track: TrackIndex,
    /// What kind it is.
    pub kind: StreamKind,
    /// FFmpeg's codec name.
    pub codec: String,
    /// Whether this FFmpeg can decode it.
    pub decodable: bool,
    /// What a decoder must know before the first packet, in the container's own form (FFmpeg: extradata).
    pub config: Vec<u8>,
    /// Profile by name.
    pub profile: Option<String>,
    /// Level as the codec counts it.
    pub level: Option<i32>,
    /// Coded size.
    pub resolution: Resolution,
    /// Shape of a pixel.
    pub pixel_aspect: PixelAspect,
    /// Clockwise turn that shows the picture upright, and whether it is mirrored before.
    pub rotation: (u16, bool),
    /// FFmpeg's pixel format name.
    pub pixel_format: String,
    /// Bits per component.
    pub bit_depth: u8,
    /// Colour code points.
    pub color: ColorInfo,
    /// `Some(true)`: top field first; `Some(false)`: bottom; nothing: progressive or unknown.
    pub top_field_first: Option<bool>,
    /// The container says that pictures are progressive.
    pub progressive: bool,
    /// MaxCLL and MaxFALL.
    pub content_light: Option<[u32; 2]>,
    /// Lowest and highest luminance of the mastering display.
    pub mastering_luminance: Option<[f64; 2]>,
    /// Dolby Vision profile.
    pub dolby_vision_profile: Option<u8>,
    /// The real base rate, and the average rate, that the container declares.
    pub rates: [Option<FrameRate>; 2],
    /// Seconds per tick.
    pub time_base: [u32; 2],
    /// First presentation time in microseconds.
    pub start_us: Option<i64>,
    /// Length in microseconds.
    pub duration_us: Option<i64>,
    /// Bits per second.
    pub bit_rate: Option<u64>,
    /// PCM samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// FFmpeg's name of the layout.
    pub channel_layout: String,
    /// Language.
    pub language: Language,
    /// Title.
    pub title: Option<String>,
    /// Dispositions: default, commentary, description, dub.
    pub default: bool,
    /// Somebody talks about the programme.
    pub commentary: bool,
    /// Narration for the visually impaired.
    pub description: bool,
    /// A dubbed track.
    pub dub: bool,
    /// Marked as the original.
    pub original: bool,
    /// Shown to those who have not asked for it too: what signs say, and foreign words.
    pub forced: bool,
    /// Also says what is heard besides speech.
    pub hearing_impaired: bool,
}

/// A chapter as the container has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChapterMark {
    /// When it begins, in microseconds.
    pub start_us: i64,
    /// When it ends, in microseconds; not after the beginning when the container does not say.
    pub end_us: i64,
    /// Its title.
    pub title: Option<String>,
}

/// Facts of the whole container.
#[derive(Debug, Clone)]
pub struct Container {
    /// FFmpeg's name of the format.
    pub name: String,
    /// Declared length in microseconds; what FFmpeg guesses from a bit rate is not declared.
    pub duration_us: Option<i64>,
    /// Title.
    pub title: Option<String>,
    /// Language of the whole, when the container says one.
    pub language: Option<Language>,
    /// Its streams, in order.
    pub streams: Vec<Stream>,
    /// Its chapters, in order.
    pub chapters: Vec<ChapterMark>,
}

/// H.273 code points of FFmpeg's enum values, which follow the standard; out of range is unspecified.
pub(super) fn color([primaries, transfer, matrix, range]: [i32; 4]) -> ColorInfo {
    let point = |v: i32, unspecified: u8| u8::try_from(v).ok().filter(|v| *v <= 22).unwrap_or(unspecified);
    // AVCOL_RANGE_JPEG (libavutil/pixfmt.h).
    const FULL: i32 = 2;
    let nonzero = |v: u8| if v == 0 { 2 } else { v };
    ColorInfo {
        primaries: nonzero(point(primaries, 2)),
        transfer: nonzero(point(transfer, 2)),
        matrix: point(matrix, 2),
        full_range: range == FULL,
    }
}

/// The turn and mirroring of a display matrix (libavutil/display.h): 16.16 numbers
/// `a b u / c d v / x y w`, of which the upper left four turn the picture.
fn rotation(matrix: &[u8]) -> (u16, bool) {
    let at = |i: usize| {
        matrix.get(i * 4..i * 4 + 4).map_or(0.0, |b| f64::from(i32::from_ne_bytes([b[0], b[1], b[2], b[3]])))
    };
    let (a, b, c, d) = (at(0), at(1), at(3), at(4));
    if a == 0.0 && b == 0.0 && c == 0.0 && d == 0.0 {
        return (0, false);
    }
    let mirrored = a * d - b * c < 0.0;
    // A mirrored matrix is a mirror followed by a turn: undo the mirror (negate x) to see the turn.
    let (a, b) = if mirrored { (-a, -b) } else { (a, b) };
    let degrees = b.atan2(a).to_degrees();
    let quarter = (degrees / 90.0).round() as i32;
    ((quarter.rem_euclid(4) * 90) as u16, mirrored)
}

fn frame_rate(rate: Rational) -> Option<FrameRate> {
    let (num, den) = (u32::try_from(rate.numerator()).ok()?, u32::try_from(rate.denominator()).ok()?);
    FrameRate::new(num, den)
}

fn mastering_luminance(data: &[u8]) -> Option<[f64; 2]> {
    // AVMasteringDisplayMetadata (libavutil/mastering_display_metadata.h): 3×2 + 2 rationals of
    // primaries and white point, then min_luminance, max_luminance, has_primaries, has_luminance.
    let int = |i: usize| data.get(i * 4..i * 4 + 4).map(|b| i32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
    let ratio = |i: usize| Some(f64::from(int(i)?) / f64::from(int(i + 1)?));
    (int(21)? != 0).then_some([ratio(16)?, ratio(18)?])
}

fn content_light(data: &[u8]) -> Option<[u32; 2]> {
    // AVContentLightMetadata: MaxCLL, MaxFALL.
    let int = |i: usize| data.get(i * 4..i * 4 + 4).map(|b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
    Some([int(0)?, int(1)?])
}

fn stream(demuxer: &mut Demuxer, index: usize) -> Option<Stream> {
    let facts = raw::stream_facts(&mut demuxer.input, index);
    let stream = demuxer.input.stream(index)?;
    let parameters = stream.parameters();
    let disposition = stream.disposition();
    let kind = match parameters.medium() {
        media::Type::Video if disposition.contains(Disposition::ATTACHED_PIC) => StreamKind::Picture,
        media::Type::Video => StreamKind::Video,
        media::Type::Audio => StreamKind::Audio,
        media::Type::Subtitle if raw::text_or_bitmap(parameters.id()).0 => StreamKind::Text,
        media::Type::Subtitle => StreamKind::Subtitle,
        media::Type::Attachment => StreamKind::Attachment,
        media::Type::Data | media::Type::Unknown => StreamKind::Data,
    };
    let metadata = stream.metadata();
    let text = |key: &str| metadata.get(key).map(str::to_owned).filter(|t| !t.trim().is_empty());
    let time_base = stream.time_base();
    let time = |ticks: i64| (ticks != i64::MIN).then(|| to_us(ticks, time_base));
    let side = |kind: SideData| stream.side_data().find(|d| d.kind() == kind).map(|d| d.data().to_vec());
    // AV_FIELD_TT, _BB, _TB, _BT (libavcodec/defs.h): the first letter is the field that is shown first.
    let (top_field_first, progressive) = match facts.field_order {
        2 | 5 => (Some(true), false),
        3 | 4 => (Some(false), false),
        1 => (None, true),
        _ => (None, false),
    };
    let (num, den) = facts.sample_aspect;
    let aspect = u32::try_from(num).ok().zip(u32::try_from(den).ok()).filter(|(n, d)| *n > 0 && *d > 0);
    Some(Stream {
        track: TrackIndex(index),
        kind,
        codec: raw::codec_name(parameters.id()),
        decodable: ffmpeg_next::decoder::find(parameters.id()).is_some(),
        config: facts.config,
        profile: facts.profile,
        level: facts.level,
        resolution: Resolution::new(facts.width, facts.height),
        pixel_aspect: aspect.map_or(PixelAspect::SQUARE, |(num, den)| PixelAspect { num, den }),
        rotation: side(SideData::DisplayMatrix).map_or((0, false), |m| rotation(&m)),
        pixel_format: facts.pixel_format,
        bit_depth: facts.bit_depth,
        color: color(facts.color),
        top_field_first,
        progressive,
        content_light: side(SideData::ContentLightLevel).and_then(|d| content_light(&d)),
        mastering_luminance: side(SideData::MasteringDisplayMetadata).and_then(|d| mastering_luminance(&d)),
        dolby_vision_profile: side(SideData::DOVI_CONF).and_then(|d| d.get(2).copied()),
        rates: [frame_rate(stream.rate()), frame_rate(stream.avg_frame_rate())],
        time_base: [time_base.numerator().unsigned_abs(), time_base.denominator().unsigned_abs()],
        start_us: time(stream.start_time()),
        duration_us: time(stream.duration()).filter(|d| *d > 0),
        bit_rate: u64::try_from(facts.bit_rate).ok().filter(|b| *b > 0),
        sample_rate: facts.sample_rate,
        channels: facts.channels,
        channel_layout: facts.channel_layout,
        language: text("language").map_or_else(Language::undetermined, |l| Language::parse(&l)),
        title: text("title").or_else(|| text("handler_name").filter(|h| !generic_handler(h))),
        default: disposition.contains(Disposition::DEFAULT),
        commentary: disposition.contains(Disposition::COMMENT),
        description: disposition.contains(Disposition::VISUAL_IMPAIRED),
        dub: disposition.contains(Disposition::DUB),
        original: disposition.contains(Disposition::ORIGINAL),
        forced: disposition.contains(Disposition::FORCED),
        hearing_impaired: disposition.contains(Disposition::HEARING_IMPAIRED),
    })
}

/// Handler names that muxers write by themselves say nothing to a viewer.
fn generic_handler(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("handler") || lower.contains("media") || lower.contains("gpac") || lower.contains("l-smash")
}

fn mark(chapter: &Chapter<'_>) -> ChapterMark {
    let at = |ticks| to_us(ticks, chapter.time_base());
    let title = chapter.metadata().get("title").map(|title| title.trim().to_owned());
    ChapterMark {
        start_us: at(chapter.start()),
        end_us: at(chapter.end()),
        title: title.filter(|title| !title.is_empty()),
    }
}

/// Reads what the container says.
pub fn describe(demuxer: &mut Demuxer) -> Container {
    let count = demuxer.input.nb_streams() as usize;
    let streams = (0..count).filter_map(|index| stream(demuxer, index)).collect();
    let duration = if raw::guesses_length(&demuxer.input) { 0 } else { demuxer.input.duration() };
    let metadata = demuxer.input.metadata();
    let language = metadata.get("language").map(Language::parse).filter(|language| !language.is_undetermined());
    Container {
        name: demuxer.input.format().name().to_owned(),
        duration_us: (duration > 0).then_some(duration),
        title: metadata.get("title").map(str::to_owned).filter(|t| !t.trim().is_empty()),
        language,
        streams,
        chapters: demuxer.input.chapters().map(|chapter| mark(&chapter)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> Vec<u8> {
        [a, b, 0, c, d, 0, 0, 0, 1 << 14].iter().map(|v| v << 16).flat_map(i32::to_ne_bytes).collect()
    }

    #[test]
    fn display_matrices_name_a_clockwise_turn() {
        assert_eq!(rotation(&matrix(1, 0, 0, 1)), (0, false));
        assert_eq!(rotation(&matrix(0, 1, -1, 0)), (90, false));
        assert_eq!(rotation(&matrix(-1, 0, 0, -1)), (180, false));
        assert_eq!(rotation(&matrix(0, -1, 1, 0)), (270, false));
        assert_eq!(rotation(&matrix(-1, 0, 0, 1)), (0, true));
    }

    #[test]
    fn a_broken_matrix_turns_nothing() {
        assert_eq!(rotation(&[]), (0, false));
        assert_eq!(rotation(&[0; 36]), (0, false));
    }
}
