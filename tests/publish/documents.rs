//! The commands of the documents that need a store, a server that is told, or the shell. Those of the quick start and
//! the cookbook, which need neither, are in tests/docs.rs.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::moto;
use super::support::moto::Moto;
use super::support::published::environment;
use super::support::{TestDir, clip};

/// Pages, and what their commands are in.
const PAGES: &[(&str, &[&str])] = &[
    ("docs/cdn.md", &["sh", "bash"]),
    ("docs/jobs.md", &["sh", "bash"]),
    ("docs/hooks.md", &["sh", "bash"]),
    ("docs/install.md", &["sh", "bash"]),
    ("docs/ci.md", &["sh", "bash", "yaml"]),
    ("docs/players.md", &["sh", "bash"]),
];

/// Commands that are not run here, by how they begin, and why.
const NOT_HERE: &[(&str, &str)] = &[
    ("sudo apt-get install", "installs packages on the machine; tests/install.rs installs ours beside it"),
    ("brew ", "there is no Homebrew"),
    ("cargo install", "compiles for minutes, as `make build` has done already"),
    ("cargo build", "the tests are built the same way"),
    ("scripts/package-deb.sh", "tests/install.rs runs it"),
    ("scripts/homebrew-formula.sh", "tests/install.rs runs it"),
    ("docker ", "there is no Docker; tests/install.rs reads the Dockerfile"),
    ("sudo ", "changes the machine; tests/install.rs has systemd read the unit"),
    ("printf 'INPUT=", "writes below /etc"),
];

fn text(page: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// The blocks of a page in one language. Scripts with a first line of their own are no commands to type.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = text(page);
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let typed = blocks.filter(|(name, body)| *name == language && !body.starts_with("#!"));
    typed.map(|(_, body)| body.to_owned()).collect()
}

/// The commands of a page, one a line.
fn commands(page: &str, languages: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for language in languages {
        for block in blocks(page, language) {
            let block = block.replace("\\\n", " ");
            let lines = block.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            all.extend(lines.filter_map(|line| match *language {
                "yaml" => {
                    let line = line.strip_prefix("- ")?;
                    Some(line.strip_prefix("run: ").unwrap_or(line))
                        .filter(|l| l.contains("streampack "))
                        .map(str::to_owned)
                }
                _ => Some(line.to_owned()),
            }));
        }
    }
    all
}

/// A server that says yes to everything, until the test ends.
fn told() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
            let length = head.to_ascii_lowercase();
            let length =
                length.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<u64>().ok());
            // A client that goes away is its own business.
            let _ = reader.by_ref().take(length.unwrap_or(0)).read_to_end(&mut Vec::new());
            let _ = reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    format!("http://{address}")
}

/// A place with the files, programs and variables that the commands name.
struct Desk {
    directory: TestDir,
    moto: std::sync::Arc<Moto>,
    distribution: String,
    told: String,
}

impl Desk {
    fn new(page: &str) -> Self {
        let (directory, moto) = (TestDir::new(), moto());
        for name in ["film.mp4", "films/a.mp4", "season1/e01.mp4", "season1/raw/e02.mp4", "specials/pilot.mov"] {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("writable");
            // One frame makes one rung, of which `verify --strict` says that it is alone.
            let source = if name == "films/a.mp4" { "h264_720p25.mp4" } else { "one_frame.mp4" };
            fs::copy(clip(source), path).expect("writable");
        }
        for place in
            [".local/share/bash-completion/completions", ".config/fish/completions", ".local/share/man/man1", "zsh"]
        {
            fs::create_dir_all(directory.join(place)).expect("writable");
        }
        fs::create_dir(directory.join("bin")).expect("writable");
        for name in ["notify-send", "aws"] {
            let path = directory.join("bin").join(name);
            fs::write(&path, "#!/bin/sh\necho \"$0 $*\" >> \"$HOME/called\"\n").expect("writable");
            Command::new("chmod").arg("755").arg(path).status().expect("every system has it");
        }
        moto.bucket("bucket");
        let distribution = moto.distribution(page);
        Self { directory, moto, distribution, told: told() }
    }

    /// What a document says, about the services that are here.
    fn here(&self, text: &str) -> String {
        text.replace("https://example.com", &self.told).replace("E2EXAMPLE", &self.distribution)
    }

    #[track_caller]
    fn run(&self, page: &str, line: &str) {
        let home = self.directory.path();
        let ours = Path::new(env!("CARGO_BIN_EXE_streampack")).parent().expect("a directory");
        let path = [home.join("bin"), ours.to_owned(), PathBuf::from(std::env::var("PATH").expect("a path"))];
        let path = path.map(|part| part.display().to_string()).join(":");
        let script = format!("set -eu; fpath=('' \"$HOME/zsh\"); {}", self.here(line));
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &script]).current_dir(home);
        bash.envs(environment(&format!("http://{}", self.moto.address())));
        let variables = [("BUCKET", "bucket"), ("ID", "7"), ("STREAMPACK_SPEED", "draft"), ("PROFILE", "profile.ps1")];
        bash.envs(variables).env("PATH", path).env("HOME", home).env("XDG_CACHE_HOME", home.join("cache"));
        let ended = bash.output().expect("bash is there");
        let told = String::from_utf8_lossy(&ended.stderr);
        // Not every shell fails for it: `for x in $(nothing)` goes on.
        assert!(ended.status.success() && !told.contains("command not found"), "{page}: {line}\n{told}");
    }
}

#[test]
fn every_command_of_the_pages_works_or_is_named_with_the_reason() {
    let mut left: Vec<&str> = NOT_HERE.iter().map(|(start, _)| *start).collect();
    for (page, languages) in PAGES {
        let desk = Desk::new(page);
        if *page == "docs/cdn.md" {
            desk.run(page, "streampack encode film.mp4 -o out/");
        }
        let jobs = blocks(page, "json").into_iter().filter(|_| *page == "docs/jobs.md");
        for job in jobs {
            fs::write(desk.directory.join("job.json"), desk.here(&job)).expect("writable");
            for line in commands(page, languages) {
                desk.run(page, &line);
            }
        }
        for line in commands(page, languages) {
            match NOT_HERE.iter().find(|(start, _)| line.starts_with(start)) {
                Some((start, _)) => left.retain(|one| one != start),
                None => desk.run(page, &line),
            }
        }
        if *page == "docs/hooks.md" {
            let called = fs::read_to_string(desk.directory.join("called")).expect("commands were told");
            assert!(called.contains("notify-send streampack") && called.contains("aws s3 sync"), "{called}");
        }
    }
    assert_eq!(left, [""; 0], "no page says these any more");
}
