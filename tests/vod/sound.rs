//! Sound in every codec that is written, beside each other.

use std::fs;

use super::{Encoded, SMALL, made};
use crate::support::look::{beeps, joined, packets};
use crate::support::track::Media;
use crate::support::{TestDir, clip};

/// Every codec.
const CODECS: &str = "aac@96k,ac3@192k,eac3@192k,opus@96k,flac";

/// What is left of a beep's edge when a decoder has blurred it, in seconds.
const BLUR: f64 = 0.003;

/// Sound alone takes no time: no pictures, no thumbnails.
const ALONE: &[&str] = &["-p", "audio", "--audio"];

/// The lines of `master.m3u8` that begin with `tag`.
fn lines(set: &Encoded, tag: &str) -> Vec<String> {
    let text = fs::read_to_string(set.root().join("master.m3u8")).expect("a playlist");
    text.lines().filter_map(|line| line.strip_prefix(tag)).map(str::to_owned).collect()
}

/// The value of a quoted attribute.
fn quoted<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    line.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next())
}

fn channels(set: &Encoded, name: &str) -> u16 {
    match set.facts.track(name).header.media {
        Media::Audio { channels, .. } => channels,
        Media::Video { .. } | Media::Text => panic!("{name} holds pictures"),
    }
}

/// What a decoder puts out before the sound itself is skipped to the sample, whatever the codec.
#[test]
fn every_codec_is_in_sync() {
    let flags = ["--audio", CODECS, "--segment-duration", "1", "--gop", "1"];
    for layout in [&[][..], &["--single-file"]] {
        let set = Encoded::with(&clip("flash_beep.mp4"), &[SMALL, &flags, layout].concat());
        let names = ["und_aac_96k", "und_ac3_192k", "und_eac3_192k", "und_flac_1536k", "und_opus_96k"];
        assert_eq!(set.audio_names(), names);
        for track in &set.facts.audio {
            let heard = beeps(&set.root(), track);
            let near = heard.len() == 2 && heard.iter().zip([1.0, 2.0]).all(|(is, right)| (is - right).abs() < BLUR);
            assert!(near, "{}: beeps at {heard:?}", track.directory);
        }
        let priming = |name: &str| set.facts.track(name).header.priming;
        assert_eq!(names.map(priming), [1024, 256, 256, 0, 312]);
    }
}

#[test]
fn surround_stays_beside_the_stereo_that_plays_everywhere() {
    let set = Encoded::small_with("two_languages_51.mkv", &["--audio", "eac3@384k,aac:5.1@320k"]);
    let names =
        ["de_aac_128k", "de_ac3_192k", "de_eac3_384k", "en_aac_128k", "en_aac_320k", "en_ac3_448k", "en_eac3_384k"];
    assert_eq!(set.audio_names(), names);
    assert_eq!(names.map(|name| channels(&set, name)), [2, 2, 2, 2, 6, 6, 6]);
    assert_eq!(set.ended.warnings(), ["sound_left_out"], "German has none for AAC");
    // Each group has both languages; what German lacks it lends from what is nearest.
    let members = lines(&set, "#EXT-X-MEDIA:TYPE=AUDIO,");
    let of = |group: &str| {
        let members = members.iter().filter(|line| quoted(line, "GROUP-ID") == Some(group));
        members.filter_map(|line| Some((quoted(line, "LANGUAGE")?, quoted(line, "CHANNELS")?))).collect::<Vec<_>>()
    };
    let mut groups: Vec<_> = members.iter().filter_map(|line| quoted(line, "GROUP-ID")).collect();
    groups.dedup();
    assert_eq!(groups, ["aac-128k", "aac-5.1-320k", "ac3-5.1-448k", "eac3-5.1-384k"]);
    assert_eq!(of("aac-128k"), [("en", "2"), ("de", "2")]);
    assert_eq!(of("ac3-5.1-448k"), [("en", "6"), ("de", "2")]);
}

/// The packets are those of the source, cut where encoded ones would be.
#[test]
fn sound_that_fits_is_copied() {
    for (name, stream, encoders) in [
        ("h264_720p25.mp4", "a:0", &[("aac", "copy")][..]),
        // Stereo AAC and AC-3 are made besides, as Apple's rules ask; FLAC is not copied.
        ("av1_eac3_flac.mkv", "a:0", &[("aac", "aac"), ("eac3", "copy"), ("ac3", "ac3")]),
    ] {
        let set = Encoded::small_with(name, &["--audio", "copy", "--segment-duration", "1", "--gop", "1"]);
        let audio = set.facts.report["audio"].as_array().expect("renditions");
        let made: Vec<_> = audio.iter().map(|audio| (audio["id"].as_str(), audio["encoder"].as_str())).collect();
        for (id, encoder) in encoders {
            let is = |(own, by): &(Option<&str>, Option<&str>)| {
                own.is_some_and(|own| own.contains(id)) && *by == Some(encoder)
            };
            assert!(made.iter().any(is), "{id} is made with {encoder}: {made:?}, {:?}", set.ended.warnings());
        }
        let copied = made.iter().filter(|(_, encoder)| *encoder == Some("copy"));
        let copied: Vec<&str> = copied.filter_map(|(id, _)| *id).collect();
        let [copied] = copied[..] else { panic!("{name}: one is copied, not {made:?}") };
        let track = set.facts.audio.iter().find(|track| track.name() == copied).expect("it is there");
        let directory = TestDir::new();
        let (own, all) = (packets(&joined(&set.root(), track, &directory), "a"), packets(&clip(name), stream));
        assert!(own.len() + 3 > all.len() && all.starts_with(&own), "{name}: {} of {}", own.len(), all.len());
    }
}

#[test]
fn sound_that_does_not_fit_is_encoded_and_told() {
    let set = Encoded::small_with("late_audio.mkv", &["--audio", "copy"]);
    assert_eq!(set.audio_names(), ["und_aac_128k"]);
    assert_eq!(set.ended.warnings(), ["sound_left_out"]);
}

#[test]
fn players_without_dolby_find_a_variant_of_each_rung_and_the_first() {
    let set = Encoded::small_with("two_languages_51.mkv", &["--audio", "aac@64k,ac3@384k"]);
    let variants = lines(&set, "#EXT-X-STREAM-INF:");
    let dolby: Vec<bool> = variants.iter().map(|line| line.contains("ac-3")).collect();
    assert_eq!(dolby.iter().filter(|dolby| !**dolby).count(), 3, "two rungs and sound alone: {variants:?}");
    assert!(!dolby[0], "{variants:?}");
}

#[test]
fn a_set_of_sound_alone_has_every_group() {
    let directory = TestDir::new();
    let tone = "-f lavfi -i sine=frequency=440:sample_rate=44100:duration=2.5 -c:a pcm_s16le";
    let set = Encoded::with(&made(&directory, "tone.wav", tone), &[ALONE, &[CODECS]].concat());
    assert_eq!(lines(&set, "#EXT-X-STREAM-INF:").len(), 5);
    let rate = |track: &crate::support::track::Track| track.header.timescale;
    assert_eq!(set.facts.audio.iter().map(rate).collect::<Vec<_>>(), [44_100, 48_000, 48_000, 44_100, 48_000]);
}
