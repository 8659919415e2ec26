//! Media playlists of a live programme that is offered in parts (RFC 8216bis § 4.4.3.7, § 4.4.3.8, § 4.4.4.9, § 4.4.5.2
//! to § 4.4.5.4, § 6.2.5).

use crate::crypt::Signal;
use crate::media::{CutNumber, RenditionId, SegmentNumber, Span, Timestamp};
use crate::plan::{Marked, Spells, names};

use super::dates;
use super::key::Cursor;
use super::playlist::{self, Playlist, extinf, seconds};
use super::tag::Tag;

/// EXT-X-SKIP is newer than everything else (RFC 8216bis § 8).
const SKIPPING: u32 = 9;

/// So is what tells of date ranges in it.
const SKIPPING_DATES: u32 = 10;

/// A playlist may leave out what is so many target durations from its end (§ 4.4.3.8: six at least).
const SKIP_UNTIL: u64 = 6;

/// Players stay so many target durations, or parts, from the end (§ 4.4.3.8: three at least).
const HOLD_BACK: u32 = 3;

/// Parts are listed for so many target durations from the end (§ 6.2.2).
const PARTS_FOR: u64 = 3;

/// What all playlists of a programme share.
#[derive(Debug, Clone, Copy)]
pub struct Timing<'a> {
    /// No segment of any rendition is longer.
    pub longest: Span,
    /// No part of any rendition is longer.
    pub part: Span,
    /// When it was made.
    pub spells: &'a Spells,
}

impl Timing<'_> {
    /// EXT-X-TARGETDURATION.
    pub fn target(&self) -> u64 {
        playlist::target_duration(std::iter::once(playlist::length(self.longest)))
    }

    /// CAN-SKIP-UNTIL in seconds.
    pub fn skip_until(&self) -> u64 {
        SKIP_UNTIL * self.target()
    }
}

/// A part of a segment.
#[derive(Debug, Clone)]
pub struct Part {
    /// When it begins.
    pub start: Timestamp,
    /// How long it is.
    pub duration: Span,
    /// Decoding may begin with it.
    pub independent: bool,
}

/// A segment that stands, or the one that is being made.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its number.
    pub number: SegmentNumber,
    /// Its parts so far, the first one first.
    pub parts: Vec<Part>,
    /// When it begins, and how long it is once nothing is added to it.
    pub whole: Option<(Timestamp, Span)>,
}

/// How far another rendition is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The rendition.
    pub id: RenditionId,
    /// Its latest segment that has a part.
    pub segment: SegmentNumber,
    /// Its latest part in it, counted from 0.
    pub part: u64,
}

/// A date range, and where players have seen it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Before this part of this segment.
    pub before: (SegmentNumber, u64),
    /// Its tag.
    pub tag: String,
}

/// The tags of a marker: the first one, and that of its end.
pub fn tags(marked: &Marked) -> [Option<String>; 2] {
    [Some(dates::begin(marked)), dates::end(marked)]
}

/// How much a playlist tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent<'a> {
    /// All.
    Full,
    /// Without segments that a player has already (§ 6.2.5.1).
    Skipping,
    /// The same for one that asks to leave out date ranges as well: which are gone. Those that stand are few.
    SkippingDates(&'a [String]),
}

/// One rendition of a programme at a time.
#[derive(Debug, Clone, Copy)]
pub struct Rendition<'a> {
    /// Its name.
    pub id: &'a RenditionId,
    /// How its samples are protected, where they are.
    pub signal: Option<&'a Signal>,
    /// What is offered of it, the first segment first. The one that is being made is the last, with a part or none.
    pub listed: &'a [Listed],
    /// How far the others are.
    pub others: &'a [Edge],
    /// Its date ranges, in the order in which players have seen them.
    pub dates: &'a [Dated],
}

/// The playlist of a rendition. One that leaves out what a player has already is none where nothing is left out.
pub fn playlist(rendition: Rendition<'_>, timing: &Timing<'_>, extent: Extent<'_>) -> Option<String> {
    let Rendition { id, signal, listed, others, dates } = rendition;
    let skip = extent != Extent::Full;
    let target = timing.target();
    let skipped = if skip { Some(skippable(listed, target)).filter(|count| *count > 0)? } else { 0 };
    let first = listed.first().map_or(SegmentNumber(1), |first| first.number);
    let version = match extent {
        Extent::Full => None,
        Extent::Skipping => Some(SKIPPING),
        Extent::SkippingDates(_) => Some(SKIPPING_DATES),
    };
    let mut playlist = Playlist::multivariant(names::playlist(id), version);
    playlist.line(format_args!("#EXT-X-TARGETDURATION:{target}"));
    playlist.line(control(timing, target));
    playlist.line(Tag::new("EXT-X-PART-INF").plain("PART-TARGET", seconds(timing.part)));
    playlist.line(format_args!("#EXT-X-MEDIA-SEQUENCE:{first}"));
    playlist.gone(timing.spells, first);
    if skip {
        let tag = Tag::new("EXT-X-SKIP").plain("SKIPPED-SEGMENTS", skipped);
        playlist.line(match extent {
            Extent::SkippingDates(gone) => tag.quoted("RECENTLY-REMOVED-DATERANGES", &gone.join("\t")),
            Extent::Full | Extent::Skipping => tag,
        });
    } else {
        playlist.line("#EXT-X-INDEPENDENT-SEGMENTS");
        playlist.line(Tag::new("EXT-X-MAP").quoted("URI", &playlist.uri(&names::init(id))));
    }
    let with_parts = with_parts(listed, target);
    let (mut keys, mut dates) = (Cursor::of_samples(signal), dates.iter().peekable());
    let mut date = |playlist: &mut Playlist, before: (SegmentNumber, u64)| {
        while let Some(dated) = dates.next_if(|dated| dated.before <= before) {
            playlist.line(&dated.tag);
        }
    };
    for (at, segment) in listed.iter().enumerate().skip(skipped) {
        date(&mut playlist, (segment.number, 0));
        // It holds for parts as well (§ 4.4.4.4), and is said again behind what is left out.
        keys.at(&mut playlist, CutNumber::of(segment.number));
        let begin = segment.whole.map(|(start, _)| start).or(segment.parts.first().map(|part| part.start));
        if let Some(begin) = begin {
            playlist.begin(timing.spells, segment.number, begin);
        }
        for (index, part) in (0..).zip(&segment.parts).filter(|_| at >= with_parts) {
            date(&mut playlist, (segment.number, index));
            let tag = Tag::new("EXT-X-PART").plain("DURATION", extinf(part.start, part.duration));
            let tag = tag.quoted("URI", &playlist.uri(&names::part(id, segment.number, index)));
            playlist.line(if part.independent { tag.plain("INDEPENDENT", "YES") } else { tag });
        }
        if let Some((start, duration)) = segment.whole {
            date(&mut playlist, (segment.number, u64::MAX));
            playlist.line(format_args!("#EXTINF:{},", extinf(start, duration)));
            playlist.line(playlist.uri(&names::segment(id, segment.number)));
        }
    }
    date(&mut playlist, (SegmentNumber(u64::MAX), u64::MAX));
    let (number, index) = next(listed);
    let hint = playlist.uri(&names::part(id, number, index));
    playlist.line(Tag::new("EXT-X-PRELOAD-HINT").plain("TYPE", "PART").quoted("URI", &hint));
    for other in others {
        let uri = playlist.uri(&names::playlist(&other.id));
        let report = Tag::new("EXT-X-RENDITION-REPORT").quoted("URI", &uri);
        playlist.line(report.plain("LAST-MSN", other.segment).plain("LAST-PART", other.part));
    }
    Some(playlist.into_document().body)
}

/// The part that comes next: where in which segment.
pub fn next(listed: &[Listed]) -> (SegmentNumber, u64) {
    match listed.last() {
        None => (SegmentNumber(1), 0),
        Some(last) if last.whole.is_some() => (SegmentNumber(last.number.0 + 1), 0),
        Some(last) => (last.number, last.parts.len() as u64),
    }
}

fn control(timing: &Timing<'_>, target: u64) -> Tag {
    let times = |span: Span, times: u32| Span::new(span.ticks().saturating_mul(times.into()), span.scale());
    Tag::new("EXT-X-SERVER-CONTROL")
        .plain("CAN-BLOCK-RELOAD", "YES")
        .plain("CAN-SKIP-UNTIL", format_args!("{}.0", timing.skip_until()))
        .plain("HOLD-BACK", format_args!("{}.0", u64::from(HOLD_BACK) * target))
        .plain("PART-HOLD-BACK", seconds(times(timing.part, HOLD_BACK)))
}

/// How many segments lie before the skip boundary.
fn skippable(listed: &[Listed], target: u64) -> usize {
    from_end(listed, (SKIP_UNTIL * target) as f64)
}

/// The first segment whose parts are listed.
fn with_parts(listed: &[Listed], target: u64) -> usize {
    from_end(listed, (PARTS_FOR * target) as f64)
}

/// How many segments end so many seconds before the end or earlier.
fn from_end(listed: &[Listed], distance: f64) -> usize {
    let length = |segment: &Listed| match segment.whole {
        Some((_, duration)) => duration.as_seconds(),
        None => segment.parts.iter().map(|part| part.duration.as_seconds()).sum(),
    };
    let mut behind = 0.0;
    let near = listed.iter().rev().take_while(|segment| {
        let near = behind < distance;
        behind += length(segment);
        near
    });
    listed.len() - near.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{RenditionKind, Timescale, Utc};
    use crate::plan::Spell;
    use std::time::Duration;

    const SCALE: Timescale = Timescale::new(1000);

    fn start() -> Utc {
        Utc::since_1970(Duration::from_secs(1_763_000_000))
    }

    fn timing(spells: &Spells) -> Timing<'_> {
        Timing { longest: Span::new(2000, SCALE), part: Span::new(500, SCALE), spells }
    }

    /// Segments of 2 s in four parts each, from `first` on, and so many parts of one more.
    fn listed(first: u64, whole: u64, parts: u64) -> Vec<Listed> {
        let part = |number: u64, index: u64| Part {
            start: Timestamp::new(((number - 1) * 2000 + index * 500) as i64, SCALE),
            duration: Span::new(500, SCALE),
            independent: index == 0,
        };
        let segment = |number: u64, count: u64| Listed {
            number: SegmentNumber(number),
            parts: (0..count).map(|index| part(number, index)).collect(),
            whole: (count == 4).then(|| (Timestamp::new((number as i64 - 1) * 2000, SCALE), Span::new(2000, SCALE))),
        };
        let mut listed: Vec<_> = (first..first + whole).map(|number| segment(number, 4)).collect();
        if parts > 0 {
            listed.push(segment(first + whole, parts));
        }
        listed
    }

    fn text(listed: &[Listed], skip: bool) -> Option<String> {
        let extent = if skip { Extent::Skipping } else { Extent::Full };
        dated(listed, &Spells::unbroken(start(), Timestamp::zero(SCALE)), extent, &[])
    }

    fn dated(listed: &[Listed], spells: &Spells, extent: Extent<'_>, dates: &[Dated]) -> Option<String> {
        let id = RenditionId::new(RenditionKind::Video, "360p_h264");
        let other = RenditionId::new(RenditionKind::Audio, "en_aac_128k");
        let others = [Edge { id: other, segment: SegmentNumber(11), part: 1 }];
        playlist(Rendition { id: &id, signal: None, listed, others: &others, dates }, &timing(spells), extent)
    }

    #[test]
    fn a_playlist_offers_parts_near_its_end_and_hints_at_the_next() {
        let text = text(&listed(5, 5, 2), false).expect("a playlist");
        let expected = "\
#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0,PART-HOLD-BACK=1.500000
#EXT-X-PART-INF:PART-TARGET=0.500000
#EXT-X-MEDIA-SEQUENCE:5
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI=\"init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2025-11-13T02:13:28.000Z
#EXTINF:2.000000,
segment_00005.m4s
#EXT-X-PROGRAM-DATE-TIME:2025-11-13T02:13:30.000Z
#EXTINF:2.000000,
segment_00006.m4s
#EXT-X-PROGRAM-DATE-TIME:2025-11-13T02:13:32.000Z
#EXT-X-PART:DURATION=0.500000,URI=\"segment_00007_part_01.m4s\",INDEPENDENT=YES
";
        assert!(text.starts_with(expected), "{text}");
        let expected = "\
segment_00009.m4s
#EXT-X-PROGRAM-DATE-TIME:2025-11-13T02:13:38.000Z
#EXT-X-PART:DURATION=0.500000,URI=\"segment_00010_part_01.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.500000,URI=\"segment_00010_part_02.m4s\"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"segment_00010_part_03.m4s\"
#EXT-X-RENDITION-REPORT:URI=\"../../audio/en_aac_128k/playlist.m3u8\",LAST-MSN=11,LAST-PART=1
";
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn a_break_is_told_before_its_first_part_and_counted_when_its_segment_has_gone() {
        let began = Spell { breaks: 0, first: SegmentNumber(1), from: Timestamp::zero(SCALE), zero: start() };
        let (first, from, zero) = (SegmentNumber(10), Timestamp::new(18_000, SCALE), start().after_us(30_000_000));
        let spells = Spells::of(start(), began, [Spell { breaks: 1, first, from, zero }]);
        let text = dated(&listed(5, 5, 2), &spells, Extent::Full, &[]).expect("a playlist");
        assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"), "{text}");
        let expected = "\
segment_00009.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2025-11-13T02:14:08.000Z
#EXT-X-PART:DURATION=0.500000,URI=\"segment_00010_part_01.m4s\",INDEPENDENT=YES
";
        assert!(text.contains(expected), "{text}");
        let text = dated(&listed(11, 5, 0), &spells, Extent::Full, &[]).expect("a playlist");
        assert!(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n") && !text.contains("DISCONTINUITY\n"), "{text}");
    }

    /// RFC 8216bis § 6.2.1: a playlist that grows keeps its lines, and date ranges are none of a segment.
    #[test]
    fn date_ranges_stay_where_they_were_seen_first_and_are_never_skipped() {
        let spells = Spells::unbroken(start(), Timestamp::zero(SCALE));
        let range = |segment, part, tag: &str| Dated { before: (SegmentNumber(segment), part), tag: tag.to_owned() };
        let dates = [range(2, 1, "#A"), range(10, 0, "#B"), range(10, 2, "#C")];
        let text = |parts, extent| dated(&listed(5, 5, parts), &spells, extent, &dates).expect("a playlist");
        let lines = |text: &str| -> Vec<String> {
            let kept = text.lines().filter(|line| line.len() == 2 || line.contains("PART:") || line.contains("m4s"));
            kept.filter(|line| line.len() == 2 || line.contains("00010")).map(|line| line[..2].to_owned()).collect()
        };
        assert_eq!(lines(&text(2, Extent::Full)), ["#A", "#B", "#E", "#E", "#C", "#E"], "the last one is the hint");
        assert_eq!(lines(&text(3, Extent::Full)), ["#A", "#B", "#E", "#E", "#C", "#E", "#E"]);
        // Three segments before the boundary are left out.
        let long = |extent| dated(&listed(1, 9, 3), &spells, extent, &dates).expect("a playlist");
        assert_eq!(lines(&long(Extent::Skipping)), lines(&long(Extent::Full)));
        let gone = ["x-1".to_owned(), "y-2".to_owned()];
        let skipping = long(Extent::SkippingDates(&gone));
        assert!(skipping.contains("#EXT-X-VERSION:10\n"), "{skipping}");
        assert!(skipping.contains(",RECENTLY-REMOVED-DATERANGES=\"x-1\ty-2\"\n#A\n"), "{skipping}");
    }

    #[test]
    fn after_a_whole_segment_the_next_one_is_hinted_at() {
        assert_eq!(next(&listed(1, 3, 0)), (SegmentNumber(4), 0));
        assert_eq!(next(&listed(1, 3, 3)), (SegmentNumber(4), 3));
        assert_eq!(next(&[]), (SegmentNumber(1), 0));
    }

    /// RFC 8216bis § 6.2.5.1: put over what a player has, it is the whole playlist.
    #[test]
    fn a_playlist_that_skips_is_the_end_of_the_whole_one() {
        for whole in 1..20 {
            for parts in 0..4 {
                let listed = listed(3, whole, parts);
                let full = text(&listed, false).expect("a playlist");
                let Some(delta) = text(&listed, true) else {
                    assert!(whole <= 6, "nothing was left out of {whole} segments");
                    continue;
                };
                let (head, tail) = delta.split_once("#EXT-X-SKIP:SKIPPED-SEGMENTS=").expect("a tag");
                let (count, tail) = tail.split_once('\n').expect("a line");
                assert!(head.contains("#EXT-X-VERSION:9\n") && full.ends_with(tail), "{delta}");
                let kept = full.matches("#EXTINF").count() - count.parse::<usize>().expect("a number");
                assert_eq!(kept, tail.matches("#EXTINF").count());
                // At least as much stays as CAN-SKIP-UNTIL says.
                assert!(kept as f64 * 2.0 + parts as f64 * 0.5 >= 12.0, "{kept} segments stay of {whole}");
            }
        }
    }
}
