//! Streams written as one file of header and fragments, and what others read in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use streampack::bmff::{Cover, FragmentSize, HeaderProtection, cmaf_header, write_fragment};
use streampack::codec::{AudioStream, VideoStream};
use streampack::media::{
    Body, CodecConfig, CodecString, CutNumber, FrameRate, Language, RenditionId, RenditionKind, Sample, SegmentNumber,
    Span, Timescale, Timestamp, TrackConfig, TrackMedia,
};
use streampack::package::{Fragment, InitSegment, Segment, verify};

use super::boxdump;
use super::coded::Coded;

/// A file of one track.
#[derive(Debug)]
pub(super) struct Written {
    /// The CMAF header.
    pub(super) header: Vec<u8>,
    /// What it says.
    track: TrackConfig,
    /// The one fragment.
    body: Vec<u8>,
    /// Where things lie in it.
    size: FragmentSize,
    /// Ticks of all samples.
    pub(super) ticks: u64,
}

/// What ffprobe says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// codec_name.
    pub(super) codec: &'static str,
    /// Frames that are decoded.
    pub(super) frames: usize,
    /// Width and height, or the sample rate.
    pub(super) detail: &'static str,
}

impl Written {
    /// Pictures, each lasting as long, in decode order: enough for a decoder, if not for a viewer.
    pub(super) fn video(stream: &VideoStream, coded: &Coded, fps: u32) -> Self {
        let media = TrackMedia::Video(stream.track().clone());
        let track = track(fps, stream.config(), stream.codec_string(), media);
        let pictures = coded.packets.iter().map(|packet| (stream.sample(packet.into()).expect("a sample"), 1));
        Self::of(track, FrameRate::whole(fps), pictures)
    }

    /// Sound.
    pub(super) fn audio(stream: &mut AudioStream, coded: &Coded) -> Self {
        let media = TrackMedia::Audio(stream.track().clone());
        let track = track(stream.track().sample_rate, stream.config(), stream.codec_string(), media);
        let frames = coded.packets.iter().map(|packet| stream.frame(packet).expect("a frame").expect("a whole one"));
        Self::of(track, FrameRate::whole(1), frames.map(|frame| (frame.data, frame.length)))
    }

    /// Samples with their durations.
    fn of(track: TrackConfig, rate: FrameRate, samples: impl Iterator<Item = (Vec<u8>, u32)>) -> Self {
        let mut ticks = 0;
        let samples: Vec<_> = samples
            .enumerate()
            .map(|(index, (data, duration))| {
                let dts = Timestamp::new(ticks, track.timescale);
                ticks += i64::from(duration);
                let duration = Span::new(duration.into(), track.timescale);
                Sample { dts, cts_offset: 0, duration, sync: index == 0, data: data.into() }
            })
            .collect();
        let mut body = Body::default();
        let size = write_fragment(&mut body, 1, samples, Cover::Bare).expect("boxes can say it");
        let header = cmaf_header(&track, rate, &HeaderProtection::default()).expect("boxes can say it");
        Self { header, track, body: body.into_vec().expect("in memory"), size, ticks: ticks as u64 }
    }

    /// It passes the verification of every run.
    #[track_caller]
    fn is_verified(&self) {
        let priming = match &self.track.media {
            TrackMedia::Video(_) | TrackMedia::Text => 0,
            TrackMedia::Audio(audio) => u64::from(audio.priming),
        };
        let start = Timestamp::new(0, self.track.timescale);
        let duration = Span::new(self.ticks - priming, self.track.timescale);
        let FragmentSize { bytes, key_bytes } = self.size;
        let segment = Segment {
            rendition: RenditionId::new(RenditionKind::Video, "test"),
            number: SegmentNumber(1),
            cut: CutNumber(1),
            start,
            duration,
            bytes,
            key: String::new(),
            fragments: vec![Fragment { offset: 0, bytes, key_bytes, start, duration, open: false }],
        };
        let init = InitSegment {
            rendition: segment.rendition.clone(),
            key: String::new(),
            bytes: self.header.len() as u64,
            track: self.track.clone(),
            protection: None,
            segment_keys: None,
        };
        verify(&self.header, &init, std::io::Cursor::new(&self.body), &segment).expect("own bytes");
    }

    /// Compares the header with the golden one.
    #[track_caller]
    pub(super) fn golden(&self, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/boxes/{name}.txt"));
        let found = boxdump::dump(&self.header);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &found).expect("a writable tree");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, expected, "{name} changed; UPDATE_GOLDEN=1 rewrites it");
    }

    /// FFmpeg decodes every frame without a word, and our own verification has nothing to say.
    #[track_caller]
    pub(super) fn is_read_as(&self, facts: &Facts) {
        self.is_verified();
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("track.mp4");
        fs::write(&path, [self.header.as_slice(), &self.body].concat()).expect("a writable directory");
        let mut command = Command::new("ffprobe");
        command.args(["-v", "warning", "-count_frames", "-of", "default=noprint_wrappers=1:nokey=0"]);
        command.args(["-show_entries", "stream=codec_name,nb_read_frames,width,height,sample_rate"]).arg(&path);
        let output = command.output().expect("the ffprobe command is installed");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default().to_owned()
        };
        let detail = if text.contains("width=") {
            format!("{}x{}", value("width"), value("height"))
        } else {
            value("sample_rate")
        };
        let frames = value("nb_read_frames").parse().unwrap_or(0);
        assert_eq!((value("codec_name").as_str(), frames, detail.as_str()), (facts.codec, facts.frames, facts.detail));
        assert_eq!(said, "", "ffprobe warns");
    }
}

fn track(hz: u32, codec: &CodecConfig, codec_string: &CodecString, media: TrackMedia) -> TrackConfig {
    TrackConfig {
        timescale: Timescale::new(hz),
        language: Language::undetermined(),
        codec: codec.clone(),
        codec_string: codec_string.clone(),
        media,
    }
}
