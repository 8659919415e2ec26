//! A segment that has all of its samples. To encrypt and to write them takes time, and whoever has it may do so.

use super::{Error, Fragment, Packaged, Segment, key, system_headers};
use crate::bmff::{self, Cover, FragmentProtection};
use crate::crypt::{SegmentTask, Task};
use crate::media::{Body, CutNumber, RenditionId, Sample, SegmentNumber, Span, Timescale, Timestamp};
use crate::plan::{Layout, names};

/// A segment that is to be written: its bytes depend on nothing but what is in here.
#[derive(Debug)]
pub struct Draft {
    rendition: RenditionId,
    number: SegmentNumber,
    cut: CutNumber,
    layout: Layout,
    scale: Timescale,
    /// What is written.
    body: Body,
    fragments: Vec<Fragment>,
    /// What is not.
    waiting: Vec<Waiting>,
    /// What encrypts it as a whole, in the end.
    whole: Option<SegmentTask>,
}

/// Samples that are to be one `moof` and `mdat`.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Boxes in front of it.
    pub(super) head: Vec<u8>,
    pub(super) samples: Vec<Sample>,
    /// Its number in the presentation, from 1.
    pub(super) sequence: u32,
    pub(super) protection: Protect,
    /// When it is presented, and how long.
    pub(super) shown: (Timestamp, Span),
    /// Its GOP is open.
    pub(super) open: bool,
    /// It is more of the fragment before.
    pub(super) goes_on: bool,
}

/// How samples are to be protected.
#[derive(Debug)]
pub(super) enum Protect {
    /// The track has no protection.
    Bare,
    /// The track has, these samples have not.
    Lead,
    /// As the task says.
    Task(Task),
}

impl Draft {
    /// Of the segment `number` of a rendition whose media is counted in `scale`, without samples yet.
    pub fn new(rendition: RenditionId, number: SegmentNumber, layout: Layout, scale: Timescale) -> Self {
        let mut head = Vec::new();
        match layout {
            Layout::SegmentFiles => bmff::segment_type(&mut head),
            Layout::SingleFile => {}
        }
        let (body, fragments, waiting) = (Body::from(head), Vec::new(), Vec::new());
        Self { rendition, number, cut: CutNumber::of(number), layout, scale, body, fragments, waiting, whole: None }
    }

    /// The same, which begins at another cut of the programme than its number says.
    pub(super) fn at(self, cut: CutNumber) -> Self {
        Self { cut, ..self }
    }

    pub(super) fn add(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    /// The same, which is encrypted as a whole.
    pub(super) fn encrypted(self, whole: Option<SegmentTask>) -> Self {
        Self { whole, ..self }
    }

    /// This box stands in front of all others of what waits.
    pub(super) fn begin_with(&mut self, front: &[u8]) {
        if let Some(first) = self.waiting.first_mut() {
            first.head.splice(0..0, front.iter().copied());
        }
    }

    /// Writes the first of what waits, and gives a copy of that; what is in front of the first fragment belongs to it.
    pub(super) fn write_on(&mut self) -> Result<Vec<u8>, Error> {
        let from = if self.fragments.is_empty() { 0 } else { self.body.len() };
        let later = self.waiting.split_off(self.waiting.len().min(1));
        self.write_waiting()?;
        self.waiting = later;
        self.body.after(from).ok_or_else(|| Error::Elsewhere { rendition: self.rendition.clone() })
    }

    fn write_waiting(&mut self) -> Result<(), Error> {
        for waiting in std::mem::take(&mut self.waiting) {
            let (first, goes_on) = (self.fragments.is_empty(), waiting.goes_on);
            let added = waiting.write(&self.rendition, &mut self.body, first)?;
            match self.fragments.last_mut().filter(|_| goes_on) {
                Some(begun) => {
                    // With what stands in front of its chunks.
                    begun.bytes = added.offset + added.bytes - begun.offset;
                    begun.duration = begun.duration.plus(added.duration);
                }
                None => self.fragments.push(added),
            }
        }
        Ok(())
    }

    /// Encrypts and writes the segment.
    ///
    /// # Errors
    /// When no box can say how long or large something is, and when what is encrypted as a whole is not in memory.
    pub fn write(self) -> Result<Packaged, Error> {
        let (mut packaged, whole) = self.write_whole()?;
        if let Some(task) = whole {
            let elsewhere = || Error::Elsewhere { rendition: packaged.facts.rendition.clone() };
            let mut bytes = packaged.body.into_vec_with(packaged.facts.bytes as usize).ok_or_else(elsewhere)?;
            task.encrypt(&mut bytes);
            packaged.body = bytes.into();
        }
        Ok(packaged)
    }

    /// The same, but for what encrypts the segment as a whole: that is left to whoever stores it. The facts are those of
    /// what it will be.
    ///
    /// # Errors
    /// When no box can say how long or large something is.
    pub fn write_whole(mut self) -> Result<(Packaged, Option<SegmentTask>), Error> {
        self.write_waiting()?;
        let Self { rendition, number, cut, layout, scale, body, fragments, whole, .. } = self;
        let bytes = whole.as_ref().map_or(body.len(), |_| SegmentTask::encrypted_bytes(body.len()));
        let facts = Segment {
            key: key(layout, names::segment(&rendition, number)),
            rendition,
            number,
            cut,
            start: fragments.first().map_or(Timestamp::zero(scale), |first| first.start),
            duration: fragments.iter().fold(Span::zero(scale), |sum, fragment| sum.plus(fragment.duration)),
            bytes: bytes as u64,
            fragments,
        };
        Ok((Packaged { facts, body }, whole))
    }
}

impl Waiting {
    /// Appends it to a segment, of which it is the first fragment or not.
    fn write(self, rendition: &RenditionId, body: &mut Body, first: bool) -> Result<Fragment, Error> {
        let Self { head, mut samples, sequence, protection, shown: (start, duration), open, .. } = self;
        body.push(head);
        let offset = body.len() as u64;
        let protection = match protection {
            Protect::Bare => None,
            Protect::Lead => Some(None),
            Protect::Task(task) => Some(Some(FragmentProtection {
                period: task.rotated().then_some(task.key().protection),
                system_headers: if task.in_segment() && first { system_headers(task.key()) } else { Vec::new() },
                samples: task
                    .encrypt(&mut samples)
                    .map_err(|source| Error::Crypt { rendition: rendition.clone(), source })?,
            })),
        };
        let cover = match &protection {
            None => Cover::Bare,
            Some(None) => Cover::Lead,
            Some(Some(protection)) => Cover::Samples(protection),
        };
        let size = bmff::write_fragment(body, sequence, samples, cover)
            .map_err(|source| Error::Boxes { rendition: rendition.clone(), source })?;
        Ok(Fragment { offset, bytes: size.bytes, key_bytes: size.key_bytes, start, duration, open })
    }
}
