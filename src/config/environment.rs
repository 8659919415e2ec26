//! `STREAMPACK_…` variables in, a [`Layer`] out.

use std::ffi::OsString;

use super::nearest::nearest;
use super::{Layer, Setting};

const PREFIX: &str = "STREAMPACK_";
const PRESET: &str = "STREAMPACK_PRESET";
/// What commands are told that a run starts at its end: another run may be one of them.
const TOLD: [&str; 3] = ["STREAMPACK_OUTPUT", "STREAMPACK_REPORT", "STREAMPACK_EXIT_CODE"];

/// What the environment says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// `STREAMPACK_PRESET`: the preset when no flag names one.
    pub preset: Option<String>,
    /// One variable per setting: `STREAMPACK_SEGMENT_DURATION`.
    pub layer: Layer,
}

/// A variable of the environment cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Its value is not one of its setting.
    #[error("environment {variable}: {problem}")]
    Value {
        /// The variable.
        variable: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Its name is almost that of a setting.
    #[error("environment {variable}: no setting has this name; did you mean {nearest}?")]
    Name {
        /// The variable.
        variable: String,
        /// The variable that exists.
        nearest: String,
    },
}

impl Environment {
    /// Reads the variables of ours among `variables`. An empty value is none. A name that is nearly one
    /// of ours is refused, since somebody waits for its effect; other `STREAMPACK_…` names are not ours.
    pub fn read(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, Error> {
        let mut environment = Self::default();
        let known: Vec<String> = Setting::ALL.into_iter().map(Setting::variable).chain([PRESET.to_owned()]).collect();
        for (variable, value) in variables {
            let Ok(variable) = variable.into_string() else { continue };
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            if value.is_empty() || TOLD.contains(&variable.as_str()) {
                continue;
            }
            let setting = Setting::ALL.into_iter().find(|setting| setting.variable() == variable);
            if setting.is_none() && variable != PRESET {
                let names = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
                let lower: Vec<String> = names.map(str::to_ascii_lowercase).collect();
                match nearest(name, lower.iter().map(String::as_str)) {
                    Some(name) => {
                        let nearest = format!("{PREFIX}{}", name.to_ascii_uppercase());
                        return Err(Error::Name { variable, nearest });
                    }
                    None => continue,
                }
            }
            let refuse = |problem| Error::Value { variable: variable.clone(), problem };
            let value = value.into_string().map_err(|_| refuse("its value is not UTF-8".to_owned()))?;
            match setting {
                Some(setting) => environment.layer.set(setting, value.trim()).map_err(refuse)?,
                None => environment.preset = Some(value),
            }
        }
        Ok(environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, Error> {
        Environment::read(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn variables_of_ours_become_a_layer() {
        let environment = read(&[("STREAMPACK_CRF", "24"), ("STREAMPACK_HLS", ""), ("STREAMPACK_PRESET", "mobile")]);
        let layer = Layer { crf: Some(24.0), ..Layer::default() };
        assert_eq!(environment, Ok(Environment { preset: Some("mobile".into()), layer }));
    }

    #[test]
    fn other_variables_are_left_alone() {
        assert_eq!(
            read(&[("PATH", "/bin"), ("STREAMPACK_VERSION", "1.2"), ("STREAMPACK_REPORT", "x")]),
            Ok(Environment::default())
        );
    }

    #[test]
    fn a_misspelt_variable_is_refused_with_its_right_name() {
        let message = read(&[("STREAMPACK_SEGMENT_DURATON", "4")]).map_err(|e| e.to_string());
        let expected = "environment STREAMPACK_SEGMENT_DURATON: no setting has this name; \
                        did you mean STREAMPACK_SEGMENT_DURATION?";
        assert_eq!(message, Err(expected.to_owned()));
    }

    #[test]
    fn a_bad_value_names_its_variable() {
        let message = read(&[("STREAMPACK_GOP", "often")]).map_err(|e| e.to_string());
        assert!(message.is_err_and(|m| m.starts_with("environment STREAMPACK_GOP: `often` is not a time")));
    }
}
