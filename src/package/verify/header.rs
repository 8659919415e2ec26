//! What an independent reader, `mp4-atom`, sees in a CMAF header. It knows the sample entries of every codec.

use mp4_atom::{Any, Codec, Decode, Moov, Visual};

use crate::media::CodecConfig;

/// The first track of a header.
#[derive(Debug)]
pub(super) struct Seen {
    /// How many tracks there are.
    pub(super) tracks: usize,
    /// Ticks per second.
    pub(super) timescale: u32,
    /// The sample entries.
    pub(super) entries: Vec<Codec>,
    /// Where each edit begins in the media.
    pub(super) edits: Vec<u64>,
}

/// Reads `header`; nothing when it has no track. The reader knows no protected sample entry: it gets one under the name
/// that `frma` keeps.
pub(super) fn read(header: &[u8], protected: bool) -> Result<Option<Seen>, mp4_atom::Error> {
    let renamed = if protected { renamed(header) } else { header.to_vec() };
    let mut header = renamed.as_slice();
    let mut moov = None;
    while !header.is_empty() {
        if let Any::Moov(found) = Any::decode(&mut header)? {
            moov = Some(found);
        }
    }
    Ok(moov.and_then(|moov: Moov| {
        let tracks = moov.trak.len();
        let track = moov.trak.into_iter().next()?;
        let list = track.edts.and_then(|edts| edts.elst).map_or(Vec::new(), |elst| elst.entries);
        Some(Seen {
            tracks,
            timescale: track.mdia.mdhd.timescale,
            entries: track.mdia.minf.stbl.stsd.codecs,
            edits: list.into_iter().map(|edit| edit.media_time.unwrap_or(u64::MAX)).collect(),
        })
    }))
}

fn renamed(header: &[u8]) -> Vec<u8> {
    let mut header = header.to_vec();
    let find = |header: &[u8], name: &[u8; 4]| header.windows(4).position(|word| word == name);
    let entry = find(&header, b"encv").or_else(|| find(&header, b"enca"));
    if let (Some(entry), Some(format)) = (entry, find(&header, b"frma")) {
        header.copy_within(format + 4..format + 8, entry);
    }
    header
}

/// The key that the first `tenc` of a header names, read at its place (ISO/IEC 23001-7:2023 § 8.2).
pub(super) fn key(header: &[u8]) -> Option<[u8; 16]> {
    let at = header.windows(4).position(|word| word == b"tenc")? + 12;
    header.get(at..)?.first_chunk().copied()
}

impl Seen {
    /// The sample entries that are for `codec`.
    pub(super) fn entries_of(&self, codec: &CodecConfig) -> usize {
        let of = |entry: &&Codec| match codec {
            CodecConfig::Avc(_) => matches!(entry, Codec::Avc1(_)),
            CodecConfig::Hevc(_) => matches!(entry, Codec::Hvc1(_)),
            CodecConfig::Av1(_) => matches!(entry, Codec::Av01(_)),
            CodecConfig::Vp9(_) => matches!(entry, Codec::Vp09(_)),
            CodecConfig::Aac(_) | CodecConfig::Mp3(_) => matches!(entry, Codec::Mp4a(_)),
            CodecConfig::Ac3(_) => matches!(entry, Codec::Ac3(_)),
            CodecConfig::Eac3(_) => matches!(entry, Codec::Eac3(_)),
            CodecConfig::Opus(_) => matches!(entry, Codec::Opus(_)),
            CodecConfig::Flac(_) => matches!(entry, Codec::Flac(_)),
            CodecConfig::WebVtt(_) => matches!(entry, Codec::Wvtt(_)),
        };
        self.entries.iter().filter(of).count()
    }

    /// Width and height of the first sample entry; 0 when it is none of pictures.
    pub(super) fn size(&self) -> (u16, u16) {
        let visual: Option<&Visual> = self.entries.first().and_then(|entry| match entry {
            Codec::Avc1(entry) => Some(&entry.visual),
            Codec::Hvc1(entry) => Some(&entry.visual),
            Codec::Av01(entry) => Some(&entry.visual),
            Codec::Vp09(entry) => Some(&entry.visual),
            _ => None,
        });
        visual.map_or((0, 0), |visual| (visual.width, visual.height))
    }
}
