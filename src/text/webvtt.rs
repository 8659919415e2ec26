//! Cues of a WebVTT source: they are what they are, as far as a player can show them anywhere.

use super::style::lines;

/// Settings that lead to nothing: regions stand in the header of a file, which a segment does not have.
const ELSEWHERE: &str = "region:";

/// Cue text as it was written, without what a cue cannot hold: an arrow, empty lines, control characters.
pub fn text(payload: &str) -> String {
    let clean = |c: char| if (c.is_control() && c != '\n' && c != '\r') || c == '\u{FFFE}' { ' ' } else { c };
    let clean: String = payload.trim_start_matches('\u{feff}').chars().map(clean).collect();
    lines(&clean.replace("-->", "--&gt;"))
}

/// Cue settings as they were written, on one line.
pub fn settings(written: &str) -> String {
    let plain = |word: &&str| word.contains(':') && !word.starts_with(ELSEWHERE) && !word.contains("-->");
    written.split_whitespace().filter(plain).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cue_text_cannot_end_its_cue() {
        assert_eq!(text("<v Ann>Hi &amp; bye\r\n\r\n00:01 --> 00:02\0"), "<v Ann>Hi &amp; bye\n00:01 --&gt; 00:02");
    }

    #[test]
    fn settings_keep_to_their_line_and_name_no_region() {
        assert_eq!(settings(" line:0%\talign:left region:top odd\n"), "line:0% align:left");
    }
}
