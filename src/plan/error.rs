//! Why no plan can be made.

use crate::media::{Language, TrackIndex};

/// No plan can be made of a source and settings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source has no stream that can be used.
    #[error(
        "{input} holds neither pictures nor sound that can be decoded; give a file with a video or an audio stream"
    )]
    NoMedia {
        /// The source.
        input: String,
    },
    /// Only sound was asked for and the source has none.
    #[error("{input} holds no sound and the settings leave out its pictures; choose a preset with video")]
    NoSound {
        /// The source.
        input: String,
    },
    /// The language filter leaves no audio track.
    #[error("{input} has no audio track in {}; it has {}", tags(asked), tags(present))]
    NoSuchLanguage {
        /// The source.
        input: String,
        /// What was asked for.
        asked: Vec<Language>,
        /// What the source has.
        present: Vec<Language>,
    },
    /// The programme would begin after the source ends.
    #[error("cannot start at {start} s: {input} is {length:.3} s long; give an earlier --start")]
    StartBeyondEnd {
        /// The source.
        input: String,
        /// Where the programme was to start, in seconds.
        start: f64,
        /// Length of the source in seconds.
        length: f64,
    },
    /// The programme would end before it begins.
    #[error("cannot end at {end} s when starting at {start} s; give an --end after --start")]
    EndBeforeStart {
        /// Where the programme was to start, in seconds.
        start: f64,
        /// Where it was to end, in seconds.
        end: f64,
    },
    /// The timestamps of the source cannot be meant.
    #[error("{input} claims to last {hours:.0} hours, its timestamps are damaged; give the part you want with --end")]
    TooLong {
        /// The source.
        input: String,
        /// What its timestamps say.
        hours: f64,
    },
    /// The poster would be taken after the programme ends.
    #[error("cannot take the poster at {at} s: the programme is {length:.3} s long; give an earlier --poster time")]
    PosterBeyondEnd {
        /// Where the poster was to be taken, in seconds of the programme.
        at: f64,
        /// Length of the programme in seconds.
        length: f64,
    },
    /// The encoder has no preset of this name.
    #[error("unknown speed `{speed}`; use one of {}", known.join(", "))]
    UnknownSpeed {
        /// What was asked for.
        speed: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A setting has a value that cannot be used.
    #[error("{setting} cannot be {value}; use {allowed}")]
    OutOfRange {
        /// The setting, as presets spell it.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// What would do.
        allowed: &'static str,
    },
    /// No track of the files can be packaged.
    #[error(
        "{input}: nothing in it can be packaged; give files with H.264, HEVC, AV1, VP9, AAC, AC-3, Opus, FLAC or MP3"
    )]
    NothingToPackage {
        /// The files.
        input: String,
    },
    /// Pictures are coded in a way that has no place in a set.
    #[error(
        "track {} of {input} is {codec}, which cannot be packaged; encode it, or give H.264, HEVC, AV1 or VP9", track.0
    )]
    Codec {
        /// The file.
        input: String,
        /// The track.
        track: TrackIndex,
        /// FFmpeg's name of the codec.
        codec: String,
    },
    /// A track cannot be packaged as it is.
    #[error("track {} of {input} cannot be packaged: {why}", track.0)]
    Track {
        /// The file.
        input: String,
        /// The track.
        track: TrackIndex,
        /// Why, and what to do.
        why: &'static str,
    },
    /// Renditions cannot be cut together.
    #[error(
        "key frames do not align: {missing}; encode the renditions with the same fixed distance of key frames, or pass \
         --allow-unaligned"
    )]
    Unaligned {
        /// Each rendition and where it lacks a key frame that another has.
        missing: String,
    },
    /// A setting makes no sense of a programme whose end is not known.
    #[error("{setting} cannot be {value} for a live programme; {remedy}")]
    NotLive {
        /// The setting, as presets spell it.
        setting: &'static str,
        /// Its value.
        value: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A live source is not coded so that it can stay as it is.
    #[error(
        "cannot copy the {what} of {input}: the codec is {codec}, and {copied} can be copied; leave out --copy to encode"
    )]
    NotCopied {
        /// The source.
        input: String,
        /// Pictures or sound.
        what: &'static str,
        /// FFmpeg's name of the codec.
        codec: String,
        /// What can be.
        copied: &'static str,
    },
    /// The largest rung was to be the source's own pictures.
    #[error("the largest rung cannot be the own pictures of {input}: {}; pass --top-rung auto to encode it", reasons.join("; "))]
    TopRung {
        /// The source.
        input: String,
        /// The rules that they break.
        reasons: Vec<String>,
    },
    /// A plain file is asked for of a rung that is not there.
    #[error("cannot write {asked} for download: {}", rungs(present))]
    NoSuchRung {
        /// What was asked for.
        asked: String,
        /// The rungs that there are.
        present: Vec<String>,
    },
    /// A setting that is a list has no entry.
    #[error("{setting} is empty; give at least one entry")]
    Empty {
        /// The setting, as presets spell it.
        setting: &'static str,
    },
}

fn rungs(present: &[String]) -> String {
    match present {
        [] => "there are no pictures; leave --progressive out".to_owned(),
        names => format!("no rung has this size; choose one of {}", names.join(", ")),
    }
}

fn tags(languages: &[Language]) -> String {
    languages.iter().map(Language::tag).collect::<Vec<_>>().join(", ")
}
