//! One `moof` and its `mdat`: times, flags and what the samples are (ISO/IEC 23000-19 § 7.3.2.3, § 7.5.16 to § 7.5.19).

use mp4_atom::{Mfhd, Saio, Saiz, Tfdt, Tfhd, Trun};

use super::boxes::{self, Place};
use super::files::Object;
use super::finding::{Findings, or_none};
use super::header::Header;
use super::nal::{Codec, Units};
use super::rule::rules;
use super::stream::{self, Span};

rules! {
    READ: Error "CMAF 7.3.2.3" "moof holds mfhd and one traf, and can be read";
    TRACK: Error "CMAF 7.5.16" "tfhd names the track of the header";
    BASE: Error "CMAF 7.5.16" "tfhd has default-base-is-moof and no base-data-offset";
    NOT_EMPTY: Error "CMAF 7.5.16" "a fragment has samples";
    TFDT: Error "CMAF 7.5.16" "there is a tfdt in every traf, before the trun";
    OFFSET: Error "CMAF 7.5.17" "trun has a data offset, which leads to the first byte of mdat";
    VERSION: Error "CMAF 7.7.3" "trun of video of the brand cmf2 has version 1";
    OWN_DEFAULTS: Error "CMAF 7.7.3" "tfhd and trun of the brand cmf2 say description, duration, size and flags, not trex alone";
    FILLED: Error "CMAF 7.3.2.3" "the samples fill the mdat without a gap";
    FIRST_SHOWN: Error "CMAF 7.5.17" "with trun of version 1 the first presentation time is the tfdt";
    STEADY: Error "CMAF 7.5.17" "samples of one length are presented without gaps and overlaps";
    SYNC_FLAGS: Error "CMAF 7.5.17" "the sync flag of a sample says whether it is an IDR (IRAP) picture";
    DEPENDS: Error "CMAF 7.5.17" "sample_depends_on does not contradict the sync flag";
    SOUND_SYNC: Error "CMAF 10.2.5" "every sample of sound is a sync sample";
    UNITS: Error "ISO 14496-15 5.3.3" "NAL units fill their sample, and one picture is not of two kinds";
    NO_PARAMETER_SETS: Error "ISO 14496-15 5.4.2.1" "samples of avc1 hold no parameter sets";
    AUXILIARY: Error "CMAF 8.2.2" "encrypted fragments have senc, saiz and saio of one entry, for every sample";
    SUBSAMPLES: Error "ISO 23001-7 9.5" "the clear and protected ranges in senc add up to their sample";
}

/// The most samples of one fragment: more than ten minutes of sound.
const MOST_SAMPLES: u64 = 1 << 16;

/// What is kept of a fragment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fragment {
    /// First byte of the `moof` in its file.
    pub(super) offset: u64,
    /// Bytes of `moof` and `mdat`.
    pub(super) bytes: u64,
    /// Bytes from the start of the `moof` to the end of the first sample.
    pub(super) key_bytes: u64,
    /// `mfhd.sequence_number`.
    pub(super) sequence: u32,
    /// `tfdt`, in ticks.
    pub(super) decode_time: u64,
    /// The sum of the durations of its samples, in ticks.
    pub(super) duration: u64,
    /// The earliest presentation time, in ticks of media time.
    pub(super) earliest: i64,
    /// The shortest and the longest sample but the last, in ticks.
    pub(super) lengths: (u32, u32),
    /// How many samples it holds.
    pub(super) samples: u32,
    /// Whether it starts with a sync sample.
    pub(super) sync: bool,
    /// The longest time from a sync sample to the next one or the end, in ticks.
    pub(super) gap: u64,
    /// The key that its samples need; nothing when they are clear.
    pub(super) key: Option<[u8; 16]>,
}

/// A sample, as `trun` describes it.
#[derive(Debug, Clone, Copy)]
struct Sample {
    duration: u32,
    size: u32,
    flags: u32,
    composition: i64,
}

impl Sample {
    /// Whether decoding can start here: sample_is_non_sync_sample is not set (ISO/IEC 14496-12 § 8.8.3.1).
    fn sync(&self) -> bool {
        self.flags & 1 << 16 == 0
    }
}

/// The longest time from a sync sample to the next one or the end, in ticks.
fn longest_gap(samples: &[Sample]) -> u64 {
    let (mut longest, mut gap) = (0, 0);
    for sample in samples {
        if sample.sync() {
            gap = 0;
        }
        gap += u64::from(sample.duration);
        longest = gap.max(longest);
    }
    longest
}

/// Where a fragment stands.
struct Reading<'r> {
    file: &'r str,
    here: String,
    header: &'r Header,
}

impl Fragment {
    /// Reads and checks the fragment of `moof` and `mdat`.
    pub(super) fn read(
        file: &str,
        object: &mut Object,
        (moof, mdat): (Span, Span),
        header: &Header,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let reading = Reading { file, here: format!("moof at byte {}", moof.start), header };
        let read = reading.read(object, moof, mdat, findings);
        read.map_err(|why| findings.breaks(READ, file, format!("{}: {why}", reading.here))).ok()
    }

    /// The end of its last sample in decoding order.
    pub(super) fn end(&self) -> u64 {
        self.decode_time.saturating_add(self.duration)
    }
}

impl Reading<'_> {
    fn read(
        &self,
        object: &mut Object,
        moof: Span,
        mdat: Span,
        findings: &mut Findings<'_>,
    ) -> Result<Fragment, String> {
        let (bytes, place) = stream::read(object, moof)?;
        let inside = boxes::walk(&bytes, place.body, place.end)?;
        let trafs: Vec<Place> = inside.iter().filter(|place| &place.kind == b"traf").copied().collect();
        let [traf] = trafs[..] else { return Err(format!("there are {} traf", trafs.len())) };
        let mfhd: Mfhd = boxes::read(&bytes, place, &[b"mfhd"])?;
        let tfhd: Tfhd = boxes::read(&bytes, traf, &[b"tfhd"])?;
        let order = boxes::walk(&bytes, traf.body, traf.end)?;
        let tfdt = boxes::read::<Tfdt>(&bytes, traf, &[b"tfdt"]);
        let at = |kind: &[u8; 4]| order.iter().position(|place| place.kind == *kind);
        let before = at(b"tfdt").zip(at(b"trun")).is_none_or(|(tfdt, trun)| tfdt < trun);
        let timed = tfdt.is_ok() && before;
        self.check(timed, TFDT, findings, || format!("traf holds {}", boxes::names(&order)));
        self.check_header(&tfhd, findings);
        let samples = self.samples(&bytes, &order, &tfhd, (moof, mdat), findings)?;
        let key = self.key(&bytes, traf, &tfhd);
        if key.is_some() {
            self.check_protection(&bytes, &order, &samples, findings);
        }
        let decode_time = tfdt.map_or(0, |tfdt| tfdt.base_media_decode_time);
        let first = *samples.first().ok_or("there is no sample")?;
        let data: u64 = samples.iter().map(|sample| u64::from(sample.size)).sum();
        let room = mdat.end - mdat.body;
        let fits =
            self.check(data == room, FILLED, findings, || format!("samples of {data} bytes in an mdat of {room}"));
        let base = i64::try_from(decode_time).map_err(|_| "tfdt is too large")?;
        let earliest = self.check_times(base, &samples, findings).ok_or("there is no presentation time")?;
        if fits {
            self.check_content(object, mdat.body, &samples, findings);
        }
        let but_last = samples.split_last().map(|(_, rest)| rest).filter(|rest| !rest.is_empty()).unwrap_or(&samples);
        let lengths =
            but_last.iter().fold((u32::MAX, 0), |(least, most), s| (least.min(s.duration), most.max(s.duration)));
        Ok(Fragment {
            offset: moof.start,
            bytes: mdat.end - moof.start,
            key_bytes: mdat.body - moof.start + u64::from(first.size),
            sequence: mfhd.sequence_number,
            decode_time,
            duration: samples.iter().map(|sample| u64::from(sample.duration)).sum(),
            earliest,
            lengths,
            samples: samples.len() as u32,
            sync: first.sync(),
            gap: longest_gap(&samples),
            key,
        })
    }

    fn check<W: std::fmt::Display>(
        &self,
        kept: bool,
        rule: &'static super::Rule,
        findings: &mut Findings<'_>,
        what: impl FnOnce() -> W,
    ) -> bool {
        findings.check(kept, rule, self.file, || format!("{}: {}", self.here, what()))
    }

    fn check_header(&self, tfhd: &Tfhd, findings: &mut Findings<'_>) {
        let what = format!("{}: the track in tfhd", self.here);
        findings.equal(TRACK, self.file, what, tfhd.track_id, self.header.track_id);
        let relative = tfhd.default_base_is_moof && tfhd.base_data_offset.is_none();
        self.check(relative, BASE, findings, || "tfhd has a base-data-offset or lacks default-base-is-moof");
        self.check(!tfhd.duration_is_empty, NOT_EMPTY, findings, || "tfhd says that there are no samples");
        let described = !self.header.has(b"cmf2") || tfhd.sample_description_index.is_some();
        self.check(described, OWN_DEFAULTS, findings, || "tfhd says no sample_description_index");
    }

    fn samples(
        &self,
        bytes: &[u8],
        traf: &[Place],
        tfhd: &Tfhd,
        (moof, mdat): (Span, Span),
        findings: &mut Findings<'_>,
    ) -> Result<Vec<Sample>, String> {
        let mut samples = Vec::new();
        let mut expected = i64::try_from(mdat.body - moof.start).map_err(|_| "moof is too large")?;
        let strict = self.header.has(b"cmf2");
        let trex = self.header.defaults.as_ref();
        for place in traf.iter().filter(|place| &place.kind == b"trun") {
            let trun: Trun = boxes::decode(bytes, *place)?;
            let (version, _) = boxes::version_and_flags(bytes, *place);
            let kept = version == 1 || !strict || !self.header.is_video();
            self.check(kept, VERSION, findings, || format!("trun has version {version}"));
            // Only the first run must say where it begins; the others follow.
            if samples.is_empty() || trun.data_offset.is_some() {
                let offset = trun.data_offset.map(i64::from);
                self.check(offset == Some(expected), OFFSET, findings, || {
                    format!("the data offset is {}, the data begin at {expected}", or_none(offset))
                });
            }
            if samples.len() as u64 + trun.samples.len() as u64 > MOST_SAMPLES {
                return Err(format!("there are more than {MOST_SAMPLES} samples"));
            }
            let mut own = true;
            for entry in trun.samples.iter() {
                let mut of = |said: Option<u32>, default: Option<u32>, last: Option<u32>| {
                    own &= said.or(default).is_some();
                    said.or(default).or(last)
                };
                let duration =
                    of(entry.duration, tfhd.default_sample_duration, trex.map(|t| t.default_sample_duration));
                let size = of(entry.size, tfhd.default_sample_size, trex.map(|t| t.default_sample_size));
                let flags = of(entry.flags, tfhd.default_sample_flags, trex.map(|t| t.default_sample_flags));
                let (duration, size) = duration.zip(size).ok_or("a sample has no duration or no size")?;
                let flags = flags.ok_or("a sample has no flags")?;
                expected += i64::from(size);
                samples.push(Sample { duration, size, flags, composition: entry.cts.unwrap_or(0) });
            }
            self.check(own || !strict, OWN_DEFAULTS, findings, || "a duration, size or flags are only in trex");
        }
        Ok(samples)
    }

    /// Presentation times: where they begin, and whether they leave gaps. Gives back the earliest.
    fn check_times(&self, base: i64, samples: &[Sample], findings: &mut Findings<'_>) -> Option<i64> {
        let mut decode = base;
        let mut times: Vec<i64> = Vec::with_capacity(samples.len());
        for sample in samples {
            times.push(decode.checked_add(sample.composition)?);
            decode = decode.checked_add(i64::from(sample.duration))?;
        }
        times.sort_unstable();
        let earliest = *times.first()?;
        // With composition offsets that may be negative there is no reason to start later (or an edit list).
        let strict = self.header.has(b"cmf2") || !self.header.is_video();
        if strict {
            let what = format!("{}: the first presentation time", self.here);
            findings.equal(FIRST_SHOWN, self.file, what, earliest, base);
        }
        let length = i64::from(samples[0].duration);
        if samples.iter().all(|sample| i64::from(sample.duration) == length) {
            let odd = times.windows(2).map(|pair| pair[1] - pair[0]).find(|step| *step != length);
            self.check(odd.is_none(), STEADY, findings, || {
                format!("samples last {length} ticks and a presentation time is {} after the one before", or_none(odd))
            });
        }
        Some(earliest)
    }

    /// What the samples are, against their flags.
    fn check_content(&self, object: &mut Object, from: u64, samples: &[Sample], findings: &mut Findings<'_>) {
        if !self.header.is_video() {
            self.check(samples.iter().all(Sample::sync), SOUND_SYNC, findings, || "a sample is no sync sample");
            return;
        }
        for (number, sample) in samples.iter().enumerate() {
            // sample_depends_on: 2 needs no other sample, 1 does.
            let depends = sample.flags >> 24 & 3;
            let kept = depends != if sample.sync() { 1 } else { 2 };
            self.check(kept, DEPENDS, findings, || {
                format!("sample {number}: sample_depends_on is {depends}, the sync flag {}", sample.sync())
            });
        }
        let (Some(length), Codec::Avc | Codec::Hevc) = (self.header.entry.nal_length, self.header.entry.units) else {
            return;
        };
        let mut at = from;
        for (number, sample) in samples.iter().enumerate() {
            let end = at + u64::from(sample.size);
            match self.units(object, at, end, length) {
                Ok(units) => self.check_units(number, units, sample.sync(), findings),
                Err(why) => {
                    self.check(false, UNITS, findings, || format!("sample {number}: {why}"));
                    return;
                }
            }
            at = end;
        }
    }

    fn check_units(&self, number: usize, units: Units, sync: bool, findings: &mut Findings<'_>) {
        let pure = units.key != units.other;
        self.check(pure, UNITS, findings, || {
            format!("sample {number} holds slices of key and other pictures, or none")
        });
        self.check(!pure || units.key == sync, SYNC_FLAGS, findings, || {
            let kind = if units.key { "an" } else { "no" };
            format!("sample {number} is {kind} IDR picture, its sync flag says {sync}")
        });
        let out_of_band = matches!(&self.header.entry.format, b"avc1" | b"hvc1" | b"dvh1");
        let kept = !out_of_band || !units.parameter_set;
        self.check(kept, NO_PARAMETER_SETS, findings, || format!("sample {number} holds a parameter set"));
    }

    fn units(&self, object: &mut Object, from: u64, to: u64, length_size: usize) -> Result<Units, String> {
        let mut units = Units::default();
        let mut at = from;
        while at < to {
            let head = (length_size as u64 + 1).min(to - at);
            let head = object.read(at, head).map_err(|why| why.to_string())?;
            let (Some(length), Some(first)) = (head.get(..length_size), head.get(length_size)) else {
                return Err("a NAL length is cut".to_owned());
            };
            let length = length.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            at += length_size as u64;
            if length == 0 || length > to - at {
                return Err("a NAL unit does not fit its sample".to_owned());
            }
            units.add(&self.header.entry.units, *first);
            at += length;
        }
        Ok(units)
    }

    /// The key of its samples: that of the header, or of a group of its own (ISO/IEC 23001-7:2023 § 6). Another sample
    /// entry than the first is taken for a clear one.
    fn key(&self, bytes: &[u8], traf: Place, tfhd: &Tfhd) -> Option<[u8; 16]> {
        if !self.header.entry.encrypted || tfhd.sample_description_index.is_some_and(|index| index != 1) {
            return None;
        }
        // sgpd of version 1: type, length and number of the entries; then the first entry.
        let group = boxes::find(bytes, traf, &[b"sgpd"]).and_then(|sgpd| bytes.get(sgpd.body..sgpd.end));
        let group = group.filter(|group| group.get(4..8) == Some(b"seig"));
        let own = group.and_then(|group| group.get(20..36)?.first_chunk().copied());
        own.or(self.header.entry.key).or(Some([0; 16]))
    }

    /// CMAF § 8.2.2: what a decryptor needs to know of each sample.
    fn check_protection(&self, bytes: &[u8], traf: &[Place], samples: &[Sample], findings: &mut Findings<'_>) {
        let of = |kind: &[u8; 4]| traf.iter().find(|place| place.kind == *kind);
        let (Some(senc), Some(saiz), Some(saio)) = (of(b"senc"), of(b"saiz"), of(b"saio")) else {
            // Samples of sound with cbcs and one constant IV need none of them.
            let none = of(b"senc").is_none() && of(b"saiz").is_none() && of(b"saio").is_none();
            let kept = none && !self.header.is_video();
            self.check(kept, AUXILIARY, findings, || format!("traf holds {}", boxes::names(traf)));
            return;
        };
        let told = boxes::word(bytes, *senc, 4).unwrap_or(0) as usize;
        let sized = boxes::decode::<Saiz>(bytes, *saiz).map_or(0, |saiz| saiz.sample_count as usize);
        let offsets = boxes::decode::<Saio>(bytes, *saio).map(|saio| saio.offsets).unwrap_or_default();
        // The information begins after version, flags and count of senc.
        let right = offsets == [(senc.body + 8) as u64];
        let count = samples.len();
        let kept = self.check(told == count && sized == count && right, AUXILIARY, findings, || {
            format!("{count} samples, senc tells {told}, saiz {sized}, saio {offsets:?}")
        });
        if kept {
            self.check_ranges(bytes, *senc, samples, findings);
        }
    }

    /// ISO/IEC 23001-7:2023 § 7.2: behind a vector, where samples have one, stand the ranges, where the flag says so.
    fn check_ranges(&self, bytes: &[u8], senc: Place, samples: &[Sample], findings: &mut Findings<'_>) {
        const RANGES: u32 = 2;
        if boxes::version_and_flags(bytes, senc).1 & RANGES == 0 {
            return;
        }
        let mut at = senc.body + 8;
        for (number, sample) in samples.iter().enumerate() {
            let Some((sum, next)) =
                ranges(bytes.get(..senc.end).unwrap_or_default(), at + self.header.entry.vector_length)
            else {
                self.check(false, SUBSAMPLES, findings, || format!("the entry of sample {number} is cut"));
                return;
            };
            self.check(sum == u64::from(sample.size), SUBSAMPLES, findings, || {
                format!("the ranges of sample {number} have {sum} bytes, the sample {}", sample.size)
            });
            at = next;
        }
    }
}

/// The bytes of all ranges that are counted at `at`, and where the next entry begins.
fn ranges(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let count = u16::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?);
    let list = bytes.get(at + 2..at + 2 + 6 * usize::from(count))?;
    let bytes_of = |range: &[u8; 6]| {
        let [a, b, c, d, e, f] = *range;
        u64::from(u16::from_be_bytes([a, b])) + u64::from(u32::from_be_bytes([c, d, e, f]))
    };
    Some((list.as_chunks::<6>().0.iter().map(bytes_of).sum(), at + 2 + list.len()))
}
