//! What a rule is, and the table of them all.

/// How much a broken rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something that could not be checked.
    Note,
    /// A recommendation is not followed.
    Warning,
    /// A requirement is broken.
    Error,
}

impl Severity {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where it is written: `Apple 9.13`, `RFC 8216bis 4.4.3.1`, `CMAF 7.5.17`.
    pub clause: &'static str,
    /// How much it weighs when it is broken.
    pub severity: Severity,
    /// What is checked, as a sentence that holds for a good set.
    pub checks: &'static str,
}

/// Names the rules of a file, and lists them in `RULES`.
macro_rules! rules {
    ($($name:ident: $severity:ident $clause:literal $checks:literal;)+) => {
        $(const $name: &$crate::verify::Rule = &$crate::verify::Rule {
            clause: $clause,
            severity: $crate::verify::Severity::$severity,
            checks: $checks,
        };)+

        /// The rules of this file.
        pub(in crate::verify) const RULES: &[&$crate::verify::Rule] = &[$($name),+];
    };
}
pub(in crate::verify) use rules;
