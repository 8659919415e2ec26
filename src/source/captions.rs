//! The closed captions of all picture tracks of a file, found in one pass over its packets.

use std::collections::BTreeMap;

use super::SourceInfo;
use super::packets::shown_at;
use crate::av::demux::Packet;
use crate::av::streams::{Container, StreamKind};
use crate::codec::captions::CaptionReader;
use crate::media::TrackIndex;

/// Readers of the picture tracks that can carry captions.
#[derive(Debug)]
pub(super) struct Captions(BTreeMap<TrackIndex, CaptionReader>);

impl Captions {
    /// Of the picture tracks of a container.
    pub(super) fn of(container: &Container) -> Self {
        let pictures = container.streams.iter().filter(|stream| stream.kind == StreamKind::Video);
        let readers =
            pictures.filter_map(|stream| Some((stream.track, CaptionReader::of(&stream.codec, &stream.config)?)));
        Self(readers.collect())
    }

    /// Takes the next packet of any track.
    pub(super) fn see(&mut self, packet: &Packet) {
        if let Some(reader) = self.0.get_mut(&packet.track()) {
            reader.see(shown_at(packet).unwrap_or_default(), packet.data());
        }
    }

    /// Says what was found of each track.
    pub(super) fn tell(mut self, info: &mut SourceInfo) {
        for video in &mut info.video {
            video.captions = self.0.remove(&video.track).map_or_else(Vec::new, CaptionReader::finish);
        }
    }
}
