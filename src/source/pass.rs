//! One pass over the packets of a file: times are measured instead of believed, and jumps of timestamps
//! mended.

use std::collections::BTreeMap;

use super::Shift;
use crate::av::Error;
use crate::av::demux::{Demuxer, Packet};
use crate::av::streams::{Container, Stream, StreamKind};
use crate::media::{FrameRate, TrackIndex};

/// Timestamps that move on by more than this between two packets of a track have jumped (the threshold
/// that ffmpeg itself uses, `-dts_delta_threshold`).
pub(super) const JUMP_US: i64 = 10_000_000;

/// Timestamps that move back by more than this have jumped: decode times never do.
pub(super) const STEP_BACK_US: i64 = 100_000;

/// The same in containers whose timestamps do not jump by rights, where FFmpeg may have made up the decode
/// times from a wrong guess of how pictures are reordered.
const CERTAIN_STEP_BACK_US: i64 = 500_000;

/// Gaps longer than this are jumps in any container (ffmpeg's `-dts_error_threshold`).
const LONGEST_GAP_US: i64 = 30 * 3600 * 1_000_000;

/// Times further than this from 0 (285 years; some recorders count from 1970) come of damage.
const FURTHEST_US: i64 = 1 << 53;

/// Pictures per second of a stream that tells no times and no rate (as FFmpeg has it for bare streams).
const UNTIMED_RATE: f64 = 25.0;

/// What one pass over the packets found of one track.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) packets: u64,
    /// Presentation times of pictures, in the order of their packets.
    pub(super) times: Vec<i64>,
    pub(super) keys: Vec<i64>,
    pub(super) start_us: Option<i64>,
    pub(super) end_us: Option<i64>,
    /// Packets without a presentation time, and how long they last.
    pub(super) untimed: u64,
    pub(super) untimed_us: i64,
    /// What mends its timestamps now, and what did before.
    pub(super) offsets_us: [i64; 2],
    pub(super) expected_us: Option<i64>,
    pub(super) last_us: Option<i64>,
    /// The longest step from one packet to the next.
    pub(super) longest_us: i64,
}

impl Measured {
    /// Gives times to a track whose packets have none (a bare stream of H.264): one after another.
    pub(super) fn count(&mut self, declared: Option<FrameRate>) {
        let rate = declared.map_or(UNTIMED_RATE, FrameRate::as_f64);
        let length = if self.untimed_us > 0 { self.untimed_us as f64 } else { self.untimed as f64 * 1e6 / rate };
        let at = |packet: u64| (packet as f64 * length / self.untimed as f64).round() as i64;
        self.times = (0..self.untimed).map(at).collect();
        (self.start_us, self.end_us) = (self.times.first().copied(), Some(length.round() as i64));
    }
}

/// What one pass over the packets found.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) tracks: BTreeMap<TrackIndex, Measured>,
    /// Packets of each text track.
    pub(super) texts: BTreeMap<TrackIndex, u64>,
    pub(super) shifts: Vec<Shift>,
}

/// The streams of a kind that can be used.
pub(super) fn tracks(container: &Container, kind: StreamKind) -> impl Iterator<Item = &Stream> {
    container.streams.iter().filter(move |s| s.kind == kind && s.decodable)
}

/// Reads every packet of pictures, sound and text, in order; `see` gets those of pictures and sound with their
/// timestamps mended. Of the input, nothing was read yet but what it says of itself.
pub(super) fn measure(
    mut demuxer: Demuxer,
    container: &Container,
    mut see: impl FnMut(&Packet),
) -> Result<Pass, Error> {
    let wanted: Vec<&Stream> =
        tracks(container, StreamKind::Video).chain(tracks(container, StreamKind::Audio)).collect();
    let texts: Vec<TrackIndex> = tracks(container, StreamKind::Text).map(|s| s.track).collect();
    demuxer.select(&wanted.iter().map(|s| s.track).chain(texts.iter().copied()).collect::<Vec<_>>());
    let steady = if demuxer.timestamps_may_jump() { Steady::Never } else { Steady::Gaps };
    let mut lanes: Vec<Lane<'_>> = wanted.iter().map(|stream| Lane::of(stream, steady)).collect();
    let mut timeline = Timeline::default();
    let mut pass = Pass::default();
    let mut moved: BTreeMap<TrackIndex, i64> = BTreeMap::new();
    while let Some(next) = demuxer.read()? {
        if texts.contains(&next.track()) {
            // Text is too sparse to show a jump: it moves with the pictures and the sound around it.
            let text = next.track();
            let packet = pass.texts.entry(text).or_default();
            if moved.insert(text, timeline.offset_us).unwrap_or(0) != timeline.offset_us {
                pass.shifts.push(Shift { track: text, packet: *packet, us: timeline.offset_us });
            }
            *packet += 1;
            continue;
        }
        let Some(lane) = lanes.iter_mut().find(|lane| lane.stream.track == next.track()) else { continue };
        if let Some(due) = lane.waiting.take() {
            pass.shifts.extend(lane.settle(due, Some(&next), &mut timeline, &mut see));
        }
        lane.waiting = Some(next);
    }
    for lane in &mut lanes {
        if let Some(due) = lane.waiting.take() {
            pass.shifts.extend(lane.settle(due, None, &mut timeline, &mut see));
        }
    }
    pass.tracks = lanes.into_iter().map(|lane| (lane.stream.track, lane.measured)).collect();
    Ok(pass)
}

/// One track of pictures or sound.
struct Lane<'a> {
    stream: &'a Stream,
    steady: Steady,
    measured: Measured,
    /// The packet that waits for the next one, which shows whether its own time was meant.
    waiting: Option<Packet>,
}

impl<'a> Lane<'a> {
    fn of(stream: &'a Stream, steady: Steady) -> Self {
        Self { stream, steady, measured: Measured::default(), waiting: None }
    }

    /// Takes the packet that has waited for `next`, its time mended; gives what mends those from it on, where that is new.
    fn settle(
        &mut self,
        mut packet: Packet,
        next: Option<&Packet>,
        timeline: &mut Timeline,
        see: &mut impl FnMut(&Packet),
    ) -> Option<Shift> {
        let track = &mut self.measured;
        let mended = self.steady.mend(track, &packet, next, *timeline);
        let shift = mended.map(|us| Shift { track: self.stream.track, packet: track.packets, us });
        if let Some(us) = mended {
            timeline.offset_us = us;
            track.offsets_us = [us, track.offsets_us[0]];
        }
        packet.shift(track.offsets_us[0]);
        take(track, &packet, self.stream);
        see(&packet);
        timeline.end_us = timeline.end_us.max(track.expected_us);
        shift
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
pub(super) fn credible_length(us: i64, kind: StreamKind) -> i64 {
    let longest = if kind == StreamKind::Audio { JUMP_US } else { LONGEST_GAP_US };
    if us <= longest { us } else { 0 }
}

/// When a packet is presented, as far as it can be believed.
pub fn shown_at(packet: &Packet) -> Option<i64> {
    // No picture waits so long for its turn: one damaged time must not make hours of a clip.
    let credible = |at: &i64| packet.decode_us().is_none_or(|decoded| (at - decoded).abs() <= JUMP_US);
    let possible = |at: &i64| at.abs() <= FURTHEST_US;
    packet.at_us().filter(credible).or(packet.decode_us()).filter(possible)
}

fn take(track: &mut Measured, packet: &Packet, stream: &Stream) {
    track.packets += 1;
    let duration = credible_length(packet.duration_us(), stream.kind);
    track.expected_us = packet.decode_us().or(packet.at_us()).map(|t| t + duration).or(track.expected_us);
    if packet.is_discarded() {
        return;
    }
    let Some(at) = shown_at(packet) else {
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

#[cfg(test)]
mod tests {
    use super::*;

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
