//! The slim bar while something is shown: what, to whom, who controls, and the
//! ways to pause, choose anew, stop control and end. It grows when the advisor
//! asks for control.

use super::{
    choose::ChooseLocal,
    guide::{self, AskedLocal},
    question::{self, QuestionLocal},
    recording::{self, RecordingLocal},
    turn::{self, TurnLocal},
};
use egui::{
    Frame, Margin, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, vec2,
};
use mitblick_client_core::{
    customer::{ControlView, CustomerIntent, GuideView, NotByHand, RecordingView, SharingView, TurnView},
    images::Faces,
    language::Texts,
    together::TogetherView,
    ui::{
        ActionButton, ButtonKind, Icon,
        faces::{self, FaceTextures},
        format::{self, SteadyEnd},
        guard::{AnswerGuard, Guarded},
        icons, palette,
        panels::{self, LineSide},
        together::{self, TogetherLocal},
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::policy::ControlRule;

/// Widest that the text about who sees what gets before it wraps, in points.
const TEXT_WIDTH: f32 = 300.0;
/// Width of the portrait, and of a bar that has room for it, in points.
const PORTRAIT: f32 = 36.0;
const ROOM_FOR_PORTRAIT: f32 = 640.0;

/// Height of the panel of what both people can do alike, in points.
const TOGETHER_HEIGHT: f32 = 300.0;

/// Whom it is with, and what the company's rules say.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Portrait and logo.
    pub faces: &'a Faces,
    /// For how long control can be granted.
    pub control: ControlRule,
    /// Seconds until the session ends, once that is soon.
    pub ends_in_s: Option<u32>,
    /// Seconds that there is still hope, while the line is cut.
    pub cut_s: Option<u32>,
    /// Whether it is recorded.
    pub recording: &'a RecordingView,
    /// Whether the advisor wants to show something.
    pub turn: TurnView,
    /// A yes did not count, because it was not by the person's hand.
    pub not_by_hand: Option<NotByHand>,
}

/// What both people can do alike, which the bar opens to.
pub struct Beside<'a> {
    /// What of it is shown.
    pub view: Option<&'a TogetherView>,
    /// What belongs to its panel alone.
    pub local: &'a mut TogetherLocal,
    /// How the advisor guides.
    pub guide: &'a GuideView,
}

/// Around all that is in the bar.
const MARGIN: Margin = Margin::symmetric(10, 8);
/// Higher than any bar.
const UNLIMITED: f32 = 4_000.0;

/// What belongs to the bar alone.
pub struct BarLocal {
    /// Widest that the bar may get, in points: what the screen has room for.
    pub max_width: f32,
    /// Highest that it may get, likewise; what is below its row scrolls then.
    pub max_height: f32,
    /// How large its content is; the window takes this size.
    pub size: Option<Vec2>,
    /// Height of all that is below its row, as it was laid out last.
    below: f32,
    end: SteadyEnd,
    resume: AnswerGuard,
    question: QuestionLocal,
    recording: RecordingLocal,
    turn: TurnLocal,
    faces: FaceTextures,
    asked: AskedLocal,
    more: ChooseLocal,
    preview: guide::PreviewLocal,
    /// Whether what is seldom needed is shown.
    rare: bool,
    details: bool,
}

impl Default for BarLocal {
    fn default() -> Self {
        Self {
            max_width: 1_180.0,
            max_height: UNLIMITED,
            below: 0.0,
            size: None,
            end: SteadyEnd::default(),
            resume: AnswerGuard::default(),
            question: QuestionLocal::default(),
            recording: RecordingLocal::default(),
            turn: TurnLocal::default(),
            faces: FaceTextures::default(),
            asked: AskedLocal::default(),
            more: ChooseLocal::default(),
            preview: guide::PreviewLocal::default(),
            rare: false,
            details: false,
        }
    }
}

impl BarLocal {
    /// The bar is not shown: the next one starts afresh.
    pub fn leave(&mut self) {
        *self = Self { max_width: self.max_width, max_height: self.max_height, ..Self::default() };
    }
}

/// The bar. Lays itself out in the width that it wants, whatever the window
/// still has, and tells its size.
pub fn bar_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &SharingView,
    around: Around<'_>,
    mut beside: Beside<'_>,
    local: &mut BarLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let colours = palette(ui);
    let controlled = matches!(view.control, ControlView::Granted { .. });
    let all = ui.max_rect();
    ui.painter().rect_filled(all, 0.0, colours.surface);
    let room = Rect::from_min_size(all.min, vec2(local.max_width, UNLIMITED));
    let inside = ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        Frame::new()
            .inner_margin(MARGIN)
            .show(ui, |ui| {
                let row =
                    ui.horizontal_wrapped(|ui| row_ui(ui, texts, view, around.faces, &mut beside, local, intents));
                ui.set_max_width(row.response.rect.width());
                let row_bottom = ui.min_rect().bottom();
                let room = all.top() + local.max_height - f32::from(MARGIN.bottom) - row_bottom;
                let mut below = |ui: &mut Ui, local: &mut BarLocal| {
                    rare_ui(ui, texts, beside.guide, local, intents);
                    below_ui(ui, texts, view, around, local, intents);
                    let guided = (&mut local.asked, &mut local.more);
                    guide::below_ui(ui, texts, &view.who, beside.guide, guided, intents);
                    guide::preview_ui(ui, texts, &view.who, beside.guide, &mut local.preview);
                    together_ui(ui, texts, view, &mut beside, intents);
                };
                local.below = if local.below > room {
                    let gap = ui.spacing().item_spacing.y;
                    let scrolls = ScrollArea::vertical().id_salt("below the row").max_height(room - gap);
                    gap + scrolls.show(ui, |ui| below(ui, local)).content_size.y
                } else {
                    below(ui, local);
                    ui.min_rect().bottom() - row_bottom
                };
            })
            .response
            .rect
    });
    let size = inside.inner.size().ceil();
    local.size = Some(size);
    // The edge says the same as the badge: someone else controls.
    let (width, edge) = if controlled { (3.0, colours.control) } else { (1.0, colours.outline) };
    let outline = Rect::from_min_size(all.min, size.min(all.size()));
    ui.painter().rect_stroke(outline, 0.0, Stroke::new(width, edge), StrokeKind::Inside);
}

fn row_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &SharingView,
    faces: &Faces,
    beside: &mut Beside<'_>,
    local: &mut BarLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    handle(ui, texts);
    if local.max_width >= ROOM_FOR_PORTRAIT {
        faces::portrait_ui(ui, texts, faces, &view.who.advisor, PORTRAIT, &mut local.faces);
    }
    who_sees_what(ui, texts, view);
    panels::control_badge(ui, texts, view.control, view.paused, &mut local.end);
    if matches!(view.control, ControlView::Granted { .. }) {
        let keys = [("keys", view.stop_keys().into())];
        let label = texts.t_with("bar-stop", &keys);
        let name = texts.t_with("bar-stop-control", &keys);
        if ui.add(ActionButton::new(ButtonKind::Danger, &label).name(&name).small().icon(Icon::Stop)).clicked() {
            intents.push(CustomerIntent::RevokeControl);
        }
    }
    // What comes back by itself can be kept from it.
    let resumes = view.paused && !view.comes_back;
    let (label, icon, intent) = if resumes {
        (texts.t("bar-resume"), Icon::Play, CustomerIntent::Resume)
    } else {
        (texts.t("bar-pause"), Icon::Pause, CustomerIntent::Pause)
    };
    // The second click of two in a row must not show again what the first hid.
    let counts = !resumes || local.resume.look(ui) == Guarded::Open;
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon)).clicked() && counts {
        intents.push(intent);
    }
    let label = texts.t("bar-again");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Window)).clicked() {
        intents.push(CustomerIntent::ChooseAgain);
    }
    let label = texts.t("bar-end");
    let name = texts.t("end-session");
    if ui.add(ActionButton::new(ButtonKind::Danger, &label).name(&name).small().icon(Icon::Close)).clicked() {
        intents.push(CustomerIntent::End);
    }
    if let Some(together) = beside.view {
        together::button_ui(ui, texts, together, beside.local);
    }
    guide::active_ui(ui, texts, beside.guide, local.rare, intents);
    if panels::more_button(ui, texts, &mut local.rare) && !local.rare {
        // What was opened from there goes with it: nothing else closes it.
        show_details(false, local, intents);
        guide::close_preview(beside.guide, intents);
    }
}

/// What is seldom needed, in a row of its own.
fn rare_ui(ui: &mut Ui, texts: Texts, guide: &GuideView, local: &mut BarLocal, intents: &mut Vec<CustomerIntent>) {
    if !local.rare {
        return;
    }
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        guide::row_ui(ui, texts, guide, intents);
        let label = texts.t("bar-security");
        let name = texts.t("details");
        let details = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Lock);
        if ui.add(details.chosen(local.details)).on_hover_text(&name).clicked() {
            show_details(!local.details, local, intents);
        }
    });
}

fn show_details(shown: bool, local: &mut BarLocal, intents: &mut Vec<CustomerIntent>) {
    if local.details != shown {
        local.details = shown;
        intents.push(CustomerIntent::ShowLine(shown));
    }
}

/// Below the row: the question, what has just happened, details.
fn below_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &SharingView,
    around: Around<'_>,
    local: &mut BarLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    if let Some(why) = around.not_by_hand {
        super::not_by_hand_ui(ui, texts, why);
    }
    if view.control == ControlView::Asked || view.asks_more {
        ui.add_space(2.0);
        let stop_keys = view.stop_keys();
        let more = match view.control {
            ControlView::Granted { remaining_s: Some(left_s) } if view.asks_more => Some(question::More { left_s }),
            _ => None,
        };
        let asked = question::Asked { who: &view.who, rule: around.control, stop_keys: &stop_keys, more };
        question::question_ui(ui, texts, asked, &mut local.question, intents);
    }
    recording::recording_ui(ui, texts, &view.who, around.recording, &mut local.recording, intents);
    turn::turn_ui(ui, texts, &view.who, around.turn, &mut local.turn, intents);
    if let ControlView::Ended(why) = view.control {
        let line = widgets::small(ui, &wording::control_end(texts, why));
        widgets::announce(ui, &line, true);
    }
    if let Some(left) = around.cut_s {
        super::cut_ui(ui, texts, left, view.comes_back);
    }
    if let Some(left) = around.ends_in_s {
        let [text, told] = wording::ends_soon(texts, left);
        let line = widgets::small(ui, &text);
        widgets::announce(ui, &line, false);
        widgets::tell_as(ui, &line, (&text, &told));
    }
    if let Some(problem) = &view.problem {
        widgets::notice(ui, Mood::Warning, &wording::problem(texts, problem));
    }
    if local.details {
        widgets::card(ui, |ui| {
            panels::security_facts(ui, texts, &view.suite, &view.words);
            if let Some(line) = &view.line {
                ui.add_space(6.0);
                panels::line_facts(ui, texts, line, LineSide::Sends);
            }
        });
    }
}

/// The panel, in a room of its own: the bar has the height that its content
/// wants.
fn together_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &SharingView,
    beside: &mut Beside<'_>,
    intents: &mut Vec<CustomerIntent>,
) {
    let Some(together) = beside.view else { return };
    let advisor = &view.who.advisor;
    let mut wanted = Vec::new();
    if together::has_notices(together) {
        ui.add_space(4.0);
        together::notices_ui(ui, texts, advisor, together, &mut wanted);
    }
    if beside.local.open {
        ui.add_space(4.0);
        let size = vec2(ui.max_rect().width(), TOGETHER_HEIGHT);
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            together::panel_ui(ui, texts, advisor, together, beside.local, &mut wanted);
        });
    }
    intents.extend(wanted.into_iter().map(CustomerIntent::Together));
}

/// Dots to drag the bar aside with.
fn handle(ui: &mut Ui, texts: Texts) {
    let (rect, response) = ui.allocate_exact_size(vec2(18.0, 36.0), Sense::drag());
    let name = texts.t("bar-handle");
    response.widget_info(|| WidgetInfo::labeled(Role::Unknown, true, &name));
    icons::draw(ui.painter(), Icon::Handle, rect.center(), 18.0, palette(ui).muted);
    if response.drag_started() {
        ui.ctx().send_viewport_cmd(egui::ViewportCommand::StartDrag);
    }
    response.on_hover_cursor(egui::CursorIcon::Grab).on_hover_text(name);
}

/// Two lines: who sees what; the organisation, and minutes and bytes so far.
fn who_sees_what(ui: &mut Ui, texts: Texts, view: &SharingView) {
    let colours = palette(ui);
    let first = if view.paused || view.applications.is_empty() {
        texts.t_with("bar-sees-nothing", &[("advisor", (&view.who.advisor).into())])
    } else {
        let values = [("advisor", (&view.who.advisor).into()), ("applications", view.applications.join(", ").into())];
        texts.t_with("bar-sees", &values)
    };
    let bytes = format::bytes(view.sent_bytes, texts.language());
    let values = [
        ("organisation", (&view.who.organisation).into()),
        // Filled in as a text: a number would get marks for thousands.
        ("minutes", view.minutes.to_string().into()),
        ("bytes", bytes.into()),
    ];
    let second = texts.t_with("bar-details", &values);
    let width = TEXT_WIDTH.min(ui.max_rect().width() - 28.0).max(80.0);
    let layout = |text: &str, style: TextStyle, colour| {
        ui.painter().layout(text.to_owned(), style.resolve(ui.style()), colour, width)
    };
    let upper = layout(&first, TextStyle::Body, colours.text);
    let lower = layout(&second, TextStyle::Small, colours.muted);
    // Widths in steps, so that the buttons stand still while bytes are counted.
    let natural = upper.size().x.max(lower.size().x);
    let size = vec2(((natural / 48.0).ceil() * 48.0).min(width), (upper.size().y + lower.size().y).max(36.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &first));
    widgets::announce(ui, &response, false);
    let at = egui::pos2(rect.left(), rect.center().y - (upper.size().y + lower.size().y) / 2.0);
    let below = egui::pos2(at.x, at.y + upper.size().y);
    ui.painter().galley(at, upper, colours.text);
    ui.painter().galley(below, lower, colours.muted);
    response.on_hover_text(second);
}
