//! Names that come from a source, made fit for a text document.

/// `label` with every character that a playlist or an XML document cannot hold as a space: control
/// characters (RFC 8216bis § 4.1) and the two non-characters that XML 1.0 § 2.2 leaves out.
pub(super) fn printable(label: &str) -> String {
    label.chars().map(|c| if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_cannot_end_a_tag() {
        assert_eq!(printable("English\n#EXT-X-ENDLIST\u{1}"), "English #EXT-X-ENDLIST ");
        assert_eq!(printable("Português — 日本語"), "Português — 日本語");
    }
}
