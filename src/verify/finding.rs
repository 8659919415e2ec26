//! Broken rules: what was found, and where it goes.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Rule, Severity};

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The file that breaks it, as a path below the set with `/`.
    pub file: String,
    /// What is wrong; the quantity when there are figures.
    pub what: String,
    /// What the file holds.
    pub measured: Option<String>,
    /// What it should hold.
    pub expected: Option<String>,
}

impl Finding {
    /// What is wrong, in one sentence with the figures.
    pub fn message(&self) -> String {
        match (&self.measured, &self.expected) {
            (Some(measured), Some(expected)) => format!("{} is {measured}, not {expected}", self.what),
            (Some(measured), None) => format!("{} is {measured}", self.what),
            (None, _) => self.what.clone(),
        }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: {}", self.rule.severity.name(), self.rule.clause, self.file, self.message())
    }
}

/// How often rules were broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Broken requirements.
    pub errors: u64,
    /// Recommendations that are not followed.
    pub warnings: u64,
    /// Things that could not be checked.
    pub notes: u64,
}

/// Hands every finding to a sink, each once: two manifests may lead to the same object.
pub(super) struct Findings<'s> {
    sink: &'s mut dyn FnMut(&Finding),
    told: HashSet<u64>,
    tally: Tally,
}

impl<'s> Findings<'s> {
    pub(super) fn new(sink: &'s mut dyn FnMut(&Finding)) -> Self {
        Self { sink, told: HashSet::new(), tally: Tally::default() }
    }

    pub(super) const fn tally(&self) -> Tally {
        self.tally
    }

    /// `file` breaks `rule`.
    pub(super) fn breaks(&mut self, rule: &'static Rule, file: &str, what: impl Display) {
        self.tell(Finding { rule, file: file.to_owned(), what: what.to_string(), measured: None, expected: None });
    }

    /// `file` breaks `rule` unless `kept`; gives `kept` back.
    pub(super) fn check<W: Display>(
        &mut self,
        kept: bool,
        rule: &'static Rule,
        file: &str,
        what: impl FnOnce() -> W,
    ) -> bool {
        if !kept {
            self.breaks(rule, file, what());
        }
        kept
    }

    /// `file` breaks `rule` unless `what` is as expected; gives back whether it is.
    pub(super) fn equal<T: PartialEq + Display>(
        &mut self,
        rule: &'static Rule,
        file: &str,
        what: impl Display,
        is: T,
        right: T,
    ) -> bool {
        let kept = is == right;
        if !kept {
            self.differs(rule, file, what, is, right);
        }
        kept
    }

    /// `file` breaks `rule`: `what` is not as expected.
    pub(super) fn differs(
        &mut self,
        rule: &'static Rule,
        file: &str,
        what: impl Display,
        is: impl Display,
        right: impl Display,
    ) {
        self.tell(Finding {
            rule,
            file: file.to_owned(),
            what: what.to_string(),
            measured: Some(is.to_string()),
            expected: Some(right.to_string()),
        });
    }

    fn tell(&mut self, finding: Finding) {
        let mut hasher = DefaultHasher::new();
        (finding.rule.clause, &finding.file, finding.message()).hash(&mut hasher);
        if !self.told.insert(hasher.finish()) {
            return;
        }
        match finding.rule.severity {
            Severity::Error => self.tally.errors += 1,
            Severity::Warning => self.tally.warnings += 1,
            Severity::Note => self.tally.notes += 1,
        }
        (self.sink)(&finding);
    }
}

/// A value, or `none`.
pub(super) fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
