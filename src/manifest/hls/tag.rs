//! One tag with an attribute list (RFC 8216bis § 4.2).

use std::fmt::{self, Display};

/// A tag being written; attributes stand in the order they are added.
#[derive(Debug)]
pub(super) struct Tag {
    text: String,
    separator: char,
}

impl Tag {
    /// `#name` without attributes yet.
    pub(super) fn new(name: &str) -> Self {
        Self { text: format!("#{name}"), separator: ':' }
    }

    /// Adds a number, a resolution or an enumerated string.
    pub(super) fn plain(mut self, name: &str, value: impl Display) -> Self {
        self.text += &format!("{}{name}={value}", self.separator);
        self.separator = ',';
        self
    }

    /// Adds a quoted string. It has no escape for a quotation mark, so one becomes an apostrophe.
    pub(super) fn quoted(self, name: &str, value: &str) -> Self {
        let value = value.replace('"', "'");
        self.plain(name, format_args!("\"{value}\""))
    }
}

impl Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_separated_by_commas_and_strings_cannot_break_out() {
        let tag = Tag::new("EXT-X-MEDIA").plain("TYPE", "AUDIO").quoted("NAME", r#"5" disc"#);
        assert_eq!(tag.to_string(), r#"#EXT-X-MEDIA:TYPE=AUDIO,NAME="5' disc""#);
    }
}
