//! Where a setting came from.

use std::fmt;

use serde::{Serialize, Serializer};

use super::setting::Setting;

/// Who decided a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: `presets/default.json`.
    Default,
    /// A preset, by name or file.
    Preset(String),
    /// A job file.
    Job(String),
    /// This variable of the environment.
    Environment(String),
    /// This flag, with its dashes.
    Flag(&'static str),
    /// Nobody, and the default would contradict this setting that somebody decided.
    Fitted(Setting),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::Job(path) => write!(f, "job {path}"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Fitted(to) => write!(f, "fitted to {to}"),
        }
    }
}

/// The text that people read.
impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
