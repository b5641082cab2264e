//! The `ombud` binary: wiring and the command line. One file a command in [`command`]; [`wiring`] picks the back ends.
//!
//! To add a command: a file in `command/` with its arguments and `run`, a variant in [`cli::Command`].

mod cli;
mod command;
mod output;
mod progress;
mod shared;
mod stop;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(8 * 1024 * 1024)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(cli.run());
    // a training that was cut off does not hold the process up: its job is taken up again
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
