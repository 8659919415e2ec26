//! Track facts and samples in, boxes of the ISO base media file format out. Knows no plan.
//!
//! Every object holds one track, [`TRACK_ID`]. Box numbers and rules are those of ISO/IEC 14496-12:2022
//! and, for the choice among what that allows, of CMAF (ISO/IEC 23000-19:2020).

mod brands;
mod cue;
mod entry;
mod event;
mod flat;
mod fragment;
mod index;
mod init;
mod loudness;
mod protect;
mod reference;
mod runs;
mod writer;

pub use brands::add_brand;
pub use cue::{Shown, cue_sample};
pub use event::{EventMessage, event_message};
pub use flat::{FlatTrack, SampleFacts, SampleTable, flat_header};
pub use fragment::{FragmentSize, segment_type, write_fragment};
pub use index::{Reference, segment_index};
pub use init::cmaf_header;
pub use protect::{Cover, FragmentProtection, HeaderProtection, system_header};
pub use reference::reference_time;

use crate::media::Resolution;

/// The one track of every object.
pub const TRACK_ID: u32 = 1;

/// Something that no box can say.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The codec configuration is not one for this kind of media.
    #[error("the codec configuration of a {media} track is one of another kind of media")]
    ForeignCodec {
        /// `video`, `audio` or `text`.
        media: &'static str,
    },
    /// The codec configuration is not what its box holds.
    #[error("{bytes} bytes are no {record}; the encoder must put out its global headers")]
    CodecRecord {
        /// Its name in the specification.
        record: &'static str,
        /// The bytes that were given.
        bytes: usize,
    },
    /// The picture is larger than a sample entry can say.
    #[error("pictures of {resolution} do not fit a sample entry, whose sides have at most 65535 pixels")]
    Picture {
        /// The size.
        resolution: Resolution,
    },
    /// A number is larger than its field.
    #[error("{what} {value} does not fit its field of the {field} box")]
    Field {
        /// What it is.
        what: &'static str,
        /// The number.
        value: i128,
        /// The box.
        field: &'static str,
    },
    /// The index has more entries than it can count.
    #[error(
        "{fragments} fragments do not fit one sidx box, which counts to 65535; \
         make the fragments longer or use one file per segment"
    )]
    Index {
        /// How many there are.
        fragments: usize,
    },
}

/// `value` in the type of its field.
fn fit<T, V>(value: V, what: &'static str, field: &'static str) -> Result<T, Error>
where
    T: TryFrom<V>,
    V: Copy + Into<i128>,
{
    T::try_from(value).map_err(|_| Error::Field { what, value: value.into(), field })
}
