//! The end of a run as the hooks are told it.

use serde_json::Value;
use streampack::cancel::CancelToken;
use streampack::event::{Event, Observer, Warning};

use super::Run;
use super::args::HookFlags;
use super::document::{Ending, HookDocument, VERSION};
use super::error::{Error, one_line};
use super::exit::Code;
use super::hook::{self, Hook, Notice};
use super::view::View;

/// Who is told of the end of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    /// When all is done.
    pub(crate) on_complete: Vec<Hook>,
    /// When something failed.
    pub(crate) on_failure: Vec<Hook>,
}

/// What they are told of the run, however it ends.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// As they were given.
    pub(crate) inputs: Vec<String>,
    /// As it was given.
    pub(crate) output: String,
    /// Where the report stands, when one was written.
    pub(crate) report_path: Option<String>,
}

impl Hooks {
    /// Those of the flags. An error does not say the text, which may hold a secret.
    pub(crate) fn of(flags: &HookFlags) -> Result<Self, Error> {
        Self::over(flags, Vec::new(), Vec::new())
    }

    /// Those of the flags, or else of the job.
    pub(crate) fn over(flags: &HookFlags, on_complete: Vec<String>, on_failure: Vec<String>) -> Result<Self, Error> {
        let one = |flag: &str, texts: &[String], key: &str, said: &[String]| {
            let (by, texts) =
                if texts.is_empty() { (format!("{key} of the job"), said) } else { (flag.to_owned(), texts) };
            let parse = |text: &String| {
                let hook: Result<Hook, String> = text.parse();
                hook.map_err(|problem| Error::Usage(format!("{by}: {problem}")))
            };
            texts.iter().map(parse).collect::<Result<Vec<Hook>, Error>>()
        };
        Ok(Self {
            on_complete: one("--on-complete", &flags.on_complete, "on_complete", &on_complete)?,
            on_failure: one("--on-failure", &flags.on_failure, "on_failure", &on_failure)?,
        })
    }
}

/// Tells those who are to be told of such an end, with the report of what was made. A run that was stopped is not over;
/// a live programme that was stopped is. What a hook fails with becomes the result of a run that was well, and a
/// warning of one that was not.
pub(crate) fn notify(
    result: Result<(), Error>,
    report: Option<Value>,
    (hooks, about): (&Hooks, &About),
    run: &Run,
    view: &View<'_>,
) -> Result<(), Error> {
    let hooks = match &result {
        Ok(()) => &hooks.on_complete,
        Err(Error::Closed(_)) if report.is_some() => &hooks.on_complete,
        Err(error) if error.is_stop() || error.is_silent() => return result,
        Err(_) => &hooks.on_failure,
    };
    if hooks.is_empty() {
        return result;
    }
    let notice = notice(&result, report, about)?;
    let mut result = result;
    // The signal that ended a programme is not meant for the hooks.
    let never = CancelToken::default();
    let cancel = if matches!(result, Err(Error::Closed(_))) { &never } else { &run.cancel };
    for hook in hooks {
        match hook.tell(&notice, cancel) {
            Ok(()) => {}
            Err(hook::Error::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(error) if result.is_ok() => result = Err(Error::Hook(error)),
            Err(error) => warn(format!("a hook failed: {error}"), run, view),
        }
    }
    result
}

fn warn(message: String, run: &Run, view: &View<'_>) {
    match view {
        View::Json(_) => view.on(&Event::Warned(&Warning { code: "hook_failed", message })),
        _ => run.terminal.tell(&format!(
            "streampack: {} {}\n",
            run.terminal.stderr.yellow("warning:"),
            one_line(&message)
        )),
    }
}

fn notice(result: &Result<(), Error>, report: Option<Value>, about: &About) -> Result<Notice, Error> {
    // What stands there after a failure tells of an earlier run.
    let path = about.report_path.clone().filter(|_| report.is_some());
    let (ending, code, error) = match result {
        Ok(()) | Err(Error::Closed(_)) => (Ending::Completed, Code::Ok, None),
        Err(error) => (Ending::Failed, Code::from(error), Some(error.chain())),
    };
    let document = HookDocument {
        v: VERSION,
        r#type: ending,
        exit_code: code.number(),
        error,
        inputs: about.inputs.clone(),
        output: about.output.clone(),
        report_path: path.clone(),
        report,
    };
    let variables = vec![
        ("STREAMPACK_OUTPUT", document.output.clone()),
        ("STREAMPACK_REPORT", path.unwrap_or_default()),
        ("STREAMPACK_EXIT_CODE", code.number().to_string()),
    ];
    Ok(Notice { body: serde_json::to_string(&document)?, variables })
}
