//! A file of which the middle of large packets need not be read.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is read of the front of a large packet: its headers, and messages that stand before its pictures (captions).
const HEAD: usize = 4096;
/// What is read of its end.
const TAIL: usize = 64;
/// What FFmpeg asks for at once that is larger is media of one packet, read straight into its memory: everything else
/// goes through a buffer of its own, which is smaller (`demux::BUFFER`).
const LARGE: usize = 16 * 1024;

/// Lets the reader of a file leave out what nobody looks at.
#[derive(Clone, Debug, Default)]
pub struct Skim(Arc<AtomicBool>);

impl Skim {
    /// From now on large packets have zeros in their middle. For containers that keep packets whole, and codecs whose
    /// headers tell everything: a demuxer looks at no more of them.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// `file`, read as this says.
    pub(super) fn over<R>(&self, file: R) -> Skimmed<R> {
        Skimmed { file, skim: self.clone() }
    }
}

/// A file that is read whole until its [`Skim`] begins.
#[derive(Debug)]
pub(super) struct Skimmed<R> {
    file: R,
    skim: Skim,
}

impl<R: Read + Seek> Read for Skimmed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.len() <= LARGE || !self.skim.0.load(Ordering::Relaxed) {
            return self.file.read(buffer);
        }
        let (head, rest) = buffer.split_at_mut(HEAD);
        let (middle, tail) = rest.split_at_mut(rest.len() - TAIL);
        let read = self.file.read(head)?;
        if read < head.len() {
            return Ok(read);
        }
        let here = self.file.stream_position()?;
        self.file.seek(SeekFrom::Current(middle.len() as i64))?;
        match self.file.read_exact(tail) {
            Ok(()) => {
                middle.fill(0);
                Ok(buffer.len())
            }
            // The file ends in this packet: what there is of it is read bit by bit.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.file.seek(SeekFrom::Start(here))?;
                Ok(HEAD)
            }
            Err(error) => Err(error),
        }
    }
}

impl<R: Seek> Seek for Skimmed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn file() -> Vec<u8> {
        (0..3 * LARGE).map(|at| (at % 251) as u8 + 1).collect()
    }

    #[test]
    fn all_is_read_until_it_begins() {
        let skim = Skim::default();
        let mut read = vec![0; 2 * LARGE];
        skim.over(Cursor::new(file())).read_exact(&mut read).expect("there");
        assert_eq!(read, file()[..2 * LARGE]);
    }

    #[test]
    fn then_large_reads_have_their_ends_and_the_next_one_follows() {
        let (skim, all) = (Skim::default(), file());
        skim.begin();
        let mut skimmed = skim.over(Cursor::new(all.clone()));
        let mut read = vec![7; LARGE + 1];
        assert_eq!(skimmed.read(&mut read).expect("there"), LARGE + 1);
        assert_eq!(read[..HEAD], all[..HEAD]);
        assert!(read[HEAD..LARGE + 1 - TAIL].iter().all(|byte| *byte == 0));
        assert_eq!(read[LARGE + 1 - TAIL..], all[LARGE + 1 - TAIL..LARGE + 1]);
        let mut small = [0; 100];
        skimmed.read_exact(&mut small).expect("there");
        assert_eq!(small, all[LARGE + 1..][..100]);
    }

    #[test]
    fn of_a_file_that_ends_too_early_all_that_there_is_is_read() {
        let (skim, all) = (Skim::default(), file());
        skim.begin();
        let (mut skimmed, mut read) = (skim.over(Cursor::new(all.clone())), Vec::new());
        let mut buffer = vec![0; 4 * LARGE];
        loop {
            match skimmed.read(&mut buffer).expect("there") {
                0 => break,
                bytes => read.extend_from_slice(&buffer[..bytes]),
            }
        }
        assert_eq!(read, all);
    }
}
