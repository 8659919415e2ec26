//! Bold, italic and underlined words as WebVTT writes them: tags that are closed in the order in which they were opened.

/// How words look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Heavy letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
    /// A line below.
    pub underline: bool,
}

/// The tags, outermost first.
const TAGS: [&str; 3] = ["b", "i", "u"];

impl Style {
    const fn tags(self) -> [bool; 3] {
        [self.bold, self.italic, self.underline]
    }
}

/// Cue text that is being written.
#[derive(Debug, Default)]
pub struct Words {
    text: String,
    open: Style,
}

impl Words {
    /// Adds words that look so. What means something to WebVTT is escaped (W3C WebVTT § 4.2.2).
    pub fn add(&mut self, words: &str, style: Style) {
        if words.is_empty() {
            return;
        }
        // White space looks the same in every style but underlined: no tags for it.
        if !words.trim().is_empty() {
            self.turn_to(style);
        }
        for character in words.chars() {
            match character {
                '&' => self.text += "&amp;",
                '<' => self.text += "&lt;",
                '>' => self.text += "&gt;",
                '\u{a0}' => self.text += "&nbsp;",
                '\n' => self.text.push('\n'),
                other if other.is_control() || matches!(other, '\u{FFFE}' | '\u{FFFF}') => self.text.push(' '),
                other => self.text.push(other),
            }
        }
    }

    /// The cue text: no line of it is empty, none has white space at its ends.
    pub fn finish(mut self) -> String {
        self.turn_to(Style::default());
        lines(&self.text)
    }

    fn turn_to(&mut self, style: Style) {
        let (open, wanted) = (self.open.tags(), style.tags());
        let Some(first) = (0..TAGS.len()).find(|&at| open[at] != wanted[at]) else { return };
        for at in (first..TAGS.len()).rev().filter(|&at| open[at]) {
            self.text += &format!("</{}>", TAGS[at]);
        }
        for at in (first..TAGS.len()).filter(|&at| wanted[at]) {
            self.text += &format!("<{}>", TAGS[at]);
        }
        self.open = style;
    }
}

/// Without empty lines, which would end a cue, and without white space around each.
pub(super) fn lines(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { bold: false, italic: false, underline: false };
    const BOLD: Style = Style { bold: true, ..PLAIN };
    const ITALIC: Style = Style { italic: true, ..PLAIN };
    const BOTH: Style = Style { bold: true, italic: true, underline: false };

    fn words(pieces: &[(&str, Style)]) -> String {
        let mut words = Words::default();
        pieces.iter().for_each(|(piece, style)| words.add(piece, *style));
        words.finish()
    }

    #[test]
    fn tags_never_overlap() {
        let pieces = [("a ", BOLD), ("b ", BOTH), ("c ", ITALIC), ("d", PLAIN)];
        assert_eq!(words(&pieces), "<b>a <i>b </i></b><i>c </i>d");
    }

    #[test]
    fn what_means_something_to_webvtt_is_escaped() {
        assert_eq!(words(&[("1 < 2 & 3 --> 4\u{a0}\u{7}", PLAIN)]), "1 &lt; 2 &amp; 3 --&gt; 4&nbsp;");
    }

    #[test]
    fn no_line_is_empty() {
        assert_eq!(words(&[("\n a \n\n \nb\n", PLAIN)]), "a\nb");
        assert_eq!(words(&[(" \n ", ITALIC)]), "");
    }
}
