//! The desk at which the advisor controls: what the window has laid out, for
//! input that is taken before the window paints (see [`crate::events`]).

use super::input::{Hit, InputMapper};
use egui::Event;
use mitblick_protocol::input::InputEvent;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module's documentation.
#[derive(Default)]
pub struct Desk(Mutex<State>);

#[derive(Default)]
struct State {
    /// Input is taken before the window paints, not by the window.
    attached: bool,
    /// A tool is in the hand: nobody controls.
    points: bool,
    seat: Seat,
    mapper: InputMapper,
}

/// Who gets the advisor's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// Mouse and keyboard in the picture belong to the customer's windows.
    pub controlling: bool,
    /// The picture has the keyboard.
    pub keyboard: bool,
    /// Something is open that closes when it is clicked beside it.
    pub popup: bool,
    /// A button that was pressed in the picture is still down.
    pub drags: bool,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on input is taken before the window paints.
    pub fn attach(&self) {
        self.state().attached = true;
    }

    /// Whether it is.
    pub fn is_attached(&self) -> bool {
        self.state().attached
    }

    /// A tool is in the advisor's hand, or none: with one, no input is for the
    /// customer's windows.
    pub(super) fn point(&self, points: bool) {
        self.state().points = points;
    }

    /// Whether a tool is in the advisor's hand.
    pub fn points(&self) -> bool {
        self.state().points
    }

    /// Who gets input now.
    pub fn seat(&self) -> Seat {
        let state = self.state();
        Seat { drags: state.mapper.drags(), ..state.seat }
    }

    /// Control is granted; gives what has to be let go of when the picture has
    /// lost the keyboard, unless a button is still down.
    pub(super) fn open(&self, keyboard: bool, popup: bool, any_down: bool) -> Option<InputEvent> {
        let mut state = self.state();
        state.seat = Seat { controlling: true, keyboard, popup, drags: false };
        let let_go = !keyboard && !any_down && !state.mapper.drags() && state.mapper.holds_something();
        let_go.then(|| state.mapper.release_all())
    }

    /// Control is not granted; gives what has to be let go of.
    pub(super) fn close(&self) -> Option<InputEvent> {
        let mut state = self.state();
        state.seat = Seat::default();
        state.mapper.holds_something().then(|| state.mapper.release_all())
    }

    /// Gives what lets go of all that is held, if something is.
    pub(super) fn release(&self) -> Option<InputEvent> {
        let mut state = self.state();
        state.mapper.holds_something().then(|| state.mapper.release_all())
    }

    /// See [`InputMapper::map`].
    pub fn map(&self, events: &[Event], keyboard: bool, label: Option<char>, hit: Hit<'_>) -> Vec<InputEvent> {
        self.state().mapper.map(events, keyboard, label, hit)
    }
}
