//! The clipboards of both screens, as other applications use them.

use crate::{
    launch::{Launch, Place, Process},
    programs, wait,
};

/// What is in the clipboard of a display.
pub fn clipboard(place: &Place, name: &str, display: &str) -> Option<String> {
    let read = Launch::new(place, name, "xclip").args(["-o", "-selection", "clipboard"]);
    let (status, text) = programs::run_to_end(read.display(display));
    status.success().then_some(text)
}

/// Copies as an application would: an owner that answers until it is dropped.
#[track_caller]
pub fn copy(place: &Place, name: &str, display: &str, text: &str) -> Process {
    let file = place.file(&format!("{name}.txt"), text);
    let owner = Launch::new(place, name, "xclip").args(["-quiet", "-selection", "clipboard", "-i"]);
    let owner = owner.arg(&file).display(display).start();
    await_clipboard(place, &format!("{name}-seen"), display, text);
    owner
}

/// Waits until exactly this text is in the clipboard of a display.
///
/// # Panics
/// If it never is.
#[track_caller]
pub fn await_clipboard(place: &Place, name: &str, display: &str, text: &str) {
    let holds = || (clipboard(place, name, display).as_deref() == Some(text)).then_some(());
    wait::until(&format!("“{text}” is in the clipboard of {display}"), holds);
}
