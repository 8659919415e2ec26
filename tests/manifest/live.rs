//! Manifests of a live programme, version by version: each may differ from the one before only as players can follow.

use std::collections::BTreeMap;
use std::time::Duration;

use streampack::manifest::{Document, Presentation, documents, mpd};
use streampack::media::{FrameRate, Marker, Says, SegmentNumber, Span, Timestamp, Utc};
use streampack::plan::{
    AudioRole, Close, LiveOffer, Marked, MarkedEnd, Marks, Offer, Parts, Plan, Spell, Spells, Window,
};

use crate::{body, fake, golden, planned};

/// Segments that players are offered at a time.
const WINDOW: u64 = 5;
/// Segments of the programme.
const LENGTH: u64 = 14;
/// Segments are as long as those of every plan made by hand.
const SEGMENT: Duration = Duration::from_secs(6);

/// 84 s at 30000/1001, two rungs and a language.
fn programme() -> Plan {
    let rate = FrameRate::new(30_000, 1001).expect("positive");
    let plan = planned::with_video(planned::plan(rate, LENGTH * 180), &[(720, 2800), (360, 800)]);
    planned::with_audio(plan, 1, "en", AudioRole::Main, 128)
}

/// When the programme began.
fn start() -> Utc {
    Utc::since_1970(Duration::from_millis(1_763_000_000_040))
}

/// All manifests once the segment `last` stands, a second after it ended.
fn version(plan: &Plan, last: u64, ended: bool) -> Vec<Document> {
    let (presentation, offer) = offered(plan, last, ended, None);
    documents(&offer, &presentation).expect("everything was stored")
}

/// A programme whose source was away twice: after the segments 8 and 10, for half a minute and for a minute.
fn with_breaks(plan: &Plan) -> Spells {
    let spell = |breaks: u64, first: u64, away: i64| {
        let from = plan.grid.time_of((first - 1) * plan.grid.segment_frames());
        Spell { breaks, first: SegmentNumber(first), from, zero: start().after_us(away * 1_000_000) }
    };
    Spells::of(start(), spell(0, 1, 0), [spell(1, 9, 30), spell(2, 11, 90)])
}

/// What stands and is offered then.
fn offered(plan: &Plan, last: u64, ended: bool, close: Option<Close>) -> (Presentation, Offer) {
    let spells = Spells::unbroken(start(), plan.grid.time_of(0));
    offered_so(plan, last, ended, close, (spells, None, Duration::ZERO))
}

/// What stands and is offered then of a programme that was made in these spells; where it rests, and for how long it may.
fn offered_so(
    plan: &Plan,
    last: u64,
    ended: bool,
    close: Option<Close>,
    (spells, resting, rest): (Spells, Option<SegmentNumber>, Duration),
) -> (Presentation, Offer) {
    let mut presentation = fake::presentation_up_to(plan, SegmentNumber(last));
    let first = SegmentNumber((last + 1).saturating_sub(WINDOW).max(1));
    presentation.remove_before(first);
    let edge = plan.grid.span_of(last * plan.grid.segment_frames());
    let now = start().after_us((edge.as_seconds() * 1e6) as i64 + 1_000_000);
    let window = Window::new(plan, WINDOW, None).expect("five are enough");
    let timed = close.is_some();
    let live = LiveOffer { first, spells, resting, rest, now, ended, timed, window, close };
    (presentation, plan.live_offer(SegmentNumber(last), edge, live))
}

/// Every version of the document `key`, one for each segment.
fn versions(plan: &Plan, key: &str) -> Vec<String> {
    let text = |last| body(&version(plan, last, last == LENGTH), key).to_owned();
    (1..=LENGTH).map(text).collect()
}

fn media_playlists(plan: &Plan) -> Vec<String> {
    let documents = version(plan, 1, false);
    let keys = documents.iter().map(|document| document.key.clone());
    keys.filter(|key| key.ends_with("/playlist.m3u8")).collect()
}

fn value<'a>(playlist: &'a str, tag: &str) -> &'a str {
    let line = playlist.lines().find_map(|line| line.strip_prefix(tag)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {tag} in {playlist}"))
}

fn number(playlist: &str, tag: &str) -> u64 {
    value(playlist, tag).parse().expect("a number")
}

/// Each segment of a playlist by its media sequence number: URI, length and date.
fn segments(playlist: &str) -> BTreeMap<u64, (String, f64, String)> {
    let first = number(playlist, "#EXT-X-MEDIA-SEQUENCE");
    let (mut found, mut length, mut date) = (BTreeMap::new(), 0.0, String::new());
    for line in playlist.lines() {
        if let Some(text) = line.strip_prefix("#EXTINF:") {
            length = text.trim_end_matches(',').parse().expect("a length");
        } else if let Some(text) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
            text.clone_into(&mut date);
        } else if !line.starts_with('#') {
            found.insert(first + found.len() as u64, (line.to_owned(), length, std::mem::take(&mut date)));
        }
    }
    found
}

#[test]
fn a_live_programme_matches_its_goldens() {
    golden::check("live", &version(&programme(), 7, false));
    golden::check("live_ended", &version(&programme(), LENGTH, true));
}

/// H1: the target duration never changes, is one in all playlists, and no segment is longer.
#[test]
fn the_target_duration_is_one_for_good() {
    let plan = programme();
    for key in media_playlists(&plan) {
        for playlist in versions(&plan, &key) {
            assert_eq!(number(&playlist, "#EXT-X-TARGETDURATION"), SEGMENT.as_secs(), "{key}");
            assert!(
                segments(&playlist).values().all(|(_, length, _)| length.round() as u64 <= SEGMENT.as_secs()),
                "{key}"
            );
        }
    }
}

/// H2, H4, H5: segments are added at the end and removed at the head, and none changes meanwhile.
#[test]
fn a_segment_keeps_its_number_name_length_and_date() {
    let plan = programme();
    for key in media_playlists(&plan) {
        let mut seen: BTreeMap<u64, (String, f64, String)> = BTreeMap::new();
        let mut before = 0;
        for (at, playlist) in (1..).zip(versions(&plan, &key)) {
            let found = segments(&playlist);
            let numbers: Vec<u64> = found.keys().copied().collect();
            let first = (at + 1_u64).saturating_sub(WINDOW).max(1);
            assert_eq!(numbers, (first..=at).collect::<Vec<_>>(), "{key}");
            assert!(first >= before && !playlist.contains("#EXT-X-PLAYLIST-TYPE"), "{key}");
            before = first;
            for (number, segment) in found {
                assert_eq!(seen.entry(number).or_insert_with(|| segment.clone()), &segment, "{key}");
            }
        }
    }
}

/// H9: all renditions say when their segments were, on one clock.
#[test]
fn every_segment_has_a_date_and_dates_follow_the_media() {
    let plan = programme();
    for key in media_playlists(&plan) {
        let playlist = body(&version(&plan, 9, false), &key).to_owned();
        let mut due = None;
        for (number, (_, length, date)) in segments(&playlist) {
            let at = humantime::parse_rfc3339(&date).expect("a date");
            let at = Utc::since_1970(at.duration_since(std::time::UNIX_EPOCH).expect("after 1970"));
            let off = due.map_or(0, |due: Utc| at.since_us(due).abs());
            assert!(off <= 1000, "{key}: segment {number} is {off} us off");
            let planned = start().after_us(((number - 1) as f64 * 6.006e6) as i64);
            assert!(at.since_us(planned).abs() < 15_000, "{key}: {date}");
            due = Some(at.after_us((length * 1e6) as i64));
        }
    }
}

/// H12, D9: only the last version says that nothing follows.
#[test]
fn only_the_end_says_that_nothing_follows() {
    let plan = programme();
    for key in media_playlists(&plan) {
        let ended: Vec<bool> = versions(&plan, &key).iter().map(|text| text.contains("#EXT-X-ENDLIST")).collect();
        assert_eq!(ended.iter().position(|ended| *ended), Some(LENGTH as usize - 1), "{key}");
    }
    let types: Vec<bool> =
        versions(&plan, "manifest.mpd").iter().map(|text| text.contains("type=\"static\"")).collect();
    assert_eq!(types.iter().position(|ended| *ended), Some(LENGTH as usize - 1));
}

/// What the multivariant playlist promises cannot change with each segment: players read it once.
#[test]
fn the_multivariant_playlist_stays_as_it_is_until_the_end() {
    let mut texts = versions(&programme(), "master.m3u8");
    texts.pop();
    texts.dedup();
    assert_eq!(texts.len(), 1);
    assert!(!texts[0].contains("I-FRAME"), "there is no playlist of key frames yet");
    assert!(texts[0].contains("BANDWIDTH=2948800,AVERAGE-BANDWIDTH=2936000"), "{}", texts[0]);
}

fn attribute<'a>(mpd: &'a str, name: &str) -> &'a str {
    let (_, rest) = mpd.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {mpd}"));
    rest.split('"').next().expect("the end of a value")
}

/// D1 to D3.
#[test]
fn an_mpd_keeps_its_clock_and_says_when_it_was_made() {
    let plan = programme();
    let mut published = String::new();
    for text in &versions(&plan, "manifest.mpd")[..LENGTH as usize - 1] {
        assert_eq!(attribute(text, "type"), "dynamic");
        assert_eq!(attribute(text, "availabilityStartTime"), start().to_string());
        assert!(attribute(text, "publishTime") > published.as_str());
        attribute(text, "publishTime").clone_into(&mut published);
        assert_eq!(attribute(text, "minimumUpdatePeriod"), "PT6.006S");
        assert_eq!(attribute(text, "timeShiftBufferDepth"), "PT30.03S");
        assert_eq!(attribute(text, "suggestedPresentationDelay"), "PT18.018S");
        assert!(!text.contains("mediaPresentationDuration"));
        assert!(text.contains("<Period id=\"0\" start=\"PT0S\">"));
    }
}

/// D2, D3: what a timeline lists is what the playlists list, and no segment is longer than the MPD says.
#[test]
fn timelines_and_playlists_list_the_same_segments() {
    let plan = programme();
    for last in [1, 4, 5, 6, LENGTH] {
        let documents = version(&plan, last, last == LENGTH);
        let mpd = body(&documents, "manifest.mpd");
        for template in mpd.split("<SegmentTemplate").skip(1) {
            let first: u64 = attribute(template, "startNumber").parse().expect("a number");
            let id = attribute(template, "initialization").to_owned();
            let repeats =
                |s: &str| if s.contains(" r=\"") { attribute(s, "r").parse().expect("a number") } else { 0_u64 };
            let timeline = template.split("</SegmentTimeline>").next().expect("a timeline");
            let count: u64 = timeline.split("<S ").skip(1).map(|s| 1 + repeats(&format!(" {s}"))).sum();
            assert_eq!((first, count), ((last + 1).saturating_sub(WINDOW).max(1), last.min(WINDOW)), "{id}");
        }
        let longest = Span::new(6_006_000 + 21_334, streampack::media::Timescale::new(1_000_000));
        assert_eq!(attribute(mpd, "maxSegmentDuration"), format!("PT{}S", longest.as_seconds()));
    }
}

/// The end of what is shown.
#[test]
fn a_set_that_has_ended_is_as_long_as_its_last_segment_says() {
    let plan = programme();
    let documents = version(&plan, LENGTH, true);
    let end = plan.grid.time_of(LENGTH * plan.grid.segment_frames());
    assert_eq!(end.since(Timestamp::zero(end.scale())), Some(plan.duration()));
    let mpd = body(&documents, "manifest.mpd");
    assert_eq!(attribute(mpd, "mediaPresentationDuration"), format!("PT{}S", plan.duration().as_seconds()));
}

/// The MPD of a server that sends segments while they are made, once the segment `last` stands.
fn close_mpd(last: u64) -> Document {
    let plan = programme();
    let parts = Parts::new(&plan, Duration::from_millis(500)).expect("a part of fifteen frames");
    let (presentation, offer) = offered(&plan, last, false, Some(Close { grid: plan.grid, parts }));
    mpd(&offer, &presentation).expect("everything was stored")
}

#[test]
fn segments_that_are_still_made_are_announced() {
    golden::check("live_low_latency", &[close_mpd(7)]);
}

/// When each segment of each timeline begins and how long it is, in ticks.
fn timelines(mpd: &str) -> Vec<BTreeMap<u64, u64>> {
    let value = |line: &str, name: &str| -> Option<u64> {
        let (_, rest) = line.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()?.parse().ok()
    };
    let mut found: Vec<BTreeMap<u64, u64>> = Vec::new();
    let mut at = 0;
    for line in mpd.lines().map(str::trim) {
        if line == "<SegmentTimeline>" {
            found.push(BTreeMap::new());
        } else if line.starts_with("<S ") {
            at = value(line, "t").unwrap_or(at);
            let length = value(line, "d").expect("S has a length");
            for _ in 0..=value(line, "r").unwrap_or(0) {
                found.last_mut().expect("in a timeline").insert(at, length);
                at += length;
            }
        }
    }
    found
}

#[test]
fn what_is_announced_comes_so() {
    for last in 1..LENGTH - 2 {
        let (announced, come) = (timelines(&close_mpd(last).body), timelines(&close_mpd(last + 2).body));
        for (announced, come) in announced.iter().zip(&come) {
            assert_eq!(announced.len() as u64, WINDOW.min(last) + 2);
            let later = announced.iter().filter(|(at, _)| come.contains_key(at));
            later.for_each(|(at, length)| assert_eq!(come.get(at), Some(length), "at {at} after segment {last}"));
            assert!(announced.keys().rev().take(2).all(|at| come.contains_key(at)), "{announced:?} and {come:?}");
        }
    }
}

/// All manifests of a programme with breaks once the segment `last` stands.
fn version_with_breaks(plan: &Plan, last: u64, ended: bool) -> Vec<Document> {
    let rest = Duration::from_secs(60);
    let (presentation, offer) = offered_so(plan, last, ended, None, (with_breaks(plan), None, rest));
    documents(&offer, &presentation).expect("everything was stored")
}

#[test]
fn a_programme_with_breaks_matches_its_goldens() {
    golden::check("live_breaks", &version_with_breaks(&programme(), 11, false));
    golden::check("live_breaks_ended", &version_with_breaks(&programme(), LENGTH, true));
}

/// H3: a segment keeps its discontinuity number, whether its tag is still there or was removed.
#[test]
fn a_segment_keeps_its_place_among_the_breaks() {
    let plan = programme();
    for key in media_playlists(&plan) {
        for last in 1..=LENGTH {
            let playlist = body(&version_with_breaks(&plan, last, false), &key).to_owned();
            let mut number = playlist
                .lines()
                .find_map(|line| line.strip_prefix("#EXT-X-DISCONTINUITY-SEQUENCE:"))
                .map_or(0, |number| number.parse::<u64>().expect("a number"));
            for line in playlist.lines() {
                number += u64::from(line == "#EXT-X-DISCONTINUITY");
                if let Some(segment) = line.strip_prefix("segment_") {
                    let segment: u64 = segment.trim_end_matches(".m4s").parse().expect("a number");
                    assert_eq!(number, u64::from(segment >= 9) + u64::from(segment >= 11), "{key}: {playlist}");
                }
            }
        }
    }
}

/// D6: a break begins a Period with an id of its own, later than what was before it ended, and that one ends where its
/// media does.
#[test]
fn a_period_begins_where_its_media_is_on_the_clock() {
    let plan = programme();
    let documents = version_with_breaks(&plan, 12, false);
    let mpd = body(&documents, "manifest.mpd");
    let starts: Vec<&str> = mpd.lines().map(str::trim).filter(|line| line.starts_with("<Period ")).collect();
    // Segments of 6.006 s: the ninth begins at 48.048 s of media, the eleventh at 60.06 s.
    assert_eq!(
        starts,
        [
            "<Period id=\"0\" start=\"PT0S\" duration=\"PT48.048S\">",
            "<Period id=\"1\" start=\"PT78.048S\" duration=\"PT12.012S\">",
            "<Period id=\"2\" start=\"PT150.06S\">"
        ]
    );
    let periods: Vec<&str> = mpd.split("<Period ").skip(1).collect();
    let offsets: Vec<bool> = periods.iter().map(|period| period.contains("presentationTimeOffset=\"")).collect();
    assert_eq!(offsets, [false, true, true]);
    assert!(
        periods[1].contains("presentationTimeOffset=\"1441440\"") && periods[1].contains("startNumber=\"9\""),
        "{mpd}"
    );
}

/// dash.js waits before a gap in what it has for as long as that is, and looks for media of the break in the Period before
/// it; it goes on at once when its place is older than what it may play.
#[test]
fn clients_keep_what_was_before_a_break_while_that_lasts_and_go_on_behind_it() {
    let plan = programme();
    let depth = |last: u64, resting: Option<u64>, rest: u64, at: i64| {
        let terms = (with_breaks(&plan), resting.map(SegmentNumber), Duration::from_secs(rest));
        let (presentation, mut offer) = offered_so(&plan, last, false, None, terms);
        offer.live.as_mut().expect("it is live").now = start().after_us(at);
        let text = mpd(&offer, &presentation).expect("everything was stored").body;
        attribute(&text, "timeShiftBufferDepth").to_owned()
    };
    assert_eq!(depth(8, None, 60, 49_000_000), "PT30.03S");
    assert_eq!(depth(8, Some(9), 60, 49_000_000), "PT90.03S", "a break");
    // It was 30 s long, and ended at 78.048 s.
    assert_eq!(depth(9, None, 60, 84_100_000), "PT21.052S", "from its middle on");
    assert_eq!(depth(10, None, 60, 99_000_000), "PT30.03S", "no more than ever");
    assert_eq!(depth(9, None, 20, 84_100_000), "PT50.03S", "there is more to go back to than a break takes");
}

/// Nobody knows when a break ends. Who looks once in a segment would go on up to a segment later than he could.
#[test]
fn clients_look_more_often_while_the_source_is_away() {
    let plan = programme();
    let period = |resting: Option<u64>| {
        let terms = (with_breaks(&plan), resting.map(SegmentNumber), Duration::from_secs(60));
        let (presentation, offer) = offered_so(&plan, 8, false, None, terms);
        let text = mpd(&offer, &presentation).expect("everything was stored").body;
        attribute(&text, "minimumUpdatePeriod").to_owned()
    };
    assert_eq!([period(None), period(Some(9))], ["PT6.006S", "PT0.5S"]);
}

/// Nothing that will not come is announced, neither while the source is away nor when it is back.
#[test]
fn what_is_not_made_is_not_announced() {
    let plan = programme();
    let parts = Parts::new(&plan, Duration::from_millis(500)).expect("a part of fifteen frames");
    let close = Some(Close { grid: plan.grid, parts });
    let spells = Spells::unbroken(start(), plan.grid.time_of(0));
    let rests = (spells, Some(SegmentNumber(9)), Duration::from_secs(60));
    let (presentation, offer) = offered_so(&plan, 8, false, close, rests);
    let text = mpd(&offer, &presentation).expect("everything was stored").body;
    assert!(timelines(&text).iter().all(|segments| segments.len() as u64 == WINDOW), "{text}");
    let (presentation, offer) = offered_so(&plan, 9, false, close, (with_breaks(&plan), None, Duration::ZERO));
    let text = mpd(&offer, &presentation).expect("everything was stored").body;
    let counts: Vec<usize> = timelines(&text).iter().map(BTreeMap::len).collect();
    assert_eq!(counts, [4, 4, 4, 2, 2, 2], "segment 11 follows a break: {text}");
}

/// What a source has marked: a break of 20 s that began at 30 s and was told of after the segment 4, and ended at 45 s; and a
/// message at 50 s, which goes before its own segment where the programme is told of as a whole.
fn marks(ended: bool) -> Marks {
    let date = |seconds: i64| start().after_us(seconds * 1_000_000);
    let marked = |id: &str, at: i64, planned: Option<i64>, says| Marked {
        marker: Marker {
            id: id.to_owned(),
            at_us: at * 1_000_000,
            planned_us: planned.map(|seconds| seconds * 1_000_000),
            says,
        },
        date: date(at),
        before: SegmentNumber(5),
        end: None,
    };
    let mut away = marked("splice-00000007-30000", 30, Some(20), Says::Out(vec![0xFC, 0x30, 0x01, 0xAA]));
    let section = Some(vec![0xFC, 0x30, 0x01, 0xBB]);
    away.end = ended.then(|| MarkedEnd { at_us: 45_000_000, date: date(45), before: SegmentNumber(8), section });
    let says = Says::Message { name: "onCuePoint".to_owned(), json: "{\"name\":\"a <b>\"}".to_owned() };
    Marks { marked: vec![away, marked("onCuePoint-50000", 50, None, says)], start: None }
}

fn marked_version(plan: &Plan, last: u64, marks: Marks) -> Vec<Document> {
    let (presentation, offer) = offered(plan, last, false, None);
    documents(&Offer { marks, ..offer }, &presentation).expect("everything was stored")
}

#[test]
fn what_a_source_has_marked_is_in_all_media_playlists_and_the_mpd() {
    let plan = programme();
    golden::check("live_marked", &marked_version(&plan, 8, marks(true)));
    // Told of as a whole: each stands before the segment that it is in, and there is a date.
    let edge = plan.grid.span_of(LENGTH * plan.grid.segment_frames());
    let (_, offer) = offered(&plan, LENGTH, true, None);
    let whole = fake::presentation_up_to(&plan, SegmentNumber(LENGTH));
    let marks = Marks { start: Some(start()), ..marks(true) };
    let offer = Offer { live: None, duration: edge, marks, ..offer };
    golden::check("live_marked_whole", &documents(&offer, &whole).expect("everything was stored"));
}

/// H5: tags stay where players have seen them, and what is new stands at the end.
#[test]
fn a_tag_of_a_marker_stays_where_it_was_seen_first() {
    let plan = programme();
    for key in media_playlists(&plan) {
        let lines = |last, ended| -> Vec<String> {
            let text = body(&marked_version(&plan, last, marks(ended)), &key).to_owned();
            let kept = text.lines().skip_while(|line| !line.starts_with("#EXT-X-MAP"));
            kept.map(str::to_owned).collect()
        };
        let (before, after) = (lines(4, false), lines(5, false));
        assert_eq!(
            after[..before.len()],
            before[..],
            "{key}: what was told of early stands at the end until more comes"
        );
        let (before, after) = (lines(7, false), lines(7, true));
        assert_eq!(after[..before.len()], before[..], "{key}");
        assert_eq!(after.len(), before.len() + 1, "{key}");
    }
}

/// The break begins 18 s before the second Period, and 48 s by the wall clock, which is what a Period's timeline is.
#[test]
fn an_event_that_lasts_into_the_first_period_begins_with_it() {
    let plan = programme();
    let until = |ended: Option<(i64, i64)>, planned_us| {
        let (presentation, offer) =
            offered_so(&plan, 14, false, None, (with_breaks(&plan), None, Duration::from_secs(60)));
        let mut marks = marks(false);
        let away = &mut marks.marked[0];
        away.marker.planned_us = planned_us;
        let (before, section) = (SegmentNumber(12), None);
        let end = |(at, date): (i64, i64)| MarkedEnd {
            at_us: at * 1_000_000,
            date: start().after_us(date * 1_000_000),
            before,
            section,
        };
        away.end = ended.map(end);
        let text = mpd(&Offer { marks, ..offer }, &presentation).expect("everything was stored").body;
        assert!(!text.contains("Period id=\"0\"") && text.contains("Period id=\"1\""), "{text}");
        let event = text.split("<Event ").find(|event| event.contains("<Binary>"))?;
        event.split(" id=").next().map(|event| event.trim_start().to_owned())
    };
    let second = 1_000_000;
    let began = |duration: &str| Some(format!("presentationTime=\"0\"{duration}"));
    assert_eq!(until(None, None), began(""));
    assert_eq!(until(None, Some(20 * second)), began(""), "it is longer than it was meant to be");
    assert_eq!(until(None, Some(60 * second)), began(" duration=\"11952000\""));
    assert_eq!(until(Some((50, 80)), Some(20 * second)), began(" duration=\"1952000\""));
    assert_eq!(until(Some((45, 45)), Some(20 * second)), None, "it was over");
}

/// Events are in the Period in which they begin, at their place in it.
#[test]
fn an_event_is_in_the_period_of_its_time() {
    let plan = programme();
    let spells = with_breaks(&plan);
    let (presentation, offer) = offered_so(&plan, 12, false, None, (spells, None, Duration::from_secs(60)));
    let text = mpd(&Offer { marks: marks(true), ..offer }, &presentation).expect("everything was stored").body;
    let periods: Vec<&str> = text.split("<Period ").skip(1).collect();
    let events = |period: &str| -> Vec<String> {
        period
            .split("<Event ")
            .skip(1)
            .map(|event| attribute(&format!(" {event}"), "presentationTime").to_owned())
            .collect()
    };
    // The second one begins at 48.048 s.
    assert_eq!(
        periods.iter().map(|period| events(period)).collect::<Vec<_>>(),
        [vec!["30000000".to_owned(), "45000000".to_owned()], vec!["1952000".to_owned()], Vec::new()]
    );
    assert!(periods[0].contains("presentationTime=\"30000000\" duration=\"15000000\""), "{text}");
}
