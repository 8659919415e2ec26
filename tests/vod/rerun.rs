//! A second run over the same output.

use std::fs;
use std::time::SystemTime;

use super::{Encoded, SMALL};
use crate::support::run::{encode, run};
use crate::support::{TestDir, check_set, clip};

fn modified(set: &Encoded) -> Vec<(String, SystemTime)> {
    let time = |name: &String| {
        let metadata = fs::metadata(set.root().join(name)).expect("a listed file has metadata");
        (name.clone(), metadata.modified().expect("the system knows times"))
    };
    set.facts.sizes.keys().map(time).collect()
}

#[test]
fn over_a_finished_set_changes_nothing_and_says_so() {
    let set = Encoded::small("video_only.mp4");
    let before = modified(&set);
    let (input, out) = (clip("video_only.mp4"), set.root());
    let mut words = vec!["encode".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()];
    words.extend(SMALL.iter().map(std::ffi::OsStr::new));
    let again = run(&words).expect(0);
    assert!(again.err.contains("up to date"), "{}", again.err);
    assert_eq!(modified(&set), before);
    let again = encode(&input, &out, SMALL).expect(0);
    assert!(!again.out.contains("\"segment\""), "{}", again.out);
    assert_eq!(modified(&set), before);
    check_set(&out);
}

#[test]
fn with_force_makes_the_same_again() {
    let set = Encoded::small("video_only.mp4");
    let before = crate::support::tree::tree(&set.root());
    let again = encode(&clip("video_only.mp4"), &set.root(), &[SMALL, &["--force"]].concat()).expect(0);
    assert!(again.out.contains("\"segment\""), "{}", again.out);
    assert_eq!(crate::support::tree::tree(&set.root()), before);
}

#[test]
fn with_other_settings_removes_what_is_stale_and_leaves_what_is_not_ours() {
    let set = Encoded::small("ntsc_bframes.mp4");
    let foreign = ["notes.txt", "video/180p_h264/segment_00077.m4s", "thumbnails/mine.jpg", "else/master.m3u8"];
    for name in foreign {
        fs::create_dir_all(set.root().join(name).parent().expect("below the root")).expect("writable");
        fs::write(set.root().join(name), "mine").expect("writable");
    }
    let flags = ["--ladder", "90p@100k", "--no-thumbnails", "--no-dash", "--speed", "draft"];
    encode(&clip("ntsc_bframes.mp4"), &set.root(), &flags).expect(0);
    for name in foreign {
        assert_eq!(fs::read(set.root().join(name)).expect("left alone"), b"mine");
        fs::remove_file(set.root().join(name)).expect("removable");
    }
    let facts = check_set(&set.root());
    assert_eq!(facts.video.iter().map(|t| t.name()).collect::<Vec<_>>(), ["90p_h264"]);
    assert!(facts.trick.is_none() && facts.sheets.is_empty() && !set.root().join("manifest.mpd").exists());
}

#[test]
fn makes_what_is_missing_or_broken_again() {
    let set = Encoded::small("ntsc_bframes.mp4");
    let before = crate::support::tree::tree(&set.root());
    for name in ["manifest.mpd", "video/180p_h264/segment_00001.m4s", "thumbnails/sprite_00001.jpg"] {
        fs::remove_file(set.root().join(name)).expect("removable");
        encode(&clip("ntsc_bframes.mp4"), &set.root(), SMALL).expect(0);
        assert_eq!(crate::support::tree::tree(&set.root()), before, "without {name}");
    }
    let cut = set.root().join("audio/und_aac_128k/segment_00001.m4s");
    fs::write(&cut, b"short").expect("writable");
    encode(&clip("ntsc_bframes.mp4"), &set.root(), SMALL).expect(0);
    assert_eq!(crate::support::tree::tree(&set.root()), before);
}

#[test]
fn over_files_of_others_is_refused_unless_forced() {
    let names = [
        "master.m3u8",
        "manifest.mpd",
        "poster.jpg",
        "streampack.json",
        "video/180p_h264/init.mp4",
        "video/120p_h264_trick/segment_00001.m4s",
        "audio/en_aac_128k/playlist.m3u8",
        "thumbnails/thumbnails.vtt",
        "thumbnails/sprite_00001.jpg",
    ];
    let directory = TestDir::new();
    let (input, out) = (clip("h264_720p25.mp4"), directory.join("out"));
    for name in names {
        fs::create_dir_all(out.join(name).parent().expect("below the output")).expect("writable");
        fs::write(out.join(name), "mine").expect("writable");
        let message = encode(&input, &out, SMALL).refused(13);
        assert!(message.contains(name) && message.contains("--force"), "{message}");
        assert_eq!(crate::support::tree::names(&out), [name], "nothing came, nothing went");
        fs::remove_file(out.join(name)).expect("removable");
    }
    names.iter().for_each(|name| fs::write(out.join(name), "mine").expect("writable"));
    encode(&input, &out, &[SMALL, &["--force"]].concat()).expect(0);
    check_set(&out);
}

/// What a report lists is ours, whatever else of it has changed since.
#[test]
fn over_a_set_whose_report_has_another_form_makes_it_again() {
    let set = Encoded::small("video_only.mp4");
    let before = crate::support::tree::tree(&set.root());
    let path = set.root().join("streampack.json");
    let report = fs::read_to_string(&path).expect("text");
    fs::write(&path, report.replace("\"duration_s\"", "\"length_s\"")).expect("writable");
    let again = encode(&clip("video_only.mp4"), &set.root(), SMALL).expect(0);
    assert!(again.out.contains("\"segment\""), "{}", again.out);
    assert_eq!(crate::support::tree::tree(&set.root()), before);
}
