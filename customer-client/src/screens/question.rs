//! "May the advisor control?" The one question where a slip would matter: no
//! answer is preset, and what was already on its way to another button when
//! the question appeared does not count.
//!
//! All questions that grant something have this in common: they come into
//! sight by themselves, and their refusal comes first, so that with a large
//! text no yes is in sight without it.

use egui::{Align, Frame, Id, Margin, Stroke, Ui, UiBuilder, style::ScrollAnimation};
use mitblick_client_core::{
    customer::{CustomerIntent, Who},
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon,
        guard::{AnswerGuard, Guarded},
        icons, palette, theme, widgets,
    },
};
use mitblick_protocol::policy::ControlRule;

/// Whether a question takes answers.
#[derive(Default)]
pub struct QuestionLocal {
    guard: AnswerGuard,
    /// As it was when the question appeared: an answer that came or went later
    /// would move the others under the hand.
    more: Option<More>,
}

/// Control is granted already, and asked for longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// How long it still lasts, in seconds.
    pub left_s: u32,
}

impl QuestionLocal {
    /// The question that is laid out next is this one of two that stand in the
    /// same place. They may follow each other without a frame between them.
    fn begin(&mut self, ui: &Ui, more: Option<More>) {
        if self.guard.is_new(ui) || self.more.is_some() != more.is_some() {
            *self = Self { guard: AnswerGuard::default(), more };
        }
    }

    /// Whether an answer counts now. The first call of a question takes the
    /// keyboard's focus away from wherever it was. Until answers count for the
    /// first time the question, which is laid out next, is kept in sight.
    pub(super) fn open(&mut self, ui: &Ui) -> bool {
        if self.guard.is_new(ui) {
            ui.ctx().memory_mut(|memory| {
                if let Some(focused) = memory.focused() {
                    memory.surrender_focus(focused);
                }
            });
        }
        let guarded = self.guard.look(ui);
        if guarded == Guarded::Appears {
            scroll_here(ui);
        }
        guarded == Guarded::Open
    }
}

/// Brings what is laid out next into sight, at once: a movement would only
/// carry buttons past a hand.
pub(super) fn scroll_here(ui: &Ui) {
    ui.scroll_to_cursor_animation(Some(Align::TOP), ScrollAnimation::none());
}

/// Who asks, and what the rules allow.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Who.
    pub who: &'a Who,
    /// For how long.
    pub rule: ControlRule,
    /// What ends it.
    pub stop_keys: &'a str,
    /// Whether it is granted already.
    pub more: Option<More>,
}

impl Asked<'_> {
    /// Lengths to choose from, in minutes; `None` = this session.
    fn lengths(self) -> Vec<Option<u16>> {
        let usual = [Some(5), Some(15), None];
        match self.rule {
            ControlRule::Forbidden => Vec::new(),
            ControlRule::Allowed { longest: None } => usual.into_iter().filter(|minutes| self.adds(*minutes)).collect(),
            ControlRule::Allowed { longest: Some(longest) } => {
                let shorter = usual.into_iter().filter(|minutes| minutes.is_some_and(|m| m < longest.value()));
                shorter.filter(|minutes| self.adds(*minutes)).chain([Some(longest.value())]).collect()
            }
        }
    }

    /// Whether so many minutes from now are more than what is left: a yes takes
    /// nothing away, so less would not be what is then done.
    fn adds(self, minutes: Option<u16>) -> bool {
        minutes.zip(self.more).is_none_or(|(minutes, More { left_s })| u32::from(minutes) * 60 > left_s)
    }

    /// The answer that allows it for so long, and its words.
    fn yes(self, texts: Texts, minutes: Option<u16>) -> (String, CustomerIntent) {
        let count = minutes.map(|minutes| [("minutes", u32::from(minutes).into())]);
        let label = match (self.more.is_some(), &count) {
            (false, Some(count)) => texts.t_with("question-minutes", count),
            (false, None) => texts.t("question-session"),
            (true, Some(count)) => texts.t_with("question-more-minutes", count),
            (true, None) => texts.t("question-more-session"),
        };
        let intent = if self.more.is_some() {
            CustomerIntent::AllowMoreTime { minutes }
        } else {
            CustomerIntent::AllowControl { minutes }
        };
        (label, intent)
    }
}

/// The question and its answers.
pub fn question_ui(
    ui: &mut Ui,
    texts: Texts,
    asked: Asked<'_>,
    local: &mut QuestionLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    local.begin(ui, asked.more);
    let asked = Asked { more: local.more, ..asked };
    let open = local.open(ui);
    // An id of its own, so that the keyboard's focus can't slip onto an answer
    // because the buttons before it have changed.
    let name = if asked.more.is_some() { "question for more time" } else { "control question" };
    let scope = UiBuilder::new().scope_id(Id::unique(name));
    ui.scope_builder(scope, |ui| question_box(ui, texts, asked, open, intents));
}

fn question_box(ui: &mut Ui, texts: Texts, asked: Asked<'_>, open: bool, intents: &mut Vec<CustomerIntent>) {
    let colours = palette(ui);
    let who = asked.who;
    Frame::new()
        .fill(colours.warn_fill)
        .stroke(Stroke::new(2.0, colours.control))
        .corner_radius(theme::CARD_RADIUS)
        .inner_margin(Margin::symmetric(14, 12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                icons::show(ui, Icon::Pointer, 22.0, colours.control);
                let values = [("advisor", (&who.advisor).into()), ("organisation", (&who.organisation).into())];
                let question = if asked.more.is_some() {
                    texts.t_with("question-more", &values)
                } else {
                    texts.t_with("question", &values)
                };
                let question = widgets::title(ui, &question);
                widgets::announce(ui, &question, true);
            });
            let keys = [("keys", asked.stop_keys.into())];
            let explained = if asked.more.is_some() {
                texts.t_with("question-more-explain", &keys)
            } else {
                texts.t_with("question-explain", &keys)
            };
            widgets::body(ui, &explained);
            arming_ui(ui, texts, open);
            let lengths = asked.lengths().into_iter().map(|minutes| asked.yes(texts, minutes));
            let no = if asked.more.is_some() { CustomerIntent::RefuseMoreTime } else { CustomerIntent::RefuseControl };
            let no = (texts.t("question-no"), no);
            answers_ui(ui, open, no, lengths, intents);
        });
}

/// The answers, which all look the same: the refusal, then what can be granted.
pub(super) fn answers_ui(
    ui: &mut Ui,
    open: bool,
    no: (String, CustomerIntent),
    yes: impl IntoIterator<Item = (String, CustomerIntent)>,
    intents: &mut Vec<CustomerIntent>,
) {
    ui.horizontal_wrapped(|ui| {
        for (label, intent) in std::iter::once(no).chain(yes) {
            if ui.add_enabled(open, ActionButton::new(ButtonKind::Secondary, &label)).clicked() {
                intents.push(intent);
            }
        }
    });
}

/// Says whether answers count yet, to eyes and to screen readers; the line is
/// always there, so that no button moves under a hand.
pub(super) fn arming_ui(ui: &mut Ui, texts: Texts, open: bool) {
    let text = if open { texts.t("question-armed") } else { texts.t("question-arming") };
    let line = widgets::small(ui, &text);
    widgets::announce(ui, &line, false);
}
