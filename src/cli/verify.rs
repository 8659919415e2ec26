//! `streampack verify`: what is wrong with a set, one line each.

use std::io::{self, Write};

use streampack::verify::{self, Finding, Severity, Summary, Tally};

use super::Run;
use super::args::Verify;
use super::color::Paint;
use super::error::{Error, one_line};
use super::keys;
use super::view::View;

/// Checks a set; broken rules are an error.
pub(crate) fn verify(flags: &Verify, run: &Run, view: &View<'_>) -> Result<(), Error> {
    let keys = keys::read(&flags.keys, &flags.set, run, view)?;
    let mut failed = None;
    let told = &mut |finding: &Finding| {
        if failed.is_none() && !view.violation(finding) {
            let line = line(finding, run.terminal.stdout);
            let mut out = io::stdout().lock();
            if let Err(error) = out.write_all(line.as_bytes()) {
                failed = Some(error);
                run.cancel.cancel();
            }
        }
    };
    let checked = verify::verify(&flags.set, keys.as_ref(), told, &run.cancel);
    if let Some(error) = failed {
        return Err(Error::Stdout(error));
    }
    let checked = checked?;
    if !flags.json {
        run.terminal.tell(&format!("checked {}\n", summary(&checked)));
    }
    let Tally { errors, warnings, notes: _ } = checked.tally;
    if errors > 0 || (flags.strict && warnings > 0) {
        return Err(Error::Violations(counts(checked.tally)));
    }
    Ok(())
}

/// `error CLAUSE FILE: text`, on one line whatever the names of files hold.
fn line(finding: &Finding, paint: Paint) -> String {
    let name = finding.rule.severity.name();
    let name = match finding.rule.severity {
        Severity::Error => paint.red(name),
        Severity::Warning => paint.yellow(name),
        Severity::Note => name.to_owned(),
    };
    let rest = format!("{} {}: {}", finding.rule.clause, finding.file, finding.message());
    format!("{name} {}\n", one_line(&rest))
}

fn summary(checked: &Summary) -> String {
    let objects = plural(checked.objects as u64, "object");
    format!("{objects} of {}: {}", plural(checked.renditions as u64, "rendition"), counts(checked.tally))
}

fn counts(tally: Tally) -> String {
    let mut text = format!("{}, {}", plural(tally.errors, "error"), plural(tally.warnings, "warning"));
    if tally.notes > 0 {
        text += &format!(", {}", plural(tally.notes, "note"));
    }
    text
}

fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use streampack::verify::Rule;

    use super::*;

    #[test]
    fn a_violation_is_one_line_and_counts_are_in_words() {
        const RULE: Rule = Rule { clause: "Apple 8.1", severity: Severity::Error, checks: "all is well" };
        let finding = Finding {
            rule: &RULE,
            file: "a\nb.m3u8".into(),
            what: "EXTINF".into(),
            measured: Some("5.9".into()),
            expected: Some("6".into()),
        };
        assert_eq!(line(&finding, Paint::plain()), "error Apple 8.1 a b.m3u8: EXTINF is 5.9, not 6\n");
        let tally = Tally { errors: 2, warnings: 1, notes: 0 };
        let checked = Summary { objects: 412, renditions: 9, tally };
        assert_eq!(summary(&checked), "412 objects of 9 renditions: 2 errors, 1 warning");
    }
}
