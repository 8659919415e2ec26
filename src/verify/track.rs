//! One rendition, read from its header and its segments in order: a segment at a time.

use std::ops::Range;

use crate::cancel::CancelToken;

use super::boxes;
use super::event::Messages;
use super::files::{Files, Object};
use super::finding::Findings;
use super::fragment::Fragment;
use super::header::Header;
use super::protection;
use super::rule::rules;
use super::sealed::Seal;
use super::stream::{self, Span};

rules! {
    READ: Error "CMAF 7.3.3.1" "a segment is a run of boxes that fill it";
    PAIRS: Error "CMAF 7.5.19" "every moof is followed by its mdat";
    MEDIA_ONLY: Error "CMAF 7.3.3.1" "a segment holds fragments and no header";
    STYP: Warning "ISO 23009-1 6.3.4.2" "styp of a segment file names msdh";
    STYP_CMFS: Warning "CMAF 7.3.3.1" "styp of a segment file names cmfs";
    STYP_MAJOR: Error "ISO 14496-12 8.16.2" "the major brand of styp is one of its compatible brands";
    STARTS_SYNC: Error "Apple 7.4" "a segment starts with a sync sample";
    CONTINUOUS: Error "CMAF 7.3.2.2" "each tfdt is the one before plus the durations of its samples";
    RISING: Error "ISO 14496-12 8.8.5" "sequence numbers of fragments rise";
    LENGTH: Error "CMAF 7.3.2.1" "mehd says the real length";
    START: Error "CMAF 7.3.6" "a track starts at zero, the priming of sound before it, unless a live window has slid";
    UNREAD: Note "CMAF 7.3" "media that is not ISO BMFF is not read, only its size";
}

/// A file, or a run of bytes in one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Part {
    /// The file.
    pub(super) file: String,
    /// Offset and length; all of the file when there is none.
    pub(super) range: Option<(u64, u64)>,
    /// How all of it is encrypted, where it is.
    pub(super) sealed: Option<Seal>,
}

/// Where a rendition is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Listing {
    /// Its header, if segments do not start with their own.
    pub(super) header: Option<Part>,
    /// Its segments.
    pub(super) media: Vec<Part>,
    /// A live programme whose beginning has left its window.
    pub(super) slid: bool,
}

/// A segment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    /// Its size.
    pub(super) bytes: u64,
    /// Which fragments of the track it holds.
    pub(super) fragments: Range<usize>,
}

/// One rendition.
#[derive(Debug)]
pub(super) struct Track {
    /// Where it is.
    pub(super) listing: Listing,
    /// What its header says; nothing when the media could not be read.
    pub(super) header: Option<Header>,
    /// Its segments, one for each part of the listing.
    pub(super) segments: Vec<Segment>,
    /// Its fragments.
    pub(super) fragments: Vec<Fragment>,
    /// The messages in front of them.
    pub(super) messages: Messages,
}

impl Track {
    /// Reads a rendition and checks it by itself.
    pub(super) fn read(files: &mut Files, listing: Listing, cancel: &CancelToken, findings: &mut Findings<'_>) -> Self {
        let mut track =
            Self { listing, header: None, segments: Vec::new(), fragments: Vec::new(), messages: Messages::default() };
        if let Some(part) = track.listing.header.clone()
            && let Some((mut object, range)) = open(files, &part, findings)
        {
            track.header = Header::read(&part.file, &mut object, range, findings);
            track.header.iter().for_each(|header| protection::check_header(header, findings));
        }
        for number in 0..track.listing.media.len() {
            if cancel.is_cancelled() {
                break;
            }
            let part = track.listing.media[number].clone();
            let from = track.fragments.len();
            let bytes = match open(files, &part, findings) {
                Some((mut object, range)) => {
                    track.segment(&part, &mut object, range, findings);
                    range.1 - range.0
                }
                None => 0,
            };
            track.segments.push(Segment { bytes, fragments: from..track.fragments.len() });
        }
        track.check_length(findings);
        track
    }

    /// The name in messages: the file of the header, or of the first segment.
    pub(super) fn name(&self) -> &str {
        let part = self.listing.header.as_ref().or(self.listing.media.first());
        part.map_or("", |part| &part.file)
    }

    /// The fragments of a segment.
    pub(super) fn of(&self, segment: &Segment) -> &[Fragment] {
        self.fragments.get(segment.fragments.clone()).unwrap_or_default()
    }

    /// Begin and end of a run of fragments on the timeline of the presentation, in ticks: priming is not presented.
    pub(super) fn shown(&self, fragments: &[Fragment]) -> Option<(i64, i64)> {
        let header = self.header.as_ref()?;
        let skipped = i64::try_from(header.media_time).ok()?.checked_sub(header.delay.0)?;
        let (first, last) = (fragments.first()?, fragments.last()?);
        let begin = if header.is_video() { first.earliest } else { i64::try_from(first.decode_time).ok()? };
        let end =
            i64::try_from(last.end()).ok()?.checked_add(begin)?.checked_sub(i64::try_from(first.decode_time).ok()?)?;
        let begin = begin.saturating_sub(skipped).max(0);
        Some((begin, end.saturating_sub(skipped).max(begin)))
    }

    /// Begin and end of the rendition in seconds.
    pub(super) fn extent(&self) -> Option<(f64, f64)> {
        let header = self.header.as_ref()?;
        let (begin, end) = self.shown(&self.fragments)?;
        Some((header.seconds(begin), header.seconds(end)))
    }

    /// When what is listed begins, in seconds: later than zero only when a window has slid.
    pub(super) fn origin(&self) -> f64 {
        self.extent().filter(|_| self.listing.slid).map_or(0.0, |(begin, _)| begin)
    }

    /// The longest sample but the last of each fragment, in seconds.
    pub(super) fn longest_sample(&self) -> f64 {
        let most = self.fragments.iter().map(|fragment| fragment.lengths.1).max().unwrap_or(0);
        self.header.as_ref().map_or(0.0, |header| header.seconds(most.into()))
    }

    /// Frames per second: on average, and what the shortest sample stands for.
    pub(super) fn frame_rate(&self) -> Option<(f64, f64)> {
        let header = self.header.as_ref()?;
        let samples: u64 = self.fragments.iter().map(|fragment| u64::from(fragment.samples)).sum();
        let ticks: u64 = self.fragments.iter().map(|fragment| fragment.duration).sum();
        let shortest = self.fragments.iter().map(|fragment| fragment.lengths.0).min().filter(|ticks| *ticks > 0)?;
        let scale = f64::from(header.timescale);
        (ticks > 0).then(|| (samples as f64 * scale / ticks as f64, scale / f64::from(shortest)))
    }

    fn segment(&mut self, part: &Part, object: &mut Object, (from, to): (u64, u64), findings: &mut Findings<'_>) {
        let file = &part.file;
        if self.header.is_none() {
            let kind = foreign(object, from);
            findings.breaks(UNREAD, file, format!("was not read: {kind}"));
            return;
        }
        let spans = match stream::spans(object, from, to) {
            Ok(spans) => spans,
            Err(why) => return findings.breaks(READ, file, why),
        };
        let first_fragment = self.fragments.len();
        match spans.iter().find(|span| &span.kind == b"styp") {
            Some(styp) => check_styp(file, object, *styp, findings),
            None => {
                findings.check(part.range.is_some(), STYP, file, || "there is no styp");
            }
        }
        let mut waiting: Option<Span> = None;
        for span in spans {
            match (&span.kind, waiting.take()) {
                (b"mdat", Some(moof)) => {
                    self.fragment(file, object, (moof, span), findings);
                    let shown = self.fragments.last().and_then(|last| self.seconds(last));
                    self.messages.check_time(file, shown, findings);
                }
                (b"moof", None) => waiting = Some(span),
                (b"mdat", None) => {
                    findings.breaks(PAIRS, file, format!("the mdat at byte {} follows no moof", span.start))
                }
                (_, Some(moof)) => {
                    let name = boxes::name(span.kind);
                    findings.breaks(PAIRS, file, format!("the moof at byte {} is followed by {name}", moof.start));
                }
                (b"emsg", None) => self.messages.read(file, object, span, findings),
                (b"ftyp" | b"moov", None) => {
                    findings.breaks(MEDIA_ONLY, file, format!("holds {}", boxes::name(span.kind)));
                }
                _ => {}
            }
        }
        if let Some(moof) = waiting {
            findings.breaks(PAIRS, file, format!("the moof at byte {} is the last box", moof.start));
        }
        self.messages.check_end(file, findings);
        match self.fragments.get(first_fragment) {
            Some(fragment) => {
                let here = format!("the first sample (moof at byte {}) is no sync sample", fragment.offset);
                findings.check(fragment.sync, STARTS_SYNC, file, || here);
            }
            None => findings.breaks(READ, file, "holds no fragment that can be read"),
        }
    }

    fn fragment(&mut self, file: &str, object: &mut Object, pair: (Span, Span), findings: &mut Findings<'_>) {
        let Some(header) = &self.header else { return };
        let Some(fragment) = Fragment::read(file, object, pair, header, findings) else { return };
        let here = format!("moof at byte {}", fragment.offset);
        match self.fragments.last() {
            Some(last) => {
                let what = format!("{here}: tfdt");
                findings.equal(CONTINUOUS, file, what, fragment.decode_time, last.end());
                findings.check(fragment.sequence > last.sequence, RISING, file, || {
                    format!("{here}: the sequence number {} follows {}", fragment.sequence, last.sequence)
                });
            }
            None if self.listing.slid => {}
            None => {
                let start = if header.is_video() && !header.has(b"cmf2") {
                    fragment.earliest.saturating_sub_unsigned(header.media_time)
                } else {
                    i64::try_from(fragment.decode_time).unwrap_or(i64::MAX)
                };
                findings.equal(START, file, format!("{here}: the first time"), start, 0);
            }
        }
        self.fragments.push(fragment);
    }

    /// When a fragment is shown, in seconds.
    fn seconds(&self, fragment: &Fragment) -> Option<(f64, f64)> {
        let header = self.header.as_ref()?;
        let (begin, end) = self.shown(std::slice::from_ref(fragment))?;
        Some((header.seconds(begin), header.seconds(end)))
    }

    fn check_length(&self, findings: &mut Findings<'_>) {
        let Some(header) = &self.header else { return };
        let Some(((ticks, scale), last)) = header.length.zip(self.fragments.last()) else { return };
        let (said, real) = (ticks as f64 / f64::from(scale.max(1)), header.seconds(last.end() as i64));
        let kept = (said - real).abs() <= 1.0 / f64::from(scale.max(1));
        findings.check(kept, LENGTH, &header.file, || format!("mehd says {said} s, the fragments last {real} s"));
    }
}

/// Opens a part; gives back its first byte and the one after its last.
fn open(files: &mut Files, part: &Part, findings: &mut Findings<'_>) -> Option<(Object, (u64, u64))> {
    let mut object = files.open(&part.file).map_err(|why| findings.breaks(READ, &part.file, why)).ok()?;
    let (from, length) = part.range.unwrap_or((0, object.size));
    let end = from.checked_add(length).filter(|end| *end <= object.size);
    let inside = findings.check(end.is_some(), READ, &part.file, || {
        format!("the {length} bytes from {from} on reach past the end of {} bytes", object.size)
    });
    let full = findings.check(length > 0, READ, &part.file, || "is empty");
    let end = end.filter(|_| inside && full)?;
    let (Some(seal), Some(keys)) = (&part.sealed, files.keys()) else { return Some((object, (from, end))) };
    let bytes = object.read(from, length).map_err(|why| findings.breaks(READ, &part.file, why)).ok()?;
    let opened = seal.open(&bytes, keys).map_err(|(rule, why)| findings.breaks(rule, &part.file, why)).ok()?;
    let object = Object::of_bytes(opened);
    let size = object.size;
    Some((object, (0, size)))
}

/// What a segment is that is no ISO BMFF, or has no header.
fn foreign(object: &mut Object, from: u64) -> &'static str {
    let head = object.read(from, (object.size - from).min(8)).unwrap_or_default();
    match &head[..] {
        [0x47, ..] => "it is MPEG-TS",
        [b'I', b'D', b'3', ..] | [0xff, 0xf0..=0xff, ..] | [0x0b, 0x77, ..] => "it is packed audio",
        _ => "its header is missing or cannot be read",
    }
}

fn check_styp(file: &str, object: &mut Object, span: Span, findings: &mut Findings<'_>) {
    let read = stream::read(object, span).and_then(|(bytes, place)| boxes::decode::<mp4_atom::Styp>(&bytes, place));
    let styp = match read {
        Ok(styp) => styp,
        Err(why) => return findings.breaks(READ, file, why),
    };
    let has = |brand: &[u8; 4]| styp.compatible_brands.contains(&mp4_atom::FourCC::new(brand));
    let list = || styp.compatible_brands.iter().map(|b| boxes::name((*b).into())).collect::<Vec<_>>().join(", ");
    findings.check(has(b"msdh"), STYP, file, || format!("styp names {}", list()));
    findings.check(has(b"cmfs"), STYP_CMFS, file, || format!("styp names {}", list()));
    let major = styp.compatible_brands.contains(&styp.major_brand);
    findings
        .check(major, STYP_MAJOR, file, || format!("{} is not among {}", boxes::name(styp.major_brand.into()), list()));
}

/// A part in messages: `file` or `file 100@20`.
impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.range {
            Some((offset, length)) => write!(f, "{} {length}@{offset}", self.file),
            None => f.write_str(&self.file),
        }
    }
}
