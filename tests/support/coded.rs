//! Coded streams of the clips: their headers and packets, as a demuxer hands them over.

use std::fs;
use std::path::{Path, PathBuf};

use ffmpeg_next::codec::Id;
use ffmpeg_next::format;
use streampack::codec::{AudioSource, AudioStream, VideoSource, VideoStream};
use streampack::media::{AudioCodec, ColorInfo, FrameRate, PixelAspect, VideoCodec};

/// One elementary stream of a clip.
#[derive(Debug)]
pub(crate) struct Coded {
    /// What the container keeps of the codec's headers.
    pub(crate) config: Vec<u8>,
    /// The packets, in decode order.
    pub(crate) packets: Vec<Vec<u8>>,
}

/// A clip of `testdata/`.
pub(crate) fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

impl Coded {
    /// The stream of `codec` in the file. `config` finds its headers in the bytes of the file.
    ///
    /// # Panics
    /// When FFmpeg cannot read the file, or it has no such stream.
    pub(crate) fn of(path: &Path, codec: Id, config: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Error);
        let mut input = format::input(path).expect("FFmpeg opens the clip");
        let index = input.streams().find(|stream| stream.parameters().id() == codec).expect("the stream").index();
        let packets = input.packets().filter(|(stream, _)| stream.index() == index);
        let packets = packets.filter_map(|(_, packet)| packet.data().map(<[u8]>::to_vec)).collect();
        Self { config: config(&fs::read(path).expect("the clip is readable")), packets }
    }

    /// As pictures, with a container that says nothing of colour.
    ///
    /// # Panics
    /// When the headers are refused.
    pub(crate) fn video(&self, codec: VideoCodec, fps: u32) -> VideoStream {
        VideoStream::new(&self.video_source(codec, fps)).expect("a stream that can be packaged")
    }

    /// What a container hands over.
    pub(crate) fn video_source(&self, codec: VideoCodec, fps: u32) -> VideoSource<'_> {
        VideoSource {
            codec,
            config: &self.config,
            key: &self.packets[0],
            rate: FrameRate::whole(fps),
            color: ColorInfo::UNSPECIFIED,
            pixel_aspect: PixelAspect::SQUARE,
        }
    }

    /// As sound.
    ///
    /// # Panics
    /// When the headers are refused.
    pub(crate) fn audio(&self, codec: AudioCodec) -> AudioStream {
        let source = AudioSource { codec, config: &self.config, first: &self.packets[0] };
        AudioStream::new(&source).expect("a stream that can be packaged")
    }
}

/// No headers: everything is in the packets.
pub(crate) fn nothing(_: &[u8]) -> Vec<u8> {
    Vec::new()
}

/// The payload of the first box of this kind.
///
/// # Panics
/// When there is none.
pub(crate) fn boxed(kind: [u8; 4]) -> impl FnOnce(&[u8]) -> Vec<u8> {
    move |file| {
        let at = find(file, &kind);
        let size = u32::from_be_bytes(file[at - 4..at].try_into().expect("four bytes")) as usize;
        file[at + 4..at - 4 + size].to_vec()
    }
}

/// So many bytes from the first of these words on.
///
/// # Panics
/// When the word is not there.
pub(crate) fn from_word(word: &'static [u8], bytes: usize) -> impl FnOnce(&[u8]) -> Vec<u8> {
    move |file| {
        let at = find(file, word);
        file[at..at + bytes].to_vec()
    }
}

fn find(file: &[u8], word: &[u8]) -> usize {
    file.windows(word.len()).position(|window| window == word).expect("the headers are in the clip")
}
