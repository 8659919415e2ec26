//! The two streams of the process, and how to talk on them.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use super::args::{ColorWhen, Shared};
use super::color::Paint;
use super::error::{Error, print_error};

/// How to talk: data on stdout, everything for people on stderr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// How much more to say.
    pub(crate) verbose: u8,
    /// Only errors.
    pub(crate) quiet: bool,
    /// Colours of stdout.
    pub(crate) stdout: Paint,
    /// Colours of stderr.
    pub(crate) stderr: Paint,
}

impl Terminal {
    /// As the flags and the environment say.
    pub(crate) fn new(shared: &Shared) -> Self {
        Self { verbose: shared.verbose, quiet: shared.quiet, ..Self::colored(shared.color) }
    }

    /// As the environment says, for when the flags cannot be read.
    pub(crate) fn colored(color: Option<ColorWhen>) -> Self {
        let paint = |terminal| Paint::new(color, terminal, |name: &str| std::env::var_os(name));
        Self {
            verbose: 0,
            quiet: false,
            stdout: paint(io::stdout().is_terminal()),
            stderr: paint(io::stderr().is_terminal()),
        }
    }

    /// Prints data on stdout.
    pub(crate) fn print(&self, text: &str) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::Stdout)
    }

    /// Tells people something on stderr, unless they want quiet.
    pub(crate) fn tell(&self, text: &str) {
        if !self.quiet {
            // When stderr is gone there is nobody left to tell.
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    /// Tells an error on stderr, with its causes under `-v`.
    pub(crate) fn fail(&self, error: &Error) {
        // Broken rules were told one by one, and counted.
        if !error.is_silent() && !matches!(error, Error::Violations(_)) {
            print_error(&mut io::stderr().lock(), self.stderr, error, self.verbose > 0);
        }
    }
}

/// What must be known of a command line that cannot be parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// `--color`, if it is there and sound.
    pub(crate) color: Option<ColorWhen>,
    /// `--json` is there.
    pub(crate) json: bool,
}

impl Hints {
    /// Looks at the words up to `--`.
    pub(crate) fn scan(words: &[OsString]) -> Self {
        let mut hints = Self::default();
        let texts = words.iter().map(|word| word.to_str().unwrap_or_default());
        let mut texts = texts.take_while(|word| *word != "--").peekable();
        while let Some(word) = texts.next() {
            let value = match word {
                "--json" => {
                    hints.json = true;
                    continue;
                }
                "--color" => texts.peek().copied(),
                other => other.strip_prefix("--color="),
            };
            match value {
                Some("auto") => hints.color = Some(ColorWhen::Auto),
                Some("always") => hints.color = Some(ColorWhen::Always),
                Some("never") => hints.color = Some(ColorWhen::Never),
                Some(_) | None => {}
            }
        }
        hints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_found_before_the_double_dash() {
        let scan = |line: &str| Hints::scan(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(scan("x --color never --json"), Hints { color: Some(ColorWhen::Never), json: true });
        assert_eq!(scan("x --color=always"), Hints { color: Some(ColorWhen::Always), json: false });
        assert_eq!(scan("x --color -- --json --color=never"), Hints::default());
    }
}
