//! How a good set is broken: text replaced, bytes of boxes changed, files moved.

use std::fs;
use std::path::Path;

use crate::support::boxes::{self, Place};

/// Changes the bytes of a file of the set.
///
/// # Panics
/// When nothing changes.
#[track_caller]
pub(crate) fn bytes(root: &Path, file: &str, change: impl Fn(&mut Vec<u8>)) {
    let path = root.join(file);
    let good = fs::read(&path).expect("the set is readable");
    let mut bytes = good.clone();
    change(&mut bytes);
    assert!(bytes != good, "{file} was not changed");
    fs::write(path, bytes).expect("the set is writable");
}

/// Replaces the first occurrence of a text.
#[track_caller]
pub(crate) fn text(root: &Path, file: &str, from: &str, to: &str) {
    bytes(root, file, |bytes| {
        let text = String::from_utf8(std::mem::take(bytes)).expect("manifests are text");
        assert!(text.contains(from), "{from:?} is not in {file}");
        *bytes = text.replacen(from, to, 1).into_bytes();
    });
}

/// Replaces every occurrence of a text.
#[track_caller]
pub(crate) fn all(root: &Path, file: &str, from: &str, to: &str) {
    bytes(root, file, |bytes| {
        let text = String::from_utf8(std::mem::take(bytes)).expect("manifests are text");
        *bytes = text.replace(from, to).into_bytes();
    });
}

/// Replaces the number behind the first occurrence of a text.
#[track_caller]
fn number(root: &Path, file: &str, before: &str, change: impl Fn(i64) -> i64) {
    bytes(root, file, |bytes| {
        let text = String::from_utf8(std::mem::take(bytes)).expect("manifests are text");
        let (head, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before:?} is not in {file}"));
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let value = change(rest[..end].parse().expect("a number follows"));
        *bytes = format!("{head}{before}{value}{}", &rest[end..]).into_bytes();
    });
}

/// Adds to the number behind the first occurrence of a text.
#[track_caller]
pub(crate) fn add(root: &Path, file: &str, before: &str, by: i64) {
    number(root, file, before, |value| value + by);
}

/// Changes the number behind the first occurrence of a text to so many percent of it.
#[track_caller]
pub(crate) fn scale(root: &Path, file: &str, before: &str, percent: i64) {
    number(root, file, before, |value| value * percent / 100);
}

/// Gives a byte of the first box of a type a value; `at` counts from the end of the type.
#[track_caller]
pub(crate) fn poke(root: &Path, file: &str, kind: &[u8; 4], at: usize, value: u8) {
    bytes(root, file, |bytes| {
        let found = bytes.windows(4).position(|window| window == kind).expect("the box is there");
        bytes[found + 4 + at] = value;
    });
}

/// Adds to a byte of every box of a type.
#[track_caller]
pub(crate) fn shift_all(root: &Path, file: &str, kind: &[u8; 4], at: usize, by: u8) {
    bytes(root, file, |bytes| {
        let found: Vec<usize> = (0..bytes.len() - 4).filter(|start| bytes[*start..].starts_with(kind)).collect();
        for start in found {
            bytes[start + 4 + at] = bytes[start + 4 + at].wrapping_add(by);
        }
    });
}

/// Gives the first box of a type another one.
#[track_caller]
pub(crate) fn rename(root: &Path, file: &str, from: &[u8; 4], to: &[u8; 4]) {
    bytes(root, file, |bytes| {
        let found = bytes.windows(4).position(|window| window == from).expect("the box is there");
        bytes[found..found + 4].copy_from_slice(to);
    });
}

/// Puts bytes at the end of the box at the end of a path, and makes it and those around it larger.
#[track_caller]
pub(crate) fn append(root: &Path, file: &str, path: &[&[u8; 4]], more: &[u8]) {
    bytes(root, file, |bytes| {
        let mut around = Vec::new();
        let mut place = Place { kind: *b"file", start: 0, body: 0, end: bytes.len() };
        for kind in path {
            // Version, flags and a count stand before the entries of stsd.
            let fields = if &place.kind == b"stsd" { 8 } else { 0 };
            let inside = boxes::walk(bytes, place.body + fields, place.end).expect("a good set has sound boxes");
            place = *inside.iter().find(|place| place.kind == **kind).expect("the box is there");
            around.push(place.start);
        }
        for start in around {
            let size = u32::from_be_bytes(bytes[start..start + 4].try_into().expect("four bytes")) + more.len() as u32;
            bytes[start..start + 4].copy_from_slice(&size.to_be_bytes());
        }
        bytes.splice(place.end..place.end, more.iter().copied());
    });
}

/// A box of the bytes of its content.
pub(crate) fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// Says in a header that its samples of `avc1` are encrypted, by a scheme with a pattern (crypt and skip blocks).
#[track_caller]
pub(crate) fn encrypt(root: &Path, file: &str, scheme: &[u8; 4], pattern: u8) {
    let frma = boxed(b"frma", b"avc1");
    let schm = boxed(b"schm", &[&[0; 4][..], scheme, &[0, 1, 0, 0]].concat());
    // Version 1: reserved, the pattern, isProtected, the size of the IV, the key.
    let tenc = boxed(b"tenc", &[&[1, 0, 0, 0, 0, pattern, 1, 8][..], &[7; 16]].concat());
    let sinf = boxed(b"sinf", &[frma, schm, boxed(b"schi", &tenc)].concat());
    append(root, file, &[b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"], &sinf);
    rename(root, file, b"avc1", b"encv");
}

/// Says of every sample of the first fragment that it has a vector and seven clear bytes.
#[track_caller]
pub(crate) fn ranges(root: &Path, file: &str) {
    let (count, end) = {
        let bytes = read(root, file);
        let moof = *boxes::walk(&bytes, 0, bytes.len())
            .expect("a good set has sound boxes")
            .iter()
            .find(|place| place.kind == *b"moof")
            .expect("there is a fragment");
        let trun = boxes::find(&bytes, moof, &[b"traf", b"trun"]).expect("there are samples");
        let traf = boxes::find(&bytes, moof, &[b"traf"]).expect("there is a traf");
        let count: [u8; 4] = bytes[trun.body + 4..trun.body + 8].try_into().expect("four bytes");
        (count, traf.end - moof.start)
    };
    let entry = [&[9; 8][..], &[0, 1, 0, 7, 0, 0, 0, 0]].concat();
    let all = entry.repeat(u32::from_be_bytes(count) as usize);
    let saiz = boxed(b"saiz", &[&[0, 0, 0, 0, 16][..], &count].concat());
    let first = (end + saiz.len() + 20 + 16) as u32;
    let saio = boxed(b"saio", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &first.to_be_bytes()].concat());
    let senc = boxed(b"senc", &[&[0, 0, 0, 2][..], &count, &all].concat());
    append(root, file, &[b"moof", b"traf"], &[saiz, saio, senc].concat());
}

/// Adds subtitles: a playlist of one file of WebVTT that covers `seconds`.
pub(crate) fn subtitle(root: &Path, attributes: &str, seconds: &str, cues: &str) {
    fs::create_dir(root.join("subtitles")).expect("the set is writable");
    write(root, "subtitles/en.vtt", cues.as_bytes());
    let playlist = format!(
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:8\n#EXT-X-PLAYLIST-TYPE:VOD\n\
         #EXTINF:{seconds},\nen.vtt\n#EXT-X-ENDLIST\n"
    );
    write(root, "subtitles/playlist.m3u8", playlist.as_bytes());
    let media = format!(
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"English\",LANGUAGE=\"en\",\
         URI=\"subtitles/playlist.m3u8\"{attributes}\n#EXT-X-STREAM-INF"
    );
    text(root, "master.m3u8", "#EXT-X-STREAM-INF", &media);
    all(root, "master.m3u8", "#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:SUBTITLES=\"s\",");
}

/// A tag of ID3v2.4: one frame of text.
pub(crate) const TAG: &[u8] = b"ID3\x04\0\0\0\0\0\x0dTXXX\0\0\0\x03\0\0\x03\0x";

/// A message with ID3 (`emsg`): its version, its timescale, when it is for, and what it says.
pub(crate) fn message(version: u8, timescale: u32, at: u32, data: &[u8]) -> Vec<u8> {
    let (scale, at, names) = (timescale.to_be_bytes(), at.to_be_bytes(), b"https://aomedia.org/emsg/ID3\0\0");
    let flags = [version, 0, 0, 0];
    let content = match version {
        0 => [&flags[..], names, &scale, &at, &[0xff; 4], &[0, 0, 0, 1], data].concat(),
        _ => [&flags[..], &scale, &[0; 4], &at, &[0xff; 4], &[0, 0, 0, 1], names, data].concat(),
    };
    boxed(b"emsg", &content)
}

/// So many messages, each of a kind of its own.
pub(crate) fn messages(count: u8) -> Vec<u8> {
    let one = |number| {
        boxed(
            b"emsg",
            &[&[1, 0, 0, 0][..], &[0, 0, 0, 1], &[0; 16], b"urn:x:", &[b'a' + number / 26, b'a' + number % 26, 0, 0]]
                .concat(),
        )
    };
    (0..count).flat_map(one).collect()
}

/// Puts a message in front of the first `moof`.
#[track_caller]
pub(crate) fn tell(root: &Path, file: &str, message: &[u8]) {
    bytes(root, file, |bytes| {
        let places = boxes::walk(bytes, 0, bytes.len()).expect("a good set has sound boxes");
        let first = places.iter().find(|place| place.kind == *b"moof").expect("there is a fragment").start;
        bytes.splice(first..first, message.iter().copied());
    });
}

/// Takes the last `moof` and `mdat` away.
#[track_caller]
pub(crate) fn drop_last_fragment(root: &Path, file: &str) {
    bytes(root, file, |bytes| {
        let places = boxes::walk(bytes, 0, bytes.len()).expect("a good set has sound boxes");
        let last = places.iter().rfind(|place| place.kind == *b"moof").expect("there is a fragment");
        bytes.truncate(last.start);
    });
}

/// Writes a black JPEG.
pub(crate) fn picture(root: &Path, file: &str, width: u32, height: u32) {
    image::RgbImage::new(width, height).save(root.join(file)).expect("the set is writable");
}

/// Swaps two files.
pub(crate) fn swap(root: &Path, one: &str, other: &str) {
    let (first, second) = (read(root, one), read(root, other));
    fs::write(root.join(one), second).expect("the set is writable");
    fs::write(root.join(other), first).expect("the set is writable");
}

/// Takes a file away.
pub(crate) fn remove(root: &Path, file: &str) {
    fs::remove_file(root.join(file)).expect("the set is writable");
}

/// Cuts a file to a length.
pub(crate) fn cut(root: &Path, file: &str, length: usize) {
    bytes(root, file, |bytes| bytes.truncate(length));
}

/// Writes a file.
pub(crate) fn write(root: &Path, file: &str, body: &[u8]) {
    fs::write(root.join(file), body).expect("the set is writable");
}

/// The bytes of a file.
pub(crate) fn read(root: &Path, file: &str) -> Vec<u8> {
    fs::read(root.join(file)).expect("the set is readable")
}
