//! What is asked of `encode` and `plan`: the command line over the job file.

use std::path::{Path, PathBuf};

use streampack::config::{Job, Origin, Resolved, SubtitleFile};
use streampack::plan::names;
use streampack::source::discover;
use streampack::source::filter::Filter;

use super::args::{DeliveryFlags, Encode, PatternFlags, Plan, SettingFlags, SubtitleFlags};
use super::error::Error;
use super::layer;
use super::notify::{About, Hooks};
use super::publishing::{By, Publishing};
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
    /// How the output is delivered, or where it is brought when all is made.
    pub(crate) publishing: Publishing,
    /// Who is told how it ended.
    pub(crate) hooks: Hooks,
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
        let said = job.unwrap_or_default();
        let publish = said.publish.filter(|_| !encode.no_publish);
        let output = asked.output.as_deref().unwrap_or(Path::new(""));
        let by = by(encode.output.as_deref(), &encode.settings);
        let publishing = Publishing::of(publish, &encode.delivery, output, by)?;
        let keep_going = encode.several.keep_going || said.keep_going.unwrap_or(false);
        Ok(Self {
            keep_going,
            publishing,
            junit: encode.several.junit.clone().or(said.junit),
            hooks: Hooks::over(
                &encode.hooks,
                said.on_complete.unwrap_or_default(),
                said.on_failure.unwrap_or_default(),
            )?,
            ..asked
        })
    }

    /// Of `plan`.
    pub(crate) fn of_plan(plan: &Plan) -> Result<Self, Error> {
        let job = job(&plan.settings)?;
        let asked = Self::of(&plan.inputs, None, &plan.patterns, &plan.settings, job.as_ref())?;
        let asked = asked.with(&plan.subtitles, job.as_ref())?;
        let output = asked.output.clone().unwrap_or_default();
        let publish = job.and_then(|job| job.publish);
        let by = by(None, &plan.settings);
        Ok(Self { publishing: Publishing::of(publish, &DeliveryFlags::default(), &output, by)?, ..asked })
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
            publishing: Publishing::default(),
            hooks: Hooks::default(),
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

    /// What hooks are told of it.
    pub(crate) fn about(&self) -> About {
        let output = self.output.as_deref().unwrap_or(Path::new(""));
        let report = match self.subject() {
            Subject::One(_) => names::REPORT,
            Subject::Several(_) => names::BATCH_REPORT,
        };
        About {
            inputs: self.inputs.iter().map(|input| input.display().to_string()).collect(),
            output: output.display().to_string(),
            report_path: Some(output.join(report).display().to_string()),
        }
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

fn job(settings: &SettingFlags) -> Result<Option<Job>, Error> {
    Ok(settings.job.as_deref().map(Job::load).transpose()?)
}

/// Who says where the output goes.
fn by(output: Option<&Path>, settings: &SettingFlags) -> By {
    let job = settings.job.as_ref().map_or(Origin::Default, |path| Origin::Job(path.display().to_string()));
    By { output: output.map_or_else(|| job.clone(), |_| Origin::Flag("--output")), job }
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
    Ok(Filter::new(&include, &exclude).map_err(discover::Error::from)?)
}
