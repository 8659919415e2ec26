//! Timed text.

use serde::Serialize;

/// One cue: when something is shown, where, and what it says (W3C WebVTT § 3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cue {
    /// When it appears, in microseconds of its timeline.
    pub start_us: i64,
    /// When it goes, in microseconds; always after it appears.
    pub end_us: i64,
    /// Cue settings as WebVTT writes them: `line:0 align:left`. Without any it stands below, in the middle.
    pub settings: String,
    /// Cue text of WebVTT: escaped, with `<b>`, `<i>` and `<u>`. Lines are parted by line feeds, none is empty.
    pub text: String,
}
