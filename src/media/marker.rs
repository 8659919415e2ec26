//! What the source of a live programme marks in it: breaks for advertisements, segments, and messages of its encoder.

use serde::{Deserialize, Serialize};

/// A point or a stretch of a programme that its source has marked. Times are in microseconds of the programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// Its name, which no other one of the programme has.
    pub id: String,
    /// When it is, or begins.
    pub at_us: i64,
    /// How long it is meant to last.
    pub planned_us: Option<i64>,
    /// What is said of it.
    pub says: Says,
}

/// What is said of a marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// A section of SCTE 35 that leads out of the programme, into a break.
    Out(Vec<u8>),
    /// Another section of SCTE 35.
    Command(Vec<u8>),
    /// A data message of an encoder that speaks RTMP.
    Message {
        /// Its name: `onCuePoint`.
        name: String,
        /// What it holds, as JSON.
        json: String,
    },
}

/// How a marker ends that was begun before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerEnd {
    /// When.
    pub at_us: i64,
    /// It lasts as long as it was meant to, by the wall clock.
    pub planned: bool,
    /// The section of SCTE 35 that leads back to the programme; nothing where the break has ended by itself.
    pub section: Option<Vec<u8>>,
}

/// What is learnt of markers, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marking {
    /// There is one.
    Begin(Marker),
    /// The one of this name ends.
    End(String, MarkerEnd),
    /// The one of this name will not be after all.
    Withdraw(String),
}

impl Says {
    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Out(section) | Self::Command(section) => section.len(),
            Self::Message { name, json } => name.len() + json.len(),
        }
    }

    /// Its name for people and scripts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Out(_) => "out",
            Self::Command(_) => "command",
            Self::Message { .. } => "message",
        }
    }
}
