//! One rendition, read back from its bytes: the header, and every fragment with its samples.

mod fragment;
mod header;

use super::files::Files;
use super::findings::Findings;
use super::playlist;
pub use fragment::{Fragment, Sample};
pub use header::{Header, Media};

/// One segment.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The file it is in.
    pub file: String,
    /// Its first byte in the file.
    pub offset: u64,
    /// Its size, `styp` included.
    pub bytes: u64,
    /// Its fragments; at least one.
    pub fragments: Vec<Fragment>,
}

/// One rendition.
#[derive(Debug, Clone)]
pub struct Track {
    /// Its directory: `video/720p_h264`.
    pub directory: String,
    /// What its header says.
    pub header: Header,
    /// The file that starts with the header.
    pub file: String,
    /// Whether it is one file.
    pub single: bool,
    /// Its segments, in order.
    pub segments: Vec<Segment>,
}

impl Track {
    /// Reads the rendition in `directory`; nothing when it is too broken to go on.
    pub fn read(files: &Files, directory: &str, findings: &mut Findings) -> Option<Self> {
        let single = format!("{directory}/media.mp4");
        if files.has(&single) {
            Self::from_single(files, directory, single, findings)
        } else {
            Self::from_segments(files, directory, findings)
        }
    }

    /// Its name, the last part of its directory.
    pub fn name(&self) -> &str {
        self.directory.rsplit('/').next().unwrap_or(&self.directory)
    }

    /// Whether it is one file.
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// All its fragments.
    pub fn fragments(&self) -> impl Iterator<Item = &Fragment> {
        self.segments.iter().flat_map(|s| &s.fragments)
    }

    /// When a segment is presented, in ticks: priming is not presented.
    pub fn start(&self, segment: &Segment) -> u64 {
        segment.fragments[0].decode_time.saturating_sub(self.header.priming)
    }

    /// When a segment ends, in ticks.
    pub fn end(&self, segment: &Segment) -> u64 {
        let last = segment.fragments.last().expect("a segment has fragments");
        (last.decode_time + last.duration).saturating_sub(self.header.priming)
    }

    /// `ticks` in seconds.
    pub fn seconds(&self, ticks: u64) -> f64 {
        ticks as f64 / f64::from(self.header.timescale)
    }

    /// When the rendition ends, in seconds.
    pub fn duration(&self) -> f64 {
        self.segments.last().map_or(0.0, |last| self.seconds(self.end(last)))
    }

    /// Size and length of every segment.
    pub fn load(&self) -> super::bandwidth::Load {
        self.segments.iter().map(|s| (s.bytes, self.seconds(self.end(s) - self.start(s)))).collect()
    }

    fn from_segments(files: &Files, directory: &str, findings: &mut Findings) -> Option<Self> {
        let file = format!("{directory}/init.mp4");
        if !findings.rule(files.has(&file), directory, "has neither init.mp4 nor media.mp4") {
            return None;
        }
        let bytes = files.read(&file);
        let header = Header::read(&file, &bytes, bytes.len(), findings)?;
        let mut segments = Vec::new();
        loop {
            let name = format!("{directory}/segment_{:05}.m4s", segments.len() + 1);
            if !files.has(&name) {
                break;
            }
            let bytes = files.read(&name);
            let fragments = fragment::of_segment(&name, &bytes, findings)?;
            segments.push(Segment { file: name, offset: 0, bytes: bytes.len() as u64, fragments });
        }
        if !findings.rule(!segments.is_empty(), directory, "has no segment_00001.m4s") {
            return None;
        }
        Some(Self { directory: directory.to_owned(), header, file, single: false, segments })
    }

    fn from_single(files: &Files, directory: &str, file: String, findings: &mut Findings) -> Option<Self> {
        for other in ["init.mp4", "segment_00001.m4s"] {
            findings.rule(!files.has(&format!("{directory}/{other}")), directory, format!("has media.mp4 and {other}"));
        }
        let bytes = files.read(&file);
        let (header_bytes, fragments) = fragment::of_single(&file, &bytes, findings)?;
        let header = Header::read(&file, &bytes, header_bytes, findings)?;
        let fragments = fragments.read(&file, &bytes, findings)?;
        // Only the playlist says which fragments are a segment; without one each is its own.
        let ranges = playlist::byte_ranges(files, &format!("{directory}/playlist.m3u8"), findings)
            .unwrap_or_else(|| fragments.iter().map(|f| (f.offset, f.bytes)).collect());
        let mut segments = Vec::new();
        for (offset, length) in ranges {
            let inside = |f: &&Fragment| f.offset >= offset && f.offset + f.bytes <= offset + length;
            let mut inside: Vec<Fragment> = fragments.iter().filter(inside).cloned().collect();
            for fragment in &mut inside {
                fragment.offset -= offset;
            }
            let whole = !inside.is_empty() && inside.iter().map(|f| f.bytes).sum::<u64>() == length;
            if !findings.rule(whole, &file, format!("bytes {length}@{offset} are no run of whole fragments")) {
                return None;
            }
            segments.push(Segment { file: file.clone(), offset, bytes: length, fragments: inside });
        }
        let named: usize = segments.iter().map(|s| s.fragments.len()).sum();
        findings.equal(&file, "the number of fragments in segments", named, fragments.len());
        Some(Self { directory: directory.to_owned(), header, file, single: true, segments })
    }
}
