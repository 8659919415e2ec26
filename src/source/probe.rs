//! A file in, [`SourceInfo`] out: the container's word, the first pictures', and one pass over the packets.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::captions::Captions;
use super::pass::{Measured, Pass, measure, tracks};
use super::pictures::{Gathered, PictureScan};
use super::{AudioInfo, Chapter, FieldOrder, HdrInfo, OtherInfo, SourceInfo, TextInfo, VideoInfo, timing};
use crate::av::Error;
use crate::av::decode::{AudioDecoder, VideoDecoder};
use crate::av::demux::{Demuxer, Packet};
use crate::av::frame::Frame;
use crate::av::streams::{ChapterMark, Container, Stream, StreamKind, describe};
use crate::cancel::CancelToken;
use crate::event::Warning;
use crate::media::{ColorInfo, TrackIndex};

/// How much of the file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The header and the first pictures.
    Header,
    /// Every packet, so that times are measured instead of believed.
    Packets,
}

/// Containers in which a reader can jump to a key frame and gets the same timestamps as when it reads
/// from the start. In others the source is read once, from the start.
const SEEKABLE: &[&str] = &["mov", "mp4", "matroska", "webm", "mpegts", "mxf"];

/// How long is waited for the first picture and sound of every track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Packets of all tracks.
    pub(super) packets: usize,
    /// Time of the source that they may take, in microseconds.
    pub(super) us: i64,
}

impl Patience {
    /// For a file, whose packets cost nothing.
    const FILE: Self = Self { packets: 2000, us: i64::MAX };

    /// Whether time passes meanwhile.
    const fn live(self) -> bool {
        self.us != i64::MAX
    }
}

/// A track that puts nothing out after so many packets of its own, or by the end, is left out. A
/// broadcast recording can begin long before its first key frame.
const HOPELESS_PACKETS: usize = 600;

/// Declared and measured length may differ by this before the file is called truncated.
const TRUNCATION_US: i64 = 1_000_000;

/// What a source holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Probed {
    /// Its tracks.
    pub info: SourceInfo,
    /// How the packets of its pictures follow each other; nothing after a probe of the header only.
    pub pictures: Vec<PictureScan>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Reads what a source holds.
pub fn probe(path: &Path, depth: Depth, cancel: &CancelToken) -> Result<Probed, Error> {
    let mut demuxer = Demuxer::open(path, cancel)?;
    let (container, mut info, mut warnings) = begin(&mut demuxer, path, Patience::FILE, drop)?;
    let mut gathered = Gathered::of(&container);
    if depth == Depth::Packets {
        let mut captions = Captions::of(&container);
        let measured = measure(Demuxer::open(path, cancel)?, &container, |packet| {
            captions.see(packet);
            gathered.see(packet);
        })?;
        let listed = used(&info);
        apply(&mut info, &container, measured);
        captions.tell(&mut info);
        warnings.extend(empty(&listed, &info));
        warnings.extend(truncated(&info));
    }
    bounds(&mut info);
    let pictures = info.video.iter().filter_map(|video| gathered.take(video, &container)).collect();
    Ok(Probed { info, pictures, warnings })
}

/// What the container and the first pictures of an open source tell. The packets that are read for it go to
/// `read`.
pub(super) fn begin(
    demuxer: &mut Demuxer,
    path: &Path,
    patience: Patience,
    read: impl FnMut(Packet),
) -> Result<(Container, SourceInfo, Vec<Warning>), Error> {
    let mut container = describe(demuxer);
    let tried = try_decoders(demuxer, &container, patience, read)?;
    for stream in container.streams.iter_mut().filter(|stream| tried.dead.contains(&stream.track)) {
        stream.decodable = false;
    }
    let info = from_container(path, &container, &tried.pictures);
    let warnings = undecodable(&container);
    Ok((container, info, warnings))
}

fn undecodable(container: &Container) -> Vec<Warning> {
    let lost =
        container.streams.iter().filter(|s| matches!(s.kind, StreamKind::Video | StreamKind::Audio) && !s.decodable);
    let message = |s: &Stream| {
        let Stream { track, codec, .. } = s;
        format!("track {} is left out: nothing of its {codec} can be decoded (damaged, encrypted or unknown)", track.0)
    };
    lost.map(|s| Warning { code: "undecodable_track", message: message(s) }).collect()
}

pub(super) fn used(info: &SourceInfo) -> Vec<TrackIndex> {
    info.video.iter().map(|v| v.track).chain(info.audio.iter().map(|a| a.track)).collect()
}

/// Tracks that the header lists and the file does not hold.
pub(super) fn empty(listed: &[TrackIndex], info: &SourceInfo) -> Vec<Warning> {
    let used = used(info);
    let lost = listed.iter().filter(|track| !used.contains(track));
    let message = |track: &TrackIndex| format!("track {} is left out: the file holds nothing of it", track.0);
    lost.map(|track| Warning { code: "empty_track", message: message(track) }).collect()
}

/// What decoding the beginning of a source has shown.
#[derive(Default)]
struct Tried {
    /// The first picture of each picture stream: it knows of fields, colour and format what headers don't.
    pictures: BTreeMap<TrackIndex, Frame>,
    /// Tracks whose decoder does not open or puts nothing out.
    dead: Vec<TrackIndex>,
}

/// One track on trial.
struct Trial {
    decoder: Trier,
    packets: usize,
    alive: bool,
}

enum Trier {
    Picture(VideoDecoder),
    Sound(AudioDecoder),
}

/// Decodes the beginning of every picture and sound stream.
fn try_decoders(
    demuxer: &mut Demuxer,
    container: &Container,
    patience: Patience,
    mut read: impl FnMut(Packet),
) -> Result<Tried, Error> {
    let mut tried = Tried::default();
    let mut trials: HashMap<TrackIndex, Trial> = HashMap::new();
    for stream in tracks(container, StreamKind::Video).chain(tracks(container, StreamKind::Audio)) {
        let decoder = match stream.kind {
            StreamKind::Video => VideoDecoder::open(demuxer, stream.track).map(Trier::Picture),
            _ => AudioDecoder::open(demuxer, stream.track).map(Trier::Sound),
        };
        match decoder {
            Ok(decoder) => {
                trials.insert(stream.track, Trial { decoder, packets: 0, alive: false });
            }
            Err(Error::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(_) => tried.dead.push(stream.track),
        }
    }
    // What comes now is read once where the source is live.
    let marks = if patience.live() { demuxer.mark_tracks() } else { Vec::new() };
    demuxer.select(&trials.keys().copied().chain(marks).collect::<Vec<_>>());
    let (mut ended, mut first, mut waited) = (false, None, 0);
    for _ in 0..patience.packets {
        let packet = demuxer.read()?;
        ended = packet.is_none();
        if let Some(at) = packet.as_ref().and_then(Packet::decode_us) {
            waited = at.saturating_sub(*first.get_or_insert(at));
        }
        for (track, trial) in &mut trials {
            let own = packet.as_ref().filter(|p| p.track() == *track);
            if !trial.alive && (own.is_some() || packet.is_none()) {
                trial.packets += usize::from(own.is_some());
                trial.alive = tried.feed(*track, &mut trial.decoder, own);
            }
        }
        packet.into_iter().for_each(&mut read);
        if ended || waited > patience.us || trials.values().all(|trial| trial.alive) {
            break;
        }
    }
    let enough = if ended { 1 } else { HOPELESS_PACKETS };
    let silent = trials.iter().filter(|(_, trial)| !trial.alive && trial.packets >= enough);
    tried.dead.extend(silent.map(|(track, _)| *track));
    Ok(tried)
}

impl Tried {
    /// Sends a packet, or the end; true once something came out.
    fn feed(&mut self, track: TrackIndex, decoder: &mut Trier, packet: Option<&Packet>) -> bool {
        match decoder {
            Trier::Picture(decoder) => {
                decoder.send(packet);
                let picture = decoder.receive();
                let came = picture.is_some();
                self.pictures.extend(picture.map(|picture| (track, picture)));
                came
            }
            Trier::Sound(decoder) => {
                decoder.send(packet);
                decoder.receive().is_some()
            }
        }
    }
}

fn merged(declared: ColorInfo, seen: Option<ColorInfo>) -> ColorInfo {
    let Some(seen) = seen else { return declared };
    let either = |seen: u8, declared: u8| if seen == 2 { declared } else { seen };
    ColorInfo {
        primaries: either(seen.primaries, declared.primaries),
        transfer: either(seen.transfer, declared.transfer),
        matrix: either(seen.matrix, declared.matrix),
        full_range: seen.full_range || declared.full_range,
    }
}

fn video_info(stream: &Stream, picture: Option<&Frame>) -> VideoInfo {
    let field_order = match (picture.and_then(Frame::top_field_first), stream.top_field_first) {
        (Some(true), _) | (None, Some(true)) => FieldOrder::Tff,
        (Some(false), _) | (None, Some(false)) => FieldOrder::Bff,
        (None, None) if stream.progressive => FieldOrder::Progressive,
        (None, None) => FieldOrder::Unknown,
    };
    let hdr = HdrInfo {
        content_light: stream.content_light,
        mastering_luminance: stream.mastering_luminance,
        dolby_vision_profile: stream.dolby_vision_profile,
    };
    let has_hdr =
        hdr.content_light.is_some() || hdr.mastering_luminance.is_some() || hdr.dolby_vision_profile.is_some();
    let start_us = stream.start_us.unwrap_or(0);
    VideoInfo {
        track: stream.track,
        codec: stream.codec.clone(),
        profile: stream.profile.clone(),
        level: stream.level,
        resolution: picture.map_or(stream.resolution, Frame::resolution),
        pixel_aspect: stream.pixel_aspect,
        rotation: stream.rotation.0,
        mirrored: stream.rotation.1,
        pixel_format: stream.pixel_format.clone(),
        bit_depth: stream.bit_depth,
        color: ColorInfo {
            // The yuvj formats are full range by name alone (libavutil/pixfmt.h).
            full_range: stream.pixel_format.starts_with("yuvj")
                || merged(stream.color, picture.map(Frame::color)).full_range,
            ..merged(stream.color, picture.map(Frame::color))
        },
        hdr: has_hdr.then_some(hdr),
        field_order,
        declared_rate: stream.rates[1].or(stream.rates[0]),
        time_base: stream.time_base,
        start_us,
        end_us: start_us + stream.duration_us.unwrap_or(0),
        timing: None,
        bitrate: stream.bit_rate,
        language: stream.language.clone(),
        default: stream.default,
        captions: Vec::new(),
    }
}

/// `originals` says whether a stream is marked as the original.
fn audio_info(stream: &Stream, originals: bool) -> AudioInfo {
    let start_us = stream.start_us.unwrap_or(0);
    AudioInfo {
        track: stream.track,
        codec: stream.codec.clone(),
        profile: stream.profile.clone(),
        sample_rate: stream.sample_rate,
        channels: stream.channels,
        channel_layout: stream.channel_layout.clone(),
        start_us,
        end_us: start_us + stream.duration_us.unwrap_or(0),
        bitrate: stream.bit_rate,
        language: stream.language.clone(),
        title: stream.title.clone(),
        default: stream.default,
        commentary: stream.commentary,
        description: stream.description,
        dub: stream.dub || (originals && !stream.original && !stream.commentary && !stream.description),
    }
}

pub(super) fn text_info(stream: &Stream) -> TextInfo {
    TextInfo {
        track: stream.track,
        codec: stream.codec.clone(),
        language: stream.language.clone(),
        title: stream.title.clone(),
        default: stream.default,
        forced: stream.forced,
        hearing_impaired: stream.hearing_impaired,
        commentary: stream.commentary,
        packets: None,
    }
}

/// Chapters by their beginnings; one that does not say where it ends goes on to the next.
fn chapters(marks: &[ChapterMark]) -> Vec<Chapter> {
    let mut marks = marks.to_vec();
    marks.sort_by_key(|mark| mark.start_us);
    let end = |at: usize, mark: &ChapterMark| {
        let next = marks.get(at + 1).map(|next| next.start_us);
        if mark.end_us > mark.start_us { mark.end_us } else { next.unwrap_or(i64::MAX) }
    };
    let chapter = |(at, mark): (usize, &ChapterMark)| Chapter {
        start_us: mark.start_us,
        end_us: end(at, mark),
        title: mark.title.clone(),
    };
    marks.iter().enumerate().map(chapter).collect()
}

fn other_info(stream: &Stream) -> OtherInfo {
    let kind = match stream.kind {
        StreamKind::Text | StreamKind::Subtitle => "subtitle",
        StreamKind::Picture => "picture",
        StreamKind::Attachment => "attachment",
        StreamKind::Video | StreamKind::Audio | StreamKind::Data => "data",
    };
    OtherInfo {
        track: stream.track,
        kind: kind.to_owned(),
        codec: Some(stream.codec.clone()).filter(|c| c != "none"),
        language: stream.language.clone(),
        title: stream.title.clone(),
    }
}

pub(super) fn from_container(path: &Path, container: &Container, pictures: &BTreeMap<TrackIndex, Frame>) -> SourceInfo {
    let usable =
        |s: &&Stream| matches!(s.kind, StreamKind::Video | StreamKind::Audio | StreamKind::Text) && s.decodable;
    let originals = tracks(container, StreamKind::Audio).any(|stream| stream.original);
    SourceInfo {
        input: path.display().to_string(),
        container: container.name.clone(),
        bytes: std::fs::metadata(path).ok().map(|m| m.len()),
        declared_duration_us: container.duration_us,
        start_us: 0,
        end_us: 0,
        title: container.title.clone(),
        language: container.language.clone(),
        video: tracks(container, StreamKind::Video).map(|s| video_info(s, pictures.get(&s.track))).collect(),
        audio: tracks(container, StreamKind::Audio).map(|stream| audio_info(stream, originals)).collect(),
        text: tracks(container, StreamKind::Text).map(text_info).collect(),
        other: container.streams.iter().filter(|s| !usable(s)).map(other_info).collect(),
        chapters: chapters(&container.chapters),
        shifts: Vec::new(),
    }
}

pub(super) fn apply(info: &mut SourceInfo, container: &Container, mut pass: Pass) {
    let seekable = container.name.split(',').any(|n| SEEKABLE.contains(&n)) && pass.shifts.is_empty();
    for video in &mut info.video {
        let Some(mut track) = pass.tracks.remove(&video.track) else { continue };
        let stream = container.streams.iter().find(|s| s.track == video.track);
        let declared: Vec<_> = stream.map_or(&[None; 2], |s| &s.rates).iter().rev().flatten().copied().collect();
        let tick_us = f64::from(video.time_base[0]) * 1e6 / f64::from(video.time_base[1].max(1));
        if track.times.is_empty() {
            track.count(declared.first().copied());
        }
        // A palette comes with the first packet only, and is lost to a reader that jumps.
        let trusted = seekable && track.untimed == 0 && !track.keys.is_empty() && video.pixel_format != "pal8";
        let last = track.times.iter().max().copied();
        let timing = timing::sum_up(track.times, track.keys, tick_us, &declared, trusted);
        video.start_us = track.start_us.unwrap_or(video.start_us);
        // The last packet of many containers has no length: it gets the mean one.
        let mean = if timing.mean_rate > 0.0 { (1e6 / timing.mean_rate).round() as i64 } else { 0 };
        let end = track.end_us.zip(last).map(|(end, last)| if end <= last { last + mean } else { end });
        video.end_us = end.unwrap_or(video.end_us);
        video.timing = Some(timing);
    }
    for audio in &mut info.audio {
        let Some(track) = pass.tracks.remove(&audio.track) else { continue };
        let declared_end = audio.end_us;
        audio.start_us = track.start_us.unwrap_or(audio.start_us);
        audio.end_us = if track.packets > 0 { sound_end(&track, declared_end) } else { audio.start_us };
    }
    info.video.retain(|v| v.timing.as_ref().is_some_and(|t| t.frames > 0));
    info.audio.retain(|a| a.end_us > a.start_us);
    for text in &mut info.text {
        text.packets = Some(pass.texts.get(&text.track).copied().unwrap_or(0));
    }
    info.shifts = pass.shifts;
}

/// When a track of sound ends. Where packets say no lengths (Monkey's Audio, WMA Lossless) the last one
/// ends where the container says, unless that is longer than the packets before it.
fn sound_end(track: &Measured, declared_end_us: i64) -> i64 {
    let (Some(end), Some(last)) = (track.end_us, track.last_us) else {
        return if track.untimed_us > 0 { track.untimed_us } else { declared_end_us };
    };
    if end > last {
        return end;
    }
    let at_most = if track.packets > 1 { last + track.longest_us } else { declared_end_us };
    if (last..=at_most).contains(&declared_end_us) { declared_end_us } else { at_most }
}

pub(super) fn bounds(info: &mut SourceInfo) {
    let ends =
        info.video.iter().map(|v| (v.start_us, v.end_us)).chain(info.audio.iter().map(|a| (a.start_us, a.end_us)));
    let (mut start, mut end) = (None, None);
    for (s, e) in ends {
        start = Some(start.map_or(s, |start: i64| start.min(s)));
        end = Some(end.map_or(e, |end: i64| end.max(e)));
    }
    info.start_us = start.unwrap_or(0);
    info.end_us = end.unwrap_or(0);
}

pub(super) fn truncated(info: &SourceInfo) -> Option<Warning> {
    // What jumps tells no length.
    let declared = info.declared_duration_us.filter(|_| info.shifts.is_empty())?;
    let start = info.video.iter().map(|v| v.start_us).chain(info.audio.iter().map(|a| a.start_us)).min()?;
    let end = info.video.iter().map(|v| v.end_us).chain(info.audio.iter().map(|a| a.end_us)).max()?;
    // Some containers count their length from 0, some from their first picture or sound.
    let there = (end - start).max(end);
    (declared > there + TRUNCATION_US && declared > there + declared / 50).then(|| Warning {
        code: "truncated_input",
        message: format!(
            "{} declares {:.1} s but holds only {:.1} s; what is there is used",
            info.input,
            declared as f64 / 1e6,
            there as f64 / 1e6
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(packets: u64, last_us: i64, end_us: i64) -> Measured {
        let (last_us, end_us) = (Some(last_us), Some(end_us));
        Measured { packets, last_us, end_us, longest_us: 1_000_000, ..Measured::default() }
    }

    #[test]
    fn sound_ends_where_its_last_packet_does() {
        assert_eq!(sound_end(&track(3, 2_000_000, 2_500_000), 9_000_000), 2_500_000);
    }

    /// Monkey's Audio: the end was lost, and a file of one packet was called empty.
    #[test]
    fn packets_without_a_length_end_where_the_container_says_unless_that_cannot_be() {
        assert_eq!(sound_end(&track(3, 2_000_000, 2_000_000), 2_340_000), 2_340_000);
        assert_eq!(sound_end(&track(3, 2_000_000, 2_000_000), 90_000_000), 3_000_000);
        assert_eq!(sound_end(&track(3, 2_000_000, 2_000_000), 0), 3_000_000);
        assert_eq!(sound_end(&track(1, 0, 0), 3_684_000), 3_684_000);
    }
}
