//! The viewer's bar, and in full screen the handle that it opens from.

use super::{ViewerLocal, Zoom, note, note_ui, pane, tools, turn};
use egui::{Align2, Area, Frame, Margin, Order, Sense, Stroke, Ui, vec2};
use mitblick_client_core::{
    advisor::{AdvisorIntent, RecordingView, ViewerView},
    customer::ControlView,
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon, format, icons, palette, panels, theme, together,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::{
    peer_msg::{RecordingState, SharingState},
    session::{AskedMore, WatcherTurn},
};

/// In a bar narrower than this the sizes of the picture stand in the row of
/// what is seldom needed, in points.
const ROOMY: f32 = 900.0;
/// The same while more time can be asked for.
const ROOMY_FOR_MORE_TIME: f32 = 1_260.0;

/// State first, then what can be done.
pub(super) fn toolbar_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &ViewerView,
    local: &mut ViewerLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let limited = matches!(view.control, ControlView::Granted { remaining_s: Some(_) });
    let roomy = ui.available_width() >= if limited { ROOMY_FOR_MORE_TIME } else { ROOMY };
    // In a turn nothing of the customer's is seen that could be controlled.
    let turned = matches!(view.turn.state, WatcherTurn::Granted { .. });
    ui.horizontal_wrapped(|ui| {
        state(ui, texts, view, local);
        if !turned {
            control_button(ui, texts, view, intents);
        }
        let label = texts.t("viewer-end");
        let name = texts.t("end-session");
        if ui.add(ActionButton::new(ButtonKind::Danger, &label).name(&name).small().icon(Icon::Close)).clicked() {
            intents.push(AdvisorIntent::End);
        }
        tools::button_ui(ui, texts, &mut local.tools, intents);
        together::button_ui(ui, texts, &view.together, &mut local.together);
        if roomy {
            ui.add_space(theme::GAP);
            size_buttons(ui, texts, turned, local);
        }
        if panels::more_button(ui, texts, &mut local.rare) && !local.rare {
            show_details(false, local, intents);
        }
    });
    if local.rare {
        ui.horizontal_wrapped(|ui| {
            rare_ui(ui, texts, view, local, intents);
            if !roomy {
                size_buttons(ui, texts, turned, local);
            }
        });
    }
}

/// What is seldom needed, in a row of its own.
fn rare_ui(ui: &mut Ui, texts: Texts, view: &ViewerView, local: &mut ViewerLocal, intents: &mut Vec<AdvisorIntent>) {
    let label = texts.t("viewer-details");
    let details = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Info).chosen(local.details);
    if ui.add(details).clicked() {
        show_details(!local.details, local, intents);
    }
    record_ui(ui, texts, view, intents);
    turn::button_ui(ui, texts, view, intents);
    let label = texts.t("lock");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Lock)).clicked() {
        intents.push(AdvisorIntent::Lock);
    }
}

fn record_ui(ui: &mut Ui, texts: Texts, view: &ViewerView, intents: &mut Vec<AdvisorIntent>) {
    let (label, intent) = match view.recording.state {
        RecordingState::Asked => (texts.t("viewer-record-withdraw"), AdvisorIntent::StopRecording),
        RecordingState::Granted { .. } => (texts.t("viewer-record-stop"), AdvisorIntent::StopRecording),
        RecordingState::None | RecordingState::Refused | RecordingState::Ended(_) => {
            (texts.t("viewer-record"), AdvisorIntent::RequestRecording)
        }
    };
    let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Record);
    // In a turn there is nothing of the customer's to be recorded.
    let turned = matches!(view.turn.state, WatcherTurn::Granted { .. });
    let button = ui.add_enabled(!view.recording.forbidden && !turned, button);
    if button.clicked() {
        intents.push(intent);
    }
    if view.recording.forbidden {
        button.on_disabled_hover_text(wording::problem(texts, &Problem::RecordingForbidden));
    }
}

/// Whether what is seen is recorded: always to be seen while it is.
pub(super) fn recording_ui(ui: &mut Ui, texts: Texts, view: &RecordingView, intents: &mut Vec<AdvisorIntent>) {
    let colours = palette(ui);
    ui.horizontal_wrapped(|ui| match view.state {
        RecordingState::None => {}
        RecordingState::Asked => {
            let asked = texts.t("viewer-record-asked");
            widgets::badge(ui, Icon::Record, &asked, colours.warn_fill, colours.text);
        }
        RecordingState::Granted { .. } => {
            let on = match view.left_bytes {
                Some(left) => {
                    let size = format::bytes(left, texts.language());
                    texts.t_with("viewer-record-few-left", &[("size", size.into())])
                }
                None => texts.t("viewer-record-on"),
            };
            widgets::badge(ui, Icon::Record, &on, colours.error_fill, colours.text);
            let label = texts.t("viewer-record-stop");
            if ui.add(ActionButton::new(ButtonKind::Danger, &label).small().icon(Icon::Stop)).clicked() {
                intents.push(AdvisorIntent::StopRecording);
            }
        }
        RecordingState::Refused => {
            let refused = texts.t("viewer-record-refused");
            widgets::badge(ui, Icon::Info, &refused, colours.hover, colours.text);
        }
        RecordingState::Ended(why) => {
            let file = view.file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
            let values = [("why", wording::recording_end(texts, why).into()), ("file", file.into())];
            let ended = texts.t_with("viewer-record-ended", &values);
            widgets::badge(ui, Icon::Info, &ended, colours.hover, colours.text);
        }
    });
    if let Some(problem) = &view.problem {
        widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
    }
}

fn show_details(shown: bool, local: &mut ViewerLocal, intents: &mut Vec<AdvisorIntent>) {
    if local.details != shown {
        local.details = shown;
        intents.push(AdvisorIntent::ShowLine(shown));
    }
}

fn state(ui: &mut Ui, texts: Texts, view: &ViewerView, local: &mut ViewerLocal) {
    // In a turn the line of the turn says what holds.
    if matches!(view.turn.state, WatcherTurn::Granted { .. }) {
        return;
    }
    let paused = view.sharing == SharingState::Paused;
    panels::control_badge(ui, texts, view.control, paused, &mut local.end);
}

fn control_button(ui: &mut Ui, texts: Texts, view: &ViewerView, intents: &mut Vec<AdvisorIntent>) {
    let (label, kind, intent) = match view.control {
        ControlView::Asked => (texts.t("viewer-withdraw"), ButtonKind::Secondary, AdvisorIntent::GiveBackControl),
        ControlView::Granted { .. } => {
            (texts.t("viewer-give-back"), ButtonKind::Secondary, AdvisorIntent::GiveBackControl)
        }
        ControlView::None | ControlView::Refused | ControlView::Ended(_) => {
            (texts.t("viewer-ask"), ButtonKind::Primary, AdvisorIntent::RequestControl)
        }
    };
    if let ControlView::Granted { remaining_s: Some(_) } = view.control {
        more_time_button(ui, texts, view.more_time, intents);
    }
    // There is nothing to control while nothing is shown.
    let possible = view.sharing == SharingState::Showing || intent == AdvisorIntent::GiveBackControl;
    let possible = possible && !view.control_forbidden;
    let button = ui.add_enabled(possible, ActionButton::new(kind, &label).small().icon(Icon::Pointer));
    let clicked = button.clicked();
    if view.control_forbidden {
        button.on_disabled_hover_text(wording::problem(texts, &Problem::ControlForbidden));
    }
    if clicked {
        intents.push(intent);
    }
}

/// More time is asked for while control goes on.
fn more_time_button(ui: &mut Ui, texts: Texts, asked: AskedMore, intents: &mut Vec<AdvisorIntent>) {
    let label = match asked {
        AskedMore::Nothing => texts.t("viewer-more-time"),
        AskedMore::Asked => texts.t("viewer-more-time-asked"),
        AskedMore::Refused => texts.t("viewer-more-time-refused"),
    };
    let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Clock);
    let button = ui.add_enabled(asked != AskedMore::Asked, button);
    // What became of it is heard, too.
    widgets::announce(ui, &button, false);
    if button.clicked() {
        intents.push(AdvisorIntent::RequestMoreTime);
    }
}

/// How large the picture is, and where.
fn size_buttons(ui: &mut Ui, texts: Texts, turned: bool, local: &mut ViewerLocal) {
    if !turned {
        zoom_buttons(ui, texts, local);
        ui.add_space(theme::GAP);
    }
    let label = if local.full_screen { texts.t("viewer-window") } else { texts.t("viewer-full-screen") };
    let full = ActionButton::new(ButtonKind::Secondary, "").name(&label).small().icon(Icon::FullScreen);
    if ui.add(full.chosen(local.full_screen)).on_hover_text(&label).clicked() {
        local.full_screen = !local.full_screen;
    }
}

fn zoom_buttons(ui: &mut Ui, texts: Texts, local: &mut ViewerLocal) {
    let size = texts.t("viewer-zoom");
    for (label, zoom) in [
        (texts.t("viewer-zoom-actual"), Zoom::Times(1)),
        (texts.t("viewer-zoom-double"), Zoom::Times(2)),
        (texts.t("viewer-zoom-fit"), Zoom::Fit),
    ] {
        let name = format!("{size}: {label}");
        let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().chosen(local.zoom == zoom);
        if ui.add(button).clicked() {
            local.zoom = zoom;
        }
    }
}

/// In full screen: the state on a thin handle at the upper edge; touching it
/// (or focusing it) opens the bar below it, leaving the bar closes it.
pub(super) fn handle_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &ViewerView,
    local: &mut ViewerLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let colours = palette(ui);
    let room = ui.max_rect().width() - 24.0;
    let area = Area::new(egui::Id::unique("viewer handle"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 0.0));
    let inside = area.show(ui.ctx(), |ui| {
        // An area offers the width that it had before, which is the handle's.
        ui.set_max_width(room);
        Frame::new()
            .fill(colours.surface)
            .stroke(Stroke::new(1.0, colours.outline))
            .corner_radius(egui::CornerRadius { nw: 0, ne: 0, sw: theme::RADIUS, se: theme::RADIUS })
            .inner_margin(Margin::symmetric(8, if local.bar_open { 6 } else { 2 }))
            .show(ui, |ui| {
                if local.bar_open {
                    // Below where the handle was: a click on that is none on a
                    // button that has come to lie under the pointer.
                    let (band, _) = ui.allocate_exact_size(vec2(0.0, local.handle_height), Sense::empty());
                    icons::draw(
                        ui.painter(),
                        Icon::Up,
                        egui::pos2(ui.max_rect().center().x, band.center().y),
                        14.0,
                        colours.muted,
                    );
                    toolbar_ui(ui, texts, view, local, intents);
                    if local.tools.open {
                        tools::palette_ui(ui, texts, view, &mut local.tools, intents);
                    }
                } else {
                    ui.horizontal(|ui| {
                        state(ui, texts, view, local);
                        // No button: the bar opens under the pointer, and there
                        // another one would be pressed.
                        together::news_ui(ui, texts, &view.together, &local.together);
                        let label = texts.t("viewer-show-bar");
                        let open = ActionButton::new(ButtonKind::Quiet, "").name(&label).small().icon(Icon::Down);
                        let response = ui.add(open);
                        if response.clicked() || response.has_focus() {
                            local.bar_open = true;
                            local.bar_pinned = true;
                        }
                    });
                }
                if let Some(note) = note(texts, view) {
                    note_ui(ui, &note);
                }
            });
    });
    if !local.bar_open {
        local.handle_height = inside.response.rect.height();
    }
    let touched = inside.response.contains_pointer();
    // Opened by keyboard it stays until mouse or keyboard go elsewhere.
    let elsewhere = pane::has_focus(ui, local.pane) || ui.input(|input| input.pointer.is_moving());
    local.bar_pinned &= !elsewhere;
    local.bar_open = touched || local.bar_pinned;
}
