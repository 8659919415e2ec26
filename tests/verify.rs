//! `streampack verify`: good sets break no rule, and whatever is broken in them is found.

#[path = "verify/cases.rs"]
mod cases;
#[path = "verify/change.rs"]
mod change;
#[path = "verify/hostile.rs"]
mod hostile;
#[path = "checker/made.rs"]
mod made;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cases::CASES;
use streampack::cancel::CancelToken;
use streampack::plan::Layout;
use streampack::verify::{self, Finding, Summary};
use support::{TestDir, streampack};

/// What is wrong with the set in a directory.
fn findings(root: &Path) -> (Vec<Finding>, Summary) {
    let mut found = Vec::new();
    let told = &mut |finding: &Finding| found.push(finding.clone());
    let summary = verify::verify(root, None, told, &CancelToken::default()).expect("there is a manifest");
    (found, summary)
}

fn lines(found: &[Finding]) -> String {
    found.iter().map(|finding| format!("{finding}\n")).collect()
}

/// Good sets of both layouts, in `segments` and `single` of a directory.
fn good_sets() -> TestDir {
    let directory = TestDir::new();
    made::set(&directory.join(name(Layout::SegmentFiles)), Layout::SegmentFiles);
    made::set(&directory.join(name(Layout::SingleFile)), Layout::SingleFile);
    directory
}

fn name(layout: Layout) -> &'static str {
    match layout {
        Layout::SegmentFiles => "segments",
        Layout::SingleFile => "single",
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the set is readable");
        let target = to.join(entry.path().strip_prefix(from).expect("found below it"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a temporary directory is writable");
        } else {
            fs::copy(entry.path(), target).expect("a temporary directory is writable");
        }
    }
}

#[test]
fn good_sets_break_no_rule_and_each_broken_thing_is_found() {
    let good = good_sets();
    for layout in [Layout::SegmentFiles, Layout::SingleFile] {
        let (found, summary) = findings(&good.join(name(layout)));
        assert_eq!(lines(&found), "");
        assert_eq!(summary.renditions, 9, "four playlists and five representations");
    }
    let mut missed = Vec::new();
    let mut broken_rules = BTreeSet::new();
    for case in CASES {
        let broken = TestDir::new();
        copy(&good.join(name(case.layout)), broken.path());
        (case.change)(broken.path());
        let (found, _) = findings(broken.path());
        broken_rules.extend(found.iter().map(|finding| finding.rule.checks));
        if !found.iter().any(|finding| finding.rule.clause == case.clause && finding.file == case.file) {
            missed.push(format!("{}: no {} in {}, but\n{}", case.name, case.clause, case.file, lines(&found)));
        }
    }
    assert!(missed.is_empty(), "{} of {} cases were missed:\n{}", missed.len(), CASES.len(), missed.join("\n"));
    let unbroken = verify::rules().map(|rule| rule.checks).filter(|checks| !broken_rules.contains(checks));
    assert_eq!(unbroken.collect::<Vec<_>>(), UNBROKEN);
}

/// Rules that no case breaks: a good set of H.264 and AAC cannot be turned into such media by a few bytes, or so many
/// segments take too long. Those about keys are broken in `tests/encryption`.
const UNBROKEN: &[&str] = &[
    "the VUI of the SPS says primaries, transfer and matrix",
    "HEVC is of Main 10, Level 5.1, High Tier or below",
    "HEVC with PQ has mastering display metadata in its header",
    "samples that are opened with the key of their id can be decoded (with --key-file)",
    "the keys that are given are for all encrypted media (with --key-file)",
    "encrypted media can be opened and decoded here (with --key-file)",
    "segments of AES-128 open with the key that their URI names (with --key-file)",
    "one of the keys that are given opens segments of AES-128 (with --key-file)",
    "a media playlist names no more segments than a week has",
    "there is AAC of at most two channels",
    "Dolby Digital Plus comes with Dolby Digital",
    "there is a key frame every two seconds",
    "HE-AAC is used for at most 64 kb/s",
    "the peak is at most twice the average",
];

#[test]
fn the_document_lists_every_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md");
    let written = fs::read_to_string(&path).expect("docs/verify.md is there");
    let head = "| clause | kind | what holds in a good set |\n|---|---|---|\n";
    let (intro, _) = written.split_once(head).expect("the document has a table");
    let row = |rule: &verify::Rule| format!("| {} | {} | {} |\n", rule.clause, rule.severity.name(), rule.checks);
    let right: String = [intro, head].into_iter().map(str::to_owned).chain(verify::rules().map(row)).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &right).expect("written");
    }
    let written = fs::read_to_string(&path).expect("docs/verify.md is there");
    assert!(written == right, "docs/verify.md is out of date; run UPDATE_GOLDEN=1 cargo test --test verify");
}

/// A rule that no code looks at would be a promise that nobody keeps.
#[test]
fn every_rule_of_the_table_is_looked_at() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify");
    let (mut unused, mut rules) = (Vec::new(), 0);
    for entry in walkdir::WalkDir::new(root) {
        let path = entry.expect("src is readable").into_path();
        let Ok(source) = fs::read_to_string(&path) else { continue };
        let Some((_, table)) = source.split_once("rules! {\n") else { continue };
        let (table, code) = table.split_once("\n}\n").expect("the table ends");
        for line in table.lines() {
            let (name, _) = line.trim().split_once(": ").expect("NAME: Severity");
            rules += 1;
            let used = |word: &str| word == name;
            if !code.split(|c: char| !c.is_alphanumeric() && c != '_').any(used) {
                unused.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert_eq!(unused, [""; 0]);
    assert_eq!(rules, verify::rules().count(), "a table is missing in verify::rules()");
}

#[test]
fn the_command_tells_violations_and_ends_with_15() {
    let good = good_sets();
    let root = good.join("segments");
    let verify = |flags: &[&str]| {
        let output = streampack().arg("verify").arg(&root).args(flags).output().expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let told = "checked 26 objects of 9 renditions: 0 errors, 0 warnings\n";
    assert_eq!(verify(&[]), (Some(0), String::new(), told.to_owned()));

    // A warning alone.
    change::scale(&root, "master.m3u8", ":BANDWIDTH=", 103);
    let (code, out, err) = verify(&[]);
    assert_eq!((code, err), (Some(0), told.replace("0 warnings", "1 warning")));
    assert!(out.starts_with("warning Apple 9.13 master.m3u8: BANDWIDTH of video/180p_h264/playlist.m3u8 is "), "{out}");
    assert_eq!(verify(&["--strict"]).0, Some(15));

    change::text(&root, "manifest.mpd", "PT7.2S", "PT7.3S");
    let (code, out, err) = verify(&["-q"]);
    assert_eq!((code, &err[..], out.lines().count()), (Some(15), "", 2));
}

#[test]
fn json_lines_are_as_the_schema_says_and_end_with_the_summary() {
    let schema = include_str!("../docs/schema/events.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a schema");
    let good = good_sets();
    let root = good.join("segments");
    change::text(&root, "manifest.mpd", "PT7.2S", "PT7.3S");
    let output = streampack().arg("verify").arg(&root).arg("--json").output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for line in &lines {
        assert!(schema.is_valid(line), "{line}");
    }
    let [violation, summary] = &lines[..] else { panic!("two lines, not {text}") };
    assert_eq!(
        (&violation["type"], &violation["severity"], &violation["clause"], &violation["file"]),
        (&"violation".into(), &"error".into(), &"ISO 23009-1 5.3.1.2".into(), &"manifest.mpd".into())
    );
    assert_eq!((&summary["type"], &summary["exit_code"]), (&"summary".into(), &15.into()));
    assert_eq!((&summary["error"], output.status.code()), (&"1 error, 0 warnings".into(), Some(15)));
}

#[test]
fn what_holds_no_manifest_is_refused() {
    let directory = TestDir::new();
    fs::write(directory.join("notes.txt"), "x").expect("a temporary directory is writable");
    let missing = directory.join("missing");
    let cases = [
        (directory.path(), "no manifest in"),
        (&missing, "cannot read"),
        (&directory.join("notes.txt"), "is no manifest"),
    ];
    for (path, expected) in cases {
        let output = streampack().arg("verify").arg(path).output().expect("it runs");
        let err = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(10), "{err}");
        assert!(err.starts_with("streampack: error: ") && err.contains(expected) && err.lines().count() == 1, "{err}");
    }
}

#[test]
fn one_manifest_is_checked_by_itself() {
    let good = good_sets();
    let root = good.join("segments");
    change::text(&root, "manifest.mpd", "PT7.2S", "PT7.3S");
    assert_eq!(lines(&findings(&root.join("master.m3u8")).0), "");
    assert_eq!(findings(&root.join("manifest.mpd")).0.len(), 1);
    assert_eq!(lines(&findings(&root.join("video/90p_h264/playlist.m3u8")).0), "");
}

/// Turns the MPD of a good set, whose renditions have two segments each, into one of two Periods. The second one counts on
/// from the first, and says so by an offset, to which `more` is added.
fn in_two_periods(mpd: &str, more: i64) -> String {
    let (head, rest) = mpd.split_once("<Period ").expect("a Period");
    let (first, tail) = rest.split_once("</Period>").expect("it ends");
    let mut second = first.replacen("start=\"PT0S\"", "start=\"PT6S\"", 1).replacen("id=\"0\"", "id=\"1\"", 1);
    let mut shortened = first.to_owned();
    for line in first.split("<S t=\"0\" d=\"").skip(1) {
        let (length, rest) = line.split_once("\"/>").expect("a segment");
        let rest = rest.trim_start().strip_prefix("<S d=\"").expect("another segment");
        let (last, _) = rest.split_once("\"/>").expect("it ends");
        let tail = format!("<S d=\"{last}\"/>");
        shortened = shortened.replacen(&tail, "", 1);
        let length: i64 = length.parse().expect("ticks");
        let (from, to) = (format!("<S t=\"0\" d=\"{length}\"/>"), format!("<S t=\"{length}\" d=\"{last}\"/>"));
        second = second.replacen(&tail, "", 1).replacen(&from, &to, 1);
        let offset = format!("startNumber=\"2\" presentationTimeOffset=\"{}\"", length + more);
        second = second.replacen("startNumber=\"1\"", &offset, 1);
    }
    format!("{head}<Period {shortened}</Period><Period {second}</Period>{tail}")
}

/// Segments are where the media says, and a Period begins where its offset says.
#[test]
fn a_later_period_may_count_on_from_the_one_before_it() {
    let set = TestDir::new();
    made::set(set.path(), Layout::SegmentFiles);
    let path = set.join("manifest.mpd");
    let good = fs::read_to_string(&path).expect("an MPD");
    for (more, wrong) in [(0, 0), (200, 0), (600_000, 5), (-140_000, 5)] {
        fs::write(&path, in_two_periods(&good, more)).expect("writable");
        let (found, _) = findings(set.path());
        let times: Vec<_> = found.iter().filter(|finding| finding.rule.clause == "ISO 23009-1 5.3.9.6").collect();
        assert_eq!(times.len(), wrong, "{more}: {}", lines(&found));
    }
}
