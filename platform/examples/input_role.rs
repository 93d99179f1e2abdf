//! The processes that the tests of input start beside themselves: a guard, and
//! a program that has typed and waits to be killed.
//!
//! ```text
//! input_role guard DISPLAY
//! input_role typist DISPLAY PROCESS FOLDER
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[cfg(target_os = "linux")]
#[path = "../tests/support/screen.rs"]
#[allow(dead_code)]
mod screen;

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["guard", display] => drop(mitblick_platform::x11::run_guard(Some(display))),
        ["typist", display, shared, folder] => type_and_wait(display, shared.parse().unwrap(), folder.as_ref()),
        _ => panic!("who am I?"),
    }
}

/// Types what an American keyboard has no keys for into the windows of a
/// process, says so, and keeps what it holds.
#[cfg(target_os = "linux")]
fn type_and_wait(display: &str, shared: u32, folder: &std::path::Path) {
    use mitblick_platform::{Platform, inject::Injected, x11::X11};
    use mitblick_protocol::input::{InputEvent, Key};
    let mut granted = screen::Granted::to(&[X11::application_of_process(shared)]);
    let platform = X11::new(Some(display)).unwrap().with_guard(folder.join("guard"));
    let mut injector = platform.start_injector(granted.view.clone()).unwrap();
    for c in "äöü".chars() {
        let event = InputEvent::Key { key: Key::Character(c), pressed: true };
        assert_eq!(granted.inject(&mut *injector, event), Injected::Done);
    }
    std::fs::write(folder.join("typed"), "").unwrap();
    // Whoever started it kills it before that.
    std::thread::sleep(screen::PATIENCE);
}

#[cfg(not(target_os = "linux"))]
fn main() {}
