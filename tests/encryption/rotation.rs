//! Keys that change, and a start that stays clear.

use std::fs;
use std::path::Path;

use crate::bench::{AAC, Bench, H264, ffmpeg, hashes, packets};
use crate::support::run::{Ended, package, run};

/// The key of each period. All have one vector, so that a decryptor which reads the header alone can be given any.
pub(crate) const KEYS: [(&str, &str); 3] = [
    ("6a1b42c8-0d3e-4f59-9a77-c1d2e3f40500", "3c5ae6d1f0b79824c86df1a2b39e4700"),
    ("6a1b42c8-0d3e-4f59-9a77-c1d2e3f40501", "3c5ae6d1f0b79824c86df1a2b39e4701"),
    ("6a1b42c8-0d3e-4f59-9a77-c1d2e3f40502", "3c5ae6d1f0b79824c86df1a2b39e4702"),
];

/// A key file with them.
pub(crate) fn key_file(bench: &Bench) -> String {
    let line = |(period, (kid, key)): (usize, &(&str, &str))| {
        format!(r#"{{"period": {period}, "kid": "{kid}", "key": "{key}", "iv": "0123456789abcdef0123456789abcdef"}}"#)
    };
    let lines: Vec<String> = KEYS.iter().enumerate().map(line).collect();
    bench.key_file("keys.json", &format!(r#"{{"keys": [{}]}}"#, lines.join(", "))).display().to_string()
}

/// The id of a key, as playlists name it.
fn kid(period: usize) -> String {
    KEYS[period].0.replace('-', "")
}

fn verify(bench: &Bench, out: &str) -> Ended {
    run(&["verify", &bench.at(out).display().to_string()])
}

/// The hashes of the samples of one segment, decrypted with `key` where there is one.
pub(crate) fn segment(bench: &Bench, directory: &Path, number: usize, key: Option<&str>) -> Vec<String> {
    let header = fs::read(directory.join("init.mp4")).expect("a header");
    let body = fs::read(directory.join(format!("segment_{number:05}.m4s"))).expect("a segment");
    let file = bench.at("one.mp4");
    fs::write(&file, [header, body].concat()).expect("writable");
    hashes(&packets(&file, key)).into_iter().map(str::to_owned).collect()
}

#[test]
fn each_period_is_under_its_key_and_the_lead_is_clear() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = key_file(&bench);
    let short = ["--segment-duration", "1"];
    bench.packaged(&film, "clear", &short);
    for scheme in ["cbcs", "cenc"] {
        let rotating = ["--encrypt", scheme, "--key-file", &keys, "--crypto-period", "1", "--clear-lead", "0.5"];
        bench.packaged(&film, scheme, &[&short[..], &rotating].concat());
        for rendition in bench.renditions("clear").iter().filter(|name| !name.contains("trick")) {
            let (clear, out) = (bench.at("clear").join(rendition), bench.at(scheme).join(rendition));
            for number in 1..=3 {
                let wanted = segment(&bench, &clear, number, None);
                let key = (number > 1).then_some(KEYS[number - 1].1);
                assert_eq!(segment(&bench, &out, number, key), wanted, "{scheme} {rendition} {number}");
                if number > 1 {
                    assert_ne!(segment(&bench, &out, number, Some(KEYS[number - 2].1)), wanted, "another key opens it");
                }
            }
            let playlist = fs::read_to_string(out.join("playlist.m3u8")).expect("a playlist");
            let said: Vec<&str> = playlist
                .lines()
                .filter(|line| line.contains("edef8ba9") || line.ends_with("m4s"))
                .map(|line| line.split("KEYID=0x").nth(1).map_or("segment", |rest| &rest[..32]))
                .collect();
            assert_eq!(said, ["segment", &kid(1), "segment", &kid(2), "segment"], "{playlist}");
            let body = fs::read(out.join("segment_00003.m4s")).expect("a segment");
            let headers = body.windows(4).filter(|word| word == b"pssh").count();
            assert_eq!(headers, 3, "what is told of the third key stands in its segment");
        }
        verify(&bench, scheme).expect(0);
    }
}

#[test]
fn verify_finds_a_playlist_that_names_the_key_of_another_period() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = key_file(&bench);
    let flags = ["--segment-duration", "1", "--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "1"];
    bench.packaged(&film, "out", &flags);
    let name = bench.at("out").join(&bench.renditions("out")[0]).join("playlist.m3u8");
    let playlist = fs::read_to_string(&name).expect("a playlist");
    let said = |period: usize| format!("KEYID=0x{}", kid(period));
    fs::write(&name, playlist.replace(&said(2), &said(1))).expect("writable");
    let found = verify(&bench, "out").expect(15);
    assert!(found.out.contains("KEYID for segment 3 of the playlist"), "{}", found.out);
}

#[test]
fn a_period_without_a_key_is_refused() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    let flags = ["--segment-duration", "1", "--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "1"];
    let refused = package(&[&film], &bench.at("out"), &flags).refused(2);
    assert!(refused.contains("in period 0 of 3"), "{refused}");
    assert!(!bench.at("out").join("master.m3u8").exists());
}

/// How long each segment of a playlist is, and the id of the key that it is said to be under.
fn keyed(playlist: &str) -> Vec<(f64, String)> {
    let (mut said, mut key) = (Vec::new(), "clear".to_owned());
    for line in playlist.lines() {
        if let Some(seconds) = line.strip_prefix("#EXTINF:") {
            said.push((seconds.trim_end_matches(',').parse().expect("seconds"), key.clone()));
        }
        if line.contains("edef8ba9") {
            key = line.split("KEYID=0x").nth(1).expect("a key id")[..32].to_owned();
        }
    }
    said
}

/// Key frames of a source come when they come: periods and the lead go by the seconds of its segments, not by their
/// number.
#[test]
fn keys_change_at_the_cuts_of_the_source() {
    let bench = Bench::new();
    let film = bench.at("film.mp4");
    // Key frames at 0, 1.6 and 3.6 s.
    let words = format!(
        "-nostdin -v error -f lavfi -i testsrc2=s=192x108:r=25:d=5 -f lavfi -i sine=d=5 -c:v libx264 -preset ultrafast \
         -sc_threshold 0 -g 999 -bf 0 -pix_fmt yuv420p -profile:v high -colorspace bt709 -color_primaries bt709 -color_trc bt709 -force_key_frames 1.6,3.6 {AAC}"
    );
    ffmpeg(words.split_whitespace().map(str::to_owned).chain([film.display().to_string()]));
    let keys = key_file(&bench);
    let rotating = ["--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "1.5", "--clear-lead", "1.2"];
    bench.packaged(&film, "out", &[&["--segment-duration", "1"][..], &rotating].concat());
    for rendition in bench.renditions("out").iter().filter(|name| !name.contains("trick")) {
        let playlist = fs::read_to_string(bench.at("out").join(rendition).join("playlist.m3u8")).expect("a playlist");
        let (mut at, mut said) = (0.0, Vec::new());
        for (seconds, key) in keyed(&playlist) {
            said.push((f64::round(at * 10.0) / 10.0, key));
            at += seconds;
        }
        let wanted = [(0.0, "clear".to_owned()), (1.6, kid(1)), (3.6, kid(2))];
        assert_eq!(said, wanted, "{rendition}: {playlist}");
    }
    verify(&bench, "out").expect(0);
}

/// Sound has no segment where it is silent; what follows is under the keys of its time all the same.
#[test]
fn sound_that_begins_late_or_has_a_gap_is_under_the_keys_of_its_time() {
    let bench = Bench::new();
    let whole = bench.at("whole.mkv");
    let words = format!(
        "-nostdin -v error -f lavfi -i testsrc2=s=192x108:r=25:d=6 \
         -f lavfi -i aevalsrc=0.4*sin(2*PI*(300+200*t)*t):s=48000:d=6 {H264} {AAC}"
    );
    ffmpeg(words.split_whitespace().map(str::to_owned).chain([whole.display().to_string()]));
    let keys = key_file(&bench);
    let rotating = ["--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "2", "--clear-lead", "2"];
    // Segments are a second long, and the keys change at 2 and at 4 s.
    let cases = [
        ("late", "lt(pts*tb\\,2.2)", vec![(3, Some(1)), (4, Some(1)), (5, Some(2)), (6, Some(2))]),
        ("gap", "between(pts*tb\\,0.8\\,3.2)", vec![(1, None), (4, Some(1)), (5, Some(2)), (6, Some(2))]),
    ];
    for (name, left_out, wanted) in cases {
        let film = bench.at(&format!("{name}.mkv"));
        let words = format!("-nostdin -v error -i {} -c copy -bsf:a noise=drop={left_out}", whole.display());
        ffmpeg(words.split_whitespace().map(str::to_owned).chain([film.display().to_string()]));
        let clear = format!("{name}-clear");
        bench.packaged(&film, &clear, &["--segment-duration", "1"]);
        for scheme in ["cbcs", "cenc", "aes-128"] {
            let out = format!("{name}-{scheme}");
            let whole = ["--no-dash", "--key-uri", "../../{kid}.key"];
            let more: &[&str] = if scheme == "aes-128" { &whole } else { &[] };
            let flags = rotating.map(|word| if word == "cbcs" { scheme } else { word });
            bench.packaged(&film, &out, &[&["--segment-duration", "1"][..], &flags, more].concat());
            let audio = bench.renditions(&clear).into_iter().find(|name| name.starts_with("audio/")).expect("sound");
            let playlist = fs::read_to_string(bench.at(&out).join(&audio).join("playlist.m3u8")).expect("a playlist");
            if scheme == "aes-128" {
                let said: Vec<&str> = playlist
                    .lines()
                    .filter_map(|line| line.split_once("URI=\"../../"))
                    .map(|(_, rest)| &rest[..32])
                    .collect();
                assert_eq!(said, [kid(1), kid(2)], "{name}: {playlist}");
                continue;
            }
            let (clear, directory) = (bench.at(&clear).join(&audio), bench.at(&out).join(&audio));
            let said: Vec<String> = keyed(&playlist).into_iter().map(|(_, key)| key).collect();
            let meant: Vec<String> = wanted.iter().map(|(_, period)| period.map_or("clear".to_owned(), kid)).collect();
            assert_eq!(said, meant, "{out}: {playlist}");
            for (number, (_, period)) in (1..).zip(&wanted) {
                let opened = segment(&bench, &directory, number, period.map(|period| KEYS[period].1));
                assert_eq!(opened, segment(&bench, &clear, number, None), "{out}, segment {number}");
            }
        }
        verify(&bench, &format!("{name}-cbcs"));
    }
}

/// Renditions of one switching set are cut together where their pictures are half a frame apart at the most, which is
/// long below ten a second.
#[test]
fn renditions_of_few_pictures_a_second_change_keys_in_the_same_segment() {
    let bench = Bench::new();
    let film = |name: &str, size: &str, late: &str| {
        let path = bench.at(name);
        let words = format!(
            "-nostdin -v error -f lavfi -i testsrc2=s={size}:r=5:d=4 -vf select='not(eq(mod(n,5),3))' \
             -vsync vfr -c:v libx264 -preset ultrafast -bf 0 -g 999 -sc_threshold 0 -force_key_frames \
             expr:gte(t,n_forced) -pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
             -output_ts_offset {late}"
        );
        ffmpeg(words.split_whitespace().map(str::to_owned).chain([path.display().to_string()]));
        path
    };
    let (large, small) = (film("large.mkv", "384x216", "0.08"), film("small.mkv", "192x108", "0"));
    let keys = key_file(&bench);
    let flags = ["--segment-duration", "1", "--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "2"];
    package(&[&large, &small], &bench.at("out"), &flags).expect(0);
    let pictures: Vec<String> = bench.renditions("out").into_iter().filter(|name| !name.contains("trick")).collect();
    assert_eq!(pictures.len(), 2);
    for rendition in pictures {
        let playlist = fs::read_to_string(bench.at("out").join(&rendition).join("playlist.m3u8")).expect("a playlist");
        let said: Vec<String> = keyed(&playlist).into_iter().map(|(_, key)| key).collect();
        assert_eq!(said, [0, 0, 1, 1].map(kid), "{rendition}: {playlist}");
    }
}
