//! Keys: read from where the flags say, and new ones made by `streampack keys`.

use std::path::Path;

use streampack::crypt::{Keys, Token};
use streampack::event::{Event, Observer};
use streampack::job::{self, keys as source};

use super::encryption::{KeyFlags, KeysFlags, KeysVerb};
use super::error::Error;
use super::terminal::Terminal;

/// The keys, if the flags name any. Tells `observer` when others may read their file.
pub(crate) fn read(flags: &KeyFlags, observer: &dyn Observer) -> Result<Option<Keys>, Error> {
    match flags {
        KeyFlags { key_file: Some(path), .. } => {
            let (keys, warning) = source::read(path).map_err(job::Error::from)?;
            warning.iter().for_each(|warning| observer.on(&Event::Warned(warning)));
            Ok(Some(keys))
        }
        KeyFlags { key_file: None, key_command: Some(command) } => {
            Ok(Some(source::of_command(command).map_err(job::Error::from)?))
        }
        KeyFlags { key_file: None, key_command: None } => Ok(None),
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
