//! What flags say of how objects are delivered from a bucket.

use std::path::Path;

use streampack::job::sync::{CacheControl, Delivery, Distribution};
use streampack::output::object::{Bucket, Location, Service};

use super::args::DeliveryFlags;
use super::error::Error;

/// What the flags say.
pub(crate) fn delivery(flags: &DeliveryFlags) -> Delivery {
    let DeliveryFlags { cache_control_media, cache_control_manifest, invalidate, invalidate_root } = flags.clone();
    Delivery {
        cache_control: CacheControl { media: cache_control_media, manifest: cache_control_manifest },
        invalidate: invalidate.map(|id| Distribution { id, root: invalidate_root }),
    }
}

/// Refuses what has no effect where the output is.
pub(crate) fn require_effect(delivery: &Delivery, output: &Location) -> Result<(), Error> {
    let Delivery { cache_control: CacheControl { media, manifest }, invalidate } = delivery;
    let asked = [
        ("--cache-control-media", media.is_some()),
        ("--cache-control-manifest", manifest.is_some()),
        ("--invalidate", invalidate.is_some()),
    ];
    let asked = asked.into_iter().find(|(_, asked)| *asked).map(|(flag, _)| flag);
    if let (Location::Directory(_), Some(flag)) = (output, asked) {
        let remedy = "give -o s3://BUCKET/PREFIX, or pass it to `streampack sync`";
        return Err(Error::Usage(format!("{flag} has no effect on an output in a directory; {remedy}")));
    }
    require_amazon(delivery, output)
}

/// CloudFront is in front of S3.
pub(crate) fn require_amazon(delivery: &Delivery, output: &Location) -> Result<(), Error> {
    let amazon = matches!(output, Location::Bucket(Bucket { service: Service::S3, .. }));
    match delivery.invalidate.is_some() && !amazon {
        true => Err(Error::Usage("--invalidate is for CloudFront in front of an s3:// destination".to_owned())),
        false => Ok(()),
    }
}

/// The place that an output names.
pub(crate) fn located(output: &Path) -> Result<Location, Error> {
    Location::parse(output.as_os_str()).map_err(|error| Error::Usage(error.to_string()))
}
