//! Subtitles: playlists of WebVTT, or of text in fragmented MP4.

use super::super::Session;
use super::super::rate::Load;
use super::super::rule::rules;
use super::super::webvtt;
use super::groups::{Groups, Member};
use super::media::Playlist;
use super::text::Text;

rules! {
    COVERS: Error "Apple 5.5" "the playlist of subtitles covers the whole programme";
    TIMESTAMP_MAP: Error "Apple 5.3" "every segment of WebVTT has X-TIMESTAMP-MAP";
    FORMAT: Error "Apple 5.2" "subtitles are WebVTT or fragmented MP4 with text";
}

/// Checks the subtitles of a programme of `seconds`.
pub(super) fn check(groups: &Groups, seconds: f64, session: &mut Session<'_, '_>) {
    for member in groups.iter().filter(|member| member.kind == "SUBTITLES") {
        let Some(playlist) = read(member, session) else { continue };
        session.renditions += 1;
        let name = &playlist.text.name;
        let own = playlist.seconds();
        // The last sample of sound may reach over the end of the pictures.
        session
            .findings
            .check((own - seconds).abs() < 0.1, COVERS, name, || format!("covers {own:.3} s of {seconds:.3} s"));
        if playlist.map.is_some() {
            let track = playlist.track(session);
            let text = track.and_then(|track| track.header.as_ref().map(|header| header.entry.format));
            let kept = matches!(text.as_ref(), None | Some(b"wvtt" | b"stpp"));
            session.findings.check(kept, FORMAT, name, || "the media is no text");
            continue;
        }
        for part in playlist.entries.iter().filter_map(|entry| entry.part.as_ref()) {
            let Some(text) = session.files.text(&part.file, &mut session.findings) else { continue };
            let file = webvtt::read(&part.file, &text, &mut session.findings);
            let mapped = file.headers.iter().any(|header| header.starts_with("X-TIMESTAMP-MAP="));
            session.findings.check(mapped, TIMESTAMP_MAP, &part.file, || "X-TIMESTAMP-MAP is missing");
        }
    }
}

/// Size and length of every segment of some subtitles, and the target duration.
pub(super) fn load(member: &Member, session: &mut Session<'_, '_>) -> Option<(Load, u64)> {
    let playlist = read(member, session)?;
    Some((playlist.load(session), playlist.target))
}

fn read(member: &Member, session: &mut Session<'_, '_>) -> Option<Playlist> {
    let file = member.file.as_ref()?;
    let text = session.files.text(file, &mut session.findings)?;
    let text = Text::read(file, &text, &mut session.findings);
    Some(Playlist::read(text, session))
}
