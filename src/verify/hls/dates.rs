//! EXT-X-DATERANGE (RFC 8216bis § 4.4.5.1): what is marked in a programme.

use std::collections::BTreeMap;

use super::super::finding::{Findings, or_none};
use super::super::rule::rules;
use super::text::{Attributes, Text};

rules! {
    NAMED: Error "RFC 8216bis 4.4.5.1" "EXT-X-DATERANGE has an ID, and the first of an ID a START-DATE";
    DATES: Error "RFC 8216bis 4.4.5.1" "START-DATE and END-DATE are dates of ISO 8601 with a time, and the end is not before the start";
    LENGTHS: Error "RFC 8216bis 4.4.5.1" "DURATION and PLANNED-DURATION are seconds, and not less than none";
    SAME_END: Error "RFC 8216bis 4.4.5.1" "END-DATE is START-DATE and DURATION, where all are there";
    AGREE: Error "RFC 8216bis 4.4.5.1" "tags of one ID that have the same attribute have the same value of it";
    SECTION: Error "RFC 8216bis 4.4.5.1" "SCTE35-CMD, SCTE35-OUT and SCTE35-IN are splice_info_sections in hexadecimal digits";
}

/// Dates are written to the millisecond.
const ROUNDING: f64 = 1.5e-3;

/// Checks the date ranges of a playlist.
pub(super) fn check(text: &Text, findings: &mut Findings<'_>) {
    let name = &text.name;
    let mut seen: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for value in text.values("EXT-X-DATERANGE") {
        let range = Attributes::read(name, value, findings);
        let id = range.get("ID").filter(|id| !id.is_empty());
        let before = id.map(|id| seen.entry(id.to_owned()).or_default());
        let start = range.get("START-DATE").map(str::to_owned);
        let start = start.or_else(|| before.as_ref()?.get("START-DATE").cloned());
        findings.check(id.is_some() && start.is_some(), NAMED, name, || format!("#EXT-X-DATERANGE:{value}"));
        if let Some(before) = before {
            for (attribute, own) in range.all() {
                let other = before.entry(attribute.to_owned()).or_insert_with(|| own.to_owned());
                findings.check(other == own, AGREE, name, || {
                    format!("{attribute} of {} is {other}, and {own}", or_none(id))
                });
            }
        }
        check_times(name, &range, start.as_deref(), findings);
        for attribute in ["SCTE35-CMD", "SCTE35-OUT", "SCTE35-IN"] {
            let Some(said) = range.get(attribute) else { continue };
            findings.check(is_section(said), SECTION, name, || format!("{attribute} is {said}"));
        }
    }
}

fn check_times(name: &str, range: &Attributes, start: Option<&str>, findings: &mut Findings<'_>) {
    let mut date = |attribute: &str, said: Option<&str>| {
        let date = said.and_then(seconds);
        findings.check(said.is_none() || date.is_some(), DATES, name, || format!("{attribute} is {}", or_none(said)));
        date
    };
    let (start, end) = (date("START-DATE", start), date("END-DATE", range.get("END-DATE")));
    let mut length = |attribute: &str| {
        let said = range.get(attribute)?;
        let seconds = said.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        findings.check(seconds.is_some(), LENGTHS, name, || format!("{attribute} is {said}"));
        seconds
    };
    let duration = length("DURATION");
    length("PLANNED-DURATION");
    if let Some((start, end)) = start.zip(end) {
        let (said, lasts) = (range.get("END-DATE"), end - start);
        findings.check(lasts >= 0.0, DATES, name, || format!("END-DATE is {}, before the start", or_none(said)));
        let kept = duration.is_none_or(|duration| (duration - lasts).abs() < ROUNDING);
        findings.check(kept, SAME_END, name, || {
            format!("DURATION is {}, and it lasts for {lasts:.3} s", or_none(duration))
        });
    }
}

/// Seconds since 1970 of a date with an offset from UTC.
fn seconds(date: &str) -> Option<f64> {
    let (local, offset) = match date.strip_suffix('Z') {
        Some(local) => (local, 0.0),
        None => {
            let (local, offset) = date.split_at_checked(date.len().checked_sub(6)?)?;
            let sign = match offset.get(..1)? {
                "+" => 1.0,
                "-" => -1.0,
                _ => return None,
            };
            let (hours, minutes) = offset[1..].split_once(':')?;
            (local, sign * (hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0))
        }
    };
    let at = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64() - offset)
}

/// Whether it is a section of SCTE 35 as long as it says that it is.
fn is_section(said: &str) -> bool {
    let Some(digits) = said.strip_prefix("0x").or(said.strip_prefix("0X")) else { return false };
    let byte = |at: usize| digits.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    let Some([0xFC, high, low, rest @ ..]) = bytes.as_deref() else { return false };
    rest.len() == usize::from(high & 0x0F) << 8 | usize::from(*low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_a_time_and_an_offset() {
        assert_eq!(seconds("1970-01-01T00:01:00.250Z"), Some(60.25));
        assert_eq!(seconds("1970-01-01T02:01:00.250+02:00"), Some(60.25));
        for other in ["1970-01-01", "", "1970-01-01T02:01:00.250", "soon", "1970-01-01T00:01:00é+1:00"] {
            assert_eq!(seconds(other), None, "{other}");
        }
    }

    #[test]
    fn a_section_is_as_long_as_it_says() {
        assert!(is_section("0xFC3003AABBCC"));
        for other in ["0xFC3003AABB", "0xFC3003AABBCCDD", "FC3000", "0xFD3000", "0xFC30", "0x", "0xFC3é0"] {
            assert!(!is_section(other), "{other}");
        }
    }
}
