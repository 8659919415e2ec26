//! Job files: what to encode, where to, and with which settings.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize};

use super::document::{self, Header};
use super::{Error, Layer, Preset, Publish, SubtitleFile};

/// A whole job as a file. Its settings lie over the preset that it names, and below variables of the environment and
/// flags. What the command line names as inputs or output takes the place of what is named here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Job {
    /// Where the schema of this file is; for editors only.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What it is for; for readers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The preset below it: a name, or a JSON file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Files and directories to encode. Like all paths here they are relative to the directory of this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<PathBuf>>,
    /// Files of subtitles, of one input: `film.srt`, `film.srt:de` or `film.srt:de:Deutsch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    pub subtitles: Option<Vec<SubtitleFile>>,
    /// The directory that is made, or the URL of a bucket and a prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// Where the output is brought when all of it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publish>,
    /// Of directories only what matches one of these patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<String>>,
    /// Of directories not what matches one of these patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Vec<String>>,
    /// Go on with the other inputs when one fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_going: Option<bool>,
    /// Where JUnit XML is written, for CI systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub junit: Option<PathBuf>,
    /// Commands and URLs that are told when all is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_complete: Option<Vec<String>>,
    /// Commands and URLs that are told when something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Vec<String>>,
    /// What it says of the settings.
    #[serde(flatten)]
    pub layer: Layer,
}

impl Job {
    /// Reads the file at `path`. The paths in it are made relative to where the caller is, as `path` is.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut job: Self = document::load("job", path)?;
        let directory = path.parent().unwrap_or(Path::new(""));
        let subtitles = job.subtitles.iter_mut().flatten().map(|file| &mut file.path);
        let files = job.inputs.iter_mut().flatten().chain(&mut job.junit).chain(subtitles);
        let places = job.output.iter_mut().chain(job.publish.as_mut().and_then(|publish| publish.to.as_mut()));
        let places = places.filter(|place| !is_url(place));
        files.chain(places).for_each(|path| *path = directory.join(&*path));
        if let Some(preset) = job.preset.as_mut().filter(|preset| Preset::is_path(preset)) {
            *preset = beside(directory, preset);
        }
        Ok(job)
    }
}

/// Whether an output is no path of this machine.
fn is_url(output: &Path) -> bool {
    output.to_str().is_some_and(|text| text.contains("://"))
}

/// The file `name` in a directory, by a name that is that of a file whatever the directory is called.
fn beside(directory: &Path, name: &str) -> String {
    directory.join(name).display().to_string()
}

impl<'de> Deserialize<'de> for Job {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (job, layer) = document::read::<Self, D>(deserializer)?;
        Ok(Self { layer, ..job })
    }
}

impl Header for Job {
    const KEYS: &'static [&'static str] = &[
        "$schema",
        "description",
        "preset",
        "inputs",
        "subtitles",
        "output",
        "publish",
        "include",
        "exclude",
        "keep_going",
        "junit",
        "on_complete",
        "on_failure",
    ];

    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "$schema" => self.schema = map.next_value()?,
            "description" => self.description = map.next_value()?,
            "preset" => self.preset = map.next_value()?,
            "inputs" => self.inputs = map.next_value()?,
            "subtitles" => self.subtitles = map.next_value()?,
            "output" => self.output = map.next_value()?,
            "publish" => self.publish = map.next_value()?,
            "include" => self.include = map.next_value()?,
            "exclude" => self.exclude = map.next_value()?,
            "keep_going" => self.keep_going = map.next_value()?,
            "junit" => self.junit = map.next_value()?,
            "on_complete" => self.on_complete = map.next_value()?,
            _ => self.on_failure = map.next_value()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn load(text: &str) -> (TempDir, Result<Job, Error>) {
        let directory = TempDir::new().expect("a temporary directory");
        let path = directory.path().join("job.json");
        fs::write(&path, text).expect("writable");
        let job = Job::load(&path);
        (directory, job)
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let text = r#"{
            "inputs": ["films", "/elsewhere/a.mp4"], "output": "sets", "junit": "../report.xml", "preset": "house.json",
            "include": ["*.mov"], "keep_going": true, "crf": 21
        }"#;
        let (directory, job) = load(text);
        let (job, at) = (job.expect("valid"), |name: &str| directory.path().join(name));
        assert_eq!(job.inputs, Some(vec![at("films"), PathBuf::from("/elsewhere/a.mp4")]));
        assert_eq!((job.output, job.junit), (Some(at("sets")), Some(at("../report.xml"))));
        assert_eq!(job.preset, Some(at("house.json").display().to_string()));
        assert_eq!((job.include, job.keep_going), (Some(vec!["*.mov".to_owned()]), Some(true)));
        assert_eq!(job.layer, Layer { crf: Some(21.0), ..Layer::default() });
        assert_eq!(load(r#"{ "preset": "mobile" }"#).1.expect("valid").preset.as_deref(), Some("mobile"));
    }

    #[test]
    fn urls_of_buckets_are_no_paths_and_subtitles_are() {
        let text = r#"{
            "output": "s3://films/one", "publish": { "to": "../www", "delete": true },
            "subtitles": ["film.srt:de:Deutsch", "/elsewhere/film.vtt"]
        }"#;
        let (directory, job) = load(text);
        let job = job.expect("valid");
        assert_eq!(job.output, Some(PathBuf::from("s3://films/one")));
        let publish = job.publish.expect("said");
        let to = Some(directory.path().join("../www"));
        assert_eq!((publish.to, publish.delete, publish.max_delete), (to, true, None));
        let wanted = [format!("{}/film.srt:de:Deutsch", directory.path().display()), "/elsewhere/film.vtt".to_owned()];
        assert_eq!(job.subtitles, Some(wanted.map(|text| text.parse().expect("a file")).to_vec()));
    }

    #[test]
    fn what_is_unknown_twice_or_no_value_is_refused_with_its_place() {
        let refusal = |text: &str| load(text).1.expect_err("no job").to_string();
        for (text, end) in [
            ("{\n\"input\": []}", ":2:7: no setting is called `input`; did you mean `inputs`?"),
            ("{\"output\": \"a\", \"output\": \"b\"}", ":1:24: `output` is there twice"),
            (
                "{\"publish\": {\"to\": \"x\", \"all\": 1}}",
                "unknown field `all`, expected one of `to`, `delete`, `max_delete`, `force`, `cache_control_media`, `cache_control_manifest`, `invalidate`, `invalidate_root`",
            ),
            (
                "{\"subtitles\": [\"film.srt:klingonese\"]}",
                "`klingonese` is not a language; write a code like en, deu or pt-BR, or und for tracks without one",
            ),
            ("{\"keep_going\": 1}", ": invalid type: integer `1`, expected a boolean"),
            ("{\"ladder\": [\"1080\"]}", "`1080` is not a rung; write it like 1080p@5000k"),
        ] {
            let message = refusal(text);
            assert!(message.starts_with("job ") && message.ends_with(end), "{message}");
        }
        let absent = Job::load(Path::new("none/job.json")).expect_err("not there").to_string();
        assert!(absent.starts_with("cannot read job none/job.json: ") && absent.ends_with("JSON file"), "{absent}");
    }
}
