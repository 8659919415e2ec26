//! The end of a run as the hooks are told it.

use std::path::Path;

use serde_json::Value;
use streampack::event::{Event, Observer, Warning};
use streampack::plan::names;

use super::Run;
use super::asked::Asked;
use super::document::{Ending, HookDocument, VERSION};
use super::error::{Error, one_line};
use super::exit::Code;
use super::hook::{self, Notice};
use super::view::{Subject, View};

/// Tells those who are to be told of such an end, with the report of what was made. A run that was stopped is not over. What a hook fails with becomes
/// the result of a run that was well, and a warning of one that was not.
pub(crate) fn notify(
    result: Result<(), Error>,
    report: Option<Value>,
    asked: &Asked,
    run: &Run,
    view: &View<'_>,
) -> Result<(), Error> {
    let hooks = match &result {
        Ok(()) => &asked.on_complete,
        Err(error) if error.is_stop() || error.is_silent() => return result,
        Err(_) => &asked.on_failure,
    };
    if hooks.is_empty() {
        return result;
    }
    let notice = notice(&result, report, asked)?;
    let mut result = result;
    for hook in hooks {
        match hook.tell(&notice, &run.cancel) {
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

fn notice(result: &Result<(), Error>, report: Option<Value>, asked: &Asked) -> Result<Notice, Error> {
    let output = asked.output.as_deref().unwrap_or(Path::new(""));
    let path = match (asked.subject(), result) {
        (Subject::One(_), Ok(())) => Some(output.join(names::REPORT)),
        (Subject::Several(_), Ok(()) | Err(Error::Partly { .. })) => Some(output.join(names::BATCH_REPORT)),
        // What stands there tells of an earlier run.
        (Subject::One(_) | Subject::Several(_), Err(_)) => None,
    };
    let report = report.filter(|_| path.is_some());
    let (ending, code, error) = match result {
        Ok(()) => (Ending::Completed, Code::Ok, None),
        Err(error) => (Ending::Failed, Code::from(error), Some(error.chain())),
    };
    let path = path.map(|path| path.display().to_string());
    let document = HookDocument {
        v: VERSION,
        r#type: ending,
        exit_code: code.number(),
        error,
        inputs: asked.inputs.iter().map(|input| input.display().to_string()).collect(),
        output: output.display().to_string(),
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
