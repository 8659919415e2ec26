//! One rendition's samples in, its segments out.

use std::fmt;
use std::sync::Arc;

use super::draft::{Draft, Protect, Waiting};
use super::segmenter::{OffGrid, Segmenter};
use super::told::Cut;
use super::{Chunk, Error};
use crate::bmff::{self, EventMessage};
use crate::crypt::Encryptor;
use crate::media::{
    CutNumber, ID3_MESSAGES, Message, RenditionId, Rounding, Sample, SegmentNumber, Span, Timescale, Timestamp,
    TrackConfig, TrackMedia, Utc,
};
use crate::plan::{Cuts, Layout, SegmentGrid};

/// Knows when the zero of a live programme was.
pub trait Zero: fmt::Debug + Send + Sync {
    /// As this segment has it: after a break it is later. Nothing before it is known.
    fn zero_of(&self, segment: SegmentNumber) -> Option<Utc>;

    /// The same for this segment, which is made and of which somebody says when it was: from here on for good. Nothing as
    /// long as its beginning can wait until that is known better, which it can until the segment `ends`.
    fn settle(&self, segment: SegmentNumber, ends: bool) -> Option<Utc>;
}

/// Has what is to be told to those who play.
pub trait Messages: fmt::Debug + Send + Sync {
    /// The messages for the time from `start` until `end`, with which the segment goes on. It is asked once for each time,
    /// in order.
    fn between(&self, segment: SegmentNumber, start: Timestamp, end: Timestamp) -> Vec<Message>;
}

/// Packages a run of whole segments of one rendition. Packagers of other runs of the same rendition
/// need not be known: what a segment holds depends on the grid and its own samples only.
#[derive(Debug)]
pub struct Packager {
    id: RenditionId,
    layout: Layout,
    segmenter: Segmenter,
    scale: Timescale,
    priming: u64,
    /// Fragments may begin with an open GOP.
    open_gops: bool,
    /// What encrypts samples or segments, unless they stay clear.
    encryptor: Option<Encryptor>,
    /// Samples of a chunk, when fragments are given in chunks as they come.
    chunk_samples: Option<usize>,
    /// Ticks of a chunk at most, where its samples are of different lengths.
    chunk_ticks: Option<u64>,
    /// Chunks that nobody has taken.
    chunks: Vec<Chunk>,
    /// Chunks before those that will come.
    chunk_count: u32,
    /// When the zero of the programme was, as soon as that is known; nothing where it is not to be said.
    zero: Option<Arc<dyn Zero>>,
    /// What is told in front of chunks, where something is.
    messages: Option<Box<dyn Messages>>,
    /// Number of the segment that is filled or comes next.
    number: SegmentNumber,
    /// Segments of the list before it that hold no sample, and are not counted.
    empty: u64,
    /// Decode time that the next sample must have; unknown before the first.
    next: Option<Timestamp>,
    segment: Option<Open>,
}

/// The segment that is being filled.
#[derive(Debug)]
struct Open {
    draft: Draft,
    /// The fragment of the grid that `samples` belong to.
    ordinal: u64,
    /// Samples of that fragment went before `samples`.
    begun: bool,
    samples: Vec<Sample>,
    /// How many chunks there were.
    chunks: u64,
    /// Those that wait until it is known when the segment was, without their bytes.
    held: Vec<Chunk>,
    /// When its first sample is decoded, as long as it is not said when that was.
    untimed: Option<Timestamp>,
}

impl Packager {
    /// A packager of the segments of `id` from `first` on, which are cut on the grid.
    pub fn new(
        id: RenditionId,
        track: &TrackConfig,
        grid: SegmentGrid,
        first: SegmentNumber,
        layout: Layout,
    ) -> Result<Self, Error> {
        let segmenter =
            Segmenter::on_grid(grid, track).map_err(|source| Error::OffGrid { rendition: id.clone(), source })?;
        Ok(Self::with(id, track, segmenter, first, layout))
    }

    /// A packager of all segments of `id`, which are cut where the list says, and counted as far as they hold a
    /// sample. With `open`, pictures of a fragment may be shown before its key frame.
    pub fn at(id: RenditionId, track: &TrackConfig, cuts: Cuts, layout: Layout, open: bool) -> Self {
        Self { open_gops: open, ..Self::with(id, track, Segmenter::at(cuts), SegmentNumber(1), layout) }
    }

    /// A packager of all segments of `id`, which are cut where it is [told](Self::tell).
    pub fn told(id: RenditionId, track: &TrackConfig, layout: Layout) -> Self {
        // Sound is cut at the packet nearest to a boundary.
        let reach = match &track.media {
            TrackMedia::Audio(audio) => i64::from(audio.frame_length / 2),
            TrackMedia::Video(_) | TrackMedia::Text => 0,
        };
        Self::with(id, track, Segmenter::told(track.timescale, reach), SegmentNumber(1), layout)
    }

    /// Tells where the next fragment begins: before the last sample in front of it is pushed.
    pub fn tell(&mut self, cut: Cut) -> Result<(), Error> {
        self.segmenter.tell(cut).map_err(self.off_grid())
    }

    fn with(id: RenditionId, track: &TrackConfig, segmenter: Segmenter, first: SegmentNumber, layout: Layout) -> Self {
        let priming = match &track.media {
            TrackMedia::Video(_) | TrackMedia::Text => 0,
            TrackMedia::Audio(audio) => audio.priming.into(),
        };
        let scale = track.timescale;
        Self {
            id,
            layout,
            segmenter,
            scale,
            priming,
            open_gops: false,
            encryptor: None,
            chunk_samples: None,
            chunk_ticks: None,
            chunks: Vec::new(),
            chunk_count: 0,
            zero: None,
            messages: None,
            number: first,
            empty: 0,
            next: None,
            segment: None,
        }
    }

    /// The same, which encrypts what it packages.
    pub fn encrypted(self, encryptor: Option<Encryptor>) -> Self {
        Self { encryptor, ..self }
    }

    /// The same, which cuts fragments into chunks of so many samples and gives each as soon as it is complete. What
    /// is shown must come in decode order.
    pub fn in_chunks(self, samples: usize) -> Self {
        Self { chunk_samples: Some(samples.max(1)), ..self }
    }

    /// The same, where a chunk is no longer than `most` as well.
    pub fn lasting(self, most: Span) -> Self {
        Self { chunk_ticks: Some(most.rescale(self.scale, Rounding::Down).ticks().max(1)), ..self }
    }

    /// The same, where each segment says when it was, in its first chunk.
    pub fn timed(self, zero: Arc<dyn Zero>) -> Self {
        Self { zero: Some(zero), ..self }
    }

    /// The same, which tells these messages: each in front of the chunk, or else the fragment, that it is for.
    pub fn telling(self, messages: Box<dyn Messages>) -> Self {
        Self { messages: Some(messages), ..self }
    }

    /// The number of the segment that is filled or comes next.
    pub fn number(&self) -> SegmentNumber {
        self.number
    }

    /// The chunks that have become complete, each once.
    pub fn take_chunks(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.chunks)
    }

    /// Takes the next sample in decode order. Gives back a segment when the sample was its last one.
    pub fn push(&mut self, sample: Sample) -> Result<Option<Draft>, Error> {
        let (dts, duration) = (sample.dts, sample.duration);
        self.check(&sample)?;
        self.segmenter.pass(dts);
        self.make_room(duration)?;
        let place = self.segmenter.place(dts).map_err(self.off_grid())?;
        if self.segment.is_none() && self.segmenter.may_skip() {
            self.empty = place.segment.0.saturating_sub(self.number.0);
        }
        let here = CutNumber(place.segment.0) == self.cut();
        match &self.segment {
            None if here && place.begins => {
                self.segment = Some(self.open(place.fragment, dts));
            }
            Some(open) if open.ordinal == place.fragment => {}
            Some(open) if here && open.ordinal < place.fragment => self.close_fragment(false)?,
            Some(_) | None => return Err(self.misplaced(dts)),
        }
        let Some(open) = self.segment.as_mut() else { return Err(self.misplaced(dts)) };
        if open.samples.is_empty() && !open.begun {
            open.ordinal = place.fragment;
            if !sample.sync {
                return Err(Error::NotSync { rendition: self.id.clone(), at: dts });
            }
        }
        open.samples.push(sample);
        self.next = Some(dts.after(duration));
        let full = self.chunk_samples.is_some_and(|most| open.samples.len() >= most);
        if self.segmenter.ends_segment(dts, duration).map_err(self.off_grid())? {
            return self.close_segment();
        }
        if full {
            self.close_chunk(false)?;
        }
        Ok(None)
    }

    /// Gives back the last segment when it is not as long as the grid has it. Only the last segment of
    /// the presentation may be short.
    pub fn finish(&mut self) -> Result<Option<Draft>, Error> {
        if self.segment.is_some() && !self.segmenter.may_end_in(self.number) {
            return Err(Error::EndedEarly { rendition: self.id.clone(), segment: self.number });
        }
        self.close_segment()
    }

    /// Refuses what would leave a gap or an overlap.
    fn check(&self, sample: &Sample) -> Result<(), Error> {
        let rendition = || self.id.clone();
        if sample.duration.ticks() == 0 || sample.duration.scale() != self.scale {
            return Err(Error::Duration { rendition: rendition(), at: sample.dts });
        }
        match self.next {
            // ISO/IEC 23000-19:2020 § 7.3.2.2: tfdt is the sum of the durations before.
            Some(next) if next != sample.dts => {
                Err(Error::Gap { rendition: rendition(), expected: next.ticks(), found: sample.dts.ticks() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Ends the chunk that is filled when it would become too long by a sample of this length.
    fn make_room(&mut self, duration: Span) -> Result<(), Error> {
        let Some((most, open)) = self.chunk_ticks.zip(self.segment.as_ref()) else { return Ok(()) };
        let ticks: u64 = open.samples.iter().map(|sample| sample.duration.ticks()).sum();
        if !open.samples.is_empty() && ticks + duration.ticks() > most { self.close_chunk(false) } else { Ok(()) }
    }

    /// Ends the fragment that is filled; the segment ends with it, or not.
    fn close_fragment(&mut self, last: bool) -> Result<(), Error> {
        self.close_chunk(last)?;
        if let Some(open) = self.segment.as_mut() {
            open.begun = false;
        }
        Ok(())
    }

    /// The samples that wait become one `moof` and `mdat`.
    fn close_chunk(&mut self, last: bool) -> Result<(), Error> {
        let Some(open) = self.segment.as_mut() else { return Ok(()) };
        let samples = std::mem::take(&mut open.samples);
        let (Some(earliest), Some(end)) = (samples.first(), samples.last()) else { return Ok(()) };
        let (start, end, sync) = (earliest.dts, end.dts.after(end.duration), earliest.sync);
        let leading = self.open_gops && earliest.cts_offset > 0;
        check_composition(&self.id, &samples, start, end, leading)?;
        let mut head = Vec::new();
        self.chunk_count += 1;
        // Counted over the whole presentation, so that it does not tell where shards meet.
        let sequence = if self.chunk_samples.is_some() { self.chunk_count } else { (open.ordinal + 1) as u32 };
        let cut = self.cut();
        let protection = match &mut self.encryptor {
            Some(Encryptor::Samples(encryptor)) => {
                let task = encryptor.task(cut, &samples);
                match task.map_err(|source| Error::Crypt { rendition: self.id.clone(), source })? {
                    Some(task) => Protect::Task(task),
                    None => Protect::Lead,
                }
            }
            Some(Encryptor::Segments(_)) | None => Protect::Bare,
        };
        let (start, duration) = self.presented(start, end);
        if let Some(messages) = &self.messages {
            let messages = messages.between(self.number, start, start.after(duration));
            messages.iter().for_each(|message| write_message(&mut head, message, (start, duration)));
        }
        let Some(open) = self.segment.as_mut() else { return Ok(()) };
        let (shown, goes_on) = ((start, duration), open.begun);
        open.draft.add(Waiting { head, samples, sequence, protection, shown, open: leading, goes_on });
        if self.chunk_samples.is_some() {
            let (rendition, segment, index, body) = (self.id.clone(), self.number, open.chunks, Vec::new());
            open.held.push(Chunk { rendition, segment, index, start, duration, sync, last, body });
        }
        open.begun = true;
        open.chunks += 1;
        self.give_chunks(last)
    }

    /// Gives the chunks that were made, unless it is not known yet when the segment was: its first chunk says it. Nobody
    /// has been offered anything then.
    fn give_chunks(&mut self, ends: bool) -> Result<(), Error> {
        let Some(open) = self.segment.as_mut() else { return Ok(()) };
        if let Some((zero, from)) = self.zero.as_ref().zip(open.untimed) {
            match zero.settle(self.number, ends) {
                Some(zero) => {
                    let ticks = from.ticks().max(0) as u64;
                    let shown = Span::new(ticks.saturating_sub(self.priming), self.scale);
                    let since = shown.rescale(Timescale::new(1_000_000), Rounding::Nearest).ticks() as i64;
                    let mut front = Vec::new();
                    bmff::reference_time(&mut front, ticks, zero.after_us(since));
                    open.draft.begin_with(&front);
                }
                None if !ends => return Ok(()),
                None => {}
            }
            open.untimed = None;
        }
        for chunk in std::mem::take(&mut open.held) {
            let body = open.draft.write_on()?;
            self.chunks.push(Chunk { body, ..chunk });
        }
        Ok(())
    }

    fn close_segment(&mut self) -> Result<Option<Draft>, Error> {
        self.close_fragment(true)?;
        self.give_chunks(true)?;
        let Some(open) = self.segment.take().filter(|open| open.chunks > 0) else { return Ok(None) };
        let whole = match &self.encryptor {
            Some(Encryptor::Segments(encryptor)) => {
                let task = encryptor.task(self.number, self.cut());
                task.map_err(|source| Error::Crypt { rendition: self.id.clone(), source })?
            }
            Some(Encryptor::Samples(_)) | None => None,
        };
        self.number = SegmentNumber(self.number.0 + 1);
        Ok(Some(open.draft.encrypted(whole)))
    }

    /// Where the segment that is filled or comes next begins.
    fn cut(&self) -> CutNumber {
        CutNumber(self.number.0 + self.empty)
    }

    /// The next segment, which begins with this fragment of the grid at `dts`.
    fn open(&self, ordinal: u64, dts: Timestamp) -> Open {
        let draft = Draft::new(self.id.clone(), self.number, self.layout, self.scale).at(self.cut());
        let untimed = self.zero.as_ref().map(|_| dts);
        Open { draft, ordinal, begun: false, samples: Vec::new(), chunks: 0, held: Vec::new(), untimed }
    }

    /// When the media from `start` to `end` is presented: the edit list skips the priming.
    fn presented(&self, start: Timestamp, end: Timestamp) -> (Timestamp, Span) {
        let shown = |at: Timestamp| (at.ticks().max(0) as u64).saturating_sub(self.priming);
        let start_ticks = shown(start);
        let start = Timestamp::new(start_ticks as i64, self.scale);
        (start, Span::new(shown(end) - start_ticks, self.scale))
    }

    fn off_grid(&self) -> impl Fn(OffGrid) -> Error + use<> {
        let rendition = self.id.clone();
        move |source| Error::OffGrid { rendition: rendition.clone(), source }
    }

    fn misplaced(&self, at: Timestamp) -> Error {
        Error::Misplaced { rendition: self.id.clone(), segment: self.number, at }
    }
}

/// Appends a message for a time of what is shown, which begins then and lasts so long.
fn write_message(out: &mut Vec<u8>, message: &Message, (start, duration): (Timestamp, Span)) {
    let scale = start.scale();
    let last = start.after(duration).ticks().saturating_sub(1).max(start.ticks());
    // The tick nearest to it can be that with which the next chunk begins.
    let at = message.at.rescale(scale, Rounding::Nearest).ticks().clamp(start.ticks(), last);
    let lasting = message.duration.map(|lasting| lasting.rescale(scale, Rounding::Nearest).ticks());
    let message = EventMessage {
        scheme: ID3_MESSAGES,
        value: "",
        timescale: scale.hz(),
        at: at.max(0) as u64,
        duration: lasting.and_then(|ticks| u32::try_from(ticks).ok()),
        id: message.id,
        data: &message.tag,
    };
    bmff::event_message(out, &message);
}

/// ISO/IEC 23000-19:2020 § 7.5.17: what is presented first is presented at the decode time of the fragment, and no
/// sample outside of the fragment. In a closed GOP the first sample is what is presented first.
fn check_composition(
    id: &RenditionId,
    samples: &[Sample],
    start: Timestamp,
    end: Timestamp,
    leading: bool,
) -> Result<(), Error> {
    let shown = |sample: &Sample| sample.dts.ticks().saturating_add(sample.cts_offset.into());
    let stray = samples.iter().find(|sample| !(start.ticks()..end.ticks()).contains(&shown(sample)));
    let earliest = if leading { samples.iter().min_by_key(|sample| shown(sample)) } else { samples.first() };
    match stray.or_else(|| earliest.filter(|earliest| shown(earliest) != start.ticks())) {
        Some(sample) => Err(Error::Composition {
            rendition: id.clone(),
            at: sample.dts,
            fragment: start,
            offset: sample.cts_offset,
        }),
        None => Ok(()),
    }
}
