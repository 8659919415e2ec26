//! Who may use whom, and which words stay at home: the map of `src/lib.rs`, enforced.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "architecture/scan.rs"]
mod scan;

/// What a module may take from another one.
enum May {
    /// Everything public.
    Use(&'static str),
    /// Its plain types, no functions and no submodules.
    UseTypesOf(&'static str),
}
use May::{Use, UseTypesOf};

/// One row per module of the library, in the order data flows: a row names only rows above it.
const TABLE: &[(&str, &[May])] = &[
    ("media", &[]),
    ("codec", &[Use("media")]),
    ("text", &[Use("media")]),
    ("cancel", &[]),
    ("clock", &[]),
    ("event", &[Use("media"), Use("cancel")]),
    ("config", &[Use("media")]),
    ("av", &[Use("media"), Use("cancel"), Use("event")]),
    ("source", &[Use("media"), Use("codec"), Use("text"), Use("cancel"), Use("event"), Use("av")]),
    ("plan", &[Use("media"), Use("config"), UseTypesOf("source")]),
    ("encode", &[Use("media"), Use("codec"), Use("cancel"), Use("event"), Use("av"), Use("source"), Use("plan")]),
    ("thumbs", &[Use("media"), Use("av"), Use("plan")]),
    ("bmff", &[Use("media")]),
    ("crypt", &[Use("media"), Use("codec"), UseTypesOf("config")]),
    ("package", &[Use("media"), Use("plan"), Use("bmff"), Use("crypt")]),
    ("output", &[Use("media"), Use("cancel"), Use("clock"), Use("event")]),
    (
        "manifest",
        &[
            Use("media"),
            UseTypesOf("config"),
            Use("plan"),
            UseTypesOf("thumbs"),
            Use("crypt"),
            Use("package"),
            Use("output"),
        ],
    ),
    ("origin", &[Use("media"), Use("cancel"), Use("clock"), Use("plan"), Use("crypt")]),
    ("verify", &[Use("cancel"), UseTypesOf("media"), Use("av"), UseTypesOf("crypt")]),
];

/// The wiring: may use every module of the table.
const WIRING: &str = "job";
/// The binary: uses the library by its public name.
const BINARY: &[&str] = &["cli", "main"];

/// Words, and the only files or directories below `src/` that may say them.
const WORDS: &[(&str, &[&str])] = &[
    ("unsafe", &["av/raw.rs", "av/raw/"]),
    ("libloading", &["av/raw/"]),
    ("ffmpeg_next", &["av/"]),
    ("println !", &["cli/", "main.rs"]),
    ("eprintln !", &["cli/", "main.rs"]),
    ("print !", &["cli/", "main.rs"]),
    ("eprint !", &["cli/", "main.rs"]),
    ("dbg !", &[]),
    ("process :: exit", &["cli/", "main.rs"]),
    ("clap", &["cli/", "main.rs"]),
    ("clap_complete", &["cli/", "main.rs"]),
    ("clap_mangen", &["cli/", "main.rs"]),
    ("indicatif", &["cli/", "main.rs"]),
    ("ureq", &["cli/hook/", "cli/speke.rs"]),
    ("axum", &["origin/"]),
    ("hyper", &["origin/"]),
    ("tokio", &["origin/", "output/object/", "source/live/rtmp/"]),
    ("rtmp_rs", &["source/live/rtmp/"]),
    ("object_store", &["output/object/"]),
    ("reqwest", &["output/object/"]),
    ("rustls", &["origin/", "output/object/"]),
    ("async_trait", &["output/object/"]),
    ("futures_util", &["origin/", "output/object/"]),
    ("aes", &["crypt/", "verify/cipher.rs"]),
    ("expose", &["crypt/"]),
    ("tower_http", &["origin/"]),
    ("tower_service", &["origin/"]),
    ("console", &["cli/", "main.rs"]),
    ("SystemTime :: now", &["clock.rs", "cli/progress.rs"]),
    ("Instant :: now", &["clock.rs", "cli/progress.rs"]),
];

/// The module of the tree that a file below `src/` belongs to.
fn module_of(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Whether `module` may name `crate::{path}`.
fn may_name(module: &str, path: &[String]) -> bool {
    let target = path.first().map_or("", String::as_str);
    if target == module || BINARY.contains(&module) {
        return true;
    }
    let Some((_, row)) = TABLE.iter().find(|(name, _)| *name == module) else {
        return module == WIRING && TABLE.iter().any(|(name, _)| *name == target);
    };
    let is_type = path.get(1).is_some_and(|name| name.starts_with(|c: char| c.is_uppercase()));
    row.iter().any(|may| match may {
        Use(name) => *name == target,
        UseTypesOf(name) => *name == target && is_type,
    })
}

/// What is wrong with one file below `src/`, one line each.
fn violations(file: &str, source: &str) -> Vec<String> {
    let module = module_of(file);
    let tokens = scan::tokens(source);
    let mut found = Vec::new();
    if file == "lib.rs" {
        return found;
    }
    if module != WIRING && !BINARY.contains(&module) && !TABLE.iter().any(|(name, _)| *name == module) {
        found.push(format!("src/{file}: {module} is not in the table"));
    }
    for path in scan::paths(&tokens, "crate") {
        if !may_name(module, &path) {
            found.push(format!("src/{file}: {module} names {}", path.join("::")));
        }
    }
    if !BINARY.contains(&module) && !scan::paths(&tokens, "streampack").is_empty() {
        found.push(format!("src/{file}: the library names itself streampack:: instead of crate::"));
    }
    let depth = file.matches('/').count() - usize::from(file.ends_with("/mod.rs"));
    if module != "main" && scan::longest_super(&tokens) > depth {
        found.push(format!("src/{file}: super:: leaves {module}; say crate::"));
    }
    for (word, homes) in WORDS {
        if scan::says(&tokens, word) && !homes.iter().any(|home| file.starts_with(home)) {
            found.push(format!("src/{file}: says {}, which stays in {homes:?}", word.replace(' ', "")));
        }
    }
    found
}

/// Rows that name themselves or a row that does not stand above them: without those there is no cycle.
fn out_of_order(table: &[(&str, &[May])]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, (module, row)) in table.iter().enumerate() {
        for may in *row {
            let (Use(name) | UseTypesOf(name)) = may;
            if !table[..at].iter().any(|(above, _)| above == name) {
                found.push(format!("{module} may name {name}, which does not stand above it"));
            }
        }
    }
    found
}

/// The module of a file below `src/`: `manifest/dash/mpd`; of a `mod.rs` its directory.
fn name_of(file: &str) -> &str {
    let name = file.trim_end_matches(".rs");
    name.strip_suffix("/mod").unwrap_or(name)
}

/// The module in which `path` leads when it starts in the module `from`; the innermost that is a file.
fn target(files: &BTreeSet<&str>, from: &str, path: &[String]) -> Option<String> {
    let up = path.iter().take_while(|part| *part == "super").count();
    let mut base: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    base.truncate(base.len().checked_sub(up)?);
    let full: Vec<&str> = base.into_iter().chain(path[up..].iter().map(String::as_str)).collect();
    (1..=full.len()).rev().map(|length| full[..length].join("/")).find(|name| files.contains(name.as_str()))
}

/// Files that import each other, straight or around a circle, and those that need them. A `mod.rs` may
/// import what it holds, and what it holds may import it.
fn circles(sources: &[(String, String)]) -> Vec<String> {
    let files: BTreeSet<&str> = sources.iter().map(|(file, _)| name_of(file)).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, source) in sources {
        let (from, tokens) = (name_of(file), scan::tokens(source));
        let parent = from.rsplit_once('/').map_or("", |(parent, _)| parent);
        let near = scan::paths(&tokens, "super").into_iter().filter_map(|path| target(&files, parent, &path));
        let far = scan::paths(&tokens, "crate").into_iter().filter_map(|path| target(&files, "", &path));
        let inside = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let aside = |to: &String| !inside(from, to) && !inside(to, from);
        arrows.insert(from.to_owned(), near.chain(far).filter(aside).collect());
    }
    while let Some(leaf) = arrows.iter().find(|(_, to)| to.is_empty()).map(|(from, _)| from.clone()) {
        arrows.remove(&leaf);
        for to in arrows.values_mut() {
            to.remove(&leaf);
        }
    }
    arrows.into_keys().collect()
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).expect("src is readable");
    for path in entries.map(|e| e.expect("src is readable").path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every file below `src/`, by its name there.
fn tree() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let file = path.strip_prefix(&root).expect("found below src").to_string_lossy().replace('\\', "/");
        (file, fs::read_to_string(&path).expect("a source file is UTF-8"))
    };
    files.into_iter().map(read).collect()
}

#[test]
fn the_tree_keeps_to_the_table() {
    let found: Vec<String> = tree().iter().flat_map(|(file, source)| violations(file, source)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn no_two_files_import_each_other() {
    assert_eq!(circles(&tree()), Vec::<String>::new());
}

#[test]
fn planted_circles_are_caught() {
    let planted = |files: &[(&str, &str)]| {
        circles(&files.iter().map(|(file, source)| ((*file).to_owned(), (*source).to_owned())).collect::<Vec<_>>())
    };
    assert_eq!(planted(&[("job/a.rs", "use super::b::B;"), ("job/b.rs", "use crate::job::a;")]), ["job/a", "job/b"]);
    let around = [("a/mod.rs", "use crate::b::f;"), ("b/x.rs", "use crate::a;"), ("b/mod.rs", "use super::a::f;")];
    assert_eq!(planted(&around), ["a", "b", "b/x"]);
    let fine =
        [("a/mod.rs", "mod x; mod y;"), ("a/x.rs", "use super::{Error, y::Y};"), ("a/y.rs", "use super::Error;")];
    assert_eq!(planted(&fine), Vec::<String>::new());
}

#[test]
fn the_table_has_no_cycle() {
    assert_eq!(out_of_order(TABLE), Vec::<String>::new());
    assert_eq!(out_of_order(&[("a", &[Use("b")]), ("b", &[])]), ["a may name b, which does not stand above it"]);
}

#[test]
fn planted_arrows_are_caught() {
    let one = |file: &str, source: &str| violations(file, source).join("; ");
    assert_eq!(one("plan/names.rs", "use crate::output;"), "src/plan/names.rs: plan names output");
    assert_eq!(
        one("plan/names.rs", "use crate::{media::{Span, time::Timescale}, output::{self as out, Stored}};"),
        "src/plan/names.rs: plan names output::self; src/plan/names.rs: plan names output::Stored"
    );
    assert_eq!(one("media/time.rs", "fn f() { crate::clock::now() }"), "src/media/time.rs: media names clock::now");
    assert_eq!(one("plan/video.rs", "use crate::source::probe;"), "src/plan/video.rs: plan names source::probe");
    assert_eq!(
        one("manifest/mod.rs", "use crate::thumbs::vtt::cues;"),
        "src/manifest/mod.rs: manifest names thumbs::vtt::cues"
    );
    assert_eq!(one("encode/mod.rs", "use crate::*;"), "src/encode/mod.rs: encode names *");
    assert_eq!(
        one("plan/video.rs", "use super::super::output;"),
        "src/plan/video.rs: super:: leaves plan; say crate::"
    );
    assert_eq!(one("plan/mod.rs", "use super::output;"), "src/plan/mod.rs: super:: leaves plan; say crate::");
    assert_eq!(one("common.rs", ""), "src/common.rs: common is not in the table");
    assert!(one("job/vod.rs", "use crate::cli::progress;").contains("job names cli::progress"));
    assert!(one("plan/mod.rs", "use streampack::output;").contains("names itself"));
}

#[test]
fn planted_words_are_caught() {
    let says = |file: &str, source: &str| violations(file, source).join("; ");
    assert!(says("av/frame.rs", "unsafe { f() }").contains("says unsafe"));
    assert_eq!(says("av/raw/filters.rs", "unsafe { f() }"), "");
    assert!(says("source/feed.rs", "use ffmpeg_next as av;").contains("says ffmpeg_next"));
    assert!(says("plan/mod.rs", "println!(\"{}\", 1)").contains("says println!"));
    assert!(says("job/live.rs", "use tokio::time::sleep;").contains("says tokio"));
    assert!(says("job/mod.rs", "std::process::exit(1)").contains("says process::exit"));
    assert!(says("encode/mod.rs", "let t = Instant::now();").contains("says Instant::now"));
}

#[test]
fn allowed_uses_comments_and_literals_pass() {
    let source = r##"
        //! See [`crate::output::Dir`]; never unsafe.
        /* println!("{}", crate::job::run()) /* nested */ crate::cli */
        use crate::media::{RenditionId, time::Span};
        use crate::source::SourceInfo;
        pub(crate) fn f<'a>(text: &'a str) -> char { let _ = (b"unsafe", r#"crate::output " "#, '"', '\'', b'"'); 'c' }
        mod tests { use super::super::grid; mod deeper { use super::super::super::grid; } }
    "##;
    assert_eq!(violations("plan/video.rs", source), Vec::<String>::new());
    assert_eq!(violations("clock.rs", "fn f() { Instant::now(); }"), Vec::<String>::new());
    assert_eq!(violations("cli/args.rs", "use clap::Parser; use streampack::plan::Plan;"), Vec::<String>::new());
}
