//! What was written while the chat is not in sight: behind another tab, or in a
//! window that nobody sees.

use super::*;
use crate::{
    language::Language,
    together::{ChatView, ClipboardView, files::FilesView},
};
use egui::{Context, RawInput, ViewportId, ViewportInfo, vec2};
use egui_kittest::{Harness, kittest::Queryable};
use mitblick_protocol::clipboard::Role;
use std::sync::Arc;

fn written(unseen: u32) -> TogetherView {
    TogetherView {
        chat: ChatView { lines: Arc::default(), unseen },
        clipboard: ClipboardView::new(Role::Watcher, ClipboardRule::Allowed),
        files: FilesView::default(),
        problem: None,
    }
}

struct Window {
    view: TogetherView,
    local: TogetherLocal,
    intents: Vec<TogetherIntent>,
}

/// The open panel with its button.
fn window(language: Language) -> Harness<'static, Window> {
    let local = TogetherLocal { open: true, ..TogetherLocal::default() };
    let state = Window { view: written(0), local, intents: Vec::new() };
    Harness::builder().with_size(vec2(600.0, 600.0)).with_context_setup(crate::ui::install).build_ui_state(
        move |ui, window: &mut Window| {
            let texts = Texts::of(language);
            button_ui(ui, texts, &window.view, &mut window.local);
            if window.local.open {
                panel_ui(ui, texts, "Anna", &window.view, &mut window.local, &mut window.intents);
            }
        },
        state,
    )
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

#[test]
fn what_is_written_while_another_tab_is_open_is_told_by_its_tab_and_by_the_button() {
    for (language, files, tab, button) in [
        (Language::German, "Dateien", "Chat (2 neu)", "Chat: 2 neue Nachrichten"),
        (Language::English, "Files", "Chat (2 new)", "Chat: 2 new messages"),
    ] {
        for way in [tab, button] {
            let mut harness = window(language);
            harness.run_steps(2);
            click(&mut harness, files);
            harness.state_mut().view = written(2);
            harness.run_steps(3);
            harness.get_by_label(tab);
            harness.get_by_label(button);
            assert!(harness.state().intents.is_empty(), "nobody has seen them");
            click(&mut harness, way);
            let Window { local, intents, .. } = harness.state();
            assert!(local.open && local.tab == Tab::Chat, "{way}");
            assert!(intents.contains(&TogetherIntent::LookAtChat), "{way}");
            assert!(harness.query_by_label(tab).is_none(), "it is in sight");
        }
    }
}

#[test]
fn the_button_closes_a_panel_behind_which_nothing_is_new() {
    let mut harness = window(Language::English);
    harness.run_steps(2);
    for open in [false, true] {
        click(&mut harness, "Open or close chat, clipboard and files");
        assert_eq!(harness.state().local.open, open);
    }
}

/// Whether the chat counts as looked at in such a window.
fn is_looked_at(window: ViewportInfo) -> bool {
    let ctx = Context::default();
    crate::ui::install(&ctx);
    let mut input = RawInput::default();
    input.viewports.insert(ViewportId::ROOT, window);
    let (texts, view) = (Texts::of(Language::English), written(1));
    let (mut local, mut intents) = (TogetherLocal::default(), Vec::new());
    let mut output = ctx.run_ui(input, |ui| panel_ui(ui, texts, "Anna", &view, &mut local, &mut intents));
    output.textures_delta.clear();
    intents.contains(&TogetherIntent::LookAtChat)
}

#[test]
fn what_is_written_into_a_window_that_nobody_sees_is_not_looked_at() {
    let plain = ViewportInfo::default;
    assert!(is_looked_at(plain()), "nothing is known of it");
    assert!(is_looked_at(ViewportInfo { focused: Some(false), occluded: Some(false), ..plain() }));
    assert!(is_looked_at(ViewportInfo { focused: Some(true), occluded: Some(true), ..plain() }));
    assert!(!is_looked_at(ViewportInfo { minimized: Some(true), ..plain() }));
    assert!(!is_looked_at(ViewportInfo { occluded: Some(true), ..plain() }));
}
