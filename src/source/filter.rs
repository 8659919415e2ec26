//! Patterns of file names in, which files of a directory are wanted out.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Which files of a directory are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

/// A pattern is none.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is not a pattern: {why}; write it like '*.mp4' or 'season1/**'")]
pub struct Error {
    /// The pattern.
    pub pattern: String,
    /// Why.
    pub why: String,
}

impl Filter {
    /// Of patterns as in a `.gitignore`: without a slash they are about the name at any depth, with one about the
    /// path below the directory that is walked. `*` does not cross a slash, `**` does. Without `include` everything
    /// is wanted; `exclude` is stronger, and leaves out what is in a directory with it.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, Error> {
        let include = if include.is_empty() { None } else { Some(globs(include)?) };
        Ok(Self { include, exclude: globs(exclude)? })
    }

    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty()
    }

    /// Whether a path below the directory is asked for; nothing where all are.
    pub(super) fn includes(&self, path: &Path) -> Option<bool> {
        self.include.as_ref().map(|include| include.is_match(path))
    }

    /// Whether a path below the directory is left out, whatever else is said of it.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        self.exclude.is_match(path)
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, Error> {
    let refused =
        |pattern: &String, error: &globset::Error| Error { pattern: pattern.clone(), why: error.kind().to_string() };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let plain = pattern.strip_suffix('/').unwrap_or(pattern);
        let anchored = match plain.strip_prefix('/') {
            Some(path) => path.to_owned(),
            None if plain.contains('/') => plain.to_owned(),
            None => format!("**/{plain}"),
        };
        let glob = GlobBuilder::new(&anchored).literal_separator(true).build();
        set.add(glob.map_err(|error| refused(pattern, &error))?);
    }
    let all = patterns.join(" ");
    set.build().map_err(|error| refused(&all, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pattern_is_refused_by_its_name() {
        let refused = Filter::new(&["a[".to_owned()], &[]).expect_err("no pattern").to_string();
        assert!(refused.starts_with("`a[` is not a pattern: "), "{refused}");
    }
}
