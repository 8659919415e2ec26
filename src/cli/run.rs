//! The verbs that work on media. Each gets its flags and the run, and prints what it found out.

use super::Run;
use super::args::{Encode, Plan, Probe, Thumbnails};
use super::error::Error;
use super::layer;
use super::view::View;

/// `streampack encode`.
pub(crate) fn encode(encode: &Encode, _run: &Run, _view: &View<'_>) -> Result<(), Error> {
    layer::resolve(&encode.settings)?;
    Err(Error::Missing("encode"))
}

/// `streampack plan`, and `encode --dry-run`.
pub(crate) fn plan(plan: &Plan, _run: &Run) -> Result<(), Error> {
    layer::resolve(&plan.settings)?;
    Err(Error::Missing("plan"))
}

/// `streampack probe`.
pub(crate) fn probe(_probe: &Probe, _run: &Run) -> Result<(), Error> {
    Err(Error::Missing("probe"))
}

/// `streampack thumbnails`.
pub(crate) fn thumbnails(thumbnails: &Thumbnails, _run: &Run, _view: &View<'_>) -> Result<(), Error> {
    layer::resolve_thumbnails(thumbnails)?;
    Err(Error::Missing("make thumbnails"))
}
