//! Coded files in; out comes what is packaged of them as what, and where it is cut. Pure.

mod align;
mod clock;
mod objects;
mod pictures;
mod sound;
mod stills;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AudioOffer, AudioRole, CaptionTrack, Cuts, Error, Layout, Marks, Metadata, Offer, SidecarTrack, TextCuts,
    TextOffer, TextRendition, TrickOffer, TrickRendition, VideoOffer, captions, text,
};
use crate::config::Settings;
use crate::media::{
    AudioCodec, Bitrate, FrameRate, Language, RenditionId, RenditionKind, Resolution, Span, Timescale, Timestamp,
    TrackIndex, VideoCodec,
};
use crate::source::Scan;
pub use clock::Clock;
pub(super) use sound::skipped;
pub use stills::{StillSource, StillsPlan};

/// Files that begin within this of each other share one timeline.
const ONE_START_US: i64 = 500_000;
/// Fragments of sound without pictures last about as long as those of pictures do.
const SOUND_FRAGMENT: Duration = Duration::from_secs(2);
/// A tail shorter than this joins the segment before it.
const SHORTEST_TAIL_US: i64 = 500_000;

/// What is asked of renditions of one codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// Their key frames must align, or there is no plan.
    Required,
    /// Those whose key frames do not align make switching sets of their own.
    Wanted,
}

/// A track of one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// The file, counted from 0.
    pub file: usize,
    /// The track of it.
    pub index: TrackIndex,
}

/// Everything that will be packaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackagePlan {
    /// The video renditions, switching set by switching set, widest first in each.
    pub video: Vec<PictureCopy>,
    /// The key frames of the smallest rendition once more, alone, for DASH trick mode.
    pub trick: Option<TrickRendition>,
    /// The audio renditions, the default one first.
    pub audio: Vec<SoundCopy>,
    /// The subtitles, the default one first.
    pub text: Vec<TextRendition>,
    /// Closed captions in the pictures of every rendition.
    pub captions: Vec<CaptionTrack>,
    /// What is told of the programme besides its media.
    pub metadata: Metadata,
    /// When the programme begins, in microseconds of each file.
    pub origins_us: Vec<i64>,
    /// Sound that an earlier file has too, and that is not taken again.
    pub repeated: Vec<Track>,
    /// Key frames that another rendition has too, which are no rendition of their own.
    pub trick_sources: Vec<Track>,
    /// Sound of which nothing is heard while the pictures last.
    pub outside: Vec<Track>,
    /// Thumbnails and poster, when asked for.
    pub stills: Option<StillsPlan>,
    /// Length of the programme.
    pub duration: Span,
    /// How the media is stored.
    pub layout: Layout,
    /// Write HLS playlists.
    pub hls: bool,
    /// Write a DASH MPD.
    pub dash: bool,
    /// Offer an audio-only variant in HLS.
    pub audio_only_variant: bool,
}

/// A picture track that is packaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureCopy {
    /// Its name: `720p_h264`.
    pub id: RenditionId,
    /// Where it comes from.
    pub track: Track,
    /// The codec.
    pub codec: VideoCodec,
    /// Its switching set, counted from 0.
    pub set: usize,
    /// Size of the pictures.
    pub resolution: Resolution,
    /// Pictures per second; of a variable rate, on average.
    pub frame_rate: FrameRate,
    /// Measured bit rate.
    pub bitrate: Bitrate,
    /// When the programme begins, in microseconds of its file.
    pub origin_us: i64,
    /// Its times in ticks.
    pub clock: Clock,
    /// When its last picture ends, in ticks.
    pub end: i64,
    /// Where its fragments and segments begin.
    pub cuts: Cuts,
    /// Some of its fragments begin with an open GOP.
    pub open: bool,
}

/// A sound track that is packaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundCopy {
    /// Its name: `en_aac_128k`.
    pub id: RenditionId,
    /// Where it comes from.
    pub track: Track,
    /// The codec.
    pub codec: AudioCodec,
    /// What a viewer chooses, counted from 0: renditions of one choice say the same.
    pub choice: usize,
    /// Its language.
    pub language: Language,
    /// What a player's menu shows.
    pub label: String,
    /// Played when the viewer has not chosen.
    pub default: bool,
    /// What it is for.
    pub role: AudioRole,
    /// Measured bit rate.
    pub bitrate: Bitrate,
    /// When the programme begins, in microseconds of its file.
    pub origin_us: i64,
    /// Packets at its start that are left out.
    pub skipped: u64,
    /// Where it is cut and ends.
    pub timeline: Timeline,
}

/// Where sound is cut: where the pictures beside it are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Where fragments begin, in microseconds of the programme.
    fragments_us: Vec<i64>,
    /// The first fragment of each segment.
    segments: Vec<usize>,
    /// The end of the programme, in microseconds.
    end_us: i64,
}

impl Timeline {
    fn new(fragments_us: Vec<i64>, segments_us: &[i64], end_us: i64) -> Self {
        let begins = |(_, us): &(usize, &i64)| segments_us.binary_search(us).is_ok();
        let segments = fragments_us.iter().enumerate().filter(begins).map(|(at, _)| at).collect();
        Self { fragments_us, segments, end_us }
    }

    /// Of sound without pictures: whole segments of `target`, in fragments of equal length.
    fn even(end_us: i64, target: Duration) -> Self {
        let per_segment = (target.as_secs_f64() / SOUND_FRAGMENT.as_secs_f64()).round().max(1.0);
        let fragment_us = target.as_micros() as f64 / per_segment;
        let starts = (0..).map(|n| (f64::from(n) * fragment_us).round() as i64);
        let fragments_us: Vec<i64> = starts.take_while(|us| *us == 0 || *us < end_us).collect();
        let begins = |at: &usize| *at == 0 || end_us - fragments_us[*at] >= SHORTEST_TAIL_US;
        let segments = (0..fragments_us.len()).step_by(per_segment as usize).filter(begins).collect();
        Self { fragments_us, segments, end_us }
    }

    /// Of sound that is cut elsewhere: all that matters is its end.
    pub(super) fn whole(end_us: i64) -> Self {
        Self { fragments_us: vec![0], segments: vec![0], end_us }
    }

    /// Number of segments.
    pub fn segments(&self) -> u64 {
        self.segments.len() as u64
    }

    /// Text that is cut in the same places.
    fn text_cuts(&self) -> TextCuts {
        let starts = self.segments.iter().filter_map(|first| self.fragments_us.get(*first).copied());
        TextCuts { scale: Timescale::new(1_000_000), starts: starts.collect(), end: self.end_us }
    }

    /// The end of the programme, in microseconds.
    pub const fn end_us(&self) -> i64 {
        self.end_us
    }

    /// Where packets of `frame_length` are cut, on a decode timeline that begins `priming` before the programme.
    pub fn cuts(&self, scale: Timescale, frame_length: u32, priming: u32) -> Cuts {
        let tick = |us: &i64| {
            let at = (i128::from(*us) * i128::from(scale.hz()) + 500_000).div_euclid(1_000_000) as i64;
            at + i64::from(priming)
        };
        let fragments = self.fragments_us.iter().map(tick).collect();
        Cuts::new(scale, fragments, self.segments.clone(), i64::from(frame_length) / 2)
    }
}

impl PackagePlan {
    /// What will be packaged of these files, and what beside them. Of the settings, those count that are about segments, languages and
    /// what is written.
    pub fn new(
        scans: &[Scan],
        sidecars: &[SidecarTrack],
        settings: &Settings,
        alignment: Alignment,
    ) -> Result<Self, Error> {
        let origins_us = origins(scans);
        let target = Duration::from_secs_f64(settings.segment_duration);
        let (pictures, trick_sources) = pictures::distinct(pictures::all(scans, &origins_us)?);
        let sounds = sound::choose(scans, settings)?;
        if pictures.is_empty() && sounds.is_empty() {
            let input = scans.iter().map(|scan| scan.info.input.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Error::NothingToPackage { input });
        }
        let (sounds, repeated) = sound::distinct(sounds);
        let (video, timeline) = pictures::cut(pictures, target, alignment)?;
        let timeline = timeline.unwrap_or_else(|| {
            let ends = sounds.iter().map(|sound| sound.scan.end_us - origins_us[sound.track.file]);
            Timeline::even(ends.max().unwrap_or(0), target)
        });
        let (sounds, outside): (Vec<_>, Vec<_>) = sounds.into_iter().partition(|sound| {
            let origin_us = origins_us[sound.track.file];
            let first_us = sound.scan.times_us.first().map_or(0, |first| first - origin_us);
            sound.scan.end_us > origin_us && first_us < timeline.end_us
        });
        let audio = sound::renditions(&sounds, &origins_us, &timeline);
        let longest = video.iter().map(|picture| picture.clock.span(picture.end)).max_by(|a, b| a.cmp_span(*b));
        let duration =
            longest.unwrap_or_else(|| Span::new(timeline.end_us.max(0).unsigned_abs(), Timescale::new(1_000_000)));
        Ok(Self {
            trick: settings.dash.then(|| trick(&video)).flatten(),
            stills: stills::plan(scans, &video, duration, settings)?,
            duration,
            video,
            audio,
            captions: caption_tracks(scans),
            metadata: metadata(scans, &origins_us, timeline.end_us),
            text: text::renditions(scans.iter().map(|scan| &scan.info), sidecars, settings),
            origins_us,
            outside: outside.iter().map(|sound| sound.track).collect(),
            repeated: repeated.iter().map(|sound| sound.track).collect(),
            trick_sources: trick_sources.iter().map(|pictures| pictures.track).collect(),
            layout: if settings.single_file { Layout::SingleFile } else { Layout::SegmentFiles },
            hls: settings.hls,
            dash: settings.dash,
            audio_only_variant: settings.audio_only,
        })
    }

    /// Where text is cut: where the first pictures are, or else the sound.
    pub fn text_cuts(&self) -> TextCuts {
        let pictures = self.video.first().map(|picture| TextCuts {
            scale: picture.cuts.scale(),
            starts: picture.cuts.segment_starts().collect(),
            end: picture.end,
        });
        let sound = || self.audio.first().map(|sound| sound.timeline.text_cuts());
        let mut cuts = pictures.or_else(sound).unwrap_or_else(|| TextCuts {
            scale: self.duration.scale(),
            starts: vec![0],
            end: self.duration.ticks() as i64,
        });
        // What begins late is not said to do so: text covers the whole programme.
        if let Some(first) = cuts.starts.first_mut() {
            *first = 0;
        }
        cuts
    }

    /// The pictures that a rendition is or is made of.
    pub fn pictures_of(&self, id: &RenditionId) -> Option<&PictureCopy> {
        let of = self.trick.as_ref().filter(|trick| trick.id == *id).map_or(id, |trick| &trick.of);
        self.video.iter().find(|picture| picture.id == *of)
    }

    /// Where the segments of a switching set of pictures begin: those of the rendition that has the most, for the others
    /// have the same ones for as long as they last. Without pictures, where those of the sound do.
    pub fn segment_starts(&self, set: usize) -> Vec<Timestamp> {
        let pictures = self.video.iter().filter(|picture| picture.set == set).map(|picture| &picture.cuts);
        let longest = pictures.max_by_key(|cuts| cuts.segments());
        let longest = longest.map(|cuts| (cuts.scale(), cuts.segment_starts().collect()));
        let sound = || self.audio.first().map(|sound| sound.timeline.text_cuts()).map(|cuts| (cuts.scale, cuts.starts));
        let (scale, starts) = longest.or_else(sound).unwrap_or_else(|| (self.duration.scale(), vec![0]));
        starts.into_iter().map(|tick: i64| Timestamp::new(tick, scale)).collect()
    }

    /// The cuts of a rendition of pictures or sound, at some of which it may have no segment.
    pub fn segments_of(&self, id: &RenditionId) -> u64 {
        let sound = || self.audio.iter().find(|sound| sound.id == *id).map(|sound| sound.timeline.segments());
        self.pictures_of(id).map(|picture| picture.cuts.segments()).or_else(sound).unwrap_or(0)
    }

    /// Every segment can be decoded without the one before it.
    pub fn is_independent(&self) -> bool {
        self.video.iter().all(|picture| !picture.open)
    }

    /// What the finished set offers; `segments` tells how many were made of a rendition.
    pub fn offer(&self, segments: impl Fn(&RenditionId) -> u64) -> Offer {
        let video = self.video.iter().map(|picture| VideoOffer {
            id: picture.id.clone(),
            set: picture.set,
            frame_rate: picture.frame_rate,
            segments: picture.cuts.segments(),
            promise: None,
        });
        let trick = self.trick.as_ref().and_then(|trick| {
            let of = self.video.iter().find(|picture| picture.id == trick.of)?;
            let first = of.clock.span(of.cuts.fragment_start(1)? - of.cuts.fragment_start(0)?);
            let speed = (first.as_seconds() * of.frame_rate.as_f64()).round().max(1.0) as u32;
            let frame_rate = of.frame_rate.divided(speed).unwrap_or(of.frame_rate);
            let segments = of.cuts.segments();
            Some(TrickOffer { id: trick.id.clone(), of: trick.of.clone(), speed: speed.into(), frame_rate, segments })
        });
        let audio = self.audio.iter().map(|sound| AudioOffer {
            id: sound.id.clone(),
            choice: sound.choice,
            language: sound.language.clone(),
            label: sound.label.clone(),
            default: sound.default,
            role: sound.role,
            codec: sound.codec,
            bitrate: sound.bitrate,
            segments: segments(&sound.id),
            promise: None,
        });
        Offer {
            video: video.collect(),
            trick,
            audio: audio.collect(),
            text: TextOffer::all(&self.text, self.text_cuts().starts.len() as u64),
            captions: self.captions.clone(),
            metadata: self.metadata.clone(),
            duration: self.duration,
            layout: self.layout,
            hls: self.hls,
            dash: self.dash,
            audio_only_variant: self.audio_only_variant,
            independent: self.is_independent(),
            marks: Marks::default(),
            messages: false,
            live: None,
        }
    }
}

/// When the programme begins in each file: with the first picture of them all where they begin at about the same
/// time, and else with the first picture or sound of each.
fn origins(scans: &[Scan]) -> Vec<i64> {
    let pictures = |scan: &Scan| scan.video.iter().filter_map(|video| Some(video.gops.first()?.first_us)).min();
    let sound = |scan: &Scan| scan.info.audio.first().map(|audio| audio.start_us);
    let starts: Vec<i64> = scans.iter().map(|scan| pictures(scan).or(sound(scan)).unwrap_or(0)).collect();
    let (earliest, latest) = (starts.iter().min().copied().unwrap_or(0), starts.iter().max().copied().unwrap_or(0));
    let first = scans.iter().filter_map(pictures).min().or(starts.first().copied()).unwrap_or(0);
    if latest - earliest <= ONE_START_US { vec![first; scans.len()] } else { starts }
}

/// Captions that every rendition has, for a player takes them of the one that it plays; named as the first has them.
fn caption_tracks(scans: &[Scan]) -> Vec<CaptionTrack> {
    let videos = || scans.iter().flat_map(|scan| scan.info.video.iter().map(move |video| (&scan.info, video)));
    let Some((info, first)) = videos().next() else { return Vec::new() };
    let everywhere = |track: &CaptionTrack| videos().all(|(_, video)| video.captions.contains(&track.service));
    captions::tracks(info, first).into_iter().filter(everywhere).collect()
}

/// What the first file tells that tells anything; its chapters, or those of the first that has some.
fn metadata(scans: &[Scan], origins_us: &[i64], length_us: i64) -> Metadata {
    let all = scans.iter().zip(origins_us).map(|(scan, origin_us)| Metadata::of(&scan.info, *origin_us, length_us));
    all.reduce(|first, next| Metadata {
        title: first.title.or(next.title),
        language: first.language.or(next.language),
        chapters: if first.chapters.is_empty() { next.chapters } else { first.chapters },
    })
    .unwrap_or_default()
}

/// The key frames of the smallest rendition of the first switching set, unless there is only one.
fn trick(video: &[PictureCopy]) -> Option<TrickRendition> {
    let first = video.iter().filter(|picture| picture.set == 0);
    let smallest = first.min_by_key(|picture| picture.resolution.pixels()).filter(|p| p.cuts.fragments() > 1)?;
    let id = RenditionId::new(RenditionKind::Video, &format!("{}_trick", smallest.id.name()));
    Some(TrickRendition { id, of: smallest.id.clone() })
}
