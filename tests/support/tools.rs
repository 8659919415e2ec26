//! Programs of this machine that a test runs.

use std::io::Write;
use std::process::Command;

/// Names of programs, parted by commas, without which a test fails instead of being left out. `make test` sets it to
/// what `scripts/setup.sh test` has installed.
const REQUIRED: &str = "TESTS_REQUIRE";

/// Whether all of these programs are here. A test that is left out for one of them says so.
pub fn have(test: &str, programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| Command::new(program).arg("--version").output().is_err());
    let Some(missing) = missing else { return true };
    let required = std::env::var(REQUIRED).unwrap_or_default();
    assert!(!required.split(',').any(|one| one == *missing), "{missing} is required ({REQUIRED}) and not here");
    // Not by a macro: the harness keeps what those print of a test that passes.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {missing} is not here");
    false
}
