//! Pictures of fragmented MP4 whose composition offsets are negative (`trun` version 1, ISO/IEC 14496-12 § 8.8.8), as
//! CMAF has them: FFmpeg counts from the picture that lies furthest before its decode time, so that it shows all
//! pictures later than the file says, and sound beside them too early.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use mp4_atom::{Decode, Tfdt, Tfhd, Trun};

use super::boxes::{TopBox, boxes, first, next_box};

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

/// Looks at the box at `at`; gives where the next one begins.
fn visit(file: &mut (impl Read + Seek), at: u64, tracks: &mut HashMap<u32, Beginning>) -> Option<u64> {
    let TopBox { kind, size, next } = next_box(file, at)?;
    if kind == *b"moof" && size <= LARGEST {
        let mut bytes = vec![0; usize::try_from(size).ok()?];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let fragment = first(&bytes, b"moof")?;
        for track in boxes(fragment.content).filter(|found| found.kind == *b"traf") {
            note(track.content, tracks)?;
        }
    }
    Some(next)
}

/// What a `traf` says of its track; nothing where it is damaged.
fn note(traf: &[u8], tracks: &mut HashMap<u32, Beginning>) -> Option<()> {
    let header = Tfhd::decode(&mut &*first(traf, b"tfhd")?.whole).ok()?;
    let decoded = match first(traf, b"tfdt") {
        Some(found) => Tfdt::decode(&mut &*found.whole).ok()?.base_media_decode_time,
        None => 0,
    };
    let runs = boxes(traf).filter(|found| found.kind == *b"trun");
    let runs = runs.map(|run| Trun::decode(&mut &*run.whole)).collect::<Result<Vec<_>, _>>().ok()?;
    let mut offsets = runs.iter().flat_map(|run| run.samples.iter()).map(|sample| sample.cts.unwrap_or_default());
    let first = offsets.next()?;
    let early = offsets.fold(first, i64::min).saturating_neg();
    let decoded = i64::try_from(decoded).unwrap_or(i64::MAX);
    let beginning = Beginning { first: decoded.saturating_add(first), early: 0 };
    let known = tracks.entry(header.track_id).or_insert(beginning);
    known.early = known.early.max(early);
    Some(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

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
