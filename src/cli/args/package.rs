//! Flags of `package`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use streampack::config::{self, Seconds};
use streampack::media::Language;

use super::super::encryption::{EncryptionFlags, KeyFlags};
use super::settings::{OutputFlags, PictureFlags, SubtitleFlags, TextFlags};
use super::values::jobs;
use super::{DeliveryFlags, HookFlags, Telling};

/// Flags of `package`.
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// The renditions: files with pictures, sound, or both
    #[arg(value_name = "RENDITION", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// The directory that is made; or s3://BUCKET/PREFIX, gs://… or az://…
    #[arg(short, long, value_name = "OUT", required_unless_present = "dry_run")]
    pub(crate) output: Option<PathBuf>,
    /// Length of a segment, 1 to 60: each ends at the key frame nearest to it
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, help_heading = "Segments")]
    pub(crate) segment_duration: Option<Seconds>,
    /// Package renditions whose key frames do not align as switching sets of their own
    ///
    /// Without it they are an error that names the times where they differ. Players do not switch between
    /// switching sets by themselves.
    #[arg(long, help_heading = "Segments")]
    pub(crate) allow_unaligned: bool,
    /// Only sound in these languages: en,de; und for tracks that name none
    #[arg(long, value_name = "LANG,...", value_delimiter = ',', value_parser = config::language, help_heading = "Audio")]
    pub(crate) audio_language: Option<Vec<Language>>,
    #[command(flatten)]
    pub(crate) pictures: PictureFlags,
    /// Make neither thumbnails nor a poster: nothing is decoded then
    #[arg(
        long,
        conflicts_with_all = ["thumbnail_interval", "thumbnail_width", "poster"],
        help_heading = "Pictures"
    )]
    pub(crate) no_thumbnails: bool,
    #[command(flatten)]
    pub(crate) text: TextFlags,
    #[command(flatten)]
    pub(crate) subtitles: SubtitleFlags,
    #[command(flatten)]
    pub(crate) written: OutputFlags,
    #[command(flatten)]
    pub(crate) encryption: EncryptionFlags,
    #[command(flatten)]
    pub(crate) keys: KeyFlags,
    #[command(flatten)]
    pub(crate) delivery: DeliveryFlags,
    #[command(flatten)]
    pub(crate) hooks: HookFlags,
    /// Do finished work again, and replace files of others
    ///
    /// Without it a file that stands where an object of the set will, and that streampack did not make, ends
    /// the run before anything is written.
    #[arg(long, help_heading = "Run")]
    pub(crate) force: bool,
    /// Show what would be made, and stop
    #[arg(long, conflicts_with = "json", help_heading = "Run")]
    pub(crate) dry_run: bool,
    /// Work on this many files at once [default: one per processor]
    ///
    /// The result is the same for any number.
    #[arg(short, long, value_name = "N", help_heading = "Run", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) telling: Telling,
}
