//! The admin pages as a person uses them, in a real browser.

use crate::{
    admin_pages::{at, staffed, store},
    harness::{Got, PASSWORD, PATIENCE, attentive},
    webdriver::Chromium,
};
use jiff::Zoned;
use mitblick_broker::{
    audit::{Action, Actor, Record},
    store::{Store, workplace::NewWorkplace},
};
use mitblick_protocol::{
    broker_msg::{FromBroker, PairEnd},
    rating::{Grade, Rating, Solved},
    workplace::WorkplaceKey,
};
use tokio::time::timeout;

/// What the pages say in one language.
struct Words {
    language: &'static str,
    sign_in: &'static str,
    wrong: &'static str,
    none_alive: &'static str,
    ended: &'static str,
    own_password: &'static str,
    changed: &'static str,
    session_began: &'static str,
    no_entries: &'static str,
    about: &'static str,
    mean: &'static str,
    certificate: &'static str,
    saved: &'static str,
    refused: &'static str,
    approved: &'static str,
    scan: &'static str,
    rules_done: &'static str,
    rules_wrong: &'static str,
    rules_told: &'static str,
}

const GERMAN: Words = Words {
    language: "de",
    sign_in: "Anmelden",
    wrong: "Benutzername oder Passwort ist falsch.",
    none_alive: "Es läuft keine Sitzung.",
    ended: "Die Sitzung ist beendet.",
    own_password: "Wählen Sie ein eigenes Passwort",
    changed: "Das Passwort ist geändert.",
    session_began: "Sitzung begonnen",
    no_entries: "Solche Einträge gibt es nicht.",
    mean: "4,4",
    about: "etwa 20",
    certificate: "das eigene der Vermittlung",
    saved: "Ihr Profil ist geändert.",
    refused: "Ihre Rolle erlaubt das nicht.",
    approved: "Der Arbeitsplatz ist freigegeben",
    scan: "Scannen Sie damit dieses Bild.",
    rules_done: "gelten ab der nächsten Sitzung",
    rules_wrong: "eine Zahl von 1 bis 1440",
    rules_told: "Steuerung: wenn der Kunde sie freigibt → nie",
};

const ENGLISH: Words = Words {
    language: "en",
    sign_in: "Sign in",
    wrong: "User name or password is wrong.",
    none_alive: "No session is alive.",
    ended: "The session is ended.",
    own_password: "Choose a password of your own",
    changed: "The password is changed.",
    session_began: "session began",
    no_entries: "There are no such entries.",
    mean: "4.4",
    about: "about 20",
    certificate: "the broker's own",
    saved: "Your profile is changed.",
    refused: "Your role does not allow this.",
    approved: "The workplace is approved",
    scan: "Scan this picture with it.",
    rules_done: "hold from the next session on",
    rules_wrong: "a number from 1 to 1440",
    rules_told: "Control: if the customer grants it → never",
};

async fn sign_in(chromium: &Chromium, name: &str, password: &str) {
    chromium.fill("input[name=name]", name).await;
    chromium.fill("input[name=password]", password).await;
    chromium.click("main button").await;
}

async fn an_admins_day(words: Words) {
    let rig = staffed().await;
    let store = store(&rig).await;
    let ended = |name: &str| Record::new(&Actor::Account(name.to_owned()), Action::SessionEnded).count("lasted_s", 754);
    store.record((0..17).map(|_| ended("anna")).collect()).await.unwrap();
    store.record((0..3).map(|_| ended("berta")).collect()).await.unwrap();
    for grade in [Grade::ALL[4], Grade::ALL[4], Grade::ALL[3], Grade::ALL[4], Grade::ALL[2]] {
        store.rated(Zoned::now().date(), "anna", Rating::Grade(grade)).await.unwrap();
        store.rated(Zoned::now().date(), "anna", Rating::Solved(Solved::Yes)).await.unwrap();
    }
    store.rated(Zoned::now().date(), "berta", Rating::Solved(Solved::No)).await.unwrap();
    let origin = at(&rig).origin();
    let name = |page: &str| format!("admin-{page}-{}", words.language);
    let chromium = Chromium::start(words.language).await;

    chromium.open(&origin).await;
    chromium.says(words.sign_in).await;
    sign_in(&chromium, "chef", "falsch").await;
    chromium.says(words.wrong).await;
    chromium.look(&name("sign-in")).await;
    sign_in(&chromium, "chef", PASSWORD).await;
    chromium.says(words.none_alive).await;

    // A session is seen and ended.
    let (mut advisor, mut customer) = rig.target.pair().await;
    customer.relay(&[1; 3_000]).await;
    advisor.next().await;
    let (mut advisor, _customer) = (attentive(advisor), attentive(customer));
    chromium.open(&format!("{origin}/sessions")).await;
    chromium.says("anna").await;
    chromium.says("3").await;
    chromium.look(&name("sessions")).await;
    chromium.click("button.danger").await;
    chromium.says(words.ended).await;
    let heard = timeout(PATIENCE, advisor.recv()).await.expect("not told");
    assert_eq!(heard, Some(Got::Message(FromBroker::PairEnded(PairEnd::Withdrawn))));

    // A user is made.
    chromium.open(&format!("{origin}/users")).await;
    chromium.says("pruefer").await;
    chromium.look(&name("users")).await;
    chromium.click("main a.button").await;
    chromium.fill("input[name=name]", "carla").await;
    chromium.fill("input[name=display_name]", "Carla Berg").await;
    chromium.choose("select[name=role]", "auditor").await;
    chromium.look(&name("new-user")).await;
    chromium.click("main button").await;
    let initial = chromium.text_of("#initial").await;
    chromium.look(&name("initial")).await;
    chromium.open(&format!("{origin}/users/change?name=carla")).await;
    chromium.look(&name("change-user")).await;

    // A workplace is approved.
    let anna = store.account("anna").await.unwrap().unwrap();
    let new = NewWorkplace {
        account: anna.id,
        key: WorkplaceKey([1; 32]),
        name: "EMPFANG-2".into(),
        code: 42_917,
        asked_unix_s: 1_795_000_000,
        address: "192.0.2.17".into(),
    };
    store.ask_for_workplace(new, Record::new(&Actor::Broker, Action::WorkplaceAsked)).await.unwrap();
    chromium.open(&format!("{origin}/workplaces")).await;
    chromium.says("042 917").await;
    chromium.look(&name("workplace-waits")).await;
    chromium.click("form[action^='/workplaces/approve'] button").await;
    chromium.says(words.approved).await;
    chromium.look(&name("workplaces")).await;
    chromium.open(&format!("{origin}/profile/second-factor")).await;
    chromium.says(words.scan).await;
    chromium.look(&name("second-factor")).await;

    // The company's rules.
    chromium.open(&format!("{origin}/rules")).await;
    chromium.look(&name("rules")).await;
    chromium.choose("select[name=control]", "forbidden").await;
    chromium.fill("input[name=session_minutes]", "5000").await;
    chromium.fill("input[name=telephone]", "030 1234-0").await;
    chromium.click("main button").await;
    chromium.says(words.rules_wrong).await;
    chromium.look(&name("rules-wrong")).await;
    chromium.fill("input[name=session_minutes]", "45").await;
    chromium.click("main button").await;
    chromium.says(words.rules_done).await;
    chromium.look(&name("rules-done")).await;
    chromium.open(&format!("{origin}/audit")).await;
    chromium.says(words.rules_told).await;

    // What else an admin looks at.
    chromium.open(&format!("{origin}/audit")).await;
    chromium.look(&name("audit")).await;
    chromium.choose("select[name=action]", "session_began").await;
    chromium.fill("input[name=name]", "anna").await;
    chromium.click("main form button").await;
    chromium.says_at("tbody tr:only-child td:nth-child(4)", words.session_began).await;
    chromium.fill("input[name=name]", "niemand-dieses-namens").await;
    chromium.click("main form button").await;
    chromium.says(words.no_entries).await;
    chromium.open(&format!("{origin}/statistics")).await;
    chromium.says(words.about).await;
    chromium.says(words.mean).await;
    chromium.look(&name("statistics")).await;
    chromium.open(&format!("{origin}/system")).await;
    chromium.says(words.certificate).await;
    chromium.look(&name("system")).await;
    chromium.open(&format!("{origin}/profile")).await;
    chromium.look(&name("profile")).await;
    chromium.fill("input[name=display_name]", "Die Chefin").await;
    chromium.click("main button").await;
    chromium.says(words.saved).await;
    chromium.click("header form button").await;
    chromium.says(words.sign_in).await;

    // The new user sets a password before anything else.
    sign_in(&chromium, "carla", &initial).await;
    chromium.says(words.own_password).await;
    chromium.open(&format!("{origin}/audit")).await;
    chromium.says(words.own_password).await;
    chromium.look(&name("password")).await;
    let own = "gruene wiese unter altem schnee";
    chromium.fill("input[name=present]", &initial).await;
    chromium.fill("input[name=new]", own).await;
    chromium.fill("input[name=again]", own).await;
    chromium.click("main button").await;
    chromium.says(words.changed).await;
    chromium.open(&format!("{origin}/users")).await;
    chromium.says(words.refused).await;
    chromium.look(&name("refused")).await;
    chromium.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_day_in_german_by_day_and_by_night() {
    an_admins_day(GERMAN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_day_in_english_by_day_and_by_night() {
    an_admins_day(ENGLISH).await;
}
