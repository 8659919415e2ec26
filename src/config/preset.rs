//! `presets/*.json` and the user's own files: layers with a name.

use std::path::Path;

use schemars::JsonSchema;
use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize};

use super::Layer;
use super::document::{self, Header};
use super::nearest::nearest;

/// The home of every default; not a preset to choose.
const DEFAULTS: &str = include_str!("../../presets/default.json");

/// The presets in the binary, in the order in which they are listed.
const BUILT_IN: [(&str, &str); 10] = [
    ("web", include_str!("../../presets/web.json")),
    ("mobile", include_str!("../../presets/mobile.json")),
    ("social", include_str!("../../presets/social.json")),
    ("screencast", include_str!("../../presets/screencast.json")),
    ("premium", include_str!("../../presets/premium.json")),
    ("archive-4k", include_str!("../../presets/archive-4k.json")),
    ("audio", include_str!("../../presets/audio.json")),
    ("draft", include_str!("../../presets/draft.json")),
    ("live", include_str!("../../presets/live.json")),
    ("live-low-latency", include_str!("../../presets/live-low-latency.json")),
];

/// What errors call a file of this kind.
const KIND: &str = "preset";

/// A layer of settings with a description. Settings that are absent are left to the preset it extends,
/// or to the defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Preset {
    /// Where the schema of this file is; for editors only.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// One sentence for `streampack presets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The built-in preset below this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// What it says.
    #[serde(flatten)]
    pub layer: Layer,
}

/// A preset cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No built-in preset has this name.
    #[error("no preset is called `{name}`; {remedy}")]
    Unknown {
        /// The name.
        name: String,
        /// Which names there are.
        remedy: String,
    },
    /// The file cannot be read, or is not a preset.
    #[error(transparent)]
    Document(#[from] document::Error),
    /// Presets extend each other in a circle.
    #[error("preset {name} extends itself; remove one `extends`")]
    Circle {
        /// Where the circle closes.
        name: String,
    },
}

impl Preset {
    /// The preset used when none is named.
    pub const DEFAULT: &'static str = "web";
    /// The one that a live run takes when none is named.
    pub const LIVE: &'static str = "live";

    /// The names of the built-in presets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The bottom of every stack.
    pub(super) fn defaults() -> Result<Self, Error> {
        Self::parse("default", DEFAULTS)
    }

    /// A built-in preset by its name, or a file when `name` holds a path separator or ends in `.json`.
    pub fn load(name: &str) -> Result<Self, Error> {
        if Self::is_path(name) { Ok(document::load(KIND, Path::new(name))?) } else { Self::built_in(name) }
    }

    /// Whether a name of a preset is that of a file.
    pub(super) fn is_path(name: &str) -> bool {
        name.contains(std::path::is_separator) || name.to_ascii_lowercase().ends_with(".json")
    }

    /// A preset and those it extends, the lowest first, each with its name.
    pub fn chain(name: &str) -> Result<Vec<(String, Self)>, Error> {
        let mut chain = vec![(name.to_owned(), Self::load(name)?)];
        while let Some(below) = chain.last().and_then(|(_, preset)| preset.extends.clone()) {
            if chain.iter().any(|(name, _)| *name == below) {
                return Err(Error::Circle { name: below });
            }
            let preset = Self::built_in(&below)?;
            chain.push((below, preset));
        }
        chain.reverse();
        Ok(chain)
    }

    fn built_in(name: &str) -> Result<Self, Error> {
        match BUILT_IN.iter().find(|(known, _)| *known == name) {
            Some((name, text)) => Self::parse(name, text),
            None => {
                let remedy = match nearest(name, Self::names()) {
                    Some(known) => format!("did you mean {known}?"),
                    None => {
                        let names = Self::names().collect::<Vec<_>>().join(", ");
                        format!("there are {names}, and files by their path (./{name}.json)")
                    }
                };
                Err(Error::Unknown { name: name.to_owned(), remedy })
            }
        }
    }

    /// Reads a preset from its JSON; `path` is for the error.
    pub fn parse(path: &str, text: &str) -> Result<Self, Error> {
        Ok(document::parse(KIND, path, text)?)
    }
}

impl<'de> Deserialize<'de> for Preset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (preset, layer) = document::read::<Self, D>(deserializer)?;
        Ok(Self { layer, ..preset })
    }
}

impl Header for Preset {
    const KEYS: &'static [&'static str] = &["$schema", "description", "extends"];

    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "$schema" => self.schema = map.next_value()?,
            "description" => self.description = map.next_value()?,
            _ => self.extends = map.next_value()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, Setting, Stack};
    use super::*;

    fn refusal(text: &str) -> String {
        Preset::parse("mine.json", text).expect_err("not a preset").to_string()
    }

    #[test]
    fn every_built_in_preset_describes_itself_and_resolves() {
        for name in Preset::names() {
            assert!(Preset::load(name).expect(name).description.is_some(), "{name} has no description");
            let mut stack = Stack::new().expect("defaults");
            stack.preset(name).expect(name);
            stack.resolve().expect(name);
        }
    }

    #[test]
    fn the_default_preset_adds_nothing_to_the_defaults() {
        assert_eq!(Preset::load(Preset::DEFAULT).expect("built in").layer, Layer::default());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_the_nearest_name() {
        let message = refusal("{\n  \"crf\": 20,\n  \"segment_lenght\": 4\n}");
        assert_eq!(
            message,
            "preset mine.json:3:18: no setting is called `segment_lenght`; did you mean `segment_duration`?"
        );
    }

    #[test]
    fn a_bad_value_is_refused_with_its_place() {
        let message = refusal("{\n  \"ladder\": [\"1080p\"]\n}");
        assert_eq!(message, "preset mine.json:2:20: `1080p` is not a rung; write it like 1080p@5000k");
        for text in ["", "[]", "3", "{\"crf\": }", "{\"crf\": 1, \"crf\": 2}", "{\"extends\": 1}", "{} {}"] {
            assert!(refusal(text).starts_with("preset mine.json:1:"), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn values_may_be_texts_numbers_or_objects() {
        let text = r#"{
            "ladder": ["1080p@5000k", { "short_side": 720, "bitrate": 2800000, "crf": 21 }],
            "audio": ["aac@128k", { "codec": "aac", "bitrate": "64k" }],
            "segment_duration": "6s", "gop": 2, "poster": 12.5, "max_frame_rate": 29.97
        }"#;
        let layer = Preset::parse("mine.json", text).expect("valid").layer;
        let again: Layer = serde_json::from_str(&serde_json::to_string(&layer).expect("plain data")).expect("valid");
        assert_eq!(again, layer);
        assert_eq!(layer.ladder.expect("said")[1].crf, Some(21.0));
        assert_eq!(layer.max_frame_rate.expect("said").to_string(), "30000/1001");
    }

    #[test]
    fn settings_as_json_are_a_preset_that_gives_the_same_settings() {
        for name in Preset::names() {
            let mut stack = Stack::new().expect("defaults");
            stack.preset(name).expect(name);
            let settings = stack.resolve().expect(name).settings;
            let text = serde_json::to_string(&settings).expect("plain data");
            assert_eq!(Preset::parse(name, &text).expect(name).layer.resolve().expect(name), settings);
        }
    }

    #[test]
    fn a_file_lies_over_the_preset_it_extends() {
        let file = tempfile::Builder::new().suffix(".json").tempfile().expect("temporary file");
        std::fs::write(file.path(), r#"{ "extends": "mobile", "crf": 25 }"#).expect("written");
        let path = file.path().to_str().expect("UTF-8");
        let mut stack = Stack::new().expect("defaults");
        stack.preset(path).expect("valid");
        let origins = stack.resolve().expect("valid").origins;
        assert_eq!(origins[&Setting::Crf], Origin::Preset(path.to_owned()));
        assert_eq!(origins[&Setting::Ladder], Origin::Preset("mobile".to_owned()));
    }

    #[test]
    fn an_unknown_preset_suggests_the_nearest() {
        let message = |name: &str| Preset::load(name).expect_err("unknown").to_string();
        assert_eq!(message("mobil"), "no preset is called `mobil`; did you mean mobile?");
        assert!(message("xyz").contains("there are web, mobile"), "{}", message("xyz"));
        assert!(message("./none.json").starts_with("cannot read preset ./none.json"), "{}", message("./none.json"));
    }
}
