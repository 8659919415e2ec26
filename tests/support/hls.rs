//! The HLS rules of a set: RFC 8216bis and Apple's HLS Authoring Specification.

mod media;
mod multivariant;

use super::files::Files;
use super::findings::Findings;
use super::track::Track;
pub use media::images;

/// A length that EXTINF says may differ this much from the media, in seconds: it has six decimals.
pub const ROUNDING: f64 = 2e-6;

/// Checks every playlist. Gives back the target duration of audio and video.
pub fn check(files: &mut Files, video: &[Track], audio: &[Track], findings: &mut Findings) -> Option<u64> {
    let mut targets = Vec::new();
    for track in video.iter().chain(audio) {
        targets.push(media::check(files, track, findings));
    }
    for track in video {
        targets.push(media::check_key_frames(files, track, findings));
    }
    let target = *targets.first()?;
    findings.rule(
        targets.iter().all(|t| *t == target),
        "master.m3u8",
        format!("media playlists have different target durations: {targets:?} (Apple 8.2)"),
    );
    let spans = video.iter().chain(audio).flat_map(Track::load);
    let longest = spans.map(|(_, seconds)| seconds.round() as u64).max().unwrap_or(0).max(1);
    findings.equal("master.m3u8", "the target duration of the media playlists", target, longest);
    multivariant::check(files, video, audio, target, findings);
    Some(target)
}
