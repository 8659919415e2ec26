//! WebVTT files: their headers and the times of their cues.

use super::finding::Findings;
use super::rule::rules;

rules! {
    HEADER: Error "WebVTT 4.1" "a file starts with WEBVTT";
    TIMES: Error "WebVTT 4.1" "the times of a cue can be read, and it ends after it starts";
    ORDER: Error "WebVTT 4.1" "no cue starts before the one in front of it";
}

/// What is kept of a file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// The lines between `WEBVTT` and the first empty line.
    pub(super) headers: Vec<String>,
    /// When each cue that can be read is shown, in seconds of its clock.
    pub(super) cues: Vec<(f64, f64)>,
}

/// Reads a file and checks its cues.
pub(super) fn read(name: &str, text: &str, findings: &mut Findings<'_>) -> File {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let right = first == "WEBVTT" || first.starts_with("WEBVTT ") || first.starts_with("WEBVTT\t");
    findings.check(right, HEADER, name, || format!("the first line is {first:?}"));
    let mut file = File::default();
    let mut before = 0.0;
    let mut in_header = true;
    for line in lines {
        in_header &= !line.trim().is_empty();
        if in_header {
            file.headers.push(line.to_owned());
            continue;
        }
        let Some((start, end)) = line.split_once("-->") else { continue };
        let end = end.split_whitespace().next().unwrap_or_default();
        let Some((start, end)) = clock(start.trim()).zip(clock(end)).filter(|(start, end)| start < end) else {
            findings.breaks(TIMES, name, format!("the times of a cue are {line:?}"));
            continue;
        };
        findings.check(start >= before, ORDER, name, || format!("a cue at {start} s follows one at {before} s"));
        before = start;
        file.cues.push((start, end));
    }
    file
}

/// `HH:MM:SS.mmm` or `MM:SS.mmm` in seconds.
pub(super) fn clock(text: &str) -> Option<f64> {
    let (clock, millis) = text.split_once('.')?;
    let parts: Vec<u32> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => (0, minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let millis: u32 = (millis.len() == 3).then(|| millis.parse().ok())??;
    (minutes < 60 && seconds < 60)
        .then(|| f64::from(hours) * 3600.0 + f64::from(minutes * 60 + seconds) + f64::from(millis) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_read_with_and_without_hours() {
        assert_eq!(clock("01:02:03.500"), Some(3723.5));
        assert_eq!(clock("02:03.500"), Some(123.5));
        for odd in ["1:2", "00:61.000", "00:00:00.5", "4294967295:4294967295.000"] {
            assert_eq!(clock(odd), None, "{odd}");
        }
    }
}
