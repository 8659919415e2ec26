//! What an object is put together of.

use std::io::ErrorKind;

use super::Error;
use super::run::{self, Run};
use crate::media::Change;

/// So many bytes are written at once: file systems take fewer and larger runs of pages in less time than many small ones.
const WINDOW: usize = 1024 * 1024;
/// What is in memory already is copied to its neighbours when it is smaller than this.
const SMALL: usize = 64 * 1024;
/// So many bytes are changed at once, or those of one sample: the processor has them at hand until they are changed.
const AT_ONCE: usize = 256 * 1024;

/// Bytes of an object.
#[derive(Clone, Debug)]
pub enum Piece<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// A run of another file's.
    Run(Run<'a>),
    /// Runs that are changed on their way.
    Changed(ChangedRuns<'a>),
}

impl Piece<'_> {
    /// How many bytes it has.
    #[expect(clippy::len_without_is_empty, reason = "hardly any is")]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Run(run) => run.bytes,
            Self::Changed(changed) => changed.runs.iter().map(|run| run.bytes).sum(),
        }
    }

    /// Reads bytes from `from` of the piece on, and says how many: as many as fit into `buffer` and are there.
    ///
    /// # Errors
    /// When the file that has them does not have them any more, and when they are to be changed, which is done to whole
    /// samples.
    pub fn read(&self, from: usize, buffer: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Bytes(bytes) => {
                let rest = bytes.get(from..).unwrap_or_default();
                let bytes = rest.len().min(buffer.len());
                buffer[..bytes].copy_from_slice(&rest[..bytes]);
                Ok(bytes)
            }
            Self::Run(run) => {
                let bytes = buffer.len().min(run.bytes.saturating_sub(from));
                run.read(from, &mut buffer[..bytes])?;
                Ok(bytes)
            }
            Self::Changed(changed) => {
                let target = changed.runs.first().map_or_else(String::new, |run| run.path.display().to_string());
                Err(Error::Unreadable { target, source: ErrorKind::Unsupported.into() })
            }
        }
    }
}

/// Samples of other files that are changed on their way.
#[derive(Clone, Debug)]
pub struct ChangedRuns<'a> {
    /// Each of them.
    pub runs: Vec<Run<'a>>,
    /// The number of the first in its fragment.
    pub first: usize,
    /// What becomes of them.
    pub change: &'a dyn Change,
}

/// Gives the bytes of all pieces one after another, many at a time; `buffer` is where they are gathered.
pub(super) fn each<E: From<Error>>(
    pieces: &[Piece<'_>],
    buffer: &mut Vec<u8>,
    take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut window = Window { buffer, filled: 0, take };
    let mut left = pieces;
    while let Some((piece, rest)) = left.split_first() {
        left = rest;
        match piece {
            Piece::Bytes(bytes) => window.bytes(bytes)?,
            Piece::Changed(changed) => window.changed(changed)?,
            Piece::Run(first) => {
                let others = rest.iter().map_while(|piece| if let Piece::Run(run) = piece { Some(*run) } else { None });
                let runs: Vec<Run<'_>> = std::iter::once(*first).chain(others).collect();
                left = &rest[runs.len() - 1..];
                window.runs(&runs)?;
            }
        }
    }
    window.give()
}

/// All pieces in one run.
pub(super) fn joined(pieces: &[Piece<'_>]) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    each(pieces, &mut Vec::new(), |bytes| {
        all.extend_from_slice(bytes);
        Ok::<_, Error>(())
    })?;
    Ok(all)
}

/// Bytes that are gathered until they are worth a call.
struct Window<'b, F> {
    buffer: &'b mut Vec<u8>,
    filled: usize,
    take: F,
}

impl<F, E> Window<'_, F>
where
    F: FnMut(&[u8]) -> Result<(), E>,
    E: From<Error>,
{
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), E> {
        if bytes.len() >= SMALL {
            self.give()?;
            return (self.take)(bytes);
        }
        self.room(bytes.len())?.copy_from_slice(bytes);
        self.filled += bytes.len();
        Ok(())
    }

    fn runs(&mut self, runs: &[Run<'_>]) -> Result<(), E> {
        let (mut at, mut from) = (0, 0);
        while at < runs.len() {
            let room = match WINDOW.saturating_sub(self.filled) {
                0 => WINDOW,
                room => room,
            };
            let (mut now, mut bytes) = (Vec::new(), 0);
            while let Some(run) = runs.get(at).filter(|run| bytes < room || run.bytes == 0) {
                let part = (run.bytes - from).min(room - bytes);
                now.push(Run { offset: run.offset + from as u64, bytes: part, ..*run });
                (bytes, from) = (bytes + part, from + part);
                if from == run.bytes {
                    (at, from) = (at + 1, 0);
                }
            }
            run::read(&now, self.room(bytes)?)?;
            self.filled += bytes;
        }
        Ok(())
    }

    fn changed(&mut self, changed: &ChangedRuns<'_>) -> Result<(), E> {
        let (mut first, mut left) = (changed.first, changed.runs.as_slice());
        while !left.is_empty() {
            let mut bytes = 0;
            let fits = left.iter().take_while(|run| {
                bytes += run.bytes;
                bytes <= AT_ONCE
            });
            let (now, later) = left.split_at(fits.count().max(1));
            let bytes = now.iter().map(|run| run.bytes).sum();
            let mut rest = self.room(bytes)?;
            run::read(now, rest)?;
            let mut samples = Vec::with_capacity(now.len());
            for run in now {
                let (sample, behind) = rest.split_at_mut(run.bytes);
                samples.push(sample);
                rest = behind;
            }
            changed.change.apply(first, &mut samples);
            self.filled += bytes;
            (first, left) = (first + now.len(), later);
        }
        Ok(())
    }

    /// Room for so many bytes behind what is gathered, which is given first where both are too much.
    fn room(&mut self, bytes: usize) -> Result<&mut [u8], E> {
        if self.filled + bytes > WINDOW {
            self.give()?;
        }
        let end = self.filled + bytes;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        Ok(&mut self.buffer[self.filled..end])
    }

    /// Gives what is gathered.
    fn give(&mut self) -> Result<(), E> {
        match std::mem::take(&mut self.filled) {
            0 => Ok(()),
            filled => (self.take)(&self.buffer[..filled]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use super::*;

    /// Adds the number of a sample to each of its bytes.
    #[derive(Debug)]
    struct Numbers;

    impl Change for Numbers {
        fn apply(&self, first: usize, samples: &mut [&mut [u8]]) {
            for (number, sample) in (first..).zip(samples) {
                sample.iter_mut().for_each(|byte| *byte = byte.wrapping_add(number as u8));
            }
        }
    }

    #[test]
    fn pieces_of_every_size_follow_each_other_in_few_windows() {
        let lying: Vec<u8> = (0..5 * WINDOW).map(|at| (at / 7) as u8).collect();
        let mut file = tempfile::tempfile().expect("room");
        file.write_all(&lying).expect("room");
        let run = |offset: usize, bytes| Run { file: &file, path: Path::new("f"), offset: offset as u64, bytes };
        let changed = [(9, 3), (0, AT_ONCE + 1), (7, 0), (100, 2 * WINDOW), (5, AT_ONCE - 1), (4, 9), (WINDOW, 40_000)];
        let pieces = [
            Piece::Bytes(b"head"),
            Piece::Run(run(3, 10)),
            Piece::Run(run(WINDOW, 3 * WINDOW + 5)),
            Piece::Bytes(&lying[..SMALL]),
            Piece::Bytes(b""),
            Piece::Run(run(0, WINDOW - 1)),
            Piece::Bytes(b"behind"),
            Piece::Changed(ChangedRuns {
                runs: changed.iter().map(|(offset, bytes)| run(*offset, *bytes)).collect(),
                first: 4,
                change: &Numbers,
            }),
            Piece::Bytes(b"end"),
        ];
        let number = |(number, (offset, bytes)): (u8, &(usize, usize))| {
            lying[*offset..offset + bytes].iter().map(|byte| byte.wrapping_add(number)).collect::<Vec<_>>()
        };
        let changed = (4..).zip(&changed).map(number).collect::<Vec<_>>().concat();
        let expected: [&[u8]; 9] = [
            b"head",
            &lying[3..13],
            &lying[WINDOW..4 * WINDOW + 5],
            &lying[..SMALL],
            b"",
            &lying[..WINDOW - 1],
            b"behind",
            &changed,
            b"end",
        ];
        let (mut all, mut windows) = (Vec::new(), 0);
        each(&pieces, &mut Vec::new(), |bytes| {
            all.extend_from_slice(bytes);
            windows += 1;
            Ok::<_, Error>(())
        })
        .expect("readable");
        assert!(all == expected.concat());
        assert!(windows <= 14, "{windows}");
        assert!(joined(&pieces).expect("readable") == all);
    }

    #[test]
    fn a_run_that_the_file_does_not_have_is_an_error() {
        let file = tempfile::tempfile().expect("room");
        let run = Run { file: &file, path: Path::new("f"), offset: 0, bytes: 1 };
        assert!(matches!(joined(&[Piece::Run(run)]), Err(Error::Changed { .. })));
    }
}
