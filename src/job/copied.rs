//! The rung that is the source's own pictures: looked at, rehearsed, and copied.

use std::path::Path;

use super::Error;
use super::journal::Entry;
use super::keep::{Keep, Trick};
use super::scene::Scene;
use crate::codec::{VideoSource, VideoStream};
use crate::config::{Settings, TopRung};
use crate::encode::{self, copy::PictureCopier};
use crate::event::{Control, Event};
use crate::media::{
    ColorInfo, FrameRate, Language, PixelAspect, Sample, SampleSink, TrackConfig, TrackMedia, VideoCodec, VideoTrack,
};
use crate::output::Stored;
use crate::package::{Packager, Segment};
use crate::plan::package::PictureCopy;
use crate::plan::{Coded, CopiedRendition, Plan, chosen_pictures};
use crate::source::packets::{AccessUnit, PacketReader};
use crate::source::{PictureScan, Scan, SoundScan, SourceInfo, VideoInfo};

/// nal_unit_type of a coded slice of an IDR picture (ITU-T H.264 Table 7-1).
const IDR: u8 = 5;
/// How full the decoder's buffer is when the first picture is taken, as a part of its size: x264's own default.
const FIRST_FULLNESS: f64 = 0.9;
/// Events are told once for so many packets.
const EVENT_PACKETS: u64 = 250;

/// What will be done to a source, and what of it is copied, if anything is.
pub(super) fn plan(
    input: &Path,
    info: &SourceInfo,
    (pictures, sounds): (&[PictureScan], &[SoundScan]),
    settings: &Settings,
    control: Control<'_>,
) -> Result<(Plan, Option<Scan>), Error> {
    let chosen = chosen_pictures(info, settings).filter(|_| settings.top_rung != TopRung::Encode);
    let scan = chosen.and_then(|video| pictures.iter().find(|scan| scan.track == video.track).zip(Some(video)));
    let unfit = |reasons: Vec<String>| Ok((Plan::of(info, settings, Coded::Unfit(&reasons), sounds)?, None));
    let (scan, video) = match (chosen, scan) {
        (_, Some(found)) => found,
        (None, None) => return Ok((Plan::of(info, settings, Coded::Unseen, sounds)?, None)),
        (Some(_), None) => return unfit(vec!["it has no key frame".to_owned()]),
    };
    let stream = match stream(video, scan) {
        Ok(stream) => stream,
        Err(reason) => return unfit(vec![reason]),
    };
    let seen = Coded::Seen { scan, config: stream.config(), track: stream.track() };
    let plan = Plan::of(info, settings, seen, sounds)?;
    let Some((copied, copy)) = plan.video.as_ref().and_then(|video| video.copied.as_ref()).zip(plan.picture_copy())
    else {
        return Ok((plan, None));
    };
    let taken = taken(info, scan, copied);
    match rehearse(input, &taken, &copy, copied, control)? {
        Ok(()) => Ok((plan, Some(taken))),
        Err(reasons) => unfit(reasons),
    }
}

/// The headers of the stream, as it says them itself.
fn stream(video: &VideoInfo, scan: &PictureScan) -> Result<VideoStream, String> {
    let codec = VideoCodec::named(&video.codec).filter(|codec| *codec == VideoCodec::H264);
    let source = VideoSource {
        codec: codec.ok_or_else(|| format!("it is {}, not H.264", video.codec))?,
        config: &scan.config,
        key: &scan.head,
        rate: video.declared_rate.unwrap_or(FrameRate::whole(25)),
        color: ColorInfo::UNSPECIFIED,
        pixel_aspect: PixelAspect::SQUARE,
    };
    VideoStream::new(&source).map_err(|error| error.to_string())
}

/// The part of the source that is taken.
fn taken(info: &SourceInfo, scan: &PictureScan, copied: &CopiedRendition) -> Scan {
    let (before, rest) = scan.gops.split_at(copied.first_gop);
    let skipped = scan.skipped + before.iter().map(|gop| gop.pictures).sum::<u64>();
    let gops = rest[..copied.gops].to_vec();
    let pictures = PictureScan { gops, skipped, ..scan.clone() };
    Scan { info: info.clone(), video: vec![pictures], audio: Vec::new(), places: None }
}

/// Does everything but store it; gives the reasons when it cannot be done.
fn rehearse(
    input: &Path,
    taken: &Scan,
    copy: &PictureCopy,
    copied: &CopiedRendition,
    control: Control<'_>,
) -> Result<Result<(), Vec<String>>, Error> {
    let mut rehearsal = Rehearsal::new(copied);
    match read(input, taken, copy, &mut rehearsal, control, |_| ()) {
        Ok(()) => Ok(rehearsal.verdict()),
        Err(Error::Encode(error @ (encode::Error::Coded { .. } | encode::Error::Gone { .. }))) => {
            Ok(Err(vec![error.to_string()]))
        }
        Err(error) => Err(error),
    }
}

/// Sends what is taken into `sink`, and tells of packets that went by.
fn read<S>(
    input: &Path,
    taken: &Scan,
    copy: &PictureCopy,
    sink: &mut S,
    control: Control<'_>,
    mut tell: impl FnMut(u64),
) -> Result<(), Error>
where
    S: SampleSink<Error = Error>,
{
    let track = copy.track.index;
    let mut copier = PictureCopier::open(taken, copy)?;
    let mut reader = PacketReader::open(input, &[track], &taken.info.shifts_of(track), control.cancel)?;
    let mut packets = 0;
    while let Some(packet) = reader.read()? {
        if copier.is_done() {
            break;
        }
        if let Some(unit) = AccessUnit::of(&packet) {
            copier.push(unit, sink)?;
        }
        packets += 1;
        if packets == EVENT_PACKETS {
            tell(std::mem::take(&mut packets));
        }
    }
    tell(packets);
    Ok(copier.finish()?)
}

/// What the CMAF header says of it: the same as of the renditions beside it, but for how it is coded.
pub(super) fn track(taken: &Scan, copy: &PictureCopy) -> Result<TrackConfig, Error> {
    let track = PictureCopier::open(taken, copy)?.track();
    let media = match &track.media {
        TrackMedia::Video(video) => TrackMedia::Video(VideoTrack::new(video.resolution, video.color)),
        TrackMedia::Audio(_) | TrackMedia::Text => track.media.clone(),
    };
    Ok(TrackConfig { language: Language::undetermined(), media, ..track })
}

/// Copies it, and enters it in the journal.
pub(super) fn run(
    scene: &Scene<'_>,
    (taken, copy): (&Scan, &PictureCopy),
    packager: Packager,
    trick: Option<Packager>,
    control: Control<'_>,
) -> Result<Vec<Stored<Segment>>, Error> {
    let trick = trick.map(|trick| Trick::on_grid(trick, scene.plan.grid));
    let mut keep = Keep::new(packager, trick, scene.dir, control);
    read(scene.input, taken, copy, &mut keep, control, |frames| {
        control.observer.on(&Event::Encoded { rendition: &copy.id, frames });
    })?;
    let segments = keep.finish()?;
    let facts = segments.iter().map(|segment| segment.facts().clone()).collect();
    scene.journal.done(&Entry::Copy { rendition: copy.id.clone(), segments: facts })?;
    Ok(segments)
}

/// Looks at samples instead of storing them: whether key frames are such, and whether a decoder's buffer that is
/// filled as the rung promises never runs dry (ITU-T H.264 annex C).
struct Rehearsal {
    /// Bits per second.
    maxrate: f64,
    /// Bits.
    size: f64,
    fullness: f64,
    /// When a key frame is none that a player can start at, and when the buffer is dry, in seconds.
    no_idr: Option<f64>,
    dry: Option<f64>,
    promise: String,
}

impl Rehearsal {
    fn new(copied: &CopiedRendition) -> Self {
        let (maxrate, size) = (copied.maxrate.as_bps() as f64, copied.bufsize as f64);
        let promise = format!("{} over a buffer of {:.1} s", copied.maxrate, size / maxrate);
        Self { maxrate, size, fullness: FIRST_FULLNESS * size, no_idr: None, dry: None, promise }
    }

    fn verdict(self) -> Result<(), Vec<String>> {
        let no_idr = self.no_idr.map(|at| format!("the key frame at {at:.3} s is not an IDR picture"));
        let dry = self.dry.map(|at| format!("it takes more than {} at {at:.3} s", self.promise));
        let reasons: Vec<String> = no_idr.into_iter().chain(dry).collect();
        if reasons.is_empty() { Ok(()) } else { Err(reasons) }
    }
}

impl SampleSink for Rehearsal {
    type Error = Error;

    fn push(&mut self, sample: Sample) -> Result<(), Error> {
        let at = sample.dts.as_seconds();
        if sample.sync && !sample.data.here().is_some_and(holds_idr) {
            self.no_idr.get_or_insert(at);
        }
        self.fullness -= 8.0 * sample.data.len() as f64;
        if self.fullness < 0.0 {
            self.dry.get_or_insert(at);
        }
        self.fullness = (self.fullness + self.maxrate * sample.duration.as_seconds()).min(self.size);
        Ok(())
    }
}

/// Whether one of the NAL units, each behind four bytes of length, is a slice of an IDR picture.
fn holds_idr(mut sample: &[u8]) -> bool {
    while let Some((length, rest)) = sample.split_first_chunk::<4>() {
        if rest.first().is_some_and(|header| header & 0x1f == IDR) {
            return true;
        }
        sample = rest.get(u32::from_be_bytes(*length) as usize..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Bitrate, RenditionId, RenditionKind, Resolution, Span, Timescale, Timestamp, TrackIndex};

    fn copied() -> CopiedRendition {
        CopiedRendition {
            id: RenditionId::new(RenditionKind::Video, "360p_h264"),
            track: TrackIndex(0),
            codec: VideoCodec::H264,
            resolution: Resolution::new(640, 360),
            bitrate: Bitrate::from_kbps(800),
            maxrate: Bitrate::from_kbps(800),
            bufsize: 800_000,
            first_gop: 0,
            gops: 1,
            first_us: 0,
        }
    }

    /// A second of pictures at 25 Hz, each of so many bytes; the first has a slice of this type.
    fn verdict(bytes: usize, first: u8) -> Result<(), Vec<String>> {
        let scale = Timescale::new(25);
        let mut rehearsal = Rehearsal::new(&copied());
        for index in 0..25 {
            let mut data = vec![0; bytes];
            data[..4].copy_from_slice(&(bytes as u32 - 4).to_be_bytes());
            data[4] = if index == 0 { first } else { 1 };
            let (dts, duration) = (Timestamp::new(index, scale), Span::new(1, scale));
            rehearsal
                .push(Sample { dts, cts_offset: 0, duration, sync: index == 0, data: data.into() })
                .expect("it only looks");
        }
        rehearsal.verdict()
    }

    #[test]
    fn a_stream_within_the_promise_is_taken() {
        assert_eq!(verdict(4000, IDR), Ok(()));
    }

    #[test]
    fn a_stream_that_runs_the_buffer_dry_is_not() {
        let reasons = verdict(9000, IDR).expect_err("1800 kb/s are more than 800");
        assert!(reasons[0].contains("more than 800k") && reasons[0].contains("at 0.680 s"), "{reasons:?}");
    }

    #[test]
    fn a_key_frame_that_only_recovers_is_none() {
        let reasons = verdict(4000, 1).expect_err("no IDR");
        assert_eq!(reasons, ["the key frame at 0.000 s is not an IDR picture"]);
    }
}
