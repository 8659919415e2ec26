//! What is told of a programme besides its media: title, language, chapters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names;
use crate::media::Language;
use crate::source::SourceInfo;

/// What is told of a programme besides its media.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// Its title.
    pub title: Option<String>,
    /// The language of title and chapters, when the source says one.
    pub language: Option<Language>,
    /// Its chapters, in order.
    pub chapters: Vec<ChapterPlan>,
}

/// One chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChapterPlan {
    /// When it begins, in microseconds of the programme.
    pub start_us: i64,
    /// When it ends, in microseconds of the programme.
    pub end_us: i64,
    /// What a player's menu shows.
    pub title: String,
}

impl Metadata {
    /// What `info` tells of a programme that begins at `origin_us` of it and lasts `length_us`.
    pub(super) fn of(info: &SourceInfo, origin_us: i64, length_us: i64) -> Self {
        let printable = |text: &String| text.replace(|c: char| c.is_control(), " ").trim().to_owned();
        let said = |text: Option<&String>| text.map(printable).filter(|text| !text.is_empty());
        let at = |us: i64| us.saturating_sub(origin_us).clamp(0, length_us.max(0));
        let chapters = (1..).zip(&info.chapters).map(|(number, chapter)| ChapterPlan {
            start_us: at(chapter.start_us),
            end_us: at(chapter.end_us),
            title: said(chapter.title.as_ref()).unwrap_or_else(|| format!("Chapter {number}")),
        });
        let spoken = info.audio.iter().find(|audio| audio.default).or(info.audio.first());
        let spoken = spoken.map(|audio| audio.language.clone()).filter(|language| !language.is_undetermined());
        Self {
            title: said(info.title.as_ref()),
            language: info.language.clone().or(spoken),
            chapters: chapters.filter(|chapter| chapter.start_us < chapter.end_us).collect(),
        }
    }

    /// The keys of what this becomes.
    pub(super) fn objects(&self, hls: bool) -> Vec<String> {
        let some = !self.chapters.is_empty();
        let json = (some && hls).then_some(names::CHAPTERS_JSON);
        let webvtt = some.then_some(names::CHAPTERS_VTT);
        json.into_iter().chain(webvtt).map(str::to_owned).collect()
    }
}
