//! A file of subtitles beside the source in, its cues out.

use std::path::Path;

use super::TextInfo;
use super::packets::PacketReader;
use super::probe::text_info;
use super::text::{self, Script};
use crate::av::Error;
use crate::av::demux::Demuxer;
use crate::av::streams::{Stream, StreamKind, describe};
use crate::cancel::CancelToken;
use crate::event::Warning;
use crate::text::encoding;

/// Files up to this size are text; larger ones are containers, and read as such.
const LARGEST_TEXT: u64 = 32 << 20;

/// A file of subtitles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    /// The path as it was given.
    pub input: String,
    /// Its track.
    pub info: TextInfo,
    /// What it says. The times count from the start of the programme's source.
    pub script: Script,
}

/// Reads the first text track of the file at `path`. Letters that are not Unicode are guessed, with a warning that
/// says how. Fails when no text can be read.
pub fn read(path: &Path, cancel: &CancelToken) -> Result<(Sidecar, Vec<Warning>), Error> {
    let input = path.display().to_string();
    let refuse = |why: &str| Error::Input { target: input.clone(), why: why.to_owned() };
    let (mut demuxer, guessed) = open(path, cancel)?;
    let streams = describe(&mut demuxer).streams;
    let text = streams.iter().find(|stream| stream.kind == StreamKind::Text && stream.decodable);
    let pictures = streams.iter().any(|stream| stream.kind == StreamKind::Subtitle);
    let Some(stream) = text else {
        return Err(refuse(if pictures {
            "its subtitles are pictures, not text; convert them with OCR, or give SubRip, WebVTT or ASS"
        } else {
            "it holds no subtitles; give SubRip, WebVTT, ASS or another text that FFmpeg reads"
        }));
    };
    let track = stream.track;
    let mut scripts = text::read_from(PacketReader::over(demuxer, &[track]), &[track])?;
    let script = scripts.remove(&track).unwrap_or_default();
    if script.cues.is_empty() {
        return Err(refuse("no line of it can be read; is it a damaged file?"));
    }
    let info = TextInfo { packets: Some(script.cues.len() as u64 + script.refused), ..info(stream) };
    let mut warnings = Vec::new();
    if let Some(encoding) = guessed {
        let message =
            format!("{input} is not Unicode; it is read as {encoding}. If letters are wrong, save it as UTF-8");
        warnings.push(Warning { code: "guessed_encoding", message });
    }
    if script.refused > 0 {
        let message = format!("{} lines of {input} could not be read and are left out", script.refused);
        warnings.push(Warning { code: "damaged_subtitles", message });
    }
    Ok((Sidecar { input, info, script }, warnings))
}

fn info(stream: &Stream) -> TextInfo {
    // The default track of a file that holds one is no opinion about the set.
    TextInfo { default: false, ..text_info(stream) }
}

/// The file, as Unicode when it is a text, and the encoding that was guessed for it.
fn open(path: &Path, cancel: &CancelToken) -> Result<(Demuxer, Option<&'static str>), Error> {
    let refuse = |error: std::io::Error| Error::Input { target: path.display().to_string(), why: error.to_string() };
    let metadata = std::fs::metadata(path).map_err(refuse)?;
    if !metadata.is_file() || metadata.len() == 0 || metadata.len() > LARGEST_TEXT {
        return Ok((Demuxer::open(path, cancel)?, None));
    }
    let bytes = std::fs::read(path).map_err(refuse)?;
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    // A container has zero bytes soon; a text of single bytes has none.
    if !wide && bytes.iter().take(1 << 12).any(|byte| *byte == 0) {
        return Ok((Demuxer::open(path, cancel)?, None));
    }
    let encoding::Decoded { text, guessed } = encoding::decode(&bytes);
    match Demuxer::of_bytes(path, text.into_bytes(), cancel) {
        Ok(demuxer) => Ok((demuxer, guessed)),
        Err(Error::Input { target, .. }) => {
            let why = "it is no text that FFmpeg reads as subtitles; give SubRip, WebVTT, ASS or the like".to_owned();
            Err(Error::Input { target, why })
        }
        Err(error) => Err(error),
    }
}
