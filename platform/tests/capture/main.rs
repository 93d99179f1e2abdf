//! Capture: what every backend must do, and what only X servers can get wrong.
#![cfg(target_os = "linux")]

#[path = "../support/painter.rs"]
mod painter;
#[allow(dead_code)]
#[path = "../support/screen.rs"]
mod screen;
mod stage;
mod suite;
#[path = "../support/viewer.rs"]
mod viewer;
mod x11;

/// Is the other process of other tests.
#[test]
fn painter() {
    painter::paint_if_asked();
}
