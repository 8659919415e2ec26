//! `streampack.json`: what was made, from what, with what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;
use super::assemble::Set;
use super::finish::Poster;
use super::owner::TOOL;
use crate::av::caps::{self, Libraries};
use crate::config::Settings;
use crate::event::Warning;
use crate::media::{RenditionId, Resolution, Span};
use crate::output::{Dir, Output, Workspace};
use crate::plan::{CaptionTrack, Metadata, Plan, VideoPlan, names};
use crate::source::SourceInfo;
use crate::thumbs::Sheets;

pub use super::assemble::File;
pub use super::loudness::LoudnessReport;
pub use super::text::TextReport;

/// How reports call what was not encoded.
pub(super) const COPY: &str = "copy";

/// What was made, from what, with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of the format, 1.
    #[schemars(range(min = 1, max = 1))]
    pub v: u32,
    /// What the bytes depend on, as one SHA-256 in hexadecimal.
    pub key: String,
    /// Name and version of the tool.
    pub tool: String,
    /// Versions of FFmpeg and its libraries, by name; of libavfilter only where something was filtered.
    pub ffmpeg: BTreeMap<String, String>,
    /// What the source holds; the list of its key frames is left empty.
    #[schemars(with = "SourceInfo")]
    pub source: serde_json::Value,
    /// What the other files hold, when a set was packaged of several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<SourceInfo>")]
    pub more_sources: Vec<serde_json::Value>,
    /// Every setting, resolved; a preset that asks for the same again.
    #[schemars(with = "Settings")]
    pub settings: serde_json::Value,
    /// Length of the programme in seconds.
    pub duration_s: f64,
    /// Whether the largest rung is the source's own pictures, when it was to be if possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_rung: Option<TopRungReport>,
    /// The video renditions; none when thumbnails were made alone.
    pub video: Vec<VideoReport>,
    /// The key frames of the smallest rendition once more, when there is a DASH manifest.
    pub trick: Option<TrickReport>,
    /// The audio renditions.
    pub audio: Vec<AudioReport>,
    /// The subtitles.
    #[serde(default)]
    pub text: Vec<TextReport>,
    /// Closed captions in the pictures.
    #[serde(default)]
    pub captions: Vec<CaptionTrack>,
    /// Title, language and chapters.
    #[serde(default)]
    pub metadata: Metadata,
    /// The thumbnails, when there are any.
    pub thumbnails: Option<ThumbnailReport>,
    /// Plain files for download.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub progressive: Vec<ProgressiveReport>,
    /// When the poster is shown, in seconds of the programme.
    pub poster_s: Option<f64>,
    /// What was odd.
    pub warnings: Vec<WarningReport>,
    /// How long it took.
    pub timings: Timings,
    /// Every object that was made but this one. The next run may replace and remove what is listed here.
    pub files: Vec<File>,
    /// Nothing had to be done: the set stood already.
    #[serde(skip)]
    pub up_to_date: bool,
}

/// Measured facts of a rendition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Number of segments.
    pub segments: u64,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Mean bits per second.
    pub average_bps: u64,
    /// Largest bits per second over about one segment.
    pub peak_bps: u64,
}

/// One video rendition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoReport {
    /// Its name: `1080p_h264`.
    pub id: String,
    /// Codec string of RFC 6381.
    pub codec: String,
    /// Size of the pictures; pixels are square unless it was packaged as it came.
    pub resolution: Resolution,
    /// Frames per second, exact: `25` or `30000/1001`.
    pub frame_rate: String,
    /// Measured facts.
    #[serde(flatten)]
    pub measured: Measured,
    /// The encoder of FFmpeg: `libx264`; `copy` when it was packaged as it came.
    pub encoder: String,
    /// Its options, each a name and a value.
    pub options: Vec<(String, String)>,
}

/// What became of the wish that the largest rung be the source's own pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopRungReport {
    /// It is.
    pub copied: bool,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

impl TopRungReport {
    fn of(video: &VideoPlan) -> Option<Self> {
        let (copied, reasons) = (video.copied.is_some(), video.not_copied.clone());
        (copied || !reasons.is_empty()).then_some(Self { copied, reasons })
    }
}

/// The key frames of a rendition as a rendition of their own, for fast forward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrickReport {
    /// Its name: `360p_h264_trick`.
    pub id: String,
    /// The rendition whose key frames it holds.
    pub of: String,
    /// Codec string of RFC 6381.
    pub codec: String,
    /// Size of the pictures; pixels are square.
    pub resolution: Resolution,
    /// Measured facts.
    #[serde(flatten)]
    pub measured: Measured,
}

/// One audio rendition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioReport {
    /// Its name: `en_aac_128k`.
    pub id: String,
    /// Codec string of RFC 6381.
    pub codec: String,
    /// Its language: a BCP 47 tag, `und` when none is known.
    pub language: String,
    /// What a player's menu shows.
    pub label: String,
    /// PCM samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Measured facts.
    #[serde(flatten)]
    pub measured: Measured,
    /// The encoder of FFmpeg: `aac`; `copy` when it was packaged as it came.
    pub encoder: String,
    /// How loud it was and has become, when it was brought to a loudness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<LoudnessReport>,
}

/// A plain file for download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProgressiveReport {
    /// Its path in the output: `progressive/720p.mp4`.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The video rendition whose pictures it holds.
    pub video: String,
    /// The audio rendition whose sound it holds, when there is some.
    pub audio: Option<String>,
}

/// The thumbnails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThumbnailReport {
    /// Number of tiles.
    pub tiles: u64,
    /// Number of sheets.
    pub sheets: u64,
    /// Size of one tile.
    pub tile: Resolution,
    /// Seconds from one tile to the next.
    pub interval_s: f64,
}

impl ThumbnailReport {
    pub(super) fn of(sheets: &Sheets) -> Self {
        Self {
            tiles: sheets.sheets.iter().map(|sheet| u64::from(sheet.tiles)).sum(),
            sheets: sheets.sheets.len() as u64,
            tile: sheets.tile,
            interval_s: sheets.interval.as_seconds(),
        }
    }
}

/// Something odd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarningReport {
    /// A stable name for scripts.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

impl WarningReport {
    pub(super) fn all(warnings: Vec<Warning>) -> Vec<Self> {
        warnings.into_iter().map(|w| Self { code: w.code.to_owned(), message: w.message }).collect()
    }
}

/// Wall-clock times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// Reading and planning, in milliseconds.
    pub plan_ms: u64,
    /// Encoding and packaging, in milliseconds.
    pub encode_ms: u64,
    /// Thumbnails, single files and manifests, in milliseconds.
    pub finish_ms: u64,
}

/// The source without the list of its key frames, which is long and says little.
pub(super) fn source(info: &SourceInfo) -> Result<serde_json::Value, Error> {
    let mut info = info.clone();
    for timing in info.video.iter_mut().filter_map(|video| video.timing.as_mut()) {
        timing.key_frames_us.clear();
    }
    json(&info)
}

pub(super) fn json(value: &impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|e| Error::Internal(format!("writing the report failed: {e}")))
}

pub(super) fn measured(set: &Set, id: &RenditionId) -> (String, Measured) {
    let none = Measured { segments: 0, bytes: 0, average_bps: 0, peak_bps: 0 };
    let Some(rendition) = set.presentation.rendition(id) else { return (String::new(), none) };
    let rates = rendition.rates();
    let measured = Measured {
        segments: rendition.segments.len() as u64,
        bytes: rendition.segments.values().map(|s| s.bytes).sum(),
        average_bps: rates.average,
        peak_bps: rates.peak,
    };
    (rendition.init.track.codec_string.to_string(), measured)
}

/// What a report is about.
pub(super) struct About<'a> {
    /// What the bytes depend on.
    pub(super) key: &'a str,
    pub(super) info: &'a SourceInfo,
    pub(super) settings: &'a Settings,
    pub(super) plan: &'a Plan,
    pub(super) text: Vec<TextReport>,
    pub(super) loudness: &'a BTreeMap<RenditionId, LoudnessReport>,
}

impl Report {
    /// The report of a whole set.
    pub(super) fn of_set(
        about: &About<'_>,
        set: &Set,
        poster: Option<Poster>,
        warnings: Vec<Warning>,
        timings: Timings,
    ) -> Result<Self, Error> {
        let plan = about.plan;
        let video = plan.video.iter().flat_map(VideoPlan::all).map(|rendition| {
            let (codec, measured) = measured(set, rendition.id);
            let mut encoded = plan.video.iter().flat_map(|video| &video.renditions);
            let encoding = encoded.find(|encoded| encoded.id == *rendition.id).map(|encoded| &encoded.encoding);
            VideoReport {
                id: rendition.id.name().to_owned(),
                codec,
                resolution: rendition.resolution,
                frame_rate: plan.grid.rate().to_string(),
                measured,
                encoder: encoding.map_or(COPY, |encoding| &encoding.encoder).to_owned(),
                options: encoding.map_or_else(Vec::new, |encoding| encoding.options.clone()),
            }
        });
        let trick = plan.video.iter().find_map(|video| {
            let trick = video.trick.as_ref()?;
            let of = video.all().find(|rendition| *rendition.id == trick.of)?;
            let (codec, measured) = measured(set, &trick.id);
            let (id, of_id) = (trick.id.name().to_owned(), trick.of.name().to_owned());
            Some(TrickReport { id, of: of_id, codec, resolution: of.resolution, measured })
        });
        let audio = plan.audio.iter().map(|rendition| {
            let (codec, measured) = measured(set, &rendition.id);
            AudioReport {
                id: rendition.id.name().to_owned(),
                codec,
                language: rendition.language.tag().to_owned(),
                label: rendition.label.clone(),
                sample_rate: rendition.sample_rate,
                channels: rendition.layout.channels(),
                measured,
                encoder: rendition.encoder.clone(),
                loudness: about.loudness.get(&rendition.id).copied(),
            }
        });
        let progressive = plan.progressive.iter().map(|plain| ProgressiveReport {
            file: plain.file.clone(),
            bytes: set.files().iter().find(|file| file.key == plain.file).map_or(0, |file| file.bytes),
            video: plain.video.name().to_owned(),
            audio: plain.audio.as_ref().map(|id| id.name().to_owned()),
        });
        let progressive = progressive.collect();
        let stills = Self::of_stills(about, set.presentation.sheets(), poster, warnings, timings)?;
        let top_rung = plan.video.as_ref().and_then(TopRungReport::of);
        let (text, files) = (about.text.clone(), set.files().to_vec());
        let (captions, metadata) = (plan.captions.clone(), plan.metadata.clone());
        let (video, audio) = (video.collect(), audio.collect());
        Ok(Self { top_rung, video, trick, audio, text, captions, metadata, progressive, files, ..stills })
    }

    /// The report of thumbnails and poster alone; it lists no file yet.
    pub(super) fn of_stills(
        about: &About<'_>,
        sheets: Option<&Sheets>,
        poster: Option<Poster>,
        warnings: Vec<Warning>,
        timings: Timings,
    ) -> Result<Self, Error> {
        let thumbnails = sheets.map(ThumbnailReport::of);
        let poster_s = poster.map(|poster| about.plan.grid.time_of(poster.frame).as_seconds());
        let (plan, settings) = (about.plan, about.settings);
        let begun = Self::begin(about.key, &[about.info], settings, Libraries::All, plan.duration())?;
        Ok(Self { thumbnails, poster_s, warnings: WarningReport::all(warnings), timings, ..begun })
    }

    /// A report of nothing yet, in which these libraries of FFmpeg take part.
    pub(super) fn begin(
        key: &str,
        sources: &[&SourceInfo],
        settings: &Settings,
        libraries: Libraries,
        duration: Span,
    ) -> Result<Self, Error> {
        let mut sources = sources.iter().map(|info| source(info)).collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(Self {
            v: 1,
            key: key.to_owned(),
            tool: format!("{TOOL}{}", env!("CARGO_PKG_VERSION")),
            ffmpeg: caps::versions(libraries)?.into_iter().collect(),
            source: sources.next().unwrap_or_default(),
            more_sources: sources.collect(),
            settings: json(settings)?,
            duration_s: duration.as_seconds(),
            top_rung: None,
            video: Vec::new(),
            trick: None,
            audio: Vec::new(),
            text: Vec::new(),
            captions: Vec::new(),
            metadata: Metadata::default(),
            thumbnails: None,
            progressive: Vec::new(),
            poster_s: None,
            warnings: Vec::new(),
            timings: Timings { plan_ms: 0, encode_ms: 0, finish_ms: 0 },
            files: Vec::new(),
            up_to_date: false,
        })
    }

    /// The report of an earlier run over the same output; one that cannot be read is as good as none.
    pub(super) fn read(dir: &Dir) -> Result<Option<Self>, Error> {
        match dir.size(names::REPORT)? {
            Some(_) => Ok(serde_json::from_slice(&dir.get(names::REPORT)?).ok()),
            None => Ok(None),
        }
    }

    /// Whether every object it lists stands in the output.
    pub(super) fn stands_in(&self, dir: &Dir) -> Result<bool, Error> {
        for file in &self.files {
            if !dir.exists_with_size(&file.key, file.bytes)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn write(&self, dir: &Dir) -> Result<(), Error> {
        let mut text =
            serde_json::to_vec_pretty(self).map_err(|e| Error::Internal(format!("writing the report failed: {e}")))?;
        text.push(b'\n');
        dir.put(names::REPORT, &text)?;
        Ok(())
    }
}
