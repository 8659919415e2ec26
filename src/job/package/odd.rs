//! What is odd about coded files and survivable.

use crate::encode::copy::Mended;
use crate::event::Warning;
use crate::media::{AudioCodec, RenditionId, TrackConfig, TrackMedia};
use crate::plan::package::{PackagePlan, PictureCopy};
use crate::source::Scan;

/// A segment may be so many times as long as it was asked for.
const LONG: f64 = 2.0;
/// Sound that begins or ends so many seconds away from the pictures is told.
const APART: f64 = 0.5;

fn warning(code: &'static str, message: String) -> Warning {
    Warning { code, message }
}

/// What the files and the plan show.
pub(super) fn of_plan(scans: &[Scan], plan: &PackagePlan, asked_s: f64) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = scans.iter().flat_map(unsupported).collect();
    let name = |file: usize| scans[file].info.input.as_str();
    for track in &plan.outside {
        let message = format!(
            "track {} of {} is left out: all of its sound lies outside of the pictures' time",
            track.index.0,
            name(track.file)
        );
        warnings.push(warning("sound_outside", message));
    }
    if !plan.repeated.is_empty() {
        let tracks = plan.repeated.iter().map(|track| format!("track {} of {}", track.index.0, name(track.file)));
        let tracks = tracks.collect::<Vec<_>>().join(", ");
        warnings
            .push(warning("repeated_sound", format!("{tracks}: an earlier file has the same sound, it is taken once")));
    }
    for track in &plan.trick_sources {
        let message = format!(
            "track {} of {} is left out: it has only key frames, and another rendition has them too (it is for trick modes)",
            track.index.0,
            name(track.file)
        );
        warnings.push(warning("trick_rendition", message));
    }
    for picture in &plan.video {
        warnings.extend(of_pictures(scans, picture, asked_s));
    }
    for sound in &plan.audio {
        let scan = scans[sound.track.file].audio.iter().find(|scan| scan.track == sound.track.index);
        let Some((first, scan)) = scan.and_then(|scan| Some((*scan.times_us.first()?, scan))) else { continue };
        let (end_us, programme_us) = (scan.end_us - sound.origin_us, sound.timeline.end_us());
        let late = (first - sound.origin_us) as f64 / 1e6;
        if late > APART {
            let message = format!("the sound of {} begins {late:.3} s after the programme", sound.id);
            warnings.push(warning("late_sound", message));
        }
        let early = (programme_us - end_us) as f64 / 1e6;
        if early > APART {
            let message = format!("the sound of {} ends {early:.3} s before the programme", sound.id);
            warnings.push(warning("short_sound", message));
        }
    }
    warnings
}

/// Sound that cannot be packaged.
fn unsupported(scan: &Scan) -> Vec<Warning> {
    let tracks = scan.info.audio.iter().filter(|audio| AudioCodec::named(&audio.codec).is_none());
    let message = |audio: &crate::source::AudioInfo| {
        let (track, input, codec) = (audio.track.0, &scan.info.input, &audio.codec);
        format!("track {track} of {input} is left out: {codec} cannot be packaged, encode it")
    };
    tracks.map(|audio| warning("unsupported_track", message(audio))).collect()
}

fn of_pictures(scans: &[Scan], picture: &PictureCopy, asked_s: f64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let id = &picture.id;
    let scan = scans[picture.track.file].video.iter().find(|scan| scan.track == picture.track.index);
    let Some(scan) = scan else { return warnings };
    let lost = scan.skipped + scan.broken;
    if lost > 0 {
        let message = format!("{lost} pictures at the start of {id} are left out: no decoder can show them");
        warnings.push(warning("no_key_frame", message));
    }
    if scan.hidden > 0 {
        let message = format!("{} pictures of {id} that an edit list hides are shown: others need them", scan.hidden);
        warnings.push(warning("hidden_pictures", message));
    }
    if picture.open {
        let message = format!(
            "{id} has open GOPs: players that switch to it may show a few damaged pictures; encode it with closed GOPs"
        );
        warnings.push(warning("open_gop", message));
    }
    let longest = picture.cuts.longest_segment(picture.end).as_seconds();
    if longest > LONG * asked_s {
        let message = format!("{id} has a segment of {longest:.3} s: its key frames are that far apart");
        warnings.push(warning("long_segment", message));
    }
    warnings
}

/// What only the headers of the codec show.
pub(super) fn of_header(id: &RenditionId, track: &TrackConfig, plan: &PackagePlan) -> Option<Warning> {
    let TrackMedia::Video(pictures) = &track.media else { return None };
    let planned = plan.video.iter().find(|picture| picture.id == *id)?;
    (pictures.resolution != planned.resolution).then(|| {
        let message =
            format!("{} holds pictures of {}, not of {} as its file says", id, pictures.resolution, planned.resolution);
        warning("wrong_size", message)
    })
}

/// What was done to sound whose times do not fit its packets.
pub(super) fn of_mended(id: &RenditionId, mended: Mended) -> Vec<Warning> {
    let Mended { bridged, dropped } = mended;
    (bridged + dropped > 0)
        .then(|| {
            let message =
                format!("the sound of {id} has {bridged} gaps and {dropped} packets too many; it stays in sync");
            warning("sound_gaps", message)
        })
        .into_iter()
        .collect()
}
