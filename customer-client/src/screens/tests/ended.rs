//! What is found once the session is over.

use super::*;

#[test]
fn the_end_says_what_happened_and_offers_a_new_number_or_closing() {
    let mut harness = window(ended(None));
    harness.get_by_label("You ended the session.");
    harness.get_by_label_contains("1 minute and 1 second");
    harness.get_by_label_contains("Nothing of the session stays behind");
    click(&mut harness, "Enter a new number");
    click(&mut harness, "Close");
    assert_eq!(harness.state().intents, [CustomerIntent::NewSession, CustomerIntent::Quit]);
}

#[test]
fn after_a_fault_of_the_program_nothing_is_offered_but_closing() {
    let mut harness = window(ended(Some(Problem::ProgramFault)));
    harness.get_by_label_contains("start it again");
    assert!(harness.query_by_label("Enter a new number").is_none());
    click(&mut harness, "Close");
    assert_eq!(harness.state().intents, [CustomerIntent::Quit]);
}

#[test]
fn the_receipt_is_kept_where_the_person_says() {
    let mut harness = window(ended(None));
    click(&mut harness, "Keep the receipt");
    let place = |folder: &str| Some(Place::Folder(folder.into()));
    let language = Language::English;
    let kept = CustomerIntent::KeepReceipt { place: place("/home/anna/Downloads"), language };
    assert_eq!(harness.state().intents, [kept]);
    harness.get_by_label("Folder").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("/old".into()));
    harness.run_steps(2);
    click(&mut harness, "Keep the receipt");
    let elsewhere = CustomerIntent::KeepReceipt { place: place("/home/anna/Downloads/old"), language };
    assert_eq!(harness.state().intents.last(), Some(&elsewhere));
    let failed = ReceiptState::Failed(Problem::ReceiptExists("/home/anna/receipt.html".into()));
    harness.state_mut().view.screen = CustomerScreen::Ended(end_view(None, failed));
    harness.run_steps(2);
    harness.get_by_label_contains("was not overwritten");
    harness.get_by_label("Keep the receipt");
    let kept = ReceiptState::Kept("/home/anna/receipt.html".into());
    harness.state_mut().view.screen = CustomerScreen::Ended(end_view(None, kept));
    harness.run_steps(2);
    harness.get_by_label("Saved: /home/anna/receipt.html");
    assert!(harness.query_by_label("Keep the receipt").is_none());
}

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
