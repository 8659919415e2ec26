//! What is made of one sound track: what was asked for, and what Apple's rules add.

use super::{AudioReason, AudioRendition, AudioUnits};
use crate::config::{AudioSpec, Channels, EncodableAudio, SoundEncoding};
use crate::media::{AudioCodec, Bitrate, ChannelLayout};
use crate::source::AudioInfo;

/// What every player plays, and the most that CMAF's `caac` allows (ISO/IEC 23000-19 § 10.4). Opus has no other
/// (RFC 7845 § 5.1), Dolby's brand `ceac` neither (ETSI TS 102 366 Annex J).
const USUAL_SAMPLE_RATE: u32 = 48_000;
/// The rate of music, kept because converting it costs and gains nothing.
const MUSIC_SAMPLE_RATE: u32 = 44_100;

/// Bits of a sample of FLAC: its nominal bit rate is that of its samples before they are compressed.
const DEPTH: u64 = 16;

/// What the AAC has that nobody asked for: what the default preset asks for.
const EVERYWHERE: Bitrate = Bitrate::from_kbps(128);
/// What the AC-3 has that nobody asked for, by its channels: what is usual for broadcasts and discs.
const AC3_STEREO: Bitrate = Bitrate::from_kbps(192);
const AC3_SURROUND: Bitrate = Bitrate::from_kbps(448);

/// What is made of a track.
#[derive(Debug, PartialEq)]
pub(super) struct Made {
    /// Its renditions, the one first that every player plays.
    pub(super) renditions: Vec<Encoded>,
    /// What the track cannot give, and why.
    pub(super) left_out: Vec<(AudioSpec, String)>,
}

/// One rendition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Encoded {
    pub(super) codec: EncodableAudio,
    pub(super) layout: ChannelLayout,
    pub(super) bitrate: Bitrate,
    pub(super) sample_rate: u32,
    pub(super) reason: AudioReason,
    /// It is not encoded at all.
    pub(super) copied: bool,
}

/// FFmpeg has no encoder of this name: the packets stay what they are.
const COPY: &str = "copy";

/// Sound that can be copied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Taken {
    pub(super) codec: EncodableAudio,
    pub(super) layout: ChannelLayout,
    pub(super) bitrate: Bitrate,
    pub(super) sample_rate: u32,
}

impl AudioRendition {
    /// Its packets are those of the source.
    pub fn is_copy(&self) -> bool {
        self.encoder == COPY
    }

    /// How its encoder will cut it, before it is open: as FFmpeg's encoders do.
    pub const fn usual_units(&self) -> AudioUnits {
        let (frame_length, priming) = match self.codec {
            AudioCodec::Aac => (1024, 1024),
            AudioCodec::Ac3 | AudioCodec::Eac3 => (1536, 256),
            AudioCodec::Opus => (960, 312),
            AudioCodec::Flac => (4608, 0),
            AudioCodec::Mp3 => (1152, 1105),
        };
        AudioUnits { sample_rate: self.sample_rate, frame_length, priming }
    }
}

impl Encoded {
    /// FFmpeg's name of the encoder.
    pub(super) const fn encoder(&self) -> &'static str {
        if self.copied {
            return COPY;
        }
        match self.codec {
            EncodableAudio::Aac => "aac",
            EncodableAudio::Ac3 => "ac3",
            EncodableAudio::Eac3 => "eac3",
            EncodableAudio::Opus => "libopus",
            EncodableAudio::Flac => "flac",
        }
    }

    fn of(
        codec: EncodableAudio,
        layout: ChannelLayout,
        bitrate: Option<Bitrate>,
        reason: AudioReason,
        source: u32,
    ) -> Self {
        let sample_rate = match codec {
            EncodableAudio::Aac | EncodableAudio::Flac if source == MUSIC_SAMPLE_RATE => MUSIC_SAMPLE_RATE,
            EncodableAudio::Aac
            | EncodableAudio::Flac
            | EncodableAudio::Ac3
            | EncodableAudio::Eac3
            | EncodableAudio::Opus => USUAL_SAMPLE_RATE,
        };
        let samples = Bitrate::from_bps(u64::from(sample_rate) * u64::from(layout.channels()) * DEPTH);
        Self { codec, layout, bitrate: bitrate.unwrap_or(samples), sample_rate, reason, copied: false }
    }

    fn plays_everywhere(&self) -> bool {
        self.codec == EncodableAudio::Aac && self.layout.channels() <= 2
    }
}

/// The renditions of a track, which may be copied or not. Dolby's codecs take its channels up to 5.1, the others are
/// stereo unless surround is asked for, which a track without surround cannot give.
pub(super) fn of(track: &AudioInfo, specs: &[AudioSpec], taken: impl Fn() -> Result<Taken, String>) -> Made {
    let mut made = Made { renditions: Vec::new(), left_out: Vec::new() };
    for spec in specs {
        match spec {
            AudioSpec::Encode(encoding) => match layout(track, encoding) {
                Some(layout) => {
                    let reason = AudioReason::Asked;
                    made.add(Encoded::of(encoding.codec, layout, encoding.bitrate, reason, track.sample_rate));
                }
                None => made.left_out.push((*spec, "it has no surround".to_owned())),
            },
            AudioSpec::Copy => match taken() {
                Ok(Taken { codec, layout, bitrate, sample_rate }) => {
                    let reason = AudioReason::Asked;
                    made.add(Encoded { codec, layout, bitrate, sample_rate, reason, copied: true });
                }
                Err(why) => made.left_out.push((*spec, why)),
            },
        }
    }
    made.complete(track);
    made
}

/// The channels of a rendition; nothing where the track has no surround to give.
fn layout(track: &AudioInfo, encoding: &SoundEncoding) -> Option<ChannelLayout> {
    match (encoding.channels, surround(track)) {
        (Channels::Stereo, _) => Some(ChannelLayout::Stereo),
        (Channels::Surround, Some(surround)) => Some(surround),
        (Channels::Surround, None) if Channels::usual(encoding.codec) == Channels::Surround => {
            Some(ChannelLayout::Stereo)
        }
        (Channels::Surround, None) => None,
    }
}

impl Made {
    /// Adds what is not there yet: of a track without surround, `ac3` and `ac3:stereo` are the same.
    fn add(&mut self, rendition: Encoded) {
        let named = |r: &Encoded| (r.codec, r.layout, r.bitrate.as_kbps());
        if !self.renditions.iter().any(|other| named(other) == named(&rendition)) {
            self.renditions.push(rendition);
        }
    }

    /// Adds what rules ask for, and puts first what plays everywhere.
    fn complete(&mut self, track: &AudioInfo) {
        let dolby = |codec| self.renditions.iter().find(|r| r.codec == codec).map(|r| r.layout);
        if let (Some(layout), None) = (dolby(EncodableAudio::Eac3), dolby(EncodableAudio::Ac3)) {
            let rate = if layout.channels() > 2 { AC3_SURROUND } else { AC3_STEREO };
            let reason = AudioReason::BesideDolbyPlus;
            self.add(Encoded::of(EncodableAudio::Ac3, layout, Some(rate), reason, track.sample_rate));
        }
        if !self.renditions.iter().any(Encoded::plays_everywhere) {
            let reason = AudioReason::PlaysEverywhere;
            let aac =
                Encoded::of(EncodableAudio::Aac, ChannelLayout::Stereo, Some(EVERYWHERE), reason, track.sample_rate);
            self.add(aac);
        }
        self.renditions.sort_by_key(|rendition| !rendition.plays_everywhere());
    }
}

/// The surround that a track has, up to 5.1. Nobody knows which loudspeakers channels without names are for.
fn surround(track: &AudioInfo) -> Option<ChannelLayout> {
    let named = !track.channel_layout.ends_with(" channels") && !track.channel_layout.is_empty();
    match track.channels {
        5 if named => Some(ChannelLayout::Surround50),
        6.. if named => Some(ChannelLayout::Surround51),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Language, TrackIndex};

    fn track(channels: u16, channel_layout: &str) -> AudioInfo {
        AudioInfo {
            track: TrackIndex(1),
            codec: "dts".into(),
            profile: None,
            sample_rate: 44_100,
            channels,
            channel_layout: channel_layout.into(),
            start_us: 0,
            end_us: 1,
            bitrate: None,
            language: Language::undetermined(),
            title: None,
            default: false,
            commentary: false,
            description: false,
            dub: false,
        }
    }

    fn made(specs: &str, track: &AudioInfo) -> String {
        let specs: Vec<AudioSpec> = specs.split(',').map(|spec| spec.parse().expect("a rendition")).collect();
        let Made { renditions, left_out } = of(track, &specs, || Err("it has no times".to_owned()));
        let renditions = renditions.iter().map(|r| {
            let added = if r.reason == AudioReason::Asked { "" } else { "+" };
            format!("{added}{} {} {}", r.codec, r.layout, r.bitrate)
        });
        renditions.chain(left_out.iter().map(|(spec, _)| format!("-{spec}"))).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn surround_stays_where_the_source_has_it() {
        let film = track(8, "7.1");
        assert_eq!(made("aac@128k,ac3@640k,aac:5.1@384k", &film), "aac stereo 128k, ac3 5.1 640k, aac 5.1 384k");
        assert_eq!(made("opus:5.1@256k,aac@96k", &track(5, "5.0(side)")), "aac stereo 96k, opus 5.0 256k");
    }

    #[test]
    fn a_track_without_surround_gives_none() {
        for track in [track(2, "stereo"), track(6, "6 channels"), track(4, "quad")] {
            assert_eq!(
                made("aac@128k,ac3@448k,aac:5.1@384k", &track),
                "aac stereo 128k, ac3 stereo 448k, -aac:5.1@384k"
            );
        }
        assert_eq!(made("aac@128k,ac3@192k,ac3:stereo@192k", &track(1, "mono")), "aac stereo 128k, ac3 stereo 192k");
    }

    #[test]
    fn what_rules_ask_for_is_added() {
        assert_eq!(made("eac3@384k", &track(6, "5.1(side)")), "+aac stereo 128k, eac3 5.1 384k, +ac3 5.1 448k");
        assert_eq!(made("eac3@192k", &track(2, "stereo")), "+aac stereo 128k, eac3 stereo 192k, +ac3 stereo 192k");
        assert_eq!(made("aac:5.1@384k", &track(6, "5.1")), "+aac stereo 128k, aac 5.1 384k");
    }

    #[test]
    fn sound_that_is_copied_counts_for_the_rules() {
        let taken =
            |codec, layout| move || Ok(Taken { codec, layout, bitrate: Bitrate::from_kbps(96), sample_rate: 48_000 });
        let encoders = |made: Made| made.renditions.iter().map(Encoded::encoder).collect::<Vec<_>>().join(", ");
        let aac = of(&track(2, "stereo"), &[AudioSpec::Copy], taken(EncodableAudio::Aac, ChannelLayout::Stereo));
        assert_eq!(encoders(aac), "copy");
        let atmos = of(&track(6, "5.1"), &[AudioSpec::Copy], taken(EncodableAudio::Eac3, ChannelLayout::Surround51));
        assert_eq!(encoders(atmos), "aac, copy, ac3");
    }

    #[test]
    fn music_keeps_its_rate_where_the_codec_has_it() {
        let specs = ["aac@128k", "flac", "opus@96k", "ac3@192k"].map(|spec| spec.parse().expect("a rendition"));
        let rates: Vec<_> =
            of(&track(2, "stereo"), &specs, || Err(String::new())).renditions.iter().map(|r| r.sample_rate).collect();
        assert_eq!(rates, [44_100, 44_100, 48_000, 48_000]);
    }
}
