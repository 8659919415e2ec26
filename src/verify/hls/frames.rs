//! I-frame playlists: each byte range is one key frame of a rendition.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Session;
use super::super::finding::or_none;
use super::super::fragment::Fragment;
use super::super::rule::rules;
use super::super::track::{Listing, Part, Track};
use super::media::Playlist;

rules! {
    FRAMES_ONLY: Error "Apple 6.8" "an I-frame playlist has EXT-X-I-FRAMES-ONLY";
    AT_MOOF: Error "Apple 6.10" "the byte range of a key frame starts at its moof";
    ONE_FRAME: Error "RFC 8216bis 4.4.3.6" "the byte range of a key frame ends with the frame";
    SYNC: Error "RFC 8216bis 4.4.3.6" "an I-frame playlist names sync samples";
    LENGTH: Error "RFC 8216bis 4.4.3.6" "EXTINF of a key frame is the time to the next one";
    EXACT: Warning "RFC 8216bis 4.4.3.6" "the EXTINFs of key frames add up to the media to a tenth of a millisecond";
    ALL: Warning "Apple 6.2" "the I-frame playlist names every key frame that begins a fragment";
    COVERS: Error "Apple 8.3" "an I-frame playlist is as long as the other playlists";
}

/// Checks an I-frame playlist against the media; gives back the rendition whose frames it names.
pub(super) fn check(playlist: &Playlist, tracks: &[Rc<Track>], session: &mut Session<'_, '_>) -> Option<Rc<Track>> {
    let name = &playlist.text.name;
    let findings = &mut session.findings;
    findings.check(playlist.text.has("EXT-X-I-FRAMES-ONLY"), FRAMES_ONLY, name, || "EXT-X-I-FRAMES-ONLY is missing");
    let first = playlist.entries.iter().find_map(|entry| entry.part.as_ref())?;
    let track = tracks.iter().find(|track| track.listing.media.iter().any(|part| part.file == first.file));
    let Some(track) = track.cloned() else {
        // Frames of their own, in no other playlist: read as a rendition of one picture for each segment.
        let media = playlist.entries.iter().map(|entry| entry.part.clone()).collect::<Option<Vec<Part>>>()?;
        return Some(session.track(Listing { header: playlist.map.clone(), media, slid: playlist.slid }));
    };
    let header = track.header.clone()?;
    let places = places(&track);
    let mut named = 0;
    let mut sum = track.origin();
    for (number, entry) in playlist.entries.iter().enumerate() {
        let Some(part) = &entry.part else { continue };
        let (offset, length) = part.range.unwrap_or((0, 0));
        let uri = part.to_string();
        let fragment = places.get(&(&part.file[..], offset)).and_then(|at| track.fragments.get(*at));
        let Some(fragment) = fragment else {
            session.findings.breaks(AT_MOOF, name, format!("{uri} does not start at a moof"));
            continue;
        };
        named += 1;
        let findings = &mut session.findings;
        findings.check(fragment.sync, SYNC, name, || format!("{uri} is no sync sample"));
        findings.equal(ONE_FRAME, name, format!("the length of {uri}"), length, fragment.key_bytes);
        sum += entry.seconds;
        let next = playlist.entries.get(number + 1).and_then(|next| next.part.as_ref());
        let next = next.and_then(|part| places.get(&(&part.file[..], part.range?.0)));
        let end = match next {
            Some(at) => track.fragments.get(*at).map(|fragment| fragment.decode_time),
            None => track.fragments.last().map(Fragment::end),
        };
        let end = end.map(|end| header.seconds(end as i64));
        let off = end.map_or(0.0, |end| (sum - end).abs());
        let rule = if off > track.longest_sample() + 1e-4 { LENGTH } else { EXACT };
        findings.check(off <= 1e-4, rule, name, || {
            format!("the EXTINFs up to {uri} add up to {sum:.6} s, the next frame is at {} s", or_none(end))
        });
    }
    let all = track.fragments.iter().filter(|fragment| fragment.sync).count();
    let findings = &mut session.findings;
    findings.check(named >= all, ALL, name, || format!("names {named} key frames of {all}"));
    if let Some((_, end)) = track.extent() {
        let length = end - track.origin();
        let kept = (playlist.seconds() - length).abs() <= track.longest_sample() + 1e-4;
        findings.check(kept, COVERS, name, || format!("lasts {:.6} s, the media {length:.6} s", playlist.seconds()));
    }
    Some(track)
}

/// Where each fragment of a track begins.
fn places(track: &Track) -> BTreeMap<(&str, u64), usize> {
    let mut places = BTreeMap::new();
    for (segment, part) in track.segments.iter().zip(&track.listing.media) {
        for at in segment.fragments.clone() {
            if let Some(fragment) = track.fragments.get(at) {
                places.insert((&part.file[..], fragment.offset), at);
            }
        }
    }
    places
}
