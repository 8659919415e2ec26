//! What `streampack verify` says about a set of ours.

use std::path::Path;

use streampack::cancel::CancelToken;
use streampack::verify::{self, Finding, Severity};

use super::findings::Findings;

/// Warnings that come from a clip or from flags, not from how a set is written.
const ASKED_FOR: &[&str] = &[
    // One rung, or none that is small enough for a telephone.
    "Apple 9.9",
    "Apple 9.21",
    // A frame rate that is none of the usual ones.
    "Apple 1.18",
    // --segment-duration and --gop.
    "Apple 7.5",
    "Apple 1.13",
    // Seconds of black beside seconds of noise.
    "Apple 1.30",
];

/// Runs `verify` on `root` and notes what it finds.
pub fn check(root: &Path, findings: &mut Findings) {
    let told = &mut |finding: &Finding| {
        let asked_for = finding.rule.severity == Severity::Warning && ASKED_FOR.contains(&finding.rule.clause);
        if !asked_for {
            let clause = finding.rule.clause;
            findings.rule(false, &finding.file, format!("{} ({clause})", finding.message()));
        }
    };
    if let Err(why) = verify::verify(root, None, told, &CancelToken::default()) {
        findings.rule(false, root.display(), why);
    }
}
