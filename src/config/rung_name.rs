//! Rungs by name: `720p`.

use std::fmt;
use std::str::FromStr;

use super::setting::ParseSettingError;

/// A rung of the ladder, by the shorter side of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RungName {
    /// The shorter side in pixels.
    pub short_side: u32,
}

impl FromStr for RungName {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseSettingError::new(text, "the name of a rung", "write it like 720p");
        let side = text.strip_suffix(['p', 'P']).unwrap_or(text);
        if !side.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse());
        }
        side.parse().map(|short_side| Self { short_side }).map_err(|_| refuse())
    }
}

impl fmt::Display for RungName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}p", self.short_side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_print_the_way_they_are_read() {
        for text in ["720p", "720", "720P"] {
            assert_eq!(text.parse::<RungName>().map(|name| name.to_string()), Ok("720p".to_owned()));
        }
        for text in ["", "p", "+720p", "720p@1M", "99999999999p"] {
            let error = text.parse::<RungName>().expect_err(text);
            assert!(error.to_string().ends_with("write it like 720p"), "{error}");
        }
    }
}
