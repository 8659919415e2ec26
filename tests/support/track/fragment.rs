//! Segments and single files: `styp`, `sidx`, `moof` and `mdat`.

use mp4_atom::{Moof, Traf, Trun};

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
    /// `tfdt`, in ticks.
    pub decode_time: u64,
    /// The sum of the durations of its samples, in ticks.
    pub duration: u64,
    /// Its samples.
    pub samples: Vec<Sample>,
}

/// The fragments of a segment file.
pub fn of_segment(file: &str, bytes: &[u8], findings: &mut Findings) -> Option<Vec<Fragment>> {
    let places = structure(file, bytes, 0, findings)?;
    let (styp, rest) = places.split_first()?;
    if !findings.rule(styp.kind == *b"styp", file, "does not start with styp") {
        return None;
    }
    Pairs::of(file, rest, findings)?.read(file, bytes, findings)
}

/// The header's length and the fragments of a single file.
pub fn of_single(file: &str, bytes: &[u8], findings: &mut Findings) -> Option<(usize, Pairs)> {
    let places = structure(file, bytes, 0, findings)?;
    let [ftyp, moov, index, rest @ ..] = &places[..] else { return None };
    let order = (ftyp.kind, moov.kind, index.kind) == (*b"ftyp", *b"moov", *b"sidx");
    if !findings.rule(order, file, "does not start with ftyp, moov, sidx") {
        return None;
    }
    let pairs = Pairs::of(file, rest, findings)?;
    Some((moov.end, pairs))
}

fn structure(file: &str, bytes: &[u8], from: usize, findings: &mut Findings) -> Option<Vec<Place>> {
    boxes::walk(bytes, from, bytes.len()).map_err(|why| findings.rule(false, file, why)).ok()
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
    pub fn read(self, file: &str, bytes: &[u8], findings: &mut Findings) -> Option<Vec<Fragment>> {
        let mut fragments = Vec::new();
        for (moof, mdat) in self.0 {
            match Fragment::read(file, bytes, moof, mdat, findings) {
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
    fn read(file: &str, bytes: &[u8], place: Place, mdat: Place, findings: &mut Findings) -> Result<Self, String> {
        let here = format!("{file} (moof at {})", place.start);
        let moof: Moof = boxes::decode(bytes, place)?;
        let [traf] = &moof.traf[..] else { return Err(format!("there are {} traf", moof.traf.len())) };
        let [trun] = &traf.trun[..] else { return Err(format!("there are {} trun", traf.trun.len())) };
        let decode_time = traf.tfdt.as_ref().ok_or("tfdt is missing")?.base_media_decode_time;
        check_run(&here, bytes, place, findings);
        let samples = samples(&here, traf, trun, findings)?;
        let first = samples.first().ok_or("trun has no sample")?;

        let sizes: u64 = samples.iter().map(|s| u64::from(s.size)).sum();
        if sizes != (mdat.end - mdat.body) as u64 {
            return Err(format!("samples of {sizes} bytes do not fill an mdat of {}", mdat.end - mdat.body));
        }
        let fragment = Self {
            offset: place.start as u64,
            bytes: (mdat.end - place.start) as u64,
            key_bytes: (mdat.body - place.start) as u64 + u64::from(first.size),
            decode_time,
            duration: samples.iter().map(|s| u64::from(s.duration)).sum(),
            samples,
        };
        fragment.check_lengths(&here, findings);
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

    /// Pictures come at a constant rate; `verify` has seen that none of them is late. Words last as long as they do.
    fn check_lengths(&self, here: &str, findings: &mut Findings) {
        let length = self.samples[0].duration;
        // The last block of sound may be cut short.
        let but_the_last = self.samples.split_last().is_some_and(|(_, rest)| rest.iter().all(|s| s.duration == length));
        let words = here.starts_with("subtitles/");
        findings.rule(but_the_last || words, here, "samples do not last equally long");
        findings.equal(here, "the composition offset of the first sample", self.samples[0].composition, 0);
    }
}

fn check_run(here: &str, bytes: &[u8], moof: Place, findings: &mut Findings) {
    let Some(traf) = boxes::find(bytes, moof, &[b"traf"]) else { return };
    let inside = boxes::walk(bytes, traf.body, traf.end).unwrap_or_default();
    let names: Vec<String> = inside.iter().map(Place::name).collect();
    findings.equal(here, "the content of traf", names, ["tfhd", "tfdt", "trun"].map(String::from).to_vec());
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
