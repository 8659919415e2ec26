//! A set of files that some packager made in, broken rules out.
//!
//! The way in is a manifest: every URI it holds is followed, as long as it stays in the directory of the set, and
//! what it leads to is read with readers of their own. Nothing here is shared with what writes sets. Media is read a
//! segment at a time, and of each only the boxes and the headers of its NAL units, beyond what keys open; what is kept grows with the number
//! of segments, not with their bytes. Input is not trusted: sizes and counts in it are limits to check, not to allocate.

mod boxes;
mod cipher;
mod clear;
mod color;
mod dash;
mod entry;
mod event;
mod files;
mod finding;
mod fragment;
mod header;
mod hls;
mod index;
mod language;
mod loudness;
mod nal;
mod noise;
mod opened;
mod picture;
mod protection;
mod rate;
mod rule;
mod sealed;
mod stream;
mod switching;
mod track;
mod webvtt;

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::cancel::{CancelToken, Cancelled};
use crate::crypt::Keys;
use files::Files;
use finding::Findings;
use track::{Listing, Track};

pub use finding::{Finding, Tally};
pub use rule::{Rule, Severity};

/// Why a set could not be checked at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The path cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is nothing to start from.
    #[error("no manifest in {}: neither a playlist (.m3u8) nor an MPD (.mpd); name the directory that holds one", path.display())]
    NoManifest {
        /// The directory.
        path: PathBuf,
    },
    /// The file is no manifest.
    #[error("{} is no manifest; name a playlist (.m3u8), an MPD (.mpd) or the directory of a set", path.display())]
    NotAManifest {
        /// The file.
        path: PathBuf,
    },
    /// The work was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What was looked at, and how it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were opened.
    pub objects: usize,
    /// Media playlists and representations that were read.
    pub renditions: usize,
    /// How often rules were broken.
    pub tally: Tally,
}

/// Every rule, in the order of the table in `docs/verify.md`.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let media = [
        files::RULES,
        header::RULES,
        entry::RULES,
        loudness::RULES,
        track::RULES,
        fragment::RULES,
        event::RULES,
        protection::RULES,
        opened::RULES,
        sealed::RULES,
        index::RULES,
        switching::RULES,
        picture::RULES,
        webvtt::RULES,
    ];
    media.into_iter().chain(hls::RULES.iter().copied()).chain(dash::RULES.iter().copied()).flatten().copied()
}

/// Checks the set in a directory, or what one manifest leads to, and tells each broken rule once. With keys it looks into
/// what is encrypted.
///
/// # Errors
/// When there is no manifest to read, or the work was told to stop.
pub fn verify(
    path: &Path,
    keys: Option<&Keys>,
    told: &mut dyn FnMut(&Finding),
    cancel: &CancelToken,
) -> Result<Summary, Error> {
    let metadata = path.metadata().map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    let root = match path.parent() {
        _ if metadata.is_dir() => path,
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    };
    let files = Files::new(root, keys)?;
    let mut session = Session { files, findings: Findings::new(told), tracks: Vec::new(), renditions: 0, cancel };
    let manifests = if metadata.is_dir() { session.manifests(path)? } else { vec![manifest(path)?] };
    for name in manifests {
        cancel.check()?;
        match kind(&name) {
            Some(Manifest::Dash) => dash::check(&name, &mut session),
            Some(Manifest::Hls) | None => hls::check(&name, &mut session),
        }
    }
    cancel.check()?;
    Ok(Summary { objects: session.files.count(), renditions: session.renditions, tally: session.findings.tally() })
}

/// The two kinds of manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manifest {
    Hls,
    Dash,
}

fn kind(name: &str) -> Option<Manifest> {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".mpd") {
        Some(Manifest::Dash)
    } else if name.ends_with(".m3u8") || name.ends_with(".m3u") {
        Some(Manifest::Hls)
    } else {
        None
    }
}

/// The name of a file that is a manifest.
fn manifest(path: &Path) -> Result<String, Error> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| kind(name).is_some()).ok_or_else(|| Error::NotAManifest { path: path.to_owned() })
}

/// One run: what is read, what was found, and the media that was read already.
struct Session<'s, 'c> {
    files: Files,
    findings: Findings<'s>,
    tracks: Vec<Rc<Track>>,
    /// How many media playlists and representations were read.
    renditions: usize,
    cancel: &'c CancelToken,
}

impl Session<'_, '_> {
    /// The manifests of a directory: MPDs, and multivariant playlists or, when there are none, media playlists.
    fn manifests(&mut self, path: &Path) -> Result<Vec<String>, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
        let mut names = self.files.top(&[".m3u8", ".m3u"]).map_err(unreadable)?;
        let (main, media): (Vec<_>, Vec<_>) = names.drain(..).partition(|name| hls::is_multivariant(name, self));
        let mut names = if main.is_empty() { media } else { main };
        names.extend(self.files.top(&[".mpd"]).map_err(unreadable)?);
        if names.is_empty() { Err(Error::NoManifest { path: path.to_owned() }) } else { Ok(names) }
    }

    /// The media of a listing, read once however many manifests list it.
    fn track(&mut self, listing: Listing) -> Rc<Track> {
        if let Some(track) = self.tracks.iter().find(|track| track.listing == listing) {
            return track.clone();
        }
        let track = Rc::new(Track::read(&mut self.files, listing, self.cancel, &mut self.findings));
        self.tracks.push(track.clone());
        opened::check(&track, &mut self.files, &mut self.findings, self.cancel);
        track
    }

    /// Whether media that was not read starts like ISO BMFF.
    fn is_bmff(&mut self, track: &Track) -> bool {
        let Some(part) = track.listing.media.first() else { return false };
        if part.sealed.is_some() {
            return false;
        }
        let head =
            self.files.open(&part.file).and_then(|mut object| object.read(part.range.map_or(0, |(at, _)| at), 8));
        head.is_ok_and(|head| matches!(&head[4..], b"styp" | b"moof" | b"sidx" | b"emsg" | b"prft"))
    }
}
