//! Segments and single files: `styp`, `sidx`, `moof` and `mdat`.

use mp4_atom::{FourCC, Moof, Sidx, Styp, Traf, Trun};

use super::header::{Header, Media};
use super::nal;
use crate::support::boxes::{self, Place};
use crate::support::findings::Findings;

/// One coded picture or block of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Ticks.
    pub duration: u32,
    /// Bytes.
    pub size: u32,
    /// Decoding can start here.
    pub sync: bool,
    /// Ticks from decoding to presentation.
    pub composition: i64,
}

/// One `moof` and its `mdat`.
#[derive(Debug, Clone)]
pub struct Fragment {
    /// First byte of the `moof`, from the start of the segment.
    pub offset: u64,
    /// Bytes of both.
    pub bytes: u64,
    /// Bytes from the start of the `moof` to the end of the first sample.
    pub key_bytes: u64,
    /// `mfhd.sequence_number`.
    pub sequence: u32,
    /// `tfdt`, in ticks.
    pub decode_time: u64,
    /// The sum of the durations of its samples, in ticks.
    pub duration: u64,
    /// Its samples.
    pub samples: Vec<Sample>,
}

/// The fragments of a segment file.
pub fn of_segment(file: &str, bytes: &[u8], header: &Header, findings: &mut Findings) -> Option<Vec<Fragment>> {
    let places = structure(file, bytes, 0, findings)?;
    let (styp, rest) = places.split_first()?;
    if !findings.rule(styp.kind == *b"styp", file, "does not start with styp") {
        return None;
    }
    match boxes::decode::<Styp>(bytes, *styp) {
        Ok(styp) => {
            for brand in [b"msdh", b"cmfs"] {
                let has = styp.compatible_brands.contains(&FourCC::new(brand));
                findings.rule(has, file, format!("styp lacks {}", String::from_utf8_lossy(brand)));
            }
            findings.rule(styp.compatible_brands.contains(&styp.major_brand), file, "styp lacks its major brand");
        }
        Err(why) => {
            findings.rule(false, file, why);
        }
    }
    Pairs::of(file, rest, findings)?.read(file, bytes, header, findings)
}

/// The header's length, the first and last byte of `sidx`, and the fragments of a single file.
pub fn of_single(file: &str, bytes: &[u8], findings: &mut Findings) -> Option<(usize, (u64, u64), Pairs)> {
    let places = structure(file, bytes, 0, findings)?;
    let [ftyp, moov, index, rest @ ..] = &places[..] else { return None };
    let order = (ftyp.kind, moov.kind, index.kind) == (*b"ftyp", *b"moov", *b"sidx");
    if !findings.rule(order, file, "does not start with ftyp, moov, sidx") {
        return None;
    }
    let pairs = Pairs::of(file, rest, findings)?;
    match boxes::decode::<Sidx>(bytes, *index) {
        Ok(sidx) => check_index(file, &sidx, index.end, &pairs, findings),
        Err(why) => {
            findings.rule(false, file, why);
        }
    }
    Some((moov.end, (index.start as u64, index.end as u64 - 1), pairs))
}

fn structure(file: &str, bytes: &[u8], from: usize, findings: &mut Findings) -> Option<Vec<Place>> {
    boxes::walk(bytes, from, bytes.len()).map_err(|why| findings.rule(false, file, why)).ok()
}

/// CMAF § 7.3.3.3: one reference per fragment, and together they cover the rest of the file.
fn check_index(file: &str, sidx: &Sidx, end: usize, pairs: &Pairs, findings: &mut Findings) {
    findings.equal(file, "sidx.first_offset", sidx.first_offset, 0);
    findings.equal(file, "sidx.earliest_presentation_time", sidx.earliest_presentation_time, 0);
    let sizes: Vec<u64> = sidx.references.iter().map(|r| r.referenced_size.into()).collect();
    let right: Vec<u64> = pairs.0.iter().map(|(moof, mdat)| (mdat.end - moof.start) as u64).collect();
    findings.equal(file, "the sizes in sidx", sizes, right);
    let first = pairs.0.first().map_or(end, |(moof, _)| moof.start);
    findings.equal(file, "the byte after sidx", first, end);
    let clean = |r: &mp4_atom::SegmentReference| !r.reference_type && r.starts_with_sap && r.sap_type == 1;
    findings.rule(sidx.references.iter().all(clean), file, "a reference of sidx is no media that starts with SAP 1");
}

/// Each `moof` with its `mdat`.
#[derive(Debug)]
pub struct Pairs(Vec<(Place, Place)>);

impl Pairs {
    /// CMAF § 7.5.19: an `mdat` directly after each `moof`, and nothing else.
    fn of(file: &str, places: &[Place], findings: &mut Findings) -> Option<Self> {
        let paired = |pair: &[Place]| matches!(pair, [a, b] if (a.kind, b.kind) == (*b"moof", *b"mdat"));
        let kept = !places.is_empty() && places.chunks(2).all(paired);
        let names: Vec<String> = places.iter().map(Place::name).collect();
        if !findings.rule(kept, file, format!("holds {names:?}, not pairs of moof and mdat")) {
            return None;
        }
        Some(Self(places.chunks(2).map(|pair| (pair[0], pair[1])).collect()))
    }

    /// Reads the fragments; their offsets count from the start of `bytes`.
    pub fn read(self, file: &str, bytes: &[u8], header: &Header, findings: &mut Findings) -> Option<Vec<Fragment>> {
        let mut fragments = Vec::new();
        for (moof, mdat) in self.0 {
            match Fragment::read(file, bytes, moof, mdat, header, findings) {
                Ok(fragment) => fragments.push(fragment),
                Err(why) => {
                    findings.rule(false, file, format!("the moof at byte {}: {why}", moof.start));
                    return None;
                }
            }
        }
        Some(fragments)
    }
}

impl Fragment {
    fn read(
        file: &str,
        bytes: &[u8],
        place: Place,
        mdat: Place,
        header: &Header,
        findings: &mut Findings,
    ) -> Result<Self, String> {
        let here = format!("{file} (moof at {})", place.start);
        let moof: Moof = boxes::decode(bytes, place)?;
        let [traf] = &moof.traf[..] else { return Err(format!("there are {} traf", moof.traf.len())) };
        let [trun] = &traf.trun[..] else { return Err(format!("there are {} trun", traf.trun.len())) };
        let decode_time = traf.tfdt.as_ref().ok_or("tfdt is missing")?.base_media_decode_time;
        check_header(&here, traf, header, findings);
        check_run(&here, bytes, place, findings);
        let samples = samples(&here, traf, trun, findings)?;
        let first = samples.first().ok_or("trun has no sample")?;

        // CMAF § 7.3.2.3: offsets count from the moof, and samples fill the mdat without a gap.
        findings.equal(
            &here,
            "trun.data_offset",
            trun.data_offset.map(i64::from),
            Some((mdat.body - place.start) as i64),
        );
        let sizes: u64 = samples.iter().map(|s| u64::from(s.size)).sum();
        if sizes != (mdat.end - mdat.body) as u64 {
            return Err(format!("samples of {sizes} bytes do not fill an mdat of {}", mdat.end - mdat.body));
        }
        let fragment = Self {
            offset: place.start as u64,
            bytes: (mdat.end - place.start) as u64,
            key_bytes: (mdat.body - place.start) as u64 + u64::from(first.size),
            sequence: moof.mfhd.sequence_number,
            decode_time,
            duration: samples.iter().map(|s| u64::from(s.duration)).sum(),
            samples,
        };
        fragment.check_presentation(&here, findings);
        fragment.check_content(&here, &bytes[mdat.body..mdat.end], header, findings);
        Ok(fragment)
    }

    /// When its samples are presented, ascending, in ticks of media time.
    pub fn presented(&self) -> Vec<i64> {
        let mut decode = self.decode_time as i64;
        let mut times = Vec::new();
        for sample in &self.samples {
            times.push(decode + sample.composition);
            decode += i64::from(sample.duration);
        }
        times.sort_unstable();
        times
    }

    /// The first sample is presented at `tfdt` (CMAF § 7.5.17), and the others follow without a gap:
    /// nothing is shown before the key frame or after the next one.
    fn check_presentation(&self, here: &str, findings: &mut Findings) {
        findings.equal(here, "the composition offset of the first sample", self.samples[0].composition, 0);
        let times = self.presented();
        let steps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let length = i64::from(self.samples[0].duration);
        let constant = self.samples.iter().all(|s| i64::from(s.duration) == length);
        // The last block of sound may be cut short.
        let but_the_last =
            self.samples.split_last().is_some_and(|(_, b)| b.iter().all(|s| i64::from(s.duration) == length));
        findings.rule(constant || but_the_last, here, "samples do not last equally long");
        findings.rule(steps.iter().all(|s| *s == length), here, format!("presentation times have gaps: {steps:?}"));
        findings.equal(here, "the first presentation time", times[0], self.decode_time as i64);
    }

    /// The flags say what the samples are.
    fn check_content(&self, here: &str, data: &[u8], header: &Header, findings: &mut Findings) {
        let Media::Video { nal_length, .. } = &header.media else {
            findings.rule(self.samples.iter().all(|s| s.sync), here, "a block of sound is no sync sample");
            return;
        };
        let mut at = 0;
        for (number, sample) in self.samples.iter().enumerate() {
            let here = format!("{here}, sample {number}");
            let sample_data = &data[at..at + sample.size as usize];
            at += sample.size as usize;
            match nal::units(sample_data, *nal_length) {
                Ok(units) => {
                    findings.equal(&here, "whether it is an IDR picture", units.idr, number == 0);
                    findings.equal(&here, "the sync flag", sample.sync, number == 0);
                    findings.rule(units.idr != units.other, &here, "holds slices of IDR and other pictures, or none");
                    findings.rule(!units.parameter_set, &here, "holds a parameter set, which avc1 forbids");
                }
                Err(why) => {
                    findings.rule(false, &here, why);
                }
            }
        }
    }
}

/// CMAF § 7.5.16 and § 7.7.3.
fn check_header(here: &str, traf: &Traf, header: &Header, findings: &mut Findings) {
    let tfhd = &traf.tfhd;
    findings.equal(here, "tfhd.track_ID", tfhd.track_id, header.track_id);
    findings.rule(tfhd.base_data_offset.is_none(), here, "tfhd has a base data offset");
    findings.rule(tfhd.default_base_is_moof, here, "tfhd lacks default-base-is-moof");
    findings.rule(!tfhd.duration_is_empty, here, "tfhd says that there are no samples");
    findings.equal(here, "tfhd.sample_description_index", tfhd.sample_description_index, Some(1));
}

/// `tfdt` stands before a `trun` of version 1 (CMAF § 7.7.3; Safari wants the order).
fn check_run(here: &str, bytes: &[u8], moof: Place, findings: &mut Findings) {
    let Some(traf) = boxes::find(bytes, moof, &[b"traf"]) else { return };
    let inside = boxes::walk(bytes, traf.body, traf.end).unwrap_or_default();
    let names: Vec<String> = inside.iter().map(Place::name).collect();
    findings.equal(here, "the content of traf", names, ["tfhd", "tfdt", "trun"].map(String::from).to_vec());
    for trun in inside.iter().filter(|p| p.kind == *b"trun") {
        let (version, flags) = boxes::version_and_flags(bytes, *trun);
        findings.equal(here, "the version of trun", version, 1);
        findings.rule(flags & 1 == 1, here, "trun lacks data-offset-present");
    }
}

fn samples(here: &str, traf: &Traf, trun: &Trun, findings: &mut Findings) -> Result<Vec<Sample>, String> {
    /// sample_is_non_sync_sample (ISO/IEC 14496-12 § 8.8.3.1).
    const NON_SYNC: u32 = 1 << 16;
    let tfhd = &traf.tfhd;
    let mut samples = Vec::new();
    for entry in trun.samples.iter() {
        // CMAF § 7.7.3: the defaults of trex alone do not count.
        let duration =
            entry.duration.or(tfhd.default_sample_duration).ok_or("neither tfhd nor trun says a duration")?;
        let size = entry.size.or(tfhd.default_sample_size).ok_or("neither tfhd nor trun says a size")?;
        let flags = entry.flags.or(tfhd.default_sample_flags).ok_or("neither tfhd nor trun says flags")?;
        let sync = flags & NON_SYNC == 0;
        // sample_depends_on: 2 is an I picture, 1 is not.
        let depends = flags >> 24 & 3;
        findings.equal(here, "sample_depends_on", depends, if sync { 2 } else { 1 });
        samples.push(Sample { duration, size, sync, composition: entry.cts.unwrap_or(0) });
    }
    Ok(samples)
}
