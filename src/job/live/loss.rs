//! What is done when a live source is lost.

use std::str::FromStr;
use std::time::Duration;

/// What is done when a source is lost that can be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLoss {
    /// The programme goes on: its last picture and then none, without sound, until the source is back.
    Slate,
    /// Nothing is made until the source is back, and then the programme goes on after a break.
    Wait,
    /// The programme ends.
    End,
}

impl OnLoss {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Slate, Self::Wait, Self::End];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slate => "slate",
            Self::Wait => "wait",
            Self::End => "end",
        }
    }
}

/// When a source is lost, and what is done then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// It is lost when nothing has come for so long.
    pub after: Duration,
    /// What is done then.
    pub then: OnLoss,
    /// The programme ends when it is not back within so much time.
    pub at_most: Duration,
}

/// No such thing can be done.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is nothing that can be done; choose slate, wait or end")]
pub struct UnknownOnLoss(String);

impl FromStr for OnLoss {
    type Err = UnknownOnLoss;

    fn from_str(name: &str) -> Result<Self, UnknownOnLoss> {
        Self::ALL.into_iter().find(|then| then.name() == name).ok_or_else(|| UnknownOnLoss(name.to_owned()))
    }
}
