//! Chapters: as JSON, which Apple's players read of a multivariant playlist, and as WebVTT for `<track kind="chapters">`.
//! HLS knows date ranges for chapters too (EXT-X-DATERANGE), but these need the date and time at which media was made
//! (RFC 8216bis § 4.4.5.1), and a programme on demand has none.

use std::fmt::Write;

use serde_json::json;

use super::Document;
use super::label::printable;
use crate::plan::{ChapterPlan, Metadata, names};

/// The language of what has none (RFC 5646 § 4.1).
const UNDETERMINED: &str = "und";

/// The JSON file ("JavaScript Object Notation (JSON) Chapter Format for HTTP Live Streaming", Apple).
pub(super) fn json(metadata: &Metadata) -> Document {
    let language = metadata.language.as_ref().map_or(UNDETERMINED, |language| language.tag());
    let chapter = |(number, chapter): (u32, &ChapterPlan)| {
        json!({
            "chapter": number,
            "start-time": seconds(chapter.start_us),
            "duration": seconds(chapter.end_us - chapter.start_us),
            "titles": [{ "language": language, "title": chapter.title }],
        })
    };
    let chapters: Vec<_> = (1..).zip(&metadata.chapters).map(chapter).collect();
    let body = serde_json::to_string_pretty(&chapters).unwrap_or_default();
    Document { key: names::CHAPTERS_JSON.to_owned(), body: body + "\n" }
}

/// The WebVTT file (W3C WebVTT § 1.8): a cue for each chapter, which says its title.
pub(super) fn webvtt(metadata: &Metadata) -> Document {
    let mut body = String::from("WEBVTT\n");
    for chapter in &metadata.chapters {
        let title = printable(&chapter.title).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(body, "\n{} --> {}\n{title}\n", clock(chapter.start_us), clock(chapter.end_us));
    }
    Document { key: names::CHAPTERS_VTT.to_owned(), body }
}

/// Seconds in whole milliseconds.
fn seconds(us: i64) -> f64 {
    milliseconds(us) as f64 / 1000.0
}

fn milliseconds(us: i64) -> i64 {
    (us + 500).div_euclid(1000)
}

/// `01:02:03.456`.
fn clock(us: i64) -> String {
    let ms = milliseconds(us);
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Language;

    fn metadata() -> Metadata {
        let chapter = |start_us, end_us, title: &str| ChapterPlan { start_us, end_us, title: title.to_owned() };
        let chapters = vec![chapter(0, 1_500_400, "Cut & <Paste>"), chapter(1_500_400, 4_000_000, "End")];
        Metadata { title: None, language: Some(Language::parse("en")), chapters }
    }

    #[test]
    fn chapters_in_json_have_their_times_and_titles() {
        let read: serde_json::Value = serde_json::from_str(&json(&metadata()).body).expect("JSON");
        let first = json!({
            "chapter": 1, "start-time": 0.0, "duration": 1.5, "titles": [{ "language": "en", "title": "Cut & <Paste>" }]
        });
        assert_eq!(read[0], first);
        assert_eq!(read[1]["start-time"], json!(1.5));
        assert_eq!(read.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn chapters_in_webvtt_are_cues() {
        let wanted = "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nCut &amp; &lt;Paste&gt;\n\n\
                      00:00:01.500 --> 00:00:04.000\nEnd\n";
        assert_eq!(webvtt(&metadata()).body, wanted);
    }
}
