//! What is found where the person says who called whom.

use super::*;

#[test]
fn the_question_who_called_names_the_company_and_takes_either_answer_after_a_moment() {
    for (language, question, here, there) in [
        (Language::English, "Did you call them?", "Yes, I called them", "No, they called me"),
        (Language::German, "Haben Sie dort angerufen?", "Ja, ich habe dort angerufen", "Nein, ich wurde angerufen"),
    ] {
        for (label, intent) in [(here, CustomerIntent::IDidCall), (there, CustomerIntent::TheyCalledMe)] {
            let mut harness = window_in(language, vec2(460.0, 900.0), who_called());
            harness.run_steps(PAST_GUARD);
            harness.get_by_label(question);
            harness.get_by_label("Muster Bank");
            harness.get_by_label_contains("Anna Muster");
            click(&mut harness, label);
            assert_eq!(harness.state().intents, [intent]);
        }
    }
}

#[test]
fn nothing_answers_who_called_by_itself_and_straight_away_nothing_at_all() {
    // As it comes up after the number was sent with Enter, and Enter again.
    let mut harness = window(CustomerScreen::Join { number: String::new(), problem: None });
    harness.run_steps(2);
    harness.state_mut().view.screen = who_called();
    harness.run_steps(2);
    harness.get_by_label_contains("answers count in a moment");
    for key in [Key::Enter, Key::Space] {
        press(&mut harness, key);
    }
    click(&mut harness, "Yes, I called them");
    click(&mut harness, "No, they called me");
    assert_eq!(harness.state().intents, []);
    harness.run_steps(PAST_GUARD);
    harness.get_by_label("Nothing is chosen for you.");
    for key in [Key::Enter, Key::Space, Key::Escape] {
        press(&mut harness, key);
    }
    assert_eq!(harness.state().intents, []);
    harness.get_by_label("Yes, I called them").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().intents, [CustomerIntent::IDidCall]);
}

#[test]
fn who_was_called_reads_what_to_do_and_the_companys_own_number() {
    for (language, stop, telephone) in [
        (Language::English, "Stop. Please hang up.", "030 1234"),
        (Language::German, "Halt. Legen Sie bitte auf.", "030 1234"),
    ] {
        let end = EndView { stop: true, ..end_view(None, ReceiptState::Offered) };
        let mut harness = window_in(language, vec2(460.0, 1_000.0), CustomerScreen::Ended(end));
        harness.get_by_label(stop);
        assert!(harness.query_by_label_contains(telephone).is_none());
        harness.state_mut().view.company.telephone = DisplayText::cleaned(telephone);
        harness.run_steps(2);
        harness.get_by_label_contains(telephone);
    }
}
