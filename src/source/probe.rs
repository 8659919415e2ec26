//! A file in, [`SourceInfo`] out: the container's word, the first pictures', and one pass over the packets.

use std::collections::HashMap;
use std::path::Path;

use super::{AudioInfo, FieldOrder, HdrInfo, OtherInfo, Shift, SourceInfo, VideoInfo, timing};
use crate::av::Error;
use crate::av::decode::{AudioDecoder, VideoDecoder};
use crate::av::demux::{Demuxer, Packet};
use crate::av::frame::Frame;
use crate::av::streams::{Container, Stream, StreamKind, describe};
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

/// Timestamps that move on by more than this between two packets of a track have jumped (the threshold
/// that ffmpeg itself uses, `-dts_delta_threshold`).
const JUMP_US: i64 = 10_000_000;

/// Timestamps that move back by more than this have jumped: decode times never do.
const STEP_BACK_US: i64 = 100_000;

/// Packets after which the first pictures are given up.
const FIRST_PICTURE_PACKETS: usize = 2000;

/// A track that puts nothing out after so many packets of its own, or by the end, is left out. A
/// broadcast recording can begin long before its first key frame.
const HOPELESS_PACKETS: usize = 600;

/// Declared and measured length may differ by this before the file is called truncated.
const TRUNCATION_US: i64 = 1_000_000;

/// Reads what a source holds.
pub fn probe(path: &Path, depth: Depth, cancel: &CancelToken) -> Result<(SourceInfo, Vec<Warning>), Error> {
    let mut demuxer = Demuxer::open(path, cancel)?;
    let mut container = describe(&mut demuxer);
    let tried = try_decoders(&mut demuxer, &container)?;
    for stream in container.streams.iter_mut().filter(|stream| tried.dead.contains(&stream.track)) {
        stream.decodable = false;
    }
    let mut info = from_container(path, &container, &tried.pictures);
    let mut warnings = undecodable(&container);
    if depth == Depth::Packets {
        let measured = measure(path, &container, cancel)?;
        apply(&mut info, &container, measured);
        warnings.extend(truncated(&info));
    }
    bounds(&mut info);
    Ok((info, warnings))
}

fn tracks(container: &Container, kind: StreamKind) -> impl Iterator<Item = &Stream> {
    container.streams.iter().filter(move |s| s.kind == kind && s.decodable)
}

fn undecodable(container: &Container) -> Vec<Warning> {
    let lost =
        container.streams.iter().filter(|s| matches!(s.kind, StreamKind::Video | StreamKind::Audio) && !s.decodable);
    let message = |s: &Stream| format!("track {} is left out: this FFmpeg cannot decode its {}", s.track.0, s.codec);
    lost.map(|s| Warning { code: "undecodable_track", message: message(s) }).collect()
}

/// What decoding the beginning of a source has shown.
#[derive(Default)]
struct Tried {
    /// The first picture of each picture stream: it knows of fields, colour and format what headers don't.
    pictures: HashMap<TrackIndex, Frame>,
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
fn try_decoders(demuxer: &mut Demuxer, container: &Container) -> Result<Tried, Error> {
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
    demuxer.select(&trials.keys().copied().collect::<Vec<_>>());
    let mut ended = false;
    for _ in 0..FIRST_PICTURE_PACKETS {
        let packet = demuxer.read()?;
        ended = packet.is_none();
        for (track, trial) in &mut trials {
            let own = packet.as_ref().filter(|p| p.track() == *track);
            if !trial.alive && (own.is_some() || packet.is_none()) {
                trial.packets += usize::from(own.is_some());
                trial.alive = tried.feed(*track, &mut trial.decoder, own);
            }
        }
        if ended || trials.values().all(|trial| trial.alive) {
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
    }
}

fn audio_info(stream: &Stream) -> AudioInfo {
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
        dub: stream.dub,
    }
}

fn other_info(stream: &Stream) -> OtherInfo {
    let kind = match stream.kind {
        StreamKind::Subtitle => "subtitle",
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

fn from_container(path: &Path, container: &Container, pictures: &HashMap<TrackIndex, Frame>) -> SourceInfo {
    let usable = |s: &&Stream| matches!(s.kind, StreamKind::Video | StreamKind::Audio) && s.decodable;
    SourceInfo {
        input: path.display().to_string(),
        container: container.name.clone(),
        bytes: std::fs::metadata(path).ok().map(|m| m.len()),
        declared_duration_us: container.duration_us,
        start_us: 0,
        end_us: 0,
        title: container.title.clone(),
        video: tracks(container, StreamKind::Video).map(|s| video_info(s, pictures.get(&s.track))).collect(),
        audio: tracks(container, StreamKind::Audio).map(audio_info).collect(),
        other: container.streams.iter().filter(|s| !usable(s)).map(other_info).collect(),
        shifts: Vec::new(),
    }
}

/// What one pass over the packets found of one track.
#[derive(Debug, Default)]
struct Measured {
    packets: u64,
    times: Vec<i64>,
    keys: Vec<i64>,
    start_us: Option<i64>,
    end_us: Option<i64>,
    untimed: u64,
    offset_us: i64,
    expected_us: Option<i64>,
}

#[derive(Debug, Default)]
struct Pass {
    tracks: HashMap<TrackIndex, Measured>,
    shifts: Vec<Shift>,
}

fn measure(path: &Path, container: &Container, cancel: &CancelToken) -> Result<Pass, Error> {
    let mut demuxer = Demuxer::open(path, cancel)?;
    let wanted: Vec<&Stream> =
        tracks(container, StreamKind::Video).chain(tracks(container, StreamKind::Audio)).collect();
    demuxer.select(&wanted.iter().map(|s| s.track).collect::<Vec<_>>());
    let (jumps, mut latest_offset) = (demuxer.timestamps_may_jump(), 0);
    let mut pass = Pass::default();
    for stream in &wanted {
        pass.tracks.insert(stream.track, Measured::default());
    }
    while let Some(mut packet) = demuxer.read()? {
        let Some(stream) = wanted.iter().find(|s| s.track == packet.track()) else { continue };
        let track = pass.tracks.entry(stream.track).or_default();
        if jumps && let Some(shift) = mend_jump(track, &packet, latest_offset) {
            latest_offset = shift;
            pass.shifts.push(Shift { track: stream.track, packet: track.packets, us: shift });
        }
        packet.shift(track.offset_us);
        take(track, &packet, stream);
    }
    Ok(pass)
}

/// The new offset of a track whose timestamps have jumped. Where another track has jumped before, its
/// offset is tried first, so that tracks stay in sync.
fn mend_jump(track: &mut Measured, packet: &Packet, latest_offset: i64) -> Option<i64> {
    let (at, expected) = packet.decode_us().zip(track.expected_us)?;
    let off = |offset: i64| at + offset - expected;
    if (-STEP_BACK_US..=JUMP_US).contains(&off(track.offset_us)) {
        return None;
    }
    track.offset_us = if off(latest_offset).abs() <= JUMP_US { latest_offset } else { expected - at };
    Some(track.offset_us)
}

fn take(track: &mut Measured, packet: &Packet, stream: &Stream) {
    track.packets += 1;
    let duration = packet.duration_us();
    track.expected_us = packet.decode_us().or(packet.at_us()).map(|t| t + duration).or(track.expected_us);
    if packet.is_discarded() {
        return;
    }
    // No picture waits so long for its turn: one damaged time must not make hours of a clip.
    let credible = |at: &i64| packet.decode_us().is_none_or(|decoded| (at - decoded).abs() <= JUMP_US);
    let Some(at) = packet.at_us().filter(credible).or(packet.decode_us()) else {
        track.untimed += 1;
        return;
    };
    track.untimed += u64::from(packet.at_us().is_none());
    let skipped_us = if stream.sample_rate > 0 {
        i64::from(packet.skipped_samples()) * 1_000_000 / i64::from(stream.sample_rate)
    } else {
        0
    };
    let end = at + duration;
    let start = (at + skipped_us).min(end.max(at));
    track.start_us = Some(track.start_us.map_or(start, |s| s.min(start)));
    track.end_us = Some(track.end_us.map_or(end, |e| e.max(end)));
    if stream.kind == StreamKind::Video {
        track.times.push(at);
        if packet.is_key() {
            track.keys.push(at);
        }
    }
}

fn apply(info: &mut SourceInfo, container: &Container, mut pass: Pass) {
    let seekable = container.name.split(',').any(|n| SEEKABLE.contains(&n)) && pass.shifts.is_empty();
    for video in &mut info.video {
        let Some(track) = pass.tracks.remove(&video.track) else { continue };
        let stream = container.streams.iter().find(|s| s.track == video.track);
        let declared: Vec<_> = stream.map_or(&[None; 2], |s| &s.rates).iter().rev().flatten().copied().collect();
        let tick_us = f64::from(video.time_base[0]) * 1e6 / f64::from(video.time_base[1].max(1));
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
        audio.start_us = track.start_us.unwrap_or(audio.start_us);
        audio.end_us = track.end_us.unwrap_or(audio.end_us);
    }
    info.video.retain(|v| v.timing.as_ref().is_some_and(|t| t.frames > 0));
    info.audio.retain(|a| a.end_us > a.start_us);
    info.shifts = pass.shifts;
}

fn bounds(info: &mut SourceInfo) {
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

fn truncated(info: &SourceInfo) -> Option<Warning> {
    let declared = info.declared_duration_us?;
    let start = info.video.iter().map(|v| v.start_us).chain(info.audio.iter().map(|a| a.start_us)).min()?;
    let end = info.video.iter().map(|v| v.end_us).chain(info.audio.iter().map(|a| a.end_us)).max()?;
    let there = end - start;
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
