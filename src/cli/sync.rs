//! `streampack sync`: flags in, what was brought to a destination out.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use serde_json::{Value, json};
use streampack::event::Control;
use streampack::job::sync::{self as job, Done, Request};

use super::Run;
use super::args::Sync;
use super::delivery::{delivery, located, require_amazon};
use super::error::{Error, one_line};
use super::notify::{self, About, Hooks};
use super::report::bytes;
use super::view::View;

/// Requests under way at once: enough to hide the way to a store, few enough for their bodies to stay in memory.
pub(crate) const JOBS: usize = 16;

/// Publishes a directory, or shows what would be done.
pub(crate) fn sync(sync: &Sync, run: &Run, view: &View<'_>) -> Result<(), Error> {
    let hooks = Hooks::of(&sync.hooks)?;
    let (destination, delivery) = (located(Path::new(&sync.destination))?, delivery(&sync.delivery));
    require_amazon(&delivery, &destination)?;
    let request = Request {
        source: sync.source.clone(),
        destination,
        all: sync.all,
        delivery,
        delete: sync.delete,
        max_delete: sync.max_delete,
        force: sync.force,
        dry_run: sync.dry_run,
        jobs: sync.jobs.map_or(JOBS, NonZeroUsize::get),
    };
    let done = bring(&request, sync.telling.json, run, view);
    let about = About {
        inputs: vec![request.source.display().to_string()],
        output: request.destination.to_string(),
        report_path: None,
    };
    let report = done.as_ref().ok().map(report);
    notify::notify(done.map(drop), report, (&hooks, &about), run, view)
}

/// What hooks are told was done.
fn report(done: &Done) -> Value {
    let Done { put, same, removed, invalidated } = done;
    let bytes: u64 = put.iter().map(|(_, bytes, _)| bytes).sum();
    let put: Vec<&String> = put.iter().map(|(key, ..)| key).collect();
    json!({ "put": put, "bytes": bytes, "unchanged": same, "deleted": removed, "invalidated": invalidated })
}

/// Does it, and tells what was done.
pub(crate) fn bring(request: &Request, json: bool, run: &Run, view: &View<'_>) -> Result<Done, Error> {
    let done = job::sync(request, Control { observer: view, cancel: &run.cancel });
    view.close();
    let done = done?;
    if json {
        return Ok(done);
    }
    if request.dry_run {
        run.terminal.print(&list(&done))?;
    }
    run.terminal.tell(&format!("{}: {}\n", request.destination, summary(&done, request.dry_run)));
    Ok(done)
}

/// What would be done, one object a line.
fn list(done: &Done) -> String {
    let mut text = String::new();
    for (key, size, why) in &done.put {
        let _ = writeln!(text, "put     {:>9}  {} ({})", bytes(*size), one_line(key), why.name());
    }
    for key in &done.removed {
        let _ = writeln!(text, "delete             {}", one_line(key));
    }
    for path in &done.invalidated {
        let _ = writeln!(text, "invalidate         {path}");
    }
    text
}

/// `put 12 objects (3.4 MB), 120 unchanged, deleted 2`.
fn summary(done: &Done, dry_run: bool) -> String {
    let objects = |count: usize| format!("{count} object{}", if count == 1 { "" } else { "s" });
    let verb = |done: &'static str, future: &'static str| if dry_run { future } else { done };
    let Done { put, same, removed, invalidated } = done;
    let mut parts = Vec::new();
    if !put.is_empty() {
        let size = put.iter().map(|(_, bytes, _)| bytes).sum();
        parts.push(format!("{} {} ({})", verb("put", "would put"), objects(put.len()), bytes(size)));
    }
    if *same > 0 {
        parts.push(format!("{} unchanged", objects(*same)));
    }
    if !removed.is_empty() {
        parts.push(format!("{} {}", verb("deleted", "would delete"), objects(removed.len())));
    }
    if !invalidated.is_empty() {
        let paths = if invalidated.len() == 1 { "path" } else { "paths" };
        parts.push(format!("{} {} {paths}", verb("invalidated", "would invalidate"), invalidated.len()));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use streampack::event::Why;

    use super::*;

    #[test]
    fn what_was_done_is_one_line() {
        let done = Done {
            put: vec![("a".into(), 1_000_000, Why::New), ("b".into(), 500_000, Why::Headers)],
            same: 1,
            removed: vec!["c".into()],
            invalidated: vec!["/b".into()],
        };
        let text = "put 2 objects (1.5 MB), 1 object unchanged, deleted 1 object, invalidated 1 path";
        assert_eq!(summary(&done, false), text);
        assert!(summary(&done, true).starts_with("would put 2 objects"));
        let lines =
            "put        1.0 MB  a (new)\nput      500.0 kB  b (headers)\ndelete             c\ninvalidate         /b\n";
        assert_eq!(list(&done), lines);
        assert_eq!(summary(&Done { same: 3, ..Done::default() }, false), "3 objects unchanged");
    }
}
