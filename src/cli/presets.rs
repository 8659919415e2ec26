//! `streampack presets`: what there is to choose from.

use serde_json::json;
use streampack::config::{self, Preset, Stack};

use super::args::{Presets, PresetsVerb};
use super::error::Error;
use super::terminal::Terminal;

/// Lists the built-in presets, or prints one.
pub(crate) fn presets(presets: &Presets, terminal: &Terminal) -> Result<(), Error> {
    match &presets.verb {
        Some(PresetsVerb::Show { name }) => terminal.print(&show(name)?),
        None if presets.json => terminal.print(&list_json()?),
        None => terminal.print(&list(terminal)?),
    }
}

fn descriptions() -> Result<Vec<(&'static str, String)>, config::Error> {
    Preset::names().map(|name| Ok((name, Preset::load(name)?.description.unwrap_or_default()))).collect()
}

fn list(terminal: &Terminal) -> Result<String, config::Error> {
    let presets = descriptions()?;
    let width = presets.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, description): &(&str, String)| {
        format!("{}  {description}\n", terminal.stdout.bold(&format!("{name:width$}")))
    };
    Ok(presets.iter().map(line).collect())
}

fn list_json() -> Result<String, config::Error> {
    let entry = |(name, description): (&str, String)| json!({ "name": name, "description": description });
    let entries: Vec<_> = descriptions()?.into_iter().map(entry).collect();
    Ok(format!("{:#}\n", serde_json::Value::Array(entries)))
}

/// The preset with every setting, the defaults included: nothing in it changes when defaults do.
fn show(name: &str) -> Result<String, config::Error> {
    let description = Preset::load(name)?.description;
    let mut stack = Stack::new()?;
    stack.preset(name)?;
    let layer = stack.layer().clone();
    stack.resolve()?;
    let preset = Preset { description, layer, ..Preset::default() };
    let text = serde_json::to_string_pretty(&preset).expect("a preset is plain data");
    Ok(text + "\n")
}
