//! The end of what was kept of a live programme: a set like that of a film.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::time::Duration;

use super::record::{FACTS, Kept};
use super::{Error, Run, finish};
use crate::event::Warning;
use crate::job::assemble::{Set, believed};
use crate::job::journal::Journal;
use crate::manifest::{self, Presentation};
use crate::media::{SegmentNumber, Span, Timestamp, Utc};
use crate::output::Stored;
use crate::package::Segment;
use crate::plan::{LiveOffer, Offer, Plan, Spells};
use crate::source::SourceInfo;

/// Completes the set of all that was kept: a programme that lasted for `duration`.
///
/// # Errors
/// When a segment is gone, or something cannot be written.
pub(super) fn complete(
    kept: Kept,
    run: &Run<'_>,
    info: &SourceInfo,
    duration: Span,
    warnings: &[Warning],
) -> Result<(), Error> {
    let Kept { dir, lock, inits } = kept;
    let path = dir.work().join(FACTS);
    let failed = |source| Error::Record { path: path.clone(), source };
    let file = File::open(&path).map_err(failed)?;
    let mut presentation = Presentation::default();
    for init in inits {
        let (key, bytes) = (init.key.clone(), init.bytes);
        presentation.add_init(believed(&dir, &key, bytes, init)?);
    }
    let mut last = SegmentNumber(0);
    for line in BufReader::new(file).lines() {
        let segment: Segment = serde_json::from_str(&line.map_err(failed)?).map_err(|error| failed(error.into()))?;
        last = last.max(segment.number);
        let (key, bytes) = (segment.key.clone(), segment.bytes);
        let stored: Stored<Segment> = believed(&dir, &key, bytes, segment)?;
        presentation.add_segment(stored);
    }
    let plan = finish::ended(run.plan, duration);
    let documents = manifest::documents(&offer(run, &plan, last, duration), &presentation)?;
    let set = Set::of_live(&dir, presentation, documents, Vec::new())?;
    let report = finish::report(run, info, &plan, &set, warnings.to_vec())?;
    report.write(&dir)?;
    set.publish(&dir, run.control)?;
    fs::remove_file(&path).map_err(failed)?;
    Journal::remove(&dir)?;
    Ok(lock.finish()?)
}

/// What is offered of a whole programme: what was made for that from the beginning would be offered so.
fn offer(run: &Run<'_>, plan: &Plan, last: SegmentNumber, duration: Span) -> Offer {
    let now = Utc::since_1970(run.clock.utc());
    let (first, window, zero) = (SegmentNumber(1), run.window, Timestamp::zero(duration.scale()));
    let (spells, resting, rest) = (Spells::unbroken(now, zero), None, Duration::ZERO);
    let live = LiveOffer { first, spells, resting, rest, now, ended: true, timed: false, window, close: None };
    Offer { live: None, ..plan.live_offer(last, duration, live) }
}
