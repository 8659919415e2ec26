//! When pictures are shown.

use super::{Bench, H264, PICTURES};
use crate::support::{check_set, frame_times};

/// Steps between pictures, in seconds of the track.
fn steps(bench: &Bench) -> Vec<f64> {
    let set = check_set(&bench.out());
    let track = &set.video[0];
    let times = frame_times(&bench.out(), track);
    times.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / f64::from(track.header.timescale)).collect()
}

#[test]
fn ntsc_is_exact_whatever_the_container_rounds() {
    for name in ["film.mp4", "film.mkv", "film.ts"] {
        let bench = Bench::new();
        let film = bench.made(name, &format!("{PICTURES} {H264}"));
        bench.packaged(&[&film], &["--segment-duration", "1"]);
        let steps = steps(&bench);
        assert!(steps.iter().all(|step| (step - 1001.0 / 30_000.0).abs() < 1e-9), "{name}: {steps:?}");
    }
}

#[test]
fn a_variable_rate_keeps_its_times() {
    let bench = Bench::new();
    let filter = "-vf select=not(mod(n\\,3))+lt(mod(n\\,60)\\,17) -fps_mode vfr";
    let film = bench.made("film.mp4", &format!("{PICTURES} {filter} {H264} -force_key_frames 0,1,2"));
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    bench.shows("video/108p_h264", &film);
}

#[test]
fn one_picture_is_a_set() {
    let bench = Bench::new();
    let film = bench.made("film.mp4", &format!("{PICTURES} {H264} -frames:v 1"));
    bench.unplayed(&[&film], &[], &[]);
    bench.shows("video/108p_h264", &film);
}

#[test]
fn a_start_before_the_first_key_frame_is_left_out_and_told() {
    let bench = Bench::new();
    let film = bench.made("whole.ts", &format!("{PICTURES} {H264} -x264-params repeat-headers=1"));
    let bytes = std::fs::read(&film).expect("readable");
    // Without its first tenth: in the middle of a GOP.
    let cut = bytes.len() / 10 / 188 * 188;
    let path = bench.directory.join("cut.ts");
    std::fs::write(&path, &bytes[cut..]).expect("writable");
    let ended = bench.packaged(&[&path], &["--segment-duration", "1"]);
    assert!(ended.warnings().contains(&"no_key_frame".to_owned()), "{:?}", ended.warnings());
    check_set(&bench.out());
}

#[test]
fn times_that_start_high_start_at_zero() {
    let bench = Bench::new();
    let film = bench.film("film.ts", H264, "-c:a aac -output_ts_offset 95442");
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    check_set(&bench.out());
    bench.shows("video/108p_h264", &film);
}

#[test]
fn all_intra_makes_fragments_of_a_second() {
    let bench = Bench::new();
    let film = bench.made("film.mp4", &format!("{PICTURES} {H264} -g 1 -bf 0"));
    bench.packaged(&[&film], &["--segment-duration", "2"]);
    let set = check_set(&bench.out());
    let fragments: Vec<usize> = set.video[0].segments.iter().map(|segment| segment.fragments.len()).collect();
    assert_eq!(fragments, [2, 1]);
}

#[test]
fn pixels_that_are_not_square_stay_so() {
    let bench = Bench::new();
    let film = bench.made("film.mp4", &format!("{PICTURES} -vf setsar=4/3 {H264}"));
    bench.packaged(&[&film], &[]);
    let master = std::fs::read_to_string(bench.out().join("master.m3u8")).expect("a playlist");
    let mpd = std::fs::read_to_string(bench.out().join("manifest.mpd")).expect("an MPD");
    assert!(master.contains("RESOLUTION=256x108"), "the size on a display: {master}");
    assert!(mpd.contains("sar=\"4:3\"") && mpd.contains("par=\"64:27\""), "{mpd}");
}

/// The rate that manifests say is the average, where that is higher than what groups tell: `verify` counts them.
#[test]
fn a_few_pictures_at_uneven_times_say_their_average() {
    let bench = Bench::new();
    let uneven = "-f lavfi -i testsrc2=s=192x108:r=30:d=0.134 -vf setpts='if(eq(N,0),0,0.5+(N-1)/30)/TB' -fps_mode vfr";
    let film = bench.made("film.mp4", &format!("{uneven} {H264}"));
    bench.unplayed(&[&film], &[], &[]);
}

/// A film that was joined of pieces whose sound is longer than their pictures holds a picture at each seam.
#[test]
fn pictures_held_at_seams_slow_no_rate() {
    let bench = Bench::new();
    let held = "-f lavfi -i testsrc2=s=192x108:r=25:d=4 -vf setpts='(N/25+0.013*floor(N/25))/TB' -fps_mode vfr";
    let film = bench.made("film.mp4", &format!("{held} {H264} -g 25"));
    bench.unplayed(&[&film], &["--segment-duration", "1"], &[]);
    let master = std::fs::read_to_string(bench.out().join("master.m3u8")).expect("readable");
    assert!(master.contains("FRAME-RATE=25.000"), "{master}");
}
