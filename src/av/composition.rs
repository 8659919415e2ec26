//! Pictures of fragmented MP4 whose composition offsets are negative (`trun` version 1, ISO/IEC 14496-12 § 8.8.8), as
//! CMAF has them: FFmpeg counts from the picture that lies furthest before its decode time, so that it shows all
//! pictures later than the file says, and sound beside them too early.

use std::collections::HashMap;
use std::io::{Cursor, Read, Seek, SeekFrom};

use mp4_atom::{Decode, Moof, Traf};

/// So many boxes of a file are looked at. One of the first fragments shows it.
const BOXES: usize = 64;
/// A `moof` is hardly ever larger than some kilobytes.
const LARGEST: u64 = 4 << 20;

/// How a track begins, in its ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// When its first picture is shown.
    pub(super) first: i64,
    /// How far before its decode time a picture is shown at most.
    pub(super) early: i64,
}

/// The tracks of which pictures are shown before their decode time, by their id. Nothing of a file that is not
/// fragmented, or damaged.
pub(super) fn beginnings(file: &mut (impl Read + Seek)) -> HashMap<u32, Beginning> {
    let mut tracks = HashMap::new();
    let mut at = 0;
    for _ in 0..BOXES {
        let Some(next) = visit(file, at, &mut tracks) else { break };
        at = next;
    }
    tracks.retain(|_, beginning| beginning.early > 0);
    tracks
}

/// A box at the top of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct TopBox {
    pub(super) kind: [u8; 4],
    pub(super) size: u64,
    /// Where the next one begins.
    pub(super) next: u64,
}

/// The box at `at`; nothing behind the last one, and of one that reaches to the end without saying its size.
pub(super) fn next_box(file: &mut (impl Read + Seek), at: u64) -> Option<TopBox> {
    let mut head = [0; 16];
    file.seek(SeekFrom::Start(at)).ok()?;
    file.read_exact(&mut head[..8]).ok()?;
    let word = |bytes: &[u8]| bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let size = match word(&head[..4]) {
        1 => {
            file.read_exact(&mut head[8..]).ok()?;
            word(&head[8..])
        }
        size => size,
    };
    let next = at.checked_add(size).filter(|_| size >= 8)?;
    Some(TopBox { kind: [head[4], head[5], head[6], head[7]], size, next })
}

/// Looks at the box at `at`; gives where the next one begins.
fn visit(file: &mut (impl Read + Seek), at: u64, tracks: &mut HashMap<u32, Beginning>) -> Option<u64> {
    let TopBox { kind, size, next } = next_box(file, at)?;
    if kind == *b"moof" && size <= LARGEST {
        let mut bytes = vec![0; usize::try_from(size).ok()?];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let moof = Moof::decode(&mut Cursor::new(bytes)).ok()?;
        moof.traf.iter().for_each(|traf| note(traf, tracks));
    }
    Some(next)
}

fn note(traf: &Traf, tracks: &mut HashMap<u32, Beginning>) {
    let mut offsets = traf.trun.iter().flat_map(|run| run.samples.iter()).map(|sample| sample.cts.unwrap_or_default());
    let Some(first) = offsets.next() else { return };
    let early = offsets.fold(first, i64::min).saturating_neg();
    let decoded = traf.tfdt.as_ref().map_or(0, |tfdt| tfdt.base_media_decode_time);
    let decoded = i64::try_from(decoded).unwrap_or(i64::MAX);
    let beginning = Beginning { first: decoded.saturating_add(first), early: 0 };
    let known = tracks.entry(traf.tfhd.track_id).or_insert(beginning);
    known.early = known.early.max(early);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, &content].concat()
    }

    /// A fragment of track 7 that is decoded from `decoded` on, with these composition offsets.
    fn fragment(decoded: u32, offsets: &[i32]) -> Vec<u8> {
        let count = (offsets.len() as u32).to_be_bytes();
        let offsets: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_be_bytes()).collect();
        let tfhd = boxed(b"tfhd", &[&[0, 2, 0, 0], &[0, 0, 0, 7]]);
        let tfdt = boxed(b"tfdt", &[&[0; 4], &decoded.to_be_bytes()]);
        let trun = boxed(b"trun", &[&[1, 0, 8, 0], &count, &offsets]);
        let mfhd = boxed(b"mfhd", &[&[0; 4], &[0, 0, 0, 1]]);
        [boxed(b"moof", &[&mfhd, &boxed(b"traf", &[&tfhd, &tfdt, &trun])]), boxed(b"mdat", &[])].concat()
    }

    #[test]
    fn a_track_that_shows_pictures_early_is_found_with_its_beginning() {
        let header = boxed(b"ftyp", &[b"cmf2\0\0\0\0"]);
        let file = |fragments: &[Vec<u8>]| Cursor::new([header.clone(), fragments.concat()].concat());
        let early = file(&[fragment(100, &[0, 40, -20]), fragment(160, &[0, -40])]);
        let expected = HashMap::from([(7, Beginning { first: 100, early: 40 })]);
        assert_eq!(beginnings(&mut early.clone()), expected);
        assert_eq!(beginnings(&mut file(&[fragment(0, &[20, 60, 0])])), HashMap::new());
        // What is cut off says nothing, and nothing of what was before it is lost.
        let mut cut = early.into_inner();
        cut.truncate(cut.len() - 30);
        assert_eq!(beginnings(&mut Cursor::new(cut)), HashMap::from([(7, Beginning { first: 100, early: 20 })]));
        assert_eq!(beginnings(&mut Cursor::new(b"no media at all".to_vec())), HashMap::new());
    }
}
