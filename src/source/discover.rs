//! What the user names in, the files to encode out: directories are walked, their names mirrored, and what is
//! not named like media is left out.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use walkdir::{DirEntry, WalkDir};

use super::filter::{self, Filter};
use super::probe::{self, Depth};
use crate::cancel::{CancelToken, Cancelled};

/// How video and sound are named, in lower case.
const MEDIA: &[&str] = &[
    "264", "265", "3g2", "3gp", "aac", "ac3", "aif", "aiff", "amr", "ape", "asf", "au", "av1", "avi", "bik", "caf",
    "divx", "dv", "eac3", "f4v", "flac", "flv", "gxf", "h264", "h265", "hevc", "insv", "ivf", "lrv", "m1v", "m2t",
    "m2ts", "m2v", "m4a", "m4v", "mj2", "mka", "mkv", "mlp", "mod", "mov", "mp2", "mp3", "mp4", "mpa", "mpeg", "mpg",
    "mts", "mxf", "nut", "oga", "ogg", "ogm", "ogv", "opus", "qt", "rm", "rmvb", "thd", "tod", "ts", "tta", "vob",
    "wav", "webm", "wma", "wmv", "wtv", "wv", "y4m",
];

/// How pictures are named. FFmpeg reads them as video of one frame, which is not why they lie beside a film.
const PICTURES: &[&str] =
    &["avif", "bmp", "gif", "heic", "heif", "jp2", "jpeg", "jpg", "jxl", "png", "psd", "svg", "tif", "tiff", "webp"];

/// The directories of a set: no other set may lie in one of them.
const INSIDE_A_SET: &[&str] = &["audio", "progressive", "subtitles", "thumbnails", "video"];

/// One file to encode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the directory that was named, or its name alone when it was named itself; without extension.
    pub name: PathBuf,
    /// Its size; 0 when it cannot be told.
    pub bytes: u64,
    /// It was named itself, and is not one of a directory.
    pub named: bool,
}

/// Something in a directory that is not encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub reason: Reason,
}

/// Why something in a directory is not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is not named like video or sound.
    NotMedia,
    /// It is named like a picture.
    Picture,
    /// It is the output.
    Output,
    /// It is a set that streampack made.
    Set,
    /// It is a link to a directory above it.
    Loop,
    /// It is a link that leads nowhere.
    DeadLink,
}

impl Reason {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotMedia => "is not named like video or sound",
            Self::Picture => "is a picture",
            Self::Output => "is the output",
            Self::Set => "holds a set that streampack made",
            Self::Loop => "is a link to a directory above it",
            Self::DeadLink => "is a link that leads nowhere",
        }
    }
}

/// Everything that was found, in the order of the names that were given, and in directories by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// What is encoded.
    pub found: Vec<Found>,
    /// What is not.
    pub skipped: Vec<Skipped>,
}

/// The inputs cannot be used as they were given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A pattern is none.
    #[error(transparent)]
    Pattern(#[from] filter::Error),
    /// A directory cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The directory, or what is in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory holds nothing to encode.
    #[error("{} holds no video or sound{}", path.display(), if *filtered { " that the patterns ask for" } else { "" })]
    Empty {
        /// The directory.
        path: PathBuf,
        /// There are patterns.
        filtered: bool,
    },
    /// A directory lies in the output, where sets would come to lie in it.
    #[error("{} is in the output {}; choose an output elsewhere, or inside the input directory", input.display(), output.display())]
    InOutput {
        /// The directory.
        input: PathBuf,
        /// The output.
        output: PathBuf,
    },
    /// Two inputs would be written to the same place, or one in the middle of the other.
    #[error("{} and {} would both become {}; rename one of them, leave one out, or encode them into different outputs", first.display(), second.display(), name.display())]
    Collision {
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// Where.
        name: PathBuf,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Finds what is to be encoded into `output`, when there is one already. What is named itself is taken as it is; of directories the media
/// files that `filter` lets through, links followed, hidden ones left out. Nothing is written.
pub fn discover(
    inputs: &[PathBuf],
    filter: &Filter,
    output: Option<&Path>,
    cancel: &CancelToken,
) -> Result<Discovery, Error> {
    let place = output.map(Place::of);
    let mut walk = Walk { filter, output: place.as_ref(), cancel, discovery: Discovery::default() };
    for input in inputs {
        match fs::metadata(input) {
            Ok(metadata) if metadata.is_dir() => walk.directory(input)?,
            other => {
                let bytes = other.map_or(0, |metadata| metadata.len());
                let name = input.file_name().map(PathBuf::from).unwrap_or_else(|| input.clone()).with_extension("");
                walk.discovery.found.push(Found { path: input.clone(), name, bytes, named: true });
            }
        }
    }
    refuse_collisions(&walk.discovery.found, output.unwrap_or(Path::new("")))?;
    Ok(walk.discovery)
}

/// The output, as it was given and where it really is.
struct Place<'a> {
    given: &'a Path,
    real: PathBuf,
}

impl<'a> Place<'a> {
    /// Of a directory that need not exist.
    fn of(given: &'a Path) -> Self {
        let mut missing = PathBuf::new();
        let mut at = given;
        let real = loop {
            let here = if at.as_os_str().is_empty() { Path::new(".") } else { at };
            match (here.canonicalize(), at.file_name(), at.parent()) {
                (Ok(real), ..) => break real.join(&missing),
                (Err(_), Some(name), Some(parent)) => {
                    missing = if missing.as_os_str().is_empty() { name.into() } else { Path::new(name).join(&missing) };
                    at = parent;
                }
                (Err(_), ..) => break given.to_owned(),
            }
        };
        Self { given, real }
    }
}

/// One look through everything that was named.
struct Walk<'a> {
    filter: &'a Filter,
    output: Option<&'a Place<'a>>,
    cancel: &'a CancelToken,
    discovery: Discovery,
}

impl Walk<'_> {
    fn directory(&mut self, root: &Path) -> Result<(), Error> {
        let unreadable = |source| Error::Unreadable { path: root.to_owned(), source };
        let real = root.canonicalize().map_err(unreadable)?;
        if let Some(output) = self.output.filter(|output| real.starts_with(&output.real)) {
            return Err(Error::InOutput { input: root.to_owned(), output: output.given.to_owned() });
        }
        let before = self.discovery.found.len();
        let mut walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            self.cancel.check()?;
            let enters = match entry {
                Ok(entry) => self.entry(root, &entry)?,
                Err(error) => {
                    self.failed(root, error)?;
                    continue;
                }
            };
            if !enters {
                walk.skip_current_dir();
            }
        }
        if self.discovery.found.len() == before {
            return Err(Error::Empty { path: root.to_owned(), filtered: !self.filter.is_open() });
        }
        Ok(())
    }

    /// Takes one entry; false for a directory that is not entered.
    fn entry(&mut self, root: &Path, entry: &DirEntry) -> Result<bool, Error> {
        let path = entry.path();
        let Ok(relative) = path.strip_prefix(root) else { return Ok(true) };
        let hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
        if hidden || self.filter.excludes(relative) {
            return Ok(!entry.file_type().is_dir());
        }
        if entry.file_type().is_dir() {
            let is_output = |output: &Place<'_>| path.canonicalize().is_ok_and(|real| real == output.real);
            let reason = if self.output.is_some_and(is_output) {
                Reason::Output
            } else if is_set(path) {
                Reason::Set
            } else {
                return Ok(true);
            };
            self.skip(path, reason);
            return Ok(false);
        }
        let included = self.filter.includes(relative);
        if included == Some(false) || !entry.file_type().is_file() {
            return Ok(true);
        }
        let wanted = match kind(path) {
            Kind::Media => true,
            Kind::Picture => {
                self.skip(path, Reason::Picture);
                return Ok(true);
            }
            // Whoever asks for it by a pattern may know better than its name.
            Kind::Unknown => included == Some(true) && self.holds_media(path)?,
        };
        if wanted {
            let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
            let name = relative.with_extension("");
            self.discovery.found.push(Found { path: path.to_owned(), name, bytes, named: false });
        } else {
            self.skip(path, Reason::NotMedia);
        }
        Ok(true)
    }

    fn skip(&mut self, path: &Path, reason: Reason) {
        self.discovery.skipped.push(Skipped { path: path.to_owned(), reason });
    }

    fn holds_media(&self, path: &Path) -> Result<bool, Error> {
        match probe::probe(path, Depth::Header, self.cancel) {
            Ok(probed) => Ok(!probed.info.video.is_empty() || !probed.info.audio.is_empty()),
            Err(crate::av::Error::Cancelled(cancelled)) => Err(cancelled.into()),
            Err(_) => Ok(false),
        }
    }

    /// A directory that cannot be read is an error, for what is in it would be missed; links that lead nowhere or
    /// round in circles lead to nothing that could be.
    fn failed(&mut self, root: &Path, error: walkdir::Error) -> Result<(), Error> {
        let path = error.path().unwrap_or(root).to_owned();
        if error.loop_ancestor().is_some() {
            self.skip(&path, Reason::Loop);
            return Ok(());
        }
        let dead = path.is_symlink() && error.io_error().is_some_and(|e| e.kind() == io::ErrorKind::NotFound);
        if dead {
            self.skip(&path, Reason::DeadLink);
            return Ok(());
        }
        Err(Error::Unreadable { path, source: error.into() })
    }
}

/// What a name says of a file.
enum Kind {
    Media,
    Picture,
    Unknown,
}

fn kind(path: &Path) -> Kind {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    if MEDIA.contains(&extension.as_str()) {
        Kind::Media
    } else if PICTURES.contains(&extension.as_str()) {
        Kind::Picture
    } else {
        Kind::Unknown
    }
}

/// Whether a directory holds a set that streampack made, or is about to.
fn is_set(path: &Path) -> bool {
    ["streampack.json", ".streampack", "streampack-batch.json"].iter().any(|name| path.join(name).exists())
}

/// Refuses inputs of one name, and those that would come to lie within the set of another one.
fn refuse_collisions(found: &[Found], output: &Path) -> Result<(), Error> {
    let mut taken: BTreeMap<&Path, &Found> = BTreeMap::new();
    let collision = |first: &Found, second: &Found, name: &Path| {
        let (first, second) = (first.path.clone(), second.path.clone());
        Err(Error::Collision { first, second, name: output.join(name) })
    };
    for one in found {
        if let Some(other) = taken.insert(&one.name, one) {
            return collision(other, one, &one.name);
        }
    }
    for one in found {
        for above in one.name.ancestors().skip(1) {
            let Some(other) = taken.get(above) else { continue };
            let next = one.name.strip_prefix(above).ok().and_then(|rest| rest.components().next());
            if let Some(Component::Normal(next)) = next
                && INSIDE_A_SET.iter().any(|inside| next == OsStr::new(inside))
            {
                return collision(other, one, &above.join(next));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A directory `in` with these files, and where the output will be.
    struct Tree(TempDir);

    impl Tree {
        fn of(files: &[&str]) -> Self {
            let tree = Self(TempDir::new().expect("a temporary directory"));
            files.iter().for_each(|file| tree.put(file));
            tree
        }

        fn put(&self, file: &str) {
            let path = self.path(file);
            fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            fs::write(path, "x").expect("writable");
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn discover(&self, inputs: &[&str], filter: &Filter) -> Result<Discovery, Error> {
            let inputs: Vec<PathBuf> = inputs.iter().map(|input| self.path(input)).collect();
            discover(&inputs, filter, Some(&self.path("out")), &CancelToken::default())
        }

        /// The names of what is found below `in`.
        fn names(&self, include: &[&str], exclude: &[&str]) -> Vec<String> {
            let owned = |patterns: &[&str]| patterns.iter().map(|&p| p.to_owned()).collect::<Vec<_>>();
            let filter = Filter::new(&owned(include), &owned(exclude)).expect("patterns");
            let found = self.discover(&["in"], &filter).expect("readable").found;
            found.iter().map(|found| found.name.display().to_string()).collect()
        }

        fn skipped(&self) -> Vec<(String, Reason)> {
            let skipped = self.discover(&["in"], &Filter::default()).expect("readable").skipped;
            let name = |path: &Path| path.strip_prefix(self.path("in")).expect("below it").display().to_string();
            skipped.iter().map(|skipped| (name(&skipped.path), skipped.reason)).collect()
        }
    }

    #[test]
    fn names_mirror_the_directory_without_extensions() {
        let tree = Tree::of(&["in/b.MP4", "in/a/one.two.mkv", "in/a/film.wav", "in/.hidden.mp4", "in/.git/x.mp4"]);
        assert_eq!(tree.names(&[], &[]), ["a/film", "a/one.two", "b"]);
    }

    #[test]
    fn what_is_not_named_like_media_is_skipped_and_told() {
        let tree = Tree::of(&["in/film.mp4", "in/film.srt", "in/film.jpg", "in/readme"]);
        let expected = [("film.jpg", Reason::Picture), ("film.srt", Reason::NotMedia), ("readme", Reason::NotMedia)];
        assert_eq!(tree.skipped(), expected.map(|(name, reason)| (name.to_owned(), reason)));
    }

    #[test]
    fn patterns_are_about_names_or_with_a_slash_about_paths() {
        let tree = Tree::of(&["in/a.mp4", "in/s1/a.mp4", "in/s1/b.mkv", "in/s1/x/c.mp4", "in/raw/d.mp4"]);
        assert_eq!(tree.names(&["*.mkv"], &[]), ["s1/b"]);
        assert_eq!(tree.names(&["s1/*"], &[]), ["s1/a", "s1/b"]);
        assert_eq!(tree.names(&["s1/**"], &["x"]), ["s1/a", "s1/b"]);
        assert_eq!(tree.names(&["/a.mp4"], &[]), ["a"]);
        assert_eq!(tree.names(&[], &["raw/", "s1/x", "*.{mkv,mov}"]), ["a", "s1/a"]);
    }

    #[test]
    fn neither_the_output_nor_other_sets_are_read() {
        let tree = Tree::of(&["in/a.mp4", "in/old/streampack.json", "in/old/video/x/media.mp4", "in/out/b.mp4"]);
        let inputs = [tree.path("in")];
        let discovery = discover(&inputs, &Filter::default(), Some(&tree.path("in/out")), &CancelToken::default());
        let Discovery { found, skipped } = discovery.expect("readable");
        assert_eq!(found.iter().map(|found| &found.path).collect::<Vec<_>>(), [&tree.path("in/a.mp4")]);
        assert_eq!(skipped.iter().map(|skipped| skipped.reason).collect::<Vec<_>>(), [Reason::Set, Reason::Output]);
    }

    #[test]
    fn a_directory_in_the_output_is_refused() {
        let tree = Tree::of(&["in/a/b.mp4"]);
        for output in ["in", ".", "in/../in"] {
            let refused =
                discover(&[tree.path("in")], &Filter::default(), Some(&tree.path(output)), &CancelToken::default());
            assert!(matches!(refused, Err(Error::InOutput { .. })), "{output}: {refused:?}");
        }
        let beside =
            discover(&[tree.path("in")], &Filter::default(), Some(&tree.path("in/x/y")), &CancelToken::default());
        assert_eq!(beside.expect("elsewhere").found.len(), 1);
    }

    #[test]
    fn inputs_that_would_collide_are_refused_by_their_names() {
        let tree = Tree::of(&["in/a/film.mp4", "in/a/film.mkv", "in/b/film.mp4"]);
        for inputs in [&["in"][..], &["in/a/film.mp4", "in/b/film.mp4"], &["in/b", "in/b/film.mp4"]] {
            let message = tree.discover(inputs, &Filter::default()).expect_err("two of a name").to_string();
            assert!(message.contains("film.mp4 ") && message.contains("/film; rename"), "{message}");
        }
        let nested = Tree::of(&["in/film.mp4", "in/film/video/one.mp4", "in/film/more.mp4"]);
        let message = nested.discover(&["in"], &Filter::default()).expect_err("in a set").to_string();
        assert!(message.contains("film.mp4") && message.contains("one.mp4") && message.contains("out/film/video"));
        fs::remove_file(nested.path("in/film/video/one.mp4")).expect("removable");
        assert_eq!(nested.names(&[], &[]), ["film/more", "film"]);
    }

    #[test]
    fn what_is_named_itself_is_taken_as_it_is() {
        let tree = Tree::of(&["in/notes.txt"]);
        let found = tree.discover(&["in/notes.txt", "in/absent.mp4"], &Filter::default()).expect("no look yet").found;
        let names: Vec<_> = found.iter().map(|found| (found.name.display().to_string(), found.named)).collect();
        assert_eq!(names, [("notes".to_owned(), true), ("absent".to_owned(), true)]);
    }

    #[test]
    fn a_directory_without_media_is_an_error() {
        let tree = Tree::of(&["in/notes.txt"]);
        let message = tree.discover(&["in"], &Filter::default()).expect_err("nothing").to_string();
        assert!(message.ends_with("in holds no video or sound"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_not_round_in_circles() {
        use std::os::unix::fs::symlink;
        let tree = Tree::of(&["in/a/one.mp4", "else/two.mp4"]);
        symlink(tree.path("else"), tree.path("in/b")).expect("links can be made");
        symlink(tree.path("in"), tree.path("in/a/up")).expect("links can be made");
        symlink(tree.path("nowhere"), tree.path("in/gone.mp4")).expect("links can be made");
        assert_eq!(tree.names(&[], &[]), ["a/one", "b/two"]);
        let expected = [("a/up", Reason::Loop), ("gone.mp4", Reason::DeadLink)];
        assert_eq!(tree.skipped(), expected.map(|(name, reason)| (name.to_owned(), reason)));
    }
}
