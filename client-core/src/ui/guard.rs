//! When an answer counts: not at once, and not where it has just come to stand.
//! What was on its way to another button when a question appeared, or when it
//! moved under the hand, is no answer to it.

use egui::{Pos2, Ui};

/// How long a question takes no answer after it has appeared or moved, in
/// seconds.
pub const GUARD_S: f64 = 0.7;
/// So far a question may move without having moved, in points.
const STANDS_STILL: f32 = 4.0;

/// The guard of one question.
#[derive(Clone, Debug, Default)]
pub struct AnswerGuard {
    shown: Option<Shown>,
    /// A button of the mouse was already down before answers counted, and has
    /// not been let go of.
    pressed_early: bool,
    /// The frame of egui's in which it was last looked at: a question that was
    /// away in between appears anew.
    frame: u64,
}

/// How a question is shown.
#[derive(Clone, Copy, Debug)]
struct Shown {
    /// Since when it has stood where it is, on egui's clock.
    since_s: f64,
    /// Where that is, on the screen if the window's own place is known.
    at: Pos2,
    /// Whether answers have counted since it appeared.
    was_open: bool,
}

/// What the guard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// It has only now appeared, and takes no answer yet.
    Appears,
    /// It takes no answer, or none any more for a moment.
    Closed,
    /// An answer counts.
    Open,
}

impl AnswerGuard {
    /// Whether the question that is laid out next appears with it: it was not
    /// there in the frame before.
    pub fn is_new(&self, ui: &Ui) -> bool {
        self.shown.is_none() || ui.ctx().cumulative_frame_nr() > self.frame.saturating_add(1)
    }

    /// Whether an answer to the question that is laid out next counts now.
    pub fn look(&mut self, ui: &Ui) -> Guarded {
        if self.is_new(ui) {
            *self = Self::default();
        }
        self.frame = ui.ctx().cumulative_frame_nr();
        let (now_s, window) = ui.input(|input| (input.time, input.viewport().outer_rect));
        let at = ui.next_widget_position() + window.map_or(egui::Vec2::ZERO, |window| window.min.to_vec2());
        let shown = self.shown.get_or_insert(Shown { since_s: now_s, at, was_open: false });
        if shown.at.distance(at) > STANDS_STILL {
            (shown.since_s, shown.at) = (now_s, at);
        }
        let (down, let_go) = ui.input(|input| (input.pointer.any_down(), input.pointer.any_released()));
        let left_s = shown.since_s + GUARD_S - now_s;
        if left_s > 0.0 {
            self.pressed_early |= down;
            ui.ctx().request_repaint_after_secs(left_s as f32 + 0.02);
            return if shown.was_open { Guarded::Closed } else { Guarded::Appears };
        }
        shown.was_open = true;
        // egui counts a click by where it ends, even if it began on a button
        // that took none then.
        self.pressed_early &= down || let_go;
        if self.pressed_early { Guarded::Closed } else { Guarded::Open }
    }
}
