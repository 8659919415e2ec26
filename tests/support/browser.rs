//! Scripts of `tests/players`, which drive a real browser.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};

use serde_json::Value;

/// Browsers that may play at one time, one for each core: more starve each other's media clocks.
static FREE: LazyLock<Mutex<usize>> =
    LazyLock::new(|| Mutex::new(std::thread::available_parallelism().map_or(1, NonZero::get)));
static FREED: Condvar = Condvar::new();

/// One of the browsers that may play; it is free again when this value goes.
struct Turn;

impl Turn {
    fn take() -> Self {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = FREED.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *FREE.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        FREED.notify_one();
    }
}

/// Runs a script, which must find nothing wrong; gives what it measured.
#[track_caller]
pub fn run(script: &str, arguments: &[(&str, &str)]) -> Value {
    let _turn = Turn::take();
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
