//! Subtitles beside pictures that are packaged as they are.

use std::fs;

use super::{Bench, H264};
use crate::support::subtitles::cues;

/// Two lines, of which the second one reaches over the border of the first segment.
const SRT: &str =
    "1\n00:00:00,200 --> 00:00:00,800\nHello\n\n2\n00:00:00,900 --> 00:00:01,500\n<b>Over</b> the border\n\n";

#[test]
fn text_tracks_of_a_ladder_are_taken_once_and_files_beside_them() {
    let bench = Bench::new();
    let srt = bench.directory.join("words.de.srt");
    fs::write(&srt, SRT).expect("writable");
    let film = bench.film("film.mp4", H264, "-c:a aac");
    let words = |film: &str, size: &str| {
        let scale = if size.is_empty() { "-c:v copy".to_owned() } else { format!("-vf scale={size} {H264}") };
        format!(
            "-i {film} -i {} -map 0 -map 1 {scale} -c:a copy -c:s mov_text -metadata:s:s:0 language=eng",
            srt.display()
        )
    };
    let film = film.display().to_string();
    let (large, small) = (bench.made("large.mp4", &words(&film, "")), bench.made("small.mp4", &words(&film, "96:54")));
    for layout in [&[][..], &["--single-file", "--force"]] {
        let beside = srt.display().to_string();
        let flags = [&["--segment-duration", "1", "--subtitles", &beside][..], layout].concat();
        bench.packaged(&[&large, &small], &flags);
        let read = |name: &str| fs::read_to_string(bench.out().join("subtitles").join(name)).expect(name);
        let mut names: Vec<_> = fs::read_dir(bench.out().join("subtitles"))
            .expect("there are subtitles")
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names, ["de", "en"]);
        for name in names {
            let texts = |file: &str| {
                cues(&read(&format!("{name}/{file}"))).into_iter().map(|cue| (cue.start, cue.text)).collect::<Vec<_>>()
            };
            let (hello, over) = ((0.2, "Hello".to_owned()), (0.9, "<b>Over</b> the border".to_owned()));
            assert_eq!(texts("subtitles.vtt"), [hello.clone(), over.clone()]);
            assert_eq!(texts("segment_00001.vtt"), [hello, over.clone()]);
            assert_eq!(texts("segment_00002.vtt"), [over]);
            assert_eq!(texts("segment_00003.vtt"), []);
        }
    }
}
