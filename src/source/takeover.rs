//! What becomes of a second publisher.

use std::str::FromStr;

/// What becomes of a publisher who comes while another one is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Takeover {
    /// It is refused.
    #[default]
    Reject,
    /// It takes the place of the other one.
    Replace,
}

impl Takeover {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::Reject, Self::Replace];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Replace => "replace",
        }
    }
}

/// No such thing becomes of a publisher.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known; choose reject or replace")]
pub struct UnknownTakeover(String);

impl FromStr for Takeover {
    type Err = UnknownTakeover;

    fn from_str(name: &str) -> Result<Self, UnknownTakeover> {
        Self::ALL.into_iter().find(|takeover| takeover.name() == name).ok_or_else(|| UnknownTakeover(name.to_owned()))
    }
}
