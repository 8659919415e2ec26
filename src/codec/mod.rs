//! Coded streams in; out comes what ISO BMFF wants of them: configuration record, codec string, picture or
//! sound facts, and samples in the form that the record promises.
//!
//! [`VideoStream`] and [`AudioStream`] are the two ways in. Containers bring the same stream in different
//! clothes: with the record of ISO BMFF (MP4, Matroska), with headers of another kind (Ogg, WebM, FLAC), or
//! with everything in the samples (MPEG-TS). What is missing is made from the first sample. A stream whose
//! parameters change on the way is refused by the sample that changes them, because a CMAF track has one
//! record.

mod aac;
mod ac3;
mod adts;
mod audio;
mod av1;
mod avc;
mod bits;
pub mod captions;
mod eac3;
mod flac;
mod headers;
mod hevc;
mod idr;
mod mp3;
mod nal;
mod opus;
pub mod scte35;
mod sei;
mod sets;
mod video;
mod vp9;

pub use audio::{AudioSource, AudioStream, Frame};
pub use avc::PlainPictures;
pub use headers::{Headers, Part};
pub use idr::{is_avc_key, is_idr};
pub use nal::annex_b;
pub use video::{VideoSource, VideoStream, is_sample};

/// What a stream lacks or has too much of to be packaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the container nor the first sample has it.
    #[error("there is no {what}, neither in the headers nor in the first sample; begin the input at a key frame")]
    Missing {
        /// What no decoder can do without.
        what: &'static str,
    },
    /// It breaks its own rules.
    #[error("the {what} cannot be read; it is damaged or of a kind that is not known")]
    Damaged {
        /// What could not be read.
        what: &'static str,
    },
    /// A sample brings another one than the record has.
    #[error("the {what} changes within the stream; cut the input there, or encode it")]
    Changed {
        /// What changes.
        what: &'static str,
    },
    /// ISO BMFF has no place for it.
    #[error("{what} cannot be packaged; encode it")]
    Unsupported {
        /// What is there.
        what: &'static str,
    },
}
