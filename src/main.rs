//! Arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use maquis::cli::Cli;
use maquis::command::Error;

fn main() -> ExitCode {
    match maquis::cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error, Error::Found) {
                eprintln!("maquis: {}", maquis::command::chain(&error));
            }
            ExitCode::from(error.exit_code())
        }
    }
}
