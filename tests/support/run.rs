//! One run of the binary: started, watched by its events, ended.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

/// No run of a clip takes this long, on a busy machine either, unless it hangs.
const HANGS: Duration = Duration::from_secs(300);

/// How a run ended and what it said.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; nothing when a signal ended the process, or it hung and was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The lines that `--json` printed.
    pub fn events(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect()
    }

    /// The codes of the warnings that `--json` printed.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.events().into_iter().filter(|event| event["type"] == "warning");
        warnings.map(|event| event["code"].as_str().expect("a warning has a code").to_owned()).collect()
    }

    /// Expects an exit code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stderr: {}\nstdout: {}", self.err, self.out);
        self
    }

    /// Expects a failure with this exit code, told in one line on stderr; gives the line.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        let ended = self.expect(code);
        let line = ended.err.strip_suffix('\n').expect("a line on stderr");
        assert!(!line.contains('\n'), "more than one line: {}", ended.err);
        line.strip_prefix("streampack: error: ").unwrap_or_else(|| panic!("no error of ours: {line}")).to_owned()
    }
}

/// Runs the binary to its end.
pub fn run<S: AsRef<OsStr>>(words: &[S]) -> Ended {
    let mut command = super::streampack();
    Ended::of(&command.args(words).timeout(HANGS).output().expect("the binary was built"))
}

/// Runs the binary to its end with a file as its standard input.
pub fn run_with_input<S: AsRef<OsStr>>(words: &[S], input: &Path) -> Ended {
    let mut command = super::streampack();
    let command = command.args(words).timeout(HANGS).pipe_stdin(input).expect("the file is there");
    Ended::of(&command.output().expect("the binary was built"))
}

/// The words of an encoding with `flags`, its events on stdout.
fn encoding<'a>(input: &'a Path, output: &'a Path, flags: &'a [&'a str]) -> Vec<&'a OsStr> {
    let ours = [OsStr::new("encode"), input.as_os_str(), OsStr::new("-o"), output.as_os_str(), OsStr::new("--json")];
    ours.into_iter().chain(flags.iter().map(OsStr::new)).collect()
}

/// Encodes `input` into `output`, its events on stdout.
pub fn encode(input: &Path, output: &Path, flags: &[&str]) -> Ended {
    run(&encoding(input, output, flags))
}

/// A run that goes on while the test looks on.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    seen: String,
    /// Reads what it says to people meanwhile: a pipe that nobody reads would stop it.
    said: JoinHandle<String>,
    /// Ends it when it hangs; dropped when it has ended.
    watched: Sender<()>,
}

/// A way to end a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Int,
    /// A polite request.
    Term,
    /// No request.
    Kill,
}

impl Running {
    /// Starts to encode `input` into `output`.
    pub fn start(input: &Path, output: &Path, flags: &[&str]) -> Self {
        Self::of(&encoding(input, output, flags))
    }

    /// Starts the binary with these words.
    pub fn of<S: AsRef<OsStr>>(words: &[S]) -> Self {
        Self::with(words, &[])
    }

    /// Starts the binary with these words, and gives what leads to its standard input.
    pub fn fed<S: AsRef<OsStr>>(words: &[S]) -> (Self, ChildStdin) {
        let mut running = Self::spawn(words, &[], Stdio::piped());
        let stdin = running.child.stdin.take().expect("stdin is piped");
        (running, stdin)
    }

    /// Starts the binary with these words and variables, and with none of the machine's that concern it.
    pub fn with<S: AsRef<OsStr>>(words: &[S], variables: &[(&str, String)]) -> Self {
        Self::spawn(words, variables, Stdio::null())
    }

    fn spawn<S: AsRef<OsStr>>(words: &[S], variables: &[(&str, String)], stdin: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_streampack"));
        let ours = |name: &str| name.starts_with("STREAMPACK_") || name.starts_with("AWS_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| ours(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.args(words).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary was built");
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let said = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("output is UTF-8");
            text
        });
        let (watched, ended) = channel();
        let id = child.id();
        std::thread::spawn(move || {
            if ended.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
                send("-KILL", id);
            }
        });
        Self { child, lines, seen: String::new(), said, watched }
    }

    /// Waits until `count` events have come that hold `text`; false when the run ended before.
    pub fn saw(&mut self, text: &str, count: usize) -> bool {
        for _ in 0..count {
            loop {
                let start = self.seen.len();
                if self.lines.read_line(&mut self.seen).expect("output is UTF-8") == 0 {
                    return false;
                }
                if self.seen[start..].contains(text) {
                    break;
                }
            }
        }
        true
    }

    /// What it has printed so far, as far as it was waited for.
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// Waits until there is such a file; false when the run ended before.
    pub fn made(&mut self, path: &Path) -> bool {
        while !path.exists() {
            if self.child.try_wait().expect("it was started").is_some() {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal. A process that has ended already does not get it.
    pub fn signal(&mut self, signal: Signal) {
        let name = match signal {
            Signal::Int => "-INT",
            Signal::Term => "-TERM",
            Signal::Kill => "-KILL",
        };
        send(name, self.child.id());
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ended {
        self.lines.read_to_string(&mut self.seen).expect("output is UTF-8");
        let err = self.said.join().expect("it was read");
        let status = self.child.wait().expect("it was started");
        drop(self.watched);
        Ended { code: status.code(), out: self.seen, err }
    }
}

/// Sends a signal to a process that was started here.
fn send(signal: &str, id: u32) {
    let status = Command::new("kill").args([signal, &id.to_string()]).stderr(Stdio::null()).status();
    status.expect("every system has the kill command");
}

/// Packages `inputs` into `output`, its events on stdout.
pub fn package(inputs: &[&Path], output: &Path, flags: &[&str]) -> Ended {
    let words = [OsStr::new("package")].into_iter().chain(inputs.iter().map(|input| input.as_os_str()));
    let ours = [OsStr::new("-o"), output.as_os_str(), OsStr::new("--json")];
    let words: Vec<&OsStr> = words.chain(ours).chain(flags.iter().map(OsStr::new)).collect();
    run(&words)
}
