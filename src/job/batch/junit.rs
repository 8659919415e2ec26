//! A report of several inputs in, JUnit XML out, for the test views of CI systems: each input is a case.

use std::io;

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::Writer;

use super::report::{BatchReport, Entry};
use crate::event::End;

/// The document (the form that Jenkins, GitLab and GitHub's reporters read).
///
/// # Errors
/// Never, short of a defect of the writer.
pub fn xml(report: &BatchReport) -> io::Result<String> {
    let totals = &report.totals;
    let counts = [
        ("tests", report.inputs.len().to_string()),
        ("failures", totals.failed.to_string()),
        ("errors", "0".to_owned()),
        ("skipped", (totals.stopped + totals.not_started).to_string()),
        ("time", seconds(report.elapsed_ms)),
    ];
    let counts = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attribute(("name", "streampack"))
        .with_attributes(counts())
        .write_inner_content(|writer| {
            let suite = writer.create_element("testsuite").with_attribute(("name", "encode"));
            suite
                .with_attributes(counts())
                .write_inner_content(|writer| report.inputs.iter().try_for_each(|input| case(writer, input)))?;
            Ok(())
        })?;
    let text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    Ok(text + "\n")
}

fn case(writer: &mut Writer<Vec<u8>>, input: &Entry) -> io::Result<()> {
    let (name, time) = (allowed(&input.input), seconds(input.elapsed_ms));
    let case = writer.create_element("testcase").with_attributes([
        ("classname", "streampack.encode"),
        ("name", name.as_str()),
        ("time", time.as_str()),
    ]);
    let skipped = match input.status {
        End::Done | End::UpToDate | End::Failed => None,
        End::Stopped => Some("stopped on the way; the next run goes on with it"),
        End::NotStarted => Some("not begun"),
    };
    match (&input.error, skipped) {
        (Some(failure), _) => {
            let (message, code) = (allowed(&failure.message), format!("exit code {}", failure.exit_code));
            case.write_inner_content(|writer| {
                let failed = writer.create_element("failure");
                failed
                    .with_attributes([("message", message.as_str()), ("type", code.as_str())])
                    .write_text_content(BytesText::new(&message))?;
                Ok(())
            })?;
        }
        (None, Some(why)) => {
            case.write_inner_content(|writer| {
                writer.create_element("skipped").with_attribute(("message", why)).write_empty()?;
                Ok(())
            })?;
        }
        (None, None) => {
            case.write_empty()?;
        }
    }
    Ok(())
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// What XML can hold (XML 1.0 § 2.2): a file name may hold more.
fn allowed(text: &str) -> String {
    let good = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if good(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::report::Failure;
    use super::*;

    fn entry(name: &str, status: End) -> Entry {
        Entry {
            input: name.to_owned(),
            output: name.to_owned(),
            status,
            report: None,
            duration_s: None,
            bytes: None,
            warnings: Vec::new(),
            elapsed_ms: 1500,
            error: None,
        }
    }

    #[test]
    fn each_input_is_a_case_and_odd_names_do_no_harm() {
        let failed = Failure { exit_code: 10, message: "cannot read <b>: \"no\" & none".into() };
        let inputs = vec![
            entry("a.mp4", End::Done),
            Entry { error: Some(failed), ..entry("b\u{1b}&.mp4", End::Failed) },
            entry("c.mp4", End::NotStarted),
        ];
        let report = BatchReport::of(inputs, &[], Duration::from_millis(2000), false);
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="streampack" tests="3" failures="1" errors="0" skipped="1" time="2.000">
  <testsuite name="encode" tests="3" failures="1" errors="0" skipped="1" time="2.000">
    <testcase classname="streampack.encode" name="a.mp4" time="1.500"/>
    <testcase classname="streampack.encode" name="b�&amp;.mp4" time="1.500">
      <failure message="cannot read &lt;b&gt;: &quot;no&quot; &amp; none" type="exit code 10">cannot read &lt;b&gt;: &quot;no&quot; &amp; none</failure>
    </testcase>
    <testcase classname="streampack.encode" name="c.mp4" time="1.500">
      <skipped message="not begun"/>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(xml(&report).expect("in memory"), expected);
    }
}
