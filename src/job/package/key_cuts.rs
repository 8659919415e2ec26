//! Where the keys of a rendition may change.

use crate::crypt::KeyCuts;
use crate::media::{RenditionId, Span};
use crate::plan::package::PackagePlan;

/// All go by the first switching set of pictures. Its own renditions and sound are cut together with it.
pub(super) fn key_cuts(plan: &PackagePlan, id: &RenditionId) -> KeyCuts {
    let set = plan.pictures_of(id).map_or(0, |picture| picture.set);
    let sets = plan.video.iter().filter(|picture| picture.set == set || picture.set == 0);
    let frames = sets.map(|picture| picture.frame_rate.frame());
    let apart = frames.max_by(|a, b| a.cmp_span(*b)).unwrap_or(Span::zero(plan.duration.scale()));
    KeyCuts { first: plan.segment_starts(0), own: plan.segment_starts(set), apart }
}
