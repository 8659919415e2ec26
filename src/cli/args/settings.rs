//! Flags of settings, which several verbs share.

use std::path::PathBuf;

use clap::Args;
use streampack::config::{
    self, AudioSpec, Poster, RateControlMode, Rung, RungName, Seconds, Speed, SubtitleFile, TopRung,
};
use streampack::media::Language;

use super::super::encryption::EncryptionFlags;
use super::values::{loudness, pixels, rate_control, rate_factor, top_rung};

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
