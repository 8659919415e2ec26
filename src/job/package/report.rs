//! What was packaged, for the report.

use super::super::assemble::Set;
use super::super::finish::Poster;
use super::super::report::{AudioReport, COPY, Report, ThumbnailReport, TrickReport, VideoReport, measured};
use crate::media::{ChannelLayout, RenditionId, Resolution, TrackMedia};
use crate::plan::package::PackagePlan;

/// Adds the renditions of a set to a report.
pub(super) fn of_set(begun: Report, plan: &PackagePlan, set: &Set, poster: Option<Poster>) -> Report {
    let video = plan.video.iter().map(|picture| {
        let (codec, measured) = measured(set, &picture.id);
        VideoReport {
            id: picture.id.name().to_owned(),
            codec,
            resolution: resolution(set, &picture.id).unwrap_or(picture.resolution),
            frame_rate: picture.frame_rate.to_string(),
            measured,
            encoder: COPY.to_owned(),
            options: Vec::new(),
        }
    });
    let trick = plan.trick.as_ref().and_then(|trick| {
        let (codec, measured) = measured(set, &trick.id);
        let (id, of) = (trick.id.name().to_owned(), trick.of.name().to_owned());
        Some(TrickReport { id, of, codec, resolution: resolution(set, &trick.id)?, measured })
    });
    let audio = plan.audio.iter().map(|sound| {
        let (codec, measured) = measured(set, &sound.id);
        let (sample_rate, layout) = shape(set, &sound.id).unwrap_or((0, ChannelLayout::Discrete(0)));
        AudioReport {
            id: sound.id.name().to_owned(),
            codec,
            language: sound.language.tag().to_owned(),
            label: sound.label.clone(),
            sample_rate,
            channels: layout.channels(),
            measured,
            encoder: COPY.to_owned(),
            loudness: None,
        }
    });
    let shown = poster.zip(plan.stills.as_ref());
    Report {
        video: video.collect(),
        trick,
        audio: audio.collect(),
        thumbnails: set.presentation.sheets().map(ThumbnailReport::of),
        poster_s: shown.map(|(poster, stills)| stills.grid.time_of(poster.frame).as_seconds()),
        files: set.files().to_vec(),
        ..begun
    }
}

fn resolution(set: &Set, id: &RenditionId) -> Option<Resolution> {
    match &set.presentation.rendition(id)?.init.track.media {
        TrackMedia::Video(track) => Some(track.resolution),
        TrackMedia::Audio(_) | TrackMedia::Text => None,
    }
}

fn shape(set: &Set, id: &RenditionId) -> Option<(u32, ChannelLayout)> {
    match &set.presentation.rendition(id)?.init.track.media {
        TrackMedia::Audio(track) => Some((track.sample_rate, track.layout)),
        TrackMedia::Video(_) | TrackMedia::Text => None,
    }
}
