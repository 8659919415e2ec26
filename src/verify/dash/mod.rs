//! DASH: ISO/IEC 23009-1 and the guidelines of DASH-IF. An MPD in, findings out.

mod adaptation;
mod address;
mod events;
mod images;
mod marked;
mod mpd;
mod order;
mod representation;
mod template;
mod timeline;
mod value;
mod xml;

use super::Rule;

pub(super) use mpd::check;

/// The rules of DASH, by the file that holds them.
pub(super) const RULES: &[&[&Rule]] = &[
    xml::RULES,
    order::RULES,
    mpd::RULES,
    adaptation::RULES,
    representation::RULES,
    address::RULES,
    template::RULES,
    timeline::RULES,
    marked::RULES,
    events::RULES,
    images::RULES,
];
