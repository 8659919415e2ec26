//! HLS: RFC 8216bis and Apple's HLS Authoring Specification. A multivariant or media playlist in, findings out.

mod codecs;
mod data;
mod dates;
mod frames;
mod groups;
mod images;
mod keys;
mod media;
mod multivariant;
mod rates;
mod subtitles;
mod text;
mod variants;
mod version;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::track::Track;
use super::{Rule, Session};
use media::Playlist;
use text::{Attributes, Text};

/// The rules of HLS, by the file that holds them.
pub(super) const RULES: &[&[&Rule]] = &[
    text::RULES,
    version::RULES,
    media::RULES,
    keys::RULES,
    multivariant::RULES,
    groups::RULES,
    variants::RULES,
    codecs::RULES,
    rates::RULES,
    frames::RULES,
    images::RULES,
    subtitles::RULES,
    data::RULES,
    dates::RULES,
];

/// Tags that only a multivariant playlist has.
const MULTIVARIANT: &[&str] = &[
    "EXT-X-MEDIA",
    "EXT-X-STREAM-INF",
    "EXT-X-I-FRAME-STREAM-INF",
    "EXT-X-IMAGE-STREAM-INF",
    "EXT-X-SESSION-DATA",
    "EXT-X-SESSION-KEY",
    "EXT-X-CONTENT-STEERING",
];

/// A media playlist of audio or video with what it lists.
#[derive(Debug)]
struct Rendition {
    /// The path of the playlist.
    name: String,
    playlist: Playlist,
    /// Its media, when it can be read.
    track: Option<Rc<Track>>,
    /// Size and length of each segment.
    load: super::rate::Load,
}

/// A variant.
#[derive(Debug)]
struct Variant {
    uri: String,
    attributes: Attributes,
    /// What it leads to, when that could be read.
    rendition: Option<Rc<Rendition>>,
}

/// The renditions that were read, by the path of their playlist: each is read once.
type Renditions = BTreeMap<String, Rc<Rendition>>;

impl Rendition {
    /// Reads a media playlist and the media it lists.
    fn read(name: &str, renditions: &mut Renditions, session: &mut Session<'_, '_>) -> Option<Rc<Self>> {
        if let Some(rendition) = renditions.get(name) {
            return Some(rendition.clone());
        }
        session.renditions += 1;
        let text = session.files.text(name, &mut session.findings)?;
        let text = Text::read(name, &text, &mut session.findings);
        let playlist = Playlist::read(text, session);
        playlist.check_target(&mut session.findings);
        let track = playlist.track(session);
        let load = playlist.load(session);
        let rendition = Rc::new(Self { name: name.to_owned(), playlist, track, load });
        renditions.insert(name.to_owned(), rendition.clone());
        Some(rendition)
    }

    /// Whether it is known to hold pictures.
    fn is_video(&self) -> bool {
        self.track.as_ref().and_then(|track| track.header.as_ref()).is_some_and(|header| header.is_video())
    }
}

/// Whether a file is a multivariant playlist.
pub(super) fn is_multivariant(name: &str, session: &mut Session<'_, '_>) -> bool {
    let text = session.files.text(name, &mut session.findings);
    text.is_some_and(|text| Text::read(name, &text, &mut session.findings).is_multivariant())
}

/// Checks a playlist and everything it leads to.
pub(super) fn check(name: &str, session: &mut Session<'_, '_>) {
    let Some(text) = session.files.text(name, &mut session.findings) else { return };
    let text = Text::read(name, &text, &mut session.findings);
    if text.is_multivariant() {
        multivariant::check(&text, session);
    } else {
        Rendition::read(name, &mut Renditions::new(), session);
    }
}
