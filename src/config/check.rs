//! Rules for the settings, alone and together. Every failure names the setting and the remedy.

use super::{
    AudioSpec, Channels, DrmSystem, EncodableAudio, Encryption, EncryptionMode, RateControlMode, RungName, Setting,
    Settings, SoundEncoding,
};
use crate::media::Bitrate;

/// A setting that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said_by}: {problem}; {remedy}")]
pub struct Rejected {
    /// The setting.
    pub setting: Setting,
    /// How the user named it: a flag, a variable, or a setting in a preset.
    pub said_by: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Rejected {
    pub(super) fn new(setting: Setting, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { setting, said_by: setting.to_string(), problem: problem.into(), remedy: remedy.into() }
    }
}

/// A picture smaller than this is no video, and FFmpeg's scaler has trouble below it.
const SMALLEST_RUNG: u32 = 64;
/// The shorter side of 8K, where level 6.2 of H.264 ends (ITU-T H.264 Table A-1).
const LARGEST_RUNG: u32 = 4320;
/// Bit rates of rungs: MaxBR of High profile at level 5.2 is 300 Mb/s (ITU-T H.264 Table ).
const RUNG_RATES: [Bitrate; 2] = [Bitrate::from_kbps(20), Bitrate::from_kbps(300_000)];
/// The longest segment in seconds that a player can be expected to hold.
const LONGEST_SEGMENT: f64 = 60.0;
/// How far, in GOPs, a segment may be from a whole number of them; the grid counts in frames.
const GOP_SLACK: f64 = 0.05;

/// Checks every rule; the first one broken is the error.
pub(super) fn check(settings: &Settings) -> Result<(), Rejected> {
    ladder(settings)?;
    quality(settings)?;
    segments(settings)?;
    audio(settings)?;
    thumbnails(settings)?;
    range(settings)?;
    output(settings)
}

fn ladder(settings: &Settings) -> Result<(), Rejected> {
    let rejected = |problem: String, remedy: &str| Err(Rejected::new(Setting::Ladder, problem, remedy));
    if settings.ladder.is_empty() {
        return rejected("it has no rung".into(), "name at least one, like 720p@2800k");
    }
    for rung in &settings.ladder {
        if !(SMALLEST_RUNG..=LARGEST_RUNG).contains(&rung.short_side) || !rung.short_side.is_multiple_of(2) {
            let problem = format!("{rung} is not an even size from {SMALLEST_RUNG} to {LARGEST_RUNG}");
            return rejected(problem, "name the shorter side of the picture, like 1080p@5000k");
        }
        let [lowest, highest] = RUNG_RATES;
        if !(lowest..=highest).contains(&rung.bitrate) {
            return rejected(format!("the bit rate of {rung} is not in {lowest} to {highest}"), "is the unit missing?");
        }
        if rung.crf.is_some_and(|crf| !(0.0..=51.0).contains(&crf)) {
            return rejected(
                format!("the crf of {rung} is not in 0 to 51"),
                "choose about 18 (better) to 28 (smaller)",
            );
        }
    }
    for pair in settings.ladder.windows(2) {
        let [wider, narrower] = [pair[0], pair[1]];
        if wider.short_side == narrower.short_side {
            return rejected(format!("{}p is there twice", wider.short_side), "leave one of the two out");
        }
        if wider.bitrate < narrower.bitrate {
            return rejected(
                format!("{wider} has fewer bits than the smaller {narrower}"),
                "give the larger rung the higher bit rate",
            );
        }
    }
    if settings.video_codecs.is_empty() {
        return Err(Rejected::new(Setting::VideoCodecs, "no codec is named", "write h264, or set no_video"));
    }
    let mut codecs = settings.video_codecs.clone();
    codecs.sort();
    match codecs.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            Err(Rejected::new(Setting::VideoCodecs, format!("{} is there twice", pair[0]), "leave one of the two out"))
        }
        None => Ok(()),
    }
}

fn quality(settings: &Settings) -> Result<(), Rejected> {
    if let Some(crf) = settings.crf
        && !(0.0..=51.0).contains(&crf)
    {
        let remedy = "choose about 18 (better) to 28 (smaller)";
        return Err(Rejected::new(Setting::Crf, format!("{crf} is not in 0 to 51"), remedy));
    }
    let idle = |setting, what: &str| {
        let problem = format!("{what} has no effect with rate control {}", settings.rate_control);
        Err(Rejected::new(setting, problem, "leave it out, or choose rate control capped-crf"))
    };
    match settings.rate_control {
        RateControlMode::CappedCrf => {}
        RateControlMode::Vbr | RateControlMode::TwoPass => {
            if settings.crf.is_some() {
                return idle(Setting::Crf, "a crf");
            }
            if let Some(rung) = settings.ladder.iter().find(|rung| rung.crf.is_some()) {
                return idle(Setting::Ladder, &format!("the crf of {rung}"));
            }
        }
    }
    if !(1.0..=120.0).contains(&settings.max_frame_rate.as_f64()) {
        let problem = format!("{} is not in 1 to 120", settings.max_frame_rate);
        return Err(Rejected::new(Setting::MaxFrameRate, problem, "choose 60, or 30 for small files"));
    }
    Ok(())
}

fn segments(settings: &Settings) -> Result<(), Rejected> {
    let (segment, gop) = (settings.segment_duration, settings.gop);
    if !(0.1..=LONGEST_SEGMENT).contains(&gop) {
        let problem = format!("{gop} s is not in 0.1 to {LONGEST_SEGMENT} s");
        return Err(Rejected::new(Setting::Gop, problem, "choose 2, or 1 for quicker starts"));
    }
    if !(1.0..=LONGEST_SEGMENT).contains(&segment) {
        let problem = format!("{segment} s is not in 1 to {LONGEST_SEGMENT} s");
        return Err(Rejected::new(Setting::SegmentDuration, problem, "choose 6, or 2 to 4 for quicker starts"));
    }
    if gop > segment {
        let problem = format!("{gop} s is longer than a segment ({segment} s)");
        return Err(Rejected::new(Setting::Gop, problem, format!("choose at most {segment}, or longer segments")));
    }
    let gops = segment / gop;
    if (gops - gops.round()).abs() > GOP_SLACK {
        let problem = format!("{segment} s is not a whole number of GOPs of {gop} s");
        let remedy = format!("choose {} or {}, or another gop", gops.floor() * gop, gops.ceil() * gop);
        return Err(Rejected::new(Setting::SegmentDuration, problem, remedy));
    }
    Ok(())
}

fn audio(settings: &Settings) -> Result<(), Rejected> {
    let rejected = |problem: String, remedy: String| Err(Rejected::new(Setting::Audio, problem, remedy));
    for (index, spec) in settings.audio.iter().enumerate() {
        if let AudioSpec::Encode(SoundEncoding { codec, channels, bitrate: Some(bitrate) }) = *spec {
            let Rates { allowed, remedy } = Rates::of(codec, channels);
            match allowed {
                Allowed::From(lowest, highest) if !(lowest..=highest).contains(&bitrate.as_kbps()) => {
                    let problem = format!("the bit rate of {spec} is not in {lowest}k to {highest}k");
                    return rejected(problem, remedy.to_owned());
                }
                Allowed::One(list) if !list.iter().any(|kbps| Bitrate::from_kbps(*kbps) == bitrate) => {
                    let problem = format!("{codec} has no bit rate of {bitrate}");
                    let list = list.iter().map(|kbps| format!("{kbps}k")).collect::<Vec<_>>().join(", ");
                    return rejected(problem, format!("choose one of {list}"));
                }
                Allowed::From(..) | Allowed::One(_) => {}
            }
        }
        if settings.audio[..index].iter().any(|other| is_same(other, spec)) {
            return rejected(format!("{spec} is there twice"), "leave one of the two out".to_owned());
        }
    }
    if let Some(loudness) = settings.loudness
        && !(-40.0..=-5.0).contains(&loudness)
    {
        let problem = format!("{loudness} LUFS is not in -40 to -5");
        return Err(Rejected::new(Setting::Loudness, problem, "choose -16 for the web, -23 for television"));
    }
    if settings.no_video && settings.audio.is_empty() {
        return Err(Rejected::new(Setting::Audio, "neither video nor audio is asked for", "name one, like aac@128k"));
    }
    Ok(())
}

/// Renditions are named by codec and kb/s, and told apart by their channels too.
fn is_same(a: &AudioSpec, b: &AudioSpec) -> bool {
    let named = |spec: &AudioSpec| match *spec {
        AudioSpec::Encode(SoundEncoding { codec, channels, bitrate }) => {
            Some((codec, channels, bitrate.map(Bitrate::as_kbps)))
        }
        AudioSpec::Copy => None,
    };
    named(a) == named(b)
}

/// The bit rates that a codec has.
struct Rates {
    allowed: Allowed,
    remedy: &'static str,
}

/// In thousands of bits per second.
enum Allowed {
    From(u64, u64),
    One(&'static [u64]),
}

/// frmsizecod of AC-3 (ETSI TS 102 366 Table 4.13).
const AC3_RATES: &[u64] = &[32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

impl Rates {
    fn of(codec: EncodableAudio, channels: Channels) -> Self {
        let from = |lowest, highest, remedy| Self { allowed: Allowed::From(lowest, highest), remedy };
        match (codec, channels) {
            // An AAC packet holds at most 6144 bits per channel (ISO/IEC 14496-3 § 4.5.3.1): 576 kb/s at 48 kHz
            // stereo.
            (EncodableAudio::Aac, Channels::Stereo) => from(16, 512, "choose 64k to 256k for stereo"),
            (EncodableAudio::Aac, Channels::Surround) => from(96, 1536, "choose 256k to 512k for 5.1"),
            (EncodableAudio::Ac3, _) => Self { allowed: Allowed::One(AC3_RATES), remedy: "" },
            // A frame of six blocks has at most 4096 bytes (ETSI TS 102 366 § E.1.3.1.3).
            (EncodableAudio::Eac3, _) => from(64, 1024, "choose 192k to 768k for 5.1"),
            (EncodableAudio::Opus, Channels::Stereo) => from(16, 510, "choose 64k to 192k for stereo"),
            (EncodableAudio::Opus, Channels::Surround) => from(96, 1024, "choose 192k to 512k for 5.1"),
            (EncodableAudio::Flac, _) => from(0, u64::MAX, ""),
        }
    }
}

fn thumbnails(settings: &Settings) -> Result<(), Rejected> {
    if settings.thumbnail_interval < 0.1 {
        let problem = format!("{} s is less than 0.1 s", settings.thumbnail_interval);
        return Err(Rejected::new(Setting::ThumbnailInterval, problem, "choose 1 to 10, or make no thumbnails"));
    }
    if !(16..=1280).contains(&settings.thumbnail_width) {
        let problem = format!("{} is not in 16 to 1280 pixels", settings.thumbnail_width);
        return Err(Rejected::new(Setting::ThumbnailWidth, problem, "choose 160 to 320"));
    }
    Ok(())
}

fn range(settings: &Settings) -> Result<(), Rejected> {
    if let Some(end) = settings.end {
        let start = settings.start.unwrap_or(0.0);
        if end <= start {
            let problem = format!("{end} s is not after the start ({start} s)");
            return Err(Rejected::new(Setting::End, problem, "both count from the beginning of the source"));
        }
    }
    Ok(())
}

/// What is told of keys must reach somebody.
fn encrypted(encryption: &Encryption, settings: &Settings) -> Result<(), Rejected> {
    let reject = |problem: &str, remedy: &str| Err(Rejected::new(Setting::Encryption, problem, remedy));
    let hls = settings.hls;
    if encryption.mode == EncryptionMode::Aes128 {
        // ISO/IEC 23009-4 has such a scheme for DASH, and no player plays it.
        return if settings.dash {
            reject("whole segments under aes-128 play in HLS alone", "leave DASH out (--no-dash), or choose cbcs")
        } else if settings.single_file {
            reject(
                "whole segments under aes-128 need a file each, for an index cannot lead into them",
                "leave the single file out, or choose cbcs",
            )
        } else {
            Ok(())
        };
    }
    if hls && encryption.drm.iter().all(|system| *system == DrmSystem::Common) {
        return reject("HLS has no way to name a key without a system", "name a DRM system, or leave HLS out");
    }
    if !hls && encryption.hdcp_level.is_some() {
        return reject("the HDCP level is said in HLS alone, which is left out", "leave it out, too");
    }
    if !hls && encryption.fairplay_uri.is_some() {
        return reject("FairPlay plays HLS alone, which is left out", "leave its URI out, too");
    }
    Ok(())
}

fn output(settings: &Settings) -> Result<(), Rejected> {
    let twice = |(at, name): &(usize, &RungName)| settings.progressive[..*at].contains(name);
    if let Some((_, name)) = settings.progressive.iter().enumerate().find(twice) {
        return Err(Rejected::new(Setting::Progressive, format!("{name} is there twice"), "leave one of the two out"));
    }
    if settings.encryption.is_some() && !settings.progressive.is_empty() {
        let problem = "a plain file of encrypted samples plays nowhere";
        return Err(Rejected::new(Setting::Progressive, problem, "leave the encryption or the plain file out"));
    }
    if let Some(encryption) = &settings.encryption {
        encrypted(encryption, settings)?;
    }
    if settings.no_video && !settings.progressive.is_empty() {
        let problem = "no pictures are asked for";
        return Err(Rejected::new(Setting::Progressive, problem, "leave it out, or choose a preset with video"));
    }
    if !settings.hls && !settings.dash {
        return Err(Rejected::new(Setting::Dash, "neither HLS nor DASH is asked for", "leave at least one of them on"));
    }
    Ok(())
}
