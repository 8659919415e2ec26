//! EXT-X-KEY and EXT-X-SESSION-KEY: how players get the key of a track (RFC 8216bis §§ 4.4.4.4, 4.4.6.4).

use crate::crypt::{KeySignal, Signal, SystemSignal, base64};
use crate::manifest::stored::Media;
use crate::media::{KeyId, Scheme, SegmentNumber};
use crate::package::system_header;

use super::playlist::Playlist;
use super::tag::Tag;

/// Says how the keys of segments are got, wherever the key changes.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    signal: Option<&'a Signal>,
    said: Option<KeyId>,
}

impl<'a> Cursor<'a> {
    /// At the start of a playlist.
    pub(super) fn new(media: &Media<'a>) -> Self {
        Self { signal: media.stored.init.protection.as_ref(), said: None }
    }

    /// Says what is new about the segment that follows, once for each key format. What stays clear comes before all
    /// that does not, so that nothing has to be said of it.
    pub(super) fn at(&mut self, playlist: &mut Playlist, number: SegmentNumber) {
        let Some(key) = self.signal.and_then(|signal| signal.of(number)) else { return };
        if self.said.replace(key.kid()) != Some(key.kid()) {
            tags("EXT-X-KEY", key).iter().for_each(|tag| playlist.line(tag));
        }
    }
}

/// The keys of a whole presentation, each once, so that a player can ask for them early.
pub(super) fn session<'a>(playlist: &mut Playlist, all: impl Iterator<Item = &'a Media<'a>>) {
    let mut lines: Vec<String> = Vec::new();
    let keys = all.flat_map(|media| &media.stored.init.protection).flat_map(|signal| &signal.keys);
    for tag in keys.flat_map(|key| tags("EXT-X-SESSION-KEY", key)) {
        let line = tag.to_string();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.iter().for_each(|line| playlist.line(line));
}

fn tags(name: &str, signal: &KeySignal) -> Vec<Tag> {
    let method = match signal.scheme() {
        Scheme::Cbcs => "SAMPLE-AES",
        Scheme::Cenc => "SAMPLE-AES-CTR",
    };
    let kid = signal.kid();
    let header = |system: &SystemSignal| {
        system.header(kid).map_or(String::new(), |(id, keys, data)| base64(&system_header(&id, &keys, data)))
    };
    let tag = |system: &SystemSignal| {
        let tag = Tag::new(name).plain("METHOD", method);
        let text = |tag: Tag, uri: &str| tag.quoted("URI", uri).plain("KEYID", format_args!("0x{}", kid.hex()));
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
            SystemSignal::Clearkey { .. } => {
                let uri = format!("data:text/plain;base64,{}", header(system));
                (text(tag, &uri), "org.w3.clearkey")
            }
            // What names no system names no way to the key.
            SystemSignal::Common => return None,
        };
        Some(tag.quoted("KEYFORMAT", format).quoted("KEYFORMATVERSIONS", "1"))
    };
    signal.systems.iter().filter_map(tag).collect()
}
