//! `wvtt` (ISO/IEC 14496-30:2018 § 7.5): a plain text sample entry with the header of a WebVTT file.

use super::sample_entry;
use crate::bmff::writer::BoxWriter;

/// The sample entry of a WebVTT track.
#[derive(Debug)]
pub(in crate::bmff) struct Wvtt<'a> {
    header: &'a str,
}

impl<'a> Wvtt<'a> {
    /// The entry with everything in front of the first cue of a file, verbatim in its `vttC`.
    pub(super) fn new(header: &'a str) -> Self {
        Self { header }
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        w.boxed(b"wvtt", |w| {
            sample_entry(w);
            w.boxed(b"vttC", |w| w.bytes(self.header.as_bytes()));
        });
    }
}
