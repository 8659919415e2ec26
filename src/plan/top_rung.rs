//! Whether the largest rung is the source's own pictures: the rules that they must keep for it, and what is said
//! where they break one.

use super::buffer::BUFFER_S;
use super::ladder::{self, Fitted};
use super::package::Clock;
use super::picture::{self, PictureSteps};
use super::shape::Shape;
use super::timing::Programme;
use super::{CopiedRendition, Error, video};
use crate::config::{EncodableVideo, Settings, TopRung};
use crate::media::{
    Bitrate, CodecConfig, ColorInfo, FrameRate, PixelAspect, RenditionId, RenditionKind, VideoCodec, VideoTrack,
};
use crate::source::{Gop, PictureScan, VideoInfo};

/// GOPs may be so many times as long as is asked for, where nobody insists on the copy.
const GOPS: (f64, f64) = (0.5, 1.5);
/// profile_idc of Baseline, Main and High (ITU-T H.264 annex A): 8 bits, and 4:2:0 but for monochrome.
const PROFILES: [u8; 3] = [66, 77, 100];
/// level_idc of level 5.2, the highest of Apple's authoring specification (§ 1.3b).
const HIGHEST_LEVEL: u8 = 52;
/// Sound that begins earlier than the pictures by less, in microseconds, begins with them: the priming of codecs,
/// which not every container tells.
const PRIMING_US: i64 = 50_000;
/// Sound that outlasts the pictures by less, in seconds, ends with them: the padding of its last packets.
const PADDING_S: f64 = 0.1;
/// A command that puts the usual colour into the parameter sets of a file whose pictures have it.
const NAME_COLOR: &str = "ffmpeg -i IN -c copy \
     -bsf:v h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1 OUT";
/// The last picture may be shown so many seconds longer than the others.
const LONGEST_HOLD_S: f64 = 1.0;

/// The source's pictures as they are coded, as far as they were looked at.
#[derive(Clone, Copy, Debug)]
pub enum Coded<'a> {
    /// Nobody did, so they are not copied.
    Unseen,
    /// All of them.
    Seen {
        /// What one pass over their packets found.
        scan: &'a PictureScan,
        /// Their headers.
        config: &'a CodecConfig,
        /// What the stream itself says of them.
        track: &'a VideoTrack,
    },
    /// They cannot be copied, for these reasons.
    Unfit(&'a [String]),
}

/// The rung that may be the source's own pictures, and what it must fit in.
pub(super) struct Candidate<'a> {
    video: &'a VideoInfo,
    picture: PictureSteps,
    color: ColorInfo,
    rung: Fitted,
    programme: Programme,
    rate: FrameRate,
    settings: &'a Settings,
}

/// The source's own pictures, and the grid on which they lie.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) rendition: CopiedRendition,
    /// Frames from one key frame to the next.
    pub(super) gop_frames: u64,
    /// Frames of the programme.
    pub(super) frames: u64,
    /// Where it begins, in microseconds of the source's timeline.
    pub(super) origin_us: i64,
}

/// Where the GOPs of a source lie on a grid.
struct Lie {
    first_gop: usize,
    gops: usize,
    gop_frames: u64,
    frames: u64,
    origin_us: i64,
}

impl<'a> Candidate<'a> {
    /// The largest rung of the ladder. Fails when the ladder has none.
    pub(super) fn new(
        video: &'a VideoInfo,
        programme: Programme,
        rate: FrameRate,
        settings: &'a Settings,
    ) -> Result<Self, Error> {
        let shape = Shape::of(video);
        let picture = PictureSteps::new(video, shape.own());
        let color = picture::output_color(picture.source_color);
        let rung = ladder::fit(shape, &settings.ladder).first().copied().ok_or(Error::Empty { setting: "ladder" })?;
        Ok(Self { video, picture, color, rung, programme, rate, settings })
    }

    /// The copy, or every reason against it; none where it is not wanted or nobody looked.
    pub(super) fn decide(&self, coded: Coded<'_>) -> Result<Fit, Vec<String>> {
        match coded {
            _ if self.settings.top_rung == TopRung::Encode => Err(Vec::new()),
            Coded::Unseen => Err(Vec::new()),
            Coded::Unfit(reasons) => Err(reasons.to_vec()),
            Coded::Seen { scan, config, track } => self.fit(scan, config, track),
        }
    }

    fn fit(&self, scan: &PictureScan, config: &CodecConfig, track: &VideoTrack) -> Result<Fit, Vec<String>> {
        let mut reasons = Vec::new();
        self.coding(config, &mut reasons);
        self.pictures(track, &mut reasons);
        self.track(scan, &mut reasons);
        let lie = self.grid(scan).map_err(|reason| reasons.push(reason));
        match lie {
            Ok(Lie { first_gop, gops, gop_frames, frames, origin_us }) if reasons.is_empty() => {
                let codec = VideoCodec::H264;
                let name = format!("{}p_{codec}", self.rung.resolution.short_side());
                Ok(Fit {
                    rendition: CopiedRendition {
                        id: RenditionId::new(RenditionKind::Video, &name),
                        track: self.video.track,
                        codec,
                        resolution: self.rung.resolution,
                        bitrate: Bitrate::from_bps(scan.bits_per_second()),
                        maxrate: self.rung.bitrate.scaled(video::fastest(self.settings.rate_control)),
                        bufsize: self.rung.bitrate.scaled(BUFFER_S).as_bps(),
                        first_gop,
                        gops,
                        first_us: scan.gops[first_gop].first_us,
                    },
                    gop_frames,
                    frames,
                    origin_us,
                })
            }
            _ => Err(reasons),
        }
    }

    /// How the stream is coded.
    fn coding(&self, config: &CodecConfig, reasons: &mut Vec<String>) {
        let CodecConfig::Avc(record) = config else {
            return reasons.push(format!("it is {}, not H.264", self.video.codec));
        };
        if !self.settings.video_codecs.contains(&EncodableVideo::H264) {
            reasons.push("the ladder is not H.264".to_owned());
        }
        // AVCDecoderConfigurationRecord, ISO/IEC 14496-15:2022 § 5.3.3.1.
        let &[_, profile, _, level, _, sets, ..] = record.as_slice() else {
            return reasons.push("its headers are damaged".to_owned());
        };
        if !PROFILES.contains(&profile) || self.video.pixel_format != "yuv420p" {
            let profile = self.video.profile.clone().unwrap_or_else(|| format!("profile {profile}"));
            reasons.push(format!("it is {profile} {}, not 8 bits in 4:2:0 of at most High", self.video.pixel_format));
        }
        if level > HIGHEST_LEVEL {
            reasons.push(format!("its level is {:.1}, above 5.2", f64::from(level) / 10.0));
        }
        if sets & 0x1f != 1 {
            reasons.push("it has several sequence parameter sets".to_owned());
        }
    }

    /// What is to be seen.
    fn pictures(&self, track: &VideoTrack, reasons: &mut Vec<String>) {
        let wanted = self.rung.resolution;
        if track.resolution != wanted {
            reasons.push(format!("its pictures are {}, those of the rung {wanted}", track.resolution));
        }
        let aspects = [track.pixel_aspect, self.video.pixel_aspect];
        if aspects.iter().any(|aspect| aspect.num != aspect.den) {
            let PixelAspect { num, den } = self.video.pixel_aspect;
            reasons.push(format!("its pixels are not square ({num}:{den})"));
        }
        if self.picture.rotation != 0 || self.picture.mirrored {
            reasons.push("it is stored turned or mirrored".to_owned());
        }
        if self.picture.deinterlace {
            reasons.push("it is interlaced, or does not say that it is not".to_owned());
        }
        let ColorInfo { primaries, transfer, matrix, .. } = track.color;
        if [primaries, transfer, matrix].contains(&2) {
            // It would be shown in the right colours, but CMAF § A.2 wants the parameter sets themselves to name them.
            reasons.push(format!("its stream does not say its colour (`{NAME_COLOR}` names it without encoding)"));
        } else if track.color != self.color || self.picture.tone_map.is_some() {
            reasons.push("its colour is not that of the renditions".to_owned());
        }
    }

    /// What the packets are like.
    fn track(&self, scan: &PictureScan, reasons: &mut Vec<String>) {
        if scan.encrypted {
            reasons.push("it is encrypted".to_owned());
        }
        let PictureScan { skipped, broken, hidden, untimed, .. } = *scan;
        if skipped + broken + hidden + untimed > 0 {
            let count = skipped + broken + hidden + untimed;
            reasons
                .push(format!("{count} of its pictures cannot be decoded, are hidden by an edit list or have no time"));
        }
        let bitrate = Bitrate::from_bps(scan.bits_per_second());
        if bitrate > self.rung.bitrate {
            reasons.push(format!("its bit rate of {bitrate} is above the {} of the rung", self.rung.bitrate));
        }
        if scan.gops.iter().any(|gop| gop.is_open()) {
            reasons.push("it has open GOPs".to_owned());
        }
    }

    /// The GOPs that are taken, when they lie on an even grid.
    fn grid(&self, scan: &PictureScan) -> Result<Lie, String> {
        let timing = self.video.timing.as_ref();
        let exact = timing.filter(|timing| timing.constant).and_then(|timing| timing.exact_rate);
        if exact != Some(self.rate) {
            return Err(match exact {
                Some(rate) => format!("its {rate} frames per second become {}", self.rate),
                None => "its frame rate is not constant".to_owned(),
            });
        }
        let programme = self.programme(scan);
        let clock = Clock::of_rate(self.rate).starting(programme.origin_us, programme.origin_us);
        let slot = |gop: &Gop| clock.tick(gop.key_us) / clock.ticks_per_step();
        let first = scan.gops.iter().position(|gop| slot(gop) == 0);
        let first = first.ok_or("no key frame of it lies where the programme begins")?;
        let asked = programme.frames(self.rate);
        let taken: Vec<&Gop> = scan.gops[first..].iter().take_while(|gop| slot(gop) < asked as i64).collect();
        let held: u64 = taken.iter().map(|gop| gop.pictures).sum();
        let in_frames = |seconds: f64| (seconds * self.rate.as_f64()).round() as u64;
        if held > asked {
            return Err("the programme ends inside of a GOP".to_owned());
        }
        let frames = if asked - held <= in_frames(PADDING_S) { held } else { asked };
        if frames - held > in_frames(LONGEST_HOLD_S) {
            let seconds = (frames - held) as f64 / self.rate.as_f64();
            return Err(format!("its pictures end {seconds:.1} s before the sound"));
        }
        let wanted = in_frames(self.settings.gop).max(1);
        let gop_frames = match taken.as_slice() {
            [_] => wanted.max(frames),
            [first, ..] => first.pictures,
            [] => return Err("it has no GOP".to_owned()),
        };
        let even = taken.iter().zip(0..).all(|(gop, n)| {
            slot(gop) == n * gop_frames as i64 && (gop.pictures == gop_frames || n + 1 == taken.len() as i64)
        });
        if !even || frames.div_ceil(gop_frames.max(1)) != taken.len() as u64 {
            return Err("its key frames do not come at even distances".to_owned());
        }
        let length = gop_frames as f64 / wanted as f64;
        let (shortest, longest) = match self.settings.top_rung {
            TopRung::Copy => (0.0, self.settings.segment_duration / self.settings.gop),
            TopRung::Auto | TopRung::Encode => GOPS,
        };
        if !(shortest..=longest).contains(&length) {
            let seconds = gop_frames as f64 / self.rate.as_f64();
            return Err(format!(
                "its key frames are {seconds:.3} s apart, where {:.3} s are wanted",
                self.settings.gop
            ));
        }
        Ok(Lie { first_gop: first, gops: taken.len(), gop_frames, frames, origin_us: programme.origin_us })
    }

    /// The programme, begun with the first picture where no more than the priming of the sound comes before it.
    fn programme(&self, scan: &PictureScan) -> Programme {
        let first_us = scan.gops.first().map_or(self.programme.origin_us, |gop| gop.key_us);
        let early_us = first_us.saturating_sub(self.programme.origin_us);
        if self.settings.start.is_none() && (0..=PRIMING_US).contains(&early_us) {
            self.programme.beginning_at(first_us)
        } else {
            self.programme
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Stack};
    use crate::media::{Language, Resolution, TrackIndex};
    use crate::plan::Plan;
    use crate::source::{FieldOrder, SourceInfo, VideoTiming};

    const SECOND: i64 = 1_000_000;

    fn settings(top_rung: TopRung) -> Settings {
        let mut stack = Stack::new().expect("the defaults are valid");
        stack.environment(Environment::default());
        Settings { top_rung, ..stack.resolve().expect("they are complete").settings }
    }

    /// Ten seconds of 1080p25.
    fn video() -> VideoInfo {
        let rate = FrameRate::whole(25);
        VideoInfo {
            track: TrackIndex(0),
            codec: "h264".into(),
            profile: Some("High".into()),
            level: Some(40),
            resolution: Resolution::new(1920, 1080),
            pixel_aspect: PixelAspect::SQUARE,
            rotation: 0,
            mirrored: false,
            pixel_format: "yuv420p".into(),
            bit_depth: 8,
            color: ColorInfo::BT709,
            hdr: None,
            field_order: FieldOrder::Progressive,
            declared_rate: Some(rate),
            time_base: [1, 12_800],
            start_us: 0,
            end_us: 10 * SECOND,
            timing: Some(VideoTiming {
                frames: 250,
                mean_rate: 25.0,
                constant: true,
                exact_rate: Some(rate),
                key_frames_us: Vec::new(),
                seekable: true,
            }),
            bitrate: None,
            language: Language::undetermined(),
            default: true,
            captions: Vec::new(),
        }
    }

    /// Key frames every so many pictures.
    fn scan(gop: u64, bytes: u64) -> PictureScan {
        let gops = (0..250).step_by(gop as usize).map(|first: i64| {
            let (pictures, key_us) = (gop.min(250 - first as u64), first * 40_000);
            Gop { key_us, first_us: key_us, last_us: key_us + (pictures as i64 - 1) * 40_000, pictures }
        });
        PictureScan {
            track: TrackIndex(0),
            config: Vec::new(),
            head: Vec::new(),
            gops: gops.collect(),
            skipped: 0,
            broken: 0,
            hidden: 0,
            untimed: 0,
            end_us: 10 * SECOND,
            bytes,
            encrypted: false,
        }
    }

    /// A record of High at level 4.0 with one sequence parameter set.
    const RECORD: [u8; 7] = [1, 100, 0, 40, 0xff, 0xe1, 0];

    fn plan_of(
        video: VideoInfo,
        scan: &PictureScan,
        record: &[u8],
        color: ColorInfo,
        wish: TopRung,
    ) -> Result<Plan, String> {
        let info = SourceInfo {
            input: "film.mp4".into(),
            container: "mov,mp4".into(),
            bytes: None,
            declared_duration_us: None,
            start_us: 0,
            end_us: video.end_us,
            title: None,
            language: None,
            video: vec![video],
            audio: Vec::new(),
            text: Vec::new(),
            chapters: Vec::new(),
            other: Vec::new(),
            shifts: Vec::new(),
        };
        let (config, track) = (CodecConfig::Avc(record.to_vec()), VideoTrack::new(Resolution::new(1920, 1080), color));
        let coded = Coded::Seen { scan, config: &config, track: &track };
        Plan::of(&info, &settings(wish), coded, &[]).map_err(|error| error.to_string())
    }

    /// Why pictures are not copied.
    fn reasons(video: VideoInfo, scan: &PictureScan) -> Vec<String> {
        let plan = plan_of(video, scan, &RECORD, ColorInfo::BT709, TopRung::Auto).expect("a plan");
        plan.video.expect("pictures").not_copied
    }

    #[test]
    fn a_source_on_an_even_grid_gives_the_top_rung_and_its_grid() {
        let plan = plan_of(video(), &scan(60, 4_000_000), &RECORD, ColorInfo::BT709, TopRung::Auto).expect("a plan");
        let pictures = plan.video.as_ref().expect("pictures");
        let copied = pictures.copied.as_ref().expect("a copy");
        assert_eq!((copied.id.name(), copied.gops, pictures.renditions.len()), ("1080p_h264", 5, 3));
        assert_eq!((plan.grid.gop_frames(), plan.grid.segment_frames()), (60, 180), "2.4 s, and three of them");
        let copy = plan.picture_copy().expect("a copy");
        assert_eq!((copy.cuts.fragments(), copy.cuts.segments()), (plan.grid.fragments(), plan.grid.segments()));
        assert_eq!(pictures.all().map(|r| r.id.name().to_owned()).next(), Some("1080p_h264".to_owned()));
    }

    #[test]
    fn each_rule_that_is_broken_is_told() {
        let good = scan(50, 4_000_000);
        let with = |change: fn(&mut VideoInfo)| {
            let mut video = video();
            change(&mut video);
            reasons(video, &good)
        };
        assert_eq!(reasons(video(), &good), Vec::<String>::new());
        assert_eq!(reasons(video(), &scan(50, 7_000_000)), ["its bit rate of 5600k is above the 5000k of the rung"]);
        assert_eq!(
            reasons(video(), &scan(90, 4_000_000)),
            ["its key frames are 3.600 s apart, where 2.000 s are wanted"]
        );
        assert_eq!(with(|v| v.rotation = 180), ["it is stored turned or mirrored"]);
        assert_eq!(with(|v| v.field_order = FieldOrder::Tff), ["it is interlaced, or does not say that it is not"]);
        assert_eq!(with(|v| v.timing.as_mut().expect("timing").constant = false), ["its frame rate is not constant"]);
        assert_eq!(
            with(|v| v.pixel_format = "yuv422p".into()),
            ["it is High yuv422p, not 8 bits in 4:2:0 of at most High"]
        );
        let mut uneven = good.clone();
        uneven.gops[2] = Gop {
            key_us: uneven.gops[2].key_us + 40_000,
            first_us: uneven.gops[2].first_us + 40_000,
            ..uneven.gops[2]
        };
        assert_eq!(reasons(video(), &uneven), ["its key frames do not come at even distances"]);
        let mut open = good.clone();
        open.gops[1].first_us -= 40_000;
        assert_eq!(reasons(video(), &open), ["it has open GOPs"]);
        let broken = PictureScan { skipped: 3, ..good };
        assert_eq!(
            reasons(video(), &broken),
            ["3 of its pictures cannot be decoded, are hidden by an edit list or have no time"]
        );
    }

    #[test]
    fn who_insists_is_told_every_reason() {
        let record = [1, 110, 0, 60, 0xff, 0xe2, 0];
        let message = plan_of(video(), &scan(50, 4_000_000), &record, ColorInfo::UNSPECIFIED, TopRung::Copy)
            .expect_err("rules are broken");
        assert_eq!(
            message,
            "the largest rung cannot be the own pictures of film.mp4: it is High yuv420p, not 8 bits in 4:2:0 of at most \
             High; its level is 6.0, above 5.2; it has several sequence parameter sets; its stream does not say its \
             colour (`ffmpeg -i IN -c copy -bsf:v \
             h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1 OUT` names it without \
             encoding); pass --top-rung auto to encode it"
        );
    }
}
