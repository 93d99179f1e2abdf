//! The customer's screens: view in, intents out, nothing else touched.

pub mod bar;
pub mod choose;
pub mod ended;
mod guide;
pub mod join;
pub mod keep;
pub mod question;
mod rating;
mod recording;
pub mod stop;
mod turn;
pub mod watching;
pub mod who_called;

use bar::BarLocal;
use choose::ChooseLocal;
use egui::Ui;
use join::JoinLocal;
use keep::KeepLocal;
use mitblick_client_core::{
    customer::{CustomerIntent, CustomerScreen, CustomerView, NotByHand},
    language::{Language, Texts},
    together::{TogetherIntent, TogetherView},
    ui::{
        faces::FaceTextures,
        format, palette, panels,
        together::{self, TogetherLocal},
        widgets::{self, Mood},
        wording,
    },
};
use watching::WatchingLocal;
use who_called::WhoCalledLocal;

/// What belongs to the window alone: what is being typed, chosen or unfolded.
pub struct Local {
    /// Language of the interface.
    pub language: Language,
    /// Of the first screen.
    pub join: JoinLocal,
    /// Of the question who called whom.
    pub who_called: WhoCalledLocal,
    /// Of the receipt.
    pub keep: KeepLocal,
    /// Of choosing.
    pub choose: ChooseLocal,
    /// Of the bar.
    pub bar: BarLocal,
    /// Of looking at what the advisor shows.
    pub watching: WatchingLocal,
    /// Of what both people can do alike.
    pub together: TogetherLocal,
    /// Of the end.
    pub ended: FaceTextures,
}

impl Local {
    /// A fresh one.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            join: JoinLocal::default(),
            who_called: WhoCalledLocal::default(),
            keep: KeepLocal::default(),
            choose: ChooseLocal::default(),
            bar: BarLocal::default(),
            watching: WatchingLocal::default(),
            together: TogetherLocal::default(),
            ended: FaceTextures::default(),
        }
    }
}

/// Paints the screen that the view says.
pub fn customer_ui(ui: &mut Ui, view: &CustomerView, local: &mut Local, intents: &mut Vec<CustomerIntent>) {
    let texts = Texts::of(local.language);
    let sharing = matches!(view.screen, CustomerScreen::Sharing(_));
    if !matches!(view.screen, CustomerScreen::Choose { .. }) {
        local.choose = ChooseLocal::default();
    }
    if !matches!(view.screen, CustomerScreen::Join { .. }) {
        local.join.leave();
    }
    if !matches!(view.screen, CustomerScreen::WhoCalled { .. }) {
        local.who_called.leave();
    }
    if !matches!(view.screen, CustomerScreen::Watching(_)) {
        local.watching.leave();
    }
    if !matches!(view.screen, CustomerScreen::Ended(_)) {
        local.keep.leave();
    }
    if view.together.is_none() {
        local.together = TogetherLocal::default();
    }
    let guide = view.guide.clone().unwrap_or_default();
    if !sharing {
        local.bar.leave();
        let background = palette(ui).background;
        ui.painter().rect_filled(ui.max_rect(), 0.0, background);
    }
    match &view.screen {
        CustomerScreen::Join { number, problem } => {
            let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 10));
            frame.show(ui, |ui| {
                if let Some(language) = panels::language_switch(ui, local.language) {
                    local.language = language;
                }
            });
            let first = join::First { number, problem: problem.as_ref(), telephone: view.company.telephone.as_str() };
            join::join_ui(ui, texts, &first, &mut local.join, intents);
        }
        CustomerScreen::Connecting(step) => join::connecting_ui(ui, texts, *step, intents),
        CustomerScreen::WhoCalled { who, suite, words } => {
            let caller = who_called::Caller { who, suite, words };
            who_called::who_called_ui(ui, texts, &caller, &mut local.who_called, intents);
        }
        CustomerScreen::Choose { who, applications, again, problem, suite, words } => {
            let offer = choose::Offer {
                who,
                applications: applications.as_deref(),
                again: *again,
                suite,
                words,
                faces: &view.faces,
                company: &view.company,
                ends_in_s: view.ends_in_s,
                not_by_hand: view.not_by_hand,
                cut_s: view.cut_s,
                guide: &guide,
                recording: &view.recording,
                turn: view.turn,
            };
            let mut wanted = Vec::new();
            if let Some(together) = &view.together {
                together::drops(ui, texts, together, &mut local.together, &mut wanted);
                together_ui(ui, texts, &who.advisor, together, &mut local.together, &mut wanted);
            }
            choose::choose_ui(ui, texts, &offer, problem.as_ref(), &mut local.choose, intents);
            intents.extend(wanted.into_iter().map(CustomerIntent::Together));
        }
        CustomerScreen::Sharing(sharing) => {
            if let Some(together) = &view.together {
                let mut wanted = Vec::new();
                together::drops(ui, texts, together, &mut local.together, &mut wanted);
                intents.extend(wanted.into_iter().map(CustomerIntent::Together));
            }
            let around = bar::Around {
                faces: &view.faces,
                control: view.control,
                ends_in_s: view.ends_in_s,
                cut_s: view.cut_s,
                recording: &view.recording,
                turn: view.turn,
                not_by_hand: view.not_by_hand,
            };
            let beside = bar::Beside { view: view.together.as_ref(), local: &mut local.together, guide: &guide };
            bar::bar_ui(ui, texts, sharing, around, beside, &mut local.bar, intents);
        }
        CustomerScreen::Watching(watching) => {
            let mut wanted = Vec::new();
            if let Some(together) = &view.together {
                together::drops(ui, texts, together, &mut local.together, &mut wanted);
                together_ui(ui, texts, &watching.who.advisor, together, &mut local.together, &mut wanted);
            }
            let recording = &view.recording;
            let around = watching::Around { recording, ends_in_s: view.ends_in_s, not_by_hand: view.not_by_hand };
            watching::watching_ui(ui, texts, watching, around, &mut local.watching, intents);
            intents.extend(wanted.into_iter().map(CustomerIntent::Together));
        }
        CustomerScreen::Ended(end) => {
            let locals = (&mut local.ended, &mut local.keep);
            ended::ended_ui(ui, texts, end, (&view.faces, view.company.telephone.as_str()), locals, intents);
        }
    }
}

/// That a yes did not count, where it would be said again.
fn not_by_hand_ui(ui: &mut Ui, texts: Texts, why: NotByHand) {
    let text = match why {
        NotByHand::SayAgain => texts.t("not-by-hand"),
        NotByHand::NotHere => texts.t("not-by-hand-not-here"),
    };
    widgets::notice(ui, Mood::Warning, &text);
    ui.add_space(6.0);
}

/// That the line is cut, and what happens.
fn cut_ui(ui: &mut Ui, texts: Texts, left_s: u32, comes_back: bool) {
    let left = format::countdown(left_s.into());
    let mut text = texts.t_with("customer-cut", &[("left", left.into())]);
    let mut told = texts.t("customer-cut-told");
    if comes_back {
        for text in [&mut text, &mut told] {
            text.push(' ');
            text.push_str(&texts.t("customer-cut-comes-back"));
        }
    }
    let line = widgets::notice(ui, Mood::Warning, &text);
    widgets::tell_as(ui, &line, (&text, &told));
}

/// That the rules end the session soon.
fn ends_soon_ui(ui: &mut Ui, texts: Texts, left_s: u32) {
    let [text, told] = wording::ends_soon(texts, left_s);
    let line = widgets::notice(ui, Mood::Warning, &text);
    widgets::tell_as(ui, &line, (&text, &told));
}

/// Below what is chosen from: a line that opens to the chat.
fn together_ui(
    ui: &mut Ui,
    texts: Texts,
    advisor: &str,
    view: &TogetherView,
    local: &mut TogetherLocal,
    wanted: &mut Vec<TogetherIntent>,
) {
    let colours = palette(ui);
    let frame = egui::Frame::new().fill(colours.surface).inner_margin(egui::Margin::symmetric(16, 8));
    let panel = egui::Panel::bottom("together").frame(frame).resizable(false);
    let panel = if local.open { panel.exact_size((ui.available_height() * 0.55).min(360.0)) } else { panel };
    panel.show(ui, |ui| {
        together::notices_ui(ui, texts, advisor, view, wanted);
        together::button_ui(ui, texts, view, local);
        if local.open {
            ui.add_space(4.0);
            together::panel_ui(ui, texts, advisor, view, local, wanted);
        }
    });
}

#[cfg(test)]
mod tests;
