//! Flags of the small verbs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::super::encryption::KeyFlags;
use super::Telling;
use super::settings::{PictureFlags, RangeFlags};
use super::values::directory;

/// Flags of `probe`.
#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// The source: any file that FFmpeg reads
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// Print JSON instead of a table
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}

/// Flags of `thumbnails`.
#[derive(Debug, Args)]
pub(crate) struct Thumbnails {
    /// The source: any file that FFmpeg reads
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// The directory that gets `thumbnails/`, `poster.jpg` and `streampack.json`, which lists them
    #[arg(short, long, value_name = "DIR", value_parser = directory())]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) range: RangeFlags,
    #[command(flatten)]
    pub(crate) pictures: PictureFlags,
    /// Make them again though they are there, and replace files of others
    #[arg(long, help_heading = "Run")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The directory of a set, or one of its manifests (.m3u8, .mpd)
    #[arg(value_name = "OUT")]
    pub(crate) set: PathBuf,
    /// Exit with 15 for warnings too
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFlags,
    /// Print violations on stdout, one JSON object per line
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}

/// Flags of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// What will be written to: a directory, or s3://BUCKET/PREFIX, gs://… or az://… [default: the current directory]
    ///
    /// Into a bucket an empty object is put, and taken away again.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Print JSON instead of lines
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}

/// Flags of `man`.
#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// The page of one command, with all of its flags, instead of the page about everything
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

/// Flags of `completions`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Flags of `presets`.
#[derive(Debug, Args)]
pub(crate) struct Presets {
    #[command(subcommand)]
    pub(crate) verb: Option<PresetsVerb>,
    /// Print JSON instead of a table
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}

/// What to do with presets.
#[derive(Debug, Subcommand)]
pub(crate) enum PresetsVerb {
    /// Print a preset with every setting, as JSON that --preset takes
    Show {
        /// A built-in preset, or a file
        #[arg(value_name = "NAME|FILE")]
        name: String,
    },
}
