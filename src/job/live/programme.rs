//! What players have been offered of a live programme, kept beside its journal: a run that was killed, in whatever way,
//! is gone on with from there.
//!
//! ```text
//! {"v":1,"key":"9f86d0…","terms":{…}}                      which programme it is, and what must stay as it is
//! {"offered":{"number":7,"start":…,"spell":{…},"segments":[…]}}   durable before any manifest names them
//! {"changed":{"marked":{…}}}                               what the source has marked
//! {"behind":[[21,["video/720p_h264/segment_00001.m4s",…]],…]}     offered no longer, and until which segment it stays
//! ```

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::sliding::{Behind, Sliding};
use super::told::Change;
use crate::job::lines::{self, Lines};
use crate::media::{SegmentNumber, Utc};
use crate::output::{Dir, Error};
use crate::package::Segment;
use crate::plan::{Marked, Spell, Window, names};

/// Version of the form of a line. A programme of another version is as good as none.
const VERSION: u32 = 1;

/// Name of the file in the work directory.
const NAME: &str = "programme.ndjson";

/// The segments of one number, which all renditions have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) number: SegmentNumber,
    /// When the zero of the programme was.
    pub(super) start: Utc,
    /// The spell that they were made in.
    pub(super) spell: Spell,
    pub(super) segments: Vec<Segment>,
}

#[derive(Serialize, Deserialize)]
struct Header<T> {
    v: u32,
    key: String,
    terms: T,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Offered(Row),
    Changed(Change),
    Behind(VecDeque<Behind>),
}

/// The directory `root` without symbolic links, where that of a run that was killed stands in it.
pub(super) fn left_in(root: &Path) -> Option<PathBuf> {
    root.join(names::WORK).join(NAME).exists().then(|| root.canonicalize().ok()).flatten()
}

/// That of the present run.
#[derive(Debug)]
pub(super) struct Programme(Lines);

impl Programme {
    /// Begins that of the programme `key`, which goes on only under these terms.
    pub(super) fn begin(dir: &Dir, key: &str, terms: &impl Serialize) -> Result<Self, Error> {
        let lines = Lines::at(dir.work().join(NAME), 0)?;
        lines.add([Header { v: VERSION, key: key.to_owned(), terms }])?;
        Ok(Self(lines))
    }

    /// Goes on with it behind what an earlier run has left.
    pub(super) fn go_on<T>(dir: &Dir, left: &Left<T>) -> Result<Self, Error> {
        Lines::at(dir.work().join(NAME), left.bytes).map(Self)
    }

    /// Players will be offered these segments.
    pub(super) fn offer(&self, row: Row) -> Result<(), Error> {
        self.0.add([Line::Offered(row)])
    }

    /// Players are told of these markers.
    pub(super) fn mark(&self, changes: &[Change]) -> Result<(), Error> {
        self.0.add(changes.iter().cloned().map(Line::Changed))
    }

    /// Begins the file anew with what stands alone.
    pub(super) fn restart(&self, behind: &VecDeque<Behind>, rows: Vec<Row>, marked: &[Marked]) -> Result<(), Error> {
        let behind = behind.clone();
        let rows = rows.into_iter().map(Line::Offered);
        let marked = marked.iter().cloned().map(|marked| Line::Changed(Change::Marked(marked)));
        self.0.restart(std::iter::once(Line::Behind(behind)).chain(rows).chain(marked))
    }
}

/// What an earlier run has left.
#[derive(Debug)]
pub(super) struct Left<T> {
    /// Which programme it is.
    pub(super) key: String,
    /// Under which terms it goes on.
    pub(super) terms: T,
    behind: VecDeque<Behind>,
    rows: Vec<Row>,
    /// What the source had marked.
    pub(super) marked: Vec<Marked>,
    /// Length of the lines that can be read without a gap.
    bytes: u64,
}

impl<T: for<'de> Deserialize<'de>> Left<T> {
    /// What stands in an output; nothing when players were offered nothing.
    pub(super) fn find(dir: &Dir) -> Result<Option<Self>, Error> {
        let left = Self::read(&lines::read(&dir.work().join(NAME))?);
        Ok(left.filter(|left| !left.rows.is_empty()))
    }

    fn read(text: &[u8]) -> Option<Self> {
        let mut lines = lines::whole(text);
        let first = lines.next()?;
        let Header { v: _, key, terms } =
            serde_json::from_slice(first).ok().filter(|header: &Header<T>| header.v == VERSION)?;
        let (behind, rows, marked) = (VecDeque::new(), Vec::new(), Vec::new());
        let mut left = Self { key, terms, behind, rows, marked, bytes: first.len() as u64 };
        for line in lines {
            match serde_json::from_slice(line) {
                Ok(Line::Offered(row)) => left.rows.push(row),
                Ok(Line::Changed(change)) => change.apply(&mut left.marked),
                Ok(Line::Behind(behind)) => left.behind = behind,
                // What follows it was never offered.
                Err(_) => break,
            }
            left.bytes += line.len() as u64;
        }
        Some(left)
    }
}

impl<T> Left<T> {
    /// What players are offered, in order, and the window as it stood.
    pub(super) fn offered(&self, window: Window) -> (Sliding, Vec<Row>) {
        let (mut sliding, mut rows) = (Sliding::over(window, self.behind.clone()), VecDeque::new());
        for row in &self.rows {
            let first = sliding.advance(row.number);
            rows.push_back(row);
            let old = rows.drain(..rows.partition_point(|old: &&Row| old.number < first));
            sliding.leave(old.flat_map(|old| &old.segments).map(|segment| segment.key.clone()).collect());
            sliding.done_with();
        }
        (sliding, rows.into_iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::media::{CutNumber, RenditionId, RenditionKind, Span, Timescale, Timestamp};

    const SCALE: Timescale = Timescale::new(1);

    fn row(number: u64) -> Row {
        let rendition = RenditionId::new(RenditionKind::Video, "720p_h264");
        let number = SegmentNumber(number);
        let segment = Segment {
            key: names::segment(&rendition, number),
            rendition,
            number,
            start: Timestamp::new(number.0 as i64 - 1, SCALE),
            duration: Span::new(1, SCALE),
            bytes: 3,
            fragments: Vec::new(),
            cut: CutNumber::of(number),
        };
        let (start, from) = (Utc::since_1970(std::time::Duration::from_secs(100)), Timestamp::zero(SCALE));
        let spell = Spell { breaks: 0, first: SegmentNumber(1), from, zero: start };
        Row { number, start, spell, segments: vec![segment] }
    }

    fn window() -> Window {
        let segment = Span::new(1, SCALE);
        Window { segments: 3, segment, longest: segment }
    }

    /// What players are offered, and what stands behind that.
    fn found(dir: &Dir) -> (Vec<u64>, Vec<String>) {
        let left = Left::<serde_json::Value>::find(dir).expect("readable").expect("something was offered");
        assert_eq!((&left.key[..], &left.terms), ("k", &json!({"crf": 23})));
        let (sliding, rows) = left.offered(window());
        (rows.iter().map(|row| row.number.0).collect(), sliding.behind().map(str::to_owned).collect())
    }

    #[test]
    fn what_was_offered_is_found_again_as_it_stood() {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = Dir::create(temp.path(), names::WORK).expect("writable");
        let programme = Programme::begin(&dir, "k", &json!({"crf": 23})).expect("writable");
        assert!(Left::<serde_json::Value>::find(&dir).expect("readable").is_none(), "nothing was offered");
        let mut sliding = Sliding::new(window());
        for number in 1..=12 {
            programme.offer(row(number)).expect("writable");
            let first = sliding.advance(SegmentNumber(number)).0;
            sliding.leave(if first > 1 {
                row(first - 1).segments.into_iter().map(|s| s.key).collect()
            } else {
                Vec::new()
            });
            sliding.done_with();
            let behind: Vec<String> = sliding.behind().map(str::to_owned).collect();
            assert_eq!(found(&dir), ((first..=number).collect(), behind));
            // Sometimes it is begun anew with what stands.
            if number == 7 {
                let rows = (first..=number).map(row).collect();
                programme.restart(sliding.stands_until(), rows, &[]).expect("writable");
            }
        }
        // A line that was torn is as if it had never been, and what follows does not continue it.
        let path = dir.work().join(NAME);
        let whole = std::fs::read(&path).expect("readable");
        std::fs::write(&path, [&whole[..], b"{\"offered\":{\"num"].concat()).expect("writable");
        let left = Left::<serde_json::Value>::find(&dir).expect("readable").expect("something was offered");
        Programme::go_on(&dir, &left).and_then(|programme| programme.offer(row(13))).expect("writable");
        assert_eq!(found(&dir).0, [11, 12, 13]);
    }
}
