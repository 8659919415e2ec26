//! A file of which the middle of large packets need not be read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is read of the front of a large packet: its headers, and messages that stand before its pictures (captions).
pub const HEAD: usize = 4096;
/// What is read of its end.
const TAIL: usize = 64;
/// What FFmpeg asks for at once that is larger is media of one packet, read straight into its memory: everything else
/// goes through a buffer of its own, which is smaller (`demux::BUFFER`).
const LARGE: usize = 16 * 1024;
/// What is read ahead behind a large packet: some packets of sound. More would be the front of the next large one, which
/// is then copied once more.
const AHEAD: usize = 2 * 1024;

/// Lets the reader of a file leave out what nobody looks at.
#[derive(Clone, Debug, Default)]
pub struct Skim(Arc<AtomicBool>);

impl Skim {
    /// From now on large packets have zeros in their middle, or only their front. For containers that keep packets whole,
    /// and codecs whose headers tell everything: a demuxer looks at no more of them.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// `file`, read from its front on as this says.
    pub(super) fn over(&self, file: File) -> Skimmed {
        Skimmed { file, at: 0, skim: self.clone(), behind_large: false }
    }
}

/// A file that is read whole until its [`Skim`] begins. Where it is read is kept here: to move on asks nothing of the
/// system.
#[derive(Debug)]
pub(super) struct Skimmed {
    file: File,
    at: u64,
    skim: Skim,
    /// The last read was of a large packet.
    behind_large: bool,
}

impl Skimmed {
    /// Reads the ends of a large packet into `buffer`; fewer bytes than it has room for where the file ends in it: what
    /// there is of it is read bit by bit.
    fn ends(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let last = self.at + (buffer.len() - TAIL) as u64;
        let (head, rest) = buffer.split_at_mut(HEAD);
        let (middle, tail) = rest.split_at_mut(rest.len() - TAIL);
        let read = self.file.read_at(head, self.at)?;
        if read < HEAD {
            return Ok(read);
        }
        match self.file.read_exact_at(tail, last) {
            Ok(()) => {
                middle.fill(0);
                Ok(buffer.len())
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(HEAD),
            Err(error) => Err(error),
        }
    }
}

impl Read for Skimmed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let large = buffer.len() > LARGE && self.skim.has_begun();
        let read = if large {
            self.ends(buffer)?
        } else {
            let length = if self.behind_large { buffer.len().min(AHEAD) } else { buffer.len() };
            self.file.read_at(&mut buffer[..length], self.at)?
        };
        self.behind_large = large;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Skimmed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.file.metadata()?.len(), by),
        };
        self.at = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn bytes() -> Vec<u8> {
        (0..3 * LARGE).map(|at| (at % 251) as u8 + 1).collect()
    }

    fn over(skim: &Skim, bytes: &[u8]) -> Skimmed {
        let mut file = tempfile::tempfile().expect("room");
        file.write_all(bytes).expect("room");
        skim.over(file)
    }

    #[test]
    fn all_is_read_until_it_begins() {
        let mut read = vec![0; 2 * LARGE];
        over(&Skim::default(), &bytes()).read_exact(&mut read).expect("there");
        assert_eq!(read, bytes()[..2 * LARGE]);
    }

    #[test]
    fn then_large_reads_have_their_ends_and_the_next_one_follows() {
        let (skim, all) = (Skim::default(), bytes());
        skim.begin();
        let mut skimmed = over(&skim, &all);
        let mut read = vec![7; LARGE + 1];
        assert_eq!(skimmed.read(&mut read).expect("there"), LARGE + 1);
        assert_eq!(read[..HEAD], all[..HEAD]);
        assert!(read[HEAD..LARGE + 1 - TAIL].iter().all(|byte| *byte == 0));
        assert_eq!(read[LARGE + 1 - TAIL..], all[LARGE + 1 - TAIL..LARGE + 1]);
        let mut ahead = vec![0; 2 * AHEAD];
        assert_eq!(skimmed.read(&mut ahead).expect("there"), AHEAD, "a little is read behind it");
        assert_eq!(ahead[..AHEAD], all[LARGE + 1..][..AHEAD]);
        assert_eq!(skimmed.read(&mut ahead).expect("there"), 2 * AHEAD, "and then as ever");
        assert_eq!(ahead, all[LARGE + 1 + AHEAD..][..2 * AHEAD]);
    }

    #[test]
    fn of_a_file_that_ends_too_early_all_that_there_is_is_read() {
        let (skim, all) = (Skim::default(), bytes());
        skim.begin();
        let (mut skimmed, mut read) = (over(&skim, &all), Vec::new());
        let mut buffer = vec![0; 4 * LARGE];
        loop {
            match skimmed.read(&mut buffer).expect("there") {
                0 => break,
                bytes => read.extend_from_slice(&buffer[..bytes]),
            }
        }
        assert_eq!(read, all);
    }

    #[test]
    fn it_moves_as_files_do() {
        let mut skimmed = over(&Skim::default(), &bytes());
        let mut at = |to| {
            let at = skimmed.seek(to)?;
            let mut byte = [0];
            skimmed.read_exact(&mut byte).map(|()| (at, byte[0]))
        };
        assert_eq!(at(SeekFrom::Start(9)).expect("there"), (9, 10));
        assert_eq!(at(SeekFrom::Current(-4)).expect("there"), (6, 7));
        let last = bytes().len() as u64 - 1;
        assert_eq!(at(SeekFrom::End(-1)).expect("there"), (last, bytes()[last as usize]));
        assert_eq!(at(SeekFrom::End(3)).expect_err("nothing is there").kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(at(SeekFrom::Current(-1 << 40)).expect_err("before the front").kind(), io::ErrorKind::InvalidInput);
    }
}
