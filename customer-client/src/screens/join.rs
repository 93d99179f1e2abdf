//! The first screen, with the only field of the program, and the moment of
//! connecting.

use egui::{Align2, Key, Margin, TextEdit, Ui, text::CCursor, text_selection::CCursorRange};
use mitblick_client_core::{
    customer::{ConnectingStep, CustomerIntent, WaitingLine},
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon, format, icons, page, palette, theme,
        widgets::{self, Mood},
        wording,
    },
};

/// What is being typed.
#[derive(Default)]
pub struct JoinLocal {
    /// As shown: digits in groups.
    pub number: String,
    /// Whether the view's own number has been taken over since the screen was
    /// opened.
    opened: bool,
    /// Whether the problem in the view belongs to what is typed now.
    edited: bool,
}

impl JoinLocal {
    /// The screen is closed: the next time it starts afresh.
    pub fn leave(&mut self) {
        *self = Self::default();
    }
}

/// What the view says.
pub struct First<'a> {
    /// A number to begin with.
    pub number: &'a str,
    /// Why the last try failed.
    pub problem: Option<&'a Problem>,
    /// The company's telephone number, if it is known; else empty.
    pub telephone: &'a str,
}

/// One field, one button, one sentence.
pub fn join_ui(ui: &mut Ui, texts: Texts, first: &First<'_>, local: &mut JoinLocal, intents: &mut Vec<CustomerIntent>) {
    let opening = !local.opened;
    if opening {
        local.opened = true;
        local.number = format::grouped_number(first.number);
    }
    page(ui, 380.0, |ui| {
        widgets::heading(ui, &texts.t("join-heading"));
        ui.add_space(4.0);
        let lead = widgets::body(ui, &texts.t("join-lead"));
        ui.add_space(theme::GROUP_GAP);

        let submitted = number_field(ui, texts, local, lead.id, opening);
        if let Some(problem) = first.problem.filter(|_| !local.edited) {
            ui.add_space(4.0);
            widgets::notice(ui, widgets::Mood::Error, &wording::problem(texts, problem));
        }
        ui.add_space(12.0);
        let label = texts.t("join-button");
        let pressed = ui.add(ActionButton::new(ButtonKind::Primary, &label).full_width()).clicked();
        if pressed || submitted {
            local.edited = false;
            intents.push(CustomerIntent::Join(local.number.clone()));
        }
        ui.add_space(theme::GROUP_GAP);
        ui.horizontal_top(|ui| {
            let ink = palette(ui).good;
            icons::show(ui, Icon::Lock, 16.0, ink);
            widgets::muted(ui, &texts.t("join-promise"));
        });
        if !first.telephone.is_empty() {
            ui.add_space(theme::GAP);
            widgets::muted(ui, &texts.t_with("company-telephone", &[("telephone", first.telephone.into())]));
        }
    });
}

/// The field; gives whether Enter was pressed in it.
fn number_field(ui: &mut Ui, texts: Texts, local: &mut JoinLocal, label: egui::Id, take_focus: bool) -> bool {
    // At large zoom the digits shrink rather than leave the field.
    let size = theme::number_style().resolve(ui.style()).size.min(ui.available_width() / 8.2);
    let output = TextEdit::singleline(&mut local.number)
        .id_salt("number")
        .font(egui::FontId::proportional(size))
        .align(Align2::CENTER_CENTER)
        .desired_width(f32::INFINITY)
        .margin(Margin::symmetric(8, 10))
        .show(ui);
    let response = output.response.response.labelled_by(label);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(texts.t("join-field")));
    if take_focus {
        response.request_focus();
    }
    if response.changed() {
        local.edited = true;
        let cursor = output.cursor_range.map_or(local.number.chars().count(), |range| range.primary.index.into());
        let (shown, cursor) = regroup(&local.number, cursor);
        local.number = shown;
        let mut state = output.state;
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(cursor))));
        state.store(ui.ctx(), response.id);
    }
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// The typed text in groups, and where the cursor (counted in characters)
/// stands then: behind the same digit as before.
fn regroup(typed: &str, cursor: usize) -> (String, usize) {
    let digits_before = typed.chars().take(cursor).filter(char::is_ascii_digit).count().min(format::NUMBER_DIGITS);
    let shown = format::grouped_number(typed);
    let blanks = usize::from(digits_before > 3) + usize::from(digits_before > 6);
    (shown, digits_before + blanks)
}

/// On the way, with a way back.
pub fn connecting_ui(ui: &mut Ui, texts: Texts, step: ConnectingStep, intents: &mut Vec<CustomerIntent>) {
    page(ui, 380.0, |ui| {
        page::air(ui, 48.0);
        let (heading, lead) = match step {
            ConnectingStep::Broker => (texts.t("connecting-heading"), texts.t("connecting-lead")),
            ConnectingStep::WaitingRoom { .. } => (texts.t("waiting-heading"), texts.t("waiting-lead")),
            ConnectingStep::Checking => (texts.t("checking-heading"), texts.t("checking-lead")),
        };
        let heading = widgets::heading(ui, &heading);
        widgets::announce(ui, &heading, false);
        ui.add_space(4.0);
        widgets::muted(ui, &lead);
        ui.add_space(theme::GROUP_GAP);
        let trouble = match step {
            ConnectingStep::WaitingRoom { line: WaitingLine::Cut } => Some(texts.t("waiting-cut")),
            ConnectingStep::WaitingRoom { line: WaitingLine::Limited { until_unix_s } } => {
                Some(texts.t_with("waiting-limited", &[("when", format::clock_at(until_unix_s).into())]))
            }
            ConnectingStep::WaitingRoom { line: WaitingLine::Here }
            | ConnectingStep::Broker
            | ConnectingStep::Checking => None,
        };
        if let Some(trouble) = trouble {
            let notice = widgets::notice(ui, Mood::Warning, &trouble);
            widgets::announce(ui, &notice, true);
            ui.add_space(theme::GROUP_GAP);
        }
        steps(ui, step == ConnectingStep::Checking);
        ui.add_space(theme::GROUP_GAP);
        let label = texts.t("cancel");
        let pressed = ui.add(ActionButton::new(ButtonKind::Secondary, &label)).clicked();
        if pressed || ui.input(|input| input.key_pressed(Key::Escape)) {
            intents.push(CustomerIntent::CancelJoin);
        }
    });
}

/// Two steps, of which the first or both are reached. Still on purpose: a
/// turning sign would keep the processor busy for nothing.
fn steps(ui: &mut Ui, checking: bool) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 6.0), egui::Sense::empty());
    let half = (rect.width() - 8.0) / 2.0;
    for (step, reached) in [(0.0, true), (1.0, checking)] {
        let left = rect.left() + step * (half + 8.0);
        let bar = egui::Rect::from_min_size(egui::pos2(left, rect.top()), egui::vec2(half, 6.0));
        ui.painter().rect_filled(bar, 3.0, if reached { colours.primary } else { colours.line });
    }
}

#[cfg(test)]
mod tests {
    use super::regroup;

    #[test]
    fn the_cursor_stays_behind_the_digit_that_was_typed() {
        for (typed, cursor, shown, expected) in [
            ("4829", 4, "482 9", 5),
            ("482-", 4, "482", 3),
            ("4 82 915 7303", 1, "482 915 7303", 1),
            ("482 9157", 8, "482 915 7", 9),
            ("x", 1, "", 0),
            ("48291573039", 11, "482 915 7303", 12),
        ] {
            assert_eq!(regroup(typed, cursor), (shown.to_owned(), expected), "{typed}");
        }
    }
}
