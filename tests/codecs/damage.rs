//! Whatever the bytes, the readers answer: with facts, samples, or an error.

use proptest::prelude::*;
use streampack::codec::{AudioSource, AudioStream, VideoSource, VideoStream};
use streampack::media::{AudioCodec, ColorInfo, FrameRate, PixelAspect, VideoCodec};

use super::coded::Coded;

const VIDEO: [VideoCodec; 4] = [VideoCodec::H264, VideoCodec::Hevc, VideoCodec::Av1, VideoCodec::Vp9];
const AUDIO: [AudioCodec; 6] =
    [AudioCodec::Aac, AudioCodec::Ac3, AudioCodec::Eac3, AudioCodec::Opus, AudioCodec::Flac, AudioCodec::Mp3];

/// Reads the headers and one sample.
fn read(config: &[u8], packet: &[u8]) {
    for codec in VIDEO {
        let (rate, color) = (FrameRate::whole(25), ColorInfo::UNSPECIFIED);
        let source = VideoSource { codec, config, key: packet, rate, color, pixel_aspect: PixelAspect::SQUARE };
        let _ = VideoStream::new(&source).map(|stream| stream.sample(packet.into()));
    }
    for codec in AUDIO {
        let source = AudioSource { codec, config, first: packet };
        let _ = AudioStream::new(&source).map(|mut stream| stream.frame(packet));
    }
}

/// `bytes` with some of them changed, and cut.
fn damaged(bytes: &[u8], changes: &[(prop::sample::Index, u8)], cut: prop::sample::Index) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if !bytes.is_empty() {
        changes.iter().for_each(|(at, value)| *at.get_mut(&mut bytes) = *value);
    }
    bytes.truncate(cut.index(4 * bytes.len() + 1));
    bytes
}

/// The start of the real streams: their headers stand there.
fn starts() -> Vec<(Vec<u8>, Vec<u8>)> {
    let streams: Vec<Coded> = super::all();
    let start = |packet: &[u8]| packet[..packet.len().min(200)].to_vec();
    streams.into_iter().map(|coded| (coded.config, start(&coded.packets[0]))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(config in prop::collection::vec(any::<u8>(), 0..80), packet in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&config, &packet);
    }
}

#[test]
fn damaged_headers_are_answered() {
    let starts = starts();
    let change = (any::<prop::sample::Index>(), any::<u8>());
    let changes = || prop::collection::vec(change.clone(), 0..6);
    let cut = any::<prop::sample::Index>;
    let strategy = (0..starts.len(), changes(), cut(), changes(), cut());
    let config = ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() };
    let checked = proptest::test_runner::TestRunner::new(config).run(&strategy, |(stream, a, cut_a, b, cut_b)| {
        let (config, packet) = &starts[stream];
        read(&damaged(config, &a, cut_a), &damaged(packet, &b, cut_b));
        Ok(())
    });
    checked.expect("no reader panics");
}
