//! Where keys come from: a file, or a command that prints what a file would hold; and a file of new ones.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cancel::{CancelToken, Cancelled};
use crate::config::{Encryption, EncryptionMode, Settings};
use crate::crypt::{
    ContentKey, CpixError, Entry, Key, Keys, KeysError, KeysWanted, NotAToken, Schedule, Token, TrackType, Vault,
};
use crate::event::Warning;
use crate::media::{KeyId, Scheme};
use crate::plan::{Plan, VideoPlan};

/// Keys, or who is asked for them when it is known for what.
#[derive(Clone)]
pub enum KeySource {
    /// They are there.
    Given(Keys),
    /// A key server.
    Server(Arc<dyn KeyServer>),
}

/// Who gives keys.
pub trait KeyServer: Send + Sync {
    /// The keys that are wanted.
    ///
    /// # Errors
    /// When there are none, or the run was told to stop.
    fn keys(&self, wanted: &KeysWanted, cancel: &CancelToken) -> Result<Keys, ServerError>;
}

/// A key server gives no keys.
#[derive(Debug)]
pub enum ServerError {
    /// The run was told to stop.
    Cancelled(Cancelled),
    /// It does not give these.
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// It gives none at all, and need not be asked for others.
    Closed(Box<dyn std::error::Error + Send + Sync>),
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(keys) => keys.fmt(f),
            Self::Server(_) => f.write_str("Server(…)"),
        }
    }
}

/// No key file has more bytes: it would be something else. `keys new` writes up to 66 MB, 500 000 keys.
const LARGEST: u64 = 96 << 20;
/// Room for what a command prints, to begin with.
const USUAL: u64 = 1 << 16;

/// There are no keys to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the {what} {}: {source}", path.display())]
    Unreadable {
        /// What should be in it.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file does not hold keys.
    #[error("cannot use the key file {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeysError,
    },
    /// The CPIX document cannot be used.
    #[error("cannot use the CPIX document {}: {source}", path.display())]
    Cpix {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CpixError,
    },
    /// The file does not hold a token.
    #[error("cannot use the token file {}: {source}", path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// Why.
        source: NotAToken,
    },
    /// The command cannot be run.
    #[error("cannot run the key command: {0}")]
    Command(#[source] io::Error),
    /// The command failed.
    #[error("the key command failed ({0}); it must print a key file and end with 0")]
    CommandFailed(ExitStatus),
    /// The command does not print keys.
    #[error("cannot use what the key command prints: {0}")]
    Printed(#[source] KeysError),
    /// The media shall be encrypted, and there is no key.
    #[error("the media shall be encrypted, and there is no key; pass --key-file, --key-command, --cpix or --speke")]
    Missing,
    /// There are keys, and nothing shall be encrypted.
    #[error("there are keys, and nothing shall be encrypted with them; pass --encrypt cbcs, or leave the keys out")]
    Unused,
    /// The keys are meant for another way to encrypt.
    #[error("the keys are for something else: {0}")]
    Scheme(#[source] KeysError),
    /// A key server does not give these.
    #[error(transparent)]
    Server(Box<dyn std::error::Error + Send + Sync>),
    /// A key server gives none at all.
    #[error(transparent)]
    Closed(Box<dyn std::error::Error + Send + Sync>),
    /// Several keys would be asked for at one URI.
    #[error("there are several keys, and one key URI for all of them; let it hold {{kid}}, which is another one each")]
    OneUri,
    /// The file of new keys cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is there already: its keys may be all that opens some films.
    #[error("{} is already there, and its keys would be lost; choose another name", .0.display())]
    Exists(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Reads a key file. Warns when others than its owner may read it.
pub fn read(path: &Path) -> Result<(Keys, Option<Warning>), Error> {
    let unreadable = |source| Error::Unreadable { what: "key file", path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let expected = file.metadata().map_err(unreadable)?.len();
    let text = read_all(file, expected).map_err(unreadable)?;
    let keys = Keys::from_json(&text).map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok((keys, open_to_others("key file", path)))
}

/// Reads a CPIX document. Warns when others than its owner may read it.
pub fn read_cpix(path: &Path) -> Result<(Keys, Option<Warning>), Error> {
    let unreadable = |source| Error::Unreadable { what: "CPIX document", path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let expected = file.metadata().map_err(unreadable)?.len();
    let text = read_all(file, expected).map_err(unreadable)?;
    let keys = Keys::from_cpix(&text).map_err(|source| Error::Cpix { path: path.to_owned(), source })?;
    Ok((keys, open_to_others("CPIX document", path)))
}

/// Reads the token for the keys of whole segments. Warns when others than its owner may read it.
pub fn token(path: &Path) -> Result<(Token, Option<Warning>), Error> {
    let unreadable = |source| Error::Unreadable { what: "token", path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let expected = file.metadata().map_err(unreadable)?.len();
    let text = read_all(file, expected).map_err(unreadable)?;
    let token = std::str::from_utf8(&text).map_err(|_| NotAToken).and_then(Token::new);
    let token = token.map_err(|source| Error::Token { path: path.to_owned(), source })?;
    Ok((token, open_to_others("token", path)))
}

/// All bytes, in one place that is wiped.
fn read_all(source: impl Read, expected: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut source = source.take(LARGEST + 1);
    let mut text = Zeroizing::new(Vec::with_capacity(expected.min(LARGEST) as usize + 64));
    loop {
        let room = text.capacity() - text.len();
        // No more than there is room for: a text that grows leaves copies behind.
        if source.by_ref().take(room as u64).read_to_end(&mut text)? < room {
            break;
        }
        let mut larger = Zeroizing::new(Vec::with_capacity(2 * text.capacity()));
        larger.extend_from_slice(&text);
        text = larger;
    }
    if text.len() as u64 > LARGEST {
        let why = format!("it is larger than {} MiB, and no key file is", LARGEST >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(text)
}

/// What to say of a file with a secret, which messages call `what`, when others than its owner may read it.
#[cfg(unix)]
pub fn open_to_others(what: &str, path: &Path) -> Option<Warning> {
    use std::os::unix::fs::PermissionsExt;
    // What cannot be looked at is refused where it is read.
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| Warning {
        code: "key_file_readable",
        message: format!("others may read the {what} {} (mode {mode:03o}); chmod 600 keeps it private", path.display()),
    })
}

/// Who may read a file is not known here.
#[cfg(not(unix))]
pub fn open_to_others(_what: &str, _path: &Path) -> Option<Warning> {
    None
}

/// Runs `command` with the shell and reads what it prints, which is what a key file holds. What it says on its standard
/// error goes to ours.
pub fn of_command(command: &str) -> Result<Keys, Error> {
    let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    shell.arg(if cfg!(windows) { "/C" } else { "-c" }).arg(command);
    let mut child = shell.stdout(Stdio::piped()).spawn().map_err(Error::Command)?;
    let printed = match child.stdout.take() {
        Some(stdout) => read_all(stdout, USUAL).map_err(Error::Command),
        None => Ok(Zeroizing::default()),
    };
    let status = child.wait().map_err(Error::Command)?;
    if !status.success() {
        return Err(Error::CommandFailed(status));
    }
    Keys::from_json(&printed?).map_err(Error::Printed)
}

/// New keys of the system's random bytes: one for all tracks, or one for each type; as many times as there are periods,
/// where there are any.
pub fn generate(per_type: bool, periods: Option<u32>) -> Result<Keys, Error> {
    let entry = |(track, period)| {
        let (mut kid, mut key) = ([0; 16], Zeroizing::new([0; 16]));
        getrandom::fill(&mut kid).and_then(|()| getrandom::fill(key.as_mut_slice())).map_err(Error::Random)?;
        // RFC 9562 § 5.4: a random UUID, which key ids are elsewhere.
        kid[6] = kid[6] & 0x0f | 0x40;
        kid[8] = kid[8] & 0x3f | 0x80;
        let content = ContentKey { kid: KeyId(kid), key: Key::new(*key), vector: None };
        Ok(Entry { track, period, content })
    };
    let tracks = if per_type { TrackType::ALL.map(Some).to_vec() } else { vec![None] };
    let periods = periods.map_or(vec![None], |periods| (0..periods).map(Some).collect());
    let each = periods.into_iter().flat_map(|period| tracks.iter().map(move |track| (*track, period)));
    let entries: Vec<Entry> = each.map(entry).collect::<Result<_, _>>()?;
    Ok(Keys::new(entries).expect("each key is for something of its own"))
}

/// Writes a key file that its owner alone may read, all of it or nothing. A file that is there is left as it is.
pub fn create(path: &Path, keys: &Keys) -> Result<(), Error> {
    let unwritable = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => Error::Unwritable { path: path.to_owned(), source },
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are their owner's alone (mode 0600).
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(unwritable)?;
    file.write_all(keys.to_json().as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(unwritable)?;
    file.persist_noclobber(path).map(|_| ()).map_err(|failed| unwritable(failed.error))
}

/// Fails where keys and wishes do not fit, as far as that can be told before anybody is asked.
pub(super) fn check(settings: &Settings, source: Option<&KeySource>) -> Result<(), Error> {
    match (&settings.encryption, source) {
        (None, None) => Ok(()),
        (Some(encryption), Some(KeySource::Given(keys))) => check_given(encryption, keys),
        (Some(_), Some(KeySource::Server(_))) => Ok(()),
        (Some(_), None) => Err(Error::Missing),
        (None, Some(_)) => Err(Error::Unused),
    }
}

fn check_given(encryption: &Encryption, keys: &Keys) -> Result<(), Error> {
    let one_uri = encryption.key_uri.as_ref().is_some_and(|uri| !uri.contains("{kid}"));
    if one_uri && keys.entries().len() > 1 {
        return Err(Error::OneUri);
    }
    match encryption.mode {
        EncryptionMode::Cbcs => keys.require_scheme(Scheme::Cbcs),
        EncryptionMode::Cenc => keys.require_scheme(Scheme::Cenc),
        EncryptionMode::Aes128 => Ok(()),
    }
    .map_err(Error::Scheme)
}

/// What is asked with the keys for it: nothing when nothing shall be encrypted. A key server is asked for those of
/// these `tracks`, and of so many `periods`.
pub(super) fn vault(
    settings: &Settings,
    source: Option<&KeySource>,
    (tracks, periods): (BTreeSet<TrackType>, Option<u32>),
    cancel: &CancelToken,
) -> Result<Option<Vault>, super::Error> {
    check(settings, source)?;
    let Some((encryption, source)) = settings.encryption.as_ref().zip(source) else { return Ok(None) };
    let keys = match source {
        KeySource::Given(keys) => keys.clone(),
        KeySource::Server(server) => {
            let keys = server.keys(&KeysWanted { tracks, periods }, cancel).map_err(|error| match error {
                ServerError::Cancelled(cancelled) => super::Error::Cancelled(cancelled),
                ServerError::Failed(why) => Error::Server(why).into(),
                ServerError::Closed(why) => Error::Closed(why).into(),
            })?;
            check_given(encryption, &keys)?;
            keys
        }
    };
    Ok(Some(Vault::new(encryption.clone(), keys, settings.segment_duration)))
}

/// The types of tracks of a plan.
pub(super) fn tracks(plan: &Plan) -> BTreeSet<TrackType> {
    let video = plan.video.iter();
    let pictures = video.clone().flat_map(|video| &video.renditions).map(|rendition| rendition.resolution);
    let copied = video.filter_map(|video| video.copied.as_ref()).map(|copied| copied.resolution);
    let sound = plan.audio.first().map(|_| TrackType::Audio);
    pictures.chain(copied).map(TrackType::of_pictures).chain(sound).collect()
}

/// The key periods of a plan; nothing where keys do not change.
pub(super) fn periods(settings: &Settings, plan: &Plan) -> Option<u32> {
    let schedule = Schedule::new(settings.encryption.as_ref()?, plan.grid.segment_duration().as_seconds());
    schedule.rotates().then(|| schedule.periods(plan.grid.segments()))
}

/// Fails when a rendition of the plan has no key.
pub(super) fn require(vault: &Vault, plan: &Plan) -> Result<(), super::Error> {
    let pictures = plan.video.iter().flat_map(VideoPlan::all);
    let pictures = pictures.map(|rendition| (rendition.id, TrackType::of_pictures(rendition.resolution)));
    let sounds = plan.audio.iter().map(|rendition| (&rendition.id, TrackType::Audio));
    pictures.chain(sounds).try_for_each(|(id, track)| {
        vault
            .require(track, plan.grid.segments())
            .map_err(|source| super::Error::Crypt { rendition: id.clone(), source })
    })
}

/// What is odd about keys that are used again in a live programme.
pub(super) fn round(vault: &Vault, segment_s: f64) -> Option<Warning> {
    let segments = vault.round()?;
    let seconds = segments as f64 * segment_s;
    Some(Warning {
        code: "keys_come_again",
        message: format!("the keys last for {seconds} s; after that the first one is used again, and so on"),
    })
}

/// What is odd about how media shall be encrypted.
pub(super) fn odd(settings: &Settings) -> Option<Warning> {
    match settings.encryption.as_ref()?.mode {
        EncryptionMode::Cenc if settings.hls => Some(Warning {
            code: "cenc_not_on_apple",
            message: "no device of Apple's plays cenc, and few other players do in HLS; cbcs plays everywhere"
                .to_owned(),
        }),
        EncryptionMode::Aes128 if !settings.no_video => Some(Warning {
            code: "no_key_frames",
            message: "there are no I-frame playlists, for nothing leads to a key frame in a segment that is encrypted \
                      as a whole; players search without pictures, and with cbcs they have them"
                .to_owned(),
        }),
        EncryptionMode::Cbcs | EncryptionMode::Cenc | EncryptionMode::Aes128 => None,
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_new_file_is_private_and_never_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let temp = TempDir::new().expect("a temporary directory");
        let path = temp.path().join("keys.json");
        let keys = generate(true, None).expect("random bytes");
        create(&path, &keys).expect("a new file");
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        assert!(matches!(create(&path, &generate(false, None).expect("random bytes")), Err(Error::Exists(_))));
        assert_eq!(read(&path).expect("its own file"), (keys.clone(), None));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("ours");
        let (_, warning) = read(&path).expect("readable");
        assert_eq!(warning.map(|warning| warning.code), Some("key_file_readable"));
    }

    #[test]
    fn a_file_of_many_periods_is_read_again() {
        let temp = TempDir::new().expect("a temporary directory");
        let path = temp.path().join("keys.json");
        let keys = generate(false, Some(100_000)).expect("random bytes");
        create(&path, &keys).expect("a new file");
        assert!(path.metadata().expect("there").len() > 1 << 20);
        assert_eq!(read(&path).expect("its own file").0, keys);
    }

    #[test]
    fn what_is_longer_than_expected_is_read_whole_and_not_without_end() {
        let text: Vec<u8> = (0..1000).map(|at| at as u8).collect();
        assert_eq!(*read_all(&text[..], 0).expect("in memory"), text);
        let endless = read_all(io::repeat(b' '), USUAL).map_err(|error| error.to_string());
        assert_eq!(endless, Err("it is larger than 96 MiB, and no key file is".to_owned()));
    }

    #[test]
    fn what_a_key_server_says_keeps_its_cause() {
        let cause = || Box::new(Error::Command(io::ErrorKind::NotFound.into()));
        for error in [Error::Server(cause()), Error::Closed(cause())] {
            let found = std::error::Error::source(&error).map(ToString::to_string);
            assert_eq!(found, Some(io::Error::from(io::ErrorKind::NotFound).to_string()));
        }
    }

    #[test]
    fn new_keys_differ() {
        let keys = generate(true, None).expect("random bytes");
        assert_eq!(keys.entries().len(), TrackType::ALL.len());
        assert_ne!(generate(false, None).expect("random bytes"), generate(false, None).expect("random bytes"));
    }

    #[test]
    #[cfg(unix)]
    fn a_command_prints_a_key_file() {
        let keys = generate(false, None).expect("random bytes");
        let temp = TempDir::new().expect("a temporary directory");
        let path = temp.path().join("keys.json");
        create(&path, &keys).expect("a new file");
        assert_eq!(of_command(&format!("cat '{}'", path.display())).expect("keys"), keys);
        assert!(matches!(of_command("exit 3"), Err(Error::CommandFailed(_))));
        assert!(matches!(of_command("echo no"), Err(Error::Printed(KeysError::Json { .. }))));
    }
}
