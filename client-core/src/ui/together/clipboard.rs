//! Text between clipboards: a field for one text, the switch, and the question
//! at the side that is to receive.

use crate::{
    language::Texts,
    together::{
        ClipboardView, OfferedView, TogetherIntent,
        view::{Asked, ClipboardIntent},
    },
    ui::{
        ActionButton, ButtonKind, Icon,
        guard::{AnswerGuard, Guarded},
        palette, theme, widgets,
        widgets::Mood,
    },
};
use egui::{Frame, Margin, RichText, ScrollArea, TextEdit, Ui};
use mitblick_protocol::{
    clipboard::{ClipWays, MAX_CLIP_BYTES, Role},
    policy::ClipboardRule,
};

/// Height of a preview before it scrolls, in points.
const PREVIEW_HEIGHT: f32 = 96.0;
/// Most signs that come into the field at once. Too many by one to be sent, so
/// that nobody sends the beginning of a longer text and takes it for the whole.
const MAX_FIELD_CHARS: usize = MAX_CLIP_BYTES + 1;

/// What belongs to it alone.
#[derive(Default)]
pub(super) struct ClipboardLocal {
    text: String,
    /// Count of the draft that was taken into the field.
    draft: u32,
}

fn push(intents: &mut Vec<TogetherIntent>, intent: ClipboardIntent) {
    intents.push(TogetherIntent::Clipboard(intent));
}

/// Whether [`notices_ui`] shows anything.
pub(super) fn has_notices(view: &ClipboardView) -> bool {
    view.waiting.is_some() || view.ways != ClipWays::OFF
}

/// The other person's text that waits for an answer, and the open switch with
/// the way to close it.
pub(super) fn notices_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &ClipboardView,
    intents: &mut Vec<TogetherIntent>,
) {
    if let Some(asked) = &view.waiting {
        // A press counts for the text on which it began: another one that takes
        // its place before the button is let go has buttons of its own.
        ui.push_id(asked.question, |ui| widgets::card(ui, |ui| question_ui(ui, texts, there, asked, intents)));
    }
    if view.ways != ClipWays::OFF {
        ui.horizontal_wrapped(|ui| {
            let colours = palette(ui);
            let text = open_text(texts, there, view);
            widgets::badge(ui, Icon::Copy, &text, colours.warn_fill, colours.text);
            if view.role == Role::Shower {
                let close = texts.t("clipboard-close");
                if ui.add(ActionButton::new(ButtonKind::Danger, &close).small().icon(Icon::Stop)).clicked() {
                    push(intents, ClipboardIntent::Allow(ClipWays::OFF));
                }
            }
        });
    }
}

fn question_ui(ui: &mut Ui, texts: Texts, there: &str, asked: &Asked, intents: &mut Vec<TogetherIntent>) {
    let id = ui.scope_id().with("guard");
    let mut guard: AnswerGuard = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let open = guard.look(ui) == Guarded::Open;
    ui.data_mut(|data| data.insert_temp(id, guard));
    let question = widgets::body(ui, &texts.t_with("clipboard-question", &[("name", there.into())]));
    widgets::announce(ui, &question, true);
    preview(ui, &asked.text);
    ui.horizontal_wrapped(|ui| {
        // Neither is a default: nothing is taken by pressing Enter. The refusal
        // comes first in every question.
        let (take, refuse) = (texts.t("clipboard-take"), texts.t("clipboard-refuse"));
        for (label, icon, take) in [(refuse, Icon::Close, false), (take, Icon::Copy, true)] {
            if ui.add_enabled(open, ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon)).clicked() {
                push(intents, ClipboardIntent::Answer { question: asked.question, take });
            }
        }
    });
}

/// What goes where at the moment, for this side.
fn open_text(texts: Texts, there: &str, view: &ClipboardView) -> String {
    let name = [("name", there.into())];
    let (out, inward) = match view.role {
        Role::Shower => (view.ways.to_watcher, view.ways.to_shower),
        Role::Watcher => (view.ways.to_shower && view.lets_out, view.ways.to_watcher),
    };
    match (out, inward) {
        (true, true) => texts.t("clipboard-open-both"),
        (true, false) => texts.t_with("clipboard-open-out", &name),
        (false, true) => texts.t_with("clipboard-open-in", &name),
        (false, false) => texts.t("clipboard-open-offered"),
    }
}

/// A text of the other side, exactly as it is, and nothing more.
fn preview(ui: &mut Ui, text: &str) {
    let colours = palette(ui);
    Frame::new().fill(colours.hover).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(10, 6)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ScrollArea::vertical().max_height(PREVIEW_HEIGHT).id_salt("clipboard preview").show(ui, |ui| {
                ui.add(egui::Label::new(RichText::new(text).monospace().color(colours.text)).wrap());
            });
        },
    );
}

/// The tab.
pub(super) fn clipboard_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &ClipboardView,
    local: &mut ClipboardLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    if let Some(draft) = view.draft.as_ref().filter(|draft| draft.count > local.draft) {
        local.draft = draft.count;
        local.text = draft.text.to_string();
    }
    ScrollArea::vertical().auto_shrink([false, false]).id_salt("clipboard").show(ui, |ui| {
        one_text(ui, texts, there, view, local, intents);
        ui.add_space(8.0);
        if view.rule == ClipboardRule::Allowed {
            switch(ui, texts, there, view, intents);
        } else {
            widgets::small(ui, &texts.t("clipboard-one-by-one"));
        }
    });
}

/// A text, looked at here and agreed to there.
fn one_text(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &ClipboardView,
    local: &mut ClipboardLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    let name = [("name", there.into())];
    widgets::title(ui, &texts.t("clipboard-one"));
    widgets::small(ui, &texts.t_with("clipboard-one-how", &name));
    let label = texts.t("clipboard-field");
    let waiting = view.offered == OfferedView::Waiting;
    let field = ui.add_enabled(
        !waiting,
        TextEdit::multiline(&mut local.text)
            .hint_text(&label)
            .char_limit(MAX_FIELD_CHARS)
            .desired_rows(3)
            .desired_width(f32::INFINITY),
    );
    field.widget_info(|| {
        let mut info = egui::WidgetInfo::text_edit(!waiting, &local.text, &local.text, "");
        info.label = Some(label.clone());
        info
    });
    ui.horizontal_wrapped(|ui| {
        let read = texts.t("clipboard-read");
        if ui.add_enabled(!waiting, ActionButton::new(ButtonKind::Secondary, &read).small()).clicked() {
            push(intents, ClipboardIntent::Read);
        }
        if waiting {
            let label = texts.t("clipboard-withdraw");
            if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small()).clicked() {
                push(intents, ClipboardIntent::Withdraw);
            }
        } else {
            let label = texts.t("clipboard-offer");
            let offer = ActionButton::new(ButtonKind::Primary, &label).small();
            if ui.add_enabled(!local.text.is_empty(), offer).clicked() {
                push(intents, ClipboardIntent::Offer(local.text.clone()));
            }
        }
    });
    let state = match view.offered {
        OfferedView::Nothing => return,
        OfferedView::Waiting => texts.t_with("clipboard-waiting", &name),
        OfferedView::Taken => texts.t_with("clipboard-taken", &name),
        OfferedView::Refused => texts.t_with("clipboard-refused", &name),
    };
    let mood = if view.offered == OfferedView::Refused { Mood::Warning } else { Mood::Info };
    widgets::notice(ui, mood, &state);
}

/// The switch: at the shower which ways are open, at the watcher whether
/// anything goes out.
fn switch(ui: &mut Ui, texts: Texts, there: &str, view: &ClipboardView, intents: &mut Vec<TogetherIntent>) {
    let name = [("name", there.into())];
    widgets::title(ui, &texts.t("clipboard-switch"));
    match view.role {
        Role::Shower => {
            widgets::small(ui, &texts.t_with("clipboard-switch-how", &name));
            let mut ways = view.ways;
            let out = ui.checkbox(&mut ways.to_watcher, texts.t_with("clipboard-out", &name));
            let inward = ui.checkbox(&mut ways.to_shower, texts.t_with("clipboard-in", &name));
            if out.changed() || inward.changed() {
                push(intents, ClipboardIntent::Allow(ways));
            }
        }
        Role::Watcher => {
            let text = match view.ways {
                ClipWays { to_watcher: false, to_shower: false } => texts.t("clipboard-watcher-off"),
                ClipWays { to_watcher: true, to_shower: false } => texts.t("clipboard-watcher-in"),
                ClipWays { to_watcher: false, to_shower: true } => texts.t("clipboard-watcher-out"),
                ClipWays { to_watcher: true, to_shower: true } => texts.t("clipboard-watcher-both"),
            };
            widgets::small(ui, &text);
            if view.ways.to_shower {
                let mut out = view.lets_out;
                if ui.checkbox(&mut out, texts.t("clipboard-let-out")).changed() {
                    push(intents, ClipboardIntent::LetOut(out));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use egui::{Event, vec2};
    use egui_kittest::{Harness, kittest::Queryable};
    use mitblick_protocol::clipboard::{ClipError, ClipText};

    #[test]
    fn of_a_text_that_is_too_long_no_part_can_be_pasted_and_sent() {
        let view = ClipboardView::new(Role::Watcher, ClipboardRule::OneByOne);
        let mut harness =
            Harness::builder().with_size(vec2(600.0, 400.0)).with_context_setup(crate::ui::install).build_ui_state(
                |ui, local: &mut ClipboardLocal| {
                    clipboard_ui(ui, Texts::of(Language::English), "Anna", &view, local, &mut Vec::new());
                },
                ClipboardLocal::default(),
            );
        harness.run_steps(2);
        harness.get_by_label("Text for the other clipboard").focus();
        harness.run_steps(2);
        harness.event(Event::Paste("x".repeat(3 * MAX_CLIP_BYTES)));
        harness.run_steps(2);
        let text = &harness.state().text;
        assert_eq!(text.len(), MAX_CLIP_BYTES + 1);
        assert_eq!(ClipText::new(text), Err(ClipError::TooLong { length: MAX_CLIP_BYTES + 1 }));
    }
}
