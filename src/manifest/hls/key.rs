//! EXT-X-KEY and EXT-X-SESSION-KEY: how players get the key of a track (RFC 8216bis §§ 4.4.4.4, 4.4.6.4).

use crate::crypt::{KeySignal, SegmentKey, SegmentSignal, Signal, SystemData, SystemSignal, WIDEVINE, base64};
use crate::manifest::stored::Media;
use crate::media::protect::hex;
use crate::media::{CutNumber, KeyId};
use crate::package::system_header;

use super::playlist::Playlist;
use super::tag::Tag;

/// Says how the keys of segments are got, wherever the key changes.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    signal: Option<&'a Signal>,
    whole: Option<&'a SegmentSignal>,
    said: Option<Said<'a>>,
}

/// The key that was said last.
#[derive(Debug, PartialEq)]
enum Said<'a> {
    Samples(KeyId),
    Segments(&'a SegmentKey),
}

impl<'a> Cursor<'a> {
    /// At the start of a playlist.
    pub(super) fn new(media: &Media<'a>) -> Self {
        let init = &media.stored.init;
        Self { signal: init.protection.as_ref(), whole: init.segment_keys.as_ref(), said: None }
    }

    /// At the start of a playlist of a rendition whose samples alone may be protected.
    pub(super) fn of_samples(signal: Option<&'a Signal>) -> Self {
        Self { signal, whole: None, said: None }
    }

    /// Says what is new about the segment that follows, which begins at `cut`, once for each key format. What stays clear comes before all
    /// that does not, so that nothing has to be said of it.
    pub(super) fn at(&mut self, playlist: &mut Playlist, cut: CutNumber) {
        if let Some(key) = self.signal.and_then(|signal| signal.of(cut))
            && self.is_new(Said::Samples(key.kid()))
        {
            tags("EXT-X-KEY", key).iter().for_each(|line| playlist.line(line));
        }
        if let Some(key) = self.whole.and_then(|signal| signal.of(cut))
            && self.is_new(Said::Segments(key))
        {
            playlist.line(whole("EXT-X-KEY", key));
        }
    }

    fn is_new(&mut self, key: Said<'a>) -> bool {
        let new = self.said.as_ref() != Some(&key);
        self.said = Some(key);
        new
    }
}

/// The keys of a whole presentation, each once, so that a player can ask for them early. A reference that is relative to
/// the playlists of the renditions leads elsewhere from here (RFC 8216 § 4.1), and is left out.
pub(super) fn session<'a>(playlist: &mut Playlist, all: impl Iterator<Item = &'a Media<'a>>) {
    let mut lines: Vec<String> = Vec::new();
    let tags = all.flat_map(|media| {
        let init = &media.stored.init;
        let samples = init.protection.iter().flat_map(|signal| &signal.keys);
        let samples = samples.flat_map(|key| tags("EXT-X-SESSION-KEY", key));
        let segments = init.segment_keys.iter().flat_map(|signal| &signal.keys);
        let segments = segments.filter(|key| !relative(&key.uri));
        samples.chain(segments.map(|key| whole("EXT-X-SESSION-KEY", key).to_string())).collect::<Vec<_>>()
    });
    for line in tags {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.iter().for_each(|line| playlist.line(line));
}

/// The key of whole segments. Its format is "identity": the URI gives the 16 bytes of the key.
fn whole(name: &str, key: &SegmentKey) -> Tag {
    let tag = Tag::new(name).plain("METHOD", "AES-128").quoted("URI", &key.uri);
    key.vector.iter().fold(tag, |tag, vector| tag.plain("IV", format_args!("0x{}", hex(vector))))
}

fn tags(name: &str, signal: &KeySignal) -> Vec<String> {
    let method = signal.scheme().hls_method();
    let kid = signal.kid();
    let header = |system: &SystemSignal| {
        system.header(kid).map_or(String::new(), |(id, keys, data)| base64(&system_header(&id, &keys, data)))
    };
    let tag = |system: &SystemSignal| {
        let tag = Tag::new(name).plain("METHOD", method);
        let text = |tag: Tag, uri: &str| tag.quoted("URI", uri).plain("KEYID", format_args!("0x{}", kid.hex()));
        let system = match system {
            SystemSignal::Given { data, own } => match (given(name, data), own) {
                (Some(lines), _) => return Some(lines),
                // The pssh of a key server is what Widevine is told.
                (None, Some(own)) if data.system.0 != WIDEVINE || data.pssh.is_none() => own,
                (None, _) => system,
            },
            system => system,
        };
        let (tag, format) = match system {
            SystemSignal::Widevine { .. } => {
                let uri = format!("data:text/plain;base64,{}", header(system));
                (text(tag, &uri), "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed")
            }
            SystemSignal::Playready { object } => {
                let uri = format!("data:text/plain;charset=UTF-16;base64,{}", base64(object));
                (tag.quoted("URI", &uri), "com.microsoft.playready")
            }
            // No IV: it comes with the key (Apple's rule 13.4).
            SystemSignal::Fairplay { uri } => (tag.quoted("URI", uri), "com.apple.streamingkeydelivery"),
            // The address of the licence server: hls.js takes data for a key id, and finds the pssh in the media. It takes
            // one address for one key, so a fragment, which no server sees, tells them apart.
            SystemSignal::Clearkey { url } => (text(tag, &format!("{url}#{}", kid.hex())), "org.w3.clearkey"),
            SystemSignal::Given { data, .. } if data.system.0 == WIDEVINE && data.pssh.is_some() => {
                let uri = format!("data:text/plain;base64,{}", header(system));
                (text(tag, &uri), "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed")
            }
            // What names no system names no way to the key, nor does a key server that says none.
            SystemSignal::Common | SystemSignal::Given { .. } => return None,
        };
        Some(tag.quoted("KEYFORMAT", format).quoted("KEYFORMATVERSIONS", "1").to_string())
    };
    signal.systems.iter().filter_map(tag).filter(|lines| !lines.is_empty()).collect()
}

/// The lines of a key server under the name `name`; those of media playlists stand in the multivariant one too where it
/// gives no others.
fn given(name: &str, data: &SystemData) -> Option<String> {
    let session = name == "EXT-X-SESSION-KEY";
    let own = if session { data.multivariant.as_ref() } else { data.media.as_ref() };
    own.cloned().or_else(|| {
        let media = data.media.as_ref().filter(|_| session)?;
        let elsewhere = |line: &&str| !attribute(line, "URI").is_some_and(relative);
        let lines: Vec<&str> = media.lines().filter(elsewhere).collect();
        Some(lines.join("\n").replace("#EXT-X-KEY:", "#EXT-X-SESSION-KEY:"))
    })
}

/// A quoted attribute of a tag.
fn attribute<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let (_, attributes) = line.split_once(':')?;
    let quotes: Vec<&str> = attributes.split('"').collect();
    // Names and plain values, and what stands in quotes, by turns.
    let at = quotes.as_chunks::<2>().0.iter().find(|[before, _]| {
        before.strip_suffix('=').and_then(|before| before.rsplit(',').next()).is_some_and(|last| last.trim() == name)
    });
    at.map(|[_, value]| *value)
}

/// Whether a reference means another place in another directory: it has neither a scheme nor a path from the root
/// (RFC 3986 § 4.2).
fn relative(uri: &str) -> bool {
    let named = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|other| other.is_ascii_alphanumeric() || "+-.".contains(other))
    };
    !uri.starts_with('/') && !uri.split_once(':').is_some_and(|(scheme, _)| named(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_reference_has_neither_scheme_nor_root() {
        assert!(["k", "../../k", "a/b:c", "?k", "1a:k", ""].into_iter().all(relative));
        assert!(!["https://keys.example/k", "/k", "//host/k", "skd://k", "data:,k"].into_iter().any(relative));
    }

    #[test]
    fn lines_with_relative_references_stay_in_media_playlists() {
        let lines = "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"../k\",KEYFORMAT=\"identity\"\n#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT=\"a,URI=\",URI=\"skd://k\"";
        let (kid, system) = (KeyId([1; 16]), KeyId([2; 16]));
        let media = Some(lines.to_owned());
        let data = SystemData { kid, system, pssh: None, protection: None, media, multivariant: None };
        let session = "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,KEYFORMAT=\"a,URI=\",URI=\"skd://k\"";
        assert_eq!(given("EXT-X-SESSION-KEY", &data).as_deref(), Some(session));
        assert_eq!(given("EXT-X-KEY", &data).as_deref(), Some(lines));
    }
}
