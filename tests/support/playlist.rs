//! HLS playlists as text: tags with their attributes, in order. m3u8-rs reads each of them too.

use std::collections::BTreeMap;

use super::files::Files;
use super::findings::Findings;

/// One line that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// `#NAME` or `#NAME:VALUE`, without the `#`.
    Tag(String, String),
    /// A URI.
    Uri(String),
}

/// A playlist.
#[derive(Debug, Clone)]
pub struct Playlist {
    /// Its path in the set.
    pub name: String,
    /// Its lines after `#EXTM3U`.
    pub lines: Vec<Line>,
}

/// One media segment, byte range or image of a media playlist.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The value of EXTINF.
    pub seconds: f64,
    /// Length and offset, where EXT-X-BYTERANGE says them.
    pub range: Option<(u64, u64)>,
    /// The URI.
    pub uri: String,
    /// Other tags in front of it.
    pub tags: Vec<(String, String)>,
}

impl Playlist {
    /// Reads a playlist of the set.
    pub fn read(files: &Files, name: &str, findings: &mut Findings) -> Self {
        let text = files.text(name, findings);
        let lines = text.lines().skip(1).filter(|line| !line.is_empty()).map(|line| match line.strip_prefix('#') {
            Some(tag) => {
                let (tag, value) = tag.split_once(':').unwrap_or((tag, ""));
                Line::Tag(tag.to_owned(), value.to_owned())
            }
            None => Line::Uri(line.to_owned()),
        });
        let lines: Vec<Line> = lines.collect();
        for line in &lines {
            if let Line::Tag(tag, _) = line {
                findings.rule(KNOWN.contains(&&tag[..]), name, format!("#{tag} is no tag that is expected here"));
            }
        }
        Self { name: name.to_owned(), lines }
    }

    /// The values of a tag, in order.
    pub fn values(&self, tag: &str) -> Vec<&str> {
        let value = |line: &'_ Line| matches!(line, Line::Tag(name, _) if name == tag);
        self.lines.iter().filter(|l| value(l)).map(|l| if let Line::Tag(_, v) = l { &v[..] } else { "" }).collect()
    }

    /// The entries of a media playlist.
    pub fn entries(&self, findings: &mut Findings) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut waiting = Vec::new();
        for line in &self.lines {
            match line {
                Line::Tag(tag, value) if OF_AN_ENTRY.contains(&&tag[..]) => waiting.push((tag.clone(), value.clone())),
                Line::Tag(..) => {}
                Line::Uri(uri) => entries.push(self.entry(uri, std::mem::take(&mut waiting), findings)),
            }
        }
        entries
    }

    fn entry(&self, uri: &str, tags: Vec<(String, String)>, findings: &mut Findings) -> Entry {
        let value = |tag: &str| tags.iter().find(|(t, _)| t == tag).map(|(_, v)| &v[..]);
        let seconds = value("EXTINF").and_then(|v| v.split(',').next()?.parse().ok());
        let seconds = findings.some(seconds, &self.name, format!("{uri} has no EXTINF")).unwrap_or_default();
        let range = value("EXT-X-BYTERANGE").and_then(range);
        Entry { seconds, range, uri: uri.to_owned(), tags }
    }
}

/// `LENGTH@OFFSET`.
pub fn range(text: &str) -> Option<(u64, u64)> {
    let (length, offset) = text.split_once('@')?;
    Some((length.parse().ok()?, offset.parse().ok()?))
}

/// The byte ranges that a media playlist names, as offset and length; nothing when it is not there.
pub fn byte_ranges(files: &Files, name: &str, findings: &mut Findings) -> Option<Vec<(u64, u64)>> {
    // Subtitles have WebVTT segments there, beside the one file.
    if !files.has(name) || name.starts_with("subtitles/") {
        return None;
    }
    let entries = Playlist::read(files, name, findings).entries(findings);
    let ranges = entries.iter().map(|e| e.range.map(|(length, offset)| (offset, length))).collect();
    findings.some(ranges, name, "a segment of a single file has no byte range")
}

/// An attribute list (RFC 8216bis § 4.2): values without their quotation marks.
#[derive(Debug, Clone, Default)]
pub struct Attributes {
    values: BTreeMap<String, String>,
}

impl Attributes {
    /// Reads `A=1,B="x,y"`.
    pub fn read(file: &str, text: &str, findings: &mut Findings) -> Self {
        let mut values = BTreeMap::new();
        let mut rest = text;
        while !rest.is_empty() {
            let Some((name, after)) = rest.split_once('=') else {
                findings.rule(false, file, format!("{rest} is no attribute list"));
                break;
            };
            let (value, after) = match after.strip_prefix('"') {
                Some(inside) => inside.split_once('"').unwrap_or((inside, "")),
                None => after.split_at(after.find(',').unwrap_or(after.len())),
            };
            values.insert(name.to_owned(), value.to_owned());
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        Self { values }
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// Tags that belong to the URI after them.
const OF_AN_ENTRY: &[&str] = &["EXTINF", "EXT-X-BYTERANGE", "EXT-X-TILES", "EXT-X-DISCONTINUITY", "EXT-X-BITRATE"];

/// Every tag that a set may use.
const KNOWN: &[&str] = &[
    "EXT-X-VERSION",
    "EXT-X-INDEPENDENT-SEGMENTS",
    "EXT-X-MEDIA",
    "EXT-X-SESSION-DATA",
    "EXT-X-STREAM-INF",
    "EXT-X-I-FRAME-STREAM-INF",
    "EXT-X-IMAGE-STREAM-INF",
    "EXT-X-TARGETDURATION",
    "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-PLAYLIST-TYPE",
    "EXT-X-I-FRAMES-ONLY",
    "EXT-X-IMAGES-ONLY",
    "EXT-X-MAP",
    "EXTINF",
    "EXT-X-BYTERANGE",
    "EXT-X-BITRATE",
    "EXT-X-TILES",
    "EXT-X-ENDLIST",
];
