//! The header of a rendition, and what `verify` leaves open: what only our writer promises, and the `mp4` crate's view.

use std::io::Cursor;

use mp4_atom::{Audio, Codec, Colr, Moov, Trak};

use crate::support::boxes::{self, Place};
use crate::support::findings::Findings;

/// What a CMAF header says.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Ticks per second.
    pub timescale: u32,
    /// The track's id.
    pub track_id: u32,
    /// Ticks that the edit list skips.
    pub priming: u64,
    /// Language by ISO 639-2/T.
    pub language: String,
    /// The codec string by RFC 6381, made from the configuration record.
    pub codec: String,
    /// What only pictures or only sound have.
    pub media: Media,
}

/// What only pictures or only sound have.
#[derive(Debug, Clone, PartialEq)]
pub enum Media {
    /// Pictures.
    Video {
        /// Pixels across and down.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Primaries, transfer and matrix of `colr`.
        color: (u16, u16, u16),
        /// Whether `colr` says full range.
        full_range: bool,
        /// Bytes of the length in front of each NAL unit.
        nal_length: usize,
        /// The parameter sets.
        parameter_sets: Vec<Vec<u8>>,
    },
    /// Sound.
    Audio {
        /// Samples per second.
        sample_rate: u32,
        /// Channels.
        channels: u16,
    },
    /// Text.
    Text,
}

impl Header {
    /// Reads and checks the first `length` bytes of `file`.
    pub fn read(file: &str, bytes: &[u8], length: usize, findings: &mut Findings) -> Option<Self> {
        match Self::try_read(file, bytes, length, findings) {
            Ok(header) => {
                second_opinion(file, &bytes[..length], &header, findings);
                Some(header)
            }
            Err(why) => {
                findings.rule(false, file, why);
                None
            }
        }
    }

    fn try_read(file: &str, bytes: &[u8], length: usize, findings: &mut Findings) -> Result<Self, String> {
        let top = boxes::walk(bytes, 0, length)?;
        let [ftyp, moov] = top[..] else {
            return Err(format!("the header holds {:?}, not ftyp and moov", names(&top)));
        };
        if ftyp.kind != *b"ftyp" {
            return Err("does not start with ftyp".to_owned());
        }
        let place = moov;
        let moov: Moov = boxes::decode(bytes, moov)?;
        let [trak] = &moov.trak[..] else { return Err(format!("there are {} tracks", moov.trak.len())) };

        check_structure(file, bytes, place, findings);
        check_dates(file, &moov, trak, findings);
        let header = Self {
            timescale: trak.mdia.mdhd.timescale,
            track_id: trak.tkhd.track_id,
            priming: priming(trak),
            language: trak.mdia.mdhd.language.clone(),
            codec: String::new(),
            media: Media::Audio { sample_rate: 0, channels: 0 },
        };
        header.with_entry(file, trak, findings)
    }

    fn with_entry(self, file: &str, trak: &Trak, findings: &mut Findings) -> Result<Self, String> {
        let [entry] = &trak.mdia.minf.stbl.stsd.codecs[..] else {
            return Err("stsd has not exactly one entry".to_owned());
        };
        match entry {
            Codec::Avc1(avc) => {
                let Some(Colr::Nclx {
                    colour_primaries,
                    transfer_characteristics,
                    matrix_coefficients,
                    full_range_flag,
                }) = &avc.colr
                else {
                    return Err("colr of type nclx is missing".to_owned());
                };
                let c = &avc.avcc;
                let codec = format!(
                    "avc1.{:02X}{:02X}{:02X}",
                    c.avc_profile_indication, c.profile_compatibility, c.avc_level_indication
                );
                let media = Media::Video {
                    width: avc.visual.width.into(),
                    height: avc.visual.height.into(),
                    color: (*colour_primaries, *transfer_characteristics, *matrix_coefficients),
                    full_range: *full_range_flag,
                    nal_length: c.length_size.into(),
                    parameter_sets: [&c.sequence_parameter_sets[..], &c.picture_parameter_sets[..]].concat(),
                };
                Ok(Self { codec, media, ..self })
            }
            Codec::Mp4a(aac) => {
                let specific = aac.esds.es_desc.dec_config.dec_specific.as_ref();
                let specific = specific.ok_or("esds holds no AudioSpecificConfig")?;
                Ok(self.with_sound(file, format!("mp4a.40.{}", specific.profile), &aac.audio, findings))
            }
            Codec::Ac3(entry) => Ok(self.with_sound(file, "ac-3".to_owned(), &entry.audio, findings)),
            Codec::Eac3(entry) => Ok(self.with_sound(file, "ec-3".to_owned(), &entry.audio, findings)),
            Codec::Opus(entry) => {
                findings.equal(file, "the pre-skip of dOps", u64::from(entry.dops.pre_skip), self.priming);
                Ok(self.with_sound(file, "Opus".to_owned(), &entry.audio, findings))
            }
            Codec::Flac(entry) => Ok(self.with_sound(file, "fLaC".to_owned(), &entry.audio, findings)),
            Codec::Wvtt(_) => Ok(Self { codec: "wvtt".to_owned(), media: Media::Text, ..self }),
            other => Err(format!("the sample entry is {other:?}")),
        }
    }

    fn with_sound(self, file: &str, codec: String, audio: &Audio, findings: &mut Findings) -> Self {
        let sample_rate = u32::from(audio.sample_rate.integer());
        findings.equal(file, "the timescale of sound", self.timescale, sample_rate);
        Self { codec, media: Media::Audio { sample_rate, channels: audio.channel_count }, ..self }
    }
}

fn names(places: &[Place]) -> Vec<String> {
    places.iter().map(Place::name).collect()
}

fn check_structure(file: &str, bytes: &[u8], moov: Place, findings: &mut Findings) {
    let inside = names(&boxes::walk(bytes, moov.body, moov.end).unwrap_or_default());
    findings.equal(file, "the content of moov", inside, ["mvhd", "trak", "mvex"].map(String::from).to_vec());
}

fn check_dates(file: &str, moov: &Moov, trak: &Trak, findings: &mut Findings) {
    let dates = (moov.mvhd.creation_time, trak.tkhd.creation_time, trak.mdia.mdhd.creation_time);
    findings.equal(file, "the creation times, which must not change from run to run", dates, (0, 0, 0));
}

/// What the edit list of sound skips.
fn priming(trak: &Trak) -> u64 {
    let edits = trak.edts.as_ref().and_then(|e| e.elst.as_ref()).map(|e| &e.entries[..]);
    edits.and_then(|edits| edits.first()?.media_time).unwrap_or(0)
}

/// The `mp4` crate must read the same, as far as it knows the codec.
fn second_opinion(file: &str, bytes: &[u8], header: &Header, findings: &mut Findings) {
    if !["avc1.", "mp4a."].iter().any(|known| header.codec.starts_with(known)) {
        return;
    }
    let reader = match mp4::Mp4Reader::read_header(Cursor::new(bytes), bytes.len() as u64) {
        Ok(reader) => reader,
        Err(why) => {
            findings.rule(false, file, format!("the mp4 crate cannot read it: {why}"));
            return;
        }
    };
    let tracks: Vec<_> = reader.tracks().values().collect();
    let [track] = tracks[..] else {
        findings.rule(false, file, format!("the mp4 crate sees {} tracks", tracks.len()));
        return;
    };
    findings.equal(file, "the timescale, read by mp4,", track.timescale(), header.timescale);
    findings.equal(file, "the language, read by mp4,", track.language(), &header.language[..]);
    match &header.media {
        Media::Video { width, height, .. } => {
            let size = (u32::from(track.width()), u32::from(track.height()));
            findings.equal(file, "the size, read by mp4,", size, (*width, *height));
        }
        Media::Text => {}
        Media::Audio { sample_rate, .. } => {
            let rate = track.sample_freq_index().map(|f| f.freq()).ok();
            findings.equal(file, "the sample rate, read by mp4,", rate, Some(*sample_rate));
        }
    }
}
