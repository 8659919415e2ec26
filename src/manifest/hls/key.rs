//! EXT-X-KEY and EXT-X-SESSION-KEY: how players get the key of a track (RFC 8216bis §§ 4.4.4.4, 4.4.6.4).

use crate::crypt::{Signal, SystemSignal, base64};
use crate::manifest::stored::Media;
use crate::media::Scheme;
use crate::package::system_header;

use super::playlist::Playlist;
use super::tag::Tag;

/// Says of the segments that follow how their key is got, once for each key format.
pub(super) fn write(playlist: &mut Playlist, media: &Media<'_>) {
    let signal = media.stored.init.protection.iter();
    signal.flat_map(|signal| tags("EXT-X-KEY", signal)).for_each(|tag| playlist.line(tag));
}

/// The keys of a whole presentation, each once, so that a player can ask for them early.
pub(super) fn session<'a>(playlist: &mut Playlist, all: impl Iterator<Item = &'a Media<'a>>) {
    let mut lines: Vec<String> = Vec::new();
    for tag in all.flat_map(|media| &media.stored.init.protection).flat_map(|s| tags("EXT-X-SESSION-KEY", s)) {
        let line = tag.to_string();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.iter().for_each(|line| playlist.line(line));
}

fn tags(name: &str, signal: &Signal) -> Vec<Tag> {
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
