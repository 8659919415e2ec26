//! Playlists as text: tags with their attributes, in order.

use std::collections::BTreeMap;

use super::super::finding::Findings;
use super::super::rule::rules;

rules! {
    HEADER: Error "RFC 8216bis 4.4.1.1" "the first line is #EXTM3U";
    CONTROL: Error "RFC 8216bis 4.1" "there are no control characters but line ends";
    ATTRIBUTES: Error "RFC 8216bis 4.2" "attribute lists are AttributeName=AttributeValue, parted by commas";
    ONCE: Error "RFC 8216bis 4.2" "an attribute stands at most once in a list";
    QUOTED: Error "RFC 8216bis 4.2" "attributes are quoted strings where they must be, and only there";
    SINGLE: Error "RFC 8216bis 4.4" "a tag that may stand once stands once";
    BOUNDED: Error "RFC 8216bis 4.1" "a playlist has no more lines than a week of segments needs";
    NUMBER: Error "RFC 8216bis 4.2" "numbers are numbers";
}

/// The most lines of one playlist: three for each segment of two seconds in a week.
const MOST_LINES: usize = 1 << 20;

/// One line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// `#EXTNAME` or `#EXTNAME:VALUE`, without the `#`.
    Tag(String, String),
    /// A URI.
    Uri(String),
}

/// A playlist.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Its path in the set.
    pub(super) name: String,
    /// Its lines after `#EXTM3U`, without comments.
    pub(super) lines: Vec<Line>,
}

impl Text {
    /// Reads a playlist.
    pub(super) fn read(name: &str, text: &str, findings: &mut Findings<'_>) -> Self {
        let first = text.lines().next().unwrap_or_default();
        findings.check(first.trim_end() == "#EXTM3U", HEADER, name, || format!("the first line is {first:?}"));
        let control = text.lines().any(|line| line.chars().any(char::is_control));
        findings.check(!control, CONTROL, name, || "holds control characters");
        let mut lines = Vec::new();
        for line in text.lines().skip(1).map(str::trim_end).filter(|line| !line.is_empty()) {
            if lines.len() >= MOST_LINES {
                findings.breaks(BOUNDED, name, format!("has more than {MOST_LINES} lines"));
                break;
            }
            match line.strip_prefix('#') {
                Some(tag) if tag.starts_with("EXT") => {
                    let (tag, value) = tag.split_once(':').unwrap_or((tag, ""));
                    lines.push(Line::Tag(tag.to_owned(), value.to_owned()));
                }
                Some(_) => {}
                None => lines.push(Line::Uri(line.to_owned())),
            }
        }
        Self { name: name.to_owned(), lines }
    }

    /// Whether it is a multivariant playlist.
    pub(super) fn is_multivariant(&self) -> bool {
        self.lines.iter().any(|line| matches!(line, Line::Tag(tag, _) if super::MULTIVARIANT.contains(&&tag[..])))
    }

    /// The values of a tag, in order.
    pub(super) fn values(&self, tag: &str) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(move |line| match line {
            Line::Tag(name, value) if name == tag => Some(&value[..]),
            Line::Tag(..) | Line::Uri(_) => None,
        })
    }

    /// Whether a tag stands somewhere.
    pub(super) fn has(&self, tag: &str) -> bool {
        self.values(tag).next().is_some()
    }

    /// The value of a tag that may stand once.
    pub(super) fn one(&self, tag: &str, findings: &mut Findings<'_>) -> Option<&str> {
        let mut values = self.values(tag);
        let first = values.next();
        findings.check(values.next().is_none(), SINGLE, &self.name, || format!("#{tag} stands more than once"));
        first
    }

    /// The number of a tag that may stand once.
    pub(super) fn number(&self, tag: &str, findings: &mut Findings<'_>) -> Option<u64> {
        let value = self.one(tag, findings)?;
        let number = value.parse().ok();
        findings.check(number.is_some(), NUMBER, &self.name, || format!("#{tag} is {value:?}"));
        number
    }
}

/// An attribute list (RFC 8216bis § 4.2), values without their quotation marks.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// Reads `A=1,B="x,y"` of the playlist `name`.
    pub(super) fn read(name: &str, text: &str, findings: &mut Findings<'_>) -> Self {
        let mut values = BTreeMap::new();
        let mut rest = text;
        while !rest.is_empty() {
            let Some((key, after)) = rest.split_once('=').filter(|(key, _)| is_name(key)) else {
                findings.breaks(ATTRIBUTES, name, format!("{rest:?} is no attribute list"));
                break;
            };
            let (value, quoted, after) = match after.strip_prefix('"') {
                Some(inside) => match inside.split_once('"') {
                    Some((value, after)) => (value, true, after),
                    None => {
                        findings.breaks(ATTRIBUTES, name, format!("{after:?} lacks a quotation mark"));
                        break;
                    }
                },
                None => {
                    let end = after.find(',').unwrap_or(after.len());
                    (&after[..end], false, &after[end..])
                }
            };
            let wrong = if quoted { UNQUOTED.contains(&key) } else { STRINGS.contains(&key) };
            findings.check(!wrong, QUOTED, name, || format!("{key} in {text}"));
            let new = values.insert(key.to_owned(), value.to_owned()).is_none();
            findings.check(new, ONCE, name, || format!("{key} stands twice in {text}"));
            let next = after.strip_prefix(',');
            if next.is_none() && !after.is_empty() {
                findings.breaks(ATTRIBUTES, name, format!("{after:?} follows {key}"));
                break;
            }
            rest = next.unwrap_or_default();
        }
        Self(values)
    }

    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&name[..], &value[..]))
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// Whether an attribute says YES.
    pub(super) fn yes(&self, name: &str) -> bool {
        self.get(name) == Some("YES")
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}

/// `LENGTH@OFFSET` or `LENGTH`.
pub(super) fn range(text: &str) -> Option<(u64, Option<u64>)> {
    match text.split_once('@') {
        Some((length, offset)) => Some((length.parse().ok()?, Some(offset.parse().ok()?))),
        None => Some((text.parse().ok()?, None)),
    }
}

/// `WIDTHxHEIGHT`.
pub(super) fn pair(text: &str) -> Option<(u64, u64)> {
    let (a, b) = text.split_once('x')?;
    Some((a.parse().ok()?, b.parse().ok()?))
}

/// Attributes whose value is a quoted string.
const STRINGS: &[&str] = &[
    "AUDIO",
    "ASSOC-LANGUAGE",
    "BYTERANGE",
    "CHANNELS",
    "CHARACTERISTICS",
    "CLASS",
    "CODECS",
    "CUE",
    "DATA-ID",
    "END-DATE",
    "GROUP-ID",
    "ID",
    "INSTREAM-ID",
    "KEYFORMAT",
    "KEYFORMATVERSIONS",
    "LANGUAGE",
    "NAME",
    "PATHWAY-ID",
    "STABLE-RENDITION-ID",
    "STABLE-VARIANT-ID",
    "START-DATE",
    "SUBTITLES",
    "SUPPLEMENTAL-CODECS",
    "URI",
    "VALUE",
    "VIDEO",
];

/// Attributes whose value is a number or a word.
const UNQUOTED: &[&str] = &[
    "AUTOSELECT",
    "AVERAGE-BANDWIDTH",
    "BANDWIDTH",
    "DEFAULT",
    "DURATION",
    "FORCED",
    "FRAME-RATE",
    "HDCP-LEVEL",
    "IV",
    "METHOD",
    "PLANNED-DURATION",
    "RESOLUTION",
    "SCORE",
    "SCTE35-CMD",
    "SCTE35-IN",
    "SCTE35-OUT",
    "TYPE",
    "VIDEO-RANGE",
];
