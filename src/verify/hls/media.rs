//! Media playlists: what they list, and whether it is what the media holds.

use std::rc::Rc;

use super::super::finding::{Findings, or_none};
use super::super::rate::Load;
use super::super::rule::rules;
use super::super::sealed::Seal;
use super::super::track::{Listing, Part, Track};
use super::super::{Session, rate};
use super::keys::{self, Key};
use super::text::{Attributes, Line, Text, range};

rules! {
    MISSING: Error "RFC 8216bis 6.2.1" "every URI of a playlist names something that is there";
    KIND: Error "RFC 8216bis 4.1" "a media playlist has no tags of a multivariant playlist";
    TARGET: Error "RFC 8216bis 4.4.3.1" "EXT-X-TARGETDURATION is there";
    WITHIN_TARGET: Error "RFC 8216bis 4.4.3.1" "EXTINF, rounded, is at most the target duration";
    EXTINF: Error "RFC 8216bis 4.4.4.1" "every segment has an EXTINF, which is a number";
    BYTERANGE: Error "RFC 8216bis 4.4.4.2" "byte ranges are LENGTH@OFFSET, and lie in their file";
    MAP_URI: Error "RFC 8216bis 4.4.4.5" "EXT-X-MAP has a URI";
    MAP: Error "Apple 8.20" "playlists of fragmented MP4 have an EXT-X-MAP";
    ENDED: Error "RFC 8216bis 4.4.3.4" "a playlist of a finished programme has EXT-X-ENDLIST";
    TYPE: Error "RFC 8216bis 4.4.3.5" "EXT-X-PLAYLIST-TYPE is VOD or EVENT";
    VOD: Error "Apple 8.6" "a finished programme has EXT-X-PLAYLIST-TYPE VOD, unless it was live and has dates";
    BOUNDED: Error "RFC 8216bis 4.1" "a media playlist names no more segments than a week has";
    NOT_EMPTY: Error "RFC 8216bis 4.1" "a media playlist names a segment";
    LENGTH: Error "Apple 8.1" "EXTINF is the length of the media, up to a sample";
    DRIFT: Error "Apple 8.1" "the EXTINFs add up to the media, up to a sample";
    ROUNDED: Warning "Apple 8.1" "EXTINF is the length of the media to the microsecond";
    BITRATE: Error "RFC 8216bis 4.4.4.8" "EXT-X-BITRATE is within 10 % of the segment";
    SIX_SECONDS: Warning "Apple 7.5" "the target duration is 6 s";
    DATE: Error "RFC 8216bis 4.4.5.1" "a playlist with EXT-X-DATERANGE has EXT-X-PROGRAM-DATE-TIME";
    CHANGED_MAP: Note "RFC 8216bis 4.4.4.5" "media after a change of EXT-X-MAP is not read";
    WHOLE_ENCRYPTED: Note "RFC 8216bis 4.4.4.4" "segments that are encrypted as a whole are read (with --key-file alone)";
    KEY: Error "RFC 8216bis 4.4.4.4" "EXT-X-KEY has a known METHOD, and a URI unless that is NONE";
    MAP_VECTOR: Error "RFC 8216bis 4.4.4.5" "a key of AES-128 that stands before an EXT-X-MAP, and so is for it too, has an IV";
    VECTOR: Error "RFC 8216bis 4.4.4.4" "the IV of EXT-X-KEY is 128 bits in hexadecimal digits";
    FAIRPLAY: Error "Apple 13.2" "FairPlay keys have the method SAMPLE-AES";
    FAIRPLAY_IV: Error "Apple 13.4" "FairPlay keys have no IV attribute";
    NO_CTR: Error "Apple 13.11" "SAMPLE-AES-CTR is not used with FairPlay";
}

/// The rule that everything named is there.
pub(super) const fn missing() -> &'static super::super::Rule {
    MISSING
}

/// The most segments of one playlist: a week of two seconds each.
const MOST_SEGMENTS: usize = 1 << 19;

/// Seconds that EXTINF may be off by: it has six decimals.
const ROUNDING: f64 = 2e-6;

/// One segment, byte range or image.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The value of EXTINF.
    pub(super) seconds: f64,
    /// Where it is.
    pub(super) part: Option<Part>,
    /// EXT-X-TILES, if it stands there.
    pub(super) tiles: Option<String>,
    /// EXT-X-BITRATE, if it stands there: kb/s.
    bitrate: Option<u64>,
    /// EXT-X-DISCONTINUITY stands before it.
    pub(super) discontinuity: bool,
}

/// A media playlist.
#[derive(Debug)]
pub(super) struct Playlist {
    /// Its lines.
    pub(super) text: Text,
    /// EXT-X-TARGETDURATION.
    pub(super) target: u64,
    /// The first EXT-X-MAP.
    pub(super) map: Option<Part>,
    /// Its keys.
    keys: Vec<Key>,
    /// The key of AES-128 that is in force, and its IV.
    seal: Option<(String, Option<[u8; 16]>)>,
    /// EXT-X-MEDIA-SEQUENCE.
    first: u64,
    /// Its segments.
    pub(super) entries: Vec<Entry>,
    /// The programme was live, and its beginning has left the window.
    pub(super) slid: bool,
    /// A reason not to read the media.
    unread: Option<(&'static super::super::Rule, &'static str)>,
}

impl Playlist {
    /// Reads a playlist of media, key frames or images, and checks what all of them must say.
    pub(super) fn read(text: Text, session: &mut Session<'_, '_>) -> Self {
        let findings = &mut session.findings;
        let name = text.name.clone();
        findings.check(!text.is_multivariant(), KIND, &name, || "has tags of a multivariant playlist");
        let target = text.number("EXT-X-TARGETDURATION", findings);
        findings.check(target.is_some(), TARGET, &name, || "EXT-X-TARGETDURATION is missing");
        let ended = text.one("EXT-X-ENDLIST", findings).is_some();
        findings.check(ended, ENDED, &name, || "EXT-X-ENDLIST is missing");
        let kind = text.one("EXT-X-PLAYLIST-TYPE", findings);
        let known = matches!(kind, None | Some("VOD" | "EVENT"));
        findings.check(known, TYPE, &name, || format!("EXT-X-PLAYLIST-TYPE is {}", or_none(kind)));
        // A playlist that was live gets EXT-X-ENDLIST at its end and no other tag (RFC 8216bis § 6.2.1).
        let was_live = kind.is_none() && text.has("EXT-X-PROGRAM-DATE-TIME");
        findings.check(kind == Some("VOD") || was_live || !ended, VOD, &name, || {
            format!("EXT-X-PLAYLIST-TYPE is {}", or_none(kind))
        });
        let removed = text.one("EXT-X-MEDIA-SEQUENCE", findings).and_then(|number| number.parse::<u64>().ok());
        let slid = was_live && removed.is_some_and(|first| first > 1);
        let dated = !text.has("EXT-X-DATERANGE") || text.has("EXT-X-PROGRAM-DATE-TIME");
        findings.check(dated, DATE, &name, || "EXT-X-DATERANGE without EXT-X-PROGRAM-DATE-TIME");
        super::version::check(&text, findings);
        super::dates::check(&text, findings);
        let target_seconds = target.unwrap_or(0);
        let (map, keys, entries) = (None, Vec::new(), Vec::new());
        let (seal, first) = (None, removed.unwrap_or(0));
        let mut playlist = Self { text, target: target_seconds, map, keys, seal, first, entries, slid, unread: None };
        playlist.list(session);
        let findings = &mut session.findings;
        findings.check(!playlist.entries.is_empty(), NOT_EMPTY, &name, || "names no segment");
        for entry in &playlist.entries {
            let kept = target.is_none_or(|target| entry.seconds.round() <= target as f64);
            findings.check(kept, WITHIN_TARGET, &name, || {
                format!("EXTINF is {}, the target duration {}", entry.seconds, or_none(target))
            });
        }
        playlist
    }

    /// Length of everything in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.entries.iter().map(|entry| entry.seconds).sum()
    }

    /// Size and length of every segment.
    pub(super) fn load(&self, session: &mut Session<'_, '_>) -> Load {
        let mut load = Load::new();
        for entry in &self.entries {
            let bytes = entry.part.as_ref().and_then(|part| match part.range {
                Some((_, length)) => Some(length),
                None => session.files.size(&part.file),
            });
            load.push((bytes.unwrap_or(0), entry.seconds));
        }
        load
    }

    /// Reads the media that it lists, and compares lengths.
    pub(super) fn track(&self, session: &mut Session<'_, '_>) -> Option<Rc<Track>> {
        let name = &self.text.name;
        if let Some((rule, why)) = self.unread {
            session.findings.breaks(rule, name, why);
            return None;
        }
        let media = self.entries.iter().map(|entry| entry.part.clone()).collect::<Option<Vec<Part>>>()?;
        let track = session.track(Listing { header: self.map.clone(), media, slid: self.slid });
        if self.map.is_none() && session.is_bmff(&track) {
            session.findings.breaks(MAP, name, "EXT-X-MAP is missing");
        }
        if let Some(header) = &track.header {
            keys::check_playlist(name, &self.keys, header, &track, &mut session.findings);
        }
        self.check_lengths(&track, &mut session.findings);
        self.check_rates(session);
        Some(track)
    }

    fn check_lengths(&self, track: &Track, findings: &mut Findings<'_>) {
        let Some(header) = &track.header else { return };
        let name = &self.text.name;
        let most = track.longest_sample() + ROUNDING;
        let mut sum = track.origin();
        for (entry, segment) in self.entries.iter().zip(&track.segments) {
            sum += entry.seconds;
            let fragments = track.of(segment);
            let Some((begin, end)) = track.shown(fragments) else { continue };
            let uri = entry.part.as_ref().map_or_else(String::new, Part::to_string);
            let (length, end) = (header.seconds(end - begin), header.seconds(end));
            let off = (entry.seconds - length).abs();
            let what = format!("EXTINF of {uri}");
            if off >= most {
                findings.differs(LENGTH, name, what, entry.seconds, format!("{length:.6}"));
            } else if off >= ROUNDING {
                findings.differs(ROUNDED, name, what, entry.seconds, format!("{length:.6}"));
            }
            let drift = (sum - end).abs();
            findings.check(drift < most, DRIFT, name, || {
                format!("the EXTINFs up to {uri} lead to {sum:.6} s, the media is at {end:.6} s")
            });
        }
    }

    fn check_rates(&self, session: &mut Session<'_, '_>) {
        for (entry, (bytes, seconds)) in self.entries.iter().zip(self.load(session)) {
            let Some(said) = entry.bitrate else { continue };
            let real = rate::average(&[(bytes, seconds)]) / 1000.0;
            let kept = (said as f64 - real).abs() <= 0.1 * real + 1.0;
            session.findings.check(kept, BITRATE, &self.text.name, || {
                format!("EXT-X-BITRATE is {said}, the segment has {real:.0} kb/s")
            });
        }
    }

    /// The rules of a playlist of audio or video beyond those of every playlist.
    pub(super) fn check_target(&self, findings: &mut Findings<'_>) {
        let short = self.seconds() < 6.0;
        findings.check(self.target == 6 || short, SIX_SECONDS, &self.text.name, || {
            format!("the target duration is {} s", self.target)
        });
    }

    fn list(&mut self, session: &mut Session<'_, '_>) {
        let mut waiting = Waiting::default();
        let mut next: Option<(String, u64)> = None;
        for line in std::mem::take(&mut self.text.lines) {
            if self.entries.len() >= MOST_SEGMENTS {
                session.findings.breaks(BOUNDED, &self.text.name, format!("names more than {MOST_SEGMENTS} segments"));
                break;
            }
            match &line {
                Line::Tag(tag, value) => self.tag(tag, value, &mut waiting, session),
                Line::Uri(uri) => self.entry(uri, std::mem::take(&mut waiting), &mut next, session),
            }
            self.text.lines.push(line);
        }
    }

    fn tag(&mut self, tag: &str, value: &str, waiting: &mut Waiting, session: &mut Session<'_, '_>) {
        match tag {
            "EXTINF" => waiting.extinf = Some(value.to_owned()),
            "EXT-X-BYTERANGE" => waiting.range = Some(value.to_owned()),
            "EXT-X-TILES" => waiting.tiles = Some(value.to_owned()),
            "EXT-X-BITRATE" => waiting.bitrate = value.parse().ok(),
            "EXT-X-DISCONTINUITY" => waiting.discontinuity = true,
            "EXT-X-MAP" => self.header(value, session),
            "EXT-X-KEY" => self.key(value, session),
            _ => {}
        }
    }

    fn header(&mut self, value: &str, session: &mut Session<'_, '_>) {
        let name = self.text.name.clone();
        let attributes = Attributes::read(&name, value, &mut session.findings);
        let Some(uri) = attributes.get("URI") else {
            return session.findings.breaks(MAP_URI, &name, "EXT-X-MAP has no URI");
        };
        let Some(file) = session.files.resolve(&name, uri, MISSING, &mut session.findings) else { return };
        let said = attributes.get("BYTERANGE");
        let bytes = said.and_then(range);
        session.findings.check(said.is_some() == bytes.is_some(), BYTERANGE, &name, || {
            format!("BYTERANGE of EXT-X-MAP is {}", or_none(said))
        });
        let sealed = self.seal.as_ref().map(|(uri, vector)| (uri.clone(), *vector));
        let told = sealed.as_ref().is_none_or(|(_, vector)| vector.is_some());
        session.findings.check(told, MAP_VECTOR, &name, || "EXT-X-MAP follows an EXT-X-KEY of AES-128 without an IV");
        let sealed = sealed.and_then(|(uri, vector)| Some(Seal { uri, vector: vector? }));
        let part = Part { file, range: bytes.map(|(length, offset)| (offset.unwrap_or(0), length)), sealed };
        if self.map.as_ref().is_some_and(|map| *map != part) {
            self.unread = Some((CHANGED_MAP, "the media was not read: EXT-X-MAP changes"));
        }
        self.map.get_or_insert(part);
    }

    fn key(&mut self, value: &str, session: &mut Session<'_, '_>) {
        let name = &self.text.name;
        let with_keys = session.files.keys().is_some();
        let findings = &mut session.findings;
        let key = Attributes::read(name, value, findings);
        let method = key.get("METHOD").unwrap_or_default();
        let known = matches!(method, "NONE" | "AES-128" | "SAMPLE-AES" | "SAMPLE-AES-CTR");
        let kept = known && (method == "NONE" || key.get("URI").is_some());
        findings.check(kept, KEY, name, || format!("#EXT-X-KEY:{value}"));
        if key.get("KEYFORMAT") == Some("com.apple.streamingkeydelivery") {
            findings.check(method == "SAMPLE-AES" || method == "SAMPLE-AES-CTR", FAIRPLAY, name, || {
                format!("the method is {method}")
            });
            findings.check(method != "SAMPLE-AES-CTR", NO_CTR, name, || "the method is SAMPLE-AES-CTR");
            findings.check(key.get("IV").is_none(), FAIRPLAY_IV, name, || "there is an IV");
        }
        let id = key.get("KEYID").map(|id| id.trim_start_matches("0x").to_ascii_lowercase());
        self.keys.push(Key { method: method.to_owned(), id, from: self.entries.len() });
        let said = key.get("IV");
        let vector = said.and_then(vector);
        findings.check(said.is_some() == vector.is_some(), VECTOR, name, || format!("the IV is {}", or_none(said)));
        match (method, key.get("URI")) {
            ("AES-128", Some(uri)) => {
                self.seal = Some((uri.to_owned(), vector));
                if !with_keys {
                    self.unread = Some((WHOLE_ENCRYPTED, "the media was not read: it is encrypted as a whole"));
                }
            }
            _ => self.seal = None,
        }
    }

    fn entry(&mut self, uri: &str, waiting: Waiting, next: &mut Option<(String, u64)>, session: &mut Session<'_, '_>) {
        let name = &self.text.name;
        let seconds = waiting.extinf.as_ref().and_then(|value| value.split(',').next()?.trim().parse::<f64>().ok());
        let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        session.findings.check(seconds.is_some(), EXTINF, name, || {
            format!("{uri} has the EXTINF {}", or_none(waiting.extinf.as_ref()))
        });
        let file = session.files.resolve(name, uri, MISSING, &mut session.findings);
        let number = self.first.saturating_add(self.entries.len() as u64);
        let sealed = self.seal.as_ref().map(|(uri, vector)| {
            // Without an IV it is the media sequence number (RFC 8216bis § 5.2).
            Seal { uri: uri.clone(), vector: vector.unwrap_or_else(|| u128::from(number).to_be_bytes()) }
        });
        let part = file.and_then(|file| {
            let Some(said) = waiting.range else { return Some(Part { file, range: None, sealed }) };
            let range = range(&said).and_then(|(length, offset)| {
                // Without an offset the range follows the one before in the same file.
                let follows = || next.as_ref().filter(|(before, _)| *before == file).map(|(_, end)| *end);
                let offset = offset.or_else(follows)?;
                let end = offset.checked_add(length)?;
                (end <= session.files.size(&file)?).then_some((offset, length))
            });
            session.findings.check(range.is_some(), BYTERANGE, name, || format!("EXT-X-BYTERANGE of {uri} is {said}"));
            *next = range.map(|(offset, length)| (file.clone(), offset + length));
            Some(Part { file, range: Some(range?), sealed })
        });
        self.entries.push(Entry {
            seconds: seconds.unwrap_or(0.0),
            part,
            tiles: waiting.tiles,
            bitrate: waiting.bitrate,
            discontinuity: waiting.discontinuity,
        });
    }
}

/// The 16 bytes of an IV (RFC 8216bis § 4.2: a hexadecimal sequence).
fn vector(said: &str) -> Option<[u8; 16]> {
    let digits = said.strip_prefix("0x").or(said.strip_prefix("0X"))?;
    let number = (digits.len() <= 32).then(|| u128::from_str_radix(digits, 16).ok()).flatten()?;
    Some(number.to_be_bytes())
}

/// Tags that wait for their URI.
#[derive(Debug, Default)]
struct Waiting {
    extinf: Option<String>,
    range: Option<String>,
    tiles: Option<String>,
    bitrate: Option<u64>,
    discontinuity: bool,
}
