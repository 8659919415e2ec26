//! The end of what was kept of a live programme: a set like that of a film.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use super::edge::edge;
use super::record::{FACTS, Kept, MARKERS};
use super::told::Change;
use super::{Error, Run, finish};
use crate::event::Warning;
use crate::job::assemble::{Set, believed};
use crate::job::journal::Journal;
use crate::manifest::{self, Presentation};
use crate::media::{SegmentNumber, Span, Timestamp, Utc};
use crate::output::{Stored, stale};
use crate::package::Segment;
use crate::plan::{LiveOffer, Marked, Marks, Offer, Plan, Spells, names};
use crate::source::SourceInfo;

/// Completes the set of all that was kept of a programme whose zero was at `start`. What was kept and not noted is no part
/// of it.
///
/// # Errors
/// When a segment is gone, or something cannot be written.
pub(super) fn complete(
    kept: Kept,
    run: &Run<'_>,
    info: &SourceInfo,
    start: Utc,
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
    if last == SegmentNumber(0) {
        // Its disk has failed before there was anything.
        Journal::withdraw(&dir)?;
        return Ok(lock.finish()?);
    }
    let duration = edge(&presentation);
    let plan = finish::ended(run.plan, duration);
    let markers = dir.work().join(MARKERS);
    let marks = marks(&markers, start)?;
    let documents = manifest::documents(&offer(run, &plan, last, duration, marks), &presentation)?;
    let set = Set::of_live(&dir, presentation, documents, Vec::new())?;
    let report = finish::report(run, info, &plan, &set, warnings.to_vec())?;
    let named = set.files().iter().map(|file| file.key.clone()).chain([names::REPORT.to_owned()]);
    stale::remove_listed(dir.root(), &Journal::keys(&dir)?, &named.collect())?;
    report.write(&dir)?;
    set.publish(&dir, run.control)?;
    for path in [&path, &markers] {
        fs::remove_file(path).map_err(|source| Error::Record { path: path.clone(), source })?;
    }
    Journal::remove(&dir)?;
    Ok(lock.finish()?)
}

/// What the source had marked. Where a programme is told of as a whole its time goes on without a break, and so do dates.
fn marks(path: &Path, start: Utc) -> Result<Marks, Error> {
    let failed = |source| Error::Record { path: path.to_owned(), source };
    let mut marked: Vec<Marked> = Vec::new();
    for line in BufReader::new(File::open(path).map_err(failed)?).lines() {
        let change: Change = serde_json::from_str(&line.map_err(failed)?).map_err(|error| failed(error.into()))?;
        change.apply(&mut marked);
    }
    if marked.is_empty() {
        return Ok(Marks::default());
    }
    let date = |at_us| start.after_us(at_us).to_millisecond();
    for marked in &mut marked {
        marked.date = date(marked.marker.at_us);
        if let Some(end) = &mut marked.end {
            end.date = date(end.at_us);
        }
    }
    Ok(Marks { marked, start: Some(start) })
}

/// What is offered of a whole programme: what was made for that from the beginning would be offered so.
fn offer(run: &Run<'_>, plan: &Plan, last: SegmentNumber, duration: Span, marks: Marks) -> Offer {
    let now = Utc::since_1970(run.clock.utc());
    let (first, window, zero) = (SegmentNumber(1), run.window, Timestamp::zero(duration.scale()));
    let (spells, resting, rest) = (Spells::unbroken(now, zero), None, Duration::ZERO);
    let live = LiveOffer { first, spells, resting, rest, now, ended: true, timed: false, window, close: None };
    let messages = run.request.metadata.is_some();
    Offer { live: None, marks, messages, ..plan.live_offer(last, duration, live) }
}
