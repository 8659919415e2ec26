//! Real streams of every codec: their codec strings and facts, the headers that we write of them as text and
//! as mp4-atom sees them, and whole files that FFmpeg decodes. `UPDATE_GOLDEN=1 cargo test --test codecs`
//! rewrites the text.

#[path = "support/boxdump.rs"]
mod boxdump;
#[path = "support/coded.rs"]
mod coded;
#[path = "codecs/damage.rs"]
mod damage;
#[path = "codecs/files.rs"]
mod files;

use std::process::Command;

use coded::{Coded, boxed, clip, from_word, nothing};
use ffmpeg_next::codec::Id;
use files::{Facts, Written};
use mp4_atom::{Any, Codec, Decode};
use streampack::codec::Error;
use streampack::media::{AudioCodec, ChannelLayout, ColorInfo, ContentLight, Resolution, VideoCodec};

const PQ: ColorInfo = ColorInfo { primaries: 9, transfer: 16, matrix: 9, full_range: false };

/// The one sample entry, as mp4-atom reads it.
fn entry(header: &[u8]) -> Codec {
    let mut rest = header;
    let mut codecs = Vec::new();
    while !rest.is_empty() {
        if let Any::Moov(moov) = Any::decode(&mut rest).expect("mp4-atom reads our header") {
            codecs = moov.trak[0].mdia.minf.stbl.stsd.codecs.clone();
        }
    }
    assert_eq!(codecs.len(), 1);
    codecs.remove(0)
}

/// `clip` with its packets untouched in another container, in a directory of its own.
fn remuxed(name: &str, format: &str, arguments: &[&str]) -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(format!("clip.{format}"));
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(clip(name)).args(["-c", "copy"]).args(arguments).arg(&path);
    assert!(command.status().expect("the ffmpeg command is installed").success());
    (directory, path)
}

fn hevc() -> Coded {
    Coded::of(&clip("hevc10_pq.mp4"), Id::HEVC, boxed(*b"hvcC"))
}

fn av1() -> Coded {
    // Four bytes of record, a sequence header of 14 bytes behind its header of two.
    Coded::of(&clip("av1_eac3_flac.mkv"), Id::AV1, from_word(&[0x81, 0x00, 0x4c, 0x00], 20))
}

fn vp9() -> Coded {
    Coded::of(&clip("vp9_opus.webm"), Id::VP9, nothing)
}

fn opus() -> Coded {
    Coded::of(&clip("vp9_opus.webm"), Id::OPUS, from_word(b"OpusHead", 19))
}

fn ac3() -> Coded {
    Coded::of(&clip("two_languages_51.mkv"), Id::AC3, nothing)
}

fn eac3() -> Coded {
    Coded::of(&clip("av1_eac3_flac.mkv"), Id::EAC3, nothing)
}

fn flac() -> Coded {
    Coded::of(&clip("av1_eac3_flac.mkv"), Id::FLAC, from_word(b"fLaC", 42))
}

fn mp3() -> Coded {
    Coded::of(&clip("attached_picture.mp3"), Id::MP3, nothing)
}

fn aac() -> Coded {
    Coded::of(&clip("open_gop.ts"), Id::AAC, nothing)
}

fn anamorphic() -> Coded {
    Coded::of(&clip("anamorphic.mp4"), Id::H264, boxed(*b"avcC"))
}

/// A stream of every codec, and of H.264 and HEVC one in each form.
fn all() -> Vec<Coded> {
    let in_ts = |name, codec| {
        let (_directory, path) = remuxed(name, "ts", &["-an"]);
        Coded::of(&path, codec, nothing)
    };
    let annex_b = [in_ts("anamorphic.mp4", Id::H264), in_ts("hevc10_pq.mp4", Id::HEVC)];
    let others = [hevc(), anamorphic(), av1(), vp9(), opus(), ac3(), eac3(), flac(), mp3(), aac()];
    annex_b.into_iter().chain(others).collect()
}

#[test]
fn hevc_of_mp4_keeps_its_record_and_its_hdr() {
    let (coded, stream) = (hevc(), hevc().video(VideoCodec::Hevc, 24));
    assert_eq!(stream.codec_string().as_str(), "hvc1.2.4.L63.90");
    assert_eq!((stream.track().resolution, stream.track().color), (Resolution::new(640, 360), PQ));
    let mastering = stream.track().hdr.mastering.expect("x265 wrote it");
    assert_eq!(mastering.primaries, [[13_250, 34_500], [7500, 3000], [34_000, 16_000]]);
    assert_eq!((mastering.max_luminance, mastering.min_luminance), (10_000_000, 50));
    assert_eq!(stream.track().hdr.light, Some(ContentLight { max_content: 1000, max_average: 400 }));

    let written = Written::video(&stream, &coded, 24);
    written.golden("hevc_header");
    let Codec::Hvc1(entry) = entry(&written.header) else { panic!("an hvc1 entry") };
    assert_eq!((entry.hvcc.general_level_idc, entry.hvcc.bit_depth_luma_minus8, entry.hvcc.arrays.len()), (63, 2, 4));
    assert_eq!((entry.visual.width, entry.visual.height), (640, 360));
    written.is_read_as(&Facts { codec: "hevc", frames: 48, detail: "640x360" });
}

#[test]
fn hevc_of_mpeg_ts_becomes_the_same_as_of_mp4() {
    let (_directory, path) = remuxed("hevc10_pq.mp4", "ts", &[]);
    let coded = Coded::of(&path, Id::HEVC, nothing);
    let (of_ts, of_mp4) = (coded.video(VideoCodec::Hevc, 24), hevc().video(VideoCodec::Hevc, 24));
    assert_eq!((of_ts.codec_string(), of_ts.track()), (of_mp4.codec_string(), of_mp4.track()));
    let samples = |coded: &Coded, stream: &streampack::codec::VideoStream| -> Vec<Vec<u8>> {
        coded.packets.iter().map(|packet| stream.sample(packet.into()).expect("the same parameters")).collect()
    };
    // Into the first packet FFmpeg writes the SEI of the record once more.
    assert!(samples(&coded, &of_ts)[1..] == samples(&hevc(), &of_mp4)[1..], "samples differ");
    Written::video(&of_ts, &coded, 24).is_read_as(&Facts { codec: "hevc", frames: 48, detail: "640x360" });
}

#[test]
fn h264_of_mpeg_ts_has_the_record_that_ffmpeg_writes() {
    let (_directory, path) = remuxed("anamorphic.mp4", "ts", &[]);
    let coded = Coded::of(&path, Id::H264, nothing);
    let (of_ts, of_mp4) = (coded.video(VideoCodec::H264, 25), anamorphic().video(VideoCodec::H264, 25));
    assert_eq!(of_ts.config(), of_mp4.config());
    assert_eq!(of_ts.track(), of_mp4.track());
}

#[test]
fn pixels_that_are_not_square_are_told_in_pasp_and_tkhd() {
    let stream = anamorphic().video(VideoCodec::H264, 25);
    assert_eq!(stream.codec_string().as_str(), "avc1.64001E");
    assert_eq!(stream.track().resolution, Resolution::new(720, 480));
    assert_eq!(stream.track().display(), Resolution::new(853, 480));
    let written = Written::video(&stream, &anamorphic(), 25);
    written.golden("anamorphic_header");
    let Codec::Avc1(entry) = entry(&written.header) else { panic!("an avc1 entry") };
    let pasp = entry.pasp.expect("a pasp");
    assert_eq!((pasp.h_spacing, pasp.v_spacing), (32, 27));
    written.is_read_as(&Facts { codec: "h264", frames: 25, detail: "720x480" });
}

#[test]
fn h264_with_other_chroma_and_depth_says_so_in_its_record() {
    let (_directory, path) = remuxed("yuv422p10.mkv", "ts", &[]);
    let coded = Coded::of(&path, Id::H264, nothing);
    let stream = coded.video(VideoCodec::H264, 50);
    assert_eq!(stream.codec_string().as_str(), "avc1.7A0015");
    let written = Written::video(&stream, &coded, 50);
    let Codec::Avc1(entry) = entry(&written.header) else { panic!("an avc1 entry") };
    let extension = entry.avcc.ext.expect("High 4:2:2 has one");
    assert_eq!((extension.chroma_format, extension.bit_depth_luma, extension.bit_depth_chroma), (2, 10, 10));
    written.is_read_as(&Facts { codec: "h264", frames: 50, detail: "320x180" });
}

#[test]
fn av1_of_matroska_keeps_its_record() {
    let (coded, stream) = (av1(), av1().video(VideoCodec::Av1, 25));
    assert_eq!(stream.codec_string().as_str(), "av01.0.00M.10.0.110.09.16.09.0");
    assert_eq!((stream.track().resolution, stream.track().color), (Resolution::new(320, 180), PQ));
    let written = Written::video(&stream, &coded, 25);
    written.golden("av1_header");
    let Codec::Av01(entry) = entry(&written.header) else { panic!("an av01 entry") };
    assert!(entry.av1c.high_bitdepth && !entry.av1c.twelve_bit && entry.av1c.chroma_subsampling_x);
    written.is_read_as(&Facts { codec: "av1", frames: 25, detail: "320x180" });
}

#[test]
fn av1_without_a_record_gets_the_same() {
    let bare = Coded { config: Vec::new(), ..av1() };
    assert_eq!(bare.video(VideoCodec::Av1, 25).config(), av1().video(VideoCodec::Av1, 25).config());
}

#[test]
fn vp9_of_webm_gets_a_record() {
    let (coded, stream) = (vp9(), vp9().video(VideoCodec::Vp9, 30));
    assert_eq!(stream.codec_string().as_str(), "vp09.00.21.08");
    let written = Written::video(&stream, &coded, 30);
    written.golden("vp9_header");
    let Codec::Vp09(entry) = entry(&written.header) else { panic!("a vp09 entry") };
    assert_eq!(
        (entry.vpcc.profile, entry.vpcc.level, entry.vpcc.bit_depth, entry.vpcc.chroma_subsampling),
        (0, 21, 8, 1)
    );
    written.is_read_as(&Facts { codec: "vp9", frames: 60, detail: "640x360" });
}

#[test]
fn opus_of_webm_gets_dops() {
    let (coded, mut stream) = (opus(), opus().audio(AudioCodec::Opus));
    assert_eq!(stream.codec_string().as_str(), "Opus");
    assert_eq!((stream.track().layout, stream.track().priming), (ChannelLayout::Stereo, 312));
    let written = Written::audio(&mut stream, &coded);
    written.golden("opus_header");
    let Codec::Opus(entry) = entry(&written.header) else { panic!("an Opus entry") };
    assert_eq!((entry.dops.output_channel_count, entry.dops.pre_skip), (2, 312));
    written.is_read_as(&Facts { codec: "opus", frames: coded.packets.len(), detail: "48000" });
}

#[test]
fn ac3_of_matroska_gets_dac3() {
    let (coded, mut stream) = (ac3(), ac3().audio(AudioCodec::Ac3));
    assert_eq!((stream.codec_string().as_str(), stream.track().layout), ("ac-3", ChannelLayout::Surround51));
    let written = Written::audio(&mut stream, &coded);
    written.golden("ac3_header");
    let Codec::Ac3(entry) = entry(&written.header) else { panic!("an ac-3 entry") };
    assert_eq!((entry.dac3.acmod, entry.dac3.lfeon, entry.dac3.bit_rate_code), (7, true, 10));
    written.is_read_as(&Facts { codec: "ac3", frames: coded.packets.len(), detail: "48000" });
}

#[test]
fn eac3_of_matroska_gets_dec3() {
    let (coded, mut stream) = (eac3(), eac3().audio(AudioCodec::Eac3));
    assert_eq!((stream.codec_string().as_str(), stream.track().layout), ("ec-3", ChannelLayout::Surround51));
    assert_eq!(stream.track().joint_objects, None);
    let written = Written::audio(&mut stream, &coded);
    written.golden("eac3_header");
    let Codec::Eac3(entry) = entry(&written.header) else { panic!("an ec-3 entry") };
    assert_eq!((entry.dec3.data_rate, entry.dec3.substreams.len()), (192, 1));
    written.is_read_as(&Facts { codec: "eac3", frames: coded.packets.len(), detail: "48000" });
}

#[test]
fn flac_of_matroska_gets_dfla() {
    let (coded, mut stream) = (flac(), flac().audio(AudioCodec::Flac));
    assert_eq!((stream.codec_string().as_str(), stream.track().layout), ("fLaC", ChannelLayout::Stereo));
    let written = Written::audio(&mut stream, &coded);
    written.golden("flac_header");
    let Codec::Flac(entry) = entry(&written.header) else { panic!("an fLaC entry") };
    assert_eq!((entry.audio.sample_rate.integer(), entry.dfla.blocks.len()), (48_000, 1));
    assert_eq!(written.ticks, 48_000);
    written.is_read_as(&Facts { codec: "flac", frames: coded.packets.len(), detail: "48000" });
}

#[test]
fn mp3_needs_no_record() {
    let (coded, mut stream) = (mp3(), mp3().audio(AudioCodec::Mp3));
    assert_eq!((stream.codec_string().as_str(), stream.track().layout), ("mp4a.6B", ChannelLayout::Mono));
    let written = Written::audio(&mut stream, &coded);
    written.golden("mp3_header");
    let Codec::Mp4a(entry) = entry(&written.header) else { panic!("an mp4a entry") };
    let config = entry.esds.es_desc.dec_config;
    assert_eq!((config.object_type_indication, config.dec_specific.is_none()), (0x6b, true));
    written.is_read_as(&Facts { codec: "mp3", frames: coded.packets.len(), detail: "44100" });
}

#[test]
fn aac_of_mpeg_ts_loses_its_adts_headers() {
    let coded = aac();
    let mut stream = coded.audio(AudioCodec::Aac);
    assert_eq!((stream.codec_string().as_str(), stream.track().sample_rate), ("mp4a.40.2", 48_000));
    let first = stream.frame(&coded.packets[0]).expect("a frame").expect("a whole one");
    assert_eq!(first.data, coded.packets[0][7..]);
    Written::audio(&mut stream, &coded).is_read_as(&Facts {
        codec: "aac",
        frames: coded.packets.len(),
        detail: "48000",
    });
}

#[test]
fn parameter_sets_that_change_midway_are_noticed() {
    let stream = anamorphic().video(VideoCodec::H264, 25);
    let (_directory, path) = remuxed("portrait.mp4", "ts", &["-an"]);
    let other = Coded::of(&path, Id::H264, nothing);
    let changed = Err(Error::Changed { what: "parameter sets" });
    let of_ts = Coded { packets: [other.packets[0].clone()].into(), config: Vec::new() }.video(VideoCodec::H264, 25);
    assert!(of_ts.sample((&other.packets[0]).into()).is_ok());
    let mut framed = Vec::new();
    for unit in streampack::codec::annex_b(&other.packets[0]) {
        framed.extend((unit.len() as u32).to_be_bytes());
        framed.extend_from_slice(unit);
    }
    assert_eq!(stream.sample((&framed).into()), changed);
}

#[test]
fn sound_of_another_kind_midway_is_noticed() {
    let mut stream = ac3().audio(AudioCodec::Ac3);
    assert_eq!(stream.frame(&eac3().packets[0]), Err(Error::Damaged { what: "AC-3 sync frame" }));
    let mut packet = ac3().packets[0].clone();
    packet[6] = packet[6] & 0x1f | 0x40; // stereo
    assert_eq!(stream.frame(&packet), Err(Error::Changed { what: "AC-3 sync frame" }));
}

#[test]
fn a_stream_that_begins_between_key_frames_is_refused() {
    let (_directory, path) = remuxed("anamorphic.mp4", "ts", &[]);
    let mut coded = Coded::of(&path, Id::H264, nothing);
    coded.packets.remove(0);
    let refused = streampack::codec::VideoStream::new(&coded.video_source(VideoCodec::H264, 25));
    assert_eq!(refused.err(), Some(Error::Missing { what: "sequence parameter set" }));
}
