//! Accounts over the wire.

use crate::harness::{Client, PASSWORD, Rig, account, own, record};
use mitblick_broker::{
    accounts::{PasswordState, Role},
    audit::Action,
    data_dir::DataDir,
    limits::Policy,
    open_store,
    store::{Change, NewAccount, NewPassword, Store},
};
use mitblick_protocol::broker_msg::{FromBroker, Password, PasswordRule, Refusal, SignInRefusal, ToBroker};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_and_unknown_names_fail_alike_and_the_right_one_signs_in() {
    let rig = Rig::start().await;
    let mut client = rig.target.connect().await;
    for (name, password, tries_left) in
        [("anna", "falsches pferd", 4), ("nobody", PASSWORD, 4), ("", "", 4), ("Anna\n", "x", 3)]
    {
        client.sign_in(name, password).await;
        assert_eq!(client.hear().await, FromBroker::SignInFailed { retry_after_s: 0, tries_left }, "{name:?}");
    }
    client.sign_in(" ANNA ", PASSWORD).await;
    let FromBroker::SignedIn { advisor } = client.hear().await else { panic!("not signed in") };
    assert_eq!(advisor.as_str(), "anna Berg");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_a_name_over_a_restart_whether_an_account_has_it_or_not() {
    let mut rig = Rig::start().await;
    for name in ["anna", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..5 {
            let mut client = rig.target.connect().await;
            client.sign_in(name, "falsches pferd").await;
            let FromBroker::SignInFailed { retry_after_s, tries_left } = client.hear().await else { panic!() };
            answers.push((tries_left, retry_after_s));
        }
        assert_eq!(answers[..4], [(4, 0), (3, 0), (2, 0), (1, 0)], "{name}");
        assert!(answers[4].0 == 0 && (50..=60).contains(&answers[4].1), "{name} {answers:?}");
    }
    for restarted in [false, true] {
        if restarted {
            rig = rig.restarted().await;
        }
        for name in ["anna", "nobody"] {
            let mut client = rig.target.connect().await;
            client.sign_in(name, PASSWORD).await;
            let answer = client.hear().await;
            assert!(
                matches!(answer, FromBroker::SignInFailed { retry_after_s: 1.., tries_left: 0 }),
                "{name} {restarted} {answer:?}"
            );
        }
    }
    rig.target.advisor("berta").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_of_one_address_are_counted_together() {
    let rig = Rig::with(|config| config.limits = Policy { lock_sources: true, ..Policy::relaxed() }).await;
    let mut left = Vec::new();
    for name in ["anna", "berta", "x", "y", "z"] {
        let mut client = rig.target.connect().await;
        client.sign_in(name, "falsches pferd").await;
        let FromBroker::SignInFailed { tries_left, .. } = client.hear().await else { panic!("{name}") };
        left.push(tries_left);
    }
    assert_eq!(left, [4, 3, 2, 1, 0]);
    let mut client = rig.target.connect().await;
    client.sign_in("anna", PASSWORD).await;
    assert!(matches!(client.hear().await, FromBroker::SignInFailed { retry_after_s: 1.., tries_left: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_has_a_bounded_count_of_tries() {
    let rig = Rig::start().await;
    let mut client = rig.target.connect().await;
    for _ in 0..6 {
        client.sign_in("anna", "falsches pferd").await;
        assert!(matches!(client.hear().await, FromBroker::SignInFailed { .. }));
    }
    client.closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_or_changed_password_opens_no_more_numbers() {
    let rig = Rig::start().await;
    let mut anna = rig.target.advisor("anna").await;
    let mut berta = rig.target.advisor("berta").await;
    // As the command line does it, beside the running broker.
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let removed = store.remove_account("anna", record(Action::AccountRemoved)).await.unwrap();
    let password = NewPassword { changed_unix_s: 1_800_000_000, ..own("another") };
    let set = store.set_password("berta", None, password, record(Action::PasswordSet)).await.unwrap();
    assert_eq!((removed, set), (Change::Made, Change::Made));
    for client in [&mut anna, &mut berta] {
        client.say(&ToBroker::OpenNumber).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
        client.closed().await;
    }
}

const NEW: &str = "zweite wolke kamel tasse";

async fn change(client: &mut Client, name: &str, present: &str, new: &str) -> FromBroker {
    let [present, new] = [present, new].map(|text| Password(text.to_owned()));
    client.say(&ToBroker::ChangePassword { name: name.to_owned(), present, new }).await;
    client.hear().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_admitted_hears_why_but_only_after_the_right_password() {
    let rig = Rig::start().await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let initial = async |name, role, until_unix_s| {
        let account = account(name).await;
        let password = NewPassword { state: PasswordState::Initial { until_unix_s }, ..account.password.clone() };
        store.add_account(NewAccount { password, role, ..account }, record(Action::AccountAdded)).await.unwrap();
    };
    initial("carla", Role::Advisor, i64::MAX).await;
    initial("late", Role::Advisor, 1_700_000_000).await;
    let doris = NewAccount { role: Role::Auditor, ..account("doris").await };
    store.add_account(doris, record(Action::AccountAdded)).await.unwrap();
    for (name, why) in [
        ("carla", SignInRefusal::MustChangePassword),
        ("late", SignInRefusal::InitialPasswordExpired),
        ("doris", SignInRefusal::NotAnAdvisor),
    ] {
        let mut client = rig.target.connect().await;
        client.sign_in(name, "falsches pferd").await;
        assert_eq!(client.hear().await, FromBroker::SignInFailed { retry_after_s: 0, tries_left: 4 }, "{name}");
        client.sign_in(name, PASSWORD).await;
        assert_eq!(client.hear().await, FromBroker::SignInRefused(why), "{name}");
        // Nor does anything else work on that connection.
        client.say(&ToBroker::OpenNumber).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn), "{name}");
        client.closed().await;
    }
    let mut client = rig.target.connect().await;
    let answer = change(&mut client, "late", PASSWORD, NEW).await;
    assert_eq!(answer, FromBroker::SignInRefused(SignInRefusal::InitialPasswordExpired));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_password_is_exchanged_over_the_wire_and_the_holder_is_signed_in() {
    let rig = Rig::start().await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let state = PasswordState::Initial { until_unix_s: i64::MAX };
    let carla = account("carla").await;
    let carla = NewAccount { password: NewPassword { state, ..carla.password.clone() }, ..carla };
    store.add_account(carla, record(Action::AccountAdded)).await.unwrap();
    let mut client = rig.target.connect().await;
    for (new, rule) in [
        ("kurz", PasswordRule::TooShort { at_least: 15 }),
        (&"lang ".repeat(30), PasswordRule::TooLong { at_most: 128 }),
        ("kuchen c4rl4 mond glas", PasswordRule::ContainsName),
        ("passwordpassword", PasswordRule::Common),
        (PASSWORD, PasswordRule::UsedBefore),
    ] {
        assert_eq!(change(&mut client, "carla", PASSWORD, new).await, FromBroker::PasswordRefused(rule));
    }
    let mut client = rig.target.connect().await;
    let wrong = change(&mut client, "carla", "falsches pferd", NEW).await;
    assert_eq!(wrong, FromBroker::SignInFailed { retry_after_s: 0, tries_left: 4 });
    assert!(matches!(change(&mut client, "carla", PASSWORD, NEW).await, FromBroker::SignedIn { .. }));
    client.open_number().await;
    let mut old = rig.target.connect().await;
    old.sign_in("carla", PASSWORD).await;
    assert!(matches!(old.hear().await, FromBroker::SignInFailed { .. }));
    old.sign_in("carla", NEW).await;
    assert!(matches!(old.hear().await, FromBroker::SignedIn { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_exchange_the_same_password_at_once_one_comes_first() {
    let rig = Rig::start().await;
    let (mut one, mut two) = (rig.target.connect().await, rig.target.connect().await);
    let (one, two) = tokio::join!(
        change(&mut one, "anna", PASSWORD, NEW),
        change(&mut two, "anna", PASSWORD, "dritte wolke kamel tasse"),
    );
    let signed_in = [&one, &two].into_iter().filter(|answer| matches!(answer, FromBroker::SignedIn { .. })).count();
    assert_eq!(signed_in, 1, "{one:?} {two:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_made_auditor_opens_no_more_numbers() {
    let rig = Rig::start().await;
    let mut anna = rig.target.advisor("anna").await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let change = store.set_role("anna", Role::Auditor, record(Action::RoleChanged)).await.unwrap();
    assert_eq!(change, Change::Made);
    anna.say(&ToBroker::OpenNumber).await;
    assert_eq!(anna.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
    anna.closed().await;
}
