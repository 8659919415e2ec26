//! Files of subtitles as people name them: `film.de.srt`, `film.srt:de`, `film.srt:de:Deutsch`.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::setting::ParseSettingError;
use super::text::language;
use crate::media::Language;

/// A file of subtitles, and what was said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubtitleFile {
    /// The file.
    pub path: PathBuf,
    /// Its language; nothing means: what the file or its name says.
    pub language: Option<Language>,
    /// What a player's menu shows; nothing means: the language and what it is for.
    pub name: Option<String>,
}

/// Extensions of text that FFmpeg reads. After one of them a colon does not belong to the path.
const EXTENSIONS: &[&str] = &[
    "srt", "vtt", "ass", "ssa", "sub", "txt", "smi", "sami", "mpl2", "mpl", "jss", "stl", "rt", "usf", "lrc", "aqt",
    "pjs", "psb", "scc", "ttml", "xml", "dfxp", "mkv", "mks", "mka", "mp4", "m4v", "mov",
];

impl FromStr for SubtitleFile {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |remedy: &str| ParseSettingError::new(text, "a file of subtitles", remedy);
        let (path, said) = match end_of_path(text) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        if path.is_empty() {
            return Err(refuse("write it like film.srt, film.srt:de or film.srt:de:Deutsch"));
        }
        let (tag, name) = said.map_or((None, None), |said| match said.split_once(':') {
            Some((tag, name)) => (Some(tag), Some(name)),
            None => (Some(said), None),
        });
        let tag = tag.map(str::trim).filter(|tag| !tag.is_empty());
        let name = name.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(Self { path: PathBuf::from(path), language: tag.map(language).transpose()?, name })
    }
}

impl Serialize for SubtitleFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tag = self.language.as_ref().map_or("", |language| language.tag());
        let name = self.name.as_deref().unwrap_or_default();
        serializer.collect_str(&format_args!("{}:{tag}:{name}", self.path.display()))
    }
}

impl<'de> Deserialize<'de> for SubtitleFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The colon behind the path: one that follows the extension of a text, or else the first one behind which stands a
/// language. The one of `C:\` never is.
fn end_of_path(text: &str) -> Option<usize> {
    let drive = |at: usize| {
        at == 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text[2..].starts_with(['\\', '/'])
    };
    let colons = || text.match_indices(':').map(|(at, _)| at).filter(|&at| !drive(at));
    let known = |at: &usize| {
        let extension = text[..*at].rsplit(['/', '\\']).next().and_then(|name| Some(name.rsplit_once('.')?.1));
        extension.is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
    };
    let spoken = |at: &usize| {
        let tag = text[at + 1..].split(':').next().unwrap_or_default();
        language(tag).is_ok()
    };
    colons().find(known).or_else(|| colons().find(spoken))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Option<String>, Option<String>) {
        let file: SubtitleFile = text.parse().expect(text);
        let language = file.language.map(|language| language.tag().to_owned());
        (file.path.display().to_string(), language, file.name)
    }

    fn wanted(path: &str, language: Option<&str>, name: Option<&str>) -> (String, Option<String>, Option<String>) {
        (path.to_owned(), language.map(str::to_owned), name.map(str::to_owned))
    }

    #[test]
    fn language_and_name_follow_the_path() {
        assert_eq!(read("film.srt"), wanted("film.srt", None, None));
        assert_eq!(read("a/film.de.vtt:ger"), wanted("a/film.de.vtt", Some("de"), None));
        assert_eq!(read("film.srt:pt-BR:Legendas: todas"), wanted("film.srt", Some("pt-BR"), Some("Legendas: todas")));
        assert_eq!(read("film.srt::Comments"), wanted("film.srt", None, Some("Comments")));
        assert_eq!(read("film.srt:"), wanted("film.srt", None, None));
    }

    #[test]
    fn colons_of_a_path_stay_in_it() {
        assert_eq!(read(r"C:\films\film.srt"), wanted(r"C:\films\film.srt", None, None));
        assert_eq!(read(r"c:/films/film.srt:en:English"), wanted("c:/films/film.srt", Some("en"), Some("English")));
        assert_eq!(read("Mission: Possible.srt"), wanted("Mission: Possible.srt", None, None));
        assert_eq!(read("part:2.srt:en"), wanted("part:2.srt", Some("en"), None));
        assert_eq!(read("words:de"), wanted("words", Some("de"), None));
    }

    #[test]
    fn what_is_no_language_is_refused_behind_a_file() {
        let message = "film.srt:klingonese".parse::<SubtitleFile>().map_err(|e| e.to_string());
        assert!(message.is_err_and(|m| m.starts_with("`klingonese` is not a language")));
        assert!("".parse::<SubtitleFile>().is_err());
        assert!(":de".parse::<SubtitleFile>().is_err());
    }
}
