//! Subtitles, captions and chapters: what the source says, at the time at which it says it, in both manifests.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Encoded, SMALL, made};
use crate::support::subtitles::{Cue, cues};
use crate::support::track::Track;
use crate::support::{TestDir, clip};

/// Three lines, one of them over the border between two segments of a second.
const SRT: &str = "\
1
00:00:00,200 --> 00:00:00,800
Hello, <i>there</i> & <b>you</b>.

2
00:00:00,900 --> 00:00:01,400
{\\an8}Up here

3
00:00:02,000 --> 00:00:09,000
To the end

";

fn written(directory: &TestDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, text).expect("writable");
    path
}

fn cue(start: f64, end: f64, settings: &str, text: &str) -> Cue {
    Cue { start, end, settings: settings.to_owned(), text: text.to_owned() }
}

/// What [`SRT`] says in a programme of three seconds.
fn expected() -> Vec<Cue> {
    vec![
        cue(0.2, 0.8, "", "Hello, <i>there</i> &amp; <b>you</b>."),
        cue(0.9, 1.4, "line:0", "Up here"),
        cue(2.0, 3.0, "", "To the end"),
    ]
}

/// The same words in the same places, each as near to its time as a programme that begins with a picture can be.
#[track_caller]
fn agree(found: &[Cue], expected: &[Cue]) {
    const FRAME: f64 = 0.045;
    let near = |a: f64, b: f64| (a - b).abs() < FRAME;
    let same = |(a, b): (&Cue, &Cue)| {
        near(a.start, b.start) && near(a.end, b.end) && (&a.settings, &a.text) == (&b.settings, &b.text)
    };
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(same), "{found:?}, not {expected:?}");
}

/// All cues of a rendition.
fn whole(root: &Path, rendition: &str) -> Vec<Cue> {
    cues(&fs::read_to_string(root.join(format!("subtitles/{rendition}/subtitles.vtt"))).expect("a whole file"))
}

fn master(root: &Path) -> String {
    fs::read_to_string(root.join("master.m3u8")).expect("HLS was asked for")
}

/// The bytes of all samples of a track.
pub(super) fn samples(root: &Path, track: &Track) -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    for segment in &track.segments {
        let bytes = fs::read(root.join(&segment.file)).expect("stored");
        for fragment in &segment.fragments {
            let sizes = fragment.samples.iter().map(|sample| u64::from(sample.size));
            let mut at = segment.offset + fragment.offset + fragment.bytes - sizes.clone().sum::<u64>();
            for size in sizes {
                samples.push(bytes[at as usize..][..size as usize].to_vec());
                at += size;
            }
        }
    }
    samples
}

/// The samples of a track as DASH has them: when they begin, in milliseconds, and whether something is shown.
fn shown(encoded: &Encoded, name: &str) -> Vec<(i64, bool)> {
    let track = encoded.facts.text.iter().find(|track| track.name() == name).expect(name);
    let mut time = 0;
    let durations = track.fragments().flat_map(|fragment| &fragment.samples).map(|sample| sample.duration);
    let one = |(sample, duration): (Vec<u8>, u32)| {
        let at = (track.seconds(time) * 1000.0).round() as i64;
        time += u64::from(duration);
        (at, sample.windows(4).any(|bytes| bytes == b"vttc"))
    };
    samples(&encoded.root(), track).into_iter().zip(durations).map(one).collect()
}

#[test]
fn a_file_of_subtitles_is_said_in_both_manifests_and_layouts() {
    let directory = TestDir::new();
    let srt = written(&directory, "words.srt", SRT);
    let flag = format!("{}:de:Deutsch", srt.display());
    for layout in [&[][..], &["--single-file"]] {
        let flags = [&["--subtitles", &flag, "--segment-duration", "1", "--gop", "1"][..], layout].concat();
        let encoded = Encoded::small_with("h264_720p25.mp4", &flags);
        assert_eq!(whole(&encoded.root(), "de"), expected());
        let changes = [(0, false), (200, true), (800, false), (900, true), (1000, true), (1400, false), (2000, true)];
        assert_eq!(shown(&encoded, "de"), changes);
        let master = master(&encoded.root());
        assert!(
            master.contains("TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=NO"),
            "{master}"
        );
        assert_eq!(encoded.facts.report["text"][0]["cues"], json!(3));
    }
}

#[test]
fn a_range_and_the_origin_of_the_source_keep_words_in_sync() {
    let directory = TestDir::new();
    let srt = written(&directory, "words.en.srt", SRT);
    let flag = srt.display().to_string();
    // The timestamps of this one begin above a second.
    let encoded = Encoded::small_with("offset_start.ts", &["--subtitles", &flag]);
    agree(&whole(&encoded.root(), "en")[..2], &expected()[..2]);
    let encoded = Encoded::small_with("h264_720p25.mp4", &["--subtitles", &flag, "--start", "1", "--end", "2.5"]);
    agree(&whole(&encoded.root(), "en"), &[cue(0.0, 0.4, "line:0", "Up here"), cue(1.0, 1.5, "", "To the end")]);
}

/// A film with text tracks of several kinds, made by FFmpeg.
fn film(directory: &TestDir) -> PathBuf {
    let srt = written(directory, "words.srt", SRT);
    let video = clip("h264_720p25.mp4");
    let words = format!(
        "-i {} -i {srt} -i {srt} -i {srt} -map 0 -map 1 -map 2 -map 3 -c copy -c:s:0 subrip -c:s:1 ass -c:s:2 webvtt \
         -metadata:s:s:0 language=eng -metadata:s:s:1 language=eng -metadata:s:s:2 language=fre \
         -disposition:s:0 default -disposition:s:1 forced -disposition:s:2 hearing_impaired",
        video.display(),
        srt = srt.display()
    );
    made(directory, "film.mkv", &words)
}

#[test]
fn text_tracks_of_every_kind_become_subtitles_that_say_what_they_are_for() {
    let directory = TestDir::new();
    let encoded = Encoded::with(&film(&directory), SMALL);
    for name in ["en", "en_forced"] {
        agree(&whole(&encoded.root(), name), &expected());
    }
    // FFmpeg writes WebVTT without places, and does not escape; what it wrote is taken as it is.
    let mut written = expected();
    written[0].text = "Hello, <i>there</i> & <b>you</b>.".to_owned();
    written[1].settings.clear();
    agree(&whole(&encoded.root(), "fr_sdh"), &written);
    let master = master(&encoded.root());
    let of = |name: &str| master.lines().find(|line| line.contains(&format!("\"subtitles/{name}/"))).expect(name);
    assert!(of("en").contains("NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES"));
    assert!(of("en_forced").contains("NAME=\"English (forced)\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES"));
    assert!(of("fr_sdh").contains("CHARACTERISTICS=\"public.accessibility.transcribes-spoken-dialog"));
    let mpd = fs::read_to_string(encoded.root().join("manifest.mpd")).expect("DASH was asked for");
    for role in ["\"subtitle\"", "\"forced-subtitle\"", "\"caption\""] {
        assert!(mpd.contains(&format!("urn:mpeg:dash:role:2011\" value={role}")), "{role}");
    }
}

/// A track of PGS subtitles that shows an empty page at half a second.
fn pages() -> Vec<u8> {
    let segment = |at: u32, kind: u8, body: &[u8]| {
        [b"PG", &at.to_be_bytes()[..], &[0; 4], &[kind], &(body.len() as u16).to_be_bytes(), body].concat()
    };
    // Presentation composition: 320x180, its number, that an epoch starts, and no object.
    let composition = |number: u8, state: u8| [1, 64, 0, 180, 0x10, 0, number, state, 0, 0, 0];
    let (compose, end) = (0x16, 0x80);
    let page =
        |at: u32, number, state| [segment(at, compose, &composition(number, state)), segment(at, end, &[])].concat();
    [page(45_000, 0, 0x80), page(180_000, 1, 0)].concat()
}

#[test]
fn subtitles_that_are_pictures_are_left_out_with_a_warning() {
    let directory = TestDir::new();
    let sup = written(&directory, "pages.sup", pages());
    let words = format!("-i {} -i {} -map 0 -map 1 -c copy", clip("h264_720p25.mp4").display(), sup.display());
    let encoded = Encoded::with(&made(&directory, "film.mkv", &words), SMALL);
    assert_eq!(encoded.ended.warnings(), ["bitmap_subtitles"]);
    assert!(encoded.ended.out.contains("PGS subtitles are pictures"), "{}", encoded.ended.out);
    assert!(!encoded.root().join("subtitles").exists());
    let unasked = Encoded::with(&directory.join("film.mkv"), &[SMALL, &["--no-subtitles"]].concat());
    assert_eq!(unasked.ended.warnings(), [""; 0]);
}

#[test]
fn languages_are_chosen_and_none_are_taken_when_none_are_wanted() {
    let directory = TestDir::new();
    let film = film(&directory);
    let names = |flags: &[&str]| -> Vec<String> {
        let encoded = Encoded::with(&film, &[SMALL, flags].concat());
        let text = encoded.facts.report["text"].as_array().expect("a list").clone();
        text.iter().map(|one| one["id"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&["--subtitle-language", "fr"]), ["fr_sdh"]);
    assert_eq!(names(&["--no-subtitles"]), [""; 0]);
    let srt = directory.join("words.srt").display().to_string();
    assert_eq!(
        names(&["--no-subtitles", "--subtitles", &format!("{srt}:en"), "--subtitles", &format!("{srt}:en")]),
        ["en", "en_2"]
    );
}

#[test]
fn old_letters_are_read_with_a_warning_that_says_how() {
    let directory = TestDir::new();
    let old = SRT.replace("To the end", "Über Flüsse, schöne Grüße, fünf Öfen");
    let bytes: Vec<u8> = old.chars().map(|c| c as u8).collect();
    let srt = written(&directory, "words.srt", bytes);
    let encoded = Encoded::small_with("h264_720p25.mp4", &["--subtitles", &srt.display().to_string()]);
    assert_eq!(whole(&encoded.root(), "und")[2].text, "Über Flüsse, schöne Grüße, fünf Öfen");
    let warnings = encoded.facts.report["warnings"].as_array().expect("a list");
    let warning = warnings.iter().find(|warning| warning["code"] == "guessed_encoding").expect("a warning");
    assert!(warning["message"].as_str().is_some_and(|message| message.contains("windows-1252")), "{warning}");
}

#[test]
fn chapters_and_title_are_told() {
    let directory = TestDir::new();
    let chapters = written(
        &directory,
        "chapters.txt",
        ";FFMETADATA1\ntitle=A \"film\"\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n[CHAPTER]\n\
         TIMEBASE=1/1000\nSTART=1000\nEND=3000\ntitle=Two & <more>\n",
    );
    let words = format!(
        "-i {} -i {} -map 0 -map_metadata 1 -map_chapters 1 -c copy",
        clip("h264_720p25.mp4").display(),
        chapters.display()
    );
    let film = made(&directory, "film.mkv", &words);
    let encoded = Encoded::with(&film, &[SMALL, &["--start", "0.5"]].concat());
    let read = |name: &str| fs::read_to_string(encoded.root().join(name)).expect(name);
    let json: Value = serde_json::from_str(&read("chapters.json")).expect("JSON");
    let title = |title: &str| json!([{ "language": "en", "title": title }]);
    assert_eq!([&json[0]["titles"], &json[1]["titles"]], [&title("One"), &title("Two & <more>")]);
    // The programme begins with a picture, a few milliseconds beside what was asked for.
    let near = |value: &Value, wanted: f64| value.as_f64().is_some_and(|value| (value - wanted).abs() < 0.01);
    assert!(near(&json[0]["start-time"], 0.0) && near(&json[0]["duration"], 0.5), "{json}");
    assert!(near(&json[1]["start-time"], 0.5) && near(&json[1]["duration"], 2.0), "{json}");
    let chapters = cues(&read("chapters.vtt"));
    let texts: Vec<&str> = chapters.iter().map(|cue| cue.text.as_str()).collect();
    assert_eq!(texts, ["One", "Two &amp; &lt;more&gt;"]);
    assert_eq!(json!(chapters[1].start), json[1]["start-time"]);
    let master = read("master.m3u8");
    assert!(master.contains("#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.title\",VALUE=\"A 'film'\",LANGUAGE=\"en\""));
    assert!(master.contains("#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\",URI=\"chapters.json\""));
    assert!(read("manifest.mpd").contains("<Title>A &quot;film&quot;</Title>"));
}
