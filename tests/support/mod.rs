//! What tests share: clips, directories, the binary, and a reader of its output: `verify`, and what only our own sets
//! promise.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test crate uses a part of this")]

pub mod answering;
pub mod bandwidth;
pub mod boxes;
pub mod browser;
pub mod certificate;
pub mod dash;
pub mod decode;
pub mod files;
pub mod findings;
pub mod hls;
pub mod look;
pub mod moto;
pub mod nginx;
pub mod planned;
pub mod playlist;
pub mod programme;
pub mod proxy;
pub mod published;
pub mod publisher;
pub mod rtmp;
pub mod run;
pub mod server;
pub mod serving;
pub mod set;
pub mod splices;
pub mod stuck;
pub mod subtitles;
pub mod thumbnails;
pub mod tools;
pub mod track;
pub mod tree;
pub mod verified;

use std::path::{Path, PathBuf};

pub use decode::{decode_cleanly, frame_times};
pub use set::{SetFacts, check_set, violations};

/// A clip of `testdata/`.
pub fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// The binary under test, without the environment's own settings.
pub fn streampack() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_streampack"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STREAMPACK_")) {
        command.env_remove(name);
    }
    command
}

/// A directory of one test, removed at its end.
#[derive(Debug)]
pub struct TestDir(tempfile::TempDir);

impl TestDir {
    /// A new, empty directory.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("the system has room for a temporary directory"))
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path in the directory.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }
}
