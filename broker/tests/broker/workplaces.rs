//! Where somebody signs in: approvals, one place at a time, and who is put out.

use crate::harness::{Client, Got, PASSWORD, Rig, account, record};
use mitblick_broker::{
    audit::Action,
    data_dir::DataDir,
    open_store,
    store::{
        Account, Store,
        sqlite::Sqlite,
        workplace::{Decision, Workplace, WorkplaceState},
    },
    workplaces::NewWorkplaces,
};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, PairEnd, Refusal, SignInRefusal, ToBroker},
    text::DisplayText,
};

async fn strict() -> Rig {
    Rig::with(|config| config.new_workplaces = NewWorkplaces::Wait).await
}

async fn store(rig: &Rig) -> Sqlite {
    open_store(&DataDir::open(rig.dir.path()).unwrap()).await.unwrap()
}

async fn at(rig: &Rig, key: u8, workplace: &str, name: &str) -> (Client, FromBroker) {
    let mut client = rig.target.connect().await;
    client.at_workplace(key, workplace).await;
    client.sign_in(name, PASSWORD).await;
    let answer = client.hear().await;
    (client, answer)
}

/// What the command line and the pages do.
async fn decide(rig: &Rig, store: &Sqlite, workplace: &Workplace, approve: bool) {
    let place = rig.dir.path().to_str().unwrap();
    let number = workplace.id.0.to_string();
    let code = format!("{:06}", workplace.code);
    let arguments: Vec<&str> =
        if approve { vec!["approve", &workplace.account_name, &code] } else { vec!["refuse", &number] };
    let arguments: Vec<&str> = ["workplace"].into_iter().chain(arguments).collect();
    let done = tokio::task::block_in_place(|| crate::process::run(&arguments, rig.dir.path(), "", "C"));
    assert!(done.status.success(), "{place}: {done:?}");
    let state = store.workplaces().await.unwrap().into_iter().find(|known| known.id == workplace.id).unwrap().state;
    assert_eq!(state, if approve { WorkplaceState::Approved } else { WorkplaceState::Refused });
}

async fn the_one(store: &Sqlite, account: &str) -> Workplace {
    let all = store.workplaces().await.unwrap();
    let mut of_account = all.into_iter().filter(|workplace| workplace.account_name == account);
    let one = of_account.next().expect("no workplace");
    assert!(of_account.next().is_none(), "more than one");
    one
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_workplace_waits_until_it_is_approved_and_is_then_signed_in_by_itself() {
    let rig = strict().await;
    let store = store(&rig).await;
    let (mut anna, answer) = at(&rig, 1, "empfang", "anna").await;
    let FromBroker::WorkplaceWaits { code, name } = answer else { panic!("{answer:?}") };
    let waiting = the_one(&store, "anna").await;
    assert_eq!((waiting.code, waiting.name.as_str(), name.as_str()), (code, "empfang", "empfang"));
    assert_eq!(waiting.address.as_deref(), Some("127.0.0.1"));
    anna.say(&ToBroker::Enter { take_over: true }).await;
    assert!(matches!(anna.hear().await, FromBroker::WorkplaceWaits { .. }), "asking again helps nobody");
    // A program that is started anew waits for the same decision.
    let (_again, answer) = at(&rig, 1, "empfang", "anna").await;
    assert_eq!(answer, FromBroker::WorkplaceWaits { code, name });

    decide(&rig, &store, &waiting, true).await;
    assert_eq!(anna.hear().await, FromBroker::WorkplaceDecided);
    anna.say(&ToBroker::Enter { take_over: false }).await;
    assert!(matches!(anna.hear().await, FromBroker::SignedIn { .. }));
    anna.open_number().await;
    let approved = the_one(&store, "anna").await;
    assert!(approved.address.is_none() && approved.used_unix_s.is_some());
    assert_eq!(approved.decided_by.as_deref(), Some("command line"));
    // Approved for anna is approved for nobody else.
    let (_berta, answer) = at(&rig, 1, "empfang", "berta").await;
    assert!(matches!(answer, FromBroker::WorkplaceWaits { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_users_first_workplace_needs_nobody_and_the_second_does() {
    let rig = strict().await;
    let store = store(&rig).await;
    let (_anna, answer) = at(&rig, 1, "empfang", "anna").await;
    assert!(matches!(answer, FromBroker::WorkplaceWaits { .. }), "only the main user's");
    let (_maria, answer) = at(&rig, 2, "buero", "maria").await;
    assert!(matches!(answer, FromBroker::SignedIn { .. }), "{answer:?}");
    let (_maria, answer) = at(&rig, 3, "zu hause", "maria").await;
    assert!(matches!(answer, FromBroker::WorkplaceWaits { .. }), "{answer:?}");
    let all = store.workplaces().await.unwrap();
    let first = all.iter().find(|workplace| workplace.name == "buero").unwrap();
    assert_eq!(first.decided_by.as_deref(), Some("broker"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_prove_a_workplace_is_not_signed_in() {
    let rig = strict().await;
    let mut client = rig.target.connect().await;
    client.sign_in("anna", PASSWORD).await;
    assert_eq!(client.hear().await, FromBroker::SignInRefused(SignInRefusal::WorkplaceUnproven));
    // A proof recorded on one connection is worth nothing on another one.
    let (mut one, mut other) = (rig.target.connect().await, rig.target.connect().await);
    let proof = one.proof(1, "empfang");
    other.say(&ToBroker::Workplace(proof.clone())).await;
    assert_eq!(other.hear().await, FromBroker::Refused(Refusal::WrongState));
    other.closed().await;
    one.say(&ToBroker::Workplace(proof.clone())).await;
    one.say(&ToBroker::Workplace(proof)).await;
    assert_eq!(one.hear().await, FromBroker::Refused(Refusal::WrongState), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_written_by_hand_lets_nobody_in() {
    let rig = strict().await;
    let store = store(&rig).await;
    at(&rig, 1, "empfang", "anna").await;
    let waiting = the_one(&store, "anna").await;
    for tag in [None, Some(vec![0; 32]), Some(vec![7; 31])] {
        let decision =
            Decision { state: WorkplaceState::Approved, at_unix_s: 1, by: "account:maria".into(), approval_tag: tag };
        assert!(store.decide_on_workplace(waiting.id, decision, record(Action::WorkplaceApproved)).await.unwrap());
        let (_anna, answer) = at(&rig, 1, "empfang", "anna").await;
        assert_eq!(answer, FromBroker::SignInRefused(SignInRefusal::WorkplaceRefused));
    }
    // Refusals are written behind, in order.
    rig.broker.stop(std::future::ready(())).await;
    let trail = store.audit_entries(0, 1_000).await.unwrap();
    assert_eq!(trail.iter().filter(|entry| entry.outcome == "forged_approval").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_an_approval_back_ends_the_session_and_the_customer_is_told_why() {
    let rig = strict().await;
    let store = store(&rig).await;
    let (mut maria, _) = at(&rig, 2, "buero", "maria").await;
    let routing = maria.open_number().await;
    let mut customer = rig.target.connect().await;
    customer.say(&ToBroker::Join { routing }).await;
    assert_eq!(customer.hear().await, FromBroker::Paired);
    assert_eq!(maria.hear().await, FromBroker::Joined);
    maria.judge(AttemptOutcome::Confirmed).await;

    let workplace = the_one(&store, "maria").await;
    decide(&rig, &store, &workplace, false).await;
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    assert_eq!(maria.hear().await, FromBroker::SignedOut);
    assert_eq!(maria.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    maria.closed().await;
    let (_maria, answer) = at(&rig, 2, "buero", "maria").await;
    assert_eq!(answer, FromBroker::SignInRefused(SignInRefusal::WorkplaceRefused));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_changed_at_the_command_line_is_signed_out() {
    let rig = Rig::start().await;
    let changes: [(&str, &[&str], &str); 3] = [
        ("anna", &["advisor", "remove", "anna"], ""),
        ("berta", &["advisor", "password", "berta"], "gruene wiese unter schnee"),
        ("carla", &["advisor", "role", "carla", "auditor"], ""),
    ];
    let store = store(&rig).await;
    store.add_account(account("carla").await, record(Action::AccountAdded)).await.unwrap();
    for (name, arguments, input) in changes {
        let mut advisor = rig.target.advisor(name).await;
        advisor.open_number().await;
        let done = tokio::task::block_in_place(|| crate::process::run(arguments, rig.dir.path(), input, "C"));
        assert!(done.status.success(), "{done:?}");
        assert_eq!(advisor.hear().await, FromBroker::SignedOut, "{name}");
        while advisor.next().await != Got::Nothing {}
    }
    crate::harness::until("numbers are void", || rig.broker.counts() == (0, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_signed_in_at_one_workplace_and_takes_over_by_word() {
    let rig = Rig::start().await;
    let (mut first, answer) = at(&rig, 1, "empfang", "anna").await;
    assert!(matches!(answer, FromBroker::SignedIn { .. }));
    let routing = first.open_number().await;
    let there = DisplayText::cleaned("empfang");
    let (mut second, answer) = at(&rig, 2, "lager", "anna").await;
    assert_eq!(answer, FromBroker::SignedInElsewhere { workplace: there.clone(), in_session: false });
    let mut customer = rig.target.connect().await;
    customer.say(&ToBroker::Join { routing }).await;
    assert_eq!(customer.hear().await, FromBroker::Paired, "the first goes on");
    second.say(&ToBroker::Enter { take_over: false }).await;
    assert_eq!(second.hear().await, FromBroker::SignedInElsewhere { workplace: there, in_session: true });
    second.say(&ToBroker::OpenNumber).await;
    assert_eq!(second.hear().await, FromBroker::Refused(Refusal::NotSignedIn), "nobody is in before");
    second.closed().await;

    let (mut second, _) = at(&rig, 2, "lager", "anna").await;
    second.say(&ToBroker::Enter { take_over: true }).await;
    assert!(matches!(second.hear().await, FromBroker::SignedIn { .. }));
    assert_eq!(first.hear().await, FromBroker::Joined);
    assert_eq!(first.hear().await, FromBroker::TakenOver { workplace: DisplayText::cleaned("lager") });
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::Withdrawn));
    second.open_number().await;
    let trail = store(&rig).await.audit_entries(0, 1_000).await.unwrap();
    assert_eq!(trail.iter().filter(|entry| entry.action == "sign_in_taken_over").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_comes_back_at_its_own_workplace_asks_nobody() {
    let rig = Rig::start().await;
    let (mut gone, _) = at(&rig, 1, "empfang", "anna").await;
    gone.open_number().await;
    let (mut back, answer) = at(&rig, 1, "empfang", "anna").await;
    assert!(matches!(answer, FromBroker::SignedIn { .. }), "{answer:?}");
    assert!(matches!(gone.hear().await, FromBroker::TakenOver { .. }));
    back.open_number().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_sign_in_at_once_one_is_in() {
    let rig = Rig::start().await;
    // More at once would count as wrong tries before they are judged.
    let coming = (1..=4_u8).map(|key| {
        let target = rig.target.clone();
        tokio::spawn(async move {
            let mut client = target.connect().await;
            client.at_workplace(key, "irgendwo").await;
            client.sign_in("anna", PASSWORD).await;
            let answer = client.hear().await;
            (client, answer)
        })
    });
    let mut answers = Vec::new();
    for one in coming.collect::<Vec<_>>() {
        answers.push(one.await.unwrap());
    }
    let signed_in = answers.iter().filter(|(_, answer)| matches!(answer, FromBroker::SignedIn { .. })).count();
    let elsewhere = answers.iter().filter(|(_, answer)| matches!(answer, FromBroker::SignedInElsewhere { .. })).count();
    assert_eq!((signed_in, elsewhere), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn few_workplaces_of_an_account_wait_and_a_refused_one_can_ask_again() {
    let rig = strict().await;
    let store = store(&rig).await;
    for key in 1..=5 {
        let (_client, answer) = at(&rig, key, "irgendwo", "anna").await;
        assert!(matches!(answer, FromBroker::WorkplaceWaits { .. }), "{key}");
    }
    let (_client, answer) = at(&rig, 6, "irgendwo", "anna").await;
    assert_eq!(answer, FromBroker::SignInRefused(SignInRefusal::TooManyWorkplaces));
    let one = store.workplaces().await.unwrap().into_iter().next().unwrap();
    decide(&rig, &store, &one, false).await;
    assert!(store.forget_workplace(one.id, record(Action::WorkplaceForgotten)).await.unwrap());
    let (_client, answer) = at(&rig, 6, "irgendwo", "anna").await;
    assert!(matches!(answer, FromBroker::WorkplaceWaits { .. }));
    let account: Account = store.account("anna").await.unwrap().unwrap();
    assert!(store.workplace(account.id, &one.key).await.unwrap().is_none());
}
