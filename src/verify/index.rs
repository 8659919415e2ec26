//! The `sidx` of a single file (CMAF § 7.3.3.3), against the fragments that follow it.

use mp4_atom::{SegmentReference, Sidx};

use super::boxes;
use super::files::{Files, Object};
use super::finding::Findings;
use super::rule::rules;
use super::stream::{self, Span};
use super::track::{Part, Track};

rules! {
    READ: Error "ISO 14496-12 8.16.3" "the bytes of @indexRange are one sidx, and boxes follow it to the end of the file";
    ONE_LEVEL: Note "ISO 14496-12 8.16.3" "an index of other indexes is not read";
    REFERENCES: Error "CMAF 7.3.3.3" "sidx has one reference for each fragment, of its size";
    FIRST: Error "CMAF 7.3.3.3" "the first fragment follows the index";
    SAP: Error "CMAF 7.3.3.3" "every reference of sidx starts with a stream access point of type 1 or 2";
    SCALE: Error "CMAF 7.3.3.3" "the timescale of sidx is the one of the track";
    EARLIEST: Error "CMAF 7.3.3.3" "earliest_presentation_time is the one of the first fragment";
    DURATIONS: Error "CMAF 7.3.3.3" "subsegment durations are those of the fragments";
}

/// An index that was read.
#[derive(Debug)]
pub(super) struct Index {
    /// The file.
    file: String,
    sidx: Sidx,
    /// The fragments that follow it.
    pub(super) parts: Vec<Part>,
}

impl Index {
    /// Reads the index at `range` (first byte and length) of a file.
    pub(super) fn read(files: &mut Files, file: &str, range: (u64, u64), findings: &mut Findings<'_>) -> Option<Self> {
        let mut object = files.open(file).ok()?;
        match Self::try_read(&mut object, file, range, findings) {
            Ok(index) => Some(index),
            Err(why) => {
                findings.breaks(READ, file, why);
                None
            }
        }
    }

    fn try_read(
        object: &mut Object,
        file: &str,
        (from, length): (u64, u64),
        findings: &mut Findings<'_>,
    ) -> Result<Self, String> {
        let end =
            from.checked_add(length).filter(|end| *end <= object.size).ok_or("@indexRange reaches past the end")?;
        let inside = stream::spans(object, from, end)?;
        let [span] = inside[..] else { return Err(format!("@indexRange holds {} boxes", inside.len())) };
        if &span.kind != b"sidx" {
            return Err(format!("@indexRange holds {}", boxes::name(span.kind)));
        }
        let (bytes, place) = stream::read(object, span)?;
        let sidx: Sidx = boxes::decode(&bytes, place)?;
        let parts = parts(file, &stream::spans(object, end, object.size)?);
        let index = Self { file: file.to_owned(), sidx, parts };
        index.check_references(end, findings);
        Ok(index)
    }

    fn check_references(&self, end: u64, findings: &mut Findings<'_>) {
        let file = &self.file;
        if self.sidx.references.iter().any(|reference| reference.reference_type) {
            return findings.breaks(ONE_LEVEL, file, "an index of other indexes was not read");
        }
        let count = (self.sidx.references.len(), self.parts.len());
        findings.equal(REFERENCES, file, "the number of references in sidx", count.0, count.1);
        for (number, (reference, part)) in self.sidx.references.iter().zip(&self.parts).enumerate() {
            let size = part.range.map_or(0, |(_, length)| length);
            let what = format!("the size in reference {number} of sidx");
            findings.equal(REFERENCES, file, what, u64::from(reference.referenced_size), size);
        }
        let first = self.parts.first().and_then(|part| part.range).map_or(end, |(offset, _)| offset);
        let said = end.saturating_add(self.sidx.first_offset);
        findings.equal(FIRST, file, "the byte that sidx leads to", said, first);
        let clean = |reference: &SegmentReference| reference.starts_with_sap && matches!(reference.sap_type, 1 | 2);
        let odd = self.sidx.references.iter().position(|reference| !clean(reference));
        findings.check(odd.is_none(), SAP, file, || format!("reference {} starts with none", odd.unwrap_or(0)));
    }

    /// Checks the times in the index against the track that was read from its parts.
    pub(super) fn check_times(&self, track: &Track, findings: &mut Findings<'_>) {
        let Some(header) = &track.header else { return };
        let file = &self.file;
        if !findings.equal(SCALE, file, "the timescale of sidx", self.sidx.timescale, header.timescale) {
            return;
        }
        let Some((begin, _)) = track.shown(&track.fragments) else { return };
        let earliest = i64::try_from(self.sidx.earliest_presentation_time).unwrap_or(i64::MAX);
        findings.equal(EARLIEST, file, "earliest_presentation_time", earliest, begin);
        for (number, (reference, segment)) in self.sidx.references.iter().zip(&track.segments).enumerate() {
            let Some((begin, end)) = track.shown(track.of(segment)) else { continue };
            let what = format!("the duration in reference {number} of sidx");
            findings.equal(DURATIONS, file, what, i64::from(reference.subsegment_duration), end - begin);
        }
    }
}

/// Each `moof` with its `mdat` and what stands in front of it.
fn parts(file: &str, spans: &[Span]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = None;
    for span in spans {
        match &span.kind {
            b"mdat" => {
                let start = from.take().unwrap_or(span.start);
                parts.push(Part { file: file.to_owned(), range: Some((start, span.end - start)), sealed: None });
            }
            b"mfra" | b"free" => {}
            _ => {
                from.get_or_insert(span.start);
            }
        }
    }
    parts
}
