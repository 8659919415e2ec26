//! EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF against what they lead to (RFC 8216bis § 4.4.6.2, Apple 9).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::Session;
use super::super::entry::Media;
use super::super::finding::{Findings, or_none};
use super::super::rule::rules;
use super::super::track::Track;
use super::groups::{self, Groups};
use super::rates::{self, Combination};
use super::text::{Attributes, pair};
use super::{Rendition, Variant, codecs};

rules! {
    HAS_RESOLUTION: Error "Apple 9.2" "variants with video have RESOLUTION";
    FRAME_RESOLUTION: Error "Apple 9.4" "I-frame playlists have RESOLUTION";
    RESOLUTION: Error "RFC 8216bis 4.4.6.2" "RESOLUTION is the size at which the video is shown";
    HAS_FRAME_RATE: Error "Apple 9.15" "variants with video have FRAME-RATE";
    FRAME_RATE: Error "RFC 8216bis 4.4.6.2" "FRAME-RATE is the rate of the video, with three decimals";
    MOST_FRAMES: Error "Apple 1.19" "the frame rate is at most 60";
    NATURAL_RATE: Warning "Apple 1.18" "the frame rate is one of 23.976, 24, 25, 29.97, 30, 50, 59.94, 60";
    RANGE: Error "Apple 9.16" "VIDEO-RANGE is the one of the video; SDR when it is not said";
    SDR: Error "Apple 1.24" "there is video with standard dynamic range";
    SOUND: Error "RFC 8216bis 4.4.6.2" "variants of sound have no RESOLUTION, FRAME-RATE and VIDEO-RANGE";
    CAPTIONS: Error "RFC 8216bis 4.4.6.2" "CLOSED-CAPTIONS=NONE stands at all variants or at none";
    SCORE: Error "Apple 9.19" "SCORE stands at all variants or at none";
    RATES: Warning "Apple 9.9" "video comes with more than one bit rate";
    CELLULAR: Warning "Apple 9.21" "a variant has a peak of at most 192 kb/s";
    KEY_FRAMES: Warning "Apple 1.13" "there is a key frame every two seconds";
    EFFICIENT_AAC: Warning "Apple 2.4" "HE-AAC is used for at most 64 kb/s";
}

/// Checks every variant, and all of them together.
pub(super) fn check(name: &str, variants: &[Variant], groups: &Groups, session: &mut Session<'_, '_>) {
    for variant in variants {
        check_one(name, variant, groups, session);
    }
    let findings = &mut session.findings;
    let all_or_none = |of: &dyn Fn(&Variant) -> bool| {
        let count = variants.iter().filter(|variant| of(variant)).count();
        count == 0 || count == variants.len()
    };
    let captions = all_or_none(&|variant| variant.attributes.get("CLOSED-CAPTIONS") == Some("NONE"));
    findings.check(captions, CAPTIONS, name, || "CLOSED-CAPTIONS=NONE stands at some variants only");
    let score = all_or_none(&|variant| variant.attributes.get("SCORE").is_some());
    findings.check(score, SCORE, name, || "SCORE stands at some variants only");
    let video: Vec<&Variant> = variants.iter().filter(|variant| is_video(variant)).collect();
    let sdr = video.iter().any(|variant| matches!(variant.attributes.get("VIDEO-RANGE"), None | Some("SDR")));
    findings.check(sdr || video.is_empty(), SDR, name, || "all video has high dynamic range");
    let rates: BTreeSet<_> = video.iter().map(|variant| variant.attributes.number("BANDWIDTH")).collect();
    findings.check(video.is_empty() || rates.len() > 1, RATES, name, || "all variants have one bit rate");
    let least = variants.iter().filter_map(|variant| variant.attributes.number("BANDWIDTH")).min();
    findings.check(least.is_none_or(|least| least <= 192_000), CELLULAR, name, || {
        format!("the smallest BANDWIDTH is {}", or_none(least))
    });
}

fn is_video(variant: &Variant) -> bool {
    match variant.rendition.as_ref().and_then(|rendition| rendition.track.as_ref()?.header.as_ref()) {
        Some(header) => header.is_video(),
        None => variant.attributes.get("RESOLUTION").is_some(),
    }
}

fn check_one(name: &str, variant: &Variant, groups: &Groups, session: &mut Session<'_, '_>) {
    let Some(rendition) = &variant.rendition else { return };
    let attributes = &variant.attributes;
    let sound: Vec<&Rc<Rendition>> = attributes
        .get("AUDIO")
        .into_iter()
        .flat_map(|group| groups::of(groups, "AUDIO", group))
        .filter_map(|member| member.rendition.as_ref())
        .collect();
    let texts: Vec<(super::super::rate::Load, u64)> = attributes
        .get("SUBTITLES")
        .into_iter()
        .flat_map(|group| groups::of(groups, "SUBTITLES", group))
        .filter_map(|member| super::subtitles::load(member, session))
        .collect();
    // Sound as a variant of its own is one of its group, not one more.
    let alone = sound.iter().any(|other| Rc::ptr_eq(other, rendition));
    let weight = |rendition: &'_ Rc<Rendition>| -> (Vec<(u64, f64)>, u64) {
        (rendition.load.clone(), rendition.playlist.target)
    };
    let loads: Vec<_> = sound.iter().map(|rendition| weight(rendition)).collect();
    let combination = Combination {
        own: (!alone).then_some((&rendition.load[..], rendition.playlist.target)),
        sound: loads.iter().map(|(load, target)| (&load[..], *target)).collect(),
        text: texts.iter().map(|(load, target)| (&load[..], *target)).collect(),
    };
    let findings = &mut session.findings;
    rates::check(name, &variant.uri, attributes, &combination, findings);
    let all: Vec<&Rc<Rendition>> = std::iter::once(rendition).chain(sound.iter().copied()).collect();
    let codec = |rendition: &&Rc<Rendition>| rendition.track.as_ref()?.header.as_ref()?.entry.codec.clone();
    let actual: BTreeSet<String> = all.iter().filter_map(codec).collect();
    let known = all.iter().all(|rendition| codec(rendition).is_some());
    codecs::check(name, &variant.uri, attributes, (&actual, known), findings);
    if let Some(track) = &rendition.track {
        check_picture(name, &variant.uri, attributes, track, findings);
        check_sound(name, &variant.uri, track, &rendition.load, findings);
    }
}

/// Checks an EXT-X-I-FRAME-STREAM-INF against its playlist, which has this load and target duration.
pub(super) fn check_frames(
    name: &str,
    uri: &str,
    attributes: &Attributes,
    track: Option<&Track>,
    (load, target): (&[(u64, f64)], u64),
    session: &mut Session<'_, '_>,
) {
    let findings = &mut session.findings;
    let combination = Combination { own: Some((load, target)), ..Combination::default() };
    rates::check_frames(name, uri, attributes, &combination, findings);
    let Some(track) = track else { return };
    let codec = track.header.as_ref().and_then(|header| header.entry.codec.clone());
    let known = codec.is_some();
    codecs::check(name, uri, attributes, (&codec.into_iter().collect(), known), findings);
    check_picture(name, uri, attributes, track, findings);
}

fn check_picture(name: &str, uri: &str, attributes: &Attributes, track: &Track, findings: &mut Findings<'_>) {
    let Some(header) = &track.header else { return };
    let frames = attributes.get("URI").is_some();
    let Media::Video { width, height, pixel, color, .. } = header.entry.media else {
        for key in ["RESOLUTION", "FRAME-RATE", "VIDEO-RANGE"] {
            findings.check(attributes.get(key).is_none(), SOUND, name, || format!("{uri} is sound and has {key}"));
        }
        return;
    };
    match attributes.get("RESOLUTION") {
        Some(said) => {
            let shown = f64::from(width) * f64::from(pixel.0) / f64::from(pixel.1);
            let kept = pair(said).is_some_and(|(w, h)| (w as f64 - shown).abs() < 1.0 && h == u64::from(height));
            if !kept {
                findings.differs(
                    RESOLUTION,
                    name,
                    format!("RESOLUTION of {uri}"),
                    said,
                    format!("{shown:.0}x{height}"),
                );
            }
        }
        None => {
            let rule = if frames { FRAME_RESOLUTION } else { HAS_RESOLUTION };
            findings.breaks(rule, name, format!("{uri} has no RESOLUTION"));
        }
    }
    let range = match color.map(|color| color.transfer) {
        Some(16) => "PQ",
        Some(18) => "HLG",
        _ => "SDR",
    };
    let said = attributes.get("VIDEO-RANGE").unwrap_or("SDR");
    findings.equal(RANGE, name, format!("VIDEO-RANGE of {uri}"), said, range);
    if !frames {
        check_frame_rate(name, uri, attributes, track, findings);
    }
}

fn check_frame_rate(name: &str, uri: &str, attributes: &Attributes, track: &Track, findings: &mut Findings<'_>) {
    let Some((mean, most)) = track.frame_rate() else { return };
    // One frame alone has no rate.
    if track.fragments.iter().map(|fragment| fragment.samples).sum::<u32>() > 1 {
        // Pictures at a constant rate leave one figure, others a range.
        let constant = track.fragments.iter().all(|fragment| fragment.lengths.0 == fragment.lengths.1);
        match attributes.get("FRAME-RATE") {
            Some(said) if constant => {
                findings.equal(FRAME_RATE, name, format!("FRAME-RATE of {uri}"), said, &format!("{most:.3}")[..]);
            }
            Some(said) => {
                let kept = said.parse::<f64>().is_ok_and(|rate| rate >= mean * 0.99 && rate <= most * 1.01);
                findings.check(kept, FRAME_RATE, name, || {
                    format!("FRAME-RATE of {uri} is {said}, the media has {mean:.3} to {most:.3}")
                });
            }
            None => findings.breaks(HAS_FRAME_RATE, name, format!("{uri} has no FRAME-RATE")),
        }
        let rate = if constant { most } else { mean };
        findings.check(rate < 60.5, MOST_FRAMES, name, || format!("{uri} has {rate:.3} frames per second"));
        let natural = [23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0];
        let kept = natural.iter().any(|natural| (rate - natural).abs() < 0.01);
        findings.check(kept, NATURAL_RATE, name, || format!("{uri} has {rate:.3} frames per second"));
    }
    let gap = track.fragments.iter().map(|fragment| fragment.gap).max().unwrap_or(0);
    let gap = track.header.as_ref().map_or(0.0, |header| header.seconds(gap as i64));
    findings.check(gap <= 2.0 + track.longest_sample(), KEY_FRAMES, name, || {
        format!("{uri} has no key frame for {gap:.3} s")
    });
}

fn check_sound(name: &str, uri: &str, track: &Track, load: &[(u64, f64)], findings: &mut Findings<'_>) {
    let codec = track.header.as_ref().and_then(|header| header.entry.codec.as_deref());
    if matches!(codec, Some("mp4a.40.5" | "mp4a.40.29")) {
        let rate = super::super::rate::average(load);
        findings.check(rate <= 70_000.0, EFFICIENT_AAC, name, || format!("{uri} is HE-AAC of {rate:.0} bit/s"));
    }
}
