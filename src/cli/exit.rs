//! How a run ends, as a number.

use std::process::ExitCode;

use streampack::job::{keys, lock, sync};
use streampack::source::discover;
use streampack::{av, codec, crypt, encode, job, origin, output, plan, verify};

use super::error::Error;
use super::signal::Caught;
use super::speke;

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
    /// Some inputs of several failed.
    Partly = 3,
    /// The input is missing, unreadable or not media, or cannot be packaged as it is.
    Input = 10,
    /// Another run holds the output.
    Locked = 11,
    /// This FFmpeg has no such encoder, filter or codec.
    Unsupported = 12,
    /// The output cannot be written: full, read-only, no permission.
    Output = 13,
    /// The network refuses.
    Network = 14,
    /// `verify` found broken rules.
    Violations = 15,
    /// A live source was lost.
    LiveFailed = 16,
    /// The work is done, but a hook failed.
    Hook = 17,
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
            Error::Stopped { signal: Caught::Interrupt, .. } | Error::Closed(Caught::Interrupt) => Self::Interrupted,
            Error::Stopped { signal: Caught::Terminate, .. } | Error::Closed(Caught::Terminate) => Self::Terminated,
            Error::Origin(error) => Self::from(error),
            Error::Job(error) => Self::from(error),
            Error::Verify(verify::Error::Cancelled(_)) => Self::Failure,
            Error::Verify(_) => Self::Input,
            Error::Violations(_) => Self::Violations,
            Error::Inputs(error) => Self::from(error),
            Error::Partly { .. } => Self::Partly,
            Error::Junit { .. } => Self::Output,
            Error::Hook(_) => Self::Hook,
            Error::KeyServer(error) => Self::from(error),
            Error::Unfit { .. } => Self::Unsupported,
            Error::Cancelled(_) | Error::Signals(_) | Error::Json(_) => Self::Failure,
        }
    }
}

impl From<&speke::Error> for Code {
    fn from(error: &speke::Error) -> Self {
        use speke::Error;
        match error {
            Error::Url(_) | Error::Credentials(_) | Error::Periods => Self::Usage,
            Error::Unreachable { .. } | Error::Refused { .. } => Self::Network,
            Error::Answer { .. } => Self::Input,
            Error::Cancelled(_) => Self::Failure,
        }
    }
}

impl From<&job::Error> for Code {
    fn from(error: &job::Error) -> Self {
        use job::Error as Job;
        match error {
            Job::Av(error) => Self::from(error),
            Job::Encode(error) => Self::from(error),
            Job::Pass { source, .. } => Self::from(source.as_ref()),
            Job::Plan(error) => Self::from(error),
            Job::Output(error) => Self::from(error),
            Job::Record { .. } | Job::Unstored { .. } => Self::Output,
            Job::Lost { .. } | Job::Overloaded { .. } => Self::LiveFailed,
            Job::Origin(error) => Self::from(error),
            Job::Lock(lock::Error::Held { .. }) => Self::Locked,
            // The lock file lies in the output: what keeps it from being written keeps everything.
            Job::Lock(_) | Job::Foreign(_) | Job::Recorded(_) | Job::Finished(_) | Job::NotUnicode(_) => Self::Output,
            Job::Keys(keys::Error::Exists(_) | keys::Error::Unwritable { .. }) => Self::Output,
            Job::Keys(
                keys::Error::Unreadable { .. }
                | keys::Error::File { .. }
                | keys::Error::Cpix { .. }
                | keys::Error::Token { .. }
                | keys::Error::Scheme(_),
            ) => Self::Input,
            Job::Keys(keys::Error::Server(why) | keys::Error::Closed(why)) => {
                why.downcast_ref::<speke::Error>().map_or(Self::Failure, Self::from)
            }
            Job::Keys(keys::Error::Missing | keys::Error::Unused | keys::Error::OneUri) => Self::Usage,
            Job::Crypt { source: crypt::Error::Codec(codec::Error::Unsupported { .. }), .. } => Self::Unsupported,
            Job::Crypt { source: crypt::Error::Codec(_), .. } => Self::Input,
            Job::Crypt { .. } => Self::Usage,
            Job::Keys(_) => Self::Failure,
            Job::Identity(_) | Job::NotAFile(_) | Job::NoPictures(_) | Job::Metadata(_) => Self::Input,
            Job::Place(_) | Job::Resume { .. } => Self::Usage,
            Job::Sync(error) => Self::from(error),
            Job::Package(_)
            | Job::Flat { .. }
            | Job::Verify(_)
            | Job::Thumbs(_)
            | Job::Manifest(_)
            | Job::Panicked
            | Job::Internal(_)
            | Job::Cancelled(_) => Self::Failure,
        }
    }
}

impl From<&sync::Error> for Code {
    fn from(error: &sync::Error) -> Self {
        use sync::Error as Sync;
        match error {
            Sync::Overlap { .. } => Self::Usage,
            Sync::Foreign(_) | Sync::TooManyDeletions { .. } | Sync::Newer(_) => Self::Output,
            _ => Self::Input,
        }
    }
}

impl From<&av::Error> for Code {
    fn from(error: &av::Error) -> Self {
        match error {
            av::Error::Input { .. } => Self::Input,
            av::Error::Network { .. } => Self::Network,
            av::Error::Missing { .. } | av::Error::NotLoaded { .. } | av::Error::Option { .. } => Self::Unsupported,
            av::Error::Failed { .. } | av::Error::Cancelled(_) => Self::Failure,
        }
    }
}

impl From<&encode::Error> for Code {
    fn from(error: &encode::Error) -> Self {
        use encode::Error as Encode;
        match error {
            Encode::Av(error) => Self::from(error),
            Encode::Coded { source: codec::Error::Unsupported { .. }, .. } => Self::Unsupported,
            Encode::Coded { .. } | Encode::Gone { .. } => Self::Input,
            Encode::Uncopied { .. } => Self::LiveFailed,
            Encode::ParameterSets { .. }
            | Encode::Loudness { .. }
            | Encode::OffGrid { .. }
            | Encode::Count { .. }
            | Encode::Sizes { .. }
            | Encode::Cancelled(_) => Self::Failure,
        }
    }
}

impl From<&output::Error> for Code {
    fn from(error: &output::Error) -> Self {
        match error {
            output::Error::Cancelled(_) => Self::Failure,
            output::Error::Store { refusal, .. } if refusal.is_network() => Self::Network,
            output::Error::Changed { .. } | output::Error::Unreadable { .. } => Self::Input,
            _ => Self::Output,
        }
    }
}

impl From<&origin::Error> for Code {
    fn from(error: &origin::Error) -> Self {
        match error {
            origin::Error::Unreadable { .. } | origin::Error::NotADirectory(_) | origin::Error::NoSet(_) => Self::Input,
            origin::Error::Certificate { .. } | origin::Error::TokenKeys { .. } => Self::Input,
            origin::Error::Listen { .. } => Self::Network,
            _ => Self::Failure,
        }
    }
}

impl From<&discover::Error> for Code {
    fn from(error: &discover::Error) -> Self {
        match error {
            discover::Error::Unreadable { .. } | discover::Error::Empty { .. } => Self::Input,
            discover::Error::Cancelled(_) => Self::Failure,
            _ => Self::Usage,
        }
    }
}

impl From<&plan::Error> for Code {
    fn from(error: &plan::Error) -> Self {
        match error {
            plan::Error::NoMedia { .. }
            | plan::Error::NothingToPackage { .. }
            | plan::Error::Track { .. }
            | plan::Error::Unaligned { .. } => Self::Input,
            plan::Error::Codec { .. } | plan::Error::NotCopied { .. } => Self::Unsupported,
            _ => Self::Usage,
        }
    }
}
