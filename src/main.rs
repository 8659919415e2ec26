//! The `streampack` command.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    cli::main(&words).into()
}
