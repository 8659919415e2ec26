//! The clips of `testdata/` are small, and its README says what each is for and how it was made.

mod support;

use std::fs;

use support::clip;

#[test]
fn every_clip_is_small_and_explained() {
    let directory = clip("");
    let readme = fs::read_to_string(clip("README.md")).expect("testdata has a README");
    let mut total = 0;
    for entry in fs::read_dir(directory).expect("testdata is a directory") {
        let entry = entry.expect("testdata is readable");
        let name = entry.file_name().into_string().expect("names are ASCII");
        let bytes = entry.metadata().expect("testdata is readable").len();
        total += bytes;
        assert!(bytes <= 300_000, "{name} has {bytes} bytes");
        let explained = readme.contains(&format!("\n### {name}\n"));
        assert!(explained || name == "README.md" || name == "generate.sh", "README.md does not explain {name}");
    }
    assert!(total < 5_000_000, "the clips have {total} bytes together");
}
