//! Panels that both programs show: language switch, check words, who controls.

use super::{ActionButton, ButtonKind, Icon, format, format::SteadyEnd, look, palette, theme, widgets, wording};
use crate::{
    customer::ControlView,
    language::{Language, Texts},
    line::LineView,
};
use egui::{Frame, Margin, Response, RichText, Ui};

/// Deutsch or English, and the look; gives the language that was pressed.
pub fn language_switch(ui: &mut Ui, shown: Language) -> Option<Language> {
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for language in Language::ALL {
            let button = ActionButton::new(ButtonKind::Quiet, language.own_name()).small().chosen(language == shown);
            if ui.add(button).clicked() {
                pressed = Some(language);
            }
        }
        look_button(ui, Texts::of(shown));
    });
    pressed
}

/// Goes from one look to the next. Its name says which is chosen.
fn look_button(ui: &mut Ui, texts: Texts) {
    let look = look::chosen(ui.ctx());
    let label = look.label(texts);
    let name = texts.t_with("look", &[("look", (&label).into())]);
    let button = ActionButton::new(ButtonKind::Quiet, "").name(&name).small().icon(Icon::Contrast);
    let button = ui.add(button).on_hover_text(&name);
    widgets::announce(ui, &button, false);
    if button.clicked() {
        look::choose(ui.ctx(), look.next());
    }
}

/// Opens and closes the row of what is seldom needed; whether it was pressed.
pub fn more_button(ui: &mut Ui, texts: Texts, open: &mut bool) -> bool {
    let (label, name) = (texts.t("more"), texts.t("more-name"));
    let icon = if *open { Icon::Up } else { Icon::Down };
    let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(icon).chosen(*open);
    let pressed = ui.add(button).clicked();
    *open ^= pressed;
    pressed
}

/// "Details": opens to the suite in use and the check words.
pub fn security_details(ui: &mut Ui, texts: Texts, open: &mut bool, suite: &str, words: &[[String; 4]; 2]) {
    let label = texts.t("details");
    let icon = if *open { Icon::Down } else { Icon::Right };
    if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(icon)).clicked() {
        *open = !*open;
    }
    if *open {
        widgets::card(ui, |ui| security_facts(ui, texts, suite, words));
    }
}

/// The suite in use and the check words, to be compared on the phone.
pub fn security_facts(ui: &mut Ui, texts: Texts, suite: &str, words: &[[String; 4]; 2]) {
    widgets::title(ui, &texts.t("check-words"));
    widgets::small(ui, &texts.t("check-words-how"));
    ui.add_space(4.0);
    // Each language has its own list of words, so both are shown: the two
    // people may have set their programs differently.
    let own = texts.language();
    let other = if own == Language::German { Language::English } else { Language::German };
    for language in [own, other] {
        let line = words.get(language.index()).map(|words| words.join("  ")).unwrap_or_default();
        let strong = language == own;
        let palette = palette(ui);
        Frame::new().fill(palette.info_fill).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(12, 8)).show(
            ui,
            |ui| {
                ui.set_width(ui.available_width());
                widgets::small(ui, language.own_name());
                let text = RichText::new(line).size(if strong { 18.0 } else { 15.0 });
                ui.add(egui::Label::new(if strong { text.strong() } else { text }).wrap());
            },
        );
    }
    ui.add_space(4.0);
    widgets::small(ui, &texts.t_with("suite", &[("suite", suite.into())]));
    widgets::small(ui, &texts.t("end-to-end"));
}

/// Which side of the line looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineSide {
    /// The side whose pictures are sent.
    Sends,
    /// The side that receives them.
    Receives,
}

/// What the session costs the line and how quick it is.
pub fn line_facts(ui: &mut Ui, texts: Texts, line: &LineView, side: LineSide) {
    widgets::title(ui, &texts.t("line"));
    let amount = |bytes: u64| format::bytes(bytes, texts.language());
    let bytes = [("bytes", amount(line.bytes).into())];
    let so_far = match side {
        LineSide::Sends => texts.t_with("line-sent", &bytes),
        LineSide::Receives => texts.t_with("line-received", &bytes),
    };
    widgets::small(ui, &so_far);
    let rates = [("rate", amount(line.bytes_per_s).into()), ("minute", amount(line.bytes_per_minute).into())];
    widgets::small(ui, &texts.t_with("line-rate", &rates));
    let round_trip = match line.round_trip_ms {
        Some(ms) => texts.t_with("line-round-trip", &[("ms", ms.to_string().into())]),
        None => texts.t("line-round-trip-unknown"),
    };
    widgets::small(ui, &round_trip);
}

/// Who controls, as both sides see it: sign, text and colour.
pub fn control_badge(ui: &mut Ui, texts: Texts, control: ControlView, paused: bool, end: &mut SteadyEnd) -> Response {
    let palette = palette(ui);
    let calm = (palette.hover, palette.text);
    let now_s = ui.input(|input| input.time);
    if paused {
        return widgets::badge(ui, Icon::Pause, &texts.t("state-paused"), palette.warn_fill, palette.text);
    }
    match control {
        ControlView::None => widgets::badge(ui, Icon::Eye, &texts.t("state-view-only"), calm.0, calm.1),
        ControlView::Asked => {
            widgets::badge(ui, Icon::Pointer, &texts.t("state-asked"), palette.warn_fill, palette.text)
        }
        ControlView::Refused => widgets::badge(ui, Icon::Eye, &texts.t("state-refused"), calm.0, calm.1),
        ControlView::Ended(why) => {
            let text = wording::control_end(texts, why);
            widgets::badge(ui, Icon::Eye, &texts.t("state-view-only"), calm.0, calm.1).on_hover_text(text)
        }
        ControlView::Granted { remaining_s: None } => {
            widgets::badge(ui, Icon::Pointer, &texts.t("state-control"), palette.control, palette.on_control)
        }
        ControlView::Granted { remaining_s: Some(left) } => {
            let until = texts.t_with("state-control-until", &[("until", end.show(now_s, left).into())]);
            let left = texts.t_with("state-control-left", &[("left", format::time_left(texts, left.into()).into())]);
            let (fill, ink) = (palette.control, palette.on_control);
            widgets::named_badge(ui, Icon::Pointer, (&left, &until), fill, ink).on_hover_text(until)
        }
    }
}
