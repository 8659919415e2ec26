//! Packets that are no media: what a container says of the programme as it goes.

use ffmpeg_next::{Stream as AvStream, codec, media};

use super::demux::{Demuxer, Packet};
use crate::media::TrackIndex;

/// What kind of marks a packet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// A section of SCTE 35, as MPEG-TS has it.
    Splice,
    /// A data message in AMF0, as FLV has it.
    Script,
}

impl Demuxer {
    /// What marks a packet holds; nothing of media. FFmpeg makes a stream of subtitles or data of the script tags of FLV
    /// when the first one comes, and gives their bytes as they are.
    pub fn marks(&self, packet: &Packet) -> Option<MarkKind> {
        self.marks_of(&self.input.stream(packet.inner.stream())?)
    }

    /// The streams of marks that are known by now.
    pub fn mark_tracks(&self) -> Vec<TrackIndex> {
        let marks = self.input.streams().filter(|stream| self.marks_of(stream).is_some());
        marks.map(|stream| TrackIndex(stream.index())).collect()
    }

    fn marks_of(&self, stream: &AvStream<'_>) -> Option<MarkKind> {
        let parameters = stream.parameters();
        match parameters.medium() {
            media::Type::Data if parameters.id() == codec::Id::SCTE_35 => Some(MarkKind::Splice),
            media::Type::Data | media::Type::Subtitle if self.input.format().name().contains("flv") => {
                Some(MarkKind::Script)
            }
            _ => None,
        }
    }
}
