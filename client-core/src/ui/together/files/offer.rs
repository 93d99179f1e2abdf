//! One offer: the question, what moves, how it ended.

use super::push;
use crate::{
    language::Texts,
    together::{
        TogetherIntent,
        files::{FileIntent, FileView, FilesView, OfferView},
    },
    ui::{
        ActionButton, ButtonKind, Icon, format,
        guard::{AnswerGuard, Guarded},
        icons, palette, widgets, wording,
    },
};
use egui::{ProgressBar, RichText, ScrollArea, TextStyle, Ui};
use mitblick_protocol::transfer::{FileKind, FileState, OfferNumber, Sha256, Way};
use std::collections::{BTreeSet, HashMap};

/// Height of a long list before it scrolls, in points.
const LIST_HEIGHT: f32 = 150.0;
/// Heights of a file's lines, in points: of its name, of what it is, of its sum.
const ROW_HEIGHT: f32 = 22.0;
const FACTS_HEIGHT: f32 = 20.0;
const SUM_HEIGHT: f32 = 32.0;
/// From this width on name and facts stand in one line, in points.
const ONE_LINE: f32 = 440.0;
/// What a state has at most in that line, in points.
const STATE_WIDTH: f32 = 120.0;

/// What belongs to the offers alone.
#[derive(Default)]
pub(super) struct OffersLocal {
    /// The guard of each question, and which of its files are not wanted.
    asked: HashMap<OfferNumber, (AnswerGuard, BTreeSet<u32>)>,
    /// Offers whose lists are open.
    open: BTreeSet<(Way, OfferNumber)>,
}

pub(super) fn offer_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &FilesView,
    offer: &OfferView,
    local: &mut OffersLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    ui.push_id((offer.way == Way::In, offer.number.0), |ui| {
        widgets::card(ui, |ui| {
            if offer.asks_me() {
                question_ui(ui, texts, there, view, offer, local, intents);
            } else {
                local.asked.remove(&offer.number);
                moving_ui(ui, texts, there, offer, local, intents);
            }
        });
    });
}

fn name_of(texts: Texts, offer: &OfferView) -> String {
    match &*offer.files {
        [one] => one.name.to_string(),
        files => texts.t_with("files-count", &[("count", files.len().into())]),
    }
}

/// The question whether to save, with nothing preset.
fn question_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    view: &FilesView,
    offer: &OfferView,
    local: &mut OffersLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    let (guard, unwanted) = local.asked.entry(offer.number).or_default();
    let open = guard.look(ui) == Guarded::Open;
    let size = format::bytes(offer.wanted_bytes, texts.language());
    let values = [("name", there.into()), ("count", offer.files.len().into()), ("size", size.into())];
    let question = widgets::body(ui, &texts.t_with("files-question", &values));
    widgets::announce(ui, &question, true);
    let several = offer.files.len() > 1;
    let list = ScrollArea::vertical().max_height(LIST_HEIGHT).min_scrolled_height(LIST_HEIGHT);
    let list = list.auto_shrink([false, true]);
    let one_line = ui.available_width() >= ONE_LINE;
    list.show_rows(ui, row_height(one_line), offer.files.len(), |ui, rows| {
        let first = rows.start;
        for (place, file) in (first..).zip(offer.files.get(rows).unwrap_or_default()) {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            ui.horizontal(|ui| {
                if several && file.state == FileState::Offered {
                    let mut wanted = !unwanted.contains(&place);
                    let name = texts.t_with("files-want-one", &[("name", (&*file.name).into())]);
                    let check = ui.checkbox(&mut wanted, "");
                    check.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, wanted, &name));
                    if wanted {
                        unwanted.remove(&place)
                    } else {
                        unwanted.insert(place)
                    };
                }
                file_ui(ui, texts, file, one_line);
            });
        }
    });
    let wanted = |(place, file): &(u32, &FileView)| file.state == FileState::Offered && !unwanted.contains(place);
    let chosen: Vec<u32> = (0..).zip(offer.files.iter()).filter(wanted).map(|(place, _)| place).collect();
    let programs =
        chosen.iter().any(|place| offer.files.get(*place as usize).is_some_and(|file| file.kind == FileKind::Program));
    if programs {
        widgets::notice(ui, widgets::Mood::Warning, &texts.t("files-program-warning"));
    }
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("files-refuse");
        let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Close);
        if ui.add_enabled(open, button).clicked() {
            push(intents, FileIntent::Refuse(offer.number));
        }
        let label = if several {
            texts.t_with("files-save-count", &[("count", chosen.len().into())])
        } else {
            texts.t("files-save")
        };
        let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Check);
        let possible = open && !chosen.is_empty() && view.folder.is_some();
        if ui.add_enabled(possible, button).clicked() {
            push(intents, FileIntent::Accept { offer: offer.number, files: Some(chosen), folder: None });
        }
    });
}

fn row_height(one_line: bool) -> f32 {
    if one_line { ROW_HEIGHT } else { ROW_HEIGHT + FACTS_HEIGHT }
}

/// Name, size and kind; the state, where there is one. However long the name
/// is, what the file is stays in sight: it comes from the other side.
fn file_ui(ui: &mut Ui, texts: Texts, file: &FileView, one_line: bool) {
    let colours = palette(ui);
    let size = format::bytes(file.bytes, texts.language());
    let facts = format!("{size} · {}", kind(texts, file.kind));
    let state = state(texts, file.state);
    let ink = if file.kind == FileKind::Program { colours.warn } else { colours.muted };
    let name_ui = |ui: &mut Ui, others: f32| {
        if file.kind == FileKind::Program {
            icons::show(ui, Icon::Warning, 13.0, ink);
        }
        let room = (ui.available_width() - others).max(0.0);
        ui.scope(|ui| {
            ui.set_max_width(room);
            let name = RichText::new(&*file.name).color(colours.text);
            ui.add(egui::Label::new(name).truncate()).on_hover_text(&*file.name);
        });
    };
    let facts_ui = |ui: &mut Ui| {
        ui.label(RichText::new(&facts).small().color(ink));
        if let Some(state) = &state {
            let text = RichText::new(state).small().color(colours.muted);
            ui.add(egui::Label::new(text).truncate()).on_hover_text(state);
        }
    };
    if one_line {
        let small = TextStyle::Small.resolve(ui.style());
        let width = |text: &str| {
            let text = ui.painter().layout_no_wrap(text.to_owned(), small.clone(), ink);
            text.size().x + ui.spacing().item_spacing.x
        };
        let others = width(&facts) + state.as_deref().map_or(0.0, |state| width(state).min(STATE_WIDTH));
        ui.horizontal(|ui| {
            name_ui(ui, others);
            facts_ui(ui);
        });
    } else {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal(|ui| name_ui(ui, 0.0));
            ui.horizontal(facts_ui);
        });
    }
}

fn kind(texts: Texts, kind: FileKind) -> String {
    match kind {
        FileKind::Document => texts.t("file-kind-document"),
        FileKind::Media => texts.t("file-kind-media"),
        FileKind::Archive => texts.t("file-kind-archive"),
        FileKind::Program => texts.t("file-kind-program"),
        FileKind::Other => texts.t("file-kind-other"),
    }
}

fn state(texts: Texts, state: FileState) -> Option<String> {
    match state {
        FileState::Offered | FileState::Waiting => None,
        FileState::Forbidden => Some(texts.t("file-state-forbidden")),
        FileState::Refused => Some(texts.t("file-state-refused")),
        FileState::Moving(_) => Some(texts.t("file-state-moving")),
        FileState::Checking => Some(texts.t("file-state-checking")),
        FileState::Done(_) => Some(texts.t("file-state-done")),
        FileState::Ended(end) => Some(wording::file_end(texts, end)),
    }
}

/// What is on its way, or over.
fn moving_ui(
    ui: &mut Ui,
    texts: Texts,
    there: &str,
    offer: &OfferView,
    local: &mut OffersLocal,
    intents: &mut Vec<TogetherIntent>,
) {
    let direction = match offer.way {
        Way::Out => texts.t_with("files-to", &[("name", there.into())]),
        Way::In => texts.t_with("files-from", &[("name", there.into())]),
    };
    ui.horizontal(|ui| {
        let icon = if offer.files.len() > 1 { Icon::Folder } else { Icon::File };
        icons::show(ui, icon, 15.0, palette(ui).muted);
        ui.add(egui::Label::new(RichText::new(name_of(texts, offer)).strong()).truncate());
        ui.label(RichText::new(direction).small().color(palette(ui).muted));
    });
    let status = widgets::small(ui, &status(texts, there, offer));
    // While bytes are counted nothing is read out; that it ended is.
    if offer.over || offer.asks {
        widgets::announce(ui, &status, false);
    }
    if !offer.over && !offer.asks && offer.wanted_bytes > 0 {
        let share = offer.moved_bytes as f32 / offer.wanted_bytes as f32;
        ui.add(ProgressBar::new(share).desired_height(8.0));
    }
    ui.horizontal_wrapped(|ui| {
        if !offer.over {
            running_buttons(ui, texts, offer, intents);
        }
        match &*offer.files {
            [FileView { state: FileState::Done(sha256), .. }] => hash_ui(ui, texts, *sha256),
            [_] => {}
            _ => {
                let key = (offer.way, offer.number);
                let open = local.open.contains(&key);
                let icon = if open { Icon::Down } else { Icon::Right };
                let label = texts.t("files-list");
                if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(icon)).clicked() {
                    if open {
                        local.open.remove(&key)
                    } else {
                        local.open.insert(key)
                    };
                }
            }
        }
    });
    if local.open.contains(&(offer.way, offer.number)) {
        let list = ScrollArea::vertical().max_height(LIST_HEIGHT).min_scrolled_height(LIST_HEIGHT);
        let list = list.auto_shrink([false, true]);
        // Rows are of one height: a sum has a line of its own, which it fills.
        let sums = offer.files.iter().any(|file| matches!(file.state, FileState::Done(_)));
        let one_line = ui.available_width() >= ONE_LINE;
        let height = row_height(one_line) + if sums { SUM_HEIGHT } else { 0.0 };
        list.show_rows(ui, height, offer.files.len(), |ui, rows| {
            for file in offer.files.get(rows).unwrap_or_default() {
                ui.vertical(|ui| {
                    ui.set_min_height(height);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    file_ui(ui, texts, file, one_line);
                    if let FileState::Done(sha256) = file.state {
                        ui.horizontal(|ui| hash_ui(ui, texts, sha256));
                    }
                });
            }
        });
    }
}

fn running_buttons(ui: &mut Ui, texts: Texts, offer: &OfferView, intents: &mut Vec<TogetherIntent>) {
    let (way, number) = (offer.way, offer.number);
    if !offer.asks {
        let (label, icon) =
            if offer.held_here { (texts.t("files-go-on"), Icon::Play) } else { (texts.t("files-pause"), Icon::Pause) };
        if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon)).clicked() {
            push(intents, FileIntent::Hold { way, offer: number, paused: !offer.held_here });
        }
    }
    let label = texts.t("files-cancel");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Close)).clicked() {
        push(intents, FileIntent::Cancel { way, offer: number, file: None });
    }
}

/// The beginning of a hash, to be compared on the phone; all of it to copy.
fn hash_ui(ui: &mut Ui, texts: Texts, sha256: Sha256) {
    let whole = sha256.to_string();
    let short = whole.get(..16).unwrap_or(&whole);
    ui.label(RichText::new(format!("SHA-256 {short}…")).monospace().small()).on_hover_text(&whole);
    let label = texts.t("files-copy-hash");
    let copy = ActionButton::new(ButtonKind::Quiet, "").name(&label).small().icon(Icon::Copy);
    if ui.add(copy).on_hover_text(&label).clicked() {
        ui.ctx().copy_text(whole);
    }
}

fn status(texts: Texts, there: &str, offer: &OfferView) -> String {
    let amount = |bytes: u64| format::bytes(bytes, texts.language());
    if offer.asks {
        return texts.t_with("files-waiting", &[("name", there.into()), ("size", amount(offer.wanted_bytes).into())]);
    }
    if offer.over {
        return over(texts, offer);
    }
    let mut line = texts.t_with(
        "files-moved",
        &[("moved", amount(offer.moved_bytes).into()), ("size", amount(offer.wanted_bytes).into())],
    );
    let mut more = |text: String| {
        line.push_str(" · ");
        line.push_str(&text);
    };
    if offer.files.len() > 1 {
        let count = offer.files.iter().filter(|file| !matches!(file.state, FileState::Refused | FileState::Forbidden));
        more(texts.t_with("files-done-of", &[("done", offer.done.into()), ("count", count.count().into())]));
    }
    if offer.held_here {
        more(texts.t("files-held-here"));
    } else if offer.held_there {
        more(texts.t_with("files-held-there", &[("name", there.into())]));
    }
    if let Some(rate) = offer.bytes_per_s {
        more(texts.t_with("files-rate", &[("rate", amount(rate).into())]));
    }
    if let Some(left_s) = offer.left_s {
        more(texts.t_with("files-left", &[("left", format::time_left(texts, left_s).into())]));
    }
    line
}

/// How an offer ended.
fn over(texts: Texts, offer: &OfferView) -> String {
    let amount = format::bytes(offer.moved_bytes, texts.language());
    let why = offer.why_failed().map(|end| wording::file_end(texts, end));
    match (offer.done, why) {
        (0, Some(why)) => why,
        (0, None) if offer.files.iter().any(|file| file.state == FileState::Forbidden) => {
            texts.t("file-state-forbidden")
        }
        (0, None) => texts.t("file-state-refused"),
        (done, None) => {
            let values = [("count", done.into()), ("size", amount.into())];
            match offer.way {
                Way::In => texts.t_with("files-all-saved", &values),
                Way::Out => texts.t_with("files-all-sent", &values),
            }
        }
        (done, Some(why)) => {
            let values = [("done", done.into()), ("failed", offer.failed.into()), ("why", why.into())];
            texts.t_with("files-some-failed", &values)
        }
    }
}
