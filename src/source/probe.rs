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
use crate::media::{ColorInfo, FrameRate, TrackIndex};

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

/// The same in containers whose timestamps do not jump by rights, where FFmpeg may have made up the decode
/// times from a wrong guess of how pictures are reordered.
const CERTAIN_STEP_BACK_US: i64 = 500_000;

/// Gaps longer than this are jumps in any container (ffmpeg's `-dts_error_threshold`).
const LONGEST_GAP_US: i64 = 30 * 3600 * 1_000_000;

/// Times further than this from 0 (285 years; some recorders count from 1970) come of damage.
const FURTHEST_US: i64 = 1 << 53;

/// Pictures per second of a stream that tells no times and no rate (as FFmpeg has it for bare streams).
const UNTIMED_RATE: f64 = 25.0;

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
        let listed = used(&info);
        apply(&mut info, &container, measured);
        warnings.extend(empty(&listed, &info));
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
    let message = |s: &Stream| {
        let Stream { track, codec, .. } = s;
        format!("track {} is left out: nothing of its {codec} can be decoded (damaged, encrypted or unknown)", track.0)
    };
    lost.map(|s| Warning { code: "undecodable_track", message: message(s) }).collect()
}

fn used(info: &SourceInfo) -> Vec<TrackIndex> {
    info.video.iter().map(|v| v.track).chain(info.audio.iter().map(|a| a.track)).collect()
}

/// Tracks that the header lists and the file does not hold.
fn empty(listed: &[TrackIndex], info: &SourceInfo) -> Vec<Warning> {
    let used = used(info);
    let lost = listed.iter().filter(|track| !used.contains(track));
    let message = |track: &TrackIndex| format!("track {} is left out: the file holds nothing of it", track.0);
    lost.map(|track| Warning { code: "empty_track", message: message(track) }).collect()
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
    untimed_us: i64,
    /// What mends its timestamps now, and what did before.
    offsets_us: [i64; 2],
    expected_us: Option<i64>,
    last_us: Option<i64>,
    longest_us: i64,
}

impl Measured {
    /// Gives times to a track whose packets have none (a bare stream of H.264): one after another.
    fn count(&mut self, declared: Option<FrameRate>) {
        let rate = declared.map_or(UNTIMED_RATE, FrameRate::as_f64);
        let length = if self.untimed_us > 0 { self.untimed_us as f64 } else { self.untimed as f64 * 1e6 / rate };
        let at = |packet: u64| (packet as f64 * length / self.untimed as f64).round() as i64;
        self.times = (0..self.untimed).map(at).collect();
        (self.start_us, self.end_us) = (self.times.first().copied(), Some(length.round() as i64));
    }
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
    let steady = if demuxer.timestamps_may_jump() { Steady::Never } else { Steady::Gaps };
    let mut timeline = Timeline::default();
    let mut pass = Pass::default();
    for stream in &wanted {
        pass.tracks.insert(stream.track, Measured::default());
    }
    // Each packet waits for the next of its track, which shows whether its own time was meant.
    let mut waiting: HashMap<TrackIndex, Packet> = HashMap::new();
    loop {
        let next = demuxer.read()?;
        let due: Vec<Packet> = match &next {
            Some(next) => waiting.remove(&next.track()).into_iter().collect(),
            None => wanted.iter().filter_map(|stream| waiting.remove(&stream.track)).collect(),
        };
        for mut packet in due {
            let Some(stream) = wanted.iter().find(|s| s.track == packet.track()) else { continue };
            let track = pass.tracks.entry(stream.track).or_default();
            if let Some(us) = steady.mend(track, &packet, next.as_ref(), timeline) {
                pass.shifts.push(Shift { track: stream.track, packet: track.packets, us });
                timeline.offset_us = us;
                track.offsets_us = [us, track.offsets_us[0]];
            }
            packet.shift(track.offsets_us[0]);
            take(track, &packet, stream);
            timeline.end_us = timeline.end_us.max(track.expected_us);
        }
        match next {
            Some(next) => waiting.insert(next.track(), next),
            None => return Ok(pass),
        };
    }
}

/// Where the tracks have come to, together.
#[derive(Debug, Default, Clone, Copy)]
struct Timeline {
    /// What mends the latest jump of any track.
    offset_us: i64,
    /// The latest end of any track.
    end_us: Option<i64>,
}

/// What timestamps may do between two packets of a track before they have jumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Steady {
    /// MPEG-TS and others say that theirs may jump: a gap is one.
    Never,
    /// Others mean the gaps that they have.
    Gaps,
}

impl Steady {
    /// Whether a packet may follow the one before it after `off_us` (below 0: too early).
    fn allows(self, off_us: i64) -> bool {
        match self {
            Self::Never => (-STEP_BACK_US..=JUMP_US).contains(&off_us),
            Self::Gaps => (-CERTAIN_STEP_BACK_US..=LONGEST_GAP_US).contains(&off_us),
        }
    }

    /// The new offset of a track whose timestamps have jumped: that of before where they jump back, or
    /// that of the track that has jumped before it, so that tracks stay in sync; of the first of them
    /// what puts the new part after all of the old one. A track that begins behind a jump moves with
    /// the others.
    fn mend(self, track: &Measured, packet: &Packet, next: Option<&Packet>, timeline: Timeline) -> Option<i64> {
        let at = time_of(packet)?;
        let Some(expected) = track.expected_us else { return Some(timeline.offset_us).filter(|us| *us != 0) };
        let [current, before] = track.offsets_us;
        let off = |offset: i64| at + offset - expected;
        // One time far ahead of those around it is damaged.
        let returns = |next: i64| off(current) > JUMP_US && (next + current - expected).abs() <= JUMP_US;
        // Without a decode time, pictures that are reordered step back too.
        let reordered = packet.decode_us().is_none() && off(current).abs() <= JUMP_US;
        if reordered || (self.allows(off(current)) && !next.and_then(time_of).is_some_and(returns)) {
            return None;
        }
        if before != current && self.allows(off(before)) && off(before) <= JUMP_US {
            return Some(before);
        }
        let follows = timeline.offset_us != current && off(timeline.offset_us).abs() <= JUMP_US;
        Some(if follows { timeline.offset_us } else { timeline.end_us.unwrap_or(expected) - at })
    }
}

fn time_of(packet: &Packet) -> Option<i64> {
    packet.decode_us().or(packet.at_us())
}

/// The length of a packet; 0 where it cannot be meant. The last one of an Ogg stream may be 2³² samples
/// less a few: FFmpeg counts back from where the page says that sound ends.
fn credible_length(us: i64, kind: StreamKind) -> i64 {
    let longest = if kind == StreamKind::Audio { JUMP_US } else { LONGEST_GAP_US };
    if us <= longest { us } else { 0 }
}

fn take(track: &mut Measured, packet: &Packet, stream: &Stream) {
    track.packets += 1;
    let duration = credible_length(packet.duration_us(), stream.kind);
    track.expected_us = packet.decode_us().or(packet.at_us()).map(|t| t + duration).or(track.expected_us);
    if packet.is_discarded() {
        return;
    }
    // No picture waits so long for its turn: one damaged time must not make hours of a clip.
    let credible = |at: &i64| packet.decode_us().is_none_or(|decoded| (at - decoded).abs() <= JUMP_US);
    let possible = |at: &i64| at.abs() <= FURTHEST_US;
    let Some(at) = packet.at_us().filter(credible).or(packet.decode_us()).filter(possible) else {
        track.untimed += 1;
        track.untimed_us += duration;
        return;
    };
    track.untimed += u64::from(packet.at_us().is_none());
    let skipped_us = if stream.sample_rate > 0 {
        i64::from(packet.skipped_samples()) * 1_000_000 / i64::from(stream.sample_rate)
    } else {
        0
    };
    let step = track.last_us.map_or(0, |last| at - last);
    track.longest_us = track.longest_us.max(step);
    track.last_us = Some(track.last_us.map_or(at, |last| last.max(at)));
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

    /// A sound of one second became one of six days.
    #[test]
    fn packets_of_days_have_no_length() {
        assert_eq!(credible_length(536_870_884_125, StreamKind::Audio), 0);
        assert_eq!(credible_length(32_000, StreamKind::Audio), 32_000);
        assert_eq!(credible_length(3_600_000_000, StreamKind::Video), 3_600_000_000, "a slide");
    }

    #[test]
    fn a_bare_stream_is_timed_by_its_packets_or_by_its_rate() {
        let mut bare = Measured { untimed: 4, untimed_us: 160_000, ..Measured::default() };
        bare.count(None);
        assert_eq!((bare.times, bare.end_us), (vec![0, 40_000, 80_000, 120_000], Some(160_000)));
        let mut bare = Measured { untimed: 2, ..Measured::default() };
        bare.count(Some(FrameRate::whole(50)));
        assert_eq!((bare.times, bare.end_us), (vec![0, 20_000], Some(40_000)));
    }
}
