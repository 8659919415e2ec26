//! Closed captions inside of pictures: which of them, by name.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One service of closed captions, as INSTREAM-ID of HLS names it: `CC1`, `SERVICE1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub enum CaptionService {
    /// A channel of CEA-608, 1 to 4.
    Channel(u8),
    /// A service of CEA-708, 1 to 63.
    Service(u8),
}

impl fmt::Display for CaptionService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(number) => write!(f, "CC{number}"),
            Self::Service(number) => write!(f, "SERVICE{number}"),
        }
    }
}

impl From<CaptionService> for String {
    fn from(service: CaptionService) -> Self {
        service.to_string()
    }
}

/// A text that names no service of closed captions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no service of closed captions; write CC1 to CC4 or SERVICE1 to SERVICE63")]
pub struct ParseCaptionServiceError(String);

impl FromStr for CaptionService {
    type Err = ParseCaptionServiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.to_ascii_uppercase();
        let number = |prefix: &str, last: u8| {
            let number = upper.strip_prefix(prefix)?.parse::<u8>().ok()?;
            (1..=last).contains(&number).then_some(number)
        };
        let channel = number("CC", 4).map(Self::Channel);
        channel
            .or_else(|| number("SERVICE", 63).map(Self::Service))
            .ok_or_else(|| ParseCaptionServiceError(text.to_owned()))
    }
}

impl TryFrom<String> for CaptionService {
    type Error = ParseCaptionServiceError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_print_the_way_they_are_read() {
        for text in ["CC1", "CC4", "SERVICE1", "SERVICE63"] {
            assert_eq!(text.parse::<CaptionService>().map(|service| service.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "CC0", "CC5", "SERVICE64", "CC", "1"] {
            assert!(text.parse::<CaptionService>().is_err(), "{text}");
        }
    }
}
