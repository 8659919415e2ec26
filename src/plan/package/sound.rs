//! Which sound of the files is packaged, and as what.

use std::collections::BTreeSet;

use super::super::audio::{Unique, default_of, label, role};
use super::{SoundCopy, Timeline, Track};
use crate::config::Settings;
use crate::media::{AudioCodec, Bitrate, Language, RenditionId, RenditionKind};
use crate::plan::Error;
use crate::source::{AudioInfo, Scan, SoundScan};

/// The same sound, encoded once and muxed into several files, differs by so much of its measured bit rate.
const SAME_RATE: f64 = 0.02;
/// What a decoder puts out before the sound itself is never longer. Sound that begins earlier than this before the
/// pictures is cut.
const LONGEST_PRIMING_US: i64 = 200_000;
/// So much of sound that is cut is kept before the pictures, for a decoder to get going: 80 ms of Opus
/// (RFC 7845 § 4.6) are the most that any needs.
const RUN_UP_US: i64 = 100_000;

/// A sound track of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sound<'a> {
    pub(super) track: Track,
    pub(super) codec: AudioCodec,
    pub(super) info: &'a AudioInfo,
    pub(super) scan: &'a SoundScan,
}

/// The sound of all files that can be packaged and is wanted.
pub(super) fn choose<'a>(scans: &'a [Scan], settings: &Settings) -> Result<Vec<Sound<'a>>, Error> {
    let mut usable = Vec::new();
    for (file, scan) in scans.iter().enumerate() {
        for (info, found) in scan.info.audio.iter().zip(&scan.audio) {
            let Some(codec) = AudioCodec::named(&info.codec) else { continue };
            usable.push(Sound { track: Track { file, index: info.track }, codec, info, scan: found });
        }
    }
    let asked = &settings.audio_languages;
    if asked.is_empty() || usable.is_empty() {
        return Ok(usable);
    }
    let present: BTreeSet<Language> = usable.iter().map(|sound| sound.info.language.clone()).collect();
    usable.retain(|sound| asked.iter().any(|range| sound.info.language.is_covered_by(range)));
    if usable.is_empty() {
        let input = scans.iter().map(|scan| scan.info.input.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Error::NoSuchLanguage { input, asked: asked.clone(), present: present.into_iter().collect() });
    }
    Ok(usable)
}

/// Each sound once: what several files hold alike is taken of the first of them. Gives the others too.
pub(super) fn distinct(sounds: Vec<Sound<'_>>) -> (Vec<Sound<'_>>, Vec<Sound<'_>>) {
    let (mut kept, mut repeated): (Vec<Sound<'_>>, Vec<Sound<'_>>) = (Vec::new(), Vec::new());
    for sound in sounds {
        let known = kept.iter().any(|other| other.track.file != sound.track.file && alike(other, &sound));
        if known { &mut repeated } else { &mut kept }.push(sound);
    }
    (kept, repeated)
}

fn alike(a: &Sound<'_>, b: &Sound<'_>) -> bool {
    let shape = |s: &Sound<'_>| (s.codec, s.info.channels, s.info.sample_rate);
    let (a_rate, b_rate) = (a.scan.bits_per_second() as f64, b.scan.bits_per_second() as f64);
    shape(a) == shape(b) && says(a.info) == says(b.info) && (a_rate - b_rate).abs() <= SAME_RATE * a_rate.max(b_rate)
}

/// What tells a viewer one sound from another.
fn says(info: &AudioInfo) -> (&Language, Option<&String>, bool, bool) {
    (&info.language, info.title.as_ref(), info.commentary, info.description)
}

/// The renditions, the default one first; `origin_us` is when the programme begins in each file.
pub(super) fn renditions(sounds: &[Sound<'_>], origins_us: &[i64], timeline: &Timeline) -> Vec<SoundCopy> {
    let mut ordered = sounds.to_vec();
    let infos: Vec<&AudioInfo> = sounds.iter().map(|sound| sound.info).collect();
    if let Some(up_to_default) = ordered.get_mut(..=default_of(&infos)) {
        up_to_default.rotate_right(1);
    }
    let (mut ids, mut labels) = (Unique::default(), Unique::default());
    let mut choices: Vec<(&AudioInfo, String)> = Vec::new();
    let mut renditions = Vec::new();
    for (position, sound) in ordered.into_iter().enumerate() {
        let choice = choices.iter().position(|(info, _)| says(info) == says(sound.info)).unwrap_or_else(|| {
            choices.push((sound.info, labels.claim(&label(sound.info), " ")));
            choices.len() - 1
        });
        let bitrate = Bitrate::from_bps(sound.scan.bits_per_second());
        let name = format!("{}_{}_{}k", sound.info.language.tag(), sound.codec, bitrate.as_kbps());
        let origin_us = origins_us[sound.track.file];
        renditions.push(SoundCopy {
            id: RenditionId::new(RenditionKind::Audio, &ids.claim(&name, "_")),
            track: sound.track,
            codec: sound.codec,
            choice,
            language: sound.info.language.clone(),
            label: choices[choice].1.clone(),
            default: position == 0,
            role: role(sound.info),
            bitrate,
            origin_us,
            skipped: skipped(sound.scan, origin_us),
            timeline: timeline.clone(),
        });
    }
    renditions
}

/// Packets at the start that nothing is heard of: those long before the programme.
pub(in crate::plan) fn skipped(scan: &SoundScan, origin_us: i64) -> u64 {
    let first = scan.times_us.first().map_or(0, |first| first - origin_us);
    if first >= -LONGEST_PRIMING_US {
        return 0;
    }
    // The last one is always there, so that what ends before the pictures begin is told apart from nothing.
    let early = scan.times_us.iter().take_while(|at| **at - origin_us < -RUN_UP_US).count();
    early.min(scan.times_us.len() - 1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::TrackIndex;

    fn scan(times_us: Vec<i64>) -> SoundScan {
        let end_us = times_us.last().map_or(0, |last| last + 20_000);
        let track = TrackIndex(0);
        SoundScan { track, config: vec![], head: vec![], times_us, delay: 0, end_us, bytes: 0, encrypted: false }
    }

    #[test]
    fn priming_stays_and_sound_long_before_the_pictures_goes() {
        let every = |first: i64| scan((0..500).map(|packet| first + packet * 20_000).collect());
        assert_eq!(skipped(&every(-21_333), 0), 0);
        assert_eq!(skipped(&every(-105_000), 0), 0);
        assert_eq!(skipped(&every(-2_000_000), 0), 95, "from -100 ms on");
        assert_eq!(skipped(&every(0), 2_000_000), 95);
    }
}
