//! Sessions on the admin pages: seen, and ended.

use crate::{
    admin_pages::{Signed, at, staffed, try_sign_in},
    harness::{Got, PASSWORD},
    resuming,
};
use mitblick_protocol::broker_msg::{FromBroker, PairEnd, Password, SignInRefusal, ToBroker};

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_a_session_and_ends_it_and_the_trail_says_so() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    customer.relay(&[7; 5_000]).await;
    assert!(matches!(advisor.next().await, Got::Relayed(_)));
    let page = chef.get("/sessions").await.text();
    assert!(page.contains("<strong>anna</strong>") && page.contains("5.0 kB"), "{page}");
    let session = page.split_once("name=\"session\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert_eq!(chef.get("/sessions?refresh=on").await.header("refresh"), "5");
    let ended = chef.post("/sessions/end", &[("session", &session)]).await;
    assert_eq!(ended.header("location"), "/sessions?done=ended");
    for program in [&mut advisor, &mut customer] {
        assert_eq!(program.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    }
    for over in [session.as_str(), "99", "", "-1", "x"] {
        assert_eq!(chef.post("/sessions/end", &[("session", over)]).await.header("location"), "/sessions?done=over");
    }
    let trail = chef.get("/audit/export?format=csv&action=session_stopped").await;
    assert_eq!(trail.header("content-disposition"), "attachment; filename=\"mitblick-audit.csv\"");
    assert!(trail.text().contains("account:chef,session_stopped,session:"), "{}", trail.text());
    let began = chef.get("/audit/export?format=csv&action=session_began").await.text();
    assert!(began.contains("waited_s="), "{began}");
}

/// The session that the page shows.
async fn shown(admin: &Signed) -> String {
    let page = admin.get("/sessions").await.text();
    page.split_once("name=\"session\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_ends_a_session_that_is_cut() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let (mut advisor, customer, [advisors, customers]) = resuming::session(&rig).await;
    let session = shown(&chef).await;
    drop(customer);
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
    advisor.say(&ToBroker::Resume(advisors)).await;
    // In order after that: the advisor waits for the customer.
    advisor.settle().await;
    for done in ["ended", "over"] {
        let ended = chef.post("/sessions/end", &[("session", &session)]).await;
        assert_eq!(ended.header("location"), format!("/sessions?done={done}"));
    }
    assert_eq!(advisor.hear().await, FromBroker::ResumeFailed);
    let mut customer = resuming::comes_back(&rig, &customers).await;
    assert_eq!(customer.hear().await, FromBroker::ResumeFailed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_ends_a_session_that_was_cut_and_goes_on() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let (mut advisor, customer, [advisors, customers]) = resuming::session(&rig).await;
    let session = shown(&chef).await;
    drop(customer);
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
    advisor.say(&ToBroker::Resume(advisors)).await;
    let mut customer = resuming::comes_back(&rig, &customers).await;
    assert_eq!((advisor.hear().await, customer.hear().await), (FromBroker::Resumed, FromBroker::Resumed));
    let ended = chef.post("/sessions/end", &[("session", &session)]).await;
    assert_eq!(ended.header("location"), "/sessions?done=ended");
    for program in [&mut advisor, &mut customer] {
        assert_eq!(program.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_or_removed_advisors_sessions_and_numbers_end_at_once() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let (mut advisor, mut customer) = rig.target.pair().await;
    let (mut waiting, routing) = rig.target.waiting().await;
    for (name, client) in [("anna", &mut advisor), ("anna.1", &mut waiting)] {
        assert_eq!(chef.post("/users/block", &[("name", name)]).await.status, 303);
        assert_eq!(client.hear().await, FromBroker::SignedOut, "{name}");
        while client.next().await != Got::Nothing {}
    }
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    let mut late = rig.target.connect().await;
    late.say(&ToBroker::Join { routing }).await;
    assert_eq!(late.hear().await, FromBroker::JoinFailed);
    let mut again = rig.target.connect().await;
    again.sign_in("anna", PASSWORD).await;
    assert_eq!(again.hear().await, FromBroker::SignInRefused(SignInRefusal::Blocked));
    // So it is with a removed one.
    let mut removed = rig.target.advisor("berta").await;
    assert_eq!(chef.post("/users/remove", &[("name", "berta")]).await.status, 303);
    assert_eq!(removed.hear().await, FromBroker::SignedOut);
    removed.closed().await;
    // Nor is there a way around by another password.
    let [present, new] = [PASSWORD, "zweite wolke kamel tasse"].map(|text| Password(text.to_owned()));
    again.say(&ToBroker::ChangePassword { name: "anna".to_owned(), present, new }).await;
    assert_eq!(again.hear().await, FromBroker::SignInRefused(SignInRefusal::Blocked));
    let page = try_sign_in(&at(&rig), "anna", PASSWORD).await;
    assert!(page.status == 403 && page.text().contains("Your account is blocked"), "{}", page.text());
}
