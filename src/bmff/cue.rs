//! Samples of a WebVTT track (ISO/IEC 14496-30:2018 § 7.4): what is shown for a while, or that nothing is.

use super::writer::BoxWriter;
use crate::media::Cue;

/// A cue as a sample shows it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The cue.
    pub cue: &'a Cue,
    /// What samples that show the same cue have in common, when several do.
    pub source: Option<u32>,
}

/// The sample that shows these cues together: a `vttc` for each, or a `vtte` when there is none. Players do not know
/// the times of a cue but by those of its samples.
pub fn cue_sample(shown: &[Shown<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut w = BoxWriter::new(&mut out);
    if shown.is_empty() {
        w.boxed(b"vtte", |_| {});
    }
    for Shown { cue, source } in shown {
        w.boxed(b"vttc", |w| {
            if let Some(source) = source {
                w.boxed(b"vsid", |w| w.u32(*source));
            }
            if !cue.settings.is_empty() {
                w.boxed(b"sttg", |w| w.bytes(cue.settings.as_bytes()));
            }
            w.boxed(b"payl", |w| w.bytes(cue.text.as_bytes()));
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_holds_every_cue_or_says_that_there_is_none() {
        let cue = Cue { start_us: 0, end_us: 1, settings: "line:0".to_owned(), text: "Hi".to_owned() };
        let plain = Cue { settings: String::new(), ..cue.clone() };
        assert_eq!(cue_sample(&[]), b"\0\0\0\x08vtte");
        let both = [Shown { cue: &cue, source: Some(7) }, Shown { cue: &plain, source: None }];
        let expected = b"\0\0\0\x2cvttc\0\0\0\x0cvsid\0\0\0\x07\0\0\0\x0esttgline:0\0\0\0\x0apaylHi\
                         \0\0\0\x12vttc\0\0\0\x0apaylHi";
        assert_eq!(cue_sample(&both), expected);
    }
}
