//! Pointing without control: the palette, and what mouse, pen and keys do in the
//! picture while one of its tools is in the hand. Then nothing that is done
//! there is input for the customer's windows, also while controlling: a click
//! is one or the other.

use egui::{Key, TextEdit, Ui, vec2};
use mitblick_client_core::{
    advisor::{AdvisorGuide, AdvisorIntent, ViewerView},
    language::Texts,
    pointing::Pointing,
    ui::{
        ActionButton, ButtonKind, Icon,
        hand::{self, Hand, Tool},
        theme, widgets,
    },
};
use mitblick_protocol::{
    ask::AskAnswer,
    marks::{MarkColour, MarkLife},
    peer_msg::SharingState,
    session::AskState,
};

/// Most signs of a request that can be typed; they fit the wire whatever they
/// are.
const MAX_ASK_CHARS: usize = 100;

/// What belongs to the palette alone.
pub(super) struct Tools {
    pub(super) open: bool,
    pub(super) hand: Hand,
    request: String,
}

impl Default for Tools {
    fn default() -> Self {
        Self { open: false, hand: Hand::new(MarkLife::Fades), request: String::new() }
    }
}

/// What was pointed at becomes what the advisor wants.
pub(super) fn guides(wanted: Vec<Pointing>) -> impl Iterator<Item = AdvisorIntent> {
    wanted.into_iter().map(|wanted| AdvisorIntent::Guide(AdvisorGuide::Point(wanted)))
}

/// The button that opens and closes the palette.
pub(super) fn button_ui(ui: &mut Ui, texts: Texts, tools: &mut Tools, intents: &mut Vec<AdvisorIntent>) {
    let label = texts.t("tools-button");
    let name = texts.t("tools-button-name");
    let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Pen);
    if ui.add(button.chosen(tools.open)).clicked() {
        tools.open = !tools.open;
        let mut wanted = Vec::new();
        tools.hand.take(if tools.open { Tool::Pointer } else { Tool::None }, &mut wanted);
        intents.extend(guides(wanted));
    }
}

/// The palette, below the bar.
pub(super) fn palette_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &ViewerView,
    tools: &mut Tools,
    intents: &mut Vec<AdvisorIntent>,
) {
    let possible = view.sharing == SharingState::Showing && view.pointing_allowed;
    if !possible {
        tools.hand.rest();
    }
    let mut wanted = Vec::new();
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        ui.add_enabled_ui(possible, |ui| {
            ui.horizontal_wrapped(|ui| {
                hand::tools_ui(ui, texts, &Tool::ALL, &mut tools.hand, &mut wanted);
                ui.add_space(theme::GAP);
                colours_ui(ui, texts, &mut tools.hand);
                ui.add_space(theme::GAP);
                life_ui(ui, texts, &mut tools.hand);
                let label = texts.t("tools-clear");
                let clear = ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Close);
                if ui.add_enabled(view.marks > 0, clear).clicked() {
                    tools.hand.clear(&mut wanted);
                }
            });
        });
    });
    intents.extend(guides(wanted));
    if !view.pointing_allowed {
        let line = widgets::small(ui, &texts.t("tools-forbidden"));
        widgets::announce(ui, &line, true);
    } else if tools.hand.holds() && possible {
        widgets::small(ui, &texts.t("tools-in-hand"));
        widgets::small(ui, &texts.t("pointing-keys"));
    }
    if view.points_out {
        let line = widgets::small(ui, &texts.t("tools-customer-points"));
        widgets::announce(ui, &line, false);
    }
    ui.add_enabled_ui(view.cut_s.is_none(), |ui| ask_ui(ui, texts, view, tools, intents));
}

fn colours_ui(ui: &mut Ui, texts: Texts, hand: &mut Hand) {
    let colours = std::iter::once(None).chain(MarkColour::ALL.map(Some));
    for colour in colours {
        let label = match colour {
            None => texts.t("colour-auto"),
            Some(MarkColour::Red) => texts.t("colour-red"),
            Some(MarkColour::Amber) => texts.t("colour-amber"),
            Some(MarkColour::Green) => texts.t("colour-green"),
            Some(MarkColour::Blue) => texts.t("colour-blue"),
            Some(MarkColour::Violet) => texts.t("colour-violet"),
        };
        let name = texts.t_with("colour-name", &[("colour", (&label).into())]);
        let shown = if colour.is_none() { label.as_str() } else { "" };
        let button = ActionButton::new(ButtonKind::Secondary, shown).name(&name).small();
        let button = if colour.is_some() { button.icon(Icon::Stop) } else { button };
        let response = ui.add(button.chosen(hand.colour == colour));
        if let Some(colour) = colour {
            let [_, red, green, blue] = colour.rgb().to_be_bytes();
            let dot = egui::Rect::from_center_size(response.rect.center(), vec2(16.0, 16.0));
            ui.painter().rect_filled(dot, 4.0, egui::Color32::from_rgb(red, green, blue));
        }
        if response.on_hover_text(&label).clicked() {
            hand.colour = colour;
        }
    }
}

fn life_ui(ui: &mut Ui, texts: Texts, hand: &mut Hand) {
    for (life, label) in [(MarkLife::Fades, texts.t("marks-fade")), (MarkLife::Stays, texts.t("marks-stay"))] {
        let button = ActionButton::new(ButtonKind::Secondary, &label).small().chosen(hand.life == life);
        if ui.add(button).clicked() {
            hand.life = life;
        }
    }
}

/// Asking to be shown something, and what became of it.
fn ask_ui(ui: &mut Ui, texts: Texts, view: &ViewerView, tools: &mut Tools, intents: &mut Vec<AdvisorIntent>) {
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("ask-field");
        let field = TextEdit::singleline(&mut tools.request).hint_text(&label).char_limit(MAX_ASK_CHARS);
        let field = ui.add(field.desired_width(300.0));
        field.widget_info(|| {
            let mut info = egui::WidgetInfo::text_edit(true, &tools.request, &tools.request, "");
            info.label = Some(label.clone());
            info
        });
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let send = ActionButton::new(ButtonKind::Secondary, &texts.t("ask-button")).small().clicked_in(ui);
        if (entered || send) && !tools.request.trim().is_empty() {
            intents.push(AdvisorIntent::Guide(AdvisorGuide::Ask(std::mem::take(&mut tools.request))));
        }
        let state = match view.ask {
            AskState::None => None,
            AskState::Open => Some(texts.t("ask-open")),
            AskState::Answered(AskAnswer::Shown) => Some(texts.t("ask-shown")),
            AskState::Answered(AskAnswer::Refused) => Some(texts.t("ask-refused")),
        };
        if let Some(state) = state {
            let line = widgets::small(ui, &state);
            widgets::announce(ui, &line, false);
        }
        let back = view.ask == AskState::Open
            && ActionButton::new(ButtonKind::Quiet, &texts.t("ask-take-back")).small().clicked_in(ui);
        if back {
            intents.push(AdvisorIntent::Guide(AdvisorGuide::TakeBackAsk));
        }
    });
}

/// A button that is asked at once whether it was clicked.
trait ClickedIn {
    fn clicked_in(self, ui: &mut Ui) -> bool;
}

impl ClickedIn for ActionButton<'_> {
    fn clicked_in(self, ui: &mut Ui) -> bool {
        ui.add(self).clicked()
    }
}
