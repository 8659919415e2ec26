//! Timestamps of a live source in, times of one programme from zero out, whatever the source does to them.

use std::collections::BTreeMap;

use crate::av::demux::Packet;
use crate::media::TrackIndex;
use crate::source::pass::{JUMP_US, STEP_BACK_US};

/// What the timeline must know of a packet. Times are microseconds of the source.
#[derive(Debug, Clone, Copy)]
struct Timed {
    track: TrackIndex,
    /// A decoder can start here.
    key: bool,
    at_us: Option<i64>,
    decode_us: Option<i64>,
    duration_us: i64,
}

/// Where a packet belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the programme.
    Before,
    /// So many microseconds from where the source says.
    Moved(i64),
}

/// Where the first key frame of the main track is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// At this microsecond of the programme.
    At(i64),
    /// So many microseconds from where the source says.
    Moved(i64),
}

/// Where one track has come to.
#[derive(Debug, Default)]
struct Track {
    /// What brings its timestamps to the programme now, and what did before.
    offsets_us: [i64; 2],
    /// When its next packet is due, on the programme.
    due_us: i64,
}

/// One timeline for all tracks of a live source. It begins with the first key frame of the main track, and goes on
/// without a gap where timestamps jump: the part behind a jump begins where all tracks have ended.
#[derive(Debug)]
pub struct Timeline {
    main: TrackIndex,
    begin: Begin,
    tracks: BTreeMap<TrackIndex, Track>,
    /// What mends the latest jump of any track; nothing before the programme has begun.
    offset_us: Option<i64>,
    /// The latest end of any track.
    reached_us: i64,
    jumps: u64,
}

impl Timeline {
    /// A timeline that begins at this microsecond with a key frame of `main`.
    pub fn from(main: TrackIndex, us: i64) -> Self {
        Self { main, begin: Begin::At(us), tracks: BTreeMap::new(), offset_us: None, reached_us: us, jumps: 0 }
    }

    /// The timestamps of a source that was opened again: the programme goes on with a key frame of `main`.
    pub fn go_on(&mut self, main: TrackIndex, begin: Begin) {
        *self = Self { main, begin, tracks: BTreeMap::new(), offset_us: None, ..*self };
    }

    /// Everything that follows comes so much later than it would have.
    pub fn delay(&mut self, us: i64) {
        self.slew(us);
        self.jumps += 1;
    }

    /// The same by so little that it is no jump.
    pub fn slew(&mut self, us: i64) {
        self.offset_us = self.offset_us.map(|offset| offset.saturating_add(us));
        for track in self.tracks.values_mut() {
            track.offsets_us = track.offsets_us.map(|offset| offset.saturating_add(us));
            track.due_us = track.due_us.saturating_add(us);
        }
        self.reached_us = self.reached_us.saturating_add(us);
    }

    /// Whether the programme has begun, or gone on after [`go_on`](Self::go_on).
    pub fn has_begun(&self) -> bool {
        self.offset_us.is_some()
    }

    /// Whether a packet is of the main track.
    pub fn is_main(&self, packet: &Packet) -> bool {
        packet.track() == self.main
    }

    /// Where the latest packet ends, of whatever track, in microseconds of the programme.
    pub fn reached_us(&self) -> i64 {
        self.reached_us
    }

    /// How often timestamps have jumped.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Puts a packet where it belongs in the programme; false when it comes before it.
    pub fn take(&mut self, packet: &mut Packet) -> bool {
        let timed = Timed {
            track: packet.track(),
            key: packet.is_key(),
            at_us: packet.at_us(),
            decode_us: packet.decode_us(),
            duration_us: packet.duration_us(),
        };
        match self.place(timed) {
            Place::Before => false,
            Place::Moved(us) => {
                packet.shift(us);
                true
            }
        }
    }

    /// Where the next packet belongs.
    fn place(&mut self, packet: Timed) -> Place {
        let shared = match self.offset_us {
            Some(offset) => offset,
            None => match packet.at_us.or(packet.decode_us) {
                Some(at) if packet.track == self.main && packet.key => *self.offset_us.insert(match self.begin {
                    Begin::At(us) => us.saturating_sub(at),
                    Begin::Moved(us) => us,
                }),
                Some(_) | None => return Place::Before,
            },
        };
        let reached = self.reached_us;
        let at = packet.decode_us.or(packet.at_us);
        let track = self.tracks.entry(packet.track).or_insert_with(|| Track::begin(at, shared, reached));
        if let Some(offset) = at.and_then(|at| track.mend(at, shared, reached)) {
            if offset != shared && offset != track.offsets_us[1] {
                self.offset_us = Some(offset);
                self.jumps += 1;
            }
            track.offsets_us = [offset, track.offsets_us[0]];
        }
        let offset = track.offsets_us[0];
        let length = packet.duration_us.clamp(0, JUMP_US);
        track.due_us = at.map_or(track.due_us, |at| at.saturating_add(offset)).saturating_add(length);
        self.reached_us = reached.max(track.due_us);
        Place::Moved(offset)
    }
}

impl Track {
    /// A track that begins where its first packet says, unless that is far from where the others are.
    fn begin(at: Option<i64>, shared: i64, reached: i64) -> Self {
        let said = at.map(|at| at.saturating_add(shared));
        let near = said.filter(|said| said.saturating_sub(reached).saturating_abs() <= JUMP_US);
        Self { offsets_us: [shared; 2], due_us: near.unwrap_or(reached) }
    }

    /// The new offset, when the timestamps have jumped: that of before where they jump back, or that of the track
    /// that has jumped before it, so that tracks stay in sync; of the first of them what puts the packet where all
    /// tracks have ended.
    fn mend(&self, at: i64, shared: i64, reached: i64) -> Option<i64> {
        let off = |offset: i64| at.saturating_add(offset).saturating_sub(self.due_us);
        let allowed = |offset: i64| (-STEP_BACK_US..=JUMP_US).contains(&off(offset));
        let [current, before] = self.offsets_us;
        if allowed(current) {
            return None;
        }
        if allowed(before) {
            return Some(before);
        }
        let follows = shared != current && off(shared).saturating_abs() <= JUMP_US;
        Some(if follows { shared } else { reached.saturating_sub(at) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: TrackIndex = TrackIndex(0);
    const AUDIO: TrackIndex = TrackIndex(1);
    const FRAME: i64 = 40_000;
    const HOUR: i64 = 3_600_000_000;

    fn packet(track: TrackIndex, at: i64) -> Timed {
        Timed { track, key: true, at_us: Some(at), decode_us: Some(at), duration_us: FRAME }
    }

    /// Where packets end up that come in this order.
    fn placed(timeline: &mut Timeline, packets: &[(TrackIndex, i64)]) -> Vec<Option<i64>> {
        let at = |&(track, at): &(TrackIndex, i64)| match timeline.place(packet(track, at)) {
            Place::Before => None,
            Place::Moved(us) => Some(at + us),
        };
        packets.iter().map(at).collect()
    }

    #[test]
    fn a_programme_begins_with_a_key_frame_of_its_main_track() {
        let mut timeline = Timeline::from(VIDEO, 0);
        assert_eq!(placed(&mut timeline, &[(AUDIO, 900)]), [None]);
        assert_eq!(timeline.place(Timed { key: false, ..packet(VIDEO, 900) }), Place::Before);
        assert_eq!(placed(&mut timeline, &[(VIDEO, 1000), (AUDIO, 1020)]), [Some(0), Some(20)]);
        assert_eq!(timeline.reached_us(), FRAME + 20);
    }

    #[test]
    fn tracks_stay_in_sync_behind_a_jump_in_either_direction() {
        for jump in [-HOUR, HOUR, -2 * FRAME - STEP_BACK_US] {
            let mut timeline = Timeline::from(VIDEO, 0);
            let start = 10 * HOUR;
            placed(&mut timeline, &[(VIDEO, start), (AUDIO, start)]);
            let behind = [(VIDEO, start + FRAME + jump), (AUDIO, start + FRAME), (AUDIO, start + 2 * FRAME + jump)];
            assert_eq!(placed(&mut timeline, &behind), [Some(FRAME), Some(FRAME), Some(2 * FRAME)], "{jump}");
            assert_eq!(timeline.jumps(), 1, "{jump}");
        }
    }

    #[test]
    fn one_time_far_from_those_around_it_moves_only_its_own_packet() {
        let mut timeline = Timeline::from(VIDEO, 0);
        let times = [(VIDEO, 0), (VIDEO, HOUR), (VIDEO, 2 * FRAME), (VIDEO, 3 * FRAME)];
        assert_eq!(placed(&mut timeline, &times), [0, FRAME, 2 * FRAME, 3 * FRAME].map(Some));
    }

    #[test]
    fn a_gap_of_seconds_is_meant() {
        let mut timeline = Timeline::from(VIDEO, 0);
        assert_eq!(placed(&mut timeline, &[(VIDEO, 0), (VIDEO, 5_000_000)]), [Some(0), Some(5_000_000)]);
        assert_eq!(timeline.jumps(), 0);
    }

    /// MPEG-TS sends pictures half a second before the sound of their time.
    #[test]
    fn a_track_whose_first_packet_comes_late_keeps_its_time() {
        let mut timeline = Timeline::from(VIDEO, 0);
        let pictures: Vec<_> = (0..20).map(|n| (VIDEO, n * FRAME)).collect();
        placed(&mut timeline, &pictures);
        assert_eq!(placed(&mut timeline, &[(AUDIO, -FRAME), (AUDIO, 0)]), [Some(-FRAME), Some(0)]);
        assert_eq!(timeline.jumps(), 0);
    }

    #[test]
    fn a_source_that_was_opened_again_goes_on_where_it_is_told() {
        let mut timeline = Timeline::from(VIDEO, 0);
        placed(&mut timeline, &[(VIDEO, HOUR), (AUDIO, HOUR)]);
        timeline.go_on(AUDIO, Begin::At(20 * FRAME));
        assert!(!timeline.has_begun());
        assert_eq!(
            placed(&mut timeline, &[(VIDEO, 0), (AUDIO, FRAME), (VIDEO, FRAME)]),
            [None, Some(20 * FRAME), Some(20 * FRAME)]
        );
        timeline.go_on(VIDEO, Begin::Moved(30 * FRAME));
        assert_eq!(placed(&mut timeline, &[(VIDEO, FRAME)]), [Some(31 * FRAME)]);
        assert_eq!((timeline.reached_us(), timeline.jumps()), (32 * FRAME, 0));
        timeline.delay(FRAME);
        assert_eq!(placed(&mut timeline, &[(VIDEO, 2 * FRAME)]), [Some(33 * FRAME)]);
        assert_eq!(timeline.jumps(), 1);
        timeline.slew(-5);
        assert_eq!(placed(&mut timeline, &[(VIDEO, 3 * FRAME)]), [Some(34 * FRAME - 5)]);
        assert_eq!(timeline.jumps(), 1);
    }

    #[test]
    fn a_track_with_a_clock_of_its_own_begins_where_the_programme_is() {
        let mut timeline = Timeline::from(VIDEO, 0);
        assert_eq!(placed(&mut timeline, &[(VIDEO, 0), (AUDIO, HOUR)]), [Some(0), Some(FRAME)]);
    }
}
