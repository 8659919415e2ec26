//! What every answer is made from.

use std::path::Path;

use crate::crypt::{Keys, Token};

/// What is served.
#[derive(Debug)]
pub(super) struct Site {
    /// The directory, without symbolic links.
    pub(super) root: Box<Path>,
    /// Whether directories that hold a set have a page.
    pub(super) preview: bool,
    /// Keys for a licence server.
    pub(super) keys: Option<Keys>,
    /// What is shown to get a key. Without it nobody gets those of whole segments.
    pub(super) token: Option<Token>,
}
