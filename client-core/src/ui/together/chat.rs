//! The chat: what was said, with time and how far it has come, and a field.

use crate::{
    language::Texts,
    problem::Problem,
    together::{ChatLine, TogetherIntent, TogetherView},
    ui::{ActionButton, ButtonKind, Icon, format, palette, theme, widgets},
};
use egui::{
    Align, Color32, FontId, Frame, Key, Layout, Margin, Modifiers, RichText, ScrollArea, TextEdit, TextStyle, Ui,
    text::{LayoutJob, TextFormat},
};
use mitblick_protocol::chat::{Delivery, Speaker};

/// Most signs that can be typed at once; fits the wire whatever they are.
const MAX_TYPED_CHARS: usize = 2_000;

/// What belongs to the chat alone.
#[derive(Default)]
pub(super) struct ChatLocal {
    draft: String,
    /// Said last, to be given back should it not be taken.
    said: Option<String>,
    /// Put the cursor into the field.
    pub(super) focus: bool,
}

/// The chat, in all the height that there is.
pub(super) fn chat_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &TogetherView,
    local: &mut ChatLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    if view.chat.unseen > 0 && is_seen(ui) {
        intents.push(TogetherIntent::LookAtChat);
    }
    let field_height = 84.0;
    let height = (ui.available_height() - field_height).max(64.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, false]).stick_to_bottom(true).show(ui, |ui| {
        if view.chat.lines.is_empty() {
            widgets::muted(ui, &texts.t_with("chat-empty", &[("name", there.into())]));
        }
        let newest = view.chat.lines.iter().rposition(|line| line.speaker == Speaker::There);
        for (place, line) in view.chat.lines.iter().enumerate() {
            line_ui(ui, texts, there, line, newest == Some(place));
            ui.add_space(6.0);
        }
    });
    ui.add_space(4.0);
    field_ui(ui, texts, view, local, intents);
}

/// Whether a person can see the window, as far as the system tells: the other
/// person is told that they have read.
fn is_seen(ui: &Ui) -> bool {
    ui.input(|input| {
        let window = input.viewport();
        let covered = window.occluded == Some(true) && window.focused != Some(true);
        window.minimized != Some(true) && !covered
    })
}

fn line_ui(ui: &mut Ui, texts: Texts, there: &str, line: &ChatLine, newest: bool) {
    let colours = palette(ui);
    let (name, fill, state) = match line.speaker {
        Speaker::There => (there.to_owned(), colours.info_fill, None),
        Speaker::Here(delivery) => (texts.t("chat-me"), colours.surface, Some(delivery)),
    };
    Frame::new().fill(fill).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(10, 7)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(RichText::new(&name).small().strong().color(colours.text));
            ui.label(RichText::new(format::clock_at(line.unix_s)).small().color(colours.muted));
            if let Some(delivery) = state {
                let (text, icon) = match delivery {
                    Delivery::Sent => (texts.t("chat-sent"), Icon::Clock),
                    Delivery::Delivered => (texts.t("chat-delivered"), Icon::Check),
                    Delivery::Seen => (texts.t("chat-seen"), Icon::Eye),
                };
                crate::ui::icons::show(ui, icon, 13.0, colours.muted);
                ui.label(RichText::new(text).small().color(colours.muted));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let label = texts.t("chat-copy");
                let copy = ActionButton::new(ButtonKind::Quiet, "").name(&label).small().icon(Icon::Copy);
                if ui.add(copy).on_hover_text(&label).clicked() {
                    ui.ctx().copy_text(line.text.clone());
                }
            });
        });
        let text = ui.add(egui::Label::new(text_job(ui, &line.text, colours.text)).wrap().selectable(true));
        if newest {
            widgets::announce(ui, &text, false);
        }
    });
}

/// The text as it is; codes in a type in which no two signs look alike, so that
/// they can be read out.
fn text_job(ui: &Ui, text: &str, colour: Color32) -> LayoutJob {
    let plain = TextStyle::Body.resolve(ui.style());
    let code = FontId::new(plain.size, egui::FontFamily::Monospace);
    let mut job = LayoutJob::default();
    for (word, is_code) in words(text) {
        let font = if is_code { code.clone() } else { plain.clone() };
        job.append(word, 0.0, TextFormat::simple(font, colour));
    }
    job
}

/// The words with the white space behind them, and whether each is a code: of
/// digits and letters, or what people spell because it is written in no way
/// that words are; or one of several groups, `482 915 7303`.
fn words(text: &str) -> Vec<(&str, bool)> {
    let words: Vec<&str> = text.split_inclusive(|c: char| c.is_whitespace()).collect();
    let has_digit = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    let is_group = |word: &str| {
        has_digit(word) && word.trim().chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '-')
    };
    let beside = |place: Option<usize>| place.and_then(|place| words.get(place)).is_some_and(|word| is_group(word));
    let is_one_of_several = |place: usize| beside(place.checked_sub(1)) || beside(place.checked_add(1));
    let words_with = words.iter().enumerate();
    words_with.map(|(place, word)| (*word, is_code(word) || (is_group(word) && is_one_of_several(place)))).collect()
}

fn is_code(word: &str) -> bool {
    let word = word.trim().trim_matches(|c: char| c.is_ascii_punctuation());
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    // Not after a hyphen, where German words have them.
    let inside =
        word.chars().zip(word.chars().skip(1)).filter(|(before, c)| before.is_alphabetic() && c.is_uppercase());
    let capitals_inside = letters > 3 && inside.count() > 1;
    capitals_inside || (digits > 0 && (letters > 0 || word.chars().count() > 3))
}

fn field_ui(ui: &mut Ui, texts: Texts, view: &TogetherView, local: &mut ChatLocal, intents: &mut Vec<TogetherIntent>) {
    if view.problem == Some(Problem::ChatTooFast) && local.draft.is_empty() {
        local.draft = local.said.take().unwrap_or_default();
    }
    let label = texts.t("chat-field");
    ui.horizontal_top(|ui| {
        let send = texts.t("chat-send");
        let room = ui.available_width() - 96.0;
        let id = ui.make_persistent_id("chat field");
        let focused = ui.memory(|memory| memory.has_focus(id));
        // Enter sends; with the shift key it is a line break.
        let enter = focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let field = ui.add(
            TextEdit::multiline(&mut local.draft)
                .id(id)
                .hint_text(&label)
                .char_limit(MAX_TYPED_CHARS)
                .desired_rows(2)
                .desired_width(room.max(80.0)),
        );
        field.widget_info(|| {
            let mut info = egui::WidgetInfo::text_edit(true, &local.draft, &local.draft, "");
            info.label = Some(label.clone());
            info
        });
        if std::mem::take(&mut local.focus) {
            field.request_focus();
        }
        let button = ui.add(ActionButton::new(ButtonKind::Primary, &send).small());
        if (enter || button.clicked()) && !local.draft.trim().is_empty() {
            let text = std::mem::take(&mut local.draft);
            local.said = Some(text.clone());
            intents.push(TogetherIntent::Say(text));
            field.request_focus();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::words;

    fn codes(text: &str) -> Vec<&str> {
        words(text).into_iter().filter(|(_, is_code)| *is_code).map(|(word, _)| word.trim()).collect()
    }

    #[test]
    fn codes_are_told_from_words_and_plain_numbers() {
        let text = "Hallo, um 12 Uhr: KX7-0O1l, v1.2 (a1b2), l0O und KXLO-IlO am 2. Mai, Seite 3";
        assert_eq!(codes(text), ["KX7-0O1l,", "v1.2", "(a1b2),", "l0O", "KXLO-IlO"]);
        assert_eq!(codes("Ihr Code ist 482 915 7303\nBis gleich"), ["482", "915", "7303"]);
        assert_eq!(codes("7H2K K-9 0C und Anna Muster"), ["7H2K", "K-9", "0C"]);
        let plain = "Seite 12 von 20, die AGB und das PDF der Muster GmbH, per E-Mail-Adresse";
        assert_eq!(codes(plain), Vec::<&str>::new());
    }
}
