//! It is over: what happened, what stays behind, how it was, and the receipt
//! for whoever wants to keep it.

use super::{
    keep::{KeepLocal, keep_ui},
    rating, recording, stop,
};
use egui::Ui;
use mitblick_client_core::{
    customer::{CustomerIntent, EndView, ReceiptState},
    images::Faces,
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon,
        faces::{self, FaceTextures},
        format, icons, page_with_foot, palette, theme,
        widgets::{self, Mood},
        wording,
    },
};

/// Largest logo and width of the portrait, in points.
const LOGO: egui::Vec2 = egui::vec2(160.0, 32.0);
const PORTRAIT: f32 = 40.0;

/// The screen.
pub fn ended_ui(
    ui: &mut Ui,
    texts: Texts,
    end: &EndView,
    (faces, telephone): (&Faces, &str),
    (textures, local): (&mut FaceTextures, &mut KeepLocal),
    intents: &mut Vec<CustomerIntent>,
) {
    page_with_foot(
        ui,
        if end.stop { "stop" } else { "ended" },
        400.0,
        intents,
        |ui, intents| {
            if end.stop {
                stop::stop_ui(ui, texts, end.who.as_ref(), telephone);
            } else {
                what_happened_ui(ui, texts, end, faces, textures);
                recording::codes_ui(ui, texts, &end.recordings);
            }
            if let (Some(rating), Some(who), false) = (&end.rating, &end.who, end.stop) {
                ui.add_space(theme::GROUP_GAP);
                rating::rating_ui(ui, texts, who, rating, intents);
            }
            receipt_ui(ui, texts, end, local, intents);
        },
        |ui, intents| {
            if end.stop {
                return stop::way_on_ui(ui, texts, intents);
            }
            // After a fault this program begins nothing any more.
            let ends = end.problem == Some(Problem::ProgramFault);
            let label = texts.t("ended-new");
            if !ends && ui.add(ActionButton::new(ButtonKind::Primary, &label).full_width()).clicked() {
                intents.push(CustomerIntent::NewSession);
            }
            let label = texts.t("ended-close");
            let kind = if ends { ButtonKind::Primary } else { ButtonKind::Secondary };
            if ui.add(ActionButton::new(kind, &label).full_width()).clicked() {
                intents.push(CustomerIntent::Quit);
            }
        },
    );
}

fn what_happened_ui(ui: &mut Ui, texts: Texts, end: &EndView, faces: &Faces, textures: &mut FaceTextures) {
    let heading = if end.who.is_some() { texts.t("ended-heading") } else { texts.t("ended-before") };
    let heading = widgets::heading(ui, &heading);
    widgets::announce(ui, &heading, true);
    ui.add_space(8.0);
    match (&end.problem, &end.who) {
        (Some(problem), _) => {
            let mood = if *problem == Problem::SessionTimeOver { Mood::Info } else { Mood::Error };
            widgets::notice(ui, mood, &wording::problem(texts, problem));
        }
        (None, _) if end.by_me => {
            widgets::body(ui, &texts.t("ended-by-me"));
        }
        (None, Some(who)) => {
            widgets::body(ui, &texts.t_with("ended-by-other", &[("advisor", (&who.advisor).into())]));
        }
        (None, None) => {
            widgets::body(ui, &texts.t("ended-by-someone"));
        }
    }
    ui.add_space(8.0);
    widgets::card(ui, |ui| {
        let shown = if end.shown_s == 0 {
            texts.t("ended-nothing-shown")
        } else {
            let duration = format::duration(texts, end.shown_s);
            texts.t_with("ended-shown", &[("duration", duration.into())])
        };
        fact(ui, Icon::Clock, &shown);
        fact(ui, Icon::Check, &what_stays(texts, end));
        if let Some(who) = &end.who {
            let values = [("advisor", (&who.advisor).into()), ("organisation", (&who.organisation).into())];
            ui.add_space(4.0);
            ui.horizontal_top(|ui| {
                faces::portrait_ui(ui, texts, faces, &who.advisor, PORTRAIT, textures);
                ui.vertical(|ui| {
                    ui.set_width(ui.available_width());
                    widgets::body(ui, &texts.t_with("ended-with", &values));
                });
            });
            let organisation = &who.organisation;
            if faces.logo.is_some() {
                ui.add_space(4.0);
                faces::logo_ui(ui, texts, faces, organisation, LOGO, textures);
            }
        }
    });
}

/// What of the session is on the computer from now on.
fn what_stays(texts: Texts, end: &EndView) -> String {
    let files = (end.left.files > 0).then(|| texts.t_with("ended-stays-files", &[("count", end.left.files.into())]));
    let clipboard = end.left.clipboard.then(|| texts.t("ended-stays-clipboard"));
    let is_kept = end.receipt.as_ref().is_some_and(|receipt| matches!(receipt.state, ReceiptState::Kept(_)));
    let receipt = is_kept.then(|| texts.t("ended-stays-receipt"));
    let what: Vec<_> = [files, clipboard, receipt].into_iter().flatten().collect();
    if what.is_empty() {
        return texts.t("ended-nothing-stays");
    }
    texts.t_with("ended-stays", &[("what", what.join(", ").into())])
}

fn receipt_ui(ui: &mut Ui, texts: Texts, end: &EndView, local: &mut KeepLocal, intents: &mut Vec<CustomerIntent>) {
    if let Some(receipt) = &end.receipt {
        ui.add_space(theme::GROUP_GAP);
        keep_ui(ui, texts, receipt, local, intents);
    }
}

fn fact(ui: &mut Ui, icon: Icon, text: &str) {
    ui.horizontal_top(|ui| {
        let ink = palette(ui).good;
        icons::show(ui, icon, 17.0, ink);
        widgets::body(ui, text);
    });
}
