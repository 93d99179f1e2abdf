//! Panes of pixels: what every backend must do.
#![cfg(target_os = "linux")]

#[path = "../support/painter.rs"]
#[allow(dead_code)]
mod painter;
#[path = "../support/screen.rs"]
#[allow(dead_code)]
mod screen;
mod suite;

/// Not a test: see [`painter::paint_if_asked`].
#[test]
fn painter() {
    painter::paint_if_asked();
}
