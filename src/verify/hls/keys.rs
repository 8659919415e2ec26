//! What the keys of a playlist say of its media.

use super::super::finding::Findings;
use super::super::header::Header;
use super::super::protection::hex;
use super::super::rule::rules;
use super::super::track::Track;

rules! {
    SIGNALLED: Error "RFC 8216bis 4.4.4.4" "encrypted media has an EXT-X-KEY, and clear media has none of sample encryption";
    METHOD: Error "RFC 8216bis 4.4.4.4" "SAMPLE-AES is for media of the scheme cbcs, SAMPLE-AES-CTR for cenc";
    KEY_ID: Error "RFC 8216bis 4.4.4.4" "KEYID of EXT-X-KEY is the key of the media";
}

/// An EXT-X-KEY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// METHOD.
    pub(super) method: String,
    /// KEYID, in lower case and without `0x`.
    pub(super) id: Option<String>,
    /// The number of the first segment that it is for, counted from 0.
    pub(super) from: usize,
}

impl Key {
    fn is_for_samples(&self) -> bool {
        self.method.starts_with("SAMPLE-AES")
    }
}

/// What the keys of a playlist say of its media.
pub(super) fn check_playlist(name: &str, keys: &[Key], header: &Header, track: &Track, findings: &mut Findings<'_>) {
    let count = keys.iter().filter(|key| key.is_for_samples()).count();
    let encrypted = header.entry.encrypted;
    findings.check(encrypted != (count == 0), SIGNALLED, name, || {
        let is = if encrypted { "encrypted" } else { "clear" };
        format!("{} is {is}, and EXT-X-KEY stands there {count} times", header.file)
    });
    let method = match header.entry.scheme.as_ref() {
        Some(b"cbcs") => Some("SAMPLE-AES"),
        Some(b"cenc") => Some("SAMPLE-AES-CTR"),
        Some(_) | None => None,
    };
    for key in keys.iter().filter(|key| key.is_for_samples()) {
        if let Some(method) = method {
            findings.equal(METHOD, name, "METHOD", key.method.as_str(), method);
        }
    }
    if encrypted && count > 0 {
        check_segments(name, keys, track, findings);
    }
}

/// What the keys in force say of each segment: those that were named last.
fn check_segments(name: &str, keys: &[Key], track: &Track, findings: &mut Findings<'_>) {
    for (number, segment) in track.segments.iter().enumerate() {
        let needed = track.of(segment).iter().find_map(|fragment| fragment.key);
        let Some(needed) = needed else { continue };
        let last = keys.iter().map(|key| key.from).filter(|from| *from <= number).max();
        let in_force: Vec<&Key> = keys.iter().filter(|key| Some(key.from) == last && key.is_for_samples()).collect();
        findings.check(!in_force.is_empty(), SIGNALLED, name, || {
            format!("segment {} of the playlist is encrypted, and no EXT-X-KEY is in force", number + 1)
        });
        for said in in_force.iter().filter_map(|key| key.id.as_deref()) {
            findings.equal(
                KEY_ID,
                name,
                format!("KEYID for segment {} of the playlist", number + 1),
                said,
                &hex(&needed),
            );
        }
    }
}
