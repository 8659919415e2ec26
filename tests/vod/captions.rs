//! Closed captions in the pictures: every rung says what the source says, whatever is done to its pictures.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::text::samples;
use super::{Encoded, SMALL, made};
use crate::support::TestDir;

/// What begins a message of captions in an SEI unit.
const MARK: &[u8] = b"\xb5\x00\x31GA94\x03";

/// CEA-608 in field 1: captions are loaded, said, and taken away.
fn script() -> Vec<[u8; 3]> {
    let odd = |byte: u8| if byte.count_ones().is_multiple_of(2) { byte | 0x80 } else { byte };
    let twice = |code: [u8; 2]| [code, code];
    let mut pairs = [twice([0x14, 0x20]), twice([0x14, 0x70])].concat();
    pairs.extend(b"HELLO THERE ".chunks_exact(2).map(|pair| [pair[0], pair[1]]));
    pairs.extend([twice([0x14, 0x2f]), twice([0x14, 0x2c])].concat());
    pairs.into_iter().map(|[a, b]| [0xfc, odd(a), odd(b)]).collect()
}

/// Puts one triplet in front of each picture of a bare stream of H.264, as long as there are some.
fn captioned(stream: &[u8], triplets: &[[u8; 3]]) -> Vec<u8> {
    let mut triplets = triplets.iter();
    let mut out = Vec::new();
    let starts: Vec<usize> = stream.windows(3).enumerate().filter(|(_, w)| *w == [0, 0, 1]).map(|(at, _)| at).collect();
    for (start, end) in starts.iter().zip(starts.iter().skip(1).chain([&stream.len()])) {
        let unit = &stream[*start..*end];
        if matches!(unit[3] & 0x1f, 1 | 5) {
            let message = [MARK, &[0x41, 0xff], triplets.next().unwrap_or(&[0xfc, 0x80, 0x80]), &[0xff]].concat();
            out.extend([0, 0, 0, 1, 6, 4, message.len() as u8]);
            out.extend(message);
            out.push(0x80);
        }
        out.push(0);
        out.extend(unit);
    }
    out
}

/// CEA-708: a packet of four bytes, with two letters of service 2.
const DIGITAL: [[u8; 3]; 2] = [[0xff, 0x02, 0x42], [0xfe, b'H', b'i']];

/// Two seconds at this rate with the script in them, as MP4.
fn source(directory: &TestDir, rate: u32, more: &str) -> PathBuf {
    source_of(directory, rate, more, &script())
}

/// The same with these triplets.
fn source_of(directory: &TestDir, rate: u32, more: &str, triplets: &[[u8; 3]]) -> PathBuf {
    let words = format!(
        "-f lavfi -i testsrc2=s=320x180:r={rate}:d=2 -c:v libx264 -preset ultrafast -threads 1 -bf 0 {more} -pix_fmt yuv420p"
    );
    let bare = made(directory, "bare.h264", words.replace("  ", " ").trim());
    let stream = captioned(&fs::read(bare).expect("made"), triplets);
    let bare = directory.join("captioned.h264");
    fs::write(&bare, stream).expect("writable");
    made(directory, "film.mp4", &format!("-framerate {rate} -i {} -c copy", bare.display()))
}

/// The triplets of all pictures in their order, without padding.
fn said(root: &Path, track: &crate::support::track::Track) -> Vec<[u8; 3]> {
    let mut said = Vec::new();
    for sample in samples(root, track) {
        let Some(at) = sample.windows(MARK.len()).position(|window| window == MARK) else { continue };
        let body = &sample[at + MARK.len()..];
        let count = usize::from(body[0] & 0x1f);
        said.extend(body[2..].chunks_exact(3).take(count).map(|triplet| [triplet[0], triplet[1], triplet[2]]));
    }
    said.retain(|triplet| triplet[1..] != [0x80, 0x80]);
    said
}

#[test]
fn every_rung_says_what_the_source_says_and_both_manifests_name_it() {
    let directory = TestDir::new();
    // Without B-frames pictures are coded in the order in which they are shown.
    let encoded = Encoded::with(&source(&directory, 25, ""), SMALL);
    assert_eq!(encoded.facts.video.len(), 2);
    for track in &encoded.facts.video {
        assert_eq!(sorted(&said(&encoded.root(), track)), sorted(&script()), "{}", track.name());
    }
    let master = fs::read_to_string(encoded.root().join("master.m3u8")).expect("HLS was asked for");
    let media = "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME=\"Captions CC1\",LANGUAGE=\"und\",DEFAULT=NO,\
                 AUTOSELECT=YES,INSTREAM-ID=\"CC1\"";
    assert!(master.contains(media), "{master}");
    assert!(
        master
            .lines()
            .filter(|line| line.contains("STREAM-INF:") && line.contains("FRAME-RATE"))
            .all(|line| line.contains("CLOSED-CAPTIONS=\"captions\""))
    );
    let mpd = fs::read_to_string(encoded.root().join("manifest.mpd")).expect("DASH was asked for");
    assert!(mpd.contains("<Accessibility schemeIdUri=\"urn:scte:dash:cc:cea-608:2015\" value=\"CC1=und\"/>"), "{mpd}");
    assert_eq!(encoded.facts.report["captions"][0]["service"], json!("CC1"));
}

#[test]
fn pictures_that_are_left_out_leave_their_captions_behind() {
    let directory = TestDir::new();
    let preset = directory.join("slow.json");
    fs::write(&preset, r#"{ "max_frame_rate": 25 }"#).expect("writable");
    let preset = preset.display().to_string();
    let encoded = Encoded::with(&source(&directory, 50, ""), &[SMALL, &["--preset", &preset]].concat());
    for track in &encoded.facts.video {
        assert_eq!(sorted(&said(&encoded.root(), track)), sorted(&script()), "{}", track.name());
    }
}

#[test]
fn captions_come_through_the_deinterlacer() {
    let directory = TestDir::new();
    let source = source(&directory, 25, "-vf setfield=tff -flags +ilme+ildct");
    let encoded = Encoded::with(&source, SMALL);
    assert_eq!(encoded.facts.report["source"]["video"][0]["field_order"], json!("tff"));
    for track in &encoded.facts.video {
        assert_eq!(sorted(&said(&encoded.root(), track)), sorted(&script()), "{}", track.name());
    }
}

#[test]
fn services_of_708_are_kept_and_named() {
    let directory = TestDir::new();
    let encoded = Encoded::with(&source_of(&directory, 25, "", &DIGITAL), SMALL);
    for track in &encoded.facts.video {
        assert_eq!(said(&encoded.root(), track), DIGITAL, "{}", track.name());
    }
    let master = fs::read_to_string(encoded.root().join("master.m3u8")).expect("HLS was asked for");
    assert!(master.contains("INSTREAM-ID=\"SERVICE2\""), "{master}");
    let mpd = fs::read_to_string(encoded.root().join("manifest.mpd")).expect("DASH was asked for");
    assert!(mpd.contains("<Accessibility schemeIdUri=\"urn:scte:dash:cc:cea-708:2015\" value=\"2="), "{mpd}");
}

/// What the encoder has put in another order for its B-frames is the same all the same.
fn sorted(triplets: &[[u8; 3]]) -> Vec<[u8; 3]> {
    let mut sorted = triplets.to_vec();
    sorted.sort_unstable();
    sorted
}
