//! What coded tracks hold, found in one pass over their packets: where they can be cut, and how long they
//! last. Nothing is decoded.

use std::collections::BTreeMap;
use std::path::Path;

use super::SourceInfo;
use super::captions::Captions;
use super::headers;
use super::pass::{self, credible_length, shown_at};
use super::pictures::{Gathered, PictureScan, config, per_second};
use super::places::{Places, Surveyor, units};
use super::probe::{apply, bounds, empty, from_container, truncated, used};
use crate::av::Error;
use crate::av::demux::{Listable, Packet};
use crate::av::streams::{Container, Stream, StreamKind};
use crate::cancel::CancelToken;
use crate::codec::is_avc_key;
use crate::event::Warning;
use crate::media::{TrackIndex, VideoCodec};

/// A file of coded tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// What the container says, with times as they were measured.
    pub info: SourceInfo,
    /// What was found of its pictures, in the order of `info.video`.
    pub video: Vec<PictureScan>,
    /// What was found of its sound, in the order of `info.audio`.
    pub audio: Vec<SoundScan>,
    /// Where its packets lie, where they can be read without a demuxer.
    pub places: Option<Places>,
}

/// What was found of a sound track.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundScan {
    /// The track.
    pub track: TrackIndex,
    /// The codec's headers, as the container has them.
    pub config: Vec<u8>,
    /// The first packet.
    pub head: Vec<u8>,
    /// When each packet would be heard; what a decoder puts out before the sound itself is part of the first
    /// ones. At least one.
    pub times_us: Vec<i64>,
    /// PCM samples before the sound itself, as the container counts them; 0 when it does not.
    pub delay: u32,
    /// When the last packet ends.
    pub end_us: i64,
    /// Bytes of all its packets.
    pub bytes: u64,
    /// Some of it is encrypted.
    pub encrypted: bool,
}

impl SoundScan {
    /// Measured bits per second.
    pub fn bits_per_second(&self) -> u64 {
        let first = self.times_us.first().copied().unwrap_or(self.end_us);
        per_second(self.bytes, self.end_us - first)
    }
}

/// Reads every packet of a file.
pub fn scan(path: &Path, cancel: &CancelToken) -> Result<(Scan, Vec<Warning>), Error> {
    let (mut demuxer, container) = headers::open(path, cancel)?;
    let mut info = from_container(path, &container, &BTreeMap::new());
    let kinds: BTreeMap<TrackIndex, StreamKind> = container.streams.iter().map(|s| (s.track, s.kind)).collect();
    let (mut pictures, mut sounds) = (Gathered::of(&container), BTreeMap::new());
    let mut captions = Captions::of(&container);
    let mut surveyor = Surveyor::of(path, &container);
    // What lies whole in the file is not read here: it will be when it is copied.
    let mut unread = told_by_headers(&container).map(|tracks| {
        let skim = demuxer.skim(path, listable(&container).as_deref());
        (tracks, skim)
    });
    let measured = pass::measure(demuxer, &container, |packet| {
        captions.see(packet);
        surveyor.see(packet);
        match kinds.get(&packet.track()) {
            Some(StreamKind::Video) => pictures.see(packet),
            Some(StreamKind::Audio) => sounds.entry(packet.track()).or_insert_with(Sounds::default).see(packet),
            _ => (),
        }
        let known = |tracks: &[TrackIndex]| surveyor.is_proven(tracks) && pictures.have_heads(tracks);
        if let Some((_, skim)) = unread.take_if(|(tracks, _)| known(tracks)) {
            skim.begin();
        }
    })?;
    let listed = used(&info);
    apply(&mut info, &container, measured);
    captions.tell(&mut info);
    let video: Vec<PictureScan> = info.video.iter().filter_map(|video| pictures.take(video, &container)).collect();
    let audio: Vec<SoundScan> = info
        .audio
        .iter()
        .filter_map(|audio| sounds.remove(&audio.track)?.into_scan(audio.track, config(&container, audio.track)))
        .collect();
    info.video.retain(|info| video.iter().any(|scan| scan.track == info.track));
    info.audio.retain(|info| audio.iter().any(|scan| scan.track == info.track));
    let mut warnings = empty(&listed, &info);
    warnings.extend(truncated(&info));
    bounds(&mut info);
    Ok((Scan { info, video, audio, places: surveyor.finish() }, warnings))
}

/// The tracks of a container, where the first bytes of each packet tell FFmpeg and us all there is to know; nothing
/// where one has more to look at.
fn told_by_headers(container: &Container) -> Option<Vec<TrackIndex>> {
    let pictures = pass::tracks(container, StreamKind::Video);
    let sound = pass::tracks(container, StreamKind::Audio);
    let headed = |stream: &Stream| match stream.kind {
        StreamKind::Video => ["h264", "hevc"].contains(&stream.codec.as_str()),
        _ => ["aac", "ac3", "eac3", "mp3", "opus"].contains(&stream.codec.as_str()),
    };
    pictures.chain(sound).map(|stream| headed(stream).then_some(stream.track)).collect()
}

/// All tracks of which packets are read, where each of them may come of the list that the file has.
fn listable(container: &Container) -> Option<Vec<Listable>> {
    let all = container.streams.iter().filter(|stream| stream.decodable);
    let all = all.filter(|stream| [StreamKind::Video, StreamKind::Audio, StreamKind::Text].contains(&stream.kind));
    let listable = |stream: &Stream| {
        let track = stream.track;
        match (stream.kind, units(stream)) {
            (StreamKind::Video, Some(VideoCodec::H264)) => Some(Listable { track, key: Some(is_avc_key) }),
            (StreamKind::Video, Some(_)) => Some(Listable { track, key: None }),
            (StreamKind::Audio, _) if stream.codec == "aac" => Some(Listable { track, key: None }),
            _ => None,
        }
    };
    all.map(listable).collect()
}

/// The packets of a sound track, as far as they were read.
#[derive(Debug, Default)]
struct Sounds {
    head: Vec<u8>,
    times_us: Vec<i64>,
    delay: u32,
    end_us: i64,
    bytes: u64,
    encrypted: bool,
}

impl Sounds {
    fn see(&mut self, packet: &Packet) {
        let Some(at) = shown_at(packet) else { return };
        let end = at + credible_length(packet.duration_us(), StreamKind::Audio);
        if self.times_us.is_empty() {
            self.head = packet.data().to_vec();
            self.delay = packet.skipped_samples();
            self.end_us = end;
        }
        self.times_us.push(at);
        self.end_us = self.end_us.max(end);
        self.bytes += packet.bytes() as u64;
        self.encrypted |= packet.is_encrypted();
    }

    fn into_scan(self, track: TrackIndex, config: Vec<u8>) -> Option<SoundScan> {
        let Self { head, times_us, delay, end_us, bytes, encrypted } = self;
        let scan = SoundScan { track, config, head, times_us, delay, end_us, bytes, encrypted };
        Some(scan).filter(|scan| !scan.times_us.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::source::packets::{AccessUnit, Coded, PacketReader};
    use crate::source::places::{LARGE, Reading};

    fn clip(name: &str) -> PathBuf {
        // What headers tell is not decoded where FFmpeg's log is off.
        crate::av::init(false);
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
    }

    type Unit = (TrackIndex, i64, bool, Vec<u8>);

    fn owned(unit: AccessUnit<'_>) -> Unit {
        (unit.track, unit.at_us, unit.key, unit.data.into_bytes().expect("a good clip").into_owned())
    }

    /// Tracks may take turns in another way; each has its packets in their order.
    #[test]
    fn packets_are_read_again_as_the_demuxer_gives_them() {
        for name in ["h264_720p25.mp4", "ntsc_bframes.mp4", "edit_list.mp4", "audio_only.m4a", "large_pictures.mp4"] {
            let (path, cancel) = (clip(name), CancelToken::default());
            let (scan, _) = scan(&path, &cancel).expect("a good clip");
            let tracks: Vec<TrackIndex> =
                scan.video.iter().map(|v| v.track).chain(scan.audio.iter().map(|a| a.track)).collect();
            let mut reader = PacketReader::open(&path, &tracks, &scan.info.shifts, &cancel).expect("a good clip");
            let mut expected = Vec::new();
            while let Some(packet) = reader.read().expect("a good clip") {
                expected.extend(AccessUnit::of(&packet).map(owned));
            }
            let places = scan.places.as_ref().unwrap_or_else(|| panic!("{name}: packets lie whole in MP4"));
            for left in [&[][..], &tracks[..]] {
                let (mut found, mut lying) = (Vec::new(), 0);
                let reading = Reading { path: &path, file: 0, tracks: &tracks, left, fronts: false };
                let read: Result<(), Error> = places.read(reading, &cancel, |unit| {
                    if let Coded::There(lying_there) = &unit.data {
                        lying += 1;
                        assert!(
                            lying_there.is_whole() && lying_there.front().is_empty(),
                            "{name}: nothing of it is wanted"
                        );
                    }
                    found.push(owned(unit));
                    Ok(())
                });
                read.expect("the file is as it was");
                let large =
                    expected.iter().filter(|unit| left.contains(&unit.0) && unit.3.len() >= LARGE as usize).count();
                assert_eq!(lying, large, "{name}");
                for track in &tracks {
                    let of = |units: &[Unit]| units.iter().filter(|unit| unit.0 == *track).cloned().collect::<Vec<_>>();
                    assert!(of(&found) == of(&expected), "{name}, track {}", track.0);
                }
            }
        }
    }

    #[test]
    fn containers_that_cut_packets_up_are_left_to_the_demuxer() {
        for name in ["open_gop.ts", "vp9_opus.webm"] {
            let (scan, _) = scan(&clip(name), &CancelToken::default()).expect("a good clip");
            assert_eq!(scan.places, None, "{name}");
        }
    }

    #[test]
    fn a_file_that_has_changed_is_an_error() {
        let temp = tempfile::TempDir::new().expect("a temporary directory");
        let (path, cancel) = (temp.path().join("clip.mp4"), CancelToken::default());
        let mut bytes = std::fs::read(clip("h264_720p25.mp4")).expect("a clip");
        std::fs::write(&path, &bytes).expect("writable");
        let (scan, _) = scan(&path, &cancel).expect("a good clip");
        let places = scan.places.expect("MP4");
        assert!(places.check(&path).is_ok());
        bytes.pop();
        std::fs::write(&path, &bytes).expect("writable");
        assert!(places.check(&path).is_err());
        let tracks = [scan.video[0].track];
        let reading = Reading { path: &path, file: 0, tracks: &tracks, left: &[], fronts: false };
        let read = places.read(reading, &cancel, |_| Ok::<(), Error>(()));
        let message = read.expect_err("other bytes").to_string();
        assert!(message.contains("clip.mp4") && message.contains("changed"), "{message}");
    }
}
