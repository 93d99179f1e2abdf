//! What every store must do, and what the broker does when one does not.

use crate::harness::{Got, PATIENCE, Target, account, add_accounts, relaxed};
use mitblick_broker::{
    data_dir::DataDir,
    open_store,
    store::{Account, Answer, NewAccount, Store, StoreError},
};
use mitblick_protocol::{
    broker_msg::{FromBroker, Refusal, ToBroker},
    number::Routing,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::time::timeout;

/// The conformance suite; the store is empty at first.
async fn conforms(store: &dyn Store) {
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(store.account("anna").await.unwrap(), None);
    let berta = store.add_account(account("berta").await).await.unwrap();
    let anna = store.add_account(account("anna").await).await.unwrap();
    assert_ne!(anna, berta);
    assert!(matches!(store.add_account(account("anna").await).await, Err(StoreError::NameTaken)));
    let names = |accounts: Vec<Account>| accounts.into_iter().map(|account| account.name).collect::<Vec<_>>();
    assert_eq!(names(store.accounts().await.unwrap()), ["anna", "berta"]);
    let found = store.account("anna").await.unwrap().unwrap();
    let NewAccount { name, display_name, password_hash, password_changed_unix_s } = account("anna").await;
    assert_eq!(found, Account { id: anna, name, display_name, password_hash, password_changed_unix_s });

    assert!(store.set_password("anna", "hash", 5).await.unwrap());
    assert!(!store.set_password("nobody", "hash", 5).await.unwrap());
    let found = store.account("anna").await.unwrap().unwrap();
    assert_eq!((found.password_hash.as_str(), found.password_changed_unix_s), ("hash", 5));

    assert!(store.remove_account("anna").await.unwrap());
    assert!(!store.remove_account("anna").await.unwrap());
    let again = store.add_account(account("anna").await).await.unwrap();
    assert!(again != anna && again != berta, "ids are not used again");

    let number = |value| Routing::new(value).unwrap();
    for (value, at) in [(9_999, 300), (0, 100), (5, 200), (0, 250)] {
        store.number_opened(number(value), at).await.unwrap();
    }
    let opened = store.numbers_opened_since(250).await.unwrap();
    assert!(opened == [(number(0), 250), (number(9_999), 300)]);
    assert_eq!(store.numbers_opened_since(0).await.unwrap().len(), 2, "older ones are forgotten");

    assert_eq!(store.organisation().await.unwrap(), None);
    for name in ["Muster AG", "Müller & Söhne; DROP TABLE account"] {
        store.set_organisation(name).await.unwrap();
        assert_eq!(store.organisation().await.unwrap().as_deref(), Some(name));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_store(&DataDir::open(dir.path()).unwrap()).await.unwrap();
    conforms(&store).await;
}

/// A store that can be told to fail.
struct Frail<S> {
    store: S,
    broken: Arc<AtomicBool>,
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
    fn add_account(&self, account: NewAccount) -> Answer<'_, i64> {
        self.try_on(self.store.add_account(account))
    }
    fn remove_account<'a>(&'a self, name: &'a str) -> Answer<'a, bool> {
        self.try_on(self.store.remove_account(name))
    }
    fn set_password<'a>(&'a self, name: &'a str, hash: &'a str, changed_unix_s: i64) -> Answer<'a, bool> {
        self.try_on(self.store.set_password(name, hash, changed_unix_s))
    }
    fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Answer<'_, ()> {
        self.try_on(self.store.number_opened(routing, at_unix_s))
    }
    fn numbers_opened_since(&self, since_unix_s: i64) -> Answer<'_, Vec<(Routing, i64)>> {
        self.try_on(self.store.numbers_opened_since(since_unix_s))
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
    let frail = Arc::new(Frail { store, broken: Arc::clone(&broken) });
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
