//! `man/` and `completions/` are what the command line says: a page about everything and one for each command, and a
//! script for each shell. `UPDATE_GOLDEN=1` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;

fn printed(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_streampack")).args(words).output().expect("run");
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The commands, as --help lists them.
fn verbs() -> Vec<String> {
    let help = printed(&["--help"]);
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    named.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help").map(str::to_owned).collect()
}

/// Expects that a directory of the repository holds just these files, or writes it.
#[track_caller]
fn assert_checked_in(directory: &str, pages: &BTreeMap<String, String>) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        // Pages of commands that are no more go, too.
        fs::remove_dir_all(&directory).expect("ours");
        fs::create_dir(&directory).expect("made");
        pages.iter().for_each(|(name, page)| fs::write(directory.join(name), page).expect("written"));
    }
    let files = fs::read_dir(&directory).expect("it is there").map(|file| file.expect("readable").path());
    let name = |path: &Path| path.file_name().expect("a name").to_str().expect("text").to_owned();
    let golden: BTreeMap<_, _> = files.map(|path| (name(&path), fs::read_to_string(&path).expect("text"))).collect();
    assert_eq!(golden.keys().collect::<Vec<_>>(), pages.keys().collect::<Vec<_>>());
    for (name, page) in pages {
        assert!(golden[name] == *page, "{name} is out of date; run UPDATE_GOLDEN=1 cargo test --test man");
    }
}

#[test]
fn the_manual_pages_are_checked_in() {
    let mut pages = BTreeMap::from([("streampack.1".to_owned(), printed(&["man"]))]);
    pages.extend(verbs().iter().map(|verb| (format!("streampack-{verb}.1"), printed(&["man", verb]))));
    assert_checked_in("man", &pages);
}

#[test]
fn the_completions_are_checked_in() {
    let shells = [
        ("bash", "streampack.bash"),
        ("zsh", "_streampack"),
        ("fish", "streampack.fish"),
        ("powershell", "streampack.ps1"),
    ];
    let script = |(shell, name): (&str, &str)| (name.to_owned(), printed(&["completions", shell]));
    assert_checked_in("completions", &shells.into_iter().map(script).collect());
}

#[test]
fn the_manual_page_has_every_verb_and_flag() {
    let page = printed(&["man"]).replace('\\', "");
    for word in ["streampack encode", "--segment-duration", "--no-thumbnails", "--poster", "STREAMPACK_GOP", "141"] {
        assert!(page.contains(word), "{word} is missing");
    }
    let verbs = verbs();
    assert!(verbs.len() > 10, "{verbs:?}");
    for verb in verbs {
        assert!(page.contains(&format!("streampack-{verb}(1)")), "{verb} is missing");
    }
}

#[test]
fn the_page_of_a_command_has_what_its_help_has() {
    for verb in verbs() {
        let (help, page) = (printed(&[&verb, "--help"]), printed(&["man", &verb]).replace('\\', ""));
        let words = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        for flag in words.filter(|word| word.starts_with("--") && word.len() > 2 && *word != "--help") {
            assert!(page.contains(flag), "{flag} is missing from the page of {verb}");
        }
        assert!(page.starts_with(".ie") && page.contains(&format!("streampack-{verb} - ")), "{verb}");
    }
}

#[test]
fn a_page_of_no_command_is_refused_with_those_that_there_are() {
    let output = Command::new(env!("CARGO_BIN_EXE_streampack")).args(["man", "encod"]).output().expect("run");
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("no command is called `encod`; there are encode, "), "{told}");
}
