//! What a job says of publishing: the same as flags of `sync`, and done when every set is made.

use std::path::Path;

use streampack::config::Publish;
use streampack::job::sync::{Distribution, Request};
use streampack::output::object::Location;

use super::Run;
use super::args::{Telling, distribution, header};
use super::error::Error;
use super::sync::{JOBS, bring, destination};
use super::view::{Subject, View};

/// The request that brings what is in `output` to where the job says. Fails before anything is encoded for it.
pub(crate) fn request(publish: Publish, output: &Path) -> Result<Request, Error> {
    let refused = |problem: &dyn std::fmt::Display| Error::Usage(format!("publish of the job: {problem}"));
    if !matches!(Location::parse(output.as_os_str()), Ok(Location::Directory(_))) {
        let problem = "the output is in a bucket already; leave `publish` out, or let `output` be a directory";
        return Err(refused(&problem));
    }
    let header = |value: Option<String>| value.as_deref().map(header).transpose().map_err(|problem| refused(&problem));
    if publish.max_delete.is_some() && !publish.delete {
        return Err(refused(&"`max_delete` has no effect without `delete`"));
    }
    if publish.invalidate_root.is_some() && publish.invalidate.is_none() {
        return Err(refused(&"`invalidate_root` has no effect without `invalidate`"));
    }
    let invalidate =
        publish.invalidate.as_deref().map(distribution).transpose().map_err(|problem| refused(&problem))?;
    Ok(Request {
        source: output.to_owned(),
        destination: destination(publish.to.as_os_str(), invalidate.is_some())?,
        all: false,
        cache_control_media: header(publish.cache_control_media)?,
        cache_control_manifest: header(publish.cache_control_manifest)?,
        delete: publish.delete,
        max_delete: publish.max_delete,
        force: publish.force,
        dry_run: false,
        invalidate: invalidate.map(|id| Distribution { id, root: publish.invalidate_root }),
        jobs: JOBS,
    })
}

/// Publishes. The bars of the work before have gone, so it has its own.
pub(crate) fn publish(request: &Request, telling: Telling, run: &Run, view: &View<'_>) -> Result<(), Error> {
    match view {
        View::Json(_) => bring(request, true, run, view).map(drop),
        _ => {
            let subject = Subject::One(request.source.clone());
            bring(request, false, run, &View::new(telling, &run.terminal, &run.clock, &run.cancel, &subject)).map(drop)
        }
    }
}
