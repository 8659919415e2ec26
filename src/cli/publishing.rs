//! What a job and flags say of publishing: how an output in a bucket is delivered, or where one in a directory is
//! brought when every set is made, which is the same as what `sync` does.

use std::path::Path;

use streampack::config::{Origin, Publish};
use streampack::job::sync::{CacheControl, Delivery, Distribution, Request};
use streampack::output::object::Location;

use super::Run;
use super::args::{DeliveryFlags, Telling, distribution, header};
use super::delivery::{delivery, located, require_amazon, require_effect};
use super::document::Destined;
use super::error::Error;
use super::sync::{JOBS, bring};
use super::view::{Subject, View};

/// What is published.
#[derive(Debug, Default)]
pub(crate) struct Publishing {
    /// How an output in a bucket is delivered.
    pub(crate) delivery: Delivery,
    /// What is brought elsewhere when all is made.
    pub(crate) request: Option<Request>,
    /// What a bucket is told, either way.
    pub(crate) destined: Option<Destined>,
}

/// Who said where an output goes, and who the job is.
#[derive(Clone, Debug)]
pub(crate) struct By {
    pub(crate) output: Origin,
    pub(crate) job: Origin,
}

impl Publishing {
    /// What the flags say, over the job. Fails before anything is encoded for it.
    pub(crate) fn of(job: Option<Publish>, flags: &DeliveryFlags, output: &Path, by: By) -> Result<Self, Error> {
        let (asked, place) = (delivery(flags), located(output)?);
        let destined = |to: &Location, named: &Origin, delivery: &Delivery| {
            Destined::new(to, named.clone(), delivery, flags, &by.job)
        };
        let Some(publish) = job else {
            require_effect(&asked, &place)?;
            let destined = destined(&place, &by.output, &asked);
            return Ok(Self { delivery: asked, request: None, destined });
        };
        let delivery = over(asked, said(&publish)?);
        match (&place, publish.to.clone()) {
            (Location::Directory(_), Some(to)) => {
                let request = request(&publish, &to, delivery, output)?;
                let destined = destined(&request.destination, &by.job, &request.delivery);
                Ok(Self { delivery: Delivery::default(), request: Some(request), destined })
            }
            (Location::Directory(_), None) => Err(refused(&"`to` is missing: the output is in a directory")),
            (Location::Bucket(_), Some(_)) => {
                Err(refused(&"the output is in a bucket already; leave `to` out, or let `output` be a directory"))
            }
            (Location::Bucket(_), None) => {
                if publish.delete || publish.max_delete.is_some() || publish.force {
                    let why = "`delete`, `max_delete` and `force` are about what is brought to `to`";
                    return Err(refused(&why));
                }
                require_amazon(&delivery, &place)?;
                let destined = destined(&place, &by.output, &delivery);
                Ok(Self { delivery, request: None, destined })
            }
        }
    }
}

fn refused(problem: &dyn std::fmt::Display) -> Error {
    Error::Usage(format!("publish of the job: {problem}"))
}

/// What the job says of delivery.
fn said(publish: &Publish) -> Result<Delivery, Error> {
    let header = |value: &Option<String>| value.as_deref().map(header).transpose().map_err(|problem| refused(&problem));
    if publish.invalidate_root.is_some() && publish.invalidate.is_none() {
        return Err(refused(&"`invalidate_root` has no effect without `invalidate`"));
    }
    let id = publish.invalidate.as_deref().map(distribution).transpose().map_err(|problem| refused(&problem))?;
    let (media, manifest) = (header(&publish.cache_control_media)?, header(&publish.cache_control_manifest)?);
    let invalidate = id.map(|id| Distribution { id, root: publish.invalidate_root.clone() });
    Ok(Delivery { cache_control: CacheControl { media, manifest }, invalidate })
}

/// The first, and where that says nothing the second.
fn over(asked: Delivery, said: Delivery) -> Delivery {
    let (first, second) = (asked.cache_control, said.cache_control);
    let cache_control =
        CacheControl { media: first.media.or(second.media), manifest: first.manifest.or(second.manifest) };
    Delivery { cache_control, invalidate: asked.invalidate.or(said.invalidate) }
}

/// The request that brings what is in the directory `output` to where the job says.
fn request(publish: &Publish, to: &Path, delivery: Delivery, output: &Path) -> Result<Request, Error> {
    if publish.max_delete.is_some() && !publish.delete {
        return Err(refused(&"`max_delete` has no effect without `delete`"));
    }
    let destination = located(to)?;
    require_amazon(&delivery, &destination)?;
    Ok(Request {
        source: output.to_owned(),
        destination,
        all: false,
        delivery,
        delete: publish.delete,
        max_delete: publish.max_delete,
        force: publish.force,
        dry_run: false,
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
