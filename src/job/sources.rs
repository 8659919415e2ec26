//! The inputs of a run, for media that is stored as it lies in them.

use std::fs::File;
use std::path::PathBuf;

use super::Error;
use crate::media::{Body, BodyPiece, Extent};
use crate::output::{self, ChangedRuns, Piece, Run};

/// Open files. They are opened before anything is read of them: whoever puts another file in the place of one does not
/// get a mixture of both.
#[derive(Debug, Default)]
pub(super) struct Sources<'a>(Vec<(&'a PathBuf, File)>);

impl<'a> Sources<'a> {
    /// Opens all inputs of a run, in its order.
    pub(super) fn open(inputs: &'a [PathBuf]) -> Result<Self, Error> {
        let open = |path: &'a PathBuf| match File::open(path) {
            Ok(file) => Ok((path, file)),
            Err(source) => Err(output::Error::Unreadable { target: path.display().to_string(), source }),
        };
        Ok(Self(inputs.iter().map(open).collect::<Result<_, _>>()?))
    }

    /// What an output stores of a body.
    pub(super) fn pieces<'b>(&'b self, body: &'b Body) -> Result<Vec<Piece<'b>>, Error> {
        body.pieces().iter().map(|piece| self.piece(piece)).collect()
    }

    /// What an output stores of a piece of a body.
    pub(super) fn piece<'b>(&'b self, piece: &'b BodyPiece) -> Result<Piece<'b>, Error> {
        match piece {
            BodyPiece::Bytes(bytes) => Ok(Piece::Bytes(bytes)),
            BodyPiece::Run(extent) => Ok(Piece::Run(self.run(extent)?)),
            BodyPiece::Changed(changed) => {
                let runs = changed.runs().iter().map(|extent| self.run(extent)).collect::<Result<_, _>>()?;
                Ok(Piece::Changed(ChangedRuns { runs, first: changed.first(), change: changed.change() }))
            }
        }
    }

    fn run(&self, extent: &Extent) -> Result<Run<'_>, Error> {
        let none = || Error::Internal(format!("media of an input {} that is not there", extent.file));
        let (path, file) = self.0.get(extent.file).ok_or_else(none)?;
        Ok(Run { file, path, offset: extent.offset, bytes: extent.bytes })
    }
}
