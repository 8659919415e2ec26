//! What people install: completions, the Debian package, the Homebrew formula.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use support::nginx;
use support::run::{encode, package, run};
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

/// The first block of a document in one language that holds a word.
fn block(page: &str, language: &str, word: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("readable");
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let mut found =
        blocks.filter(|(name, body)| *name == language && body.contains(word)).map(|(_, body)| body.to_owned());
    found.next().unwrap_or_else(|| panic!("{page} has no {language} with {word}"))
}

/// A document of YAML, as a reader that is not ours has it.
fn yaml(text: &str) -> Value {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/.venv/bin/python");
    assert!(python.exists(), "PyYAML is not installed; run scripts/setup.sh test");
    let directory = TestDir::new();
    let path = directory.join("it.yml");
    fs::write(&path, text).expect("writable");
    let script = "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.BaseLoader)))";
    serde_json::from_str(&succeeds(Command::new(python).args(["-c", script]).arg(path))).expect("JSON")
}

/// A shell reads this, and runs nothing.
#[track_caller]
fn is_shell(script: &str) {
    succeeds(Command::new("bash").args(["--norc", "-n", "-c", script]));
}

/// Expects that every step of every job is one that GitHub knows: an action of a version, or a command of a shell.
#[track_caller]
fn assert_workflow(workflow: &Value) -> Vec<String> {
    let mut commands = Vec::new();
    assert!(workflow["on"].is_object(), "{workflow}");
    for (name, job) in workflow["jobs"].as_object().expect("jobs") {
        assert!(job["runs-on"].is_string(), "{name}");
        for step in job["steps"].as_array().expect("steps") {
            match (step["uses"].as_str(), step["run"].as_str()) {
                (Some(action), None) => assert!(action.contains("/") && action.contains("@v"), "{action}"),
                (None, Some(run)) => {
                    is_shell(run);
                    commands.push(run.to_owned());
                }
                _ => panic!("{name}: {step}"),
            }
        }
    }
    commands
}

#[test]
fn workflows_are_yaml_of_steps_that_a_shell_takes() {
    let ci = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows/ci.yml");
    let ci = yaml(&fs::read_to_string(ci).expect("readable"));
    assert_eq!(assert_workflow(&ci), ["bash .ci/run"], "what a contributor runs, and nothing else");
    let example = yaml(&block("docs/ci.md", "yaml", "runs-on"));
    assert_eq!(assert_workflow(&example).len(), 2);
    let gitlab = yaml(&block("docs/ci.md", "yaml", "image: registry"));
    let script = gitlab["encode"]["script"].as_array().expect("a script");
    script.iter().for_each(|line| is_shell(line.as_str().expect("text")));
    assert_eq!(gitlab["encode"]["artifacts"]["reports"]["junit"], "report.xml");
}

/// The instructions of a Dockerfile, each on a line.
fn instructions(dockerfile: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = dockerfile.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let whole = lines.join("\n").replace("\\\n", " ");
    let parted = whole.lines().filter_map(|line| line.trim().split_once(' '));
    parted.map(|(name, rest)| (name.to_owned(), rest.trim().to_owned())).collect()
}

/// Reads a Dockerfile as far as it can be read without Docker; gives the packages that it installs.
fn packages_of(dockerfile: &str) -> Vec<String> {
    const KNOWN: &[&str] = &["FROM", "RUN", "WORKDIR", "COPY", "USER", "ENTRYPOINT", "CMD"];
    let (mut stages, mut packages) = (Vec::new(), Vec::new());
    for (name, rest) in instructions(dockerfile) {
        assert!(KNOWN.contains(&name.as_str()), "{name}");
        match name.as_str() {
            "FROM" => stages.extend(rest.split_once(" AS ").map(|(_, stage)| stage.to_owned())),
            "ENTRYPOINT" | "CMD" => {
                drop(serde_json::from_str::<Vec<String>>(&rest).unwrap_or_else(|e| panic!("{rest}: {e}")))
            }
            "RUN" => {
                let (mounts, words): (Vec<&str>, Vec<&str>) =
                    rest.split_whitespace().partition(|word| word.starts_with("--mount="));
                for stage in
                    mounts.iter().flat_map(|mount| mount.split(',')).filter_map(|part| part.strip_prefix("from="))
                {
                    assert!(stages.iter().any(|known| known == stage), "{stage} of {stages:?}");
                }
                let script = words.join(" ");
                is_shell(&script);
                let installed = script.split("apt-get install -y --no-install-recommends ").skip(1);
                let names = installed.flat_map(|rest| rest.split("&&").next().unwrap_or(rest).split_whitespace());
                packages.extend(names.filter(|name| !name.starts_with('/')).map(str::to_owned));
            }
            _ => {}
        }
    }
    packages
}

/// There is no Docker here: its instructions are read, its shell is parsed, and Debian knows its packages.
#[test]
fn the_dockerfiles_can_be_read_and_install_packages_that_there_are() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile");
    let ours = packages_of(&fs::read_to_string(ours).expect("readable"));
    assert!(ours.contains(&"libavcodec-dev".to_owned()) && ours.contains(&"ca-certificates".to_owned()), "{ours:?}");
    let all = [ours, packages_of(&block("docs/ci.md", "dockerfile", "FROM streampack"))].concat();
    if !have("the_dockerfiles_can_be_read_and_install_packages_that_there_are", &["apt-cache"]) {
        return;
    }
    for package in all {
        succeeds(Command::new("apt-cache").args(["show", "--no-all-versions", &package]));
    }
}

/// What EventBridge, Batch and the image say of each other.
#[test]
fn the_batch_example_fits_together() {
    let json = |word: &str| serde_json::from_str::<Value>(&block("docs/ci.md", "json", word)).expect("JSON");
    let (definition, target) = (json("jobDefinitionName"), json("InputTransformer"));
    let command = definition["containerProperties"]["command"].as_array().expect("a command");
    let image = instructions(&block("docs/ci.md", "dockerfile", "FROM streampack"));
    let copied = image.iter().find(|(name, _)| name == "COPY").expect("the script");
    assert!(copied.1.ends_with(command[0].as_str().expect("text")), "{copied:?}");
    // EventBridge puts what it found where the names stand, quoted; Batch fills the command from it.
    let transformer = &target["InputTransformer"];
    let mut template = transformer["InputTemplate"].as_str().expect("text").to_owned();
    for (name, value) in [("bucket", "my uploads"), ("key", "films/a \"b\".mp4")] {
        assert!(transformer["InputPathsMap"][name].as_str().is_some_and(|path| path.starts_with("$.detail.")));
        assert!(command.contains(&Value::from(format!("Ref::{name}"))) && definition["parameters"][name].is_string());
        template = template.replace(&format!("<{name}>"), &Value::from(value).to_string());
    }
    let filled: Value = serde_json::from_str(&template).expect("JSON");
    assert_eq!(filled["Parameters"]["key"], "films/a \"b\".mp4");
    assert_eq!(target["BatchParameters"]["JobDefinition"], definition["jobDefinitionName"]);
    // Exit codes that come again are those that the page says.
    let ended = definition["retryStrategy"]["evaluateOnExit"].as_array().expect("rules");
    let codes: Vec<&str> = ended.iter().filter_map(|rule| rule["onExitCode"].as_str()).collect();
    assert_eq!(codes, ["10", "12", "2"]);
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

/// The binary where libavfilter cannot be loaded: what the loader finds first is something else. Were the binary linked
/// with it, it would not start.
#[cfg(target_os = "linux")]
fn without_filters(directory: &TestDir, words: &[&str]) -> (i32, String, String) {
    let libraries = directory.join("libraries");
    fs::create_dir_all(&libraries).expect("writable");
    for major in 8..20 {
        fs::write(libraries.join(format!("libavfilter.so.{major}")), "no library").expect("writable");
    }
    let mut command = support::streampack();
    let Output { status, stdout, stderr } =
        command.env("LD_LIBRARY_PATH", libraries).args(words).output().expect("the binary was built");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code().expect("it ends"), text(stdout), text(stderr))
}

/// Versions of libraries in the report of a set, by name.
fn versions(set: &Path) -> serde_json::Map<String, Value> {
    let report = fs::read(set.join("streampack.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    report["ffmpeg"].as_object().expect("versions by name").clone()
}

/// libavfilter takes as long to load as all else of FFmpeg.
#[cfg(target_os = "linux")]
#[test]
fn what_filters_nothing_runs_without_libavfilter() {
    let directory = TestDir::new();
    let (film, encoded, set) = (clip("h264_720p25.mp4"), directory.join("encoded"), directory.join("set"));
    encode(&clip("one_frame.mp4"), &encoded, &["--speed", "draft"]).expect(0);
    let (film, out) = (film.to_str().expect("UTF-8"), set.to_str().expect("UTF-8"));
    for words in [
        &["--version"][..],
        &["package", "--help"],
        &["probe", film],
        &["plan", film],
        &["package", film, "-o", out, "--no-thumbnails"],
        &["verify", encoded.to_str().expect("UTF-8")],
    ] {
        let (code, _, err) = without_filters(&directory, words);
        assert_eq!(code, 0, "{words:?}: {err}");
    }
    let versions = versions(&set);
    let names: Vec<_> = versions.keys().map(String::as_str).collect();
    assert_eq!(names, ["ffmpeg", "libavcodec", "libavformat", "libswresample", "libswscale"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_filters_says_that_libavfilter_cannot_be_loaded() {
    let directory = TestDir::new();
    let (film, set) = (clip("h264_720p25.mp4"), directory.join("set"));
    let (film, out) = (film.to_str().expect("UTF-8"), set.to_str().expect("UTF-8"));
    for verb in ["encode", "package", "thumbnails"] {
        let (code, _, err) = without_filters(&directory, &[verb, film, "-o", out]);
        assert_eq!(code, 12, "{verb}: {err}");
        let told = err.strip_prefix("streampack: error: cannot load libavfilter.so.").expect(&err);
        assert!(
            told.contains("/libraries/libavfilter.so.") && told.contains("; install FFmpeg's libavfilter"),
            "{err}"
        );
        assert!(!set.join("streampack.json").exists(), "{verb}");
    }
    let (code, document, _) = without_filters(&directory, &["doctor", "--json", "-o", out]);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let failed = |check: &&Value| check["status"] == "fail";
    let checks = document["checks"].as_array().expect("a list").iter();
    let failed: Vec<_> =
        checks.filter(failed).map(|check| (check["name"].as_str(), check["remedy"].as_str())).collect();
    assert_eq!((code, failed.len()), (12, 2), "{document}");
    assert_eq!((failed[0].0, failed[1].0), (Some("FFmpeg"), Some("filter scale")));
    assert!(failed.iter().all(|(_, remedy)| remedy.is_some_and(|remedy| remedy.starts_with("install FFmpeg's"))));
}

#[test]
fn what_filters_loads_libavfilter_and_tells_its_version() {
    let directory = TestDir::new();
    let (film, encoded, packaged) = (clip("one_frame.mp4"), directory.join("encoded"), directory.join("packaged"));
    encode(&film, &encoded, &["--speed", "draft"]).expect(0);
    package(&[&clip("h264_720p25.mp4")], &packaged, &[]).expect(0);
    assert!(packaged.join("poster.jpg").exists());
    for set in [encoded, packaged] {
        assert!(versions(&set)["libavfilter"].as_str().is_some_and(|version| version.split('.').count() == 3));
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
