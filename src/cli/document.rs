//! What `probe --json`, `plan --json` and `doctor --json` print, and hooks are told. `docs/schema/plan.json` is generated from these types by
//! `tests/schema.rs`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use streampack::config::{Origin, Setting, Settings};
use streampack::job::doctor::Check;
use streampack::plan::Plan;
use streampack::source::SourceInfo;

/// The version of these documents: fields and types may be added to it, never changed or removed.
pub(crate) const VERSION: u8 = 1;

/// What `streampack probe --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct SourceDocument<'a> {
    pub(crate) v: u8,
    pub(crate) r#type: &'static str,
    pub(crate) source: &'a SourceInfo,
}

/// What `streampack plan --json` prints: what `encode` would do with the same flags.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlanDocument<'a> {
    /// The version of the format, 1.
    #[schemars(range(min = 1, max = 1))]
    pub(crate) v: u8,
    /// What this document is.
    #[schemars(extend("const" = PlanDocument::TYPE))]
    pub(crate) r#type: &'static str,
    /// What the source holds.
    pub(crate) source: &'a SourceInfo,
    /// What will be done to it.
    pub(crate) plan: &'a Plan,
    /// The settings, by name; those that nobody decided are absent.
    #[schemars(schema_with = "settings")]
    pub(crate) settings: BTreeMap<Setting, Decided>,
    /// Where the job publishes what is made; absent when nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publish: Option<String>,
    /// How it is delivered from a bucket; absent when it goes to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<&'a Destined>,
}

/// What a bucket is told of a set, and whoever is in front of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Destined {
    /// The bucket, and what the names of objects begin with in it.
    pub(crate) to: Said,
    /// Cache-Control of segments and headers.
    pub(crate) cache_control_media: Said,
    /// Cache-Control of manifests and all else that may change.
    pub(crate) cache_control_manifest: Said,
    /// The distribution of CloudFront that is told of what changed; absent when none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invalidate: Option<Said>,
    /// What the paths begin with there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invalidate_root: Option<Said>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Said {
    pub(crate) value: String,
    /// Who decided it: "default", "job job.json" or "flag --invalidate".
    #[schemars(with = "String")]
    pub(crate) origin: Origin,
}

impl SourceDocument<'_> {
    pub(crate) const TYPE: &'static str = "source";
}

impl PlanDocument<'_> {
    pub(crate) const TYPE: &'static str = "plan";
}

/// What `streampack doctor --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DoctorDocument<'a> {
    /// The version of the format, 1.
    #[schemars(range(min = 1, max = 1))]
    pub(crate) v: u8,
    /// What this document is.
    #[schemars(extend("const" = DoctorDocument::TYPE))]
    pub(crate) r#type: &'static str,
    /// Nothing failed.
    pub(crate) ok: bool,
    /// Everything that was looked at.
    pub(crate) checks: &'a [Check],
}

impl DoctorDocument<'_> {
    pub(crate) const TYPE: &'static str = "doctor";
}

/// What hooks are told at the end of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HookDocument {
    /// The version of the format, 1.
    #[schemars(range(min = 1, max = 1))]
    pub(crate) v: u8,
    /// How the run ended.
    pub(crate) r#type: Ending,
    /// Its exit code.
    pub(crate) exit_code: u8,
    /// What went wrong; null when nothing did.
    pub(crate) error: Option<String>,
    /// Its inputs, as they were given.
    pub(crate) inputs: Vec<String>,
    /// The output directory, as it was given.
    pub(crate) output: String,
    /// The report, below the output directory as it was given; null when there is none.
    pub(crate) report_path: Option<String>,
    /// What is in it: streampack.json, or of a run over several files streampack-batch.json. Of sync, what it did: the
    /// keys that it put, their bytes, how many were unchanged, what it deleted, and the paths that it invalidated.
    pub(crate) report: Option<serde_json::Value>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// All is there.
    Completed,
    /// Something went wrong.
    Failed,
}

/// One setting.
#[derive(Debug, Serialize)]
pub(crate) struct Decided {
    pub(crate) value: serde_json::Value,
    pub(crate) origin: Origin,
}

/// The schema of [`Settings`], with each setting beside its origin.
fn settings(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Settings::json_schema(generator);
    schema.remove("required");
    let settings = schema.get_mut("properties").and_then(|settings| settings.as_object_mut());
    for (_, setting) in settings.into_iter().flatten() {
        let decided = json_schema!({
            "description": setting.as_object_mut().and_then(|setting| setting.remove("description")),
            "type": "object",
            "properties": {
                "value": setting.take(),
                "origin": {
                    "description": "Who decided it: \"default\", \"preset web\", \"job job.json\", \"environment STREAMPACK_GOP\", \
                                    \"flag --gop\", or \"fitted to gop\" where the default would contradict that setting.",
                    "type": "string"
                }
            },
            "required": ["value", "origin"]
        });
        *setting = decided.to_value();
    }
    schema
}
