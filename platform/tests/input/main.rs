//! Input, stop key and overlay on real X servers.
#![cfg(target_os = "linux")]

mod injection;
mod overlay;
mod patches;
#[path = "../support/screen.rs"]
mod screen;
mod stop_key;
mod typing;
