//! Text tracks of a file in, cues out: one pass over the file for all of them.

use std::collections::BTreeMap;
use std::path::Path;

use super::Shift;
use super::packets::PacketReader;
use crate::av::Error;
use crate::av::demux::Packet;
use crate::av::text::{Event, TextDecoder, is_webvtt};
use crate::cancel::CancelToken;
use crate::media::{Cue, TrackIndex};
use crate::text::ass::Header;
use crate::text::{self, Line, webvtt};

/// What a text track says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its cues in their order, timed as the source has them.
    pub cues: Vec<Cue>,
    /// Packets that could not be read.
    pub refused: u64,
}

/// Reads the text `tracks` of the file at `path`; `shifts` is what a probe or scan has found of the file. A track of
/// which nothing can be read has no cues, and counts what was refused.
pub fn read(
    path: &Path,
    tracks: &[TrackIndex],
    shifts: &[Shift],
    cancel: &CancelToken,
) -> Result<BTreeMap<TrackIndex, Script>, Error> {
    if tracks.is_empty() {
        return Ok(BTreeMap::new());
    }
    read_from(PacketReader::open(path, tracks, shifts, cancel)?, tracks)
}

/// Reads the text `tracks` of an open file.
pub(super) fn read_from(
    mut reader: PacketReader,
    tracks: &[TrackIndex],
) -> Result<BTreeMap<TrackIndex, Script>, Error> {
    let mut open: BTreeMap<TrackIndex, Track> = BTreeMap::new();
    for track in tracks {
        open.insert(*track, Track::open(&reader, *track)?);
    }
    while let Some(packet) = reader.read()? {
        if let Some(track) = open.get_mut(&packet.track()) {
            track.see(packet);
        }
    }
    Ok(open.into_iter().map(|(index, track)| (index, track.finish())).collect())
}

/// A text track that is being read.
struct Track {
    form: Form,
    lines: Vec<Line>,
    refused: u64,
}

/// What its packets are.
enum Form {
    WebVtt,
    /// With the header of the decoder as it was read last.
    Decoded(Box<TextDecoder>, Option<Header>),
    /// No decoder takes it.
    Unreadable,
}

impl Track {
    fn open(reader: &PacketReader, index: TrackIndex) -> Result<Self, Error> {
        let form = if is_webvtt(reader.demuxer(), index) {
            Form::WebVtt
        } else {
            match TextDecoder::open(reader.demuxer(), index) {
                Ok(decoder) => Form::Decoded(Box::new(decoder), None),
                Err(Error::Cancelled(cancelled)) => return Err(cancelled.into()),
                Err(_) => Form::Unreadable,
            }
        };
        Ok(Self { form, lines: Vec::new(), refused: 0 })
    }

    fn see(&mut self, packet: Packet) {
        match &mut self.form {
            Form::WebVtt => match packet.at_us().zip(std::str::from_utf8(packet.data()).ok()) {
                Some((start_us, payload)) => self.lines.push(Line {
                    start_us,
                    end_us: Some(packet.duration_us()).filter(|length| *length > 0).map(|length| start_us + length),
                    settings: webvtt::settings(&packet.cue_settings()),
                    text: webvtt::text(payload),
                }),
                None => self.refused += 1,
            },
            Form::Decoded(decoder, header) => {
                let events = decoder.decode(packet);
                // Decoders have their header from the start, or from the first packet on.
                let header = header.get_or_insert_with(|| Header::read(&decoder.header()));
                self.lines.extend(events.into_iter().map(|event| line(header, event)));
            }
            Form::Unreadable => self.refused += 1,
        }
    }

    fn finish(self) -> Script {
        let refused = match &self.form {
            Form::WebVtt | Form::Unreadable => self.refused,
            Form::Decoded(decoder, _) => decoder.refused() + decoder.pictures(),
        };
        Script { cues: text::in_order(self.lines), refused }
    }
}

fn line(header: &Header, event: Event) -> Line {
    let Event { start_us, end_us, ass } = event;
    let (settings, text) = ass.map_or_else(Default::default, |ass| header.cue(&ass));
    Line { start_us, end_us, settings, text }
}
