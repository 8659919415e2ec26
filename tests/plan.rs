//! SourceInfo and Settings in, Plan out: goldens of whole plans, refusals, and what holds for every source.

use std::path::Path;

use proptest::prelude::*;
use streampack::config::{
    AudioSpec, EncodableAudio, EncodableVideo, Poster, RateControlMode, Rung, Settings, Speed, TopRung,
};
use streampack::media::{Bitrate, ColorInfo, FrameRate, Language, PixelAspect, Resolution, SegmentNumber, TrackIndex};
use streampack::plan::{AudioRendition, AudioRole, Error, Plan, RateControl, VideoPlan};
use streampack::source::{AudioInfo, FieldOrder, HdrInfo, SourceInfo, VideoInfo, VideoTiming};

const SECOND: i64 = 1_000_000;

/// The settings of the contract.
fn web() -> Settings {
    let rung = |short_side, kbps| Rung { short_side, bitrate: Bitrate::from_kbps(kbps), crf: None };
    Settings {
        ladder: vec![
            rung(2160, 16_000),
            rung(1440, 9000),
            rung(1080, 5000),
            rung(720, 2800),
            rung(480, 1400),
            rung(360, 800),
        ],
        video_codecs: vec![EncodableVideo::H264],
        rate_control: RateControlMode::CappedCrf,
        crf: None,
        speed: Speed::Balanced,
        max_frame_rate: FrameRate::whole(60),
        top_rung: TopRung::Auto,
        segment_duration: 6.0,
        gop: 2.0,
        audio: vec![AudioSpec::new(EncodableAudio::Aac, Bitrate::from_kbps(128))],
        loudness: None,
        audio_languages: Vec::new(),
        subtitles: true,
        subtitle_languages: Vec::new(),
        audio_only: true,
        no_video: false,
        start: None,
        end: None,
        thumbnails: true,
        thumbnail_interval: 5.0,
        thumbnail_width: 160,
        poster: Poster::Auto,
        progressive: Vec::new(),
        hls: true,
        dash: true,
        encryption: None,
        single_file: false,
    }
}

fn rate(text: &str) -> FrameRate {
    text.parse().expect("the tests write rates well")
}

/// A constant rate with a key frame every two seconds.
fn constant(fps: &str, end_us: i64) -> VideoTiming {
    let rate = rate(fps);
    VideoTiming {
        frames: (end_us as f64 / 1e6 * rate.as_f64()).round() as u64,
        mean_rate: rate.as_f64(),
        constant: true,
        exact_rate: Some(rate),
        key_frames_us: (0..end_us).step_by(2_000_000).collect(),
        seekable: true,
    }
}

fn pictures(width: u32, height: u32, fps: &str, end_us: i64) -> VideoInfo {
    VideoInfo {
        track: TrackIndex(0),
        codec: "h264".into(),
        profile: None,
        level: None,
        resolution: Resolution::new(width, height),
        pixel_aspect: PixelAspect::SQUARE,
        rotation: 0,
        mirrored: false,
        pixel_format: "yuv420p".into(),
        bit_depth: 8,
        color: ColorInfo::BT709,
        hdr: None,
        field_order: FieldOrder::Progressive,
        declared_rate: Some(rate(fps)),
        time_base: [1, 90_000],
        start_us: 0,
        end_us,
        timing: Some(constant(fps, end_us)),
        bitrate: None,
        language: Language::undetermined(),
        default: true,
        captions: Vec::new(),
    }
}

fn sound(track: usize, language: &str, end_us: i64) -> AudioInfo {
    AudioInfo {
        track: TrackIndex(track),
        codec: "aac".into(),
        profile: None,
        sample_rate: 48_000,
        channels: 2,
        channel_layout: "stereo".into(),
        start_us: 0,
        end_us,
        bitrate: None,
        language: Language::parse(language),
        title: None,
        default: track == 1,
        commentary: false,
        description: false,
        dub: false,
    }
}

fn source(video: Vec<VideoInfo>, audio: Vec<AudioInfo>) -> SourceInfo {
    let starts = video.iter().map(|v| v.start_us).chain(audio.iter().map(|a| a.start_us));
    let ends = video.iter().map(|v| v.end_us).chain(audio.iter().map(|a| a.end_us));
    SourceInfo {
        input: "film.mkv".into(),
        container: "matroska,webm".into(),
        bytes: Some(1),
        declared_duration_us: None,
        start_us: starts.min().unwrap_or(0),
        end_us: ends.max().unwrap_or(0),
        title: None,
        video,
        audio,
        language: None,
        text: Vec::new(),
        other: Vec::new(),
        chapters: Vec::new(),
        shifts: Vec::new(),
    }
}

fn film(width: u32, height: u32) -> SourceInfo {
    source(vec![pictures(width, height, "25", 30 * SECOND)], vec![sound(1, "en", 30 * SECOND)])
}

fn plan(source: &SourceInfo) -> Plan {
    Plan::new(source, &web()).expect("a plan can be made")
}

fn refusal(source: &SourceInfo, settings: &Settings) -> String {
    Plan::new(source, settings).expect_err("no plan can be made").to_string()
}

fn video_of(plan: &Plan) -> &VideoPlan {
    plan.video.as_ref().expect("the source has pictures")
}

/// `1080p_h264 1920x1080 5000k`, widest first.
fn ladder(plan: &Plan) -> Vec<String> {
    let line =
        |r: &streampack::plan::VideoRendition| format!("{} {} {}", r.id.name(), r.resolution, r.encoding.bitrate);
    video_of(plan).renditions.iter().map(line).collect()
}

/// Compares with `tests/golden/plan/{name}.json`; `UPDATE_GOLDEN=1` rewrites it.
fn assert_golden(name: &str, plan: &Plan) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/plan/{name}.json"));
    let text = serde_json::to_string_pretty(plan).expect("a plan is JSON") + "\n";
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan reads back"), *plan);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("the path has a directory")).expect("the directory can be made");
        std::fs::write(&path, &text).expect("the golden can be written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden exists; make it with UPDATE_GOLDEN=1");
    assert_eq!(text, golden, "{name} has changed; if it should, run again with UPDATE_GOLDEN=1");
}

// Whole plans.

#[test]
fn a_1080p_clip_with_the_defaults() {
    assert_golden("defaults_1080p25", &plan(&film(1920, 1080)));
}

#[test]
fn a_film_in_hdr_and_24000_1001_with_four_sound_tracks() {
    let end = 1_201_200_000;
    let mut video = pictures(3840, 1608, "24000/1001", end);
    video.codec = "hevc".into();
    video.pixel_format = "yuv420p10le".into();
    video.bit_depth = 10;
    video.color = ColorInfo { primaries: 9, transfer: ColorInfo::TRANSFER_PQ, matrix: 9, full_range: false };
    video.hdr = Some(HdrInfo {
        content_light: Some([1150, 300]),
        mastering_luminance: Some([0.005, 4000.0]),
        dolby_vision_profile: None,
    });
    video.timing =
        Some(VideoTiming { key_frames_us: (0..end).step_by(10_010_000).collect(), ..constant("24000/1001", end) });
    let commentary = AudioInfo { title: Some("The director\tspeaks".into()), commentary: true, ..sound(3, "en", end) };
    let surround = AudioInfo { channels: 6, channel_layout: "5.1".into(), ..sound(2, "de", end) };
    let described = AudioInfo { description: true, ..sound(4, "en", end) };
    let source = source(vec![video], vec![commentary, sound(1, "en", end), surround, described]);
    assert_golden("hdr_film_four_tracks", &plan(&source));
}

#[test]
fn a_turned_phone_clip_of_variable_rate_that_starts_late() {
    let mut video = pictures(1920, 1080, "30", 12 * SECOND);
    video.rotation = 90;
    video.start_us = 40_000;
    video.timing = Some(VideoTiming {
        frames: 355,
        mean_rate: 29.62,
        constant: false,
        exact_rate: None,
        key_frames_us: (0..12).map(|n| 40_000 + n * SECOND).collect(),
        seekable: true,
    });
    let audio = AudioInfo { sample_rate: 44_100, channels: 1, start_us: 21_000, ..sound(1, "und", 12 * SECOND) };
    assert_golden("portrait_vfr", &plan(&source(vec![video], vec![audio])));
}

#[test]
fn interlaced_pal_with_wide_pixels_in_one_file_per_rendition() {
    let mut video = pictures(720, 576, "25", 60 * SECOND);
    video.codec = "mpeg2video".into();
    video.pixel_aspect = PixelAspect { num: 64, den: 45 };
    video.color = ColorInfo { primaries: 5, transfer: 6, matrix: 5, full_range: false };
    video.field_order = FieldOrder::Tff;
    let settings = Settings { single_file: true, rate_control: RateControlMode::Vbr, ..web() };
    let plan = Plan::new(&source(vec![video], Vec::new()), &settings).expect("a plan can be made");
    assert_golden("interlaced_pal_vbr_single_file", &plan);
}

#[test]
fn sound_without_pictures() {
    assert_golden("sound_only", &plan(&source(Vec::new(), vec![sound(0, "fr", 61 * SECOND)])));
}

// The ladder.

#[test]
fn portrait_is_measured_by_its_short_side() {
    let sizes = ["1080p_h264 1080x1920 5000k", "720p_h264 720x1280 2800k"];
    assert_eq!(ladder(&plan(&film(1080, 1920)))[..2], sizes);
}

#[test]
fn a_source_below_the_first_rung_is_the_top_rung() {
    let sizes = ["800p_h264 1920x800 3260k", "720p_h264 1728x720 2800k"];
    assert_eq!(ladder(&plan(&film(1920, 800)))[..2], sizes);
}

#[test]
fn a_source_just_above_a_rung_takes_its_place() {
    let sizes = ["500p_h264 888x500 1500k", "360p_h264 640x360 800k"];
    assert_eq!(ladder(&plan(&film(889, 500))), sizes);
}

#[test]
fn a_source_between_the_high_rungs_is_scaled_to_the_lower_one() {
    assert_eq!(ladder(&plan(&film(1920, 1200)))[0], "1080p_h264 1728x1080 5000k");
    assert_eq!(ladder(&plan(&film(2560, 1440)))[0], "1440p_h264 2560x1440 9000k");
}

#[test]
fn a_source_below_every_rung_is_the_only_one() {
    assert_eq!(ladder(&plan(&film(320, 240))), ["240p_h264 320x240 350k"]);
    assert_eq!(ladder(&plan(&film(16, 16))), ["16p_h264 16x16 50k"]);
    assert_eq!(ladder(&plan(&film(4000, 100))), ["100p_h264 4000x100 1210k"]);
    let huge_only = vec![Rung { short_side: 4320, bitrate: Bitrate::from_kbps(30_000), crf: Some(18.0) }];
    let huge_only = Plan::new(&film(1920, 1080), &Settings { ladder: huge_only, ..web() }).expect("own size fits");
    assert_eq!(ladder(&huge_only), ["1080p_h264 1920x1080 3750k"]);
    assert_eq!(video_of(&huge_only).renditions[0].encoding.rate_control, RateControl::CappedCrf { crf: 18.0 });
}

#[test]
fn sizes_beyond_h264_are_scaled_down() {
    let top = |width, height| video_of(&plan(&film(width, height))).picture.display;
    assert_eq!(top(20_000, 100), Resolution::new(16_384, 82));
    assert_eq!(top(60_000, 2), Resolution::new(16_384, 2));
    let square = top(16_000, 16_000);
    assert!(square.width == square.height && square.width > 5900 && square.width.div_ceil(16).pow(2) <= 139_264);
}

#[test]
fn tiny_pictures_are_not_enlarged() {
    // They became 16 pixels wide, and 2x720 so 16x5760.
    assert_eq!(ladder(&plan(&film(2, 720))), ["2p_h264 2x720 50k"]);
    assert_eq!(ladder(&plan(&film(100, 4))), ["4p_h264 100x4 50k"]);
    assert_eq!(ladder(&plan(&film(2, 2))), ["2p_h264 2x2 50k"]);
    assert_eq!(ladder(&plan(&film(1, 721))), ["2p_h264 2x720 50k"], "4:2:0 has no single column");
}

#[test]
fn two_rungs_of_one_size_are_one() {
    let rung = |short_side, kbps| Rung { short_side, bitrate: Bitrate::from_kbps(kbps), crf: None };
    let twice = vec![rung(360, 800), rung(720, 3000), rung(720, 2000)];
    let plan = Plan::new(&film(1280, 720), &Settings { ladder: twice, ..web() }).expect("a plan can be made");
    assert_eq!(ladder(&plan), ["720p_h264 1280x720 3000k", "360p_h264 640x360 800k"]);
}

#[test]
fn a_broken_pixel_aspect_is_a_square_one() {
    for (num, den) in [(0, 1), (1, 0), (1, 65_535)] {
        let mut source = film(640, 360);
        source.video[0].pixel_aspect = PixelAspect { num, den };
        assert_eq!(video_of(&plan(&source)).picture.display, Resolution::new(640, 360));
    }
}

// Encoder settings.

fn option<'a>(plan: &'a Plan, rung: usize, name: &str) -> Option<&'a str> {
    let options = &video_of(plan).renditions[rung].encoding.options;
    options.iter().find(|(option, _)| option == name).map(|(_, value)| value.as_str())
}

#[test]
fn key_frames_are_where_the_grid_wants_them() {
    let plan = plan(&source(vec![pictures(1920, 1080, "30000/1001", 30 * SECOND)], Vec::new()));
    for (name, value) in [("g", "60"), ("keyint_min", "60"), ("sc_threshold", "0"), ("forced-idr", "1")] {
        assert_eq!(option(&plan, 0, name), Some(value), "{name}");
    }
}

#[test]
fn the_users_rate_factor_goes_before_that_of_the_rung_and_that_before_the_usual_one() {
    let mut settings = web();
    settings.ladder[3].crf = Some(25.5);
    let crfs = |settings: &Settings| {
        let plan = Plan::new(&film(1920, 1080), settings).expect("a plan can be made");
        (0..3).map(|rung| option(&plan, rung, "crf").expect("capped CRF").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(crfs(&settings), ["17", "25.5", "16.7"]);
    settings.crf = Some(19.0);
    assert_eq!(crfs(&settings), ["19", "19", "19"]);
}

#[test]
fn an_average_bit_rate_leaves_room_above_it() {
    let settings = Settings { rate_control: RateControlMode::TwoPass, ..web() };
    let plan = Plan::new(&film(1920, 1080), &settings).expect("a plan can be made");
    assert_eq!(option(&plan, 0, "b"), Some("5000000"));
    // The encoder keeps below what the plan promises, for the joins of shards.
    assert_eq!(option(&plan, 0, "maxrate"), Some("7000000"));
    assert_eq!(video_of(&plan).renditions[0].encoding.maxrate, Bitrate::from_kbps(7500));
    assert_eq!(option(&plan, 0, "bufsize"), Some("5000000"));
    assert_eq!(video_of(&plan).renditions[0].encoding.bufsize, 7_500_000);
    assert_eq!(option(&plan, 0, "crf"), None);
}

#[test]
fn a_preset_of_the_encoder_is_taken_as_it_is() {
    let settings = Settings { speed: Speed::Encoder("veryslow".into()), ..web() };
    let plan = Plan::new(&film(1920, 1080), &settings).expect("a plan can be made");
    assert_eq!(option(&plan, 0, "preset"), Some("veryslow"));
    assert_eq!(option(&plan, 0, "x264-params"), Some("open-gop=0:stitchable=1:nal-hrd=none:cpu-independent=1"));
}

#[test]
fn rgb_screens_are_full_range_and_become_bt709() {
    let mut source = film(1280, 720);
    source.video[0].pixel_format = "bgra".into();
    source.video[0].color = ColorInfo::UNSPECIFIED;
    let plan = plan(&source);
    assert_eq!(video_of(&plan).picture.source_color, ColorInfo { matrix: 0, full_range: true, ..ColorInfo::BT709 });
    assert_eq!(video_of(&plan).color, ColorInfo::BT709);
}

#[test]
fn pictures_of_unknown_field_order_are_deinterlaced_where_marked_unless_the_codec_has_no_fields() {
    let mut source = film(1280, 720);
    source.video[0].field_order = FieldOrder::Unknown;
    assert!(video_of(&plan(&source)).picture.deinterlace);
    source.video[0].codec = "vp9".into();
    assert!(!video_of(&plan(&source)).picture.deinterlace);
}

// Time.

#[test]
fn a_rate_nobody_can_mean_gives_way_to_the_measured_or_the_usual_one() {
    let mut source = film(1280, 720);
    source.video[0].declared_rate = Some(rate("90000/1"));
    let timing = VideoTiming { mean_rate: 29.9, exact_rate: Some(rate("90000/1")), ..constant("25", SECOND) };
    source.video[0].timing = Some(timing);
    assert_eq!(plan(&source).grid.rate(), rate("30000/1001"));
    source.video[0].timing = None;
    assert_eq!(plan(&source).grid.rate(), rate("25"));
}

#[test]
fn a_still_picture_with_sound_lasts_as_long_as_the_sound() {
    let mut source = film(1280, 720);
    source.video[0].timing = Some(VideoTiming {
        frames: 1,
        mean_rate: 0.0,
        constant: true,
        exact_rate: None,
        key_frames_us: vec![0],
        seekable: true,
    });
    source.video[0].end_us = 40_000;
    let grid = plan(&source).grid;
    assert_eq!((grid.rate(), grid.frames()), (rate("25"), 750));
}

#[test]
fn start_and_end_count_from_the_start_of_the_source() {
    let mut source = film(1280, 720);
    source.video[0].start_us = -80_000;
    source.start_us = -80_000;
    let settings = Settings { start: Some(2.5), end: Some(10.0), ..web() };
    let plan = Plan::new(&source, &settings).expect("a plan can be made");
    assert_eq!((plan.origin_us, plan.grid.frames()), (2_440_000, 187));
    let endless = Plan::new(&source, &Settings { end: Some(1e6), ..web() }).expect("a plan can be made");
    assert_eq!(endless.duration().as_seconds(), 30.08);
}

#[test]
fn a_track_that_is_not_taken_does_not_lengthen_the_programme() {
    let mut source = film(1280, 720);
    source.audio.push(AudioInfo { start_us: -SECOND, ..sound(2, "de", 90 * SECOND) });
    (source.start_us, source.end_us) = (-SECOND, 90 * SECOND);
    let settings = Settings { audio_languages: vec![Language::parse("en")], ..web() };
    let plan = Plan::new(&source, &settings).expect("a plan can be made");
    assert_eq!((plan.origin_us, plan.grid.frames()), (0, 750));
}

#[test]
fn the_poster_is_the_frame_shown_at_its_time() {
    let settings = Settings { poster: Poster::At(1.04), ..web() };
    let plan = Plan::new(&film(3840, 2160), &settings).expect("a plan can be made");
    let poster = video_of(&plan).poster.expect("a poster is asked for");
    assert_eq!((poster.frame, poster.resolution), (Some(26), Resolution::new(1920, 1080)));
}

// Sound.

#[test]
fn the_default_track_comes_first_and_names_are_told_apart() {
    let end = 30 * SECOND;
    let commentary = AudioInfo { commentary: true, default: true, ..sound(1, "en", end) };
    let specs = [128, 64].map(|kbps| AudioSpec::new(EncodableAudio::Aac, Bitrate::from_kbps(kbps)));
    let tracks = vec![commentary, sound(2, "en", end), sound(3, "en", end)];
    let settings = Settings { audio: specs.to_vec(), ..web() };
    let plan = Plan::new(&source(Vec::new(), tracks), &settings).expect("a plan can be made");
    let rows: Vec<_> = plan.audio.iter().map(|a| (a.id.name(), a.label.as_str(), a.default, a.role)).collect();
    let expected = [
        ("en_aac_128k", "English", true, AudioRole::Main),
        ("en_aac_64k", "English", false, AudioRole::Main),
        ("en_aac_128k_2", "English (commentary)", false, AudioRole::Commentary),
        ("en_aac_64k_2", "English (commentary)", false, AudioRole::Commentary),
        ("en_aac_128k_3", "English 2", false, AudioRole::Main),
        ("en_aac_64k_3", "English 2", false, AudioRole::Main),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_language_covers_its_regions() {
    let tracks = vec![sound(1, "pt-BR", SECOND), sound(2, "en", SECOND)];
    let settings = Settings { audio_languages: vec![Language::parse("pt")], ..web() };
    let plan = Plan::new(&source(Vec::new(), tracks), &settings).expect("a plan can be made");
    assert_eq!(plan.audio.iter().map(|a| a.id.name()).collect::<Vec<_>>(), ["pt-BR_aac_128k"]);
}

// Refusals.

#[test]
fn refusals_say_what_to_do() {
    let film = film(1280, 720);
    let silent = source(film.video.clone(), Vec::new());
    let cases = [
        (&source(Vec::new(), Vec::new()), web(), "holds neither pictures nor sound"),
        (&silent, Settings { no_video: true, ..web() }, "holds no sound"),
        (&film, Settings { start: Some(31.0), ..web() }, "cannot start at 31 s: film.mkv is 30.000 s long"),
        (&film, Settings { start: Some(5.0), end: Some(4.0), ..web() }, "cannot end at 4 s when starting at 5 s"),
        (&film, Settings { end: Some(f64::NAN), ..web() }, "end cannot be NaN"),
        (&film, Settings { audio_languages: vec![Language::parse("de")], ..web() }, "no audio track in de; it has en"),
        (&film, Settings { speed: Speed::Encoder("warp".into()), ..web() }, "unknown speed `warp`; use one of draft"),
        (&film, Settings { poster: Poster::At(30.0), ..web() }, "cannot take the poster at 30 s"),
        (&film, Settings { gop: 0.0, ..web() }, "gop cannot be 0"),
        (&film, Settings { thumbnail_width: 0, ..web() }, "thumbnail_width cannot be 0"),
        (&film, Settings { crf: Some(-1.0), ..web() }, "crf cannot be -1"),
        (&film, Settings { ladder: Vec::new(), ..web() }, "ladder is empty"),
    ];
    for (source, settings, says) in cases {
        let message = refusal(source, &settings);
        assert!(message.contains(says), "`{message}` does not say `{says}`");
    }
}

#[test]
fn damaged_timestamps_are_refused() {
    let mut film = film(1280, 720);
    (film.start_us, film.end_us) = (i64::MIN, i64::MAX);
    assert!(matches!(Plan::new(&film, &web()), Err(Error::TooLong { .. })));
}

// What holds for every source.

prop_compose! {
    fn any_geometry()(
        width in 1u32..20_000,
        height in 1u32..20_000,
        shrink in prop_oneof![Just((1, 1)), Just((8, 1)), Just((1, 8)), Just((40, 40))],
        (num, den) in prop_oneof![Just((1, 1)), (0u32..200, 0u32..200)],
        rotation in prop_oneof![Just(0u16), Just(90), Just(180), Just(270)],
    ) -> VideoInfo {
        let resolution = Resolution::new((width / shrink.0).max(1), (height / shrink.1).max(1));
        let video = pictures(1, 1, "25", 30 * SECOND);
        VideoInfo { resolution, pixel_aspect: PixelAspect { num, den }, rotation, ..video }
    }
}

prop_compose! {
    fn any_timing()(
        exact in (1u32.., 1u32..),
        constant: bool,
        known: bool,
        mean_rate in prop_oneof![0.0..300.0, Just(f64::NAN), Just(f64::INFINITY), Just(1e300)],
        frames in 0u64..1_000_000,
        mut key_frames_us in prop::collection::vec(-SECOND..4000 * SECOND, 0..200),
        seekable: bool,
    ) -> VideoTiming {
        key_frames_us.sort_unstable();
        let exact_rate = if known { FrameRate::new(exact.0, exact.1) } else { None };
        VideoTiming { frames, mean_rate, constant, exact_rate, key_frames_us, seekable }
    }
}

proptest! {
    // A failure is written into a test of its own that names the cause, not kept as a seed.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_picture_gets_rungs_that_are_even_in_shape_and_not_enlarged(video in any_geometry()) {
        let plan = plan(&source(vec![video], Vec::new()));
        let video = video_of(&plan);
        let display = video.picture.display;
        let (short, long) = (f64::from(display.short_side()), f64::from(display.width.max(display.height)));
        let mut previous = u32::MAX;
        for rendition in &video.renditions {
            let Resolution { width, height } = rendition.resolution;
            prop_assert!(width % 2 == 0 && height % 2 == 0);
            prop_assert!(width >= 2 && height >= 2 && width <= display.width && height <= display.height);
            prop_assert!(width.div_ceil(16) * height.div_ceil(16) <= 139_264);
            let side = f64::from(rendition.resolution.short_side());
            // Both sizes were rounded by up to one pixel a side.
            let allowed = 1.0 + side / short + side * long / (short * (short - 1.0)) + 0.01;
            prop_assert!((f64::from(width.max(height)) - side * long / short).abs() <= allowed, "{width}x{height} of {display}");
            prop_assert!(rendition.resolution.short_side() < previous, "widest first, none twice");
            previous = rendition.resolution.short_side();
        }
        let tile = video.thumbnails.expect("the defaults have thumbnails");
        prop_assert!(tile.tile.width.max(tile.tile.height) <= 160 && tile.columns * tile.rows >= 1);
        prop_assert!(tile.columns * tile.tile.width <= 4096 && tile.rows * tile.tile.height <= 4096);
    }

    #[test]
    fn every_timing_gives_shards_that_cover_each_segment_once(
        timing in prop::option::of(any_timing()),
        declared in prop::option::of((1u32.., 1u32..)),
        start_us in -10 * SECOND..10 * SECOND,
        length_us in 0..4000 * SECOND,
        limit in prop_oneof![Just("60"), Just("30000/1001"), Just("1/7")],
        segment_duration in 0.5..20.0,
        gop in 0.01..10.0,
    ) {
        let end_us = start_us + length_us;
        let declared_rate = declared.and_then(|(num, den)| FrameRate::new(num, den));
        let video = VideoInfo { timing, declared_rate, start_us, end_us, ..pictures(640, 360, "25", end_us) };
        let settings = Settings { max_frame_rate: rate(limit), segment_duration, gop, ..web() };
        let plan = Plan::new(&source(vec![video], Vec::new()), &settings).expect("a plan can be made");
        let fps = plan.grid.rate().as_f64();
        prop_assert!(fps >= 1.0 && (fps <= rate(limit).as_f64() || fps < 2.0), "{fps}");
        prop_assert!(plan.grid.frames() >= 1);
        let error = (plan.duration().as_seconds() - length_us as f64 / 1e6).abs();
        prop_assert!(error <= 0.5001 / fps || plan.grid.frames() == 1, "{error} s off");
        let mut next = SegmentNumber(1);
        for (index, shard) in video_of(&plan).shards.iter().enumerate() {
            prop_assert!(shard.index == index && shard.first == next && shard.last >= shard.first);
            next = SegmentNumber(shard.last.0 + 1);
        }
        prop_assert_eq!(next.0, plan.grid.segments() + 1);
    }

    #[test]
    fn ids_and_labels_are_unique_and_one_track_is_the_default(
        tracks in prop::collection::vec(
            (prop_oneof![Just("en"), Just("de"), Just("und"), Just("pt-BR")], any::<[bool; 3]>(), prop::option::of("[ A-C2\t]{0,3}")),
            1..12,
        ),
        kbps in prop::collection::vec(32u64..400, 1..4),
    ) {
        let tracks = tracks.into_iter().enumerate().map(|(index, (language, [default, commentary, description], title))| {
            AudioInfo { default, commentary, description, title, ..sound(index, language, SECOND) }
        });
        let audio = kbps.iter().map(|k| AudioSpec::new(EncodableAudio::Aac, Bitrate::from_kbps(*k))).collect();
        let source = source(Vec::new(), tracks.collect());
        let plan = Plan::new(&source, &Settings { audio, ..web() }).expect("a plan can be made");
        let distinct = |names: Vec<&str>| names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        prop_assert!(distinct(plan.audio.iter().map(|a| a.id.name()).collect()));
        let tracks = plan.audio.chunk_by(|a, b| a.track == b.track);
        prop_assert!(distinct(tracks.map(|renditions| renditions[0].label.as_str()).collect()));
        prop_assert!(plan.audio[0].default && plan.audio.iter().filter(|a| a.default).count() == 1);
        let apart = |a: &AudioRendition| source.audio.iter().any(|t| t.track == a.track && (t.commentary || t.description));
        prop_assert!(plan.audio.iter().all(|a| (a.role == AudioRole::Main) != apart(a)));
    }
}
