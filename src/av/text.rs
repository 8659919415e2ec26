//! Packets of a text track in, lines of text out, whatever kind of text it is.

use ffmpeg_next::codec::Id;
use ffmpeg_next::decoder;

use super::demux::{Demuxer, Packet};
use super::{Error, decode, raw};
use crate::media::TrackIndex;

/// One line as a decoder gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it appears, in microseconds of its source.
    pub start_us: i64,
    /// When it goes, in microseconds; nothing when the source does not say.
    pub end_us: Option<i64>,
    /// An event of ASS; nothing of a packet that only ends what is shown.
    pub ass: Option<String>,
}

/// Decodes one text track.
pub struct TextDecoder {
    inner: decoder::Opened,
    refused: u64,
    pictures: u64,
}

impl std::fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextDecoder").field("refused", &self.refused).finish_non_exhaustive()
    }
}

/// Whether the packets of a track are cues of WebVTT as they are: a decoder would lose where they stand.
pub fn is_webvtt(demuxer: &Demuxer, track: TrackIndex) -> bool {
    demuxer.input.stream(track.0).is_some_and(|stream| stream.parameters().id() == Id::WEBVTT)
}

impl TextDecoder {
    /// Opens the decoder of `track`.
    pub fn open(demuxer: &Demuxer, track: TrackIndex) -> Result<Self, Error> {
        let (inner, _) = decode::open(demuxer, track)?;
        Ok(Self { inner, refused: 0, pictures: 0 })
    }

    /// The header of the track in ASS: styles, and the size of the screen.
    pub fn header(&self) -> String {
        raw::subtitle_header(&self.inner)
    }

    /// The lines of a packet. One that cannot be decoded is counted and skipped, and so is one without a time.
    pub fn decode(&mut self, mut packet: Packet) -> Vec<Event> {
        let (at_us, length_us) = (packet.at_us(), packet.duration_us());
        let shown = match raw::decode_subtitle(&mut self.inner, &mut packet.inner) {
            Ok(shown) => shown.unwrap_or_default(),
            Err(_) => {
                self.refused += 1;
                return Vec::new();
            }
        };
        self.pictures += shown.pictures as u64;
        let Some(at_us) = shown.at_us.or(at_us) else {
            self.refused += u64::from(!shown.events.is_empty());
            return Vec::new();
        };
        let after = |ms: u32| at_us.saturating_add(i64::from(ms) * 1000);
        let length = Some(length_us).filter(|length| *length > 0).map(|length| at_us.saturating_add(length));
        let (start_us, end_us) = (after(shown.start_ms), shown.end_ms.map(after).or(length));
        if shown.events.is_empty() {
            return vec![Event { start_us, end_us, ass: None }];
        }
        shown.events.into_iter().map(|ass| Event { start_us, end_us, ass: Some(ass) }).collect()
    }

    /// How many packets could not be decoded.
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// How many pictures came instead of words.
    pub const fn pictures(&self) -> u64 {
        self.pictures
    }
}
