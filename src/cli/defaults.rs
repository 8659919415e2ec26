//! Defaults in the help texts, read from where they live: `presets/default.json`.

use clap::{Arg, Command, CommandFactory};
use serde_json::Value;
use streampack::config::{Setting, Stack};

use super::args::CommandLine;
use super::layer::flag;

/// The command line, with the default of each setting in the help of its flag.
pub(crate) fn command() -> Command {
    let defaults = defaults();
    let with_default = |argument: Arg| {
        let long = argument.get_long().unwrap_or_default().to_owned();
        match defaults.iter().find(|(flag, _)| flag.trim_start_matches("--") == long) {
            Some((_, default)) => annotated(argument, default),
            None => argument,
        }
    };
    let has_settings = |verb: &Command| matches!(verb.get_name(), "encode" | "package" | "plan" | "thumbnails");
    CommandLine::command().mut_subcommands(|verb| if has_settings(&verb) { verb.mut_args(with_default) } else { verb })
}

/// Adds the default to both forms of the help.
fn annotated(argument: Arg, default: &str) -> Arg {
    let with = |text: String| format!("{text} [default: {default}]");
    let help = argument.get_help().map(|help| with(help.to_string()));
    let long_help = argument.get_long_help().map(|help| with(help.to_string()));
    let argument = match help {
        Some(help) => argument.help(help),
        None => argument,
    };
    match long_help {
        Some(help) => argument.long_help(help),
        None => argument,
    }
}

/// Flags that take a value, each with its default as one would type it.
fn defaults() -> Vec<(&'static str, String)> {
    let Ok(layer) = Stack::new().map(|stack| serde_json::to_value(stack.layer())) else { return Vec::new() };
    let Ok(Value::Object(layer)) = layer else { return Vec::new() };
    let typed = |setting: Setting| Some((flag(setting), typed(layer.get(setting.name())?)?));
    Setting::ALL.into_iter().filter_map(typed).collect()
}

fn typed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) if !values.is_empty() => {
            values.iter().map(typed).collect::<Option<Vec<_>>>().map(|v| v.join(","))
        }
        Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_with_a_value_shows_its_default() {
        let texts: Vec<String> = defaults().iter().map(|(flag, default)| format!("{flag} {default}")).collect();
        for expected in ["--segment-duration 6", "--gop 2", "--audio aac@128k", "--speed balanced", "--poster auto"] {
            assert!(texts.iter().any(|text| text == expected), "{expected} is not in {texts:?}");
        }
    }
}
