//! The broker's program.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

use std::process::ExitCode;

/// Ten thousand connections that end at once leave memory full of small holes,
/// which the system's allocator keeps for ever. This one gives it back within
/// some ten seconds, by a thread of its own.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    mitblick_broker::cli::run()
}
