//! The boxes of a file, read one header at a time: what is in an `mdat` stays on the disk.

use super::boxes::{self, Place};
use super::files::Object;

/// One box of a file: its type and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The type.
    pub(super) kind: [u8; 4],
    /// First byte of the header.
    pub(super) start: u64,
    /// First byte after the header.
    pub(super) body: u64,
    /// First byte after the box.
    pub(super) end: u64,
}

/// The largest box that is read into memory; a `moof` of a minute has a hundredth of it.
const MOST_BYTES: u64 = 16 << 20;

/// The most boxes that one segment or file holds: a fragment a second for more than a day.
const MOST_BOXES: usize = 1 << 18;

/// The boxes that fill the bytes `from..to` without a gap.
pub(super) fn spans(object: &mut Object, from: u64, to: u64) -> Result<Vec<Span>, String> {
    let mut spans = Vec::new();
    let mut start = from;
    while start < to {
        let head = object.read(start, (to - start).min(16)).map_err(|why| format!("at byte {start}: {why}"))?;
        if head.len() < 8 {
            return Err(format!("at byte {start}: a box header is cut"));
        }
        let (size, header) = boxes::extent(&head, to - start).map_err(|why| format!("at byte {start}: {why}"))?;
        let kind = [head[4], head[5], head[6], head[7]];
        spans.push(Span { kind, start, body: start + header, end: start + size });
        if spans.len() > MOST_BOXES {
            return Err(format!("holds more than {MOST_BOXES} boxes"));
        }
        start += size;
    }
    Ok(spans)
}

/// The bytes of a box, and its place in them.
pub(super) fn read(object: &mut Object, span: Span) -> Result<(Vec<u8>, Place), String> {
    let size = span.end - span.start;
    let name = boxes::name(span.kind);
    if size > MOST_BYTES {
        return Err(format!("at byte {}: the box {name} has {size} bytes", span.start));
    }
    let bytes = object.read(span.start, size).map_err(|why| format!("at byte {}: {name}: {why}", span.start))?;
    let body = (span.body - span.start) as usize;
    let end = bytes.len();
    Ok((bytes, Place { kind: span.kind, start: 0, body, end }))
}
