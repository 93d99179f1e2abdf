//! Accounts over the wire.

use crate::harness::{PASSWORD, Rig, account, own, record};
use mitblick_broker::{
    accounts::{PasswordState, Role},
    audit::Action,
    data_dir::DataDir,
    limits::Policy,
    open_store,
    store::{Change, NewAccount, NewPassword, Store},
};
use mitblick_protocol::broker_msg::{FromBroker, Refusal, ToBroker};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_and_unknown_names_fail_alike_and_the_right_one_signs_in() {
    let rig = Rig::start().await;
    let mut client = rig.target.connect().await;
    for (name, password) in [("anna", "falsches pferd"), ("nobody", PASSWORD), ("", ""), ("Anna\n", "x")] {
        client.sign_in(name, password).await;
        assert_eq!(client.hear().await, FromBroker::SignInFailed { retry_after_s: 0 }, "{name:?}");
    }
    client.sign_in(" ANNA ", PASSWORD).await;
    let FromBroker::SignedIn { advisor } = client.hear().await else { panic!("not signed in") };
    assert_eq!(advisor.as_str(), "anna Berg");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_the_account_even_for_the_right_one() {
    let rig = Rig::with(|config| config.limits = Policy { lock_sources: false, ..Policy::relaxed() }).await;
    let mut waits = Vec::new();
    for _ in 0..5 {
        let mut client = rig.target.connect().await;
        client.sign_in("anna", "falsches pferd").await;
        let FromBroker::SignInFailed { retry_after_s } = client.hear().await else { panic!("signed in") };
        waits.push(retry_after_s);
    }
    assert_eq!(waits[..4], [0, 0, 0, 0]);
    assert!((50..=60).contains(&waits[4]), "{waits:?}");
    let mut client = rig.target.connect().await;
    client.sign_in("anna", PASSWORD).await;
    assert!(matches!(client.hear().await, FromBroker::SignInFailed { retry_after_s: 1.. }));
    rig.target.advisor("berta").await;
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
    let set = store.set_password("berta", password, record(Action::PasswordSet)).await.unwrap();
    assert_eq!((removed, set), (Change::Made, Change::Made));
    for client in [&mut anna, &mut berta] {
        client.say(&ToBroker::OpenNumber).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
        client.closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_password_and_an_auditor_s_sign_nobody_in() {
    let rig = Rig::start().await;
    let store = open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap();
    let state = PasswordState::Initial { until_unix_s: i64::MAX };
    let carla = account("carla").await;
    let carla = NewAccount { password: NewPassword { state, ..carla.password.clone() }, ..carla };
    store.add_account(carla, record(Action::AccountAdded)).await.unwrap();
    let doris = NewAccount { role: Role::Auditor, ..account("doris").await };
    store.add_account(doris, record(Action::AccountAdded)).await.unwrap();
    for name in ["carla", "doris"] {
        let mut client = rig.target.connect().await;
        client.sign_in(name, PASSWORD).await;
        assert_eq!(client.hear().await, FromBroker::SignInFailed { retry_after_s: 0 }, "{name}");
        // Nor does anything else work on that connection.
        client.say(&ToBroker::OpenNumber).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn), "{name}");
        client.closed().await;
    }
    let hash = account("carla").await.password.hash;
    assert_eq!(store.set_password("carla", own(&hash), record(Action::PasswordChanged)).await.unwrap(), Change::Made);
    rig.target.advisor("carla").await;
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
