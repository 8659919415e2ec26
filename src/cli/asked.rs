//! What is asked of `encode` and `plan`: the command line over the job file.

use std::path::{Path, PathBuf};

use streampack::config::{Job, Resolved, SubtitleFile};
use streampack::job::sync;
use streampack::output::object::Location;
use streampack::source::discover::Filter;

use super::args::{Encode, PatternFlags, Plan, SettingFlags, SubtitleFlags};
use super::error::Error;
use super::hook::Hook;
use super::layer;
use super::publishing;
use super::view::Subject;

/// Everything that decides what is encoded, where to and how.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Files and directories.
    pub(crate) inputs: Vec<PathBuf>,
    /// Where to; `plan` need not say.
    pub(crate) output: Option<PathBuf>,
    /// What of directories.
    pub(crate) filter: Filter,
    /// Files of subtitles, of one input.
    pub(crate) subtitles: Vec<SubtitleFile>,
    /// Go on when one input fails.
    pub(crate) keep_going: bool,
    /// Where JUnit XML goes.
    pub(crate) junit: Option<PathBuf>,
    /// Where the output is brought when all is made.
    pub(crate) publish: Option<sync::Request>,
    /// Who is told when all is done.
    pub(crate) on_complete: Vec<Hook>,
    /// Who is told when something failed.
    pub(crate) on_failure: Vec<Hook>,
    /// The settings, and who decided them.
    pub(crate) resolved: Resolved,
}

impl Asked {
    /// Of `encode`.
    pub(crate) fn of_encode(encode: &Encode) -> Result<Self, Error> {
        let job = job(&encode.settings)?;
        let asked = Self::of(&encode.inputs, encode.output.as_ref(), &encode.patterns, &encode.settings, job.as_ref())?;
        let asked = asked.with(&encode.subtitles, job.as_ref())?;
        if asked.output.is_none() && !encode.dry_run {
            return Err(Error::Usage("the job names no output; add `output` to it, or pass -o DIR".to_owned()));
        }
        if let Some(output) = &asked.output {
            Location::parse(output.as_os_str()).map_err(|error| Error::Usage(error.to_string()))?;
        }
        let said = job.unwrap_or_default();
        let published = said.publish.filter(|_| !encode.no_publish).zip(asked.output.as_ref());
        let publish = published.map(|(publish, output)| publishing::request(publish, output)).transpose()?;
        let keep_going = encode.several.keep_going || said.keep_going.unwrap_or(false);
        Ok(Self {
            keep_going,
            publish,
            junit: encode.several.junit.clone().or(said.junit),
            on_complete: hooks("--on-complete", &encode.hooks.on_complete, "on_complete", said.on_complete)?,
            on_failure: hooks("--on-failure", &encode.hooks.on_failure, "on_failure", said.on_failure)?,
            ..asked
        })
    }

    /// Of `plan`.
    pub(crate) fn of_plan(plan: &Plan) -> Result<Self, Error> {
        let job = job(&plan.settings)?;
        Self::of(&plan.inputs, None, &plan.patterns, &plan.settings, job.as_ref())?.with(&plan.subtitles, job.as_ref())
    }

    fn of(
        inputs: &[PathBuf],
        output: Option<&PathBuf>,
        patterns: &PatternFlags,
        settings: &SettingFlags,
        job: Option<&Job>,
    ) -> Result<Self, Error> {
        let said = job.and_then(|job| job.inputs.as_deref()).unwrap_or_default();
        let inputs = if inputs.is_empty() { said } else { inputs }.to_vec();
        if inputs.is_empty() {
            let remedy = "add `inputs` to it, or name them on the command line";
            return Err(Error::Usage(format!("the job names no inputs; {remedy}")));
        }
        Ok(Self {
            filter: filter(patterns, job, &inputs)?,
            inputs,
            output: output.or(job.and_then(|job| job.output.as_ref())).cloned(),
            subtitles: Vec::new(),
            keep_going: false,
            junit: None,
            publish: None,
            on_complete: Vec::new(),
            on_failure: Vec::new(),
            resolved: layer::resolve(settings, job)?,
        })
    }

    /// The same with files of subtitles, which belong to one input.
    fn with(self, flags: &SubtitleFlags, job: Option<&Job>) -> Result<Self, Error> {
        let said = job.and_then(|job| job.subtitles.as_deref()).unwrap_or_default();
        let (by, files) =
            if flags.files.is_empty() { ("subtitles of the job", said) } else { ("--subtitles", &flags.files[..]) };
        if !files.is_empty() && matches!(self.subject(), Subject::Several(_)) {
            let remedy = "encode the file that they belong to on its own";
            return Err(Error::Usage(format!("{by} belong to one input, and there are several; {remedy}")));
        }
        Ok(Self { subtitles: files.to_vec(), ..self })
    }

    /// What the run is about: one file is encoded into the output itself.
    pub(crate) fn subject(&self) -> Subject {
        match &self.inputs[..] {
            [one] if !one.is_dir() => Subject::One(one.clone()),
            [one] => Subject::Several(Some(one.clone())),
            _ => Subject::Several(None),
        }
    }
}

/// The hooks of a flag, or else of a key of the job. An error does not say the text, which may hold a secret.
fn hooks(flag: &str, flags: &[String], key: &str, said: Option<Vec<String>>) -> Result<Vec<Hook>, Error> {
    let said = said.unwrap_or_default();
    let (by, texts) =
        if flags.is_empty() { (format!("{key} of the job"), &said[..]) } else { (flag.to_owned(), flags) };
    let one = |text: &String| text.parse().map_err(|problem: String| Error::Usage(format!("{by}: {problem}")));
    texts.iter().map(one).collect()
}

fn job(settings: &SettingFlags) -> Result<Option<Job>, Error> {
    Ok(settings.job.as_deref().map(Job::load).transpose()?)
}

/// The patterns; flags that would have no effect are refused.
fn filter(flags: &PatternFlags, job: Option<&Job>, inputs: &[PathBuf]) -> Result<Filter, Error> {
    let or_job = |flags: &[String], job: Option<&Vec<String>>| match flags {
        [] => job.cloned().unwrap_or_default(),
        flags => flags.to_vec(),
    };
    let include = or_job(&flags.include, job.and_then(|job| job.include.as_ref()));
    let exclude = or_job(&flags.exclude, job.and_then(|job| job.exclude.as_ref()));
    let idle = [("--include", &flags.include), ("--exclude", &flags.exclude)];
    let idle = idle.iter().find(|(_, patterns)| !patterns.is_empty());
    if let Some((flag, _)) = idle.filter(|_| !inputs.iter().any(|input: &PathBuf| Path::is_dir(input))) {
        return Err(Error::Usage(format!("{flag} has no effect: no input is a directory; leave it out, or name one")));
    }
    Ok(Filter::new(&include, &exclude)?)
}
