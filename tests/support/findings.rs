//! What is wrong with a set, collected, so that one run shows everything.

use std::fmt::Display;

/// Broken rules, each with the file that breaks it.
#[derive(Debug, Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Notes that `file` breaks `rule` unless `kept`.
    pub fn rule(&mut self, kept: bool, file: impl Display, rule: impl Display) -> bool {
        if !kept {
            self.0.push(format!("{file}: {rule}"));
        }
        kept
    }

    /// Notes that `file` breaks the rule that `what` is `right`, unless it is.
    pub fn equal<T: PartialEq + std::fmt::Debug>(&mut self, file: impl Display, what: impl Display, is: T, right: T) {
        if is != right {
            self.0.push(format!("{file}: {what} is {is:?}, not {right:?}"));
        }
    }

    /// The value, or a note that `file` breaks `rule`.
    pub fn some<T>(&mut self, value: Option<T>, file: impl Display, rule: impl Display) -> Option<T> {
        self.rule(value.is_some(), file, rule);
        value
    }

    /// Everything that was noted.
    pub fn into_lines(self) -> Vec<String> {
        self.0
    }
}
