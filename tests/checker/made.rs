//! A whole set without our encoder: samples of FFmpeg's own, through our packager and manifests.

use std::fs;
use std::path::Path;
use std::process::Command;

use mp4_atom::{Codec, Encode, Moov};
use streampack::manifest::{self, Presentation};
use streampack::media::{
    AudioTrack, ChannelLayout, CodecConfig, CodecString, ColorInfo, FrameRate, Language, RenditionId, Resolution,
    Sample, SegmentNumber, Span, Timescale, Timestamp, TrackConfig, TrackMedia, VideoTrack,
};
use streampack::output::{self, Output, Stored, store};
use streampack::package::{self, Packaged, Packager};
use streampack::plan::{AudioRole, Layout, Plan, SegmentGrid, ThumbnailPlan, names};
use streampack::thumbs::{Sheet, Sheets, vtt};
use tempfile::TempPath;

use crate::support::{boxes, planned};

/// 7.2 s at 25 frames per second: a full segment of three GOPs and a short one.
const FRAMES: u64 = 180;
const SECONDS: &str = "7.2";
const PRIMING: u32 = 1024;
const SIZES: [Resolution; 2] = [Resolution::new(320, 180), Resolution::new(160, 90)];

/// Writes straight into a directory.
struct Straight<'a>(&'a Path);

impl Output for Straight<'_> {
    fn put(&self, key: &str, body: &[u8]) -> Result<(), output::Error> {
        let path = self.0.join(key);
        fs::create_dir_all(path.parent().expect("keys are below the root")).expect("a temporary directory is writable");
        fs::write(path, body).expect("a temporary directory is writable");
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), output::Error> {
        fs::remove_file(self.0.join(key)).expect("a temporary directory is writable");
        Ok(())
    }
}

/// Makes a set in `root`.
pub(crate) fn set(root: &Path, layout: Layout) {
    let plan = plan(layout);
    let output = Straight(root);
    let mut presentation = Presentation::default();
    let video = plan.video.as_ref().expect("there are pictures");
    let mut smallest = None;
    for rendition in &video.renditions {
        let coded = pictures(rendition.resolution);
        add(&output, &plan, &mut presentation, &rendition.id, &coded);
        smallest = Some(coded);
    }
    let mut trick = smallest.expect("there is a rung");
    trick.samples = key_frames(&plan.grid, &trick.samples);
    let trick_id = &video.trick.as_ref().expect("it is planned").id;
    add(&output, &plan, &mut presentation, trick_id, &trick);
    for rendition in &plan.audio {
        add(&output, &plan, &mut presentation, &rendition.id, &sound(&rendition.language));
    }
    add_thumbnails(&output, &plan, &mut presentation);
    for document in manifest::documents(&plan.offer(), &presentation).expect("everything is stored") {
        put(&output, &document.key, document.body.as_bytes(), ());
    }
    put(&output, names::REPORT, b"{}\n", ());
}

fn put<T>(output: &Straight<'_>, key: &str, body: &[u8], facts: T) -> Stored<T> {
    store(output, key, body, facts).expect("a temporary directory is writable")
}

fn plan(layout: Layout) -> Plan {
    let plan = planned::plan(FrameRate::whole(25), FRAMES);
    let plan = planned::with_trick(planned::with_video(plan, &SIZES.map(|size| (size.height, 500))));
    let plan = planned::with_audio(plan, 1, "en", AudioRole::Main, 64);
    let mut plan = planned::with_audio(plan, 2, "de", AudioRole::Dub, 64);
    let interval = plan.grid.span_of(25);
    let video = plan.video.as_mut().expect("there are pictures");
    video.thumbnails = Some(ThumbnailPlan { interval_frames: 25, interval, tile: SIZES[1], columns: 2, rows: 2 });
    Plan { layout, audio_only_variant: true, ..plan }
}

/// A track of FFmpeg's.
struct Coded {
    track: TrackConfig,
    samples: Vec<Sample>,
}

fn add(output: &Straight<'_>, plan: &Plan, presentation: &mut Presentation, id: &RenditionId, coded: &Coded) {
    let (init, header) =
        package::init(id, &coded.track, plan.grid.rate(), plan.layout, None).expect("the track is sound");
    let mut packager = Packager::new(id.clone(), &coded.track, plan.grid, SegmentNumber(1), plan.layout)
        .expect("the track is on the grid");
    let mut packaged = Vec::new();
    for sample in &coded.samples {
        packaged.extend(packager.push(sample.clone()).expect("the samples are on the grid"));
    }
    packaged.extend(packager.finish().expect("the samples reach the end"));
    let packaged: Vec<Packaged> =
        packaged.into_iter().map(|draft| draft.write().expect("boxes can say all of it")).collect();
    match plan.layout {
        Layout::SegmentFiles => {
            presentation.add_init(put(output, &init.key.clone(), &header, init));
            for segment in packaged {
                presentation.add_segment(put(
                    output,
                    &segment.facts.key.clone(),
                    &segment.body.after(0).expect("in memory"),
                    segment.facts,
                ));
            }
        }
        Layout::SingleFile => {
            let facts = packaged.iter().map(|s| &s.facts);
            let (file, index) = package::single_file(&init, facts).expect("the segments are in order");
            let body =
                packaged.iter().flat_map(|s| s.body.pieces()).flat_map(|piece| piece.bytes().expect("in memory"));
            let body: Vec<u8> = header.iter().chain(&index).chain(body).copied().collect();
            let stored = put(output, &file.key.clone(), &body, (init, packaged, file)).into_facts();
            presentation.add_init(put(output, "kept", &[], stored.0));
            for segment in stored.1 {
                presentation.add_segment(put(output, "kept", &[], segment.facts));
            }
            presentation.set_single(id, put(output, "kept", &[], stored.2));
            output.delete("kept").expect("it was put");
        }
    }
}

fn add_thumbnails(output: &Straight<'_>, plan: &Plan, presentation: &mut Presentation) {
    let thumbnails = plan.video.as_ref().and_then(|v| v.thumbnails.as_ref()).expect("they are planned");
    let tiles = FRAMES.div_ceil(thumbnails.interval_frames) as u32;
    let mut sheets = Vec::new();
    for (number, from) in (1..).zip((0..tiles).step_by(4)) {
        let body = jpeg(thumbnails.tile.width * 2, thumbnails.tile.height * 2);
        let (key, tiles) = (names::sprite(number), (tiles - from).min(4));
        let sheet = Sheet { number, key: key.clone(), bytes: body.len() as u64, tiles };
        sheets.push(put(output, &key, &body, sheet).into_facts());
    }
    let sheets = Sheets::new(thumbnails, sheets);
    let text = vtt::vtt(&sheets, plan.duration());
    presentation.set_sheets(put(output, names::THUMBNAILS, text.as_bytes(), sheets));
    put(output, names::POSTER, &jpeg(320, 180), ());
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Jpeg).expect("memory is enough");
    bytes.into_inner()
}

fn pictures(resolution: Resolution) -> Coded {
    let source = format!("testsrc2=s={resolution}:r=25:d={SECONDS}");
    let file = coded(
        &["-f", "lavfi", "-i", &source, "-c:v", "libx264", "-preset", "veryfast", "-bf", "2"],
        &[
            "-g",
            "50",
            "-keyint_min",
            "50",
            "-sc_threshold",
            "0",
            "-flags",
            "+cgop",
            "-pix_fmt",
            "yuv420p",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-colorspace",
            "bt709",
            "-color_range",
            "tv",
            "-video_track_timescale",
            "25000",
        ],
    );
    let Codec::Avc1(entry) = entry(&file) else { panic!("libx264 makes avc1") };
    let mut record = Vec::new();
    entry.avcc.encode(&mut record).expect("memory is enough");
    let avcc = &entry.avcc;
    let codec_string =
        CodecString::avc1(avcc.avc_profile_indication, avcc.profile_compatibility, avcc.avc_level_indication);
    let scale = Timescale::new(25_000);
    let track = TrackConfig {
        timescale: scale,
        language: Language::undetermined(),
        codec: CodecConfig::Avc(record.split_off(8)),
        codec_string,
        media: TrackMedia::Video(VideoTrack::new(resolution, ColorInfo::BT709)),
    };
    Coded { track, samples: samples(&file, scale, 1000, 0) }
}

fn sound(language: &Language) -> Coded {
    let source = format!("sine=frequency=330:sample_rate=48000:d={SECONDS}");
    let file = coded(&["-f", "lavfi", "-i", &source, "-c:a", "aac", "-ac", "2"], &["-b:a", "64k"]);
    let Codec::Mp4a(entry) = entry(&file) else { panic!("aac makes mp4a") };
    let specific = entry.esds.es_desc.dec_config.dec_specific.expect("FFmpeg writes the AudioSpecificConfig");
    let scale = Timescale::new(48_000);
    let audio = AudioTrack {
        sample_rate: 48_000,
        layout: ChannelLayout::Stereo,
        frame_length: 1024,
        priming: PRIMING,
        joint_objects: None,
        loudness: None,
    };
    let track = TrackConfig {
        timescale: scale,
        language: language.clone(),
        codec: CodecConfig::Aac(specific.raw),
        codec_string: CodecString::mp4a(specific.profile),
        media: TrackMedia::Audio(audio),
    };
    Coded { track, samples: samples(&file, scale, 1024, i64::from(PRIMING)) }
}

/// One picture per GOP, which lasts as long as the GOP.
fn key_frames(grid: &SegmentGrid, samples: &[Sample]) -> Vec<Sample> {
    let starts = (0..grid.fragments()).map(|f| (grid.fragment_start(f), grid.fragment_start(f + 1)));
    starts.map(|(from, to)| Sample { duration: grid.span_of(to - from), ..samples[from as usize].clone() }).collect()
}

fn coded(input: &[&str], options: &[&str]) -> TempPath {
    let file = tempfile::Builder::new().suffix(".mp4").tempfile().expect("a temporary file").into_temp_path();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-y", "-v", "error"]).args(input).args(options).arg(&file);
    assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    file
}

fn entry(file: &Path) -> Codec {
    let bytes = fs::read(file).expect("ffmpeg wrote it");
    let places = boxes::walk(&bytes, 0, bytes.len()).expect("ffmpeg writes boxes");
    let moov = places.iter().find(|p| p.kind == *b"moov").expect("ffmpeg writes moov");
    let moov: Moov = boxes::decode(&bytes, *moov).expect("mp4-atom reads moov");
    moov.trak[0].mdia.minf.stbl.stsd.codecs[0].clone()
}

/// The packets of a file, decoded one after the other from 0 on and presented `shift` ticks later than
/// the file says. Each lasts `duration` ticks.
fn samples(file: &Path, scale: Timescale, duration: u64, shift: i64) -> Vec<Sample> {
    let entries = ["-v", "error", "-show_entries", "packet=pts,size,pos,flags", "-of", "json"];
    let said = Command::new("ffprobe").args(entries).arg(file).output().expect("the ffprobe command is installed");
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).expect("ffprobe writes JSON");
    let bytes = fs::read(file).expect("ffmpeg wrote it");
    let number = |value: &serde_json::Value| -> i64 {
        value.as_i64().or_else(|| value.as_str()?.parse().ok()).expect("ffprobe writes numbers")
    };
    let mut samples = Vec::new();
    for packet in said["packets"].as_array().expect("there are packets") {
        let dts = samples.len() as i64 * duration as i64;
        let (at, size) = (number(&packet["pos"]) as usize, number(&packet["size"]) as usize);
        samples.push(Sample {
            dts: Timestamp::new(dts, scale),
            cts_offset: (number(&packet["pts"]) + shift - dts) as i32,
            duration: Span::new(duration, scale),
            sync: packet["flags"].as_str().is_some_and(|flags| flags.starts_with('K')),
            data: bytes[at..at + size].to_vec().into(),
        });
    }
    samples
}
