//! Messages that wait for their time, and the place of each in front of a chunk: the same one in every rendition that
//! carries it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::media::{Message, Rounding, SegmentNumber, Span, Timescale, Timestamp, Utc};
use crate::package::{Messages, Zero};
use crate::plan::{MESSAGE_BITS, Window};
use crate::source::live::metadata::Told;

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// So many may wait for their time. More are read when one of them is placed.
const MOST_WAITING: usize = 256;

/// Bytes of a message around its tag.
const AROUND: usize = 64;

/// A line that waits for its time, and its number.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) line: u64,
    pub(super) told: Told,
}

/// A message that has its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) line: u64,
    pub(super) segment: SegmentNumber,
    pub(super) at_us: i64,
}

/// The messages of a programme, shared by those who carry them.
#[derive(Debug)]
pub(super) struct Board {
    state: Mutex<State>,
    zero: Arc<dyn Zero>,
    /// Bytes of messages for a segment.
    most_bytes: usize,
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Waiting>,
    /// What has its place, in order, until all have carried it.
    placed: VecDeque<Message>,
    /// What nobody was told of yet.
    news: Vec<Placed>,
    /// How far the one who is furthest is, in microseconds: what is placed now is behind it.
    reached_us: i64,
    /// How far each is that carries them, and how many of those have begun.
    carried_us: Vec<i64>,
    begun: usize,
    next_id: u32,
    /// Bytes of messages in the segment that is made.
    segment: (SegmentNumber, usize),
}

/// One of those who carry all messages.
#[derive(Debug)]
struct Carrier {
    board: Arc<Board>,
    number: usize,
}

impl Board {
    /// None yet, for so many who carry all of them. They are counted from `first_id` on, and times of day become times of
    /// the programme by its `zero`.
    pub(super) fn new(window: Window, zero: Arc<dyn Zero>, carriers: usize, first_id: u32) -> Arc<Self> {
        let most_bytes = (window.segment.as_seconds().max(1.0) * MESSAGE_BITS as f64 / 8.0) as usize;
        let state = State {
            waiting: VecDeque::new(),
            placed: VecDeque::new(),
            news: Vec::new(),
            reached_us: i64::MIN,
            carried_us: vec![i64::MIN; carriers],
            begun: 0,
            next_id: first_id,
            segment: (SegmentNumber(0), 0),
        };
        Arc::new(Self { state: Mutex::new(state), zero, most_bytes })
    }

    /// The next one that carries all of them.
    pub(super) fn carrier(self: &Arc<Self>) -> Box<dyn Messages> {
        let begun = &mut self.lock().begun;
        *begun += 1;
        Box::new(Carrier { board: Arc::clone(self), number: *begun - 1 })
    }

    /// Takes a line; gives it back when too many wait.
    pub(super) fn take(&self, waiting: Waiting) -> Result<(), Waiting> {
        let state = &mut self.lock();
        if state.waiting.len() >= MOST_WAITING {
            return Err(waiting);
        }
        state.waiting.push_back(waiting);
        Ok(())
    }

    /// No more may wait for a time of their own: what is for now needs room.
    pub(super) fn is_booked(&self) -> bool {
        self.lock().waiting.iter().filter(|waiting| waiting.told.at.is_some()).count() >= MOST_WAITING * 3 / 4
    }

    /// What has got its place since this was asked last.
    pub(super) fn news(&self) -> Vec<Placed> {
        std::mem::take(&mut self.lock().news)
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Places what is for the time until `end_us`, or was for an earlier one.
    fn place(&mut self, segment: SegmentNumber, (from_us, end_us): (i64, i64), zero: Option<Utc>, most_bytes: usize) {
        if self.segment.0 != segment {
            self.segment = (segment, 0);
        }
        let mut at = 0;
        while let Some(Waiting { line, told }) = self.waiting.get(at) {
            let due_us = match told.at {
                None => Some(from_us),
                Some(at) => zero.map(|zero| at.since_us(zero)).filter(|us| *us < end_us),
            };
            let Some(due_us) = due_us else {
                at += 1;
                continue;
            };
            let bytes = self.segment.1 + told.tag.len() + AROUND;
            if bytes > most_bytes {
                // It is for later ones, and so is what came after it.
                break;
            }
            self.segment.1 = bytes;
            let at_us = due_us.max(from_us);
            let duration = told.duration.map(|lasting| Span::new(lasting.as_micros() as u64, MICROSECONDS));
            let message =
                Message { id: self.next_id, at: Timestamp::new(at_us, MICROSECONDS), duration, tag: told.tag.clone() };
            self.next_id = self.next_id.wrapping_add(1);
            self.news.push(Placed { line: *line, segment, at_us });
            self.placed.push_back(message);
            self.waiting.remove(at);
        }
    }
}

impl Messages for Carrier {
    fn between(&self, segment: SegmentNumber, start: Timestamp, end: Timestamp) -> Vec<Message> {
        let us = |at: Timestamp| at.rescale(MICROSECONDS, Rounding::Nearest).ticks();
        let (start_us, end_us) = (us(start), us(end));
        let Board { zero, most_bytes, .. } = &*self.board;
        let state = &mut *self.board.lock();
        // Whoever comes first to a time decides for all of them: they do not come at once.
        if end_us > state.reached_us {
            let from_us = start_us.max(state.reached_us);
            state.place(segment, (from_us, end_us), zero.zero_of(segment), *most_bytes);
            state.reached_us = end_us;
        }
        let here = state.placed.iter().filter(|message| (start_us..end_us).contains(&message.at.ticks()));
        let mut here: Vec<Message> = here.cloned().collect();
        here.sort_by_key(|message| message.at.ticks());
        if let Some(carried) = state.carried_us.get_mut(self.number) {
            *carried = end_us;
        }
        let all_us = state.carried_us.iter().copied().min().unwrap_or(end_us);
        state.placed.retain(|message| message.at.ticks() >= all_us);
        here
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[derive(Debug)]
    struct At(Option<Utc>);

    impl Zero for At {
        fn zero_of(&self, _: SegmentNumber) -> Option<Utc> {
            self.0
        }

        fn settle(&self, _: SegmentNumber, _: bool) -> Option<Utc> {
            self.0
        }
    }

    fn start() -> Utc {
        Utc::since_1970(Duration::from_secs(1_700_000_000))
    }

    fn board(zero: Option<Utc>, carriers: usize) -> Arc<Board> {
        let segment = Span::new(2, Timescale::new(1));
        let window = Window { segments: 6, segment, longest: segment };
        Board::new(window, Arc::new(At(zero)), carriers, 7)
    }

    fn write(board: &Board, line: u64, at: Option<Utc>, bytes: usize) {
        let told = Told { at, duration: None, tag: vec![0; bytes].into() };
        board.take(Waiting { line, told }).expect("there is room");
    }

    /// Ids and milliseconds of the messages of a chunk of half a second.
    fn carried(carrier: &dyn Messages, chunk: i64) -> Vec<(u32, i64)> {
        let at = |chunk: i64| Timestamp::new(chunk * 15_015, Timescale::new(30_000));
        let messages = carrier.between(SegmentNumber(chunk as u64 / 4 + 1), at(chunk), at(chunk + 1));
        messages.iter().map(|message| (message.id, message.at.ticks() / 1000)).collect()
    }

    #[test]
    fn a_message_is_for_the_next_chunk_in_all_renditions() {
        let board = board(None, 2);
        let (fast, slow) = (board.carrier(), board.carrier());
        assert_eq!([carried(&*fast, 0), carried(&*fast, 1)], [vec![], vec![]]);
        write(&board, 1, None, 50);
        // It is not for a time that one of them has gone past.
        assert_eq!([carried(&*slow, 0), carried(&*slow, 1)], [vec![], vec![]]);
        assert_eq!(carried(&*slow, 2), [(7, 1001)]);
        write(&board, 2, None, 50);
        assert_eq!(carried(&*slow, 3), [(8, 1501)]);
        assert_eq!([carried(&*fast, 2), carried(&*fast, 3)], [[(7, 1001)], [(8, 1501)]]);
        assert_eq!((carried(&*fast, 4), board.lock().placed.len()), (vec![], 0));
        let news = board.news();
        let told: Vec<_> = news.iter().map(|placed| (placed.line, placed.segment.0, placed.at_us / 1000)).collect();
        assert_eq!(told, [(1, 1, 1001), (2, 1, 1501)]);
    }

    #[test]
    fn a_message_for_a_time_of_day_waits_for_it() {
        let zero = start();
        let board = board(Some(zero), 1);
        let carrier = board.carrier();
        write(&board, 1, Some(zero.after_us(1_200_000)), 50);
        write(&board, 2, None, 50);
        assert_eq!([carried(&*carrier, 0), carried(&*carrier, 1)], [vec![(7, 0)], vec![]]);
        // One that is late is for what comes next.
        write(&board, 3, Some(zero.after_us(-5_000_000)), 50);
        assert_eq!(carried(&*carrier, 2), [(9, 1001), (8, 1200)]);
    }

    #[test]
    fn without_a_clock_messages_for_a_time_of_day_wait() {
        let board = board(None, 1);
        write(&board, 1, Some(start()), 50);
        assert_eq!(carried(&*board.carrier(), 0), []);
        assert_eq!(board.waiting(), 1);
    }

    #[test]
    fn a_segment_has_room_for_so_many_bytes() {
        let board = board(None, 1);
        let carrier = board.carrier();
        for line in 1..=3 {
            write(&board, line, None, 4096);
        }
        assert_eq!(carried(&*carrier, 0), [(7, 0), (8, 0)], "10000 bytes for 2 s");
        assert_eq!(carried(&*carrier, 1), []);
        assert_eq!(carried(&*carrier, 4), [(9, 2002)]);
    }

    #[test]
    fn no_more_wait_than_may() {
        let board = board(None, 1);
        (0..MOST_WAITING as u64).for_each(|line| write(&board, line, None, 10));
        let told = Told { at: None, duration: None, tag: vec![0; 10].into() };
        assert!(board.take(Waiting { line: 999, told }).is_err());
    }
}
