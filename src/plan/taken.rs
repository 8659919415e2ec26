//! Sound that is taken as the source has it: whether its times allow that, and how it is copied.

use super::made::Taken;
use super::package::{SoundCopy, Timeline, Track, skipped};
use super::{AudioRendition, Plan, SegmentGrid};
use crate::config::EncodableAudio;
use crate::media::{Bitrate, ChannelLayout, Rounding, Timescale};
use crate::source::{AudioInfo, SoundScan};

/// What milliseconds may take away from a time.
const ROUNDED_US: i64 = 1500;

/// Where the programme lies in its source, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Programme {
    /// When it begins.
    pub(super) origin_us: i64,
    /// How long it is.
    pub(super) end_us: i64,
}

impl Programme {
    pub(super) fn of(grid: &SegmentGrid, origin_us: i64) -> Self {
        let end = grid.duration().rescale(Timescale::new(1_000_000), Rounding::Up).ticks();
        Self { origin_us, end_us: i64::try_from(end).unwrap_or(i64::MAX) }
    }
}

/// Whether the sound of a track can be copied; why not, if it cannot. Its packets must follow each other from the
/// start of the programme to its end: then they lie where encoded ones would.
pub(super) fn look(track: &AudioInfo, scans: &[SoundScan], programme: Programme) -> Result<Taken, String> {
    let codec = EncodableAudio::ALL.into_iter().find(|codec| codec.name() == track.codec);
    let codec = codec.filter(|codec| *codec != EncodableAudio::Flac);
    let codec = codec.ok_or_else(|| format!("it is {}, not AAC, AC-3, E-AC-3 or Opus", track.codec))?;
    if codec == EncodableAudio::Aac && track.profile.as_deref() != Some("LC") {
        return Err("it is AAC of another profile than LC".to_owned());
    }
    let scan = scans.iter().find(|scan| scan.track == track.track).ok_or("its packets have no times")?;
    if scan.encrypted {
        return Err("it is encrypted".to_owned());
    }
    let times = scan.times_us.get(skipped(scan, programme.origin_us) as usize..).unwrap_or_default();
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Err("it has no packet".to_owned()) };
    let packet_us = match codec {
        EncodableAudio::Aac => 1024e6 / f64::from(track.sample_rate),
        EncodableAudio::Ac3 | EncodableAudio::Eac3 => 1536e6 / f64::from(track.sample_rate),
        EncodableAudio::Opus | EncodableAudio::Flac => (last - first) as f64 / (times.len() - 1).max(1) as f64,
    };
    let off = |(at, time): (usize, &i64)| (*time - first) as f64 - at as f64 * packet_us;
    let gap = times.iter().enumerate().find(|packet| off(*packet).abs() > packet_us / 2.0);
    let seconds = |us: i64| us as f64 / 1e6;
    if let Some((_, time)) = gap {
        return Err(format!("its times jump at {:.3} s", seconds(*time)));
    }
    let late = first - programme.origin_us;
    if late > ROUNDED_US {
        return Err(format!("it begins {:.3} s after the programme", seconds(late)));
    }
    let early = programme.end_us - (scan.end_us - programme.origin_us);
    if early as f64 > packet_us {
        return Err(format!("it ends {:.3} s before the programme", seconds(early)));
    }
    let bitrate = Bitrate::from_bps(scan.bits_per_second());
    Ok(Taken { codec, layout: layout(track), bitrate, sample_rate: track.sample_rate })
}

/// The channels of a track as they are usual for their number.
pub(super) const fn layout(track: &AudioInfo) -> ChannelLayout {
    match track.channels {
        1 => ChannelLayout::Mono,
        2 => ChannelLayout::Stereo,
        5 => ChannelLayout::Surround50,
        6 => ChannelLayout::Surround51,
        8 => ChannelLayout::Surround71,
        channels => ChannelLayout::Discrete(channels),
    }
}

impl Plan {
    /// How the packets that `scan` has found become a rendition. The last ones may lie behind the programme.
    pub fn sound_copy(&self, rendition: &AudioRendition, scan: &SoundScan) -> SoundCopy {
        let programme = Programme::of(&self.grid, self.origin_us);
        let skipped = skipped(scan, programme.origin_us);
        let first_us = scan.times_us.get(skipped as usize).copied().unwrap_or(programme.origin_us);
        let late = (first_us - programme.origin_us).clamp(0, ROUNDED_US);
        SoundCopy {
            id: rendition.id.clone(),
            track: Track { file: 0, index: rendition.track },
            codec: rendition.codec,
            choice: rendition.track.0,
            language: rendition.language.clone(),
            label: rendition.label.clone(),
            default: rendition.default,
            role: rendition.role,
            bitrate: rendition.bitrate,
            origin_us: programme.origin_us + late,
            skipped,
            timeline: Timeline::whole(programme.end_us + ROUNDED_US),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Language, TrackIndex};

    fn track(codec: &str) -> AudioInfo {
        AudioInfo {
            track: TrackIndex(1),
            codec: codec.into(),
            profile: Some("LC".into()),
            sample_rate: 48_000,
            channels: 2,
            channel_layout: "stereo".into(),
            start_us: 0,
            end_us: 2_000_000,
            bitrate: None,
            language: Language::undetermined(),
            title: None,
            default: false,
            commentary: false,
            description: false,
            dub: false,
        }
    }

    /// Two seconds of packets of 32 ms from `first_us` on, where those behind the thirtieth are late.
    fn look_at(codec: &str, first_us: i64, gap_us: i64, packets: i64) -> Result<(), String> {
        let time = |packet: i64| first_us + packet * 32_000 + if packet > 30 { gap_us } else { 0 };
        let times_us: Vec<i64> = (0..packets).map(time).collect();
        let end_us = times_us.last().map_or(0, |last| last + 32_000);
        let scan = SoundScan {
            track: TrackIndex(1),
            config: vec![],
            head: vec![],
            times_us,
            delay: 0,
            end_us,
            bytes: 1000,
            encrypted: false,
        };
        look(&track(codec), &[scan], Programme { origin_us: 0, end_us: 2_000_000 }).map(|_| ())
    }

    #[test]
    fn packets_that_follow_each_other_over_the_whole_programme_are_taken() {
        assert_eq!(look_at("ac3", -5333, 0, 63), Ok(()));
        assert_eq!(look_at("opus", 1000, 0, 63), Ok(()));
    }

    #[test]
    fn what_cannot_be_taken_says_why() {
        let why = |result: Result<(), String>| result.expect_err("not taken");
        assert_eq!(why(look_at("dts", 0, 0, 63)), "it is dts, not AAC, AC-3, E-AC-3 or Opus");
        assert_eq!(why(look_at("ac3", 20_000, 0, 63)), "it begins 0.020 s after the programme");
        assert_eq!(why(look_at("ac3", 0, 40_000, 62)), "its times jump at 1.032 s");
        assert_eq!(why(look_at("ac3", 0, 0, 50)), "it ends 0.400 s before the programme");
        assert_eq!(
            look(&track("ac3"), &[], Programme { origin_us: 0, end_us: 1 }),
            Err("its packets have no times".into())
        );
    }
}
