//! Samples and keys in, encrypted samples out, and what players have to be told of them (ISO/IEC 23001-7, Common
//! Encryption).
//!
//! A key is a [`Key`], which has no text form and is wiped when it is dropped; what leaves this module is a [`Signal`],
//! which holds none.

mod chains;
mod cipher;
mod clearkey;
mod counter;
mod cpix;
mod encryptor;
mod key;
mod keys;
mod playready;
mod ranges;
mod schedule;
mod segment;
mod signal;
mod system;
mod text;
mod token;
mod track_type;
mod vault;
mod vector;
mod widevine;

use crate::codec;
use crate::media::CutNumber;
pub use clearkey::licence;
pub use cpix::{CpixError, KeysWanted, SPEKE_VERSION, SystemData, answered, request};
pub use encryptor::{SampleEncryptor, Task};
pub use key::{ContentKey, Key};
pub use keys::{Entry, Keys, KeysError};
pub use schedule::{KeyCuts, Schedule};
pub use segment::{SegmentEncryptor, SegmentKey, SegmentSignal, SegmentTask, Stretch};
pub use signal::{KeySignal, Signal};
pub use system::{COMMON, PLAYREADY, SystemHeader, SystemSignal, WIDEVINE};
pub use text::base64;
pub use token::{NotAToken, Token};
pub use track_type::{NoTrackType, TrackType};
pub use vault::{Encryptor, Vault};

/// A track cannot be encrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No key is for it.
    #[error("no key is for {track} tracks; add one to the keys, or one without a type")]
    NoKey {
        /// The kind of track.
        track: TrackType,
    },
    /// No key is for a period of a rotation.
    #[error(
        "no key is for {track} tracks in period {period} of {periods}; add one with \"period\": {period}, as `streampack keys new --periods {periods}` writes them"
    )]
    NoPeriod {
        /// The kind of track.
        track: TrackType,
        /// The period, counted from 0.
        period: u32,
        /// How many there are.
        periods: u32,
    },
    /// A sample was left in its file.
    #[error("what is to be encrypted was not read; this is a fault of streampack, please report it")]
    Elsewhere,
    /// The track has more segments than was said.
    #[error("the segment at cut {} has no key; this is a fault of streampack, please report it", cut.0)]
    Segment {
        /// Where it begins.
        cut: CutNumber,
    },
    /// A picture is of more large slices than can be told.
    #[error(
        "a picture of {slices} slices and headers takes more ranges than the {most} that an encrypted one can have; encode \
         it with fewer slices"
    )]
    Slices {
        /// Slices, and runs of other NAL units.
        slices: usize,
        /// The most ranges.
        most: usize,
    },
    /// It is text.
    #[error("text stays clear; this is a fault of streampack, please report it")]
    Text,
    /// Its headers, which stay clear, cannot be told from its pictures.
    #[error(transparent)]
    Codec(#[from] codec::Error),
}
