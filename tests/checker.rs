//! The reader of `tests/support` sees what is wrong: what `verify` finds (tests/verify.rs has more of it), and what breaks
//! the promises that only our own sets make.

#[path = "checker/made.rs"]
mod made;
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use streampack::plan::Layout;
use support::{TestDir, check_set, clip, decode_cleanly, frame_times, violations};

/// FFmpeg's HLS of a clip, one run per rendition, under the names of the layout.
fn written_by_ffmpeg(root: &Path) {
    for (directory, stream) in [("video/360p_h264", "0:v"), ("audio/und_aac_64k", "0:a")] {
        let directory = root.join(directory);
        fs::create_dir_all(&directory).expect("a temporary directory is writable");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-i"]).arg(clip("ntsc_bframes.mp4")).args(["-map", stream, "-c", "copy"]);
        ffmpeg.args(["-f", "hls", "-hls_time", "1", "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod"]);
        ffmpeg.args(["-start_number", "1", "-hls_flags", "independent_segments", "-hls_segment_filename"]);
        ffmpeg.arg(directory.join("segment_%05d.m4s")).arg(directory.join("playlist.m3u8"));
        assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    }
    let master = "#EXTM3U\n#EXT-X-VERSION:7\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"A\",DEFAULT=YES,URI=\"audio/und_aac_64k/playlist.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS=\"avc1.64001E,mp4a.40.2\",RESOLUTION=640x360,AUDIO=\"a\"\n\
        video/360p_h264/playlist.m3u8\n";
    fs::write(root.join("master.m3u8"), master).expect("a temporary directory is writable");
}

#[test]
fn what_ffmpeg_gets_wrong_is_found() {
    let directory = TestDir::new();
    written_by_ffmpeg(directory.path());
    let (facts, broken) = violations(directory.path());
    assert_eq!((facts.video.len(), facts.audio.len()), (0, 0), "neither rendition has the boxes of ours");
    for expected in [
        "video/360p_h264/init.mp4: the SPS says no colour (CMAF A.2)",
        "video/360p_h264/init.mp4: colr of type nclx is missing (CMAF 9.2.3)",
        "audio/und_aac_64k/init.mp4: ES_ID is 1, not 0 (CMAF 10.3.4.2.3)",
        "master.m3u8: EXT-X-INDEPENDENT-SEGMENTS is missing (Apple 9.11)",
        "streampack.json: is missing",
    ] {
        assert!(broken.iter().any(|line| line == expected), "{expected} is not among\n{}", broken.join("\n"));
    }
}

#[test]
fn loose_files_and_foreign_names_are_found() {
    let directory = TestDir::new();
    fs::create_dir(directory.join("video")).expect("a temporary directory is writable");
    for name in ["notes.txt", "video/segment_1.m4s", ".streampack"] {
        fs::write(directory.join(name), "").expect("a temporary directory is writable");
    }
    let (_, broken) = violations(directory.path());
    for name in ["notes.txt", "video/segment_1.m4s", ".streampack"] {
        assert!(broken.contains(&format!("{name}: lies around: nothing names it")), "{broken:#?}");
        assert!(broken.contains(&format!("{name}: is no name of the layout")), "{broken:#?}");
    }
}

/// A set of ours, in its own directory.
fn ours(layout: Layout) -> TestDir {
    let directory = TestDir::new();
    made::set(&directory.join("set"), layout);
    directory
}

#[test]
fn a_set_of_ours_keeps_every_rule_and_decodes() {
    for layout in [Layout::SegmentFiles, Layout::SingleFile] {
        let directory = ours(layout);
        let root = directory.join("set");
        let facts = check_set(&root);
        assert_eq!((facts.video.len(), facts.audio.len(), facts.sheets.len()), (2, 2, 2));
        assert_eq!(facts.key_frames(), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(facts.target, Some(6));
        let frames: Vec<i64> = (0..180).map(|frame| frame * 1000).collect();
        assert_eq!(frame_times(&root, facts.track("90p_h264")), frames);
        decode_cleanly(&root.join("master.m3u8"));
        decode_cleanly(&root.join("manifest.mpd"));
    }
}

/// Breaks one thing in a good set, and expects a line about it.
#[track_caller]
fn broken(root: &Path, file: &str, change: impl Fn(&mut Vec<u8>), expected: &str) {
    let path = root.join(file);
    let good = fs::read(&path).expect("the set is readable");
    let mut bytes = good.clone();
    change(&mut bytes);
    assert_ne!(bytes, good, "{file} was not changed");
    fs::write(&path, bytes).expect("the set is writable");
    let (_, lines) = violations(root);
    fs::write(&path, good).expect("the set is writable");
    assert!(lines.iter().any(|line| line.contains(expected)), "{expected:?} is not among\n{}", lines.join("\n"));
}

/// Replaces the first occurrence of some bytes by as many or other ones.
fn replace<'a>(from: &'a [u8], to: &'a [u8]) -> impl Fn(&mut Vec<u8>) + 'a {
    move |bytes| {
        let at = bytes.windows(from.len()).position(|w| w == from).expect("it is there");
        bytes.splice(at..at + from.len(), to.iter().copied());
    }
}

/// Changes the byte `after` bytes behind the type of the first box of this type.
fn poke(kind: &'static [u8; 4], after: usize, value: u8) -> impl Fn(&mut Vec<u8>) {
    move |bytes| {
        let at = bytes.windows(4).position(|w| w == kind).expect("the box is there");
        bytes[at + after] = value;
    }
}

#[test]
fn one_broken_thing_at_a_time_is_found() {
    let directory = ours(Layout::SegmentFiles);
    let root = &directory.join("set");
    let second = "video/180p_h264/segment_00002.m4s";
    broken(root, second, poke(b"tfdt", 15, 7), "(CMAF 7.3.2.2)");
    broken(root, "video/180p_h264/init.mp4", poke(b"mdhd", 11, 9), "the creation times");
    let playlist = "video/180p_h264/playlist.m3u8";
    broken(root, playlist, replace(b"segment_00002", b"segment_00003"), "which is not there");
    broken(root, playlist, replace(b"#EXT-X-ENDLIST", b"#EXT-X-ENDLIST\n#EXT-X-BITRATE:1"), "does not end with");
    broken(root, playlist, replace(b"#EXTINF", b"#EXT-X-GAP\n#EXTINF"), "no tag that is expected here");
    broken(root, "master.m3u8", replace(b"DEFAULT=YES", b"DEFAULT=NO"), "(RFC 8216bis 4.4.6.1)");
    broken(root, "master.m3u8", replace(b"LANGUAGE=\"de\"", b"LANGUAGE=\"fr\""), "LANGUAGE of");
    broken(root, "manifest.mpd", replace(b"bandwidth=\"2", b"bandwidth=\"3"), "@bandwidth of");
    broken(root, "manifest.mpd", replace(b"lang=\"de\"", b"lang=\"fr\""), "@lang of de_aac_64k_2");
    broken(root, "manifest.mpd", replace(b"2x2", b"2x3"), "the tiles of a sheet");
    broken(root, "thumbnails/thumbnails.vtt", replace(b"xywh=160,0", b"xywh=161,0"), "is no tile of");
    broken(root, "thumbnails/sprite_00002.jpg", |bytes| bytes.truncate(40), "is no JPEG");
}

#[test]
fn a_broken_single_file_is_found() {
    let directory = ours(Layout::SingleFile);
    let root = &directory.join("set");
    broken(root, "video/90p_h264/playlist.m3u8", replace(b"BYTERANGE:", b"BYTERANGE:1"), "no run of whole fragments");
}
