//! Runs whose writes fail: in a shell that limits the size of files, or on a small file system.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::names_nothing_missing;
use crate::support::{TestDir, clip};

/// Runs a shell script, in which `encode` encodes a clip into `$out`.
#[track_caller]
fn script(out: &Path, flags: &[&str], shell: &[&str], text: &str) -> String {
    let mut command = Command::new(shell[0]);
    let flags = flags.join(" ");
    let text = format!("encode() {{ \"$bin\" encode \"$clip\" -o \"$out\" {flags}; }}; {text}");
    command.args(&shell[1..]).args(["bash", "-c", &text]);
    command.env("bin", env!("CARGO_BIN_EXE_streampack")).env("clip", clip("h264_720p25.mp4")).env("out", out);
    let output = command.output().expect("bash is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(13), "{said}");
    said
}

/// What a run says that cannot write files of more than so many KiB: a write fails in the middle, as on a
/// full disk.
#[track_caller]
pub(super) fn with_files_up_to(kib: u32, out: &Path, flags: &[&str]) -> String {
    script(out, flags, &["env"], &format!("trap '' XFSZ; ulimit -f {kib}; encode"))
}

/// Expects that a run tells that there is no room on a file system of so many KiB, where the system lets us
/// have one.
#[track_caller]
pub(super) fn on_a_disk_of(kib: u32, flags: &[&str]) {
    let may = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        return;
    }
    let directory = TestDir::new();
    let (out, seen) = (directory.join("disk"), directory.join("seen"));
    fs::create_dir(&out).expect("writable");
    let mount = format!("mount -t tmpfs -o size={kib}k none \"$out\"");
    let text = format!("{mount}; encode; code=$?; cp -r \"$out\" {}; exit $code", seen.display());
    let said = script(&out, flags, &["unshare", "-rm"], &text);
    assert!(said.contains("streampack: error: ") && said.contains("No space left"), "{kib} KiB: {said}");
    names_nothing_missing(&seen);
}
