//! BANDWIDTH and AVERAGE-BANDWIDTH, measured again.

use super::super::finding::Findings;
use super::super::rate::{average, excess, peak};
use super::super::rule::rules;
use super::text::Attributes;

rules! {
    HAS_BANDWIDTH: Error "RFC 8216bis 4.4.6.2" "BANDWIDTH is there and a number";
    BANDWIDTH: Error "RFC 8216bis 4.4.6.2" "BANDWIDTH is not below the largest sum of peaks that can be played";
    PEAK: Error "Apple 1.27" "BANDWIDTH is within 10 % of the measured peak";
    NEAR: Warning "Apple 9.13" "BANDWIDTH is the largest sum of peaks that can be played";
    HAS_AVERAGE: Error "Apple 9.14" "AVERAGE-BANDWIDTH is there";
    AVERAGE: Error "Apple 1.26" "AVERAGE-BANDWIDTH is within 10 % of the measured average";
    NEAR_AVERAGE: Warning "RFC 8216bis 4.4.6.2" "AVERAGE-BANDWIDTH is the measured average";
    BURSTS: Warning "Apple 1.30" "the peak is at most twice the average";
}

/// A load with the target duration of its playlist.
pub(super) type Weight<'l> = (&'l [(u64, f64)], u64);

/// What can be played at once: one rendition of each kind.
#[derive(Debug, Default)]
pub(super) struct Combination<'l> {
    /// The variant's own.
    pub(super) own: Option<Weight<'l>>,
    /// Sound to choose from.
    pub(super) sound: Vec<Weight<'l>>,
    /// Subtitles to choose from, which many leave out of the sum.
    pub(super) text: Vec<Weight<'l>>,
}

impl Combination<'_> {
    /// The largest sum, without and with text.
    fn most(&self, rate: impl Fn(Weight<'_>) -> f64) -> (f64, f64) {
        let largest = |list: &[Weight<'_>]| list.iter().map(|weight| rate(*weight)).fold(0.0, f64::max);
        let media = self.own.map_or(0.0, &rate) + largest(&self.sound);
        (media, media + largest(&self.text))
    }
}

/// Checks the rates of a variant.
pub(super) fn check(
    name: &str,
    uri: &str,
    attributes: &Attributes,
    combination: &Combination<'_>,
    findings: &mut Findings<'_>,
) {
    check_frames(name, uri, attributes, combination, findings);
    let (peak, _) = combination.most(|(load, target)| peak(load, target));
    let (average, _) = combination.most(|(load, _)| average(load));
    findings.check(peak <= 2.0 * average + 1.0, BURSTS, name, || {
        format!("{uri} has a peak of {peak:.0} and an average of {average:.0} bit/s")
    });
}

/// Checks the rates of an I-frame playlist.
pub(super) fn check_frames(
    name: &str,
    uri: &str,
    attributes: &Attributes,
    combination: &Combination<'_>,
    findings: &mut Findings<'_>,
) {
    let peaks = combination.most(|(load, target)| peak(load, target));
    let averages = combination.most(|(load, _)| average(load));
    let Some(declared) = attributes.number("BANDWIDTH").filter(|rate| *rate > 0) else {
        return findings.breaks(HAS_BANDWIDTH, name, format!("{uri} has no BANDWIDTH"));
    };
    compare(name, &format!("BANDWIDTH of {uri}"), declared, peaks, (PEAK, Some(BANDWIDTH), NEAR), findings);
    match attributes.number("AVERAGE-BANDWIDTH") {
        Some(declared) => {
            let what = format!("AVERAGE-BANDWIDTH of {uri}");
            compare(name, &what, declared, averages, (AVERAGE, None, NEAR_AVERAGE), findings);
        }
        None => findings.breaks(HAS_AVERAGE, name, format!("{uri} has no AVERAGE-BANDWIDTH")),
    }
}

type Rule = &'static super::super::Rule;

fn compare(
    name: &str,
    what: &str,
    declared: u64,
    (media, all): (f64, f64),
    (far, low, near): (Rule, Option<Rule>, Rule),
    findings: &mut Findings<'_>,
) {
    // With or without the text, whichever was meant.
    let (off, measured) = if excess(declared, all).abs() < excess(declared, media).abs() {
        (excess(declared, all), all)
    } else {
        (excess(declared, media), media)
    };
    let rule = match off {
        0.0 => return,
        off if off.abs() > 0.1 => far,
        off if off < 0.0 => low.unwrap_or(near),
        _ => near,
    };
    findings.differs(rule, name, what, declared, format!("{measured:.0}"));
}
