//! The broker's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    mitblick_broker::cli::run()
}
