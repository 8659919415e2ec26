//! Whatever goes wrong: a clear error, the right exit code, no manifest that names what is not there,
//! and a rerun that finishes the work.

#[path = "faults/hostile.rs"]
mod hostile;
#[path = "faults/inputs.rs"]
mod inputs;
#[path = "faults/interrupted.rs"]
mod interrupted;
#[path = "faults/outputs.rs"]
mod outputs;
#[path = "faults/passes.rs"]
mod passes;
#[cfg(target_os = "linux")]
#[path = "faults/shell.rs"]
mod shell;

mod support;

use std::path::Path;

use support::tree::{dangling, manifests};

/// Three shards of one segment each, two rungs.
const SHARDS: &[&str] =
    &["--ladder", "180p@300k,120p@150k", "--speed", "draft", "--segment-duration", "1", "--gop", "1"];

/// Expects that no player can find a set in `out`.
#[track_caller]
fn is_unpublished(out: &Path) {
    assert_eq!(manifests(out), [""; 0]);
}

/// Expects that nothing that a player finds in `out` leads nowhere.
#[track_caller]
fn names_nothing_missing(out: &Path) {
    if out.exists() {
        assert_eq!(dangling(out), [""; 0]);
    }
}
