//! `streampack doctor`: a line for each thing that was looked at, and what to do where it is not as it should be.

use streampack::job::doctor::{Check, Status, check};

use super::Run;
use super::args::Doctor;
use super::color::Paint;
use super::document::{DoctorDocument, VERSION};
use super::error::{Error, one_line};
use super::run::start;

/// Looks at the machine.
pub(crate) fn doctor(doctor: &Doctor, run: &Run) -> Result<(), Error> {
    start(run);
    let output = doctor.output.clone().unwrap_or_else(|| ".".into());
    let checks = check(&output, &run.clock, &run.cancel);
    let failed = checks.iter().filter(|check| check.status == Status::Fail).count();
    run.terminal.print(&if doctor.json {
        let document = DoctorDocument { v: VERSION, r#type: DoctorDocument::TYPE, ok: failed == 0, checks: &checks };
        serde_json::to_string_pretty(&document)? + "\n"
    } else {
        checks.iter().map(|check| lines(check, run.terminal.stdout)).collect()
    })?;
    if failed == 0 { Ok(()) } else { Err(Error::Unfit { failed, all: checks.len() }) }
}

/// `ok    encoder libx264   there, for H.264`, and below it the remedy.
fn lines(check: &Check, paint: Paint) -> String {
    let status = match check.status {
        Status::Ok => paint.green("ok  "),
        Status::Warn => paint.yellow("warn"),
        Status::Fail => paint.red("fail"),
    };
    let line = format!("{status}  {:<16}  {}\n", check.name, one_line(&check.message));
    match &check.remedy {
        Some(remedy) => format!("{line}      {:<16}  {}\n", "", one_line(remedy)),
        None => line,
    }
}
