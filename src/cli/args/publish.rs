//! Flags of `sync` and `serve`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::super::encryption::KeyFlags;
use super::values::{address, count, distribution, header, jobs};
use super::{HookFlags, Telling};

/// Flags of `sync`.
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// The directory that encode wrote, or one above several
    #[arg(value_name = "OUT")]
    pub(crate) source: PathBuf,
    /// Where to: s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or a directory
    // Parsed later: a refusal by clap would repeat it, with whatever password somebody put into it.
    #[arg(value_name = "DESTINATION")]
    pub(crate) destination: OsString,
    #[command(flatten)]
    pub(crate) delivery: DeliveryFlags,
    /// Publish files too that no streampack.json lists, but for hidden ones
    #[arg(long, help_heading = "Objects")]
    pub(crate) all: bool,
    /// Remove what streampack put there and is gone from OUT, after everything else
    #[arg(long, help_heading = "Objects")]
    pub(crate) delete: bool,
    /// Change nothing when more objects than this would be removed
    #[arg(long, value_name = "N", requires = "delete", value_parser = count, help_heading = "Objects")]
    pub(crate) max_delete: Option<usize>,
    /// Replace objects of others
    ///
    /// Without it an object that stands where one of OUT will, and that streampack did not put there, ends the run
    /// before anything is changed.
    #[arg(long, help_heading = "Objects")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) hooks: HookFlags,
    /// Show what would be done, and stop
    #[arg(long, conflicts_with_all = ["on_complete", "on_failure"], help_heading = "Run")]
    pub(crate) dry_run: bool,
    /// Have this many requests under way at once [default: 16]
    #[arg(short, long, value_name = "N", help_heading = "Run", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// How objects are delivered from a bucket.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Delivery")]
pub(crate) struct DeliveryFlags {
    /// Cache-Control of segments and headers [default: public, max-age=31536000, immutable]
    #[arg(long, value_name = "VALUE", value_parser = header)]
    pub(crate) cache_control_media: Option<String>,
    /// Cache-Control of manifests and all else that may change
    /// [default: public, max-age=0, s-maxage=60, must-revalidate]
    #[arg(long, value_name = "VALUE", value_parser = header)]
    pub(crate) cache_control_manifest: Option<String>,
    /// Let CloudFront forget what changed: one invalidation of those manifests and other paths
    ///
    /// Of exactly the objects that were there, changed or went, and are not kept for good by caches.
    #[arg(long, value_name = "DISTRIBUTION", value_parser = distribution)]
    pub(crate) invalidate: Option<String>,
    /// What the paths begin with on the distribution [default: the prefix in the bucket]
    ///
    /// For a distribution whose origin has a path: / when that is the prefix.
    #[arg(long, value_name = "PATH", requires = "invalidate")]
    pub(crate) invalidate_root: Option<String>,
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The directory that encode wrote, or one above several [default: .]
    #[arg(value_name = "OUT")]
    pub(crate) root: Option<PathBuf>,
    /// Listen here; port 0 is any free one [default: 127.0.0.1:8080]
    ///
    /// 127.0.0.1 is reached from this machine alone, 0.0.0.0 from every machine that reaches this one.
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    pub(crate) addr: Option<String>,
    /// Open the preview in the browser
    #[arg(long, conflicts_with = "no_preview")]
    pub(crate) open: bool,
    /// Serve the files alone, without a page to play them
    #[arg(long)]
    pub(crate) no_preview: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFlags,
    /// Give keys to whoever shows the token in this file, and to nobody else
    ///
    /// Those of aes-128 at /_licence/aes-128/{kid}, and licences of Clear Key, as ?token=TOKEN or as the header
    /// Authorization: Bearer TOKEN; the page takes it as ?token=TOKEN too. A token is at least 16 letters, digits and
    /// -._~. Without it there is no path for aes-128, and Clear Key licences, which give the same keys, are for everybody
    /// who reaches the address.
    #[arg(long, value_name = "FILE", requires = "KeyFlags", help_heading = "Encryption")]
    pub(crate) key_token_file: Option<PathBuf>,
    /// Print events on stdout, one JSON object per line
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}
