//! Plans and facts in, manifests out: compared with goldens, and read back by other programs' parsers.

mod dash;
mod fake;
mod golden;
mod hls;
mod live;
#[path = "../support/planned.rs"]
mod planned;

use streampack::manifest::{Document, Error, Presentation, documents};
use streampack::media::{FrameRate, RenditionId, RenditionKind, SegmentNumber};
use streampack::plan::{AudioRole, Layout, Plan};

fn ntsc() -> FrameRate {
    FrameRate::new(30_000, 1001).expect("positive")
}

/// 150 s at 30000/1001, four rungs, two languages, thumbnails, trick mode.
fn feature() -> Plan {
    let plan = planned::with_video(planned::plan(ntsc(), 4496), &[(1080, 5000), (720, 2800), (480, 1400), (360, 800)]);
    let plan = planned::with_audio(plan, 1, "en", AudioRole::Main, 128);
    let mut plan = planned::with_audio(plan, 2, "fr", AudioRole::Dub, 128);
    plan.audio_only_variant = true;
    planned::with_thumbnails(planned::with_trick(plan))
}

/// The same kind of programme, shorter and in single files.
fn single_file() -> Plan {
    let plan = planned::with_video(planned::plan(FrameRate::whole(25), 500), &[(720, 2800), (360, 800)]);
    let mut plan = planned::with_audio(plan, 1, "en", AudioRole::Main, 128);
    plan.layout = Layout::SingleFile;
    planned::with_thumbnails(planned::with_trick(plan))
}

/// Sound alone, two languages at two bit rates, a commentary and a description for the blind.
fn radio() -> Plan {
    let mut plan = planned::plan(FrameRate::whole(50), 1000);
    for kbps in [128, 64] {
        plan = planned::with_audio(plan, 0, "en", AudioRole::Main, kbps);
        plan = planned::with_audio(plan, 1, "de", AudioRole::Dub, kbps);
    }
    plan = planned::with_audio(plan, 2, "en", AudioRole::Commentary, 64);
    plan = planned::with_audio(plan, 3, "en", AudioRole::Description, 64);
    plan
}

/// Pictures without sound, one rung, shorter than a segment.
fn silent() -> Plan {
    planned::with_video(planned::plan(FrameRate::new(24_000, 1001).expect("positive"), 71), &[(240, 300)])
}

fn made(plan: &Plan) -> Vec<Document> {
    documents(&plan.offer(), &fake::presentation(plan)).expect("everything was stored")
}

fn body<'a>(documents: &'a [Document], key: &str) -> &'a str {
    &documents.iter().find(|d| d.key == key).unwrap_or_else(|| panic!("no {key}")).body
}

#[test]
fn feature_matches_its_goldens() {
    golden::check("feature", &made(&feature()));
}

#[test]
fn single_file_matches_its_goldens() {
    golden::check("single_file", &made(&single_file()));
}

#[test]
fn radio_matches_its_goldens() {
    golden::check("radio", &made(&radio()));
}

#[test]
fn silent_matches_its_goldens() {
    golden::check("silent", &made(&silent()));
}

#[test]
fn children_come_before_the_playlist_that_names_them() {
    let documents = made(&feature());
    for (at, document) in documents.iter().enumerate() {
        let named = documents.iter().enumerate().filter(|(_, other)| document.body.contains(&other.key));
        named.for_each(|(child, other)| assert!(child < at, "{} names {}", document.key, other.key));
    }
}

#[test]
fn only_what_the_plan_asks_for_is_written() {
    let mut plan = feature();
    plan.hls = false;
    assert_eq!(made(&plan).iter().map(|d| d.key.as_str()).collect::<Vec<_>>(), ["manifest.mpd"]);
    (plan.hls, plan.dash) = (true, false);
    assert!(made(&plan).iter().all(|d| d.key.ends_with(".m3u8")));
}

#[test]
fn a_rendition_that_was_never_stored_is_named() {
    let plan = feature();
    let error = documents(&plan.offer(), &Presentation::default()).expect_err("nothing was stored");
    let rendition = RenditionId::new(RenditionKind::Video, "1080p_h264");
    assert_eq!(error, Error::MissingHeader { rendition });
    assert!(error.to_string().starts_with("no header was stored for video/1080p_h264"), "{error}");
}

#[test]
fn a_missing_segment_is_named() {
    let plan = feature();
    let rendition = plan.audio[1].id.clone();
    let presentation = fake::presentation_without_the_end_of(&plan, &rendition);
    let number = SegmentNumber(25);
    assert_eq!(documents(&plan.offer(), &presentation), Err(Error::MissingSegment { rendition, number }));
}

#[test]
fn a_single_file_without_its_ranges_is_named() {
    let mut plan = single_file();
    plan.layout = Layout::SegmentFiles;
    let presentation = fake::presentation(&plan);
    plan.layout = Layout::SingleFile;
    let rendition = RenditionId::new(RenditionKind::Video, "720p_h264");
    assert_eq!(documents(&plan.offer(), &presentation), Err(Error::MissingFile { rendition }));
}
