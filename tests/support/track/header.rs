//! The CMAF header: `ftyp` and `moov` of one track (ISO/IEC 23000-19 § 7.3.2.1, § 7.5).

use std::io::Cursor;

use mp4_atom::{Codec, Colr, FourCC, Ftyp, Matrix, Moov, StszSamples, Trak};

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
        let brands: Ftyp = boxes::decode(bytes, ftyp)?;
        let place = moov;
        let moov: Moov = boxes::decode(bytes, moov)?;
        let [trak] = &moov.trak[..] else { return Err(format!("there are {} tracks", moov.trak.len())) };

        check_structure(file, bytes, place, findings);
        check_movie(file, &moov, trak, findings);
        check_tables(file, trak, findings);
        let header = Self {
            timescale: trak.mdia.mdhd.timescale,
            track_id: trak.tkhd.track_id,
            priming: priming(file, trak, findings)?,
            language: trak.mdia.mdhd.language.clone(),
            codec: String::new(),
            media: Media::Audio { sample_rate: 0, channels: 0 },
        };
        let header = header.with_entry(file, trak, findings)?;
        check_brands(file, &brands, &header, findings);
        Ok(header)
    }

    fn with_entry(self, file: &str, trak: &Trak, findings: &mut Findings) -> Result<Self, String> {
        let [entry] = &trak.mdia.minf.stbl.stsd.codecs[..] else {
            return Err("stsd has not exactly one entry".to_owned());
        };
        let size = (trak.tkhd.width.integer(), trak.tkhd.height.integer());
        match entry {
            Codec::Avc1(avc) => {
                findings.equal(file, "tkhd size", size, (avc.visual.width, avc.visual.height));
                let square = avc.pasp.as_ref().is_some_and(|p| p.h_spacing == p.v_spacing);
                findings.rule(square, file, "pasp is missing or not square (CMAF § 9.2.3)");
                findings.rule(trak.mdia.minf.vmhd.is_some(), file, "vmhd is missing");
                findings.equal(file, "hdlr", trak.mdia.hdlr.handler, FourCC::new(b"vide"));
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
                findings.rule(!c.sequence_parameter_sets.is_empty(), file, "avcC holds no SPS");
                findings.rule(!c.picture_parameter_sets.is_empty(), file, "avcC holds no PPS");
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
                findings.equal(file, "tkhd size", size, (0, 0));
                findings.equal(file, "ES_ID (CMAF § 10.3.4.2.3)", aac.esds.es_desc.es_id, 0);
                findings.equal(file, "hdlr", trak.mdia.hdlr.handler, FourCC::new(b"soun"));
                let balance = trak.mdia.minf.smhd.as_ref().map(|s| s.balance.integer());
                findings.equal(file, "smhd.balance", balance, Some(0));
                let specific = aac.esds.es_desc.dec_config.dec_specific.as_ref();
                let specific = specific.ok_or("esds holds no AudioSpecificConfig")?;
                let sample_rate = u32::from(aac.audio.sample_rate.integer());
                findings.equal(file, "the timescale of sound", self.timescale, sample_rate);
                let media = Media::Audio { sample_rate, channels: aac.audio.channel_count };
                Ok(Self { codec: format!("mp4a.40.{}", specific.profile), media, ..self })
            }
            other => Err(format!("the sample entry is {other:?}")),
        }
    }
}

fn names(places: &[Place]) -> Vec<String> {
    places.iter().map(Place::name).collect()
}

fn check_structure(file: &str, bytes: &[u8], moov: Place, findings: &mut Findings) {
    let inside = names(&boxes::walk(bytes, moov.body, moov.end).unwrap_or_default());
    findings.equal(file, "the content of moov", inside, ["mvhd", "trak", "mvex"].map(String::from).to_vec());
    let dref = boxes::find(bytes, moov, &[b"trak", b"mdia", b"minf", b"dinf", b"dref"]);
    let entries = dref.and_then(|dref| boxes::walk(bytes, dref.body + 8, dref.end).ok()).unwrap_or_default();
    let own = matches!(entries[..], [url] if url.kind == *b"url " && boxes::version_and_flags(bytes, url).1 == 1);
    findings.rule(own, file, "dref is not one self-contained url (CMAF § 7.5.9)");
}

fn check_movie(file: &str, moov: &Moov, trak: &Trak, findings: &mut Findings) {
    let still = (moov.mvhd.duration, trak.tkhd.duration, trak.mdia.mdhd.duration);
    findings.equal(file, "the durations of mvhd, tkhd and mdhd (CMAF § 7.5)", still, (0, 0, 0));
    let dates = (moov.mvhd.creation_time, trak.tkhd.creation_time, trak.mdia.mdhd.creation_time);
    findings.equal(file, "the creation times, which must not change from run to run", dates, (0, 0, 0));
    let identity = Matrix { a: 1 << 16, b: 0, u: 0, c: 0, d: 1 << 16, v: 0, x: 0, y: 0, w: 1 << 30 };
    findings.rule(moov.mvhd.matrix == identity && trak.tkhd.matrix == identity, file, "a matrix is not the default");
    findings.equal(file, "mvhd.rate", (moov.mvhd.rate.integer(), moov.mvhd.rate.decimal()), (1, 0));
    findings.rule(trak.tkhd.enabled && trak.tkhd.in_movie, file, "the track is not enabled");
    let trex: Vec<u32> = moov.mvex.iter().flat_map(|m| &m.trex).map(|t| t.track_id).collect();
    findings.equal(file, "the tracks of trex", trex, vec![trak.tkhd.track_id]);
}

fn check_tables(file: &str, trak: &Trak, findings: &mut Findings) {
    let tables = &trak.mdia.minf.stbl;
    let samples = match &tables.stsz.samples {
        StszSamples::Identical { count, .. } => *count as usize,
        StszSamples::Different { sizes } => sizes.len(),
    };
    let chunks = tables.stco.as_ref().map(|t| t.entries.len());
    let entries = (tables.stts.entries.len(), tables.stsc.entries.len(), samples, chunks);
    findings.equal(file, "the entries of stts, stsc, stsz, stco (CMAF § 7.5.12)", entries, (0, 0, 0, Some(0)));
}

/// CMAF § 7.7.2: video has no edit list. § 7.5.13: sound has one entry that skips the priming.
fn priming(file: &str, trak: &Trak, findings: &mut Findings) -> Result<u64, String> {
    let edits = trak.edts.as_ref().and_then(|e| e.elst.as_ref()).map(|e| &e.entries[..]);
    if trak.mdia.minf.vmhd.is_some() {
        findings.rule(edits.is_none(), file, "video has an edit list (CMAF § 7.7.2)");
        return Ok(0);
    }
    let Some([edit]) = edits else { return Err("sound has not exactly one edit (CMAF § 7.5.13)".to_owned()) };
    findings.equal(file, "elst.segment_duration", edit.segment_duration, 0);
    findings.equal(file, "elst.media_rate", edit.media_rate.integer(), 1);
    edit.media_time.ok_or_else(|| "the edit is empty (CMAF § 7.5.13)".to_owned())
}

/// CMAF § 7.2: a structural brand, the major one with minor version 0.
fn check_brands(file: &str, ftyp: &Ftyp, header: &Header, findings: &mut Findings) {
    let has = |brand: &[u8; 4]| ftyp.compatible_brands.contains(&FourCC::new(brand));
    findings.equal(file, "ftyp.minor_version", ftyp.minor_version, 0);
    findings.rule(ftyp.compatible_brands.contains(&ftyp.major_brand), file, "the major brand is not a compatible one");
    findings.rule(has(b"cmfc"), file, "the brand cmfc is missing");
    match header.media {
        Media::Video { .. } => findings.rule(has(b"cmf2"), file, "the brand cmf2 is missing"),
        Media::Audio { .. } => findings.rule(has(b"caac"), file, "the brand caac is missing"),
    };
}

/// The `mp4` crate must read the same.
fn second_opinion(file: &str, bytes: &[u8], header: &Header, findings: &mut Findings) {
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
        Media::Audio { sample_rate, .. } => {
            let rate = track.sample_freq_index().map(|f| f.freq()).ok();
            findings.equal(file, "the sample rate, read by mp4,", rate, Some(*sample_rate));
        }
    }
}
