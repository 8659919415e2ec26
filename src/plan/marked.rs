//! Markers of a live programme as players are told of them.

use serde::{Deserialize, Serialize};

use crate::media::{Marker, Says, SegmentNumber, Utc};

/// The scheme of data messages, in both kinds of manifests: JSON of what they hold.
pub const MESSAGES: &str = "urn:streampack:amf:2026";

/// A marker with its place on the wall clock. What players were told of it stays as it is (RFC 8216bis § 4.4.5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// What was marked.
    pub marker: Marker,
    /// When that is, to the millisecond.
    pub date: Utc,
    /// Players were told of it before this segment.
    pub before: SegmentNumber,
    /// How it has ended.
    pub end: Option<MarkedEnd>,
}

/// The end of a marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedEnd {
    /// When, in microseconds of the programme.
    pub at_us: i64,
    /// When that is, to the millisecond.
    pub date: Utc,
    /// Players were told of it before this segment.
    pub before: SegmentNumber,
    /// The section of SCTE 35 that tells of it.
    pub section: Option<Vec<u8>>,
}

impl Marked {
    /// When it is over, in microseconds of the programme, as far as that is known: a break that nobody has ended lasts on,
    /// also when it is longer than it was meant to be (RFC 8216bis § 4.4.5.1: a date range with PLANNED-DURATION alone has
    /// an unknown duration).
    pub fn over_us(&self) -> Option<i64> {
        match (&self.end, &self.marker.says) {
            (Some(end), _) => Some(end.at_us),
            (None, Says::Out(_)) => None,
            // An instant, unless it says more.
            (None, Says::Command(_) | Says::Message { .. }) => Some(self.planned_end_us().unwrap_or(self.marker.at_us)),
        }
    }

    /// When it is meant to be over.
    pub fn planned_end_us(&self) -> Option<i64> {
        self.marker.planned_us.map(|length| self.marker.at_us.saturating_add(length))
    }
}

/// The markers that a set tells of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// All of them, in the order in which players were told.
    pub marked: Vec<Marked>,
    /// When the zero of a programme was that is told of as a whole: dates of markers need it (RFC 8216bis § 4.4.5.1).
    pub start: Option<Utc>,
}
