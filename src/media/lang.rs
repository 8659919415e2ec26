//! Languages: a BCP 47 tag for manifests and the ISO 639-2/T code that `mdhd` wants.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language by its BCP 47 tag, `und` when none is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Language(String);

/// The bibliographic codes of ISO 639-2 that differ from the terminology codes which ISO 639-3 kept.
/// Matroska writes them; isolang does not know them.
const BIBLIOGRAPHIC: &[(&str, &str)] = &[
    ("alb", "sqi"),
    ("arm", "hye"),
    ("baq", "eus"),
    ("bur", "mya"),
    ("chi", "zho"),
    ("cze", "ces"),
    ("dut", "nld"),
    ("fre", "fra"),
    ("geo", "kat"),
    ("ger", "deu"),
    ("gre", "ell"),
    ("ice", "isl"),
    ("mac", "mkd"),
    ("may", "msa"),
    ("per", "fas"),
    ("rum", "ron"),
    ("slo", "slk"),
    ("tib", "bod"),
    ("wel", "cym"),
];

fn known(primary: &str) -> Option<isolang::Language> {
    let terminology = BIBLIOGRAPHIC.iter().find(|(b, _)| *b == primary).map_or(primary, |(_, t)| t);
    isolang::Language::from_639_1(terminology).or_else(|| isolang::Language::from_639_3(terminology))
}

impl Language {
    /// The undetermined language, `und`.
    pub fn undetermined() -> Self {
        Self("und".to_owned())
    }

    /// The language a container names: ISO 639-1, 639-2 (both forms) or a BCP 47 tag.
    /// Anything that is none of these is undetermined.
    pub fn parse(text: &str) -> Self {
        let lower = text.trim().replace('_', "-").to_ascii_lowercase();
        let (primary, rest) = lower.split_once('-').map_or((lower.as_str(), None), |(p, r)| (p, Some(r)));
        let Some(language) = known(primary) else { return Self::undetermined() };
        let tail_ok = rest.is_none_or(|r| {
            r.split('-').all(|s| (1..=8).contains(&s.len()) && s.chars().all(|c| c.is_ascii_alphanumeric()))
        });
        if !tail_ok || matches!(language.to_639_3(), "und" | "mis" | "zxx") {
            return Self::undetermined();
        }
        // RFC 5646 § 2.2.1: the shortest code.
        let primary = language.to_639_1().unwrap_or(language.to_639_3());
        let Some(rest) = rest else { return Self(primary.to_owned()) };
        // RFC 5646 § 2.1.1: a script is written Title, a region in capitals, the rest in small letters.
        let cased = rest.split('-').map(|subtag| match subtag.len() {
            4 if subtag.chars().all(|c| c.is_ascii_alphabetic()) => subtag[..1].to_ascii_uppercase() + &subtag[1..],
            2 => subtag.to_ascii_uppercase(),
            _ => subtag.to_owned(),
        });
        Self(std::iter::once(primary.to_owned()).chain(cased).collect::<Vec<_>>().join("-"))
    }

    /// The BCP 47 tag: `en`, `pt-BR`, `und`.
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// Basic filtering of RFC 4647 § 3.3.1: `pt-BR` is covered by `pt`.
    pub fn is_covered_by(&self, range: &Self) -> bool {
        self.0.strip_prefix(range.tag()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// Whether no language is known.
    pub fn is_undetermined(&self) -> bool {
        self.0 == "und"
    }

    /// The three letters of `mdhd.language` (ISO 639-2/T).
    pub fn iso639_2(&self) -> [u8; 3] {
        let primary = self.0.split('-').next().unwrap_or("und");
        known(primary).and_then(|l| l.to_639_3().as_bytes().try_into().ok()).unwrap_or(*b"und")
    }

    /// The English name, for NAME and Label.
    pub fn english(&self) -> &str {
        if self.is_undetermined() {
            return "Original";
        }
        let primary = self.0.split('-').next().unwrap_or("und");
        known(primary).map_or(&self.0, |l| l.to_name())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn container_codes_become_the_shortest_bcp47_tag() {
        let tag = |text: &str| Language::parse(text).tag().to_owned();
        assert_eq!(tag("eng"), "en");
        assert_eq!(tag("ger"), "de");
        assert_eq!(tag("pt_br"), "pt-BR");
        assert_eq!(tag("zh-hant-tw"), "zh-Hant-TW");
        assert_eq!(tag("gsw"), "gsw");
    }

    #[test]
    fn nonsense_is_undetermined() {
        for text in ["", "und", "english", "e", "../x", "en-", "12"] {
            assert!(Language::parse(text).is_undetermined(), "{text}");
        }
    }

    #[test]
    fn mdhd_gets_the_terminology_code() {
        assert_eq!(&Language::parse("fre").iso639_2(), b"fra");
        assert_eq!(&Language::parse("pt-BR").iso639_2(), b"por");
        assert_eq!(&Language::undetermined().iso639_2(), b"und");
    }
}
