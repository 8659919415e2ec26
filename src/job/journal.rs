//! The journal of finished work: one line of JSON per piece, so that a run that was stopped, in whatever
//! way, continues where it was.
//!
//! ```text
//! {"v":2,"key":"9f86d0…"}                              what the work depends on, see job::key
//! {"claim":["video/720p_h264/segment_00001.m4s",…]}    nothing foreign stands there: ours from here on
//! {"done":{"shard":{…}}}                               stored and durable
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::lines::{self, Lines};
use super::statistics::Facts;
use crate::media::{Loudness, RenditionId};
use crate::output::{Dir, Error, stale};
use crate::package::Segment;
use crate::plan::names;

/// Version of the form of a line. A journal of another version is as good as none.
const VERSION: u32 = 2;
/// Name of the journal in the work directory.
const NAME: &str = "journal.ndjson";

/// A finished piece of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// All segments of a shard, of every video rendition.
    Shard {
        /// Position among the shards, counted from 0.
        index: usize,
        /// The segments.
        segments: Vec<Segment>,
        /// What else a later run needs of it.
        extra: serde_json::Value,
        /// What was lost of the pictures, counted from where reading began.
        #[serde(default, skip_serializing_if = "Damage::is_none")]
        damage: Damage,
    },
    /// All segments of an audio rendition.
    Audio {
        /// The rendition.
        rendition: RenditionId,
        /// The segments.
        segments: Vec<Segment>,
        /// What was lost of the sound.
        #[serde(default, skip_serializing_if = "Damage::is_none")]
        damage: Damage,
        /// How loud it has become, where it was to become as loud as something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loudness: Option<Loudness>,
    },
    /// How loud the track of an audio rendition is, in its channels.
    Loudness {
        /// The rendition.
        rendition: RenditionId,
        /// What was measured.
        measured: Loudness,
    },
    /// All segments of the rendition that is copied.
    Copy {
        /// The rendition.
        rendition: RenditionId,
        /// The segments.
        segments: Vec<Segment>,
    },
    /// The first pass of a shard, where there are two.
    Survey {
        /// Position among the shards, counted from 0.
        index: usize,
        /// What it found of each rendition.
        found: Vec<Surveyed>,
    },
}

/// What was lost of a source that could not be read whole. It is told at the end of the run that finishes
/// the set, whichever one met it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Packets that could not be decoded.
    pub refused: u64,
    /// Pictures of which the decoder had to make up a part.
    pub patched: u64,
    /// Pictures that were left out, for their timestamps step back.
    pub late: u64,
}

impl Damage {
    /// Nothing was lost.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// This and that.
    pub fn plus(self, other: Self) -> Self {
        let Self { refused, patched, late } = other;
        Self { refused: self.refused + refused, patched: self.patched + patched, late: self.late + late }
    }

    /// What came on top of what was there `before`.
    pub fn since(self, before: Self) -> Self {
        let Self { refused, patched, late } = before;
        Self { refused: self.refused - refused, patched: self.patched - patched, late: self.late - late }
    }
}

/// What the first pass of one rendition of one shard found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surveyed {
    /// The rendition.
    pub rendition: RenditionId,
    /// Bits it took.
    pub bits: u64,
    /// The encoder's statistics, when the last pass reads them.
    pub statistics: Option<Facts>,
}

impl Entry {
    /// The keys of the objects it is about.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Shard { segments, .. } | Self::Audio { segments, .. } | Self::Copy { segments, .. } => {
                segments.iter().map(|segment| segment.key.as_str()).collect()
            }
            Self::Loudness { .. } | Self::Survey { .. } => Vec::new(),
        }
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Header {
    v: u32,
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<E> {
    Claim(Vec<String>),
    Done(E),
}

/// The journal of the present run; several threads may write to it.
#[derive(Debug)]
pub struct Journal(Lines);

impl Journal {
    /// Opens the journal of an output whose lock the caller holds, and gives what an earlier run under
    /// the same `key` finished. Under another key, or with `force`, the objects that the earlier run
    /// listed are removed and the journal begins anew.
    pub fn open(dir: &Dir, key: &str, force: bool) -> Result<(Self, Vec<Entry>), Error> {
        let path = dir.work().join(NAME);
        let header = Header { v: VERSION, key: key.to_owned() };
        let earlier = Earlier::find(&path)?;
        if earlier.header.as_ref() == Some(&header) && !force {
            return Ok((Self(Lines::at(path, earlier.bytes)?), earlier.entries));
        }
        stale::remove_listed(dir.root(), &earlier.keys, &BTreeSet::new())?;
        let lines = Lines::at(path, 0)?;
        lines.add([&header])?;
        Ok((Self(lines), Vec::new()))
    }

    /// Whether a run over this output was begun and not finished.
    pub fn stands_in(dir: &Dir) -> bool {
        dir.work().join(NAME).exists()
    }

    /// The same of a directory that nobody has opened as an output.
    pub fn stands_below(root: &Path) -> bool {
        root.join(names::WORK).join(NAME).exists()
    }

    /// Whether it is that of a run under this key.
    pub fn is_of(dir: &Dir, key: &str) -> Result<bool, Error> {
        let earlier = Earlier::find(&dir.work().join(NAME))?;
        Ok(earlier.header.is_some_and(|header| header.key == key))
    }

    /// The keys of all objects that an earlier run finished or claimed.
    pub fn keys(dir: &Dir) -> Result<Vec<String>, Error> {
        Ok(Earlier::find(&dir.work().join(NAME))?.keys)
    }

    /// Ends the journal of a run that leaves nothing to go on with.
    pub fn remove(dir: &Dir) -> Result<(), Error> {
        let path = dir.work().join(NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path)(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Says that objects are about to be stored under `keys`, where nothing stands that is not ours. A run
    /// that is killed before it finishes them leaves behind objects that the next one knows to be ours.
    pub fn claim(&self, keys: Vec<String>) -> Result<(), Error> {
        self.0.add([Line::<Entry>::Claim(keys)])
    }

    /// Begins the file anew with a claim of `keys` alone, when the rest of what it lists is gone. A run that is killed
    /// meanwhile leaves the one or the other.
    pub fn restart(&self, keys: Vec<String>) -> Result<(), Error> {
        self.0.restart([Line::<Entry>::Claim(keys)])
    }

    /// Removes the objects that a run has claimed or finished, and its journal: it has come to nothing.
    pub fn withdraw(dir: &Dir) -> Result<(), Error> {
        stale::remove_listed(dir.root(), &Self::keys(dir)?, &BTreeSet::new())?;
        Self::remove(dir)
    }

    /// Says that a piece of work is finished and stored; when this returns, the line is durable.
    pub fn done(&self, entry: &Entry) -> Result<(), Error> {
        self.0.add([Line::Done(entry)])
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Io { target: path.display().to_string(), source }
}

/// What an earlier run left.
#[derive(Default)]
struct Earlier {
    header: Option<Header>,
    /// Finished work, as far as the lines can be read without a gap.
    entries: Vec<Entry>,
    /// All objects, in the order they are named; those behind an unreadable line too.
    keys: Vec<String>,
    /// Length of the lines that can be read without a gap.
    bytes: u64,
}

impl Earlier {
    fn find(path: &Path) -> Result<Self, Error> {
        Ok(Self::read(&lines::read(path)?))
    }

    fn read(text: &[u8]) -> Self {
        let mut lines = lines::whole(text);
        let Some(first) = lines.next() else { return Self::default() };
        let header: Option<Header> = serde_json::from_slice(first).ok();
        let Some(header) = header.filter(|header| header.v == VERSION) else { return Self::default() };
        let mut earlier = Self { header: Some(header), bytes: first.len() as u64, ..Self::default() };
        let mut whole = true;
        for line in lines {
            match serde_json::from_slice::<Line<Entry>>(line) {
                Ok(Line::Claim(keys)) => earlier.keys.extend(keys),
                Ok(Line::Done(entry)) => {
                    earlier.keys.extend(entry.keys().into_iter().map(str::to_owned));
                    if whole {
                        earlier.entries.push(entry);
                    }
                }
                Err(_) => whole = false,
            }
            if whole {
                earlier.bytes += line.len() as u64;
            }
        }
        earlier
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::media::{CutNumber, RenditionKind, SegmentNumber, Span, Timescale, Timestamp};
    use crate::output::{Output, Workspace};
    use crate::plan::names;

    const SCALE: Timescale = Timescale::new(90_000);

    fn output() -> (TempDir, Dir) {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = Dir::create(temp.path(), names::WORK).expect("writable");
        (temp, dir)
    }

    fn shard(index: usize) -> Entry {
        let rendition = RenditionId::new(RenditionKind::Video, "720p_h264");
        let number = SegmentNumber(index as u64 + 1);
        let segment = Segment {
            key: names::segment(&rendition, number),
            rendition,
            number,
            cut: CutNumber::of(number),
            start: Timestamp::new(540_000 * index as i64, SCALE),
            duration: Span::new(540_000, SCALE),
            bytes: 3,
            fragments: Vec::new(),
        };
        let damage = Damage { refused: index as u64, ..Damage::default() };
        Entry::Shard { index, segments: vec![segment], extra: json!({"frames": 150}), damage }
    }

    /// Stores what an entry is about and says so.
    fn work(dir: &Dir, journal: &Journal, entry: &Entry) {
        let keys: Vec<String> = entry.keys().into_iter().map(str::to_owned).collect();
        journal.claim(keys.clone()).expect("writable");
        keys.iter().for_each(|key| dir.put(key, b"abc").expect("writable"));
        journal.done(entry).expect("writable");
    }

    fn resume(dir: &Dir, key: &str) -> Vec<Entry> {
        Journal::open(dir, key, false).expect("readable").1
    }

    fn media(dir: &Dir) -> Vec<u64> {
        let id = RenditionId::new(RenditionKind::Video, "720p_h264");
        let stands = |n: &u64| dir.size(&names::segment(&id, SegmentNumber(*n))).expect("readable").is_some();
        (1..=9).filter(stands).collect()
    }

    #[test]
    fn the_same_key_finds_finished_work_again_and_goes_on() {
        let (_temp, dir) = output();
        let (journal, earlier) = Journal::open(&dir, "k", false).expect("new");
        assert_eq!(earlier, []);
        work(&dir, &journal, &shard(0));
        let (journal, earlier) = Journal::open(&dir, "k", false).expect("readable");
        assert_eq!(earlier, [shard(0)]);
        work(&dir, &journal, &shard(1));
        assert_eq!(resume(&dir, "k"), [shard(0), shard(1)]);
        assert_eq!(media(&dir), [1, 2]);
    }

    #[test]
    fn a_torn_last_line_is_dropped_wherever_it_is_torn() {
        let (_temp, dir) = output();
        let (journal, _) = Journal::open(&dir, "k", false).expect("new");
        journal.done(&shard(0)).expect("writable");
        let path = dir.work().join(NAME);
        let whole = fs::read(&path).expect("readable");
        journal.done(&shard(1)).expect("writable");
        let longer = fs::read(&path).expect("readable");
        for end in whole.len()..longer.len() {
            fs::write(&path, &longer[..end]).expect("writable");
            assert_eq!(resume(&dir, "k"), [shard(0)], "torn at {end}");
            assert_eq!(fs::read(&path).expect("readable"), whole, "torn at {end}");
        }
    }

    #[test]
    fn a_torn_header_begins_anew() {
        let (_temp, dir) = output();
        Journal::open(&dir, "k", false).expect("new");
        let path = dir.work().join(NAME);
        let header = fs::read(&path).expect("readable");
        fs::write(&path, &header[..header.len() / 2]).expect("writable");
        assert_eq!(resume(&dir, "k"), []);
        assert_eq!(fs::read(&path).expect("readable"), header);
    }

    #[test]
    fn nothing_behind_an_unreadable_line_is_believed() {
        let (_temp, dir) = output();
        let (journal, _) = Journal::open(&dir, "k", false).expect("new");
        journal.done(&shard(0)).expect("writable");
        let path = dir.work().join(NAME);
        fs::OpenOptions::new().append(true).open(&path).and_then(|mut f| f.write_all(b"\0\0\0\n")).expect("writable");
        work(&dir, &journal, &shard(1));
        assert_eq!(resume(&dir, "k"), [shard(0)]);
        assert_eq!(media(&dir), [2]);
    }

    #[test]
    fn another_key_removes_what_the_journal_lists_and_only_that() {
        let (_temp, dir) = output();
        let (journal, _) = Journal::open(&dir, "k", false).expect("new");
        work(&dir, &journal, &shard(0));
        // Killed before the shard was finished.
        journal.claim(shard(1).keys().into_iter().map(str::to_owned).collect()).expect("writable");
        dir.put(shard(1).keys()[0], b"half a shard").expect("writable");
        for foreign in ["holiday.jpg", "video/720p_h264/segment_00009.m4s", "video/notes.txt"] {
            dir.put(foreign, b"mine").expect("writable");
        }
        assert_eq!(resume(&dir, "other"), []);
        assert_eq!(media(&dir), [9]);
        assert_eq!(dir.get("holiday.jpg").expect("foreign"), b"mine");
        assert_eq!(dir.get("video/notes.txt").expect("foreign"), b"mine");
        assert_eq!(resume(&dir, "k"), [], "the old work is forgotten");
    }

    /// Its claims may mean something else: what they name is left alone.
    #[test]
    fn a_journal_of_another_version_is_not_believed() {
        let (_temp, dir) = output();
        let (journal, _) = Journal::open(&dir, "k", false).expect("new");
        work(&dir, &journal, &shard(0));
        let path = dir.work().join(NAME);
        let text = fs::read_to_string(&path).expect("text");
        fs::write(&path, text.replacen("{\"v\":2", "{\"v\":1", 1)).expect("writable");
        assert_eq!(Journal::keys(&dir).expect("readable"), [""; 0]);
        assert_eq!(resume(&dir, "k"), []);
        assert_eq!(media(&dir), [1]);
    }

    #[test]
    fn force_forgets_finished_work() {
        let (_temp, dir) = output();
        let (journal, _) = Journal::open(&dir, "k", false).expect("new");
        work(&dir, &journal, &shard(0));
        let (_, earlier) = Journal::open(&dir, "k", true).expect("readable");
        assert_eq!((earlier, media(&dir)), (vec![], vec![]));
        assert_eq!(resume(&dir, "k"), []);
    }

    #[test]
    fn lines_of_many_threads_stay_whole() {
        let (_temp, dir) = output();
        let (journal, _) = Journal::open(&dir, "k", false).expect("new");
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let journal = &journal;
                scope.spawn(move || (0..5).for_each(|n| journal.done(&shard(worker * 5 + n)).expect("writable")));
            }
        });
        let mut found: Vec<usize> = resume(&dir, "k")
            .iter()
            .map(|entry| match entry {
                Entry::Shard { index, .. } => *index,
                Entry::Audio { .. } | Entry::Copy { .. } | Entry::Loudness { .. } | Entry::Survey { .. } => {
                    unreachable!("only shards were written")
                }
            })
            .collect();
        found.sort_unstable();
        assert_eq!(found, (0..20).collect::<Vec<_>>());
    }
}
