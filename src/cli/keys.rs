//! Keys: read from where the flags say, and new ones made by `streampack keys`.

use std::path::Path;

use streampack::config::Encryption;
use streampack::crypt::{Keys, Token};
use streampack::event::{Event, Observer, Warning};
use streampack::job::{self, keys as source};

use super::Run;
use super::encryption::{KeyFlags, KeysFlags, KeysVerb};
use super::error::Error;
use super::speke;
use super::terminal::Terminal;

/// The keys, if the flags name any; of a key server those for this encryption. Tells `observer` when others may read
/// their file, or the way to the server.
pub(crate) fn read(
    flags: &KeyFlags,
    encryption: Option<&Encryption>,
    run: &Run,
    observer: &dyn Observer,
) -> Result<Option<Keys>, Error> {
    let told = |read: Result<(Keys, Option<Warning>), source::Error>| {
        let (keys, warning) = read.map_err(job::Error::from)?;
        warning.iter().for_each(|warning| observer.on(&Event::Warned(warning)));
        Ok(Some(keys))
    };
    match flags {
        KeyFlags { key_file: Some(path), .. } => told(source::read(path)),
        KeyFlags { cpix: Some(path), .. } => told(source::read_cpix(path)),
        KeyFlags { key_command: Some(command), .. } => Ok(Some(source::of_command(command).map_err(job::Error::from)?)),
        KeyFlags { speke: Some(url), content_id, .. } => {
            if let Some(warning) = speke::exposed(url) {
                observer.on(&Event::Warned(&warning));
            }
            let content_id = content_id.as_deref().unwrap_or_default();
            let wanted = speke::Wanted::by(encryption)?;
            Ok(Some(speke::keys(url, content_id, &wanted, &run.cancel).map_err(Error::from)?))
        }
        KeyFlags { key_file: None, cpix: None, key_command: None, speke: None, content_id: _ } => Ok(None),
    }
}

/// The token in a file.
pub(crate) fn token(path: &Path) -> Result<Token, Error> {
    Ok(source::token(path).map_err(job::Error::from)?)
}

/// `streampack keys`.
pub(crate) fn keys(flags: &KeysFlags, terminal: &Terminal) -> Result<(), Error> {
    match &flags.verb {
        KeysVerb::New { output, per_type, periods } => new(output, *per_type, *periods, terminal),
    }
}

fn new(output: &Path, per_type: bool, periods: Option<u32>, terminal: &Terminal) -> Result<(), Error> {
    let made = source::generate(per_type, periods).map_err(job::Error::from)?;
    source::create(output, &made).map_err(job::Error::from)?;
    let count = made.entries().len();
    let plural = if count == 1 { "" } else { "s" };
    terminal.tell(&format!("{count} new key{plural} in {}\n", output.display()));
    Ok(())
}
