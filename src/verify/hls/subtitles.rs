//! Subtitles: playlists of WebVTT, or of text in fragmented MP4.

use std::collections::BTreeMap;

use super::super::Session;
use super::super::finding::{Findings, or_none};
use super::super::rate::Load;
use super::super::rule::rules;
use super::super::webvtt;
use super::groups::{Groups, Member};
use super::media::Playlist;
use super::text::Text;

rules! {
    COVERS: Error "Apple 5.5" "the playlist of subtitles covers the whole programme";
    TIMESTAMP_MAP: Error "Apple 5.3" "every segment of WebVTT has X-TIMESTAMP-MAP";
    MAPPED: Error "RFC 8216bis 3.1.4" "X-TIMESTAMP-MAP has MPEGTS and LOCAL, and means the same in all segments";
    HELD: Error "RFC 8216bis 3.1.4" "a segment of WebVTT holds every cue that is shown while it lasts";
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
        let mut pages = Vec::new();
        let mut begin = 0.0;
        for entry in &playlist.entries {
            let end = begin + entry.seconds;
            if let Some(part) = &entry.part
                && let Some(text) = session.files.text(&part.file, &mut session.findings)
            {
                let file = webvtt::read(&part.file, &text, &mut session.findings);
                let map = file.headers.iter().find_map(|header| header.strip_prefix("X-TIMESTAMP-MAP="));
                session.findings.check(map.is_some(), TIMESTAMP_MAP, &part.file, || "X-TIMESTAMP-MAP is missing");
                pages.push(Page { name: &part.file, begin, end, map: map.map(str::to_owned), cues: file.cues });
            }
            begin = end;
        }
        check_pages(&pages, &mut session.findings);
    }
}

/// A segment of WebVTT.
struct Page<'p> {
    name: &'p str,
    /// Its time by the playlist, in seconds.
    begin: f64,
    end: f64,
    map: Option<String>,
    cues: Vec<(f64, f64)>,
}

/// WebVTT counts in milliseconds: a cue that reaches so little into a segment need not stand there.
const TOUCH: f64 = 0.002;

fn check_pages(pages: &[Page<'_>], findings: &mut Findings<'_>) {
    let offsets: Vec<Option<f64>> = pages.iter().map(|page| page.map.as_deref().and_then(offset)).collect();
    let first = offsets.iter().flatten().next().copied();
    for (page, offset) in pages.iter().zip(&offsets).filter(|(page, _)| page.map.is_some()) {
        let kept = offset.is_some_and(|offset| first.is_some_and(|first| (offset - first).abs() < TOUCH));
        findings.check(kept, MAPPED, page.name, || format!("X-TIMESTAMP-MAP is {}", or_none(page.map.as_deref())));
    }
    // Where the clocks stand on that of the playlist is known only when both begin together.
    if offsets.iter().any(|offset| *offset != Some(0.0)) {
        return;
    }
    let all: BTreeMap<(u64, u64), (f64, f64)> =
        pages.iter().flat_map(|page| &page.cues).map(|cue| ((cue.0.to_bits(), cue.1.to_bits()), *cue)).collect();
    for page in pages {
        let lacks =
            all.values().find(|cue| cue.0 < page.end - TOUCH && cue.1 > page.begin + TOUCH && !page.cues.contains(cue));
        findings.check(lacks.is_none(), HELD, page.name, || {
            let (start, end) = lacks.copied().unwrap_or_default();
            format!("lacks the cue from {start} to {end} s")
        });
    }
}

/// How many seconds the clock of the media is ahead of that of the file.
fn offset(map: &str) -> Option<f64> {
    let value = |name: &str| map.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix(':'));
    let ticks: f64 = value("MPEGTS")?.parse::<u64>().ok()? as f64;
    Some(ticks / 90_000.0 - webvtt::clock(value("LOCAL")?)?)
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
