//! Who is told when a run has ended: commands that are started and URLs that are posted to.

mod command;
mod post;

use std::fmt;
use std::str::FromStr;

use streampack::cancel::{CancelToken, Cancelled};

use command::Command;
use post::Url;

/// Somebody to be told. What it prints of itself holds no secrets: of a command only the program, of a URL only the
/// host, since both of what follows may be meant for the other side alone.
#[derive(Clone)]
pub(crate) enum Hook {
    /// A program is started.
    Command(Command),
    /// The notice is posted.
    Url(Url),
}

/// What is told.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The JSON of it.
    pub(crate) body: String,
    /// Variables of the environment for commands.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// Somebody was not told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The program cannot be started, or fed.
    #[error("cannot run {program}: {source}")]
    Start {
        /// Its name.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The program failed.
    #[error("{program} ended with {status}")]
    Ended {
        /// Its name.
        program: String,
        /// How.
        status: std::process::ExitStatus,
    },
    /// The other side said no.
    #[error("{url} answered {status}")]
    Refused {
        /// The host.
        url: String,
        /// What it said.
        status: u16,
    },
    /// The other side said nothing, or not that it will do.
    #[error("{url} could not be told in {attempts} attempts: {why}")]
    Unreachable {
        /// The host.
        url: String,
        /// How often it was tried.
        attempts: u32,
        /// What came of the last attempt.
        why: String,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl Hook {
    /// Tells it, and waits until it has been told.
    pub(crate) fn tell(&self, notice: &Notice, cancel: &CancelToken) -> Result<(), Error> {
        match self {
            Self::Command(command) => command.run(notice, cancel),
            Self::Url(url) => url.post(&notice.body, cancel),
        }
    }
}

impl FromStr for Hook {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(url) = Url::parse(text) {
            return url.map(Self::Url);
        }
        Command::parse(text).map(Self::Command)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => f.write_str(command.program()),
            Self::Url(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let hook: Hook = text.parse().expect("a hook");
        format!("{hook} {hook:?}")
    }

    #[test]
    fn what_follows_host_or_program_is_not_shown() {
        assert_eq!(shown("https://me:word@host:81/a/token?key=x"), "https://host:81/… https://host:81/…");
        assert_eq!(shown("notify --token x"), "notify notify");
    }

    #[test]
    fn other_schemes_and_bad_words_are_refused() {
        let refusal = |text: &str| text.parse::<Hook>().expect_err("no hook");
        assert_eq!(
            refusal("ftp://host/x"),
            "ftp:// is not a way to tell; give an http:// or https:// URL, or a command"
        );
        assert_eq!(refusal("http:///x"), "the URL names no host; write it like https://example.com/done");
        assert_eq!(refusal("  "), "it is empty; give a command or a URL");
        assert_eq!(refusal("a 'b"), "a quote is not closed; write it as in a shell");
    }
}
