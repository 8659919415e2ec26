//! How a run ends, as a number.

use std::process::ExitCode;

use super::error::Error;
use super::signal::Caught;

/// The exit codes. They are a contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// Done.
    Ok = 0,
    /// Internal or unclassified failure.
    Failure = 1,
    /// The command line, a preset or the environment asks for what cannot be.
    Usage = 2,
    /// The input is missing, unreadable or not media.
    #[expect(dead_code, reason = "the work that reads an input ends so")]
    Input = 10,
    /// Another run holds the output.
    #[expect(dead_code, reason = "the work that locks an output ends so")]
    Locked = 11,
    /// This FFmpeg has no such encoder, filter or codec.
    #[expect(dead_code, reason = "the work that opens encoders ends so")]
    Unsupported = 12,
    /// The output cannot be written: full, read-only, no permission.
    Output = 13,
    /// SIGINT.
    Interrupted = 130,
    /// The reader of our output has gone (SIGPIPE).
    BrokenPipe = 141,
    /// SIGTERM.
    Terminated = 143,
}

impl Code {
    /// The number.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.number())
    }
}

impl From<&Error> for Code {
    fn from(error: &Error) -> Self {
        match error {
            Error::Usage(_) | Error::Config(_) => Self::Usage,
            Error::Stdout(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            Error::Stdout(_) => Self::Output,
            Error::Stopped(Caught::Interrupt) => Self::Interrupted,
            Error::Stopped(Caught::Terminate) => Self::Terminated,
            Error::Cancelled(_) | Error::Signals(_) | Error::Missing(_) => Self::Failure,
        }
    }
}
