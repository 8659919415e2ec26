//! Scripts of `tests/players`, which drive a real browser.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// One browser at a time: several at once starve each other's media clocks on a small machine.
static BROWSER: Mutex<()> = Mutex::new(());

/// Runs a script, which must find nothing wrong; gives what it measured.
#[track_caller]
pub fn run(script: &str, arguments: &[(&str, &str)]) -> Value {
    let _one = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/players").join(script);
    let mut node = Command::new("node");
    node.arg(path).args(arguments.iter().flat_map(|(name, value)| [format!("--{name}"), (*value).to_owned()]));
    let output = node.output().expect("Node.js is installed (make test does it)");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} {arguments:?}:\n{said}\n{errors}");
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{script} printed {said}\n{errors}"))
}

/// Where screenshots of a test are kept, to be looked at.
pub fn shots(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots").join(name);
    std::fs::create_dir_all(&directory).expect("cargo's directory for tests is writable");
    directory
}
