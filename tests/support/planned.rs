//! Plans made by hand, part by part.

use std::time::Duration;

use streampack::media::{
    AudioCodec, Bitrate, ChannelLayout, ColorInfo, FrameRate, Language, RenditionId, RenditionKind, Resolution,
    TrackIndex, VideoCodec,
};
use streampack::plan::{
    AudioReason, AudioRendition, AudioRole, Layout, Metadata, PictureSteps, Plan, RateControl, SegmentGrid,
    ThumbnailPlan, TrickRendition, VideoEncoding, VideoPlan, VideoRendition,
};

/// A plan without media yet: GOPs of 2 s, segments of 6 s.
pub(crate) fn plan(rate: FrameRate, frames: u64) -> Plan {
    Plan {
        grid: SegmentGrid::new(rate, Duration::from_secs(2), Duration::from_secs(6), frames),
        origin_us: 0,
        video: None,
        audio: Vec::new(),
        loudness: None,
        left_out: Vec::new(),
        text: Vec::new(),
        captions: Vec::new(),
        metadata: Metadata::default(),
        progressive: Vec::new(),
        layout: Layout::SegmentFiles,
        hls: true,
        dash: true,
        audio_only_variant: false,
    }
}

/// The pictures: (height, kilobits per second), widest first.
pub(crate) fn with_video(mut plan: Plan, rungs: &[(u32, u64)]) -> Plan {
    let rendition = |&(height, kbps): &(u32, u64)| VideoRendition {
        id: RenditionId::new(RenditionKind::Video, &format!("{height}p_h264")),
        resolution: Resolution::new((height * 16 / 9).next_multiple_of(2), height),
        encoding: VideoEncoding {
            codec: VideoCodec::H264,
            encoder: "libx264".into(),
            profile: "high".into(),
            bitrate: Bitrate::from_kbps(kbps),
            maxrate: Bitrate::from_kbps(kbps),
            bufsize: kbps * 2000,
            lookahead: 20,
            rate_control: RateControl::Vbr,
            options: Vec::new(),
        },
    };
    plan.video = Some(VideoPlan {
        track: TrackIndex(0),
        picture: PictureSteps {
            deinterlace: false,
            source_color: ColorInfo::BT709,
            tone_map: None,
            mirrored: false,
            rotation: 0,
            display: Resolution::new(1920, 1080),
        },
        color: ColorInfo::BT709,
        copied: None,
        not_copied: Vec::new(),
        renditions: rungs.iter().map(rendition).collect(),
        trick: None,
        shards: Vec::new(),
        thumbnails: None,
        poster: None,
    });
    plan
}

/// The key frames of the last rung once more.
pub(crate) fn with_trick(mut plan: Plan) -> Plan {
    let video = plan.video.as_mut().expect("pictures first");
    let of = video.renditions.last().expect("a rung").id.clone();
    let id = RenditionId::new(RenditionKind::Video, &format!("{}_trick", of.name()));
    video.trick = Some(TrickRendition { id, of });
    plan
}

/// Thumbnails of 160x90 every 5 s, 25 on a sheet.
pub(crate) fn with_thumbnails(mut plan: Plan) -> Plan {
    let interval_frames = (plan.grid.rate().as_f64() * 5.0).round() as u64;
    let interval = plan.grid.span_of(interval_frames);
    let tile = Resolution::new(160, 90);
    let video = plan.video.as_mut().expect("pictures first");
    video.thumbnails = Some(ThumbnailPlan { interval_frames, interval, tile, columns: 5, rows: 5 });
    plan
}

/// One more audio rendition.
pub(crate) fn with_audio(mut plan: Plan, track: usize, language: &str, role: AudioRole, kbps: u64) -> Plan {
    let language = Language::parse(language);
    let default = plan.audio.is_empty();
    let label = match role {
        AudioRole::Main | AudioRole::Dub => language.english().to_owned(),
        AudioRole::Commentary => format!("{} (commentary)", language.english()),
        AudioRole::Description => format!("{} (described)", language.english()),
    };
    plan.audio.push(AudioRendition {
        id: RenditionId::new(RenditionKind::Audio, &format!("{language}_aac_{kbps}k_{track}")),
        track: TrackIndex(track),
        language,
        label,
        default,
        role,
        codec: AudioCodec::Aac,
        encoder: "aac".into(),
        bitrate: Bitrate::from_kbps(kbps),
        sample_rate: 48_000,
        layout: ChannelLayout::Stereo,
        reason: AudioReason::Asked,
    });
    plan
}
