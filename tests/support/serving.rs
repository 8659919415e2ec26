//! A running `streampack serve` on a free port, ended with the test.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use serde_json::Value;

/// A server of ours.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What `--json` said when it listened.
    pub told: Value,
}

/// The command that serves `root`; of two addresses the flags' holds.
fn command(root: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_streampack"));
    command.arg("serve").arg(root).arg("--json").args(flags);
    if !flags.contains(&"--addr") {
        command.args(["--addr", "127.0.0.1:0"]);
    }
    command
}

impl Serving {
    /// Serves `root` on a free port of this machine.
    pub fn start(root: &Path, flags: &[&str]) -> Self {
        Self::spawn(command(root, flags))
    }

    /// The same where `path` is the only place that commands are looked for in.
    pub fn start_with_path(root: &Path, flags: &[&str], path: &Path) -> Self {
        let mut command = command(root, flags);
        command.env("PATH", path);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary was built");
        let mut out = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("output is UTF-8");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        assert_eq!(told["type"], "serving", "{told}");
        Self { child, out, told }
    }

    /// The URL of a path below the root, which has no slash in front.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.told["url"].as_str().expect("a URL"))
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> String {
        let url = self.url("");
        url.trim_start_matches("http://").trim_end_matches('/').to_owned()
    }

    /// The next line of `--json`.
    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("output is UTF-8");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// Sends SIGINT and waits for the end; gives the status, the last lines and what was said to people.
    pub fn interrupt(mut self) -> (ExitStatus, String, String) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.expect("every system has the kill command").success());
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).expect("output is UTF-8");
        self.child.stderr.take().expect("stderr is piped").read_to_string(&mut err).expect("output is UTF-8");
        (self.child.wait().expect("it was started"), out, err)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
