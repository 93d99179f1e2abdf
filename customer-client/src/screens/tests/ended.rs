//! What is found once the session is over.

use super::{end_view, window, window_in};
use egui::vec2;
use egui_kittest::kittest::Queryable;
use mitblick_client_core::{
    customer::{CustomerScreen, EndView, ReceiptState},
    language::Language,
    together::Left,
};

#[test]
fn the_end_names_what_stays_on_the_computer() {
    let kept = || ReceiptState::Kept("/home/anna/receipt.html".into());
    let left = |files, clipboard| Left { files, clipboard };
    for (left, receipt, german, english) in [
        (left(0, false), ReceiptState::Offered, "bleibt auf Ihrem Rechner nichts zurück", "Nothing of the session"),
        (left(1, false), ReceiptState::Offered, "Rechner: eine gespeicherte Datei.", "computer: one saved file."),
        (
            left(3, true),
            ReceiptState::Offered,
            "Rechner: 3 gespeicherte Dateien, Text in Ihrer Zwischenablage.",
            "computer: 3 saved files, text in your clipboard.",
        ),
        (left(0, false), kept(), "Rechner: die Quittung.", "computer: the receipt."),
    ] {
        for (language, words) in [(Language::German, german), (Language::English, english)] {
            let end = EndView { left, ..end_view(None, receipt.clone()) };
            let harness = window_in(language, vec2(460.0, 1_000.0), CustomerScreen::Ended(end));
            harness.get_by_label_contains(words);
        }
    }
    let end = EndView { left: left(1, false), ..end_view(None, ReceiptState::Offered) };
    assert!(window(CustomerScreen::Ended(end)).query_by_label_contains("Nothing of the session").is_none());
}
