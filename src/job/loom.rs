//! Segments on their way into a directory. What is encrypted as a whole goes several segments side by side: within one
//! of them each block waits for the one before it.

use super::Error;
use super::sources::Sources;
use crate::crypt::{SegmentTask, Stretch};
use crate::event::{Control, Event};
use crate::media::{Body, BodyPiece};
use crate::output::{Dir, Stored, Writing, store_pieces};
use crate::package::{Draft, Packaged, Segment};

/// So many bytes of a segment are encrypted at once; those of all that go side by side fit into a cache.
const WINDOW: usize = 256 * 1024;
/// Of segments that lie in memory another one goes beside those under way until they have so many bytes.
const HELD: usize = 16 * 1024 * 1024;

/// Stores segments.
pub(super) struct Loom<'a> {
    dir: &'a Dir,
    sources: &'a Sources<'a>,
    control: Control<'a>,
    strands: Vec<Strand<'a>>,
    stored: Vec<Stored<Segment>>,
    /// Windows that nobody uses.
    spare: Vec<Vec<u8>>,
}

/// A segment that is encrypted as a whole.
struct Strand<'a> {
    writing: Writing<'a>,
    facts: Segment,
    body: Body,
    task: SegmentTask,
    /// What comes next: the number of its piece, and where in there it begins.
    next: (usize, usize),
    window: Vec<u8>,
}

impl<'a> Loom<'a> {
    pub(super) fn new(dir: &'a Dir, sources: &'a Sources<'a>, control: Control<'a>) -> Self {
        Self { dir, sources, control, strands: Vec::new(), stored: Vec::new(), spare: Vec::new() }
    }

    /// Whether all that it took is stored.
    pub(super) fn is_idle(&self) -> bool {
        self.strands.is_empty()
    }

    /// Whether another segment would go beside those that are on their way.
    pub(super) fn has_room(&self) -> bool {
        let held: usize = self.strands.iter().map(|strand| strand.body.held()).sum();
        self.strands.len() < SegmentTask::ABREAST && held < HELD
    }

    /// Takes a segment, and stores it unless it is to be encrypted as a whole.
    pub(super) fn take(&mut self, draft: Draft) -> Result<(), Error> {
        let (Packaged { facts, body }, whole) = draft.write_whole()?;
        let key = facts.key.clone();
        match whole {
            None => self.keep(store_pieces(self.dir, &key, &self.sources.pieces(&body)?, facts)?),
            Some(task) => {
                let (writing, window) = (self.dir.start(&key)?, self.spare.pop().unwrap_or_default());
                writing.reserve(facts.bytes)?;
                self.strands.push(Strand { writing, facts, body, task, next: (0, 0), window });
            }
        }
        Ok(())
    }

    /// Goes on with all that are on their way.
    pub(super) fn step(&mut self) -> Result<(), Error> {
        let mut stretches = Vec::with_capacity(self.strands.len());
        for strand in &mut self.strands {
            stretches.push(strand.fill(self.sources)?);
        }
        SegmentTask::go_on(&mut stretches);
        for strand in std::mem::take(&mut self.strands) {
            let Strand { mut writing, facts, body, task, next, window } = strand;
            writing.write(&window)?;
            if next.0 < body.pieces().len() {
                self.strands.push(Strand { writing, facts, body, task, next, window });
            } else {
                self.spare.push(window);
                self.keep(writing.finish(facts)?);
            }
        }
        Ok(())
    }

    /// Stores what is on its way, and gives all that it has stored.
    pub(super) fn finish(mut self) -> Result<Vec<Stored<Segment>>, Error> {
        while !self.is_idle() {
            self.step()?;
        }
        Ok(self.stored)
    }

    fn keep(&mut self, stored: Stored<Segment>) {
        let segment = stored.facts();
        self.control.observer.on(&Event::SegmentStored {
            rendition: &segment.rendition,
            key: &segment.key,
            bytes: segment.bytes,
            seconds: segment.duration.as_seconds(),
        });
        self.stored.push(stored);
    }
}

impl Strand<'_> {
    /// Reads the next bytes.
    fn fill(&mut self, sources: &Sources<'_>) -> Result<Stretch<'_>, Error> {
        let Self { body, task, next, window, .. } = self;
        let last = fill(window, body.pieces(), next, sources)?;
        Ok(Stretch { task, bytes: window, last })
    }
}

/// Reads the bytes of the pieces from a place on, as many as a window takes, and moves the place behind them. Whether
/// there are no more.
fn fill(
    window: &mut Vec<u8>,
    pieces: &[BodyPiece],
    (piece, from): &mut (usize, usize),
    sources: &Sources<'_>,
) -> Result<bool, Error> {
    window.resize(WINDOW, 0);
    let mut filled = 0;
    while let Some(this) = pieces.get(*piece).filter(|this| filled < WINDOW || this.len() == 0) {
        let read = sources.piece(this)?.read(*from, &mut window[filled..])?;
        (filled, *from) = (filled + read, *from + read);
        if *from == this.len() {
            (*piece, *from) = (*piece + 1, 0);
        }
    }
    window.truncate(filled);
    Ok(*piece == pieces.len())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::media::{Extent, Fronted, Payload};

    #[test]
    fn windows_are_full_but_for_the_last_one_wherever_pieces_end() {
        let lying: Vec<u8> = (0..4 * WINDOW).map(|at| (at / 5) as u8).collect();
        let temp = tempfile::NamedTempFile::new().expect("room");
        std::fs::write(temp.path(), &lying).expect("room");
        let inputs: Vec<PathBuf> = vec![temp.path().to_owned()];
        let sources = Sources::open(&inputs).expect("it is there");
        let run = |offset: usize, bytes| {
            let extent = Extent { file: 0, offset: offset as u64, bytes };
            Payload::There(Fronted { extent, front: Vec::new() })
        };
        for (head, bytes, tail) in [
            (0, 0, 0),
            (9, WINDOW - 10, 0),
            (9, WINDOW - 9, 0),
            (9, WINDOW - 9, 1),
            (5000, WINDOW - 5000, 5000),
            (WINDOW, WINDOW, WINDOW),
            (WINDOW + 1, 3 * WINDOW, 7),
        ] {
            let mut body = Body::default();
            body.push(lying[..head].to_vec());
            body.push(run(1, bytes));
            body.push(lying[..tail].to_vec());
            let expected = [&lying[..head], &lying[1..1 + bytes], &lying[..tail]].concat();
            let (mut all, mut next, mut window) = (Vec::new(), (0, 0), Vec::new());
            loop {
                let last = fill(&mut window, body.pieces(), &mut next, &sources).expect("readable");
                all.extend_from_slice(&window);
                if last {
                    break;
                }
                assert_eq!(window.len(), WINDOW);
            }
            assert!(all == expected, "{head}, {bytes}, {tail}");
        }
        let mut body = Body::default();
        body.push(run(4 * WINDOW - 1, 2));
        assert!(fill(&mut Vec::new(), body.pieces(), &mut (0, 0), &sources).is_err(), "the file is shorter");
    }
}
