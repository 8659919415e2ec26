//! The command line: one struct per verb. No setting has a default here; those are in `presets/default.json`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use streampack::config::{
    self, AudioSpec, Poster, RateControlMode, Rung, RungName, Seconds, Speed, SubtitleFile, TopRung,
};
use streampack::media::Language;
use streampack::source::locator::Locator;

use super::encryption::{EncryptionFlags, KeyFlags, KeysFlags};

const EXAMPLES: &str = "\
Examples:
  streampack encode film.mp4 -o film/   all of it, with the preset web
  streampack plan film.mp4 -p mobile    what encode would do, and why
  streampack live rtmp://h/live/key -o live/   a live programme
  streampack probe film.mp4             what the source holds
  streampack serve film/ --open         play it in the browser
  streampack sync film/ s3://bucket/a   publish it
  streampack presets                    the presets that there are

Settings also come from presets, jobs and variables (STREAMPACK_GOP):
defaults < preset < job < environment < flags.
Exit codes and files are in `streampack man`.";

const ENCODE_EXAMPLES: &str = "\
Examples:
  streampack encode film.mp4 -o film/
      H.264 and AAC in HLS and DASH, no rung larger than the source.
  streampack encode film.mp4 -o film/ --ladder 720p@2500k,360p@700k
      Two rungs of your own.
  streampack encode film.mkv -o film/ --start 60 --end 1:30
      Half a minute, from one minute on.
  streampack encode film.mp4 -o s3://bucket/film
      Straight into a bucket.
  streampack encode show.mp4 -o show/ -p house.json --json | jq .type
      A preset of your own, and events for a script.
  streampack encode films/ -o sets/ --keep-going
      Every film in a directory: films/a/b.mp4 becomes sets/a/b.

A run that was stopped goes on when the same command is given again.";

const PACKAGE_EXAMPLES: &str = "\
Examples:
  streampack package 1080p.mp4 720p.mp4 360p.mp4 -o film/
      A ladder that is encoded already; its sound is taken once.
  streampack package video.ts english.m4a german.m4a -o film/
      Pictures and sound of separate files.
  streampack package *.mp4 -o film/ --dry-run
      What would be made, and whether the key frames align.

Nothing is encoded: segments begin at the key frames that all renditions have.";

const LIVE_EXAMPLES: &str = "\
Examples:
  streampack live rtmp://ingest.example/live/key -o /var/www/event/
      Pull from an RTMP server; any web server delivers the directory.
  ffmpeg -re -i film.mp4 -c copy -f mpegts - | streampack live - -o out/
      From a pipe: MPEG-TS or FLV.
  streampack live https://example.com/live.m3u8 -o out/ --dvr 30m
      From another HLS stream; viewers can go back for half an hour.
  streampack live srt://ingest.example:9000 -o out/ --serve 0.0.0.0:8080
      Deliver it to players as well: http://HOST:8080/master.m3u8
  streampack live - -o out/ --serve 127.0.0.1:8080 --low-latency --part 0.2
      Some two seconds from camera to screen.
  streampack live film.mp4 -o out/ --realtime --ladder 720p@2500k,360p@700k
      A file as if it were live.

Ctrl-C ends the programme: playlists and MPD then say that nothing follows.";

const PLAN_EXAMPLES: &str = "\
Examples:
  streampack plan film.mp4
  streampack plan film.mp4 -p archive-4k --json";

const THUMBNAILS_EXAMPLES: &str = "\
Examples:
  streampack thumbnails film.mp4 -o stills/
  streampack thumbnails film.mp4 -o stills/ --poster 0:42

encode makes thumbnails too; over the same directory it replaces these.";

const PROBE_EXAMPLES: &str = "\
Examples:
  streampack probe film.mkv
  streampack probe film.mkv --json | jq '.source.video[0].resolution'";

const SERVE_EXAMPLES: &str = "\
Examples:
  streampack serve film/ --open
      Play film/ in the browser, with hls.js, dash.js or Shaka Player.
  streampack serve library/ --addr 0.0.0.0:8080
      Every set below library/, for phones and televisions too.
  streampack serve film/ --addr 127.0.0.1:0 --json
      Any free port; the first line says which.

Ctrl-C ends it.";

const SYNC_EXAMPLES: &str = "\
Examples:
  streampack sync film/ s3://bucket/film
      Publish: what differs goes up, manifests last.
  streampack sync library/ gs://bucket/library --delete --dry-run
      Every set below library/; what would be done, and what would go.
  streampack sync film/ s3://bucket/film --invalidate E2EXAMPLE
      And CloudFront asks again for the manifests that changed.
  streampack sync film/ /srv/www/film
      The same into a directory.

Credentials are those of the environment (AWS_PROFILE, roles).";

const VERIFY_EXAMPLES: &str = "\
Examples:
  streampack verify film/
      Every manifest in the directory, and all they lead to.
  streampack verify film/master.m3u8
      One manifest and what it leads to.
  streampack verify film/ --json | jq -r 'select(.clause).clause'
      For scripts: the clauses; the exit code is 15 when there is an error.";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  streampack doctor
  streampack doctor -o /mnt/sets      and whether there is room";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  streampack completions bash \\
      > ~/.local/share/bash-completion/completions/streampack
  streampack completions zsh > \"${fpath[1]}/_streampack\"
  streampack completions fish > ~/.config/fish/completions/streampack.fish";

const PRESETS_EXAMPLES: &str = "\
Examples:
  streampack presets
  streampack presets show mobile > house.json   a preset to start from";

/// Turns a video file into one CMAF set with HLS and DASH manifests, thumbnails and a report
#[derive(Debug, Parser)]
#[command(name = "streampack", version, max_term_width = 100, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Flags of every verb.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Shared {
    /// Say more: causes of errors; twice for FFmpeg's log
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Colour messages
    ///
    /// `auto` colours what goes to a terminal, unless NO_COLOR is set; CLICOLOR_FORCE colours always.
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub(crate) color: Option<ColorWhen>,
}

/// When messages are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Encode a source into a CMAF set with HLS and DASH manifests
    #[command(after_help = ENCODE_EXAMPLES)]
    Encode(Encode),
    /// Package files that are encoded already into the same kind of set
    ///
    /// Takes MP4, MOV, Matroska, WebM and MPEG-TS with H.264, HEVC, AV1 or VP9, and AAC, AC-3, E-AC-3, Opus, FLAC or
    /// MP3. Every picture track becomes a rendition. Sound that several files hold alike is taken once
    #[command(after_help = PACKAGE_EXAMPLES)]
    Package(Package),
    /// Encode a live source into a set that players follow while it grows
    ///
    /// HLS and DASH with a window that slides over the programme. Where pictures or sound are missing, the last
    /// picture and silence take their place; where timestamps jump, the programme goes on without a gap
    #[command(after_help = LIVE_EXAMPLES)]
    Live(Box<Live>),
    /// Show what encode would do, and where each setting comes from
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(Plan),
    /// Show what a source holds
    #[command(after_help = PROBE_EXAMPLES)]
    Probe(Probe),
    /// Make thumbnails, their WebVTT and a poster, and nothing else
    #[command(after_help = THUMBNAILS_EXAMPLES)]
    Thumbnails(Thumbnails),
    /// Serve sets over HTTP, with a page that plays them
    ///
    /// With keys it is a licence server of Clear Key too, and the page plays encrypted sets with it: for tries, as
    /// everybody who reaches the server gets these keys
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Publish finished sets to S3, Google Cloud Storage, Azure or a directory
    ///
    /// Puts what differs, compared by content: headers first, then segments and pictures, then media playlists, then
    /// master.m3u8 and manifest.mpd, so that a viewer never sees a manifest that names a missing object. Each object
    /// gets its media type and says how long caches keep it. What was published before and is the same stays
    #[command(after_help = SYNC_EXAMPLES)]
    Sync(Sync),
    /// Check a finished set, also one of another packager, against HLS, DASH and CMAF
    ///
    /// Reads every manifest and all media they lead to with readers of its own, and prints one line for each
    /// broken rule: `error` for what the specifications require, `warning` for what they recommend, `note` for
    /// what could not be read. The rules are listed in docs/verify.md
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(Verify),
    /// Look whether this machine can do the work: FFmpeg's encoders and filters, room and speed of the disk
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(Doctor),
    /// Make keys to encrypt with
    Keys(KeysFlags),
    /// List the built-in presets, or print one
    #[command(after_help = PRESETS_EXAMPLES, args_conflicts_with_subcommands = true)]
    Presets(Presets),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the manual page in roff; to read it: `streampack man | man -l -`
    Man(Manual),
}

/// Flags of `man`.
#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// The page of one command, with all of its flags, instead of the page about everything
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

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
    pub(crate) hooks: HookFlags,
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    #[command(flatten)]
    pub(crate) subtitles: SubtitleFlags,
    #[command(flatten)]
    pub(crate) keys: KeyFlags,
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

/// Flags of `live`.
#[derive(Debug, Args)]
pub(crate) struct Live {
    /// The source: a URL (http, https, rtmp, rtmps, srt), a file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) input: Locator,
    /// The directory that is made, or s3://BUCKET/PREFIX, gs://… or az://…; it holds the window, and is complete at the
    /// end
    ///
    /// Into a bucket each segment goes as soon as it is finished, and then the manifests that name it.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The settings to start from: a name of `streampack presets`, or a JSON file [default: live]
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) preset: Option<String>,
    #[command(flatten)]
    pub(crate) quality: QualityFlags,
    #[command(flatten)]
    pub(crate) segments: SegmentFlags,
    #[command(flatten)]
    pub(crate) window: WindowFlags,
    #[command(flatten)]
    pub(crate) audio: AudioFlags,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    /// Serve it at HOST:PORT while it lasts, and as long as a playlist after it
    ///
    /// With /healthz and Prometheus metrics at /metrics. 0.0.0.0:PORT lets other machines in.
    #[arg(long, value_name = "ADDR", help_heading = "Output")]
    pub(crate) serve: Option<String>,
    /// Offer HLS in parts of segments as they are made: players stay some three parts behind instead of three segments
    ///
    /// Pictures are encoded without waiting for those after them, which costs bits.
    #[arg(long, requires = "serve", conflicts_with = "no_hls", help_heading = "Low latency")]
    pub(crate) low_latency: bool,
    /// Length of a part in seconds, 0.2 to 1 [default: 0.5]
    #[arg(long, value_name = "SECONDS", requires = "low_latency", help_heading = "Low latency")]
    pub(crate) part: Option<Seconds>,
    /// Write no HLS playlists
    #[arg(long, conflicts_with = "no_dash", help_heading = "Output")]
    pub(crate) no_hls: bool,
    /// Write no DASH MPD
    #[arg(long, help_heading = "Output")]
    pub(crate) no_dash: bool,
    /// Replace files of others
    ///
    /// Without it a file that stands where an object of the set will, and that streampack did not make, ends
    /// the run.
    #[arg(long, help_heading = "Run")]
    pub(crate) force: bool,
    /// Use so many processors [default: all]
    #[arg(short, long, value_name = "N", help_heading = "Run", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// What players are offered at a time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
pub(crate) struct WindowFlags {
    /// So many segments, 3 or more [default: 6]
    ///
    /// Objects go when no player can want them any more: as long after they were offered last as the window lasts.
    #[arg(long, value_name = "SEGMENTS")]
    pub(crate) window: Option<u64>,
    /// So much time, if that is more: 90, 30m, 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) dvr: Option<Seconds>,
}

/// How the source is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct SourceFlags {
    /// Read no faster than the media is shown; for files and pipes that hold more than the present
    #[arg(long)]
    pub(crate) realtime: bool,
    /// Give a source up that gives nothing for so long [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<Seconds>,
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
    /// Print events on stdout, one JSON object per line
    #[arg(long, help_heading = "Messages")]
    pub(crate) json: bool,
}

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
    /// Cache-Control of segments and headers [default: public, max-age=31536000, immutable]
    #[arg(long, value_name = "VALUE", value_parser = header, help_heading = "Delivery")]
    pub(crate) cache_control_media: Option<String>,
    /// Cache-Control of manifests and all else that may change
    /// [default: public, max-age=0, s-maxage=60, must-revalidate]
    #[arg(long, value_name = "VALUE", value_parser = header, help_heading = "Delivery")]
    pub(crate) cache_control_manifest: Option<String>,
    /// Let CloudFront forget what changed: one invalidation of those manifests and other paths
    ///
    /// Of exactly the objects that were there, changed or went, and are not kept for good by caches.
    #[arg(long, value_name = "DISTRIBUTION", value_parser = distribution, help_heading = "Delivery")]
    pub(crate) invalidate: Option<String>,
    /// What the paths begin with on the distribution [default: the prefix of DESTINATION]
    ///
    /// For a distribution whose origin has a path: / when that is the prefix.
    #[arg(long, value_name = "PATH", requires = "invalidate", help_heading = "Delivery")]
    pub(crate) invalidate_root: Option<String>,
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
    /// Show what would be done, and stop
    #[arg(long, help_heading = "Run")]
    pub(crate) dry_run: bool,
    /// Have this many requests under way at once [default: 16]
    #[arg(short, long, value_name = "N", help_heading = "Run", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
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

/// How a long run tells what it does.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Telling {
    /// Print events on stdout, one JSON object per line, and no progress
    #[arg(long)]
    pub(crate) json: bool,
    /// Show no progress
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// Every setting that has a flag.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SettingFlags {
    /// A job as a JSON file: inputs, output and settings
    ///
    /// Its settings are stronger than the preset and weaker than variables of the environment and flags. Paths in it
    /// are relative to its directory; INPUT and -o take the place of its own. docs/jobs.md has the keys.
    #[arg(long, value_name = "FILE")]
    pub(crate) job: Option<PathBuf>,
    /// The settings to start from: a name of `streampack presets`, or a JSON file [default: web]
    ///
    /// What holds a path separator or ends in .json is a file.
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) preset: Option<String>,
    #[command(flatten)]
    pub(crate) quality: QualityFlags,
    #[command(flatten)]
    pub(crate) segments: SegmentFlags,
    #[command(flatten)]
    pub(crate) audio: AudioFlags,
    #[command(flatten)]
    pub(crate) text: TextFlags,
    #[command(flatten)]
    pub(crate) range: RangeFlags,
    #[command(flatten)]
    pub(crate) pictures: PictureFlags,
    /// Make no thumbnails
    #[arg(long, conflicts_with_all = ["thumbnail_interval", "thumbnail_width"], help_heading = "Pictures")]
    pub(crate) no_thumbnails: bool,
    /// Also write this rung as one plain MP4 for download: 720p, or several as 1080p,480p
    ///
    /// progressive/720p.mp4 holds the very pictures of the rung and the sound that plays first, in stereo AAC, and
    /// begins to play before all of it is there. Of a source that is smaller than the rung, the largest rung it has
    /// is taken.
    #[arg(long, value_name = "RUNG,...", value_delimiter = ',', help_heading = "Output")]
    pub(crate) progressive: Option<Vec<RungName>>,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    #[command(flatten)]
    pub(crate) encryption: EncryptionFlags,
}

/// What the pictures look like and cost.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Video")]
pub(crate) struct QualityFlags {
    /// The video renditions, each by the shorter side of its picture and its bit rate
    ///
    /// For example 1080p@5000k,720p@2800k. Rungs larger than the source are left out. The bit rate is the cap
    /// of capped-crf, and the average of vbr and two-pass.
    #[arg(long, value_name = "RUNG,...", value_delimiter = ',')]
    pub(crate) ladder: Option<Vec<Rung>>,
    /// The video codecs: h264
    #[arg(long, value_name = "CODEC,...", value_delimiter = ',', value_parser = config::video_codec)]
    pub(crate) video_codec: Option<Vec<config::EncodableVideo>>,
    /// The rate factor of every rung, 0 to 51; lower is better and larger
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = rate_factor)]
    pub(crate) crf: Option<f64>,
    /// How bits are spent: constant quality under a cap, or towards an average in one pass or two
    ///
    /// capped-crf: the same quality throughout under a cap of 1.1 times the rung's bit rate, over the decoder's
    /// buffer of 1.5 s. vbr and two-pass: the rung's bit rate is the average and peaks go to 1.5 of it; a first
    /// pass, of the smallest rung alone for vbr, tells how the bits are best shared out over the programme.
    #[arg(long, value_name = "MODE", value_parser = rate_control())]
    pub(crate) rate_control: Option<RateControlMode>,
    /// How much time the encoder may take: draft, fast, balanced, quality or archive
    ///
    /// Or a preset of x264 by its own name: ultrafast, superfast, veryfast, faster, medium, slow, slower,
    /// veryslow, placebo.
    #[arg(long, value_name = "SPEED")]
    pub(crate) speed: Option<Speed>,
    /// Whether the largest rung may be the source's own pictures: auto, copy or encode
    ///
    /// auto copies them where they keep every rule of the set and stay within the rung's bit rate: H.264 of the
    /// rung's size with closed GOPs of an even length, a constant rate and a stated colour. The other rungs then get
    /// their key frames where the source has them. copy ends the run with the reasons where auto would encode.
    #[arg(long, value_name = "CHOICE", value_parser = top_rung())]
    pub(crate) top_rung: Option<TopRung>,
}

/// How the media is cut.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Segments")]
pub(crate) struct SegmentFlags {
    /// Length of a segment, 1 to 60
    ///
    /// A segment is a whole number of GOPs; when only one of the two is given, the other is fitted to it.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) segment_duration: Option<Seconds>,
    /// Time from one key frame to the next
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) gop: Option<Seconds>,
}

/// Which sound, and how.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Audio")]
pub(crate) struct AudioFlags {
    /// The audio renditions of each track, by codec and bit rate: aac@128k,ac3@448k,opus@96k,flac
    ///
    /// Codecs are aac, ac3, eac3, opus, and flac, which has no bit rate. ac3 and eac3 keep the channels of the source
    /// up to 5.1, the others are stereo; aac:5.1@384k and ac3:stereo@192k say otherwise. Surround of a track that
    /// has none is left out. copy takes AAC, AC-3, E-AC-3 and Opus as the source has them, where their packets cover
    /// the whole programme without a gap; a warning says where they do not. Stereo AAC is added where nothing else is that, and AC-3 to E-AC-3: Apple's rules ask
    /// for both.
    #[arg(long, value_name = "CODEC@BITRATE,...", value_delimiter = ',')]
    pub(crate) audio: Option<Vec<AudioSpec>>,
    /// Bring all sound to this loudness, -40 to -5 LUFS (EBU R 128): -16 for the web, -23 for television
    ///
    /// Each track is measured in a pass of its own, and made louder or softer as a whole: nothing is compressed. No
    /// true peak is raised above -1 dBTP; a warning says where sound stays softer for that.
    #[arg(long, value_name = "LUFS", allow_negative_numbers = true, value_parser = loudness)]
    pub(crate) loudness: Option<f64>,
    /// Only tracks in these languages: en,de; und for tracks that name none
    #[arg(long, value_name = "LANG,...", value_delimiter = ',', value_parser = config::language)]
    pub(crate) audio_language: Option<Vec<Language>>,
}

/// Which text tracks of the source.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Subtitles")]
pub(crate) struct TextFlags {
    /// Only text tracks in these languages: en,de; und for tracks that name none
    #[arg(
        long,
        value_name = "LANG,...",
        value_delimiter = ',',
        value_parser = config::language,
        conflicts_with = "no_subtitles"
    )]
    pub(crate) subtitle_language: Option<Vec<Language>>,
    /// Take no text tracks; files of --subtitles are taken all the same
    #[arg(long)]
    pub(crate) no_subtitles: bool,
}

/// Files of subtitles.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Subtitles")]
pub(crate) struct SubtitleFlags {
    /// A file of subtitles beside the source, with its language and its name in menus; may be repeated
    ///
    /// SubRip, WebVTT, ASS or any other text that FFmpeg reads, in Unicode or, with a warning that says which, in an
    /// older encoding. Its times count from the beginning of the source. What is not said is taken from a name like
    /// film.de.forced.srt: the language, forced, and sdh for the deaf and hard of hearing.
    #[arg(long = "subtitles", value_name = "FILE[:LANG[:NAME]]")]
    pub(crate) files: Vec<SubtitleFile>,
}

/// Which part of the source.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Range")]
pub(crate) struct RangeFlags {
    /// Begin this far into the source: 90, 1:30 or 00:01:30.5
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) start: Option<Seconds>,
    /// End this far into the source
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) end: Option<Seconds>,
}

/// Thumbnails and the poster.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct PictureFlags {
    /// Time from one thumbnail to the next
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) thumbnail_interval: Option<Seconds>,
    /// Width of a thumbnail in pixels, 16 to 1280
    #[arg(long, value_name = "PX", value_parser = pixels, allow_negative_numbers = true)]
    pub(crate) thumbnail_width: Option<u32>,
    /// The frame that becomes poster.jpg: auto for the most representative one, or a time
    #[arg(long, value_name = "auto|TIME")]
    pub(crate) poster: Option<Poster>,
}

/// What is written.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputFlags {
    /// Write no HLS playlists
    #[arg(long, conflicts_with = "no_dash")]
    pub(crate) no_hls: bool,
    /// Write no DASH MPD
    #[arg(long)]
    pub(crate) no_dash: bool,
    /// One file per rendition with byte ranges, instead of one per segment
    #[arg(long)]
    pub(crate) single_file: bool,
}

fn rate_control() -> impl TypedValueParser<Value = RateControlMode> {
    PossibleValuesParser::new(RateControlMode::ALL.map(RateControlMode::name)).try_map(|name| name.parse())
}

fn top_rung() -> impl TypedValueParser<Value = TopRung> {
    PossibleValuesParser::new(TopRung::ALL.map(TopRung::name)).try_map(|name| name.parse())
}

fn rate_factor(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number; write it like 21 or 19.5"))
}

fn loudness(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a loudness; write it like -16"))
}

fn pixels(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of pixels; write it like 320"))
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of jobs; write 1 or more"))
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number of objects; write it like 100"))
}

/// The value of a header (RFC 9110 § 5.5), as far as every store takes it.
pub(crate) fn header(text: &str) -> Result<String, String> {
    let sound = !text.trim().is_empty() && text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if sound {
        Ok(text.trim().to_owned())
    } else {
        Err("that is no value of a header; write it like max-age=60".to_owned())
    }
}

pub(crate) fn distribution(text: &str) -> Result<String, String> {
    let sound = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    if sound {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a distribution; write its ID, like E2EXAMPLE"))
    }
}

/// A host and a port, parted by the last colon: `localhost:8080`, `[::1]:8080`.
fn address(text: &str) -> Result<String, String> {
    let sound = |(host, port): (&str, &str)| {
        let host_is_one = !host.is_empty() && (!host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
        host_is_one && port.parse::<u16>().is_ok()
    };
    match text.rsplit_once(':').is_some_and(sound) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is not an address; write it like 127.0.0.1:8080")),
    }
}

/// A directory of this machine. `s3://bucket` would be a directory called `s3:`, which nobody means.
fn directory() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.to_str().and_then(scheme) {
        Some(scheme) => Err(format!("{scheme} outputs are not supported; give a directory")),
        None => Ok(path),
    })
}

/// `s3://` of `s3://bucket/film`.
fn scheme(text: &str) -> Option<&str> {
    let (name, _) = text.split_once("://")?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    named.then(|| &text[..name.len() + "://".len()])
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn no_setting_has_a_default_on_the_command_line() {
        for verb in CommandLine::command().get_subcommands() {
            for argument in verb.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                assert!(argument.get_default_values().is_empty(), "{} {}", verb.get_name(), argument.get_id());
            }
        }
    }
}
