//! Encrypted media with the keys of whoever checks it: do they fit?

use std::path::Path;

use crate::av::strict;
use crate::cancel::CancelToken;
use crate::media::KeyId;

use super::clear::clear;
use super::files::Files;
use super::finding::Findings;
use super::rule::rules;
use super::track::Track;

rules! {
    FITS: Error "ISO 23001-7 9" "samples that are opened with the key of their id can be decoded (with --key-file)";
    HAS_KEY: Note "ISO 23001-7 9" "the keys that are given are for all encrypted media (with --key-file)";
    OPENED: Note "ISO 23001-7 9" "encrypted media can be opened and decoded here (with --key-file)";
}

/// So many samples are decoded of each key: two seconds of pictures, or one of sound.
const SAMPLES: u64 = 50;

/// The largest header and fragment that are opened.
const MOST_BYTES: u64 = 256 << 20;

/// Opens the first fragment under each key of a track, and lets a decoder judge.
///
/// What is opened with another key is noise to its last bit, and no coded picture or frame of sound: decoders that are
/// told to take every error for one refuse it within a few samples. So they do with damaged media, which the finding
/// says. The one of HEVC is the exception: it makes pictures of anything.
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
            let kid = KeyId(kid);
            let Some(key) = files.keys().and_then(|keys| keys.secret_of(kid)) else {
                findings.breaks(HAS_KEY, &media.file, format!("no key is given for the key id {kid}"));
                continue;
            };
            let mut bytes = |file: &str, range: Option<(u64, u64)>| {
                let mut object = files.open(file).map_err(|why| why.to_string())?;
                let (from, length) = range.unwrap_or((0, object.size));
                if length > MOST_BYTES {
                    return Err("it is too large".to_owned());
                }
                object.read(from, length).map_err(|why| why.to_string())
            };
            let read = bytes(&part.file, part.range)
                .and_then(|header| Ok((header, bytes(&media.file, Some((fragment.offset, fragment.bytes)))?)));
            let opened = read.and_then(|(header, fragment)| clear(&header, &fragment, &key));
            let decoded = opened.and_then(|file| {
                strict::decode(Path::new(&media.file), file, SAMPLES, cancel).map_err(|why| why.to_string())
            });
            let here = format!("moof at byte {}, opened with the key {kid}", fragment.offset);
            match decoded {
                Ok(_) if matches!(&header.entry.format, b"hvc1" | b"hev1" | b"dvh1" | b"dvhe") => {
                    let why = "whether the key fits is not known, for a decoder of HEVC makes pictures of noise too";
                    findings.breaks(OPENED, &media.file, format!("{here}: {why}"));
                }
                Ok(decoded) => {
                    findings.check(decoded.errors == 0, FITS, &media.file, || {
                        format!(
                            "{here}: a decoder meets {} errors in {} samples; the key is another one, or the media is \
                             damaged",
                            decoded.errors, decoded.samples
                        )
                    });
                }
                Err(why) => findings.breaks(OPENED, &media.file, format!("{here}: {why}")),
            }
        }
    }
}
