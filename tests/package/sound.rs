//! Sound beside the pictures: in sync, wherever it begins and ends.

use std::path::{Path, PathBuf};

use super::{Bench, H264, PICTURES, SOUND};
use crate::support::look::{beeps, flashes};
use crate::support::track::Track;
use crate::support::{check_set, clip, violations};

/// One packet of AAC at 48 kHz.
const PACKET: f64 = 1024.0 / 48_000.0;

/// The clip with flashes and beeps after 1 and 2 s, its pictures and its sound moved against each other.
fn apart(bench: &Bench, name: &str, pictures: &str, sound: &str) -> PathBuf {
    let clip = clip("flash_beep.mp4");
    let clip = clip.display();
    bench.made(name, &format!("{pictures} -i {clip} {sound} -i {clip} -map 0:v -map 1:a -c copy"))
}

/// Flashes and beeps of the set come at these seconds of the programme.
#[track_caller]
fn shows(bench: &Bench, input: &Path, flash: [f64; 2], beep: [f64; 2], broken: &[&str]) {
    // The clip says no colour.
    bench.packaged_but(&[input], &["--segment-duration", "1"], &[&["CMAF A.2"], broken].concat());
    let (set, _) = violations(&bench.out());
    let seen = flashes(&bench.out(), &set.video[0]);
    let sound = &set.audio[0];
    // FFmpeg's commands let a file begin at 0, whenever its first packet is heard.
    let begins = sound.seconds(sound.fragments().next().expect("a fragment").decode_time);
    let heard: Vec<f64> = beeps(&bench.out(), sound).into_iter().map(|at| at + begins).collect();
    let near = |is: &[f64], right: [f64; 2], most: f64| {
        is.len() == 2 && is.iter().zip(right).all(|(is, right)| (is - right).abs() <= most)
    };
    assert!(near(&seen, flash, 0.002), "flashes at {seen:?}, not {flash:?}");
    assert!(near(&heard, beep, PACKET), "beeps at {heard:?}, not {beep:?}");
}

#[test]
fn priming_is_carried_over_and_cut_to_the_sample() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    let set = check_set(&bench.out());
    assert_eq!(set.audio[0].header.priming, 1024);
    bench.sounds(&format!("audio/{}", set.audio[0].name()), &film);
}

#[test]
fn flashes_and_beeps_stay_together() {
    let bench = Bench::new();
    shows(&bench, &clip("flash_beep.mp4"), [1.0, 2.0], [1.0, 2.0], &[]);
}

#[test]
fn sound_that_begins_late_is_heard_late() {
    let bench = Bench::new();
    let late = apart(&bench, "late.mp4", "", "-itsoffset 0.7");
    shows(&bench, &late, [1.0, 2.0], [1.7, 2.7], &["Apple 8.1", "Apple 8.3", "CMAF 7.3.6"]);
}

#[test]
fn sound_that_begins_before_the_pictures_is_cut() {
    let bench = Bench::new();
    let early = apart(&bench, "early.mkv", "-itsoffset 0.4", "");
    shows(&bench, &early, [1.0, 2.0], [0.6, 1.6], &["Apple 8.3"]);
}

#[test]
fn sound_of_a_file_of_its_own_is_taken_beside_the_pictures() {
    let bench = Bench::new();
    let pictures = bench.made("pictures.mp4", &format!("{PICTURES} {H264}"));
    let english = bench.made("english.m4a", &format!("{SOUND} -c:a aac -metadata:s:a:0 language=eng"));
    let german = bench.made("german.m4a", &format!("{SOUND} -c:a aac -metadata:s:a:0 language=deu"));
    let inputs: [&Path; 3] = [&pictures, &english, &german];
    bench.packaged(&inputs, &["--segment-duration", "1"]);
    check_set(&bench.out());
    let names = bench.renditions("audio");
    assert!(names.len() == 2 && names[0].starts_with("de_aac_") && names[1].starts_with("en_aac_"), "{names:?}");

    bench.packaged(&inputs, &["--segment-duration", "1", "--audio-language", "de"]);
    assert_eq!(bench.renditions("audio").len(), 1);
}

#[test]
fn sound_shorter_than_the_pictures_is_told_and_packaged() {
    let bench = Bench::new();
    let film = bench.made("film.mp4", &format!("{PICTURES} {SOUND} {H264} -c:a aac -af atrim=end=1.5"));
    let ended = bench.packaged_but(&[&film], &["--segment-duration", "1"], &["Apple 8.3"]);
    assert_eq!(ended.warnings(), ["short_sound"]);
    bench.sounds(&format!("audio/{}", bench.renditions("audio")[0]), &film);
}

#[test]
fn a_gap_in_the_sound_is_bridged_and_stays_in_sync() {
    let bench = Bench::new();
    let clip = clip("flash_beep.mp4");
    let clip = clip.display();
    // The sound between 1.2 and 1.7 s is missing from the file.
    let words = format!("-i {clip} -c copy -bsf:a noise=drop=between(pts*tb\\,1.2\\,1.7)");
    let film = bench.made("gap.mkv", &words);
    bench.packaged_but(&[&film], &["--segment-duration", "1"], &["CMAF A.2"]);
    let (set, _) = violations(&bench.out());
    let heard = beeps(&bench.out(), &set.audio[0]);
    assert!(heard.len() == 2 && (heard[1] - heard[0] - 1.0).abs() <= PACKET, "beeps at {heard:?}");
}

/// The packets behind the end are left out; none of them stretches the last one that is kept.
#[test]
fn sound_that_outlasts_the_pictures_ends_with_them() {
    let bench = Bench::new();
    let sound = SOUND.replace("d=3", "d=4");
    let film = bench.made("film.mp4", &format!("{PICTURES} {sound} {H264} -c:a aac"));
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    let set = check_set(&bench.out());
    let ends = set.audio.iter().map(Track::duration);
    assert!(
        ends.clone().count() == 1 && ends.clone().all(|end| (end - 3.003).abs() < 0.03),
        "{:?}",
        ends.collect::<Vec<_>>()
    );
}
