//! Which text becomes subtitles, and where it is cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::audio::Unique;
use super::{Layout, names};
use crate::config::Settings;
use crate::media::{Language, RenditionId, RenditionKind, SegmentNumber, Timescale, TrackIndex};
use crate::source::{SourceInfo, TextInfo};

/// One subtitle rendition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextRendition {
    /// Its name: `en`, `en_forced`.
    pub id: RenditionId,
    /// Where its words come from.
    pub from: TextSource,
    /// Its language.
    pub language: Language,
    /// What a player's menu shows; unique among the subtitles.
    pub label: String,
    /// Shown when the viewer has not chosen.
    pub default: bool,
    /// Shown to those who have not asked for subtitles too: what signs say, and foreign words.
    pub forced: bool,
    /// Also says what is heard besides speech, for the deaf and hard of hearing.
    pub hearing_impaired: bool,
    /// Somebody talks about the programme.
    pub commentary: bool,
}

/// Where the words of a rendition come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// A track of a source.
    Track {
        /// Which of the sources, counted from 0.
        file: usize,
        /// The track.
        track: TrackIndex,
    },
    /// A file of subtitles of its own.
    Sidecar {
        /// Which of them, counted from 0.
        number: usize,
    },
}

/// Text that could become subtitles, with what is known or said of it.
#[derive(Clone, Debug)]
struct Candidate {
    from: TextSource,
    language: Language,
    title: Option<String>,
    default: bool,
    forced: bool,
    hearing_impaired: bool,
    commentary: bool,
    packets: Option<u64>,
}

impl Candidate {
    fn of_track(file: usize, info: &TextInfo) -> Self {
        let &TextInfo { track, default, forced, hearing_impaired, commentary, packets, .. } = info;
        let from = TextSource::Track { file, track };
        let (language, title) = (info.language.clone(), info.title.clone());
        Self { from, language, title, default, forced, hearing_impaired, commentary, packets }
    }

    /// Whether another source has the same track.
    fn repeats(&self, other: &Self) -> bool {
        let (TextSource::Track { file, .. }, TextSource::Track { file: own, .. }) = (other.from, self.from) else {
            return false;
        };
        let says =
            |c: &Self| (c.language.clone(), c.title.clone(), c.forced, c.hearing_impaired, c.commentary, c.packets);
        file != own && says(self) == says(other)
    }

    /// The title, or the language and what sets it apart.
    fn label(&self) -> String {
        let printable = |title: &String| title.replace(|c: char| c.is_control(), " ").trim().to_owned();
        let title = self.title.as_ref().map(printable).filter(|title| !title.is_empty());
        let besides = match (self.forced, self.hearing_impaired, self.commentary) {
            (true, _, _) => " (forced)",
            (false, true, _) => " (SDH)",
            (false, false, true) => " (commentary)",
            (false, false, false) => "",
        };
        title.unwrap_or_else(|| format!("{}{besides}", self.language.english()))
    }

    fn name(&self) -> String {
        let besides = match (self.forced, self.hearing_impaired) {
            (true, _) => "_forced",
            (false, true) => "_sdh",
            (false, false) => "",
        };
        format!("{}{besides}", self.language.tag())
    }
}

/// The subtitle renditions of some sources, the default one first: of their text tracks those that are wanted, and
/// then every file that was given.
pub(super) fn renditions<'a>(
    sources: impl IntoIterator<Item = &'a SourceInfo>,
    sidecars: &[SidecarTrack],
    settings: &Settings,
) -> Vec<TextRendition> {
    let asked = &settings.subtitle_languages;
    let wanted = |info: &&TextInfo| {
        let said = info.packets != Some(0);
        said && (asked.is_empty() || asked.iter().any(|range| info.language.is_covered_by(range)))
    };
    let mut candidates: Vec<Candidate> = Vec::new();
    for (file, source) in sources.into_iter().enumerate().filter(|_| settings.subtitles) {
        candidates.extend(source.text.iter().filter(wanted).map(|info| Candidate::of_track(file, info)));
    }
    once(&mut candidates);
    candidates.extend(sidecars.iter().enumerate().map(|(number, sidecar)| sidecar.candidate(number)));
    let default = candidates.iter().position(|candidate| candidate.default);
    if let Some(up_to_default) = default.and_then(|at| candidates.get_mut(..=at)) {
        up_to_default.rotate_right(1);
    }
    let (mut ids, mut labels) = (Unique::default(), Unique::default());
    let rendition = |(position, candidate): (usize, Candidate)| TextRendition {
        id: RenditionId::new(RenditionKind::Text, &ids.claim(&candidate.name(), "_")),
        label: labels.claim(&candidate.label(), " "),
        default: position == 0 && default.is_some(),
        from: candidate.from,
        language: candidate.language,
        forced: candidate.forced,
        hearing_impaired: candidate.hearing_impaired,
        commentary: candidate.commentary,
    };
    candidates.into_iter().enumerate().map(rendition).collect()
}

/// Leaves out what an earlier source holds too: each file of a ladder has the same words.
fn once(candidates: &mut Vec<Candidate>) {
    let mut kept: Vec<Candidate> = Vec::new();
    candidates.retain(|candidate| {
        let known = kept.iter().any(|other| other.repeats(candidate));
        if !known {
            kept.push(candidate.clone());
        }
        !known
    });
}

/// What was said of a file of subtitles, and what its name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SidecarTrack {
    /// Its language, when somebody said it.
    pub language: Option<Language>,
    /// What a player's menu shows, when somebody said it.
    pub name: Option<String>,
    /// The path, whose parts tell the rest: `film.de.forced.srt`.
    pub path: String,
    /// The language that the file itself tells.
    pub own_language: Option<Language>,
}

/// What the name of a file says of its subtitles, as media servers write it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    language: Option<Language>,
    forced: bool,
    hearing_impaired: bool,
    commentary: bool,
}

impl Named {
    /// Read from the end, behind which the format stands, up to the first part that is none of these.
    fn read(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let parts: Vec<&str> = name.split('.').skip(1).collect();
        let (mut named, mut hindi) = (Self::default(), false);
        for part in parts.split_last().map_or(&[][..], |(_, before)| before).iter().rev() {
            match *part {
                "forced" | "foreign" => named.forced = true,
                "sdh" | "cc" => named.hearing_impaired = true,
                // Hindi, unless another part is the language.
                "hi" => hindi = true,
                "commentary" => named.commentary = true,
                other => {
                    let language = Some(Language::parse(other)).filter(|language| !language.is_undetermined());
                    if named.language.is_some() || language.is_none() {
                        break;
                    }
                    named.language = language;
                }
            }
        }
        if hindi && named.language.is_none() {
            named.language = Some(Language::parse("hi"));
        } else {
            named.hearing_impaired |= hindi;
        }
        named
    }
}

impl SidecarTrack {
    fn candidate(&self, number: usize) -> Candidate {
        let Named { language, forced, hearing_impaired, commentary } = Named::read(&self.path);
        let own = self.own_language.clone().filter(|language| !language.is_undetermined());
        Candidate {
            from: TextSource::Sidecar { number },
            language: self.language.clone().or(own).or(language).unwrap_or_else(Language::undetermined),
            title: self.name.clone(),
            default: false,
            forced,
            hearing_impaired,
            commentary,
            packets: None,
        }
    }
}

/// Where text is cut: where the pictures are, or else the sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextCuts {
    /// Ticks per second.
    pub scale: Timescale,
    /// Where segments begin, ascending from 0.
    pub starts: Vec<i64>,
    /// Where the programme ends.
    pub end: i64,
}

impl TextCuts {
    /// Number, start and end of each segment.
    pub fn segments(&self) -> impl Iterator<Item = (SegmentNumber, i64, i64)> {
        let ends = self.starts.iter().copied().skip(1).chain([self.end]);
        (1..)
            .map(SegmentNumber)
            .zip(self.starts.iter().copied().zip(ends))
            .map(|(number, (start, end))| (number, start, end))
    }

    /// Length of the programme in microseconds.
    pub fn length_us(&self) -> i64 {
        (i128::from(self.end) * 1_000_000 / i128::from(self.scale.hz())) as i64
    }
}

/// The keys of everything that these subtitles become, in `segments` segments.
pub(super) fn objects(
    renditions: &[TextRendition],
    segments: u64,
    (layout, hls, dash): (Layout, bool, bool),
) -> Vec<String> {
    let of = |rendition: &TextRendition| {
        let id = &rendition.id;
        let numbers = || (1..=segments).map(SegmentNumber);
        let mut keys = vec![names::whole_text(id)];
        if hls {
            keys.extend(numbers().map(|number| names::page(id, number)));
            keys.push(names::playlist(id));
        }
        match layout {
            Layout::SegmentFiles if dash => {
                keys.push(names::init(id));
                keys.extend(numbers().map(|number| names::segment(id, number)));
            }
            Layout::SingleFile if dash => keys.push(names::single(id)),
            Layout::SegmentFiles | Layout::SingleFile => {}
        }
        keys
    };
    renditions.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sidecar(path: &str) -> TextRendition {
        let track = SidecarTrack { path: path.to_owned(), ..SidecarTrack::default() };
        let candidate = track.candidate(0);
        TextRendition {
            id: RenditionId::new(RenditionKind::Text, &candidate.name()),
            label: candidate.label(),
            from: candidate.from,
            language: candidate.language,
            default: candidate.default,
            forced: candidate.forced,
            hearing_impaired: candidate.hearing_impaired,
            commentary: candidate.commentary,
        }
    }

    #[test]
    fn the_name_of_a_file_says_its_language_and_what_it_is_for() {
        let named = |path: &str| {
            let found = sidecar(path);
            (found.id.name().to_owned(), found.label)
        };
        let pair = |id: &str, label: &str| (id.to_owned(), label.to_owned());
        assert_eq!(named("a.b/film.de.forced.srt"), pair("de_forced", "German (forced)"));
        assert_eq!(named(r"C:\films\film.1080p.en.sdh.vtt"), pair("en_sdh", "English (SDH)"));
        assert_eq!(named("film.srt"), pair("und", "Original"));
        assert_eq!(named("en.srt"), pair("und", "Original"));
        assert_eq!(named("film.hi.srt"), pair("hi", "Hindi"));
        assert_eq!(named("film.en.hi.srt"), pair("en_sdh", "English (SDH)"));
        assert_eq!(named("what.is.great.srt"), pair("und", "Original"));
    }

    #[test]
    fn segments_meet_and_end_with_the_programme() {
        let cuts = TextCuts { scale: Timescale::new(25), starts: vec![0, 50, 100], end: 130 };
        let segments: Vec<_> = cuts.segments().map(|(number, start, end)| (number.0, start, end)).collect();
        assert_eq!(segments, [(1, 0, 50), (2, 50, 100), (3, 100, 130)]);
        assert_eq!(cuts.length_us(), 5_200_000);
    }
}
