//! Keys: read from where the flags say, and new ones made by `streampack keys`.

use std::path::Path;
use std::sync::Arc;

use streampack::config::Encryption;
use streampack::crypt::{Keys, KeysWanted, Token};
use streampack::event::{Event, Observer, Warning};
use streampack::job::keys::KeySource;
use streampack::job::{self, keys as files};

use super::Run;
use super::encryption::{KeyFlags, KeysFlags, KeysVerb};
use super::error::Error;
use super::speke;
use super::terminal::Terminal;

/// Keys for what there is already, if the flags name any; of a key server those for all types of tracks. Tells
/// `observer` when others may read their file, or the way to the server.
pub(crate) fn read(flags: &KeyFlags, run: &Run, observer: &dyn Observer) -> Result<Option<Keys>, Error> {
    if let Some(server) = server(flags, None, observer)? {
        return Ok(Some(server.ask(&KeysWanted::all(), &run.cancel)?));
    }
    given(flags, observer)
}

/// Keys to encrypt with, if the flags name any; a key server is asked when it is known for what.
pub(crate) fn source(
    flags: &KeyFlags,
    encryption: Option<&Encryption>,
    observer: &dyn Observer,
) -> Result<Option<KeySource>, Error> {
    if let Some(server) = server(flags, encryption, observer)? {
        return Ok(Some(KeySource::Server(Arc::new(server))));
    }
    Ok(given(flags, observer)?.map(KeySource::Given))
}

fn server(
    flags: &KeyFlags,
    encryption: Option<&Encryption>,
    observer: &dyn Observer,
) -> Result<Option<speke::Server>, Error> {
    let Some(url) = &flags.speke else { return Ok(None) };
    if let Some(warning) = speke::exposed(url) {
        observer.on(&Event::Warned(&warning));
    }
    let content_id = flags.content_id.as_deref().unwrap_or_default();
    Ok(Some(speke::Server::new(url, content_id, encryption)?))
}

/// The keys of a file or a command.
fn given(flags: &KeyFlags, observer: &dyn Observer) -> Result<Option<Keys>, Error> {
    let told = |read: Result<(Keys, Option<Warning>), files::Error>| {
        let (keys, warning) = read.map_err(job::Error::from)?;
        warning.iter().for_each(|warning| observer.on(&Event::Warned(warning)));
        Ok(Some(keys))
    };
    match flags {
        KeyFlags { key_file: Some(path), .. } => told(files::read(path)),
        KeyFlags { cpix: Some(path), .. } => told(files::read_cpix(path)),
        KeyFlags { key_command: Some(command), .. } => Ok(Some(files::of_command(command).map_err(job::Error::from)?)),
        KeyFlags { key_file: None, cpix: None, key_command: None, speke: _, content_id: _ } => Ok(None),
    }
}

/// The token in a file. Tells `observer` when others may read it.
pub(crate) fn token(path: &Path, observer: &dyn Observer) -> Result<Token, Error> {
    let (token, warning) = files::token(path).map_err(job::Error::from)?;
    warning.iter().for_each(|warning| observer.on(&Event::Warned(warning)));
    Ok(token)
}

/// `streampack keys`.
pub(crate) fn keys(flags: &KeysFlags, terminal: &Terminal) -> Result<(), Error> {
    match &flags.verb {
        KeysVerb::New { output, per_type, periods } => new(output, *per_type, *periods, terminal),
    }
}

fn new(output: &Path, per_type: bool, periods: Option<u32>, terminal: &Terminal) -> Result<(), Error> {
    let made = files::generate(per_type, periods).map_err(job::Error::from)?;
    files::create(output, &made).map_err(job::Error::from)?;
    let count = made.entries().len();
    let plural = if count == 1 { "" } else { "s" };
    terminal.tell(&format!("{count} new key{plural} in {}\n", output.display()));
    Ok(())
}
