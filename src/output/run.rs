//! Runs of bytes of other files. Those that lie near each other are read in one call.

use std::fs::File;
use std::io::{self, ErrorKind, IoSliceMut};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Error;

/// What is between two runs is read with them when there is not more of it: a call takes longer.
const GAP: u64 = 4 * 1024;
/// So many runs at once: the system takes 1024 buffers, and what is between two of them is one, too.
const AT_ONCE: usize = 512;

/// A run of bytes of an open file.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The file.
    pub file: &'a File,
    /// Where it is, to speak of it.
    pub path: &'a Path,
    /// Its first byte.
    pub offset: u64,
    /// How many there are.
    pub bytes: usize,
}

impl Run<'_> {
    /// Reads the bytes from `from` of the run on that fill `buffer`.
    ///
    /// # Errors
    /// When the file does not have them any more.
    pub(super) fn read(&self, from: usize, buffer: &mut [u8]) -> Result<(), Error> {
        self.file.read_exact_at(buffer, self.offset + from as u64).map_err(|error| self.unreadable(error))
    }

    /// Where it ends.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.bytes as u64
    }

    pub(super) fn unreadable(&self, error: io::Error) -> Error {
        let target = self.path.display().to_string();
        if error.kind() == ErrorKind::UnexpectedEof {
            Error::Changed { target }
        } else {
            Error::Unreadable { target, source: error }
        }
    }
}

/// Fills `target`, which is as long as they are together, with the bytes of all runs, one behind the other.
///
/// # Errors
/// When a file does not have them any more, or `target` is too short.
pub(super) fn read(mut runs: &[Run<'_>], mut target: &mut [u8]) -> Result<(), Error> {
    let mut between = Vec::new();
    while let Some(first) = runs.first() {
        let (now, later) = runs.split_at(near(runs));
        let bytes = now.iter().map(|run| run.bytes).sum();
        let (into, behind) =
            target.split_at_mut_checked(bytes).ok_or_else(|| first.unreadable(ErrorKind::InvalidInput.into()))?;
        match now {
            [only] => only.read(0, into)?,
            _ => read_near(now, into, &mut between).map_err(|error| first.unreadable(error))?,
        }
        (runs, target) = (later, behind);
    }
    Ok(())
}

/// How many runs from the first on lie near behind each other in one file.
fn near(runs: &[Run<'_>]) -> usize {
    let follows = |pair: &&[Run<'_>]| {
        let end = pair[0].end();
        std::ptr::eq(pair[0].file, pair[1].file) && (end..=end + GAP).contains(&pair[1].offset)
    };
    (1 + runs.windows(2).take(AT_ONCE - 1).take_while(follows).count()).min(runs.len())
}

/// Reads runs that are near behind each other; `between` takes what is between them.
fn read_near(runs: &[Run<'_>], mut into: &mut [u8], between: &mut Vec<u8>) -> io::Result<()> {
    let gaps = || runs.windows(2).map(|pair| (pair[1].offset - pair[0].end()) as usize);
    between.resize(gaps().sum(), 0);
    let (mut buffers, mut between) = (Vec::with_capacity(2 * runs.len()), between.as_mut_slice());
    for (run, gap) in runs.iter().zip(gaps().chain([0])) {
        let (bytes, behind) = into.split_at_mut(run.bytes);
        let (skipped, later) = between.split_at_mut(gap);
        buffers.extend([bytes, skipped].into_iter().filter(|buffer| !buffer.is_empty()).map(IoSliceMut::new));
        (into, between) = (behind, later);
    }
    let (file, mut offset, mut left) = (runs[0].file, runs[0].offset, buffers.as_mut_slice());
    while !left.is_empty() {
        match rustix::io::preadv(file, left, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                offset += read as u64;
                IoSliceMut::advance_slices(&mut left, read);
            }
            Err(rustix::io::Errno::INTR) => (),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("room");
        file.write_all(bytes).expect("room");
        file
    }

    fn run(file: &File, offset: u64, bytes: usize) -> Run<'_> {
        Run { file, path: Path::new("f"), offset, bytes }
    }

    #[test]
    fn all_runs_are_read_wherever_they_lie() {
        let lying: Vec<u8> = (0..4_000_000_u32).map(|at| (at / 5) as u8).collect();
        let (one, other) = (file(&lying), file(&lying[7..]));
        let many = (0..2 * AT_ONCE as u64 + 3).map(|at| (&one, 1000 * at, 1 + at as usize % 990));
        let placed = [(&one, 9, 100), (&one, 109, 0), (&one, 109, 5), (&one, 114 + GAP, 5), (&one, 120 + 2 * GAP, 5)]
            .into_iter()
            .chain([(&one, 3, 7), (&other, 10, 9), (&other, 19, 2_000_000), (&one, 2_000_500, 3)])
            .chain(many);
        let runs: Vec<Run<'_>> = placed.map(|(file, offset, bytes)| run(file, offset, bytes)).collect();
        let expected: Vec<u8> = runs
            .iter()
            .flat_map(|run| {
                let from = run.offset as usize + if std::ptr::eq(run.file, &other) { 7 } else { 0 };
                lying[from..from + run.bytes].to_vec()
            })
            .collect();
        let mut target = vec![0; expected.len()];
        read(&runs, &mut target).expect("they are there");
        assert!(target == expected);
        assert_eq!(near(&runs), 4, "a byte too far");
        assert_eq!(near(&runs[9..]), AT_ONCE);
    }

    #[test]
    fn what_a_file_does_not_have_is_an_error() {
        let short = file(&[1; 100]);
        for runs in [[run(&short, 90, 5), run(&short, 96, 5)], [run(&short, 0, 4), run(&short, 200, 4)]] {
            let bytes = runs.iter().map(|run| run.bytes).sum();
            assert!(matches!(read(&runs, &mut vec![0; bytes]), Err(Error::Changed { .. })));
        }
        assert!(read(&[run(&short, 0, 4)], &mut [0; 3]).is_err());
    }
}
