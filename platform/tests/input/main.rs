//! Input, stop key, overlay and clipboard on real X servers.
#![cfg(target_os = "linux")]

mod clipboard;
mod guard;
mod injection;
mod overlay;
mod patches;
#[path = "../support/screen.rs"]
mod screen;
mod stop_key;
mod typing;
