//! What people install: completions, the Debian package, the Homebrew formula.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::nginx;
use support::run::run;
use support::tools::have;
use support::{TestDir, clip};

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the command is there");
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("text")
}

#[test]
fn completions_name_every_verb_and_flag_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = run(&["completions", shell]).expect(0).out;
        for word in ["encode", "verify", "doctor", "segment-duration", "keep-going", "on-complete"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert!(run(&["completions", "dos"]).refused(2).contains("bash"));
}

#[test]
fn bash_completes_verbs_and_flags() {
    let directory = TestDir::new();
    let path = directory.join("streampack");
    fs::write(&path, run(&["completions", "bash"]).expect(0).out).expect("writable");
    let complete = |words: &str, word: usize| {
        let script = format!(
            "source {}; COMP_WORDS=({words}); COMP_CWORD={word}; _streampack streampack \"${{COMP_WORDS[{word}]}}\" \
             \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[@]}}\"",
            path.display(),
            word - 1
        );
        succeeds(Command::new("bash").args(["--norc", "-c", &script]))
    };
    assert_eq!(complete("streampack enc", 1).trim(), "encode");
    assert_eq!(complete("streampack encode --keep", 2).trim(), "--keep-going");
    assert!(complete("streampack encode --rate-control ''", 3).contains("two-pass"));
}

/// zsh reads the script when it first completes, and then finds in it the function that it is named for.
#[test]
fn zsh_takes_the_completions() {
    if !have("zsh_takes_the_completions", &["zsh"]) {
        return;
    }
    let directory = TestDir::new();
    fs::write(directory.join("_streampack"), run(&["completions", "zsh"]).expect(0).out).expect("writable");
    let script = "fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[streampack]; \
        autoload -Uz +X _streampack && source $1/_streampack && print ${+functions[_streampack__subcmd__encode_commands]}";
    let mut zsh = Command::new("zsh");
    let told = succeeds(zsh.args(["-f", "-e", "-c", script, "zsh"]).arg(directory.path()));
    assert_eq!(told.split_whitespace().collect::<Vec<_>>(), ["_streampack", "1"]);
}

#[test]
fn fish_completes_verbs_flags_and_values() {
    if !have("fish_completes_verbs_flags_and_values", &["fish"]) {
        return;
    }
    let directory = TestDir::new();
    let path = directory.join("streampack.fish");
    fs::write(&path, run(&["completions", "fish"]).expect(0).out).expect("writable");
    let complete = |words: &str| {
        let script = format!("source {}; complete -C '{words}'", path.display());
        let mut fish = Command::new("fish");
        fish.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
        let told = succeeds(fish.args(["--no-config", "-c", &script]));
        told.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete("streampack enc"), ["encode"]);
    assert_eq!(complete("streampack encode --keep"), ["--keep-going"]);
    assert!(complete("streampack encode --rate-control ").contains(&"two-pass".to_owned()));
}

/// The block of docs/cdn.md, in a server of its own that is checked and not started.
#[test]
fn nginx_takes_its_configuration() {
    let Some((program, _)) = nginx::program("nginx_takes_its_configuration") else { return };
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cdn.md");
    let document = fs::read_to_string(document).expect("readable");
    let block = document.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    let directory = TestDir::new();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|of| format!("{of}_temp_path {of};"));
    let configuration = format!(
        "error_log stderr; pid pid; events {{}} http {{ access_log off; {} server {{ listen 127.0.0.1:8080;\n{block}}} }}",
        temporary.join(" ")
    );
    let path = directory.join("nginx.conf");
    fs::write(&path, configuration).expect("writable");
    let mut nginx = Command::new(program);
    let told = nginx.arg("-t").arg("-p").arg(directory.path()).arg("-c").arg(&path).output().expect("it is there");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

#[test]
fn the_formula_has_the_checksum_of_the_release() {
    let directory = TestDir::new();
    let release = directory.join("streampack-0.1.0.tar.gz");
    fs::write(&release, "abc").expect("writable");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/homebrew-formula.sh");
    let formula = succeeds(Command::new(script).arg("https://example.com/streampack-0.1.0.tar.gz").arg(&release));
    // FIPS 180-2, appendix B.1.
    let checksum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(formula.contains(&format!("  sha256 \"{checksum}\"\n")), "{formula}");
    assert!(formula.contains("  url \"https://example.com/streampack-0.1.0.tar.gz\"\n"), "{formula}");
    if have("the_formula_has_the_checksum_of_the_release", &["ruby"]) {
        let path = directory.join("streampack.rb");
        fs::write(&path, &formula).expect("writable");
        succeeds(Command::new("ruby").arg("-c").arg(&path));
    }
}

/// systemd reads the unit, and finds the program where it says. That it runs is for machines that run systemd.
#[test]
fn the_unit_for_live_programmes_is_sound() {
    if !have("the_unit_for_live_programmes_is_sound", &["systemd-analyze"]) {
        return;
    }
    let directory = TestDir::new();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/streampack-live@.service");
    let unit = fs::read_to_string(template).expect("readable");
    assert_eq!(unit.matches("/usr/bin/streampack").count(), 1);
    let path = directory.join("streampack-live@news.service");
    fs::write(&path, unit.replace("/usr/bin/streampack", env!("CARGO_BIN_EXE_streampack"))).expect("writable");
    let mut verify = Command::new("systemd-analyze");
    let told = verify.args(["verify", "--man=no"]).arg(&path).output().expect("it is there");
    let told = (told.status.success(), String::from_utf8(told.stderr).expect("text"));
    assert!(told.0 && !told.1.contains("streampack-live"), "{}", told.1);
}

/// The package is made of the binary under test, installed beside the packages of this machine, which it must find
/// there what it depends on, and run from there.
#[test]
fn the_debian_package_installs_and_runs() {
    if !have("the_debian_package_installs_and_runs", &["dpkg-deb", "dpkg-shlibdeps"]) {
        return;
    }
    let directory = TestDir::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/package-deb.sh");
    succeeds(Command::new(script).arg("-o").arg(directory.path()).arg(env!("CARGO_BIN_EXE_streampack")));
    let package = fs::read_dir(directory.path()).expect("readable").map(|entry| entry.expect("readable").path());
    let package = package.last().expect("a package");
    let field = |name: &str| succeeds(Command::new("dpkg-deb").arg("-f").arg(&package).arg(name));
    assert_eq!(field("Version").trim(), env!("CARGO_PKG_VERSION"));
    let depends = field("Depends");
    for library in ["libavcodec", "libavfilter", "libavformat", "libswscale", "libc6"] {
        assert!(depends.contains(library), "{depends}");
    }

    let (packages, system) = (directory.join("dpkg"), directory.join("system"));
    fs::create_dir_all(packages.join("info")).expect("writable");
    fs::create_dir_all(packages.join("updates")).expect("writable");
    fs::create_dir(&system).expect("writable");
    // Only the status of what is installed: the lists of files have hundreds of megabytes.
    fs::copy("/var/lib/dpkg/status", packages.join("status")).expect("a Debian system has it");
    for name in ["info/format", "available"] {
        fs::write(packages.join(name), if name == "info/format" { "1\n" } else { "" }).expect("writable");
    }
    let dpkg = |words: &[&str]| {
        let mut dpkg = Command::new("dpkg");
        dpkg.arg(format!("--admindir={}", packages.display())).arg(format!("--instdir={}", system.display()));
        dpkg.args(["--force-not-root", "--no-triggers", "--log=/dev/null"]).args(words);
        succeeds(&mut dpkg)
    };
    dpkg(&["--install", package.to_str().expect("UTF-8")]);
    for file in [
        "usr/share/man/man1/streampack.1.gz",
        "usr/share/man/man1/streampack-encode.1.gz",
        "usr/share/bash-completion/completions/streampack",
        "usr/share/zsh/vendor-completions/_streampack",
        "usr/share/fish/vendor_completions.d/streampack.fish",
        "usr/share/streampack/presets/web.json",
        "usr/lib/systemd/system/streampack-live@.service",
        "usr/share/doc/streampack/copyright",
    ] {
        assert!(fs::metadata(system.join(file)).expect(file).len() > 20, "{file}");
    }
    let out = directory.join("out");
    let mut installed = Command::new(system.join("usr/bin/streampack"));
    succeeds(installed.arg("encode").arg(clip("one_frame.mp4")).arg("-o").arg(&out).args(["--speed", "draft"]));
    assert!(out.join("master.m3u8").exists());
    dpkg(&["--remove", "streampack"]);
    assert!(!system.join("usr/bin/streampack").exists());
}
