//! Every codec and container that can be packaged.

use super::{Bench, H264, PICTURES, SOUND};
use crate::support::run::package;

const X265: &str =
    "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params keyint=30:min-keyint=30:scenecut=0:log-level=none";

#[test]
fn fragmented_mp4_keeps_its_pictures_and_sound() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof");
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    bench.shows("video/108p_h264", &film);
}

/// Pictures so large that they are left where they lie; of those of the second film that cannot be, as each has more in
/// front of it than a sample may.
#[test]
fn large_pictures_stay_what_they_are() {
    for (coding, flags) in [("slices=4", &[][..]), ("slices=4", &["--single-file"]), ("aud=1:slices=4", &[])] {
        let bench = Bench::new();
        let noise = "-f lavfi -i testsrc2=s=320x180:r=10:d=3,noise=alls=60:allf=t";
        let film = bench.made(
            "film.mp4",
            &format!("{noise} {SOUND} {H264} -x264-params {coding} -g 10 -keyint_min 10 -qp 12 -c:a aac -shortest"),
        );
        bench.packaged(&[&film], &[&["--segment-duration", "1"], flags].concat());
        bench.shows("video/180p_h264", &film);
    }
}

#[test]
fn matroska_keeps_its_pictures() {
    let bench = Bench::new();
    let film = bench.film("film.mkv", H264, "-c:a libopus");
    bench.packaged_but(&[&film], &["--segment-duration", "1"], &["Apple 2.3"]);
    bench.shows("video/108p_h264", &film);
}

#[test]
fn a_transport_stream_gives_its_headers_away() {
    let bench = Bench::new();
    let film = bench.film("film.ts", H264, "-c:a aac");
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    bench.shows("video/108p_h264", &film);
    let master = std::fs::read_to_string(bench.out().join("master.m3u8")).expect("a playlist");
    assert!(master.contains("avc1.64000B,mp4a.40.2") || master.contains("avc1.64000C,mp4a.40.2"), "{master}");
}

#[test]
fn vp9_and_opus_come_from_webm() {
    let bench = Bench::new();
    let film = bench.film(
        "film.webm",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -pix_fmt yuv420p",
        "-c:a libopus",
    );
    bench.packaged_but(&[&film], &["--segment-duration", "1"], &["Apple 1.1", "Apple 2.3"]);
    bench.shows("video/108p_vp9", &film);
}

#[test]
fn hevc_with_closed_gops_is_independent() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", &format!("{X265}:open-gop=0 -tag:v hvc1"), "-c:a aac");
    let ended = bench.packaged(&[&film], &["--segment-duration", "1"]);
    assert_eq!(ended.warnings(), Vec::<String>::new());
    bench.shows("video/108p_hevc", &film);
    let playlist = std::fs::read_to_string(bench.out().join("video/108p_hevc/playlist.m3u8")).expect("a playlist");
    assert!(playlist.contains("#EXT-X-INDEPENDENT-SEGMENTS"), "{playlist}");
}

#[test]
fn hevc_with_open_gops_is_packaged_and_not_called_independent() {
    let broken = ["Apple 9.11", "DASH-IF IOP 3.2.2", "CMAF 7.3.3.3"];
    for (name, flags, broken) in [("film.mkv", &[][..], &broken[..2]), ("film.ts", &["--single-file"], &broken[..])] {
        let bench = Bench::new();
        let film = bench.film(name, &format!("{X265}:open-gop=1:bframes=3"), "-c:a aac");
        let flags = [&["--segment-duration", "1"], flags].concat();
        let ended = bench.packaged_but(&[&film], &flags, broken);
        assert_eq!(ended.warnings(), ["open_gop"]);
        bench.shows("video/108p_hevc", &film);
        let playlist = std::fs::read_to_string(bench.out().join("video/108p_hevc/playlist.m3u8")).expect("a playlist");
        assert!(!playlist.contains("#EXT-X-INDEPENDENT-SEGMENTS"), "{playlist}");
        let mpd = std::fs::read_to_string(bench.out().join("manifest.mpd")).expect("an MPD");
        assert!(mpd.contains("WithSAP=\"3\""), "{mpd}");
    }
}

#[test]
fn av1_is_packaged() {
    let bench = Bench::new();
    let film = bench.film("film.mkv", "-c:v libsvtav1 -preset 12 -g 30 -pix_fmt yuv420p", "-c:a libopus");
    bench.packaged_but(&[&film], &["--segment-duration", "1"], &["Apple 2.3"]);
    bench.shows("video/108p_av1", &film);
}

#[test]
fn every_sound_codec_is_packaged_to_the_sample() {
    for (name, codec, words) in [
        ("a.mp4", "aac", "-c:a aac"),
        ("a.mkv", "ac3", "-c:a ac3 -b:a 192k"),
        ("a.mp4", "eac3", "-c:a eac3 -b:a 192k"),
        ("a.mkv", "flac", "-c:a flac"),
        ("a.mkv", "opus", "-c:a libopus"),
        ("a.mp4", "mp3", "-c:a libmp3lame -b:a 128k"),
    ] {
        let bench = Bench::new();
        let sound = bench.made(name, &format!("{SOUND} -ac 2 {words}"));
        let broken: &[&str] = if codec == "aac" { &[] } else { &["Apple 2.3"] };
        bench.packaged_but(&[&sound], &["--segment-duration", "1"], broken);
        let names = bench.renditions("audio");
        assert!(names.len() == 1 && names[0].starts_with(&format!("und_{codec}_")), "{names:?}");
        bench.sounds(&format!("audio/{}", names[0]), &sound);
    }
}

#[test]
fn pictures_without_sound_and_sound_without_pictures_are_sets_too() {
    let bench = Bench::new();
    let pictures = bench.made("pictures.mp4", &format!("{PICTURES} {H264}"));
    bench.packaged(&[&pictures], &[]);
    assert_eq!(bench.renditions("audio"), Vec::<String>::new());
}

#[test]
fn a_codec_without_a_place_is_refused_by_name() {
    let bench = Bench::new();
    let film = bench.made("film.ts", &format!("{PICTURES} -c:v mpeg2video"));
    let message = package(&[&film], &bench.out(), &[]).refused(12);
    assert!(message.contains("film.ts is mpeg2video, which cannot be packaged"), "{message}");
}
