//! Encrypted media with the keys of whoever checks it: do they fit?

use std::path::Path;

use crate::av::strict;
use crate::cancel::CancelToken;
use crate::media::KeyId;

use super::clear::{Cleared, clear};
use super::files::Files;
use super::finding::Findings;
use super::fragment::Fragment;
use super::noise::Looked;
use super::rule::rules;
use super::track::{Part, Track};

rules! {
    FITS: Error "ISO 23001-7 9" "samples that are opened with the key of their id can be decoded (with --key-file)";
    HAS_KEY: Note "ISO 23001-7 9" "the keys that are given are for all encrypted media (with --key-file)";
    OPENED: Note "ISO 23001-7 9" "encrypted media can be opened and decoded here (with --key-file)";
}

/// So many samples are decoded of each key: two seconds of pictures, or one of sound.
const SAMPLES: u64 = 50;

/// The largest header and fragment that are opened.
const MOST_BYTES: u64 = 256 << 20;

/// So many bytes of a track are looked at for noise.
const MOST_NOISE: u64 = 1 << 30;

/// Opens the first fragment under each key of a track, and lets a decoder judge.
///
/// What is opened with another key is noise to its last bit, and no coded picture or frame of sound: decoders that are
/// told to take every error for one refuse it within a few samples. So they do with damaged media, which the finding
/// says. The one of HEVC is the exception: it makes pictures of anything, so all of what is under the key is searched
/// for signs of noise.
pub(super) fn check(track: &Track, files: &mut Files, findings: &mut Findings<'_>, cancel: &CancelToken) {
    let (Some(header), Some(part)) = (&track.header, &track.listing.header) else { return };
    if !header.entry.encrypted || files.keys().is_none() {
        return;
    }
    let mut seen = Vec::new();
    for (segment, media) in track.segments.iter().zip(&track.listing.media) {
        for fragment in track.of(segment) {
            let Some(kid) = fragment.key.filter(|kid| !seen.contains(kid)) else { continue };
            seen.push(kid);
            let name = KeyId(kid);
            let Some(key) = files.keys().and_then(|keys| keys.secret_of(name)) else {
                findings.breaks(HAS_KEY, &media.file, format!("no key is given for the key id {name}"));
                continue;
            };
            let here = format!("moof at byte {}, opened with the key {name}", fragment.offset);
            let read = bytes(files, &part.file, part.range);
            let opened = read.and_then(|read| open(files, &read, (media, fragment), &key).map(|opened| (read, opened)));
            let decoded = opened.and_then(|(read, Cleared { file, .. })| {
                let decoded = strict::decode(Path::new(&media.file), file, SAMPLES, cancel);
                Ok((read, decoded.map_err(|why| why.to_string())?))
            });
            match decoded {
                Ok((_, decoded)) if decoded.errors > 0 => {
                    let why = format!("a decoder meets {} errors in {} samples", decoded.errors, decoded.samples);
                    findings.breaks(FITS, &media.file, format!("{here}: {why}; {OTHER}"));
                }
                Ok((read, _)) if matches!(&header.entry.format, b"hvc1" | b"hev1" | b"dvh1" | b"dvhe") => {
                    let looked = looked(track, files, &read, (kid, &*key), cancel);
                    let Looked { ranges, signs } = looked;
                    if signs > 0 {
                        let why = format!("{signs} of {ranges} slices hold what no encoder writes");
                        findings.breaks(FITS, &media.file, format!("{here}: {why}; {OTHER}"));
                    } else if !looked.enough() {
                        let why = format!(
                            "whether the key fits is not known: {ranges} slices of HEVC are too few to tell them from noise"
                        );
                        findings.breaks(OPENED, &media.file, format!("{here}: {why}"));
                    }
                }
                Ok(_) => {}
                Err(why) => findings.breaks(OPENED, &media.file, format!("{here}: {why}")),
            }
        }
    }
}

/// What is wrong with samples that cannot be decoded.
const OTHER: &str = "the key is another one, or the media is damaged";

/// Some bytes of a file, or all of it.
fn bytes(files: &mut Files, file: &str, range: Option<(u64, u64)>) -> Result<Vec<u8>, String> {
    let mut object = files.open(file).map_err(|why| why.to_string())?;
    let (from, length) = range.unwrap_or((0, object.size));
    if length > MOST_BYTES {
        return Err("it is too large".to_owned());
    }
    object.read(from, length).map_err(|why| why.to_string())
}

/// A fragment behind its header, without encryption.
fn open(
    files: &mut Files,
    header: &[u8],
    (media, fragment): (&Part, &Fragment),
    key: &[u8; 16],
) -> Result<Cleared, String> {
    clear(header, &bytes(files, &media.file, Some((fragment.offset, fragment.bytes)))?, key)
}

/// Looks at what is under one key of a track, from the first fragment on, until a sign is found or enough was seen. What
/// cannot be opened is told of elsewhere.
fn looked(
    track: &Track,
    files: &mut Files,
    header: &[u8],
    (kid, key): ([u8; 16], &[u8; 16]),
    cancel: &CancelToken,
) -> Looked {
    let (mut looked, mut read) = (Looked::default(), 0);
    let length = track.header.as_ref().and_then(|header| header.entry.nal_length).unwrap_or(4);
    let fragments = track.segments.iter().zip(&track.listing.media);
    let fragments = fragments.flat_map(|(segment, media)| track.of(segment).iter().map(move |one| (media, one)));
    for (media, fragment) in fragments.filter(|(_, fragment)| fragment.key == Some(kid)) {
        if looked.signs > 0 || looked.enough() || read > MOST_NOISE || cancel.is_cancelled() {
            break;
        }
        read += fragment.bytes;
        if let Ok(Cleared { file, samples }) = open(files, header, (media, fragment), key) {
            samples.iter().for_each(|sample| looked.add(&file, sample, length));
        }
    }
    looked
}
