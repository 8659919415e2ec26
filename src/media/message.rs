//! What is told to those who play, at a time of the programme and besides its media.

use std::sync::Arc;

use super::{Span, Timestamp};

/// What kind the messages of streampack are: ID3 tags, as HLS has timed metadata (AOM, "Carriage of ID3 Timed Metadata in
/// CMAF" § 2.2.3).
pub const ID3_MESSAGES: &str = "https://aomedia.org/emsg/ID3";

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// No other one of the programme has the same.
    pub id: u32,
    /// When it is for.
    pub at: Timestamp,
    /// How long it is for; until the next one, where that is not known.
    pub duration: Option<Span>,
    /// An ID3 tag of version 2.4.
    pub tag: Arc<[u8]>,
}
