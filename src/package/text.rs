//! Cues in; WebVTT segments, a whole WebVTT file and the samples of a WebVTT track out.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::bmff::{Shown, cue_sample};
use crate::media::{
    CodecConfig, CodecString, Cue, Language, RenditionId, Rounding, Sample, SegmentNumber, Span, Timescale, Timestamp,
    TrackConfig, TrackMedia,
};
use crate::plan::{TextCuts, names};

/// What stands in front of the first cue.
const HEADER: &str = "WEBVTT";

/// Where the clock of a segment stands on that of the media (RFC 8216bis § 3.1.4): both begin with the programme.
const TIMESTAMP_MAP: &str = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000";

/// WebVTT counts in milliseconds (W3C WebVTT § 4.1).
const MILLISECONDS: Timescale = Timescale::new(1000);
const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// The facts of one WebVTT segment that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The rendition it belongs to.
    pub rendition: RenditionId,
    /// Its number, from 1.
    pub number: SegmentNumber,
    /// When it begins.
    pub start: Timestamp,
    /// How long it lasts.
    pub duration: Span,
    /// Its size.
    pub bytes: u64,
    /// Where it is stored.
    pub key: String,
}

/// Cues in whole milliseconds, of a programme that lasts `length_us`: what is written is then the same everywhere.
/// What would be shown for no time at all is left out.
pub fn in_milliseconds(cues: Vec<Cue>, length_us: i64) -> Vec<Cue> {
    let rounded = |cue: Cue| {
        let last = length_us.div_euclid(1000) * 1000;
        let ms = |us: i64| ((us + 500).div_euclid(1000) * 1000).min(last);
        let (start_us, end_us) = (ms(cue.start_us), ms(cue.end_us));
        (start_us < end_us).then_some(Cue { start_us, end_us, ..cue })
    };
    cues.into_iter().filter_map(rounded).collect()
}

/// The whole programme as one WebVTT file.
pub fn whole_file(cues: &[Cue]) -> String {
    let mut text = format!("{HEADER}\n");
    cues.iter().for_each(|cue| add(&mut text, cue));
    text
}

/// The WebVTT segments of a programme, cut where everything else is: one for each, also where nothing is said. A cue
/// that reaches over a border stands in both, the same in each, so that a player can tell that it is one.
pub fn pages<'a>(
    id: &'a RenditionId,
    cues: &'a [Cue],
    cuts: &'a TextCuts,
) -> impl Iterator<Item = (Page, String)> + 'a {
    cuts.segments().map(move |(number, start, end)| {
        let mut text = format!("{HEADER}\n{TIMESTAMP_MAP}\n");
        for cue in cues.iter().filter(|cue| at(cue.start_us, cuts) < end && at(cue.end_us, cuts) > start) {
            add(&mut text, cue);
        }
        let page = Page {
            rendition: id.clone(),
            number,
            start: Timestamp::new(start, cuts.scale),
            duration: Span::new(end.abs_diff(start), cuts.scale),
            bytes: text.len() as u64,
            key: names::page(id, number),
        };
        (page, text)
    })
}

/// What the CMAF header of a WebVTT track says.
pub fn track(language: &Language, cuts: &TextCuts) -> TrackConfig {
    TrackConfig {
        timescale: cuts.scale,
        language: language.clone(),
        codec: CodecConfig::WebVtt(HEADER.to_owned()),
        codec_string: CodecString::wvtt(),
        media: TrackMedia::Text,
    }
}

/// The samples of a WebVTT track without a gap: one from each moment at which something changes to the next, and
/// from each border of segments.
pub fn samples(cues: &[Cue], cuts: &TextCuts) -> Vec<Sample> {
    let times: Vec<(i64, i64)> = cues.iter().map(|cue| (at(cue.start_us, cuts), at(cue.end_us, cuts))).collect();
    let mut moments: Vec<i64> = times.iter().flat_map(|(start, end)| [*start, *end]).collect();
    moments.extend(cuts.starts.iter().copied().chain([cuts.end]));
    moments.retain(|moment| (0..=cuts.end).contains(moment));
    moments.sort_unstable();
    moments.dedup();
    let split = |(start, end): (i64, i64)| {
        let from = moments.partition_point(|moment| *moment <= start);
        moments.get(from).is_some_and(|next| *next < end)
    };
    let source: Vec<Option<u32>> = times.iter().zip(1..).map(|(time, id)| split(*time).then_some(id)).collect();
    // Cues are in the order of their starts: those before `done` have begun and ended.
    let mut done = 0;
    let between = |pair: &[i64]| {
        let (from, to) = (pair[0], pair[1]);
        while times.get(done).is_some_and(|(_, end)| *end <= from) {
            done += 1;
        }
        let begun = times[done..].iter().take_while(|(start, _)| *start < to).count();
        let here = (done..done + begun).filter(|&cue| times[cue].1 > from);
        let shown: Vec<Shown<'_>> = here.map(|cue| Shown { cue: &cues[cue], source: source[cue] }).collect();
        Sample {
            dts: Timestamp::new(from, cuts.scale),
            cts_offset: 0,
            duration: Span::new(to.abs_diff(from), cuts.scale),
            sync: true,
            data: cue_sample(&shown).into(),
        }
    };
    moments.windows(2).map(between).collect()
}

/// A moment in the ticks of the text.
fn at(us: i64, cuts: &TextCuts) -> i64 {
    Timestamp::new(us, MICROSECONDS).rescale(cuts.scale, Rounding::Nearest).ticks()
}

fn add(text: &mut String, cue: &Cue) {
    let space = if cue.settings.is_empty() { "" } else { " " };
    let (start, end) = (clock(cue.start_us), clock(cue.end_us));
    let _ = write!(text, "\n{start} --> {end}{space}{}\n{}\n", cue.settings, cue.text);
}

/// `01:02:03.456`.
fn clock(us: i64) -> String {
    let ms = Timestamp::new(us, MICROSECONDS).rescale(MILLISECONDS, Rounding::Nearest).ticks();
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::RenditionKind;

    /// Three segments of two seconds at 24000/1001 frames: 48048 ticks each, the last one shorter.
    fn cuts() -> TextCuts {
        TextCuts { scale: Timescale::new(24_000), starts: vec![0, 48_048, 96_096], end: 120_120 }
    }

    fn cue(start_ms: i64, end_ms: i64, text: &str) -> Cue {
        let (settings, text) = (String::new(), text.to_owned());
        Cue { start_us: start_ms * 1000, end_us: end_ms * 1000, settings, text }
    }

    fn texts(cues: &[Cue]) -> Vec<String> {
        let id = RenditionId::new(RenditionKind::Text, "en");
        pages(&id, cues, &cuts()).map(|(_, text)| text).collect()
    }

    fn held(sample: &Sample) -> &[u8] {
        sample.data.here().expect("in memory")
    }

    #[test]
    fn every_segment_is_there_and_a_cue_stands_in_each_that_it_reaches() {
        let cue = Cue { settings: "line:0".to_owned(), ..cue(1_500, 2_100, "<i>Hi</i>") };
        let empty = format!("WEBVTT\n{TIMESTAMP_MAP}\n");
        let full = format!("{empty}\n00:00:01.500 --> 00:00:02.100 line:0\n<i>Hi</i>\n");
        assert_eq!(texts(&[cue]), [full.clone(), full, empty]);
    }

    #[test]
    fn a_cue_that_ends_at_a_border_does_not_stand_behind_it() {
        let found = texts(&[cue(1_000, 2_002, "a"), cue(2_002, 3_000, "b")]);
        assert_eq!(found.iter().map(|page| page.matches("-->").count()).collect::<Vec<_>>(), [1, 1, 0]);
    }

    #[test]
    fn samples_fill_the_programme_and_change_when_the_cues_do() {
        let cues = [cue(500, 1_000, "a"), cue(750, 3_000, "b")];
        let samples = samples(&cues, &cuts());
        let found: Vec<(i64, u64, usize)> = samples
            .iter()
            .map(|s| (s.dts.ticks(), s.duration.ticks(), held(s).windows(4).filter(|w| w == b"vttc").count()))
            .collect();
        let expected = [
            (0, 12_000, 0),
            (12_000, 6_000, 1),
            (18_000, 6_000, 2),
            (24_000, 24_048, 1),
            (48_048, 23_952, 1),
            (72_000, 24_096, 0),
            (96_096, 24_024, 0),
        ];
        assert_eq!(found, expected);
        let said = |sample: &Sample| held(sample).windows(4).any(|w| w == b"vsid");
        assert!(
            samples.iter().map(said).eq([false, true, true, true, true, false, false]),
            "parts of one cue are told"
        );
    }

    #[test]
    fn a_programme_without_words_has_a_sample_in_each_segment() {
        let samples = samples(&[], &cuts());
        assert_eq!(samples.iter().map(|s| s.dts.ticks()).collect::<Vec<_>>(), [0, 48_048, 96_096]);
        assert!(samples.iter().all(|s| held(s) == b"\0\0\0\x08vtte"));
    }

    #[test]
    fn times_are_whole_milliseconds_within_the_programme() {
        let cues =
            vec![cue(0, 1, "a"), Cue { start_us: 1_200, end_us: 1_400, ..cue(0, 0, "b") }, cue(4_990, 5_100, "c")];
        let found = in_milliseconds(cues, 5_005_000 - 1);
        assert_eq!(found, [cue(0, 1, "a"), cue(4_990, 5_004, "c")]);
    }

    #[test]
    fn clocks_count_hours() {
        assert_eq!(clock(3_723_004_000), "01:02:03.004");
        assert_eq!(clock(360_000_000_000), "100:00:00.000");
    }
}
