//! Why a directory is not published.

use std::path::PathBuf;

/// What is asked for cannot be published, or not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing in the directory says that it is a set of ours.
    #[error("{} holds no finished set: no streampack.json in it or below it; give the directory that encode wrote", .0.display())]
    NoSet(PathBuf),
    /// A run over it was stopped.
    #[error("{} is not finished: a run that writes to it was stopped; give that command again first", .0.display())]
    Unfinished(PathBuf),
    /// The report lists what is not there.
    #[error("{} is not there in the size that streampack.json says; encode or package it again", .0.display())]
    Incomplete(PathBuf),
    /// A name that no URL can spell.
    #[error("{} cannot be published: its name is not valid Unicode, or no path of a URL", .0.display())]
    Name(PathBuf),
    /// A place in the directory that is published.
    #[error("{} lies in {}, which is published; publish to another directory", to.display(), from.display())]
    Overlap {
        /// What is published.
        from: PathBuf,
        /// Where to.
        to: PathBuf,
    },
    /// Somebody else's object.
    #[error(
        "{0} is already there, and streampack did not put it there; choose another prefix, or pass --force to replace it"
    )]
    Foreign(String),
    /// More than may be deleted.
    #[error("{count} objects are gone here and would be deleted, more than --max-delete {most}; nothing was changed")]
    TooManyDeletions {
        /// How many.
        count: usize,
        /// How many may be.
        most: usize,
    },
    /// The notes about the objects were written by a version to come.
    #[error("{0} was written by a newer version of streampack; use that one")]
    Newer(String),
}
