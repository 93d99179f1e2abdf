//! What the broker does when its store fails.

use crate::harness::{Client, Got, PATIENCE, Target, add_accounts, relaxed};
use jiff::civil::Date;
use mitblick_broker::{
    accounts::Role,
    audit::{Cut, Entry, Head, Point, Record, Unfinished},
    data_dir::DataDir,
    images::KeptImage,
    limits::{Locked, Tries},
    open_store,
    ratings::Counted,
    store::{
        Account, Answer, AuditSearch, Change, CodeUse, NewAccount, NewPassword, NewSecondFactor, Start, Store,
        StoreError, TryEnd,
        workplace::{Asked, Decision, NewWorkplace, Workplace, WorkplaceId},
    },
};
use mitblick_protocol::{
    appointment::Booking,
    broker_msg::{AttemptOutcome, FromBroker, PairEnd, Refusal, ResumeTicket, ToBroker},
    number::Routing,
    policy::Policy,
    rating::Rating,
    workplace::WorkplaceKey,
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// A store that can be told to fail.
struct Frail<S> {
    store: S,
    broken: Arc<AtomicBool>,
    /// Only the audit trail fails.
    mute: Arc<AtomicBool>,
}

/// A store over this one, and what makes it fail and work again.
pub(crate) fn frail<S: Store + 'static>(store: S) -> (Arc<dyn Store>, impl Fn(bool)) {
    let broken = Arc::new(AtomicBool::new(false));
    let frail = Frail { store, broken: Arc::clone(&broken), mute: Arc::default() };
    (Arc::new(frail), move |fails| broken.store(fails, Ordering::SeqCst))
}

impl<S: Store> Frail<S> {
    fn try_on<'a, T: Send + 'a>(&'a self, answer: Answer<'a, T>) -> Answer<'a, T> {
        if self.broken.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::OutOfOrder("told to fail".to_owned())) });
        }
        answer
    }
}

impl<S: Store> Store for Frail<S> {
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Account>> {
        self.try_on(self.store.account(name))
    }
    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        self.try_on(self.store.accounts())
    }
    fn add_account(&self, account: NewAccount, record: Record) -> Answer<'_, i64> {
        self.try_on(self.store.add_account(account, record))
    }
    fn remove_account<'a>(&'a self, name: &'a str, record: Record) -> Answer<'a, Change> {
        self.try_on(self.store.remove_account(name, record))
    }
    fn set_password<'a>(
        &'a self,
        name: &'a str,
        instead_of: Option<&'a str>,
        password: NewPassword,
        record: Record,
    ) -> Answer<'a, Change> {
        self.try_on(self.store.set_password(name, instead_of, password, record))
    }
    fn password_hashes<'a>(&'a self, name: &'a str) -> Answer<'a, Vec<Zeroizing<String>>> {
        self.try_on(self.store.password_hashes(name))
    }
    fn count_try<'a>(&'a self, name: &'a str, now_unix_s: i64) -> Answer<'a, Result<Tries, Locked>> {
        self.try_on(self.store.count_try(name, now_unix_s))
    }
    fn end_try<'a>(&'a self, name: &'a str, how: TryEnd) -> Answer<'a, ()> {
        self.try_on(self.store.end_try(name, how))
    }
    fn set_second_factor<'a>(
        &'a self,
        account: i64,
        factor: Option<NewSecondFactor>,
        record: Record,
    ) -> Answer<'a, Change> {
        self.try_on(self.store.set_second_factor(account, factor, record))
    }
    fn set_recovery_codes<'a>(&'a self, account: i64, hashes: Vec<String>, record: Record) -> Answer<'a, Change> {
        self.try_on(self.store.set_recovery_codes(account, hashes, record))
    }
    fn recovery_codes(&self, account: i64) -> Answer<'_, u32> {
        self.try_on(self.store.recovery_codes(account))
    }
    fn use_code_step(&self, account: i64, step: i64) -> Answer<'_, bool> {
        self.try_on(self.store.use_code_step(account, step))
    }
    fn use_recovery_code<'a>(&'a self, account: i64, hash: &'a str) -> Answer<'a, bool> {
        self.try_on(self.store.use_recovery_code(account, hash))
    }
    fn workplace<'a>(&'a self, account: i64, key: &'a WorkplaceKey) -> Answer<'a, Option<Workplace>> {
        self.try_on(self.store.workplace(account, key))
    }
    fn workplaces(&self) -> Answer<'_, Vec<Workplace>> {
        self.try_on(self.store.workplaces())
    }
    fn ask_for_workplace(&self, new: NewWorkplace, record: Record) -> Answer<'_, Asked> {
        self.try_on(self.store.ask_for_workplace(new, record))
    }
    fn decide_on_workplace(&self, id: WorkplaceId, decision: Decision, record: Record) -> Answer<'_, bool> {
        self.try_on(self.store.decide_on_workplace(id, decision, record))
    }
    fn forget_workplace(&self, id: WorkplaceId, record: Record) -> Answer<'_, bool> {
        self.try_on(self.store.forget_workplace(id, record))
    }
    fn workplace_used(&self, id: WorkplaceId, at_unix_s: i64) -> Answer<'_, ()> {
        self.try_on(self.store.workplace_used(id, at_unix_s))
    }
    fn rights_generation(&self) -> Answer<'_, i64> {
        self.try_on(self.store.rights_generation())
    }
    fn unfinished_sessions(&self) -> Answer<'_, Vec<Unfinished>> {
        self.try_on(self.store.unfinished_sessions())
    }
    fn set_role<'a>(&'a self, name: &'a str, role: Role, record: Record) -> Answer<'a, Change> {
        self.try_on(self.store.set_role(name, role, record))
    }
    fn hand_over<'a>(&'a self, name: &'a str, record: Record) -> Answer<'a, Change> {
        self.try_on(self.store.hand_over(name, record))
    }
    fn set_paper_code<'a>(&'a self, hash: &'a str, expires_unix_s: i64, record: Record) -> Answer<'a, ()> {
        self.try_on(self.store.set_paper_code(hash, expires_unix_s, record))
    }
    fn add_main_user<'a>(
        &'a self,
        account: NewAccount,
        code_hash: &'a str,
        now_unix_s: i64,
        record: Record,
    ) -> Answer<'a, CodeUse> {
        self.try_on(self.store.add_main_user(account, code_hash, now_unix_s, record))
    }
    fn record(&self, records: Vec<Record>) -> Answer<'_, Option<Head>> {
        if self.mute.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::OutOfOrder("told to record nothing".to_owned())) });
        }
        self.try_on(self.store.record(records))
    }
    fn audit_entries(&self, seq: u64, most: u32) -> Answer<'_, Vec<Entry>> {
        self.try_on(self.store.audit_entries(seq, most))
    }
    fn audit_cut(&self) -> Answer<'_, Option<Cut>> {
        self.try_on(self.store.audit_cut())
    }
    fn cut_audit(&self, last: Point) -> Answer<'_, Option<Cut>> {
        self.try_on(self.store.cut_audit(last))
    }
    fn audit_search<'a>(&'a self, wanted: &'a AuditSearch, from: Start, most: u32) -> Answer<'a, Vec<Entry>> {
        self.try_on(self.store.audit_search(wanted, from, most))
    }
    fn set_blocked<'a>(&'a self, name: &'a str, blocked: bool, record: Record) -> Answer<'a, Change> {
        self.try_on(self.store.set_blocked(name, blocked, record))
    }
    fn set_profile<'a>(
        &'a self,
        name: &'a str,
        display_name: &'a str,
        language: Option<&'a str>,
        record: Record,
    ) -> Answer<'a, Change> {
        self.try_on(self.store.set_profile(name, display_name, language, record))
    }
    fn portrait(&self, account: i64) -> Answer<'_, Option<KeptImage>> {
        self.try_on(self.store.portrait(account))
    }
    fn set_portrait(&self, account: i64, portrait: Option<KeptImage>, record: Record) -> Answer<'_, Change> {
        self.try_on(self.store.set_portrait(account, portrait, record))
    }
    fn logo(&self) -> Answer<'_, Option<KeptImage>> {
        self.try_on(self.store.logo())
    }
    fn set_logo(&self, logo: Option<KeptImage>, record: Record) -> Answer<'_, Policy> {
        self.try_on(self.store.set_logo(logo, record))
    }
    fn rules(&self) -> Answer<'_, Policy> {
        self.try_on(self.store.rules())
    }
    fn set_rules(&self, policy: Policy, record: Record) -> Answer<'_, Option<Policy>> {
        self.try_on(self.store.set_rules(policy, record))
    }
    fn rated<'a>(&'a self, day: Date, advisor: &'a str, rating: Rating) -> Answer<'a, ()> {
        self.try_on(self.store.rated(day, advisor, rating))
    }
    fn ratings_since(&self, day: Date) -> Answer<'_, Vec<Counted>> {
        self.try_on(self.store.ratings_since(day))
    }
    fn audit_head(&self) -> Answer<'_, Option<Head>> {
        self.try_on(self.store.audit_head())
    }
    fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Answer<'_, ()> {
        self.try_on(self.store.number_opened(routing, at_unix_s))
    }
    fn numbers_opened_since(&self, since_unix_s: i64) -> Answer<'_, Vec<(Routing, i64)>> {
        self.try_on(self.store.numbers_opened_since(since_unix_s))
    }
    fn book(&self, account: i64, booking: Booking, record: Record) -> Answer<'_, ()> {
        self.try_on(self.store.book(account, booking, record))
    }
    fn bookings(&self) -> Answer<'_, Vec<(i64, Booking)>> {
        self.try_on(self.store.bookings())
    }
    fn bookings_over<'a>(&'a self, numbers: &'a [(Routing, i64)]) -> Answer<'a, ()> {
        self.try_on(self.store.bookings_over(numbers))
    }
    fn copy_to<'a>(&'a self, file: &'a Path) -> Answer<'a, ()> {
        self.try_on(self.store.copy_to(file))
    }
    fn backup_made(&self, at_unix_s: i64, record: Record) -> Answer<'_, ()> {
        self.try_on(self.store.backup_made(at_unix_s, record))
    }
    fn last_backup(&self) -> Answer<'_, Option<i64>> {
        self.try_on(self.store.last_backup())
    }
    fn organisation(&self) -> Answer<'_, Option<String>> {
        self.try_on(self.store.organisation())
    }
    fn set_organisation<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        self.try_on(self.store.set_organisation(name))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_store_refuses_what_is_new_and_sessions_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let lock = data.lock().unwrap();
    let store = open_store(&data).await.unwrap();
    add_accounts(&store).await;
    let broken = Arc::new(AtomicBool::new(false));
    let frail = Arc::new(Frail { store, broken: Arc::clone(&broken), mute: Arc::default() });
    let broker = mitblick_broker::serve_with(relaxed(dir.path()), data, lock, frail).await.unwrap();
    let target = Target::parse(broker.connect_string());
    let (mut advisor, mut customer) = target.pair().await;
    let mut berta = target.advisor("berta").await;

    broken.store(true, Ordering::SeqCst);
    berta.say(&ToBroker::OpenNumber).await;
    assert_eq!(berta.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    let mut stranger = target.connect().await;
    stranger.sign_in("anna", crate::harness::PASSWORD).await;
    assert_eq!(stranger.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    advisor.relay(b"untouched").await;
    assert_eq!(customer.next().await, Got::Relayed(b"untouched".to_vec()));

    broken.store(false, Ordering::SeqCst);
    berta.open_number().await;
    timeout(PATIENCE, target.waiting()).await.expect("hangs");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_t_be_recorded_admits_nobody_new_and_is_recorded_later() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let lock = data.lock().unwrap();
    let store = open_store(&data).await.unwrap();
    add_accounts(&store).await;
    let mute = Arc::new(AtomicBool::new(false));
    let frail = Frail { store: store.clone(), broken: Arc::default(), mute: Arc::clone(&mute) };
    let broker = mitblick_broker::serve_with(relaxed(dir.path()), data, lock, Arc::new(frail)).await.unwrap();
    let target = Target::parse(broker.connect_string());
    let (mut advisor, mut customer) = target.pair().await;
    advisor.settle().await;
    let (mut trying, mut tried, _) = target.trying().await;
    let (mut waiting, routing) = target.waiting().await;
    let mut idle = target.advisor("berta").await;

    mute.store(true, Ordering::SeqCst);
    // An attempt does not become a session.
    trying.judge(AttemptOutcome::Confirmed).await;
    assert_eq!(trying.hear().await, FromBroker::PairEnded(PairEnd::BrokerStops));
    assert_eq!(trying.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    assert_eq!(tried.hear().await, FromBroker::PairEnded(PairEnd::BrokerStops));
    // Nobody signs in, opens a number or joins one.
    idle.say(&ToBroker::OpenNumber).await;
    assert_eq!(idle.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    let mut stranger = target.connect().await;
    stranger.sign_in("anna", crate::harness::PASSWORD).await;
    assert_eq!(stranger.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    let mut late = target.connect().await;
    late.say(&ToBroker::Join { routing }).await;
    assert_eq!(late.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    // The session goes on; its end waits to be recorded.
    advisor.relay(b"untouched").await;
    assert_eq!(customer.next().await, Got::Relayed(b"untouched".to_vec()));
    customer.say(&ToBroker::EndPair).await;
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));

    mute.store(false, Ordering::SeqCst);
    idle.open_number().await;
    let mut late = target.connect().await;
    late.say(&ToBroker::Join { routing }).await;
    assert_eq!(late.hear().await, FromBroker::Paired);
    assert_eq!(waiting.hear().await, FromBroker::Joined);
    let entries = store.audit_entries(0, 1_000).await.unwrap();
    let of = |action: &str| -> Vec<&str> {
        entries.iter().filter(|entry| entry.action == action).map(|entry| entry.object.as_str()).collect()
    };
    assert_eq!(of("session_began"), ["session:1", "session:2"]);
    assert_eq!(of("session_ended"), ["session:2", "session:1"]);
}

/// A session that has begun and was cut by its customer, with the end in the
/// trail; the advisor, and both tickets.
async fn cut_session(target: &Target, store: &impl Store) -> (Client, [ResumeTicket; 2]) {
    let (mut advisor, mut customer) = target.pair().await;
    advisor.settle().await;
    advisor.relay(b"m5").await;
    assert_eq!(customer.next().await, Got::Relayed(b"m5".to_vec()));
    let tickets = [&advisor, &customer].map(|side| side.ticket.clone().expect("a ticket"));
    drop(customer);
    assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLost));
    let written = async || {
        let entries = store.audit_entries(0, 1_000).await.unwrap();
        entries.iter().any(|entry| entry.action == "session_ended")
    };
    timeout(PATIENCE, async { while !written().await {} }).await.expect("the end is never written");
    (advisor, tickets)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_signed_in_only_once_that_is_in_the_trail() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let lock = data.lock().unwrap();
    let store = open_store(&data).await.unwrap();
    add_accounts(&store).await;
    let mute = Arc::new(AtomicBool::new(false));
    let frail = Frail { store: store.clone(), broken: Arc::default(), mute: Arc::clone(&mute) };
    let broker = mitblick_broker::serve_with(relaxed(dir.path()), data, lock, Arc::new(frail)).await.unwrap();
    let target = Target::parse(broker.connect_string());
    let (advisor, [advisors, _]) = cut_session(&target, &store).await;
    drop(advisor);

    mute.store(true, Ordering::SeqCst);
    let mut advisor = target.connect().await;
    advisor.say(&ToBroker::Resume(advisors.clone())).await;
    assert_eq!(advisor.hear().await, FromBroker::Refused(Refusal::OutOfOrder));
    advisor.say(&ToBroker::OpenNumber).await;
    assert_eq!(advisor.hear().await, FromBroker::Refused(Refusal::NotSignedIn));

    mute.store(false, Ordering::SeqCst);
    let mut advisor = target.connect().await;
    advisor.say(&ToBroker::Resume(advisors)).await;
    assert!(matches!(advisor.hear().await, FromBroker::SignedIn { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_session_that_goes_on_passes_before_that_is_in_the_trail() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let lock = data.lock().unwrap();
    let store = open_store(&data).await.unwrap();
    add_accounts(&store).await;
    let mute = Arc::new(AtomicBool::new(false));
    let frail = Frail { store: store.clone(), broken: Arc::default(), mute: Arc::clone(&mute) };
    let broker = mitblick_broker::serve_with(relaxed(dir.path()), data, lock, Arc::new(frail)).await.unwrap();
    let target = Target::parse(broker.connect_string());
    let (mut advisor, [advisors, customers]) = cut_session(&target, &store).await;
    advisor.say(&ToBroker::Resume(advisors)).await;
    advisor.settle().await;

    mute.store(true, Ordering::SeqCst);
    let mut customer = target.connect().await;
    customer.say(&ToBroker::Resume(customers)).await;
    customer.relay(b"r2").await;
    assert_eq!(advisor.next().await, Got::Message(FromBroker::Resumed));
    assert_eq!(advisor.next().await, Got::Message(FromBroker::PairEnded(PairEnd::BrokerStops)));
    assert_eq!(customer.hear().await, FromBroker::Resumed);
    assert_eq!(customer.hear().await, FromBroker::PairEnded(PairEnd::BrokerStops));
}
