//! Flags of `encode` and `plan`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::super::encryption::KeyFlags;
use super::settings::{SettingFlags, SubtitleFlags};
use super::values::jobs;
use super::{DeliveryFlags, Telling};

/// Flags of `encode`.
#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// The source: any file that FFmpeg reads; or several, and directories
    ///
    /// Of directories all files that are named like video or sound are encoded, and links are followed. Each file
    /// has a set of its own: OUT/season1/e01 for season1/e01.mp4 in the directory that is named.
    #[arg(value_name = "INPUT", required_unless_present = "job")]
    pub(crate) inputs: Vec<PathBuf>,
    /// The directory that is made, or continued, or s3://BUCKET/PREFIX, gs://… or az://…; of several inputs each has
    /// one below it
    ///
    /// Of a set in a bucket each segment goes up as soon as it is finished, and manifests last. What is still to go up
    /// waits in the cache of the user.
    #[arg(short, long, value_name = "OUT", required_unless_present_any = ["dry_run", "job"])]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) patterns: PatternFlags,
    #[command(flatten)]
    pub(crate) several: SeveralFlags,
    #[command(flatten)]
    pub(crate) delivery: Box<DeliveryFlags>,
    #[command(flatten)]
    pub(crate) hooks: HookFlags,
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    #[command(flatten)]
    pub(crate) subtitles: SubtitleFlags,
    #[command(flatten)]
    pub(crate) keys: Box<KeyFlags>,
    /// Ignore finished work and do it again, and replace files of others
    ///
    /// Without it a file that stands where an object of the set will, and that streampack did not make, ends
    /// the run before anything is written.
    #[arg(long, help_heading = "Run")]
    pub(crate) force: bool,
    /// Show what would be done, and stop: the same as `plan`
    #[arg(long, help_heading = "Run")]
    pub(crate) dry_run: bool,
    /// Do not publish, whatever the job says
    #[arg(long, requires = "job", help_heading = "Run")]
    pub(crate) no_publish: bool,
    /// Work on this many things at once [default: one per processor]
    ///
    /// The result is the same for any number.
    #[arg(short, long, value_name = "N", help_heading = "Run", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// Flags of `plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The source: any file that FFmpeg reads; or several, and directories
    #[arg(value_name = "INPUT", required_unless_present = "job")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) patterns: PatternFlags,
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    #[command(flatten)]
    pub(crate) subtitles: SubtitleFlags,
    /// Print JSON instead of a table
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}

/// What of directories is encoded.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Several inputs")]
pub(crate) struct PatternFlags {
    /// Of directories only what matches: '*.mov', 'season1/**'
    ///
    /// A pattern without a slash is about the name, one with a slash about the path below INPUT. `*` does not cross
    /// a slash, `**` does; quote them. May be given again. What matches and is not named like media is looked into.
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Of directories not what matches; stronger than --include
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
}

/// How several inputs are treated.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Several inputs")]
pub(crate) struct SeveralFlags {
    /// Go on with the other inputs when one fails
    ///
    /// Without it the first failure stops the others, which the same command goes on with. The exit code is 3 in
    /// either case.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Write JUnit XML for CI systems, a case for each input
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// Who is told at the end.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Hooks")]
pub(crate) struct HookFlags {
    /// Tell a command or a URL when all is done; may be given again
    ///
    /// A URL gets a POST of JSON with the report, tried again for half a minute. A command gets the same on its
    /// standard input, and STREAMPACK_OUTPUT and STREAMPACK_REPORT; it is started through no shell: write
    /// 'sh -c "..."' for one. When it fails, the exit code is 17. docs/hooks.md says more.
    #[arg(long, value_name = "COMMAND|URL")]
    pub(crate) on_complete: Vec<String>,
    /// Tell a command or a URL when something failed; may be given again
    #[arg(long, value_name = "COMMAND|URL")]
    pub(crate) on_failure: Vec<String>,
}
