//! What headers tell of a file, so that none of its pictures has to be decoded for it.

use std::path::Path;

use crate::av::Error;
use crate::av::demux::Demuxer;
use crate::av::streams::{Container, Stream, StreamKind, describe};
use crate::cancel::CancelToken;
use crate::codec::PlainPictures;
use crate::media::{ColorInfo, PixelAspect};

/// Opens a file, and says what it holds. It is the same whether FFmpeg decoded pictures for it or not: it does where
/// headers leave something open.
pub(super) fn open(path: &Path, cancel: &CancelToken) -> Result<(Demuxer, Container), Error> {
    if let Some((demuxer, container)) = by_headers(path, cancel) {
        return Ok((demuxer, container));
    }
    let mut demuxer = Demuxer::open(path, cancel)?;
    let container = describe(&mut demuxer);
    Ok((demuxer, container))
}

/// By its headers alone; nothing where they leave something open, or where they are damaged.
fn by_headers(path: &Path, cancel: &CancelToken) -> Option<(Demuxer, Container)> {
    let mut demuxer = Demuxer::open_by_headers(path, cancel).ok()??;
    let mut container = describe(&mut demuxer);
    container.streams.iter_mut().all(|stream| complete(stream).is_some()).then_some((demuxer, container))
}

/// Adds what FFmpeg says only of decoded pictures; nothing where it is not known.
fn complete(stream: &mut Stream) -> Option<()> {
    let rates_are_told = stream.rates.iter().all(Option::is_some);
    match (stream.kind, stream.codec.as_str()) {
        // Both have a level or a profile once FFmpeg has seen a packet.
        (StreamKind::Audio, "aac") => stream.profile.is_some().then_some(()),
        (StreamKind::Video, "h264") if stream.level.is_some() && rates_are_told => {
            let pictures = PlainPictures::of_record(&stream.config)?;
            // What the container says of the shape of pixels stands; here it is not known whether it says something.
            let shape = pictures.pixel_aspect.unwrap_or(PixelAspect::SQUARE);
            let alike = pictures.resolution == stream.resolution
                && (shape == PixelAspect::SQUARE || shape == stream.pixel_aspect);
            alike.then(|| look_like(stream, pictures))
        }
        _ => None,
    }
}

fn look_like(stream: &mut Stream, pictures: PlainPictures) {
    if let Some([primaries, transfer, matrix]) = pictures.points {
        stream.color = ColorInfo { primaries, transfer, matrix, ..stream.color };
    }
    stream.color.full_range = pictures.full_range.unwrap_or(stream.color.full_range);
    // The yuvj formats are full range by name (libavutil/pixfmt.h).
    stream.pixel_format = if stream.color.full_range { "yuvj420p" } else { "yuv420p" }.to_owned();
    stream.bit_depth = 8;
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// All clips in MP4 that there are.
    fn clips() -> Vec<PathBuf> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let entries = std::fs::read_dir(directory).expect("there are clips");
        let paths = entries.map(|entry| entry.expect("readable").path());
        paths
            .filter(|path| path.extension().is_some_and(|ext| ["mp4", "m4a", "mov"].iter().any(|e| ext == *e)))
            .collect()
    }

    #[test]
    fn headers_say_what_decoded_pictures_do() {
        crate::av::init(false);
        let (cancel, mut told) = (CancelToken::default(), Vec::new());
        for path in clips() {
            let Some((_, container)) = by_headers(&path, &cancel) else { continue };
            let mut decoded = Demuxer::open(&path, &cancel).expect("it was opened before");
            assert_eq!(format!("{container:#?}"), format!("{:#?}", describe(&mut decoded)), "{}", path.display());
            told.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
        for name in ["h264_720p25", "ntsc_bframes", "edit_list", "anamorphic", "full_range", "rotated90", "audio_only"]
        {
            assert!(told.iter().any(|told| told == name), "{name} is not among {told:?}");
        }
    }

    #[test]
    fn what_headers_leave_open_is_decoded() {
        crate::av::init(false);
        for name in ["hevc10_pq.mp4", "yuv444.mp4", "timecode.mov", "open_gop.ts", "uneven.mp4", "playlist.mp4"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
            assert!(by_headers(&path, &CancelToken::default()).is_none(), "{name}");
        }
    }
}
