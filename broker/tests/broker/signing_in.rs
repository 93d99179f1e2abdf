//! Accounts over the wire.

use crate::harness::{PASSWORD, Rig};
use mitblick_broker::{data_dir::DataDir, limits::Policy, open_store, store::Store};
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
    assert!(store.remove_account("anna").await.unwrap());
    assert!(store.set_password("berta", "another", 1_800_000_000).await.unwrap());
    for client in [&mut anna, &mut berta] {
        client.say(&ToBroker::OpenNumber).await;
        assert_eq!(client.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
        client.closed().await;
    }
}
