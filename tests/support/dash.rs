//! The DASH rules of a set: ISO/IEC 23009-1 and DASH-IF's Interoperability Points.

mod address;
mod images;

use std::collections::{BTreeMap, BTreeSet};

use dash_mpd_core::{AdaptationSet, MPD, Representation};

use super::bandwidth::{agrees, sustained};
use super::files::Files;
use super::findings::Findings;
use super::thumbnails::Sheet;
use super::track::{Media, Track};

const NAME: &str = "manifest.mpd";
const TRICK_MODE: &str = "http://dashif.org/guidelines/trickmode";

/// What there is for the MPD to name.
#[derive(Debug, Clone, Copy)]
pub struct Stock<'a> {
    /// The rungs, widest first.
    pub video: &'a [Track],
    /// The sound.
    pub audio: &'a [Track],
    /// The key frames alone.
    pub trick: &'a [Track],
    /// The thumbnails.
    pub sheets: &'a [Sheet],
    /// Length of the programme in seconds.
    pub duration: f64,
}

/// Checks the MPD.
pub fn check(files: &mut Files, stock: Stock<'_>, findings: &mut Findings) {
    let text = files.text(NAME, findings);
    let mpd = match dash_mpd_core::parse(&text) {
        Ok(mpd) => mpd,
        Err(why) => {
            findings.rule(false, NAME, format!("dash-mpd-core cannot read it: {why}"));
            return;
        }
    };
    let buffer = check_presentation(&mpd, stock, findings);
    let [period] = &mpd.periods[..] else {
        findings.rule(false, NAME, format!("there are {} periods", mpd.periods.len()));
        return;
    };
    let ids: BTreeSet<_> = period.adaptations.iter().flat_map(|s| &s.representations).map(|r| &r.id).collect();
    let count: usize = period.adaptations.iter().map(|s| s.representations.len()).sum();
    findings.equal(NAME, "the number of different Representation@id", ids.len(), count);
    check_roles(&period.adaptations, findings);
    let mut named = BTreeSet::new();
    let mut pictures = 0;
    for set in &period.adaptations {
        if set.contentType.as_deref() == Some("image") {
            pictures += 1;
            images::check(files, set, stock, findings);
        } else {
            named.extend(check_set(files, set, stock, buffer, findings));
        }
    }
    findings.equal(NAME, "the number of sets of thumbnails", pictures, usize::from(!stock.sheets.is_empty()));
    let all: BTreeSet<String> = tracks(stock).map(|t| t.directory.clone()).collect();
    findings.equal(NAME, "the renditions that are named", named, all);
    check_trick_mode(&period.adaptations, stock, findings);
}

fn tracks<'a>(stock: Stock<'a>) -> impl Iterator<Item = &'a Track> {
    stock.video.iter().chain(stock.audio).chain(stock.trick)
}

/// The attributes of the MPD; gives back minBufferTime in seconds.
fn check_presentation(mpd: &MPD, stock: Stock<'_>, findings: &mut Findings) -> f64 {
    findings.equal(NAME, "@type", mpd.mpdtype.as_deref(), Some("static"));
    let profiles = mpd.profiles.as_deref().unwrap_or_default();
    let single = tracks(stock).any(Track::is_single);
    let profile = if single { "isoff-on-demand:2011" } else { "isoff-live:2011" };
    findings.rule(profiles.contains(profile), NAME, format!("@profiles lacks {profile}"));
    let declared = mpd.mediaPresentationDuration.map_or(0.0, |d| d.as_secs_f64());
    // Sound alone ends with a whole packet, the programme does not.
    let packet = stock
        .audio
        .first()
        .filter(|_| stock.video.is_empty())
        .and_then(|track| Some(track.seconds(track.fragments().next()?.samples[0].duration.into())));
    let kept = (declared - stock.duration).abs() < packet.unwrap_or(1e-3);
    findings.rule(
        kept,
        NAME,
        format!("@mediaPresentationDuration is {declared} s, the media lasts {} s", stock.duration),
    );
    let longest = tracks(stock).flat_map(Track::load).map(|(_, seconds)| seconds).fold(0.0, f64::max);
    if let Some(most) = mpd.maxSegmentDuration {
        findings.rule(most.as_secs_f64() >= longest - 1e-3, NAME, "a segment is longer than @maxSegmentDuration");
    }
    let buffer = mpd.minBufferTime.map(|d| d.as_secs_f64());
    findings.some(buffer, NAME, "@minBufferTime is missing").unwrap_or(longest)
}

/// Exactly one main set per type, and a Role on every set (DASH-IF IOP).
fn check_roles(sets: &[AdaptationSet], findings: &mut Findings) {
    let mut main: BTreeMap<&str, usize> = BTreeMap::new();
    for set in sets {
        let kind = set.contentType.as_deref().unwrap_or_default();
        findings.rule(!set.Role.is_empty(), NAME, format!("a set of {kind} has no Role"));
        let is_main = set.Role.iter().any(|role| role.value.as_deref() == Some("main"));
        *main.entry(kind).or_default() += usize::from(is_main);
    }
    for (kind, count) in main {
        findings.equal(NAME, format!("the number of main sets of {kind}"), count, 1);
    }
}

/// Checks a set of video or sound; gives back the directories it names.
fn check_set(
    files: &mut Files,
    set: &AdaptationSet,
    stock: Stock<'_>,
    buffer: f64,
    findings: &mut Findings,
) -> Vec<String> {
    let here = format!("{NAME} (set {})", set.id.as_deref().unwrap_or("without id"));
    let single = tracks(stock).any(Track::is_single);
    let (aligned, sap) = if single {
        (set.subsegmentAlignment, set.subsegmentStartsWithSAP)
    } else {
        (set.segmentAlignment, set.startWithSAP)
    };
    findings.equal(&here, "(sub)segmentAlignment", aligned, Some(true));
    findings.equal(&here, "(subsegmentS|s)tart(s)WithSAP", sap, Some(1));
    let mut named = Vec::new();
    for representation in &set.representations {
        let kind = set.contentType.as_deref().unwrap_or_default();
        let id = representation.id.as_deref().unwrap_or_default();
        let directory = format!("{kind}/{id}");
        let Some(track) = tracks(stock).find(|t| t.directory == directory) else {
            findings.rule(false, &here, format!("{directory} is no rendition"));
            continue;
        };
        check_representation(&here, set, representation, track, buffer, findings);
        address::check(files, &here, set, representation, track, findings);
        named.push(directory);
    }
    let lengths: BTreeSet<usize> = set
        .representations
        .iter()
        .filter_map(|r| tracks(stock).find(|t| Some(t.name()) == r.id.as_deref()))
        .map(|t| t.fragments().count())
        .collect();
    findings.rule(lengths.len() <= 1, &here, "renditions of a switching set have different numbers of fragments");
    named
}

fn check_representation(
    here: &str,
    set: &AdaptationSet,
    representation: &Representation,
    track: &Track,
    buffer: f64,
    findings: &mut Findings,
) {
    let id = track.name();
    let codecs = representation.codecs.as_deref().or(set.codecs.as_deref());
    findings.equal(here, format!("@codecs of {id}"), codecs, Some(&track.header.codec[..]));
    let measured = sustained(&track.load(), buffer);
    let declared = representation.bandwidth.unwrap_or_default();
    let message = format!("@bandwidth of {id} is {declared}, measured {measured:.0} with a buffer of {buffer} s");
    findings.rule(agrees(declared, measured), here, message);
    let mime = representation.mimeType.as_deref().or(set.mimeType.as_deref());
    match track.header.media {
        Media::Video { width, height, .. } => {
            let size = (representation.width.or(set.width), representation.height.or(set.height));
            findings.equal(here, format!("the size of {id}"), size, (Some(width.into()), Some(height.into())));
            findings.equal(here, "@mimeType", mime, Some("video/mp4"));
            let rate = representation.frameRate.as_deref().or(set.frameRate.as_deref()).and_then(ratio);
            let frame = track.fragments().next().map_or(1, |f| f.samples[0].duration);
            let right = f64::from(track.header.timescale) / f64::from(frame);
            let message = format!("@frameRate of {id} is {rate:?}, the media has {right}");
            findings.rule(rate.is_some_and(|rate| (rate - right).abs() < 1e-9 * right), here, message);
            findings.equal(here, "@sar", representation.sar.as_deref().or(set.sar.as_deref()), Some("1:1"));
        }
        Media::Audio { sample_rate, channels } => {
            findings.equal(here, "@mimeType", mime, Some("audio/mp4"));
            let rate = representation.audioSamplingRate.as_deref().or(set.audioSamplingRate.as_deref());
            findings.equal(here, "@audioSamplingRate", rate, Some(&sample_rate.to_string()[..]));
            let all = set.AudioChannelConfiguration.iter().chain(&representation.AudioChannelConfiguration);
            let values: Vec<_> = all.map(|c| c.value.as_deref().unwrap_or_default().to_owned()).collect();
            findings.equal(here, "AudioChannelConfiguration", values, vec![channels.to_string()]);
            let language = set.lang.as_deref().unwrap_or_default();
            findings.rule(
                id.starts_with(language) && !language.is_empty(),
                here,
                format!("@lang of {id} is {language}"),
            );
        }
    }
}

/// `25` or `30000/1001`.
fn ratio(text: &str) -> Option<f64> {
    let (num, den) = text.split_once('/').unwrap_or((text, "1"));
    Some(num.parse::<f64>().ok()? / den.parse::<f64>().ok()?)
}

/// DASH-IF IOP § 3.2.9: the trick mode set names the set whose key frames it holds.
fn check_trick_mode(sets: &[AdaptationSet], stock: Stock<'_>, findings: &mut Findings) {
    let of = |set: &AdaptationSet| {
        set.essential_property.iter().find(|p| p.schemeIdUri == TRICK_MODE).map(|p| p.value.clone().unwrap_or_default())
    };
    let trick: Vec<&AdaptationSet> = sets.iter().filter(|s| of(s).is_some()).collect();
    findings.equal(NAME, "the number of trick mode sets", trick.len(), stock.trick.len());
    for set in trick {
        let target = sets.iter().find(|s| s.id.is_some() && s.id == of(set));
        let rungs: Vec<_> = target.iter().flat_map(|s| &s.representations).filter_map(|r| r.id.as_deref()).collect();
        let right = rungs.iter().any(|id| stock.video.iter().any(|t| t.name() == *id));
        findings.rule(right, NAME, "the trick mode set does not name the set of the rungs");
    }
    for set in sets.iter().filter(|s| of(s).is_none()) {
        let hidden = set.representations.iter().any(|r| stock.trick.iter().any(|t| Some(t.name()) == r.id.as_deref()));
        findings.rule(!hidden, NAME, "a trick mode rendition stands in an ordinary set");
    }
}
