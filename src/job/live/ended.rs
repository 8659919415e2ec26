//! How the source of a live run has ended, and what the run is called then.

use super::loss::{Loss, OnLoss};
use super::request::Request;
use crate::av;
use crate::cancel::Cancelled;
use crate::job::{Error, Report};

/// How a source has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Source,
    /// The run was told to stop.
    Stopped,
    /// Nothing has come for too long.
    Stalled,
    /// It broke off, for this reason.
    Broken(String),
    /// The machine did not keep up with it.
    Overloaded,
}

impl Ended {
    /// What a run is called that has published nothing.
    pub(super) fn nothing(&self, request: &Request) -> Error {
        let target = request.input.to_string();
        match self {
            Self::Stopped => Error::Cancelled(Cancelled),
            Self::Source => {
                Error::Av(av::Error::Input { target, why: "it ended before anything could be shown".to_owned() })
            }
            Self::Stalled => nothing_came(request),
            Self::Overloaded => Error::Overloaded { input: target },
            Self::Broken(why) => Error::Av(av::Error::Network { target, why: why.clone() }),
        }
    }

    /// The report of a run that has published something, or why that is not all.
    pub(super) fn outcome(self, request: &Request, report: Report) -> Result<Report, Error> {
        let Loss { then, at_most, .. } = request.loss;
        let waited = (then != OnLoss::End && request.input.can_come_back())
            .then(|| format!(", and it did not come back within {} s", at_most.as_secs_f64()));
        let lost = |why: String| {
            let why = why + waited.as_deref().unwrap_or_default();
            Err(Error::Lost { input: request.input.to_string(), why })
        };
        match self {
            Self::Source | Self::Stopped => Ok(report),
            Self::Overloaded => Err(Error::Overloaded { input: request.input.to_string() }),
            Self::Stalled => lost(format!("nothing came for {} s", request.loss.after.as_secs_f64())),
            Self::Broken(why) => lost(why),
        }
    }
}

/// The end of a run to which nothing came from the start.
pub(super) fn nothing_came(request: &Request) -> Error {
    let why = format!("nothing came for {} s", request.loss.after.as_secs_f64());
    Error::Av(av::Error::Network { target: request.input.to_string(), why })
}
