//! Splice information of SCTE 35 (ANSI/SCTE 35 2023r1 § 9): what a section says of breaks and segments of a programme.

mod crc;
mod read;

use serde::{Deserialize, Serialize};

#[cfg(test)]
pub(crate) use crc::summed;
pub use read::section;

/// Ticks per second of every time in a section: those of the system clock of MPEG-2 divided by 300.
pub const CLOCK: i64 = 90_000;

/// Times wrap here: they have 33 bits.
pub const WRAP: i64 = 1 << 33;

/// What a section says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it commands.
    pub command: Command,
    /// Its segmentation descriptors, in order (§ 10.3.3).
    pub segmentations: Vec<Segmentation>,
}

/// A splice command (§ 9.7). Times are in ticks of 1/90000 s with the adjustment of the section added, and wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing: sent to show that there is somebody.
    Null,
    /// `splice_insert`.
    Insert {
        /// `splice_event_id`.
        event: u32,
        /// What of it.
        insert: Insert,
    },
    /// `time_signal`; without a time it is at once.
    TimeSignal(Option<i64>),
    /// Nothing: takes up room.
    Reservation,
    /// Another one, or one that is encrypted.
    Other,
}

/// What becomes of a splice event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insert {
    /// There will be none.
    Cancelled,
    /// There is one.
    Splice {
        /// Out of the programme, or back to it.
        out: bool,
        /// When; nothing is at once.
        at: Option<i64>,
        /// The planned length of the break in ticks, and whether it ends by itself then.
        length: Option<(i64, bool)>,
    },
}

/// `segmentation_descriptor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segmentation {
    /// `segmentation_event_id`.
    pub event: u32,
    /// There will be none.
    pub cancelled: bool,
    /// `segmentation_type_id` (table 23); 0 of one that is cancelled.
    pub kind: u8,
    /// The planned length in ticks.
    pub length: Option<i64>,
}

/// Why a section cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It is none.
    #[error("it is no splice_info_section")]
    Foreign,
    /// Its check sum is not that of its bytes.
    #[error("its CRC is wrong")]
    Sum,
    /// It ends before what it announces.
    #[error("it is cut off")]
    Short,
}
