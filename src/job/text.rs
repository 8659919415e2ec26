//! Text tracks and files of subtitles in; stored WebVTT and text segments out. It is made anew by every run that has
//! something to do: reading it takes one pass over each file, and the journal need not know of it.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;
use super::journal::Journal;
use super::keep::Keep;
use crate::cancel::CancelToken;
use crate::config::{Settings, SubtitleFile};
use crate::event::{Control, Event, Warning};
use crate::media::{Cue, FrameRate, RenditionId, SampleSink, TrackIndex};
use crate::output::{Dir, Stored, store};
use crate::package::{self, InitSegment, Packager, Page, Segment, text as pages};
use crate::plan::{Cuts, Layout, SidecarTrack, TextCuts, TextRendition, TextSource, names};
use crate::source::text::{self as source, Script};
use crate::source::{OtherInfo, Shift, Sidecar, SourceInfo, sidecar};
use crate::text;

/// One subtitle rendition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextReport {
    /// Its name: `en`.
    pub id: String,
    /// Where its words come from: `track 3` of the source, or the path of a file.
    pub from: String,
    /// Its language: a BCP 47 tag, `und` when none is known.
    pub language: String,
    /// What a player's menu shows.
    pub label: String,
    /// Shown when the viewer has not chosen.
    pub default: bool,
    /// Shown to those who have not asked for subtitles too.
    pub forced: bool,
    /// Also says what is heard besides speech.
    pub hearing_impaired: bool,
    /// Number of cues.
    pub cues: u64,
}

/// Files of subtitles, what is known of each for a plan, and what is odd about them.
type Sidecars = (Vec<Sidecar>, Vec<SidecarTrack>, Vec<Warning>);

/// Reads the files of subtitles that were asked for.
pub(super) fn sidecars(files: &[SubtitleFile], cancel: &CancelToken) -> Result<Sidecars, Error> {
    let (mut sidecars, mut tracks, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for file in files {
        let (read, odd) = sidecar::read(&file.path, cancel)?;
        tracks.push(SidecarTrack {
            language: file.language.clone(),
            name: file.name.clone().or(read.info.title.clone()),
            path: read.input.clone(),
            own_language: Some(read.info.language.clone()),
        });
        sidecars.push(read);
        warnings.extend(odd);
    }
    Ok((sidecars, tracks, warnings))
}

/// Subtitles as pictures.
const PICTURES: &[(&str, &str)] =
    &[("hdmv_pgs_subtitle", "PGS"), ("dvd_subtitle", "VobSub"), ("dvb_subtitle", "DVB"), ("xsub", "XSUB")];

/// What is said of subtitles in a source that cannot become text: one warning for each track that is wanted.
pub(super) fn left_out(info: &SourceInfo, settings: &Settings) -> Vec<Warning> {
    let asked = &settings.subtitle_languages;
    let wanted = |other: &&OtherInfo| {
        let spoken = asked.is_empty() || asked.iter().any(|language| other.language.is_covered_by(language));
        settings.subtitles && other.kind == "subtitle" && spoken
    };
    let warning = |other: &OtherInfo| {
        let (track, language, input) = (other.track.0, &other.language, &info.input);
        let codec = other.codec.as_deref().unwrap_or("unknown");
        match PICTURES.iter().find(|(name, _)| *name == codec) {
            Some((_, name)) => Warning {
                code: "bitmap_subtitles",
                message: format!(
                    "subtitles {language} of {input} (track {track}) are left out: {name} subtitles are pictures, not \
                     text; convert them with OCR and give the result with --subtitles"
                ),
            },
            None => Warning {
                code: "unreadable_subtitles",
                message: format!(
                    "subtitles {language} of {input} (track {track}) are left out: this FFmpeg cannot read {codec} as \
                     text; convert them and give the result with --subtitles"
                ),
            },
        }
    };
    let empty = info.text.iter().filter(|text| settings.subtitles && text.packets == Some(0)).map(|text| Warning {
        code: "empty_track",
        message: format!("track {} is left out: the file holds nothing of it", text.track.0),
    });
    info.other.iter().filter(wanted).map(warning).chain(empty).collect()
}

/// A source of text tracks.
pub(super) struct TextFile<'a> {
    pub(super) path: &'a Path,
    pub(super) shifts: &'a [Shift],
    /// When the programme begins, in microseconds of the file.
    pub(super) origin_us: i64,
}

/// What is made of which words.
pub(super) struct Text<'a> {
    pub(super) renditions: &'a [TextRendition],
    pub(super) files: Vec<TextFile<'a>>,
    pub(super) sidecars: &'a [Sidecar],
    /// When the programme begins, in microseconds of the files of subtitles.
    pub(super) sidecar_origin_us: i64,
    pub(super) cuts: TextCuts,
    pub(super) layout: Layout,
    pub(super) hls: bool,
    pub(super) dash: bool,
}

/// What was made.
#[derive(Debug, Default)]
pub(super) struct TextDone {
    pub(super) inits: Vec<Stored<InitSegment>>,
    pub(super) segments: Vec<Stored<Segment>>,
    pub(super) pages: Vec<Stored<Page>>,
    /// Whole files, each with its key, that are still to be stored.
    pub(super) whole: Vec<(String, String)>,
    /// How many cues each rendition has; one that is not here was not made.
    pub(super) cues: BTreeMap<RenditionId, u64>,
    pub(super) warnings: Vec<Warning>,
}

impl Text<'_> {
    /// Makes everything.
    pub(super) fn run(&self, dir: &Dir, journal: &Journal, control: Control<'_>) -> Result<TextDone, Error> {
        let mut done = TextDone::default();
        let mut scripts = self.scripts(control.cancel)?;
        for rendition in self.renditions {
            control.cancel.check()?;
            let (script, origin_us) = match rendition.from {
                TextSource::Track { .. } => {
                    let found = scripts.remove(&rendition.from);
                    found.ok_or_else(|| Error::Internal(format!("nothing was read for {}", rendition.id)))?
                }
                TextSource::Sidecar { number } => {
                    let sidecar = self.sidecars.get(number);
                    let sidecar = sidecar.ok_or_else(|| Error::Internal(format!("no file for {}", rendition.id)))?;
                    (sidecar.script.clone(), self.sidecar_origin_us)
                }
            };
            if script.refused > 0 && matches!(rendition.from, TextSource::Track { .. }) {
                done.warnings.push(damaged(rendition, &script));
            }
            let length_us = self.cuts.length_us();
            let cues = pages::in_milliseconds(text::within(&script.cues, origin_us, length_us), length_us);
            if cues.is_empty() {
                if !script.cues.is_empty() || script.refused == 0 {
                    let message = format!("{} is left out: nothing of it is said in this programme", rendition.id);
                    done.warnings.push(Warning { code: "empty_subtitles", message });
                }
                continue;
            }
            self.make(rendition, &cues, &mut done, (dir, journal), control)?;
        }
        Ok(done)
    }

    /// The words of all tracks, each with the start of the programme in its file.
    fn scripts(&self, cancel: &CancelToken) -> Result<BTreeMap<TextSource, (Script, i64)>, Error> {
        let mut scripts = BTreeMap::new();
        for (number, file) in self.files.iter().enumerate() {
            let of = |rendition: &TextRendition| match rendition.from {
                TextSource::Track { file, track } if file == number => Some(track),
                TextSource::Track { .. } | TextSource::Sidecar { .. } => None,
            };
            let tracks: Vec<TrackIndex> = self.renditions.iter().filter_map(of).collect();
            for (track, script) in source::read(file.path, &tracks, file.shifts, cancel)? {
                scripts.insert(TextSource::Track { file: number, track }, (script, file.origin_us));
            }
        }
        Ok(scripts)
    }

    fn make(
        &self,
        rendition: &TextRendition,
        cues: &[Cue],
        done: &mut TextDone,
        (dir, journal): (&Dir, &Journal),
        control: Control<'_>,
    ) -> Result<(), Error> {
        let id = &rendition.id;
        if self.hls {
            let made: Vec<(Page, String)> = pages::pages(id, cues, &self.cuts).collect();
            journal.claim(made.iter().map(|(page, _)| page.key.clone()).collect())?;
            for (page, body) in made {
                let (key, bytes, seconds) = (page.key.clone(), page.bytes, page.duration.as_seconds());
                done.pages.push(store(dir, &key, body.as_bytes(), page)?);
                control.observer.on(&Event::SegmentStored { rendition: id, key: &key, bytes, seconds });
            }
        }
        if self.dash {
            let track = pages::track(&rendition.language, &self.cuts);
            let (facts, body) = package::init(id, &track, FrameRate::whole(1), self.layout, None)?;
            let numbers = self.cuts.segments().map(|(number, ..)| number);
            let segments = numbers.map(|number| package::key(self.layout, names::segment(id, number)));
            journal.claim(segments.chain([facts.key.clone()]).collect())?;
            let key = facts.key.clone();
            done.inits.push(store(dir, &key, &body, facts)?);
            let starts = self.cuts.starts.clone();
            let cuts = Cuts::new(self.cuts.scale, starts, (0..self.cuts.starts.len()).collect(), 0);
            let packager = Packager::at(id.clone(), &track, cuts, self.layout, false);
            let mut keep = Keep::new(packager, None, dir, control);
            pages::samples(cues, &self.cuts).into_iter().try_for_each(|sample| keep.push(sample))?;
            done.segments.extend(keep.finish()?);
        }
        done.whole.push((names::whole_text(id), pages::whole_file(cues)));
        done.cues.insert(id.clone(), cues.len() as u64);
        Ok(())
    }
}

fn damaged(rendition: &TextRendition, script: &Script) -> Warning {
    let id = &rendition.id;
    if script.cues.is_empty() {
        let message = format!("{id} is left out: nothing of it can be read; give it as a file with --subtitles");
        return Warning { code: "unreadable_subtitles", message };
    }
    let message = format!("{} lines of {id} could not be read and are left out", script.refused);
    Warning { code: "damaged_subtitles", message }
}

/// What a report says of the subtitles that were made.
pub(super) fn report(
    renditions: &[TextRendition],
    cues: &BTreeMap<RenditionId, u64>,
    sidecars: &[Sidecar],
) -> Vec<TextReport> {
    let from = |source: TextSource| match source {
        TextSource::Track { file: 0, track } => format!("track {}", track.0),
        TextSource::Track { file, track } => format!("track {} of file {}", track.0, file + 1),
        TextSource::Sidecar { number } => {
            sidecars.get(number).map_or_else(String::new, |sidecar| sidecar.input.clone())
        }
    };
    let one = |rendition: &TextRendition| {
        let cues = *cues.get(&rendition.id)?;
        Some(TextReport {
            id: rendition.id.name().to_owned(),
            from: from(rendition.from),
            language: rendition.language.tag().to_owned(),
            label: rendition.label.clone(),
            default: rendition.default,
            forced: rendition.forced,
            hearing_impaired: rendition.hearing_impaired,
            cues,
        })
    };
    renditions.iter().filter_map(one).collect()
}
