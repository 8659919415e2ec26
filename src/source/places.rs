//! Where the packets of a file lie in it: those that stand there as they are can be read again without a demuxer.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::packets::AccessUnit;
use crate::av::Error;
use crate::av::demux::Packet;
use crate::av::streams::Container;
use crate::cancel::CancelToken;
use crate::media::TrackIndex;

/// The container whose packets are runs of bytes of the file, by FFmpeg's name.
const WHOLE_PACKETS: &str = "mov,mp4,m4a,3gp,3g2,mj2";
/// So many packets of each track are held against the file before it is believed of the others.
const PROVEN: u64 = 8;

/// Where all packets of pictures and sound lie in a file, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Places(Vec<Place>);

/// One packet; there are hundreds of thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at_us: i64,
    offset: u64,
    bytes: u32,
    track: u16,
    key: bool,
    mark: u8,
}

impl Places {
    /// Reads the packets of `tracks` from the file at `path`, of which all this was found, one after another.
    pub fn read<E: From<Error>>(
        &self,
        path: &Path,
        tracks: &[TrackIndex],
        cancel: &CancelToken,
        mut take: impl FnMut(AccessUnit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let refuse =
            |why: &dyn std::fmt::Display| Error::Input { target: path.display().to_string(), why: why.to_string() };
        let mut file = Sequential { file: File::open(path).map_err(|e| refuse(&e))?, at: 0 };
        for place in &self.0 {
            let track = TrackIndex(place.track.into());
            if !tracks.contains(&track) {
                continue;
            }
            cancel.check().map_err(Error::from)?;
            let data = match file.read(place.offset, place.bytes) {
                Ok(data) if mark(&data) == place.mark => data,
                Ok(_) => return Err(refuse(&"it has changed while it was read; run again").into()),
                Err(error) => return Err(refuse(&error).into()),
            };
            take(AccessUnit { track, at_us: place.at_us, key: place.key, data: data.into() })?;
        }
        Ok(())
    }
}

/// A file that is mostly read from front to back.
#[derive(Debug)]
struct Sequential {
    file: File,
    at: u64,
}

impl Sequential {
    fn read(&mut self, offset: u64, bytes: u32) -> io::Result<Vec<u8>> {
        if self.at != offset {
            self.file.seek(SeekFrom::Start(offset))?;
        }
        let mut data = vec![0; bytes as usize];
        self.file.read_exact(&mut data)?;
        self.at = offset + u64::from(bytes);
        Ok(data)
    }
}

/// What tells most packets from others.
fn mark(data: &[u8]) -> u8 {
    const ENDS: usize = 16;
    let (head, tail) = (&data[..data.len().min(ENDS)], &data[data.len().saturating_sub(ENDS)..]);
    head.iter().chain(tail).fold(0, |mark: u8, byte| mark.rotate_left(1) ^ byte)
}

/// Notes where packets lie while they go by, as long as that is certain.
#[derive(Debug)]
pub(super) struct Surveyor {
    file: Option<Sequential>,
    proven: HashMap<TrackIndex, u64>,
    places: Vec<Place>,
}

impl Surveyor {
    /// Of the file at `path`; of most containers there is nothing to note.
    pub(super) fn of(path: &Path, container: &Container) -> Self {
        let file = (container.name == WHOLE_PACKETS).then(|| File::open(path).ok()).flatten();
        Self { file: file.map(|file| Sequential { file, at: 0 }), proven: HashMap::new(), places: Vec::new() }
    }

    /// Takes the next packet, with its time mended.
    pub(super) fn see(&mut self, packet: &Packet) {
        let Some(unit) = AccessUnit::of(packet) else { return };
        match self.place(packet, &unit) {
            Some(place) => self.places.push(place),
            None => (self.file, self.places) = (None, Vec::new()),
        }
    }

    fn place(&mut self, packet: &Packet, unit: &AccessUnit<'_>) -> Option<Place> {
        let file = self.file.as_mut()?;
        let offset = packet.offset()?;
        let bytes = u32::try_from(unit.data.len()).ok()?;
        let proven = self.proven.entry(unit.track).or_default();
        if *proven < PROVEN {
            file.read(offset, bytes).ok().filter(|data| *data == *unit.data)?;
            *proven += 1;
        }
        let track = u16::try_from(unit.track.0).ok()?;
        Some(Place { at_us: unit.at_us, offset, bytes, track, key: unit.key, mark: mark(&unit.data) })
    }

    /// Where they all lie, when that is certain.
    pub(super) fn finish(self) -> Option<Places> {
        self.file.map(|_| Places(self.places))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::source::packets::PacketReader;
    use crate::source::scan::scan;

    fn clip(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
    }

    type Unit = (TrackIndex, i64, bool, Vec<u8>);

    fn owned(unit: AccessUnit<'_>) -> Unit {
        (unit.track, unit.at_us, unit.key, unit.data.into_owned())
    }

    /// Tracks may take turns in another way; each has its packets in their order.
    #[test]
    fn packets_are_read_again_as_the_demuxer_gives_them() {
        for name in ["h264_720p25.mp4", "ntsc_bframes.mp4", "edit_list.mp4", "audio_only.m4a"] {
            let (path, cancel) = (clip(name), CancelToken::default());
            let (scan, _) = scan(&path, &cancel).expect("a good clip");
            let tracks: Vec<TrackIndex> =
                scan.video.iter().map(|v| v.track).chain(scan.audio.iter().map(|a| a.track)).collect();
            let mut reader = PacketReader::open(&path, &tracks, &scan.info.shifts, &cancel).expect("a good clip");
            let mut expected = Vec::new();
            while let Some(packet) = reader.read().expect("a good clip") {
                expected.extend(AccessUnit::of(&packet).map(owned));
            }
            let mut found = Vec::new();
            let places = scan.places.as_ref().unwrap_or_else(|| panic!("{name}: packets lie whole in MP4"));
            let read: Result<(), Error> = places.read(&path, &tracks, &cancel, |unit| {
                found.push(owned(unit));
                Ok(())
            });
            read.expect("the file is as it was");
            for track in tracks {
                let of = |units: &[Unit]| units.iter().filter(|unit| unit.0 == track).cloned().collect::<Vec<_>>();
                assert!(of(&found) == of(&expected), "{name}, track {}", track.0);
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
        bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
        std::fs::write(&path, &bytes).expect("writable");
        let tracks = [scan.video[0].track];
        let read = places.read(&path, &tracks, &cancel, |_| Ok::<(), Error>(()));
        let message = read.expect_err("other bytes").to_string();
        assert!(message.contains("clip.mp4") && message.contains("changed"), "{message}");
    }
}
