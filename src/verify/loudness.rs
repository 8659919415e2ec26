//! `ludt`: how loud a track says that it is (ISO/IEC 14496-12 § 12.2.7).

use super::boxes::{self, Place};
use super::finding::Findings;
use super::rule::rules;

rules! {
    READ: Error "ISO 14496-12 12.2.7" "ludt holds tlou or alou whose measurements fill it";
    PROGRAMME: Warning "Apple 2.19" "ludt says the loudness of the whole programme";
}

/// methodDefinition of programme and anchor loudness (ISO/IEC 23003-4 § 7.3).
const WHOLE: [u8; 2] = [1, 2];

/// Checks what a track says of its loudness; gives whether it says anything. Apple recommends that, and what is not
/// measured cannot say it.
pub(super) fn check(file: &str, bytes: &[u8], trak: Place, findings: &mut Findings<'_>) -> bool {
    let Some(ludt) = boxes::find(bytes, trak, &[b"udta", b"ludt"]) else { return false };
    let infos = boxes::inside(bytes, ludt);
    let kept = !infos.is_empty() && infos.iter().all(|info| matches!(&info.kind, b"tlou" | b"alou"));
    findings.check(kept, READ, file, || format!("ludt holds {}", boxes::names(&infos)));
    for info in infos.iter().filter(|info| boxes::version_and_flags(bytes, **info).0 == 0) {
        match methods(&bytes[info.body..info.end]) {
            Some(methods) => {
                let whole = methods.iter().any(|method| WHOLE.contains(method));
                findings.check(whole, PROGRAMME, file, || format!("{} says nothing of the programme", info.name()));
            }
            None => findings.breaks(READ, file, format!("the measurements of {} do not fill it", info.name())),
        }
    }
    true
}

/// The methods of the measurements of a LoudnessBaseBox of version 0; nothing when they do not fill it.
fn methods(body: &[u8]) -> Option<Vec<u8>> {
    // Version and flags, two fields of ids, two peaks of 12 bits, how they were measured.
    let (&count, measurements) = body.get(4 + 2 + 3 + 1..)?.split_first()?;
    let measurements = measurements.chunks_exact(3);
    let fits = measurements.len() == usize::from(count) && measurements.remainder().is_empty();
    fits.then(|| measurements.map(|measurement| measurement[0]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_fill_their_box() {
        let body = |count: u8, rest: &[u8]| [&[0; 10][..], &[count], rest].concat();
        assert_eq!(methods(&body(2, &[1, 140, 0x13, 6, 20, 0x13])), Some(vec![1, 6]));
        assert_eq!(methods(&body(2, &[1, 140, 0x13])), None);
        assert_eq!(methods(&body(1, &[1, 140, 0x13, 6])), None);
        assert_eq!(methods(&[0; 10]), None);
    }
}
