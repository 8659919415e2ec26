//! The documents say what is so: their commands run, their links lead somewhere, their tables are complete.

mod support;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use streampack::config::{Job, Preset, Setting};
use support::{TestDir, clip, streampack};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// The pages that users read.
fn pages() -> Vec<String> {
    let entries = fs::read_dir(root().join("docs")).expect("docs").map(|entry| entry.expect("readable").file_name());
    let names = entries.map(|name| format!("docs/{}", name.to_string_lossy())).filter(|name| name.ends_with(".md"));
    names.chain(["README.md".to_owned()]).collect()
}

/// The code blocks of a page in one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = text(page);
    let fenced = text.split("```").skip(1).step_by(2);
    let blocks = fenced.filter_map(|block| block.split_once('\n'));
    blocks.filter(|(name, _)| *name == language).map(|(_, body)| body.to_owned()).collect()
}

/// Two seconds of pictures, and sound that says something.
fn film(path: &Path) {
    let mut ffmpeg = Command::new("ffmpeg");
    let words = "-nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i sine=d=2 -c:v libx264 -preset \
                 ultrafast -g 25 -pix_fmt yuv420p -c:a aac -b:a 64k";
    let made = ffmpeg.args(words.split_whitespace()).arg(path).status();
    assert!(made.expect("the ffmpeg command is installed (make test does it)").success());
}

/// The files that the commands name.
fn desk() -> TestDir {
    let desk = TestDir::new();
    film(&desk.join("film.mp4"));
    for directory in ["films/drafts", "films/season1"] {
        fs::create_dir_all(desk.join(directory)).expect("writable");
    }
    for copy in ["films/a.mp4", "films/drafts/b.mp4", "films/season1/e01.mp4"] {
        fs::copy(clip("one_frame.mp4"), desk.join(copy)).expect("writable");
    }
    fs::copy(clip("two_languages_51.mkv"), desk.join("film.mkv")).expect("writable");
    fs::copy(clip("audio_only.m4a"), desk.join("podcast.m4a")).expect("writable");
    fs::write(desk.join("house.json"), r#"{ "extends": "mobile", "segment_duration": 4 }"#).expect("writable");
    let job = r#"{ "inputs": ["films"], "output": "from-job", "ladder": ["90p@100k"] }"#;
    fs::write(desk.join("job.json"), job).expect("writable");
    desk
}

fn runs_all_of(page: &str) {
    let desk = desk();
    let blocks = blocks(page, "sh");
    let commands: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).filter(|line| !line.is_empty()).collect();
    assert!(!commands.is_empty(), "{page} has no commands");
    for line in commands {
        let words = shell_words::split(line.split(" # ").next().unwrap_or(line)).expect("words");
        assert_eq!(words[0], "streampack", "{page}: {line}");
        let output = streampack().current_dir(desk.path()).args(&words[1..]).output().expect("the binary was built");
        assert!(output.status.success(), "{page}: {line}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_quick_start_works() {
    runs_all_of("docs/quick-start.md");
}

#[test]
fn every_command_of_the_cookbook_works() {
    runs_all_of("docs/cookbook.md");
}

#[test]
fn the_job_of_its_page_is_one() {
    let desk = TestDir::new();
    for (number, block) in blocks("docs/jobs.md", "json").iter().enumerate() {
        let path = desk.join(number.to_string());
        fs::write(&path, block).expect("writable");
        Job::load(&path).unwrap_or_else(|e| panic!("{e}"));
    }
}

#[test]
fn json_is_json_on_every_page() {
    for page in pages() {
        for block in blocks(&page, "json") {
            serde_json::from_str::<Value>(&block).unwrap_or_else(|e| panic!("{page}: {e}:\n{block}"));
        }
    }
}

#[test]
fn every_link_within_the_documents_leads_somewhere() {
    let mut lost = Vec::new();
    for page in pages() {
        let directory = Path::new(&page).parent().map(Path::to_owned).unwrap_or_default();
        let text = text(&page);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let file = target.split('#').next().unwrap_or(target);
            if !file.is_empty() && !root().join(&directory).join(file).exists() {
                lost.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn every_page_is_listed() {
    let list = text("docs/README.md");
    let missing = |page: &String| {
        let name = page.strip_prefix("docs/").filter(|name| *name != "README.md");
        name.filter(|name| !list.contains(&format!("({name})"))).map(str::to_owned)
    };
    assert_eq!(pages().iter().filter_map(missing).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn troubleshooting_has_every_exit_code() {
    let source = text("src/cli/exit.rs");
    let codes = source.lines().filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = ")?.1.parse().ok());
    let codes: Vec<u8> = codes.collect();
    assert!(codes.len() > 10 && codes.contains(&143), "{codes:?}");
    let page = text("docs/troubleshooting.md");
    let headings: String = page.lines().filter(|line| line.starts_with("### ")).collect::<Vec<_>>().join("\n");
    let told: Vec<u8> =
        headings.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
    let missing: Vec<_> = codes.iter().filter(|code| !told.contains(code)).collect();
    assert!(missing.is_empty(), "docs/troubleshooting.md does not explain {missing:?}");
}

/// What `docs/presets.md` should be.
fn presets_page() -> String {
    let parse = |page: &str| serde_json::from_str::<Value>(&text(page)).expect("JSON");
    let (schema, defaults) = (parse("docs/schema/preset.json"), parse("presets/default.json"));
    let mut page = "# Presets\n\n<!-- Generated: UPDATE_GOLDEN=1 cargo test --test docs -->\n\n".to_owned();
    page += "`streampack encode film.mp4 -o film/ --preset NAME`. `streampack presets show NAME` prints one with every \
             setting, as JSON\nto start from; `--preset FILE.json` takes it. What a preset leaves out is left to the one \
             that it `extends`, or to the\ndefaults.\n\n| preset | for | what it changes |\n|---|---|---|\n";
    for name in Preset::names() {
        let preset = parse(&format!("presets/{name}.json"));
        let description = preset["description"].as_str().expect("a preset describes itself");
        let own = preset.as_object().expect("an object").iter();
        let own = own.filter(|(key, _)| !["description", "$schema"].contains(&key.as_str()));
        let changes: Vec<String> = own.map(|(key, value)| format!("`{key}: {value}`")).collect();
        let changes = if changes.is_empty() { "nothing".to_owned() } else { changes.join(", ") };
        let _ = writeln!(page, "| `{name}` | {description} | {changes} |");
    }
    page += "\n## Settings\n\nEvery setting of a preset or a [job file](jobs.md). Its variable of the environment is \
             `STREAMPACK_` and the name in\ncapitals.\n\n| setting | what it says | default |\n|---|---|---|\n";
    for setting in Setting::ALL {
        let name = setting.name();
        let description = schema["properties"][name]["description"].as_str().expect("a setting is described");
        let default = defaults.get(name).filter(|value| !value.is_null());
        let default = default.map_or_else(String::new, |value| format!("`{value}`"));
        let _ = writeln!(page, "| `{name}` | {description} | {default} |");
    }
    page
}

#[test]
fn the_page_of_presets_is_checked_in() {
    let (path, page) = (root().join("docs/presets.md"), presets_page());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &page).expect("written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == page, "{} is out of date; run UPDATE_GOLDEN=1 cargo test --test docs", path.display());
}
