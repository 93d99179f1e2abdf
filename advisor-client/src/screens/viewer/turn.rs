//! Showing the customer something of this screen: asking, choosing, and what is
//! shown.

use egui::{RichText, ScrollArea, Ui};
use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorTurn, TurnGuide, TurnView, ViewerView},
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon,
        applications::{Chooser, application_card},
        page, palette, theme,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::{
    peer_msg::{SharingState, TurnEnd},
    session::WatcherTurn,
};

/// In the row of what is seldom needed: ask, take it back, turn back.
pub(super) fn button_ui(ui: &mut Ui, texts: Texts, view: &ViewerView, intents: &mut Vec<AdvisorIntent>) {
    if view.turn.forbidden {
        return;
    }
    let (label, wanted) = match view.turn.state {
        WatcherTurn::Asked => (texts.t("show-withdraw"), AdvisorTurn::End),
        WatcherTurn::Granted { .. } => (texts.t("show-back-name"), AdvisorTurn::End),
        WatcherTurn::None | WatcherTurn::Refused | WatcherTurn::Ended(_) => {
            (texts.t("show-button"), AdvisorTurn::Request)
        }
    };
    let possible = view.cut_s.is_none();
    let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Eye);
    if ui.add_enabled(possible, button).clicked() {
        intents.push(AdvisorIntent::Turn(wanted));
    }
}

/// Whether there is something to say in a line of its own.
pub(super) fn has_line(turn: &TurnView) -> bool {
    match turn.state {
        WatcherTurn::None | WatcherTurn::Ended(TurnEnd::GivenBack) => false,
        WatcherTurn::Asked | WatcherTurn::Granted { .. } | WatcherTurn::Refused | WatcherTurn::Ended(_) => true,
    }
}

/// What became of asking, and what the customer sees: always to be seen while
/// there is something of it.
pub(super) fn line_ui(ui: &mut Ui, texts: Texts, turn: &TurnView, intents: &mut Vec<AdvisorIntent>) {
    let colours = palette(ui);
    let button = |ui: &mut Ui, kind, (label, name): (&str, &str), icon| {
        ui.add(ActionButton::new(kind, label).name(name).small().icon(icon)).clicked()
    };
    let mut wanted = Vec::new();
    ui.horizontal_wrapped(|ui| match turn.state {
        WatcherTurn::None => {}
        WatcherTurn::Asked => {
            let line = widgets::small(ui, &texts.t("show-asked"));
            widgets::announce(ui, &line, false);
            let label = texts.t("show-withdraw");
            if button(ui, ButtonKind::Secondary, (&label, &label), Icon::Close) {
                wanted.push(AdvisorTurn::End);
            }
        }
        WatcherTurn::Refused => {
            widgets::badge(ui, Icon::Info, &texts.t("show-refused"), colours.hover, colours.text);
        }
        WatcherTurn::Ended(why) => {
            let why = wording::turn_end(texts, why);
            let ended = texts.t_with("show-ended", &[("why", why.into())]);
            widgets::badge(ui, Icon::Info, &ended, colours.hover, colours.text);
        }
        WatcherTurn::Granted { sharing } => {
            let (says, icon) = match sharing {
                SharingState::Showing => {
                    (texts.t_with("show-on", &[("applications", turn.shown.join(", ").into())]), Icon::Eye)
                }
                SharingState::Paused => (texts.t("show-paused"), Icon::Pause),
                SharingState::Choosing => (texts.t("show-nothing"), Icon::Window),
            };
            let fill = if sharing == SharingState::Showing { colours.warn_fill } else { colours.hover };
            let badge = widgets::badge(ui, icon, &says, fill, colours.text);
            widgets::announce(ui, &badge, true);
            if sharing != SharingState::Choosing {
                let (label, icon, turn) = if sharing == SharingState::Paused {
                    (texts.t("show-resume"), Icon::Play, AdvisorTurn::Resume)
                } else {
                    (texts.t("show-pause"), Icon::Pause, AdvisorTurn::Pause)
                };
                if button(ui, ButtonKind::Secondary, (&label, &label), icon) {
                    wanted.push(turn);
                }
                let label = texts.t("show-change");
                if button(ui, ButtonKind::Secondary, (&label, &label), Icon::Window) {
                    wanted.push(AdvisorTurn::ChooseAgain);
                }
            }
            if sharing == SharingState::Showing {
                pointing_ui(ui, texts, turn.guide, &mut wanted);
            }
            let (label, name) = (texts.t("show-back"), texts.t("show-back-name"));
            if button(ui, ButtonKind::Primary, (&label, &name), Icon::Leave) {
                wanted.push(AdvisorTurn::End);
            }
        }
    });
    intents.extend(wanted.into_iter().map(AdvisorIntent::Turn));
}

/// What the customer points at, and the own pointer.
fn pointing_ui(ui: &mut Ui, texts: Texts, guide: TurnGuide, wanted: &mut Vec<AdvisorTurn>) {
    let mut toggle = |label: String, name: String, icon, on, wish| {
        let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(icon);
        if ui.add(button.chosen(on)).clicked() {
            wanted.push(wish);
        }
    };
    let hidden = guide.pointing_hidden;
    let (label, name) = (texts.t("show-no-pointing"), texts.t("show-no-pointing-name"));
    toggle(label, name, Icon::Pen, hidden, AdvisorTurn::HidePointing(!hidden));
    let (label, name) = (texts.t("show-point-out"), texts.t("show-point-out-name"));
    toggle(label, name, Icon::Pointer, guide.points_out, AdvisorTurn::PointOut(!guide.points_out));
    if guide.marks > 0 {
        let (label, name) = (texts.t("show-clear"), texts.t("show-clear-name"));
        let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Erase);
        if ui.add(button).clicked() {
            wanted.push(AdvisorTurn::ClearMarks);
        }
    }
}

/// In place of the customer's picture, while this side may show: what to show.
pub(super) fn choose_ui(
    ui: &mut Ui,
    texts: Texts,
    turn: &TurnView,
    chooser: &mut Chooser,
    intents: &mut Vec<AdvisorIntent>,
) {
    page(ui, 560.0, |ui| {
        let heading = widgets::heading(ui, &texts.t("show-choose"));
        widgets::announce(ui, &heading, true);
        widgets::body(ui, &texts.t("show-choose-lead"));
        ui.add_space(theme::GAP);
        let Some(listed) = &turn.applications else {
            let waiting = widgets::muted(ui, &texts.t("choose-loading"));
            widgets::announce(ui, &waiting, false);
            return;
        };
        if listed.is_empty() {
            widgets::notice(ui, Mood::Info, &texts.t("show-empty"));
        }
        let chosen = chooser.existing(listed);
        let label = texts.t_with("show-now", &[("count", chosen.len().into())]);
        let button = ActionButton::new(ButtonKind::Primary, &label).full_width().icon(Icon::Eye);
        let reason = texts.t("choose-none");
        if ui.add_enabled(!chosen.is_empty(), button).on_disabled_hover_text(&reason).clicked() {
            intents.push(AdvisorIntent::Turn(AdvisorTurn::Show(chosen)));
        }
        ui.add_space(theme::GAP);
        for item in listed {
            application_card(ui, texts, item, chooser);
        }
    });
    chooser.sweep();
}

/// In place of the customer's picture, while something is shown.
pub(super) fn shown_ui(ui: &mut Ui, texts: Texts, turn: &TurnView) {
    let height = ui.available_height();
    ScrollArea::vertical().show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((height / 2.0 - 70.0).max(12.0));
            let paused = turn.state == WatcherTurn::Granted { sharing: SharingState::Paused };
            let lead = if paused { texts.t("show-lead-paused") } else { texts.t("show-lead") };
            widgets::muted(ui, &lead);
            ui.add_space(8.0);
            for name in &turn.shown {
                ui.label(RichText::new(name).text_style(theme::title_style()).strong());
            }
        });
    });
}
