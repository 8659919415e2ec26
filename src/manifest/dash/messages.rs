//! What tells a client which messages stand between the media (ISO/IEC 23009-1:2022 § 5.10.3.2): it passes over others.

use super::element::Element;
use crate::media::ID3_MESSAGES;

/// The InbandEventStream of a set that carries messages; nothing of one that carries none.
pub(super) fn stream(carries: bool) -> Option<Element> {
    carries.then(|| Element::new("InbandEventStream").attribute("schemeIdUri", ID3_MESSAGES).attribute("value", ""))
}
