//! Where a finished set is brought, as a job file says it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `streampack sync` would be told. All sets of the run are brought there when every one of them is made; an output
/// that is in a bucket itself is there already, and is only delivered as this says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// `s3://BUCKET/PREFIX`, `gs://…`, `az://…` or a directory; left out where `output` is in a bucket itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PathBuf>,
    /// Delete what streampack put there and is gone here.
    #[serde(default)]
    pub delete: bool,
    /// Change nothing when more objects than this would be deleted; any number may be when this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_delete: Option<usize>,
    /// Replace objects of others.
    #[serde(default)]
    pub force: bool,
    /// How long caches keep media: the value of Cache-Control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control_media: Option<String>,
    /// How long caches keep everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control_manifest: Option<String>,
    /// The distribution of CloudFront that is told of what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalidate: Option<String>,
    /// What the distribution calls the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalidate_root: Option<String>,
}
