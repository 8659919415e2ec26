//! The MPD of a set of ours: `verify` knows the rules of DASH, this knows what we promise beyond them. Read by
//! dash-mpd-core.

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
    /// The subtitles.
    pub text: &'a [Track],
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
    let buffer = mpd.minBufferTime.map_or(0.0, |d| d.as_secs_f64());
    let [period] = &mpd.periods[..] else {
        findings.rule(false, NAME, format!("there are {} periods", mpd.periods.len()));
        return;
    };
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
    stock.video.iter().chain(stock.audio).chain(stock.text).chain(stock.trick)
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
    let mut named = Vec::new();
    for representation in &set.representations {
        let kind = match set.contentType.as_deref().unwrap_or_default() {
            "text" => "subtitles",
            kind => kind,
        };
        let id = representation.id.as_deref().unwrap_or_default();
        let directory = format!("{kind}/{id}");
        let Some(track) = tracks(stock).find(|t| t.directory == directory) else {
            findings.rule(false, &here, format!("{directory} is no rendition"));
            continue;
        };
        check_rate(&here, representation, track, buffer, findings);
        address::check(files, set, representation, track, findings);
        if let Media::Video { .. } = track.header.media {
            let rate = representation.frameRate.as_deref().or(set.frameRate.as_deref()).and_then(ratio);
            let frame = track.fragments().next().map_or(1, |f| f.samples[0].duration);
            let right = f64::from(track.header.timescale) / f64::from(frame);
            let kept = rate.is_some_and(|rate| (rate - right).abs() < 1e-9 * right);
            findings.rule(kept, &here, format!("@frameRate of {id} is {rate:?}, the media has {right}"));
        } else {
            let language = set.lang.as_deref().unwrap_or_default();
            let kept = id.starts_with(language) && !language.is_empty();
            findings.rule(kept, &here, format!("@lang of {id} is {language}"));
        }
        named.push(directory);
    }
    named
}

/// `25` or `30000/1001`.
fn ratio(text: &str) -> Option<f64> {
    let (num, den) = text.split_once('/').unwrap_or((text, "1"));
    Some(num.parse::<f64>().ok()? / den.parse::<f64>().ok()?)
}

/// @bandwidth is the lowest rate that suffices, to the bit.
fn check_rate(here: &str, representation: &Representation, track: &Track, buffer: f64, findings: &mut Findings) {
    let measured = sustained(&track.load(), buffer);
    let declared = representation.bandwidth.unwrap_or_default();
    let message = format!("@bandwidth of {} is {declared}, measured {measured:.0} with {buffer} s", track.name());
    findings.rule(agrees(declared, measured), here, message);
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
