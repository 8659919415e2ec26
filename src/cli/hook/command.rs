//! A program that is started with the notice on its standard input, through no shell.

use std::io::{self, ErrorKind, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use streampack::cancel::CancelToken;

use super::{Error, Notice};

/// How often it is looked whether the program has ended.
const POLL: Duration = Duration::from_millis(20);

/// A program and its arguments.
#[derive(Clone)]
pub(crate) struct Command {
    program: String,
    arguments: Vec<String>,
}

impl Command {
    /// Words parted and quoted as in a shell, which expands nothing.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words = shell_words::split(text).map_err(|_| "a quote is not closed; write it as in a shell".to_owned())?;
        let mut words = words.into_iter();
        let program = words.next().ok_or("it is empty; give a command or a URL")?;
        Ok(Self { program, arguments: words.collect() })
    }

    /// The name of the program.
    pub(super) fn program(&self) -> &str {
        &self.program
    }

    /// Runs it to its end, or kills it when the run is told to stop. What it prints goes to stderr: stdout is for
    /// events.
    pub(super) fn run(&self, notice: &Notice, cancel: &CancelToken) -> Result<(), Error> {
        let failed = |source| Error::Start { program: self.program.clone(), source };
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).envs(notice.variables.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdin(Stdio::piped()).stdout(io::stderr()).spawn().map_err(failed)?;
        std::thread::scope(|scope| {
            let stdin = child.stdin.take();
            let fed = scope.spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(notice.body.as_bytes())));
            let ended = wait(&mut child, cancel);
            if ended.is_err() {
                // Whether it had ended by itself meanwhile does not matter.
                let _ = child.kill().and_then(|()| child.wait());
            }
            let status = ended?.map_err(failed)?;
            match fed.join() {
                // Who does not want to read it need not.
                Ok(Err(error)) if error.kind() != ErrorKind::BrokenPipe => return Err(failed(error)),
                Ok(_) | Err(_) => {}
            }
            if status.success() { Ok(()) } else { Err(Error::Ended { program: self.program.clone(), status }) }
        })
    }
}

fn wait(child: &mut Child, cancel: &CancelToken) -> Result<io::Result<std::process::ExitStatus>, Error> {
    loop {
        match child.try_wait().transpose() {
            Some(ended) => return Ok(ended),
            None => cancel.check()?,
        }
        std::thread::sleep(POLL);
    }
}
