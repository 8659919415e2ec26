//! A programme whose run was killed goes on: what must be as it was, and what stands of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::programme::{Left, Programme, Row};
use super::sliding::Sliding;
use super::{Error, Run};
use crate::job::journal::Journal;
use crate::manifest::Presentation;
use crate::media::{SegmentNumber, Timestamp};
use crate::output::{Dir, Stored, Workspace, stale};
use crate::package::InitSegment;
use crate::plan::{Marked, SegmentGrid, Spell, Window};

/// What must be as it was: players have been told of it, or files are named by it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Terms {
    settings: serde_json::Value,
    grid: SegmentGrid,
    window: u64,
    /// It is offered in parts.
    in_parts: bool,
    record: Option<PathBuf>,
    /// The MPD says that there may be timed metadata.
    #[serde(default)]
    metadata: bool,
    headers: Vec<InitSegment>,
}

impl Terms {
    /// Those of a run with these headers.
    pub(super) fn of(run: &Run<'_>, headers: &[(InitSegment, Vec<u8>)]) -> Result<Self, Error> {
        let settings = serde_json::to_value(&run.request.settings).map_err(|e| Error::Internal(e.to_string()))?;
        let record = run.request.record.as_deref().map(std::path::absolute).transpose();
        Ok(Self {
            settings,
            grid: run.plan.grid,
            window: run.window.segments,
            in_parts: run.parts.is_some(),
            record: record.map_err(|e| Error::Internal(e.to_string()))?,
            metadata: run.request.metadata.is_some(),
            headers: headers.iter().map(|(init, _)| init.clone()).collect(),
        })
    }

    /// What is not as it was, in words; nothing when all of it is.
    fn change_from(&self, before: &Self) -> Option<String> {
        // Parts of a segment that was not finished have been offered: its number cannot be used again.
        if self.in_parts || before.in_parts {
            return Some("parts of the segment that was being made were offered at low latency".to_owned());
        }
        if let Some(change) = changed_setting(&before.settings, &self.settings) {
            return Some(change);
        }
        let shown =
            |record: &Option<PathBuf>| record.as_ref().map_or("nothing".to_owned(), |at| at.display().to_string());
        if self.window != before.window {
            return Some(format!("it offered {} segments at a time, and now {}", before.window, self.window));
        }
        if self.record != before.record {
            return Some(format!("--record was {}, and is {}", shown(&before.record), shown(&self.record)));
        }
        if self.metadata != before.metadata {
            let [was, is] = [before, self].map(|terms| if terms.metadata { "given" } else { "not given" });
            return Some(format!("--metadata-pipe was {was}, and is {is}"));
        }
        let names =
            |terms: &Self| -> Vec<String> { terms.headers.iter().map(|header| header.rendition.to_string()).collect() };
        if names(self) != names(before) {
            let [was, is] = [before, self].map(|terms| names(terms).join(", "));
            return Some(format!("its renditions were {was}, and are {is}: the source is another one"));
        }
        if self.grid != before.grid {
            return Some("its pictures come at another rate: the source is another one".to_owned());
        }
        let other = self.headers.iter().zip(&before.headers).find(|(is, was)| is != was);
        other.map(|(header, _)| format!("{} has changed (other keys, or another version of an encoder)", header.key))
    }
}

fn changed_setting(before: &serde_json::Value, now: &serde_json::Value) -> Option<String> {
    let (before, now) = (before.as_object()?, now.as_object()?);
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let value = |of: Option<&serde_json::Value>| of.map_or("not set".to_owned(), ToString::to_string);
    let changed = names.into_iter().find(|name| before.get(*name) != now.get(*name))?;
    Some(format!("`{changed}` was {}, and is {}", value(before.get(changed)), value(now.get(changed))))
}

/// What stands of a programme that goes on.
pub(super) struct Resumed {
    left: Left<Terms>,
    pub(super) sliding: Sliding,
    /// What players are offered, in order; at least one.
    rows: Vec<Row>,
}

impl Resumed {
    /// What stands in the output, whose lock the caller holds; nothing where no run has begun a programme that is not
    /// complete. Nothing is changed by it.
    ///
    /// # Errors
    /// When it cannot go on.
    pub(super) fn find(
        dir: &Dir,
        window: Window,
        terms: &Terms,
        headers: &[(InitSegment, Vec<u8>)],
    ) -> Result<Option<Self>, Error> {
        let Some(left) = Left::<Terms>::find(dir)? else { return Ok(None) };
        if !Journal::is_of(dir, &left.key)? {
            return Ok(None);
        }
        let refused = |why| Error::Resume { output: dir.root().to_owned(), why };
        if let Some(why) = terms.change_from(&left.terms) {
            return Err(refused(why));
        }
        for (init, body) in headers {
            if dir.size(&init.key)?.is_none() || dir.get(&init.key)? != *body {
                return Err(refused(format!("{} is gone or another one", init.key)));
            }
        }
        let (sliding, rows) = left.offered(window);
        for segment in rows.iter().flat_map(|row| &row.segments) {
            if dir.size(&segment.key)? != Some(segment.bytes) {
                return Err(refused(format!("{} is gone or another one", segment.key)));
            }
        }
        Ok(Some(Self { left, sliding, rows }))
    }

    /// Which programme it is.
    pub(super) fn key(&self) -> &str {
        &self.left.key
    }

    /// The last segment that players were offered.
    pub(super) fn last(&self) -> SegmentNumber {
        self.rows.last().map_or(SegmentNumber(0), |row| row.number)
    }

    /// What the source had marked.
    pub(super) fn marked(&self) -> Vec<Marked> {
        self.left.marked.clone()
    }

    /// The one that comes next.
    pub(super) fn next(&self) -> SegmentNumber {
        SegmentNumber(self.last().0 + 1)
    }

    /// Its place on the wall clock up to the next segment, which begins then.
    pub(super) fn anchor(&self, from: Timestamp) -> Option<Anchor> {
        let mut spells: Vec<Spell> = self.rows.iter().map(|row| row.spell).collect();
        spells.dedup_by_key(|spell| spell.breaks);
        Some(Anchor::after(self.rows.first()?.start, spells.into_iter(), self.next(), from))
    }

    /// Goes on with the files in which it is kept.
    pub(super) fn programme(&self, dir: &Dir) -> Result<Programme, Error> {
        Ok(Programme::go_on(dir, &self.left)?)
    }

    /// Removes what was never offered: no manifest has named it.
    pub(super) fn remove_unoffered(&self, dir: &Dir, own: &[String]) -> Result<(), Error> {
        let offered = self.rows.iter().flat_map(|row| &row.segments).map(|segment| segment.key.clone());
        let behind = self.sliding.behind().map(str::to_owned);
        let kept: BTreeSet<String> = offered.chain(behind).chain(own.iter().cloned()).collect();
        stale::remove_listed(dir.root(), &Journal::keys(dir)?, &kept)?;
        Ok(())
    }

    /// Puts the segments that players are offered into a presentation that has their headers.
    pub(super) fn fill(&self, dir: &Dir, presentation: &mut Presentation) -> Result<(), Error> {
        for segment in self.rows.iter().flat_map(|row| &row.segments) {
            let stored = Stored::found(dir, &segment.key, segment.bytes, segment.clone())?;
            let gone = || Error::Resume { output: dir.root().to_owned(), why: format!("{} is gone", segment.key) };
            presentation.add_segment(stored.ok_or_else(gone)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_setting_that_has_changed_is_named() {
        let changed = |now| changed_setting(&json!({"crf": 23, "gop": 2.0, "start": null}), &now);
        assert_eq!(changed(json!({"crf": 23, "gop": 2.0, "start": null})), None);
        assert_eq!(
            changed(json!({"crf": 23, "gop": 1.0, "start": null})).as_deref(),
            Some("`gop` was 2.0, and is 1.0")
        );
        assert_eq!(changed(json!({"crf": 23, "gop": 2.0})).as_deref(), Some("`start` was null, and is not set"));
    }
}
