//! Whether to colour, and the few colours there are.

use std::ffi::OsStr;

use super::args::ColorWhen;

/// Colours texts, or leaves them as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    colored: bool,
}

impl Paint {
    /// Colours as the flag says; without one, as <https://no-color.org> and CLICOLOR_FORCE say; else on terminals.
    pub(crate) fn new(
        flag: Option<ColorWhen>,
        terminal: bool,
        variable: impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Self {
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let forced = || variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != OsStr::new("0"));
        let dumb = || variable("TERM").is_some_and(|value| value == OsStr::new("dumb"));
        let colored = match flag {
            Some(ColorWhen::Always) => true,
            Some(ColorWhen::Never) => false,
            Some(ColorWhen::Auto) | None => !set("NO_COLOR") && (forced() || (terminal && !dumb())),
        };
        Self { colored }
    }

    /// No colours.
    #[cfg(test)]
    pub(crate) const fn plain() -> Self {
        Self { colored: false }
    }

    /// Whether it colours.
    pub(crate) const fn is_colored(self) -> bool {
        self.colored
    }

    /// For errors.
    pub(crate) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// For what is well.
    pub(crate) fn green(self, text: &str) -> String {
        self.with("1;32", text)
    }

    /// For warnings.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    /// For headings.
    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colored { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colored(flag: Option<ColorWhen>, terminal: bool, variables: &[(&str, &str)]) -> bool {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Paint::new(flag, terminal, find).is_colored()
    }

    #[test]
    fn the_flag_beats_the_environment_and_the_environment_beats_the_terminal() {
        assert!(colored(None, true, &[]) && !colored(None, false, &[]));
        assert!(!colored(None, true, &[("NO_COLOR", "1")]) && colored(None, true, &[("NO_COLOR", "")]));
        assert!(colored(None, false, &[("CLICOLOR_FORCE", "1")]) && !colored(None, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(colored(Some(ColorWhen::Always), false, &[("NO_COLOR", "1")]));
        assert!(!colored(Some(ColorWhen::Never), true, &[("CLICOLOR_FORCE", "1")]));
        assert!(!colored(None, true, &[("TERM", "dumb")]));
    }
}
