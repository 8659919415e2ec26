//! The reader of `tests/support` sees what is wrong: here with a set that FFmpeg's own muxer wrote.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{TestDir, clip, violations};

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
    assert_eq!((facts.video.len(), facts.audio.len()), (0, 0), "neither rendition can be read to its end");
    for expected in [
        "video/360p_h264/init.mp4: video has an edit list (CMAF § 7.7.2)",
        "video/360p_h264/init.mp4: colr of type nclx is missing",
        "audio/und_aac_64k/init.mp4: ES_ID (CMAF § 10.3.4.2.3) is 1, not 0",
        "audio/und_aac_64k/init.mp4: ftyp.minor_version is 512, not 0",
        "audio/und_aac_64k/segment_00001.m4s: styp lacks cmfs",
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
