//! What every answer is made from.

use std::path::Path;

/// What is served.
#[derive(Debug)]
pub(super) struct Site {
    /// The directory, without symbolic links.
    pub(super) root: Box<Path>,
    /// Whether directories that hold a set have a page.
    pub(super) preview: bool,
}
