//! Input, stop key, overlay and clipboard on real X servers.
#![cfg(target_os = "linux")]

mod clipboard;
mod guard;
mod injection;
mod overlay;
#[allow(dead_code)]
#[path = "../support/painter.rs"]
mod painter;
mod patches;
#[path = "../support/screen.rs"]
mod screen;
mod stop_key;
mod typing;

/// Is the other process of other tests.
#[test]
fn painter() {
    painter::paint_if_asked();
}
