//! `man/streampack.1` is what the command line says. `UPDATE_GOLDEN=1` rewrites it.

use std::path::Path;

use assert_cmd::Command;

#[test]
fn the_manual_page_is_checked_in() {
    let output = Command::new(env!("CARGO_BIN_EXE_streampack")).arg("man").output().expect("run");
    assert!(output.status.success());
    let page = String::from_utf8(output.stdout).expect("text");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/streampack.1");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("man")).expect("made");
        std::fs::write(&path, &page).expect("written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == page, "{} is out of date; run UPDATE_GOLDEN=1 cargo test --test man", path.display());
}

#[test]
fn the_manual_page_has_every_verb_and_flag() {
    let page = include_str!("../man/streampack.1").replace('\\', "");
    for word in ["streampack encode", "--segment-duration", "--no-thumbnails", "--poster", "STREAMPACK_GOP", "141"] {
        assert!(page.contains(word), "{word} is missing");
    }
}
