//! The command line: one struct per verb. No setting has a default here; those are in `presets/default.json`.

mod encode;
mod examples;
mod live;
mod look;
mod package;
mod publish;
mod settings;
mod token;
mod values;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use encode::{Encode, HookFlags, PatternFlags, Plan};
pub(crate) use live::{Live, OriginFlags, SourceFlags};
pub(crate) use look::{Completions, Doctor, Manual, Presets, PresetsVerb, Probe, Thumbnails, Verify};
pub(crate) use package::Package;
pub(crate) use publish::{DeliveryFlags, Serve, Sync};
pub(crate) use settings::{
    AudioFlags, OutputFlags, PictureFlags, QualityFlags, RangeFlags, SegmentFlags, SettingFlags, SubtitleFlags,
    TextFlags,
};
pub(crate) use token::Token;
pub(crate) use values::{distribution, header};

use super::encryption::KeysFlags;
use examples::{
    COMPLETIONS_EXAMPLES, DOCTOR_EXAMPLES, ENCODE_EXAMPLES, EXAMPLES, LIVE_EXAMPLES, PACKAGE_EXAMPLES, PLAN_EXAMPLES,
    PRESETS_EXAMPLES, PROBE_EXAMPLES, SERVE_EXAMPLES, SYNC_EXAMPLES, THUMBNAILS_EXAMPLES, TOKEN_EXAMPLES,
    VERIFY_EXAMPLES,
};

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
    /// Make a URL that opens a live programme for some time
    ///
    /// For `live --serve` with --token-key-file. The token is a directory of the URL, so playlists and MPD work as they
    /// are; it is signed (HMAC-SHA256), and good until its time is over
    #[command(after_help = TOKEN_EXAMPLES)]
    Token(Token),
    /// List the built-in presets, or print one
    #[command(after_help = PRESETS_EXAMPLES, args_conflicts_with_subcommands = true)]
    Presets(Presets),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the manual page in roff; to read it: `streampack man | man -l -`
    Man(Manual),
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
