//! The files in which x264 keeps what it learns in a first pass, for the last one to read. It does not look
//! whether what it wrote is there, nor do all its last passes fail when some of it is not: they go on
//! without rate control. So we look.
//!
//! ```text
//! 0_720p_h264.log           one line of options, one line for each coded frame
//! 0_720p_h264.log.mbtree    for each frame that others refer to one byte, and two for each macroblock
//! ```

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::media::RenditionId;
use crate::output;

/// Directory of the statistics in the work directory.
const DIRECTORY: &str = "passes";
/// Side of a macroblock (ITU-T H.264 § 3.92).
const MACROBLOCK: u64 = 16;
/// A disk that has no room for so many bytes is full.
const ROOM: usize = 1 << 20;
/// Bytes that are read and hashed at once.
const PIECE: usize = 64 << 10;

/// The statistics of one rendition of one shard.
#[derive(Debug)]
pub(super) struct Statistics {
    log: PathBuf,
    tree: PathBuf,
}

/// What whole statistics hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Bits that are neither motion nor texture, and that a last pass takes as given.
    pub overhead: u64,
    /// SHA-256 of all bytes, in hexadecimal.
    pub sha256: String,
}

impl Statistics {
    /// Makes the directory of all statistics.
    pub(super) fn create_directory(work: &Path) -> Result<(), output::Error> {
        let directory = work.join(DIRECTORY);
        fs::create_dir_all(&directory).map_err(failed(&directory))
    }

    /// Of one rendition of one shard; `work` is the work directory.
    pub(super) fn of(work: &Path, shard: usize, rendition: &RenditionId) -> Self {
        let log = format!("{shard}_{}.log", rendition.name());
        let tree = format!("{log}.mbtree");
        let directory = work.join(DIRECTORY);
        Self { log: directory.join(log), tree: directory.join(tree) }
    }

    /// The name that the encoder is given, which is text: a run in a directory that is not is refused
    /// before it begins.
    pub(super) fn name(&self) -> String {
        self.log.to_string_lossy().into_owned()
    }

    /// Makes them durable and says what they hold, when they are those of `frames` frames and whole.
    pub(super) fn keep(&self, frames: u64) -> Result<Facts, output::Error> {
        let synced = |path: &Path| File::options().append(true).open(path)?.sync_data();
        let kept = self.read(frames).and_then(|(facts, files)| {
            files.into_iter().try_for_each(synced)?;
            Ok(facts)
        });
        kept.map_err(failed(&self.log))
    }

    /// Whether they still are what they were when they were kept.
    pub(super) fn stand(&self, frames: u64, kept: &Facts) -> bool {
        self.read(frames).is_ok_and(|(facts, _)| facts == *kept)
    }

    /// Fails when no more can be written to them. What they hold is gone after that.
    pub(super) fn try_room(&self) -> Result<(), output::Error> {
        let fill = |path: &Path| {
            let mut file = File::options().append(true).create(true).open(path)?;
            file.write_all(&vec![0; ROOM])?;
            file.sync_data()
        };
        let tried = [&self.log, &self.tree].into_iter().try_for_each(|path| fill(path).map_err(failed(path)));
        self.remove().and(tried)
    }

    /// Removes them: an hour of 1080p has gigabytes.
    pub(super) fn remove(&self) -> Result<(), output::Error> {
        [&self.log, &self.tree].into_iter().try_for_each(|path| match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path)(error)),
            _ => Ok(()),
        })
    }

    /// What they hold, and the files that hold it.
    fn read(&self, frames: u64) -> io::Result<(Facts, Vec<&Path>)> {
        let text = fs::read_to_string(&self.log)?;
        let log = Log::read(&text).filter(|log| log.frames == frames).ok_or_else(not_whole)?;
        let mut hash = Sha256::new_with_prefix(&text);
        let mut files = vec![self.log.as_path()];
        if let Some(bytes) = log.tree_bytes {
            let mut tree = File::open(&self.tree)?;
            if tree.metadata()?.len() != bytes {
                return Err(not_whole());
            }
            feed(&mut hash, &mut tree)?;
            files.push(&self.tree);
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((Facts { overhead: log.overhead, sha256 }, files))
    }
}

/// Hashes a file piece by piece: a tree of 4K pictures has a hundred megabytes.
fn feed(hash: &mut Sha256, file: &mut File) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(PIECE, file);
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(());
        }
        hash.update(piece);
        let length = piece.len();
        reader.consume(length);
    }
}

fn not_whole() -> io::Error {
    let why = "what the first pass wrote is not there; make room and run again to continue";
    io::Error::new(ErrorKind::InvalidData, why)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> output::Error + '_ {
    |source| output::Error::Io { target: path.display().to_string(), source }
}

/// What the lines of a log add up to.
#[derive(Debug, PartialEq, Eq)]
struct Log {
    frames: u64,
    overhead: u64,
    /// Size of the file that goes with it, when there is one.
    tree_bytes: Option<u64>,
}

impl Log {
    /// Reads a log; nothing when a line is torn.
    fn read(text: &str) -> Option<Self> {
        let (options, lines) = text.split_once('\n')?;
        let mut options = options.strip_prefix("#options: ")?.split(' ');
        let (width, height) = options.next()?.split_once('x')?;
        let across = |side: &str| Some(side.parse::<u64>().ok()?.div_ceil(MACROBLOCK));
        let tree_entry = 1 + 2 * across(width)? * across(height)?;
        let has_tree = options.any(|option| option == "mbtree=1");
        let (mut frames, mut overhead, mut references) = (0, 0, 0);
        for line in lines.split_inclusive('\n') {
            let line = line.strip_suffix(";\n")?;
            let field = |name: &str| line.split(' ').find_map(|field| field.strip_prefix(name));
            frames += 1;
            overhead += field("misc:")?.parse::<u64>().ok()?;
            // Nothing refers to `b`; to all others something may.
            references += u64::from(field("type:")? != "b");
        }
        Some(Self { frames, overhead, tree_bytes: has_tree.then_some(references * tree_entry) })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::media::RenditionKind;

    /// Three frames of 40x20, which is three macroblocks by two.
    const LOG: &str = "\
#options: 40x20 fps=25/1 timebase=1/25 bframes=2 rc=crf mbtree=1 crf=23.0 qcomp=0.60
in:0 out:0 type:I dur:2 cpbdur:2 q:31.43 aq:13.00 tex:237 mv:548 misc:5951 imb:6 pmb:0 smb:0 d:- ref:;
in:2 out:1 type:P dur:2 cpbdur:2 q:31.43 aq:13.00 tex:0 mv:0 misc:176 imb:0 pmb:0 smb:6 d:- ref:0 ;
in:1 out:2 type:b dur:2 cpbdur:2 q:31.43 aq:16.00 tex:0 mv:0 misc:160 imb:0 pmb:0 smb:6 d:- ref:0 ;
";
    const TREE: &[u8] = &[7; 26];

    fn written(log: &[u8], tree: &[u8]) -> (TempDir, Statistics) {
        let temp = TempDir::new().expect("a temporary directory");
        Statistics::create_directory(temp.path()).expect("writable");
        let statistics = Statistics::of(temp.path(), 3, &RenditionId::new(RenditionKind::Video, "720p_h264"));
        fs::write(&statistics.log, log).expect("writable");
        fs::write(&statistics.tree, tree).expect("writable");
        (temp, statistics)
    }

    #[test]
    fn whole_statistics_are_kept_and_found_again() {
        let (_temp, statistics) = written(LOG.as_bytes(), TREE);
        let facts = statistics.keep(3).expect("whole");
        assert_eq!(facts.overhead, 5951 + 176 + 160);
        assert!(statistics.stand(3, &facts));
        fs::write(&statistics.tree, [8; 26]).expect("writable");
        assert!(!statistics.stand(3, &facts), "a byte is another one");
        statistics.remove().expect("removable");
        assert!(!statistics.stand(3, &facts));
        statistics.remove().expect("absent is fine");
    }

    #[test]
    fn whatever_lacks_their_end_is_not_kept() {
        let (_temp, statistics) = written(LOG.as_bytes(), &TREE[..25]);
        let message = statistics.keep(3).expect_err("the tree is cut").to_string();
        assert!(message.contains("3_720p_h264.log") && message.contains("make room"), "{message}");
        for end in 0..LOG.len() {
            let (_temp, statistics) = written(&LOG.as_bytes()[..end], TREE);
            assert!(statistics.keep(3).is_err(), "the log is cut at {end}");
        }
        let (_temp, statistics) = written(LOG.as_bytes(), TREE);
        assert!(statistics.keep(4).is_err(), "a frame is missing");
    }

    #[test]
    fn without_macroblock_tree_the_log_is_all() {
        let (_temp, statistics) = written(LOG.replace("mbtree=1", "mbtree=0").as_bytes(), TREE);
        fs::remove_file(&statistics.tree).expect("removable");
        assert!(statistics.keep(3).is_ok());
    }

    #[test]
    fn trying_for_room_leaves_nothing() {
        let (_temp, statistics) = written(LOG.as_bytes(), TREE);
        statistics.try_room().expect("there is room");
        assert!(!statistics.log.exists() && !statistics.tree.exists());
    }
}
