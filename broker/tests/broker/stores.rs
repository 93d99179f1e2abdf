//! What every store must do.

mod bookings;
mod trail;

use crate::harness::{PATIENCE, account, own, record};
use jiff::civil::date;
use mitblick_broker::{
    accounts::{PasswordState, Role},
    audit::Action,
    data_dir::DataDir,
    images::KeptImage,
    limits::{Locked, Tries},
    open_store,
    ratings::Counted,
    store::{
        Account, Change, CodeUse, NewAccount, NewPassword, NewSecondFactor, Store, StoreError, TryEnd,
        workplace::{Asked, Decision, NewWorkplace, WorkplaceState},
    },
};
use mitblick_protocol::{
    image::ImageHash,
    number::Routing,
    policy::{
        AppointmentRule, ClipboardRule, ControlRule, FileLimits, Limits, Minutes, Policy, RatingRule, RecordingRule,
        TurnRule,
    },
    rating::{Grade, Rating, Solved},
    text::DisplayText,
    transfer::{FileKind, FileKinds},
    workplace::WorkplaceKey,
};
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use tokio::{task::JoinSet, time::timeout};

/// The conformance suite; the store is empty at first.
async fn conforms(store: &dyn Store) {
    begins_with_the_main_user(store).await;
    keeps_accounts(store).await;
    keeps_one_main_user(store).await;
    trail::keeps_the_trail(store).await;
    blocks_and_names(store).await;
    trail::finds_entries(store).await;
    counts_tries_alike_with_and_without_an_account(store).await;
    trail::finds_sessions_without_an_end(store).await;
    keeps_second_factors(store).await;
    keeps_workplaces(store).await;
    keeps_rules(store).await;
    keeps_images(store).await;
    counts_ratings(store).await;
    trail::cuts_the_trail(store).await;
    bookings::keeps_bookings(store).await;

    assert_eq!(store.last_backup().await.unwrap(), None);
    for at in [700, 800] {
        store.backup_made(at, record(Action::BackupMade)).await.unwrap();
        assert_eq!(store.last_backup().await.unwrap(), Some(at));
    }
    let number = |value| Routing::new(value).unwrap();
    for (value, at) in [(9_999, 300), (0, 100), (5, 200), (0, 250)] {
        store.number_opened(number(value), at).await.unwrap();
    }
    let opened = store.numbers_opened_since(250).await.unwrap();
    assert!(opened == [(number(0), 250), (number(9_999), 300)]);
    assert_eq!(store.numbers_opened_since(0).await.unwrap().len(), 2, "older ones are forgotten");

    for name in ["Muster AG", "Müller & Söhne; DROP TABLE account"] {
        store.set_organisation(name).await.unwrap();
        assert_eq!(store.organisation().await.unwrap().as_deref(), Some(name));
    }
}

async fn keeps_second_factors(store: &dyn Store) {
    let id = store.add_account(account("faktor").await, record(Action::AccountAdded)).await.unwrap();
    let sealed = async || store.account("faktor").await.unwrap().unwrap().second_factor;
    assert_eq!(sealed().await, None);
    let hashes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let factor = NewSecondFactor { sealed: vec![1, 2], used_step: 100, recovery_hashes: hashes(&["a", "b"]) };
    let set = |factor| store.set_second_factor(id, factor, record(Action::SecondFactorSet));
    assert_eq!(set(Some(factor.clone())).await.unwrap(), Change::Made);
    assert_eq!(sealed().await, Some(vec![1, 2]));
    for (step, fresh) in [(100, false), (99, false), (101, true), (101, false), (103, true), (102, false)] {
        assert_eq!(store.use_code_step(id, step).await.unwrap(), fresh, "{step}");
    }
    for (hash, left) in [("a", true), ("a", false), ("c", false)] {
        assert_eq!(store.use_recovery_code(id, hash).await.unwrap(), left, "{hash}");
    }
    assert_eq!(store.recovery_codes(id).await.unwrap(), 1);
    let made = store.set_recovery_codes(id, hashes(&["x", "y", "z"]), record(Action::RecoveryCodesMade)).await;
    assert_eq!(made.unwrap(), Change::Made);
    assert_eq!(store.recovery_codes(id).await.unwrap(), 3);
    assert!(!store.use_recovery_code(id, "b").await.unwrap(), "those before are void");
    assert_eq!(set(None).await.unwrap(), Change::Made);
    assert_eq!((sealed().await, store.recovery_codes(id).await.unwrap()), (None, 0));
    let nobody = store.set_second_factor(id + 1_000, Some(factor), record(Action::SecondFactorSet)).await.unwrap();
    assert_eq!(nobody, Change::NoSuchAccount);
    store.remove_account("faktor", record(Action::AccountRemoved)).await.unwrap();
}

async fn keeps_workplaces(store: &dyn Store) {
    let id = store.add_account(account("platz").await, record(Action::AccountAdded)).await.unwrap();
    let before = store.rights_generation().await.unwrap();
    let new = |key: u8| NewWorkplace {
        account: id,
        key: WorkplaceKey([key; 32]),
        name: format!("platz {key}"),
        code: 42_917,
        asked_unix_s: 100,
        address: "192.0.2.1".into(),
    };
    let ask = |key| store.ask_for_workplace(new(key), record(Action::WorkplaceAsked));
    let Asked::Waits(first) = ask(1).await.unwrap() else { panic!("it may not wait") };
    assert_eq!(ask(1).await.unwrap(), Asked::Meanwhile);
    for key in 2..=5 {
        assert!(matches!(ask(key).await.unwrap(), Asked::Waits(_)));
    }
    assert_eq!(ask(6).await.unwrap(), Asked::TooMany);
    let nobody = NewWorkplace { account: id + 1_000, ..new(7) };
    assert_eq!(store.ask_for_workplace(nobody, record(Action::WorkplaceAsked)).await.unwrap(), Asked::Meanwhile);
    let found = async || store.workplace(id, &WorkplaceKey([1; 32])).await.unwrap().unwrap();
    let one = found().await;
    assert_eq!((one.id, one.account_name.as_str(), one.code), (first, "platz", 42_917));
    assert_eq!((one.state, one.address.as_deref()), (WorkplaceState::Waiting, Some("192.0.2.1")));
    assert_eq!(store.rights_generation().await.unwrap(), before, "nobody can do less than before");
    let decision = |state, tag: Option<u8>| Decision {
        state,
        at_unix_s: 200,
        by: "account:maria".into(),
        approval_tag: tag.map(|tag| vec![tag; 32]),
    };
    let decide = |state, tag| store.decide_on_workplace(first, decision(state, tag), record(Action::WorkplaceApproved));
    assert!(decide(WorkplaceState::Approved, Some(3)).await.unwrap());
    let one = found().await;
    assert_eq!((one.state, one.address, one.approval_tag), (WorkplaceState::Approved, None, Some(vec![3; 32])));
    let after = store.rights_generation().await.unwrap();
    assert!(after > before);
    store.workplace_used(first, 300).await.unwrap();
    assert_eq!(found().await.used_unix_s, Some(300));
    assert_eq!(store.rights_generation().await.unwrap(), after);
    assert!(decide(WorkplaceState::Refused, None).await.unwrap());
    assert_eq!(found().await.approval_tag, None);
    let of_account = async || -> Vec<WorkplaceState> {
        let all = store.workplaces().await.unwrap();
        all.iter().filter(|workplace| workplace.account == id).map(|workplace| workplace.state).collect()
    };
    assert_eq!(of_account().await.last(), Some(&WorkplaceState::Refused), "those that wait come first");
    assert!(store.forget_workplace(first, record(Action::WorkplaceForgotten)).await.unwrap());
    assert!(!store.forget_workplace(first, record(Action::WorkplaceForgotten)).await.unwrap());
    assert!(store.workplace(id, &WorkplaceKey([1; 32])).await.unwrap().is_none());
    let before = store.rights_generation().await.unwrap();
    store.remove_account("platz", record(Action::AccountRemoved)).await.unwrap();
    assert!(of_account().await.is_empty() && store.rights_generation().await.unwrap() > before);
}

async fn begins_with_the_main_user(store: &dyn Store) {
    let made = || record(Action::PaperCodeMade);
    let create = |name, code, now_unix_s| async move {
        store.add_main_user(account(name).await, code, now_unix_s, record(Action::AccountAdded)).await
    };
    assert_eq!(store.accounts().await.unwrap(), []);
    for role in [Role::LocalAdmin, Role::Advisor, Role::Auditor] {
        let first = NewAccount { role, ..account("anna").await };
        let first = store.add_account(first, record(Action::AccountAdded)).await;
        assert!(matches!(first, Err(StoreError::NoMainUser)), "{role}");
    }
    let hand_over = store.hand_over("anna", record(Action::MainUserHandedOver)).await;
    assert!(matches!(hand_over, Err(StoreError::NoMainUser)));
    assert_eq!(create("maria", "code", 50).await.unwrap(), CodeUse::Wrong, "there is none");
    store.set_paper_code("void", 100, made()).await.unwrap();
    store.set_paper_code("code", 100, made()).await.unwrap();
    assert_eq!(create("maria", "void", 50).await.unwrap(), CodeUse::Wrong);
    assert_eq!(create("maria", "code", 100).await.unwrap(), CodeUse::Expired);
    assert_eq!(create("maria", "code", 99).await.unwrap(), CodeUse::Accepted);
    assert_eq!(create("maria2", "code", 99).await.unwrap(), CodeUse::Wrong, "it is used up");
    assert!(matches!(store.set_paper_code("more", 100, made()).await, Err(StoreError::MainUserThere)));
    let second = NewAccount { role: Role::MainUser, ..account("second").await };
    let second = store.add_account(second, record(Action::AccountAdded)).await;
    assert!(matches!(second, Err(StoreError::MainUserThere)));
}

/// Comes after [`begins_with_the_main_user`].
async fn keeps_accounts(store: &dyn Store) {
    let added = || record(Action::AccountAdded);
    assert_eq!(store.account("anna").await.unwrap(), None);
    let berta = store.add_account(account("berta").await, added()).await.unwrap();
    let anna = store.add_account(account("anna").await, added()).await.unwrap();
    assert_ne!(anna, berta);
    assert!(matches!(store.add_account(account("anna").await, added()).await, Err(StoreError::NameTaken)));
    let names = |accounts: Vec<Account>| accounts.into_iter().map(|account| account.name).collect::<Vec<_>>();
    assert_eq!(names(store.accounts().await.unwrap()), ["anna", "berta", "maria"]);
    let found = store.account("anna").await.unwrap().unwrap();
    let NewAccount { name, display_name, role, password } = account("anna").await;
    let expected = Account {
        id: anna,
        name,
        display_name,
        role,
        password_hash: password.hash,
        password_state: password.state,
        password_changed_unix_s: password.changed_unix_s,
        tries: Tries::default(),
        blocked: false,
        language: None,
        second_factor: None,
        portrait: None,
    };
    assert_eq!(found, expected);

    let tries = store.count_try("anna", 70).await.unwrap().unwrap();
    assert_eq!(store.account("anna").await.unwrap().unwrap().tries, tries);
    assert_eq!(tries.wrong, 1);
    let state = PasswordState::Initial { until_unix_s: 99 };
    let password = NewPassword { state, changed_unix_s: 5, ..own("second") };
    let set = |name, password| store.set_password(name, None, password, record(Action::PasswordSet));
    assert_eq!(set("anna", password).await.unwrap(), Change::Made);
    let found = store.account("anna").await.unwrap().unwrap();
    assert_eq!((found.password_hash.as_str(), found.password_changed_unix_s), ("second", 5));
    assert_eq!((found.password_state, found.tries), (state, Tries::default()));
    assert_eq!(set("anna", own("third")).await.unwrap(), Change::Made);
    assert_eq!(set("nobody", own("third")).await.unwrap(), Change::NoSuchAccount);
    let late = store.set_password("anna", Some("second"), own("fourth"), record(Action::PasswordChanged));
    assert_eq!(late.await.unwrap(), Change::OtherPassword, "somebody else was faster");
    let hashes = store.password_hashes("anna").await.unwrap();
    let first = account("anna").await.password.hash;
    assert_eq!(hashes.iter().map(|hash| hash.as_str()).collect::<Vec<_>>(), ["third", "second", first.as_str()]);
    assert_eq!(store.password_hashes("nobody").await.unwrap(), []);

    let set = store.set_role("anna", Role::Auditor, record(Action::RoleChanged));
    assert_eq!(set.await.unwrap(), Change::Made);
    assert_eq!(store.account("anna").await.unwrap().unwrap().role, Role::Auditor);

    let remove = |name| store.remove_account(name, record(Action::AccountRemoved));
    assert_eq!(remove("anna").await.unwrap(), Change::Made);
    assert_eq!(remove("anna").await.unwrap(), Change::NoSuchAccount);
    let again = store.add_account(account("anna").await, added()).await.unwrap();
    assert!(again != anna && again != berta, "ids are not used again");
    assert_eq!(store.password_hashes("anna").await.unwrap().len(), 1, "the other's passwords went with it");
}

async fn keeps_rules(store: &dyn Store) {
    let changed = || record(Action::RulesChanged).on_rules("control:allowed>forbidden".to_owned());
    assert_eq!(store.rules().await.unwrap(), Policy::default());
    let files = FileLimits { to_customer: FileKinds::ALL.without(FileKind::Program), to_advisor: FileKinds::NONE };
    let limits = Limits {
        modern_suite: true,
        control: ControlRule::Forbidden,
        longest_session: Minutes::new(90),
        clipboard: ClipboardRule::OneByOne,
        files,
        recording: RecordingRule::Allowed,
        turn: TurnRule::Forbidden,
        rating: RatingRule::NotAsked,
        appointments: AppointmentRule::Forbidden,
    };
    let mut policy = Policy { limits, ..Policy::default() };
    policy.texts.greeting_de = DisplayText::cleaned("Grüße; DROP TABLE rule --");
    let kept = store.set_rules(policy.clone(), changed()).await.unwrap();
    policy.serial = 1;
    assert_eq!(kept, Some(policy.clone()));
    assert_eq!(store.rules().await.unwrap(), policy);
    let head = store.audit_head().await.unwrap();
    let late = store.set_rules(Policy::default(), changed()).await.unwrap();
    assert_eq!(late, None, "somebody else was faster");
    assert_eq!(store.audit_head().await.unwrap(), head, "and what was not done is not in the trail");
    let loosened = Policy { serial: 1, ..Policy::default() };
    let kept = store.set_rules(loosened, changed()).await.unwrap();
    assert_eq!(kept, Some(Policy { serial: 2, ..Policy::default() }));
    assert_eq!(store.rules().await.unwrap(), Policy { serial: 2, ..Policy::default() });
}

async fn counts_ratings(store: &dyn Store) {
    let [first, second] = [date(2026, 3, 9), date(2026, 3, 10)];
    assert_eq!(store.ratings_since(first).await.unwrap(), []);
    let (solved, grade) = (Rating::Solved(Solved::Partly), Rating::Grade(Grade::ALL[4]));
    let given =
        [(first, "anna", solved), (second, "anna", solved), (second, "anna", solved), (second, "a'; --", grade)];
    for (day, advisor, rating) in given {
        store.rated(day, advisor, rating).await.unwrap();
    }
    let counted = |day, advisor: &str, rating, count| Counted { day, advisor: advisor.to_owned(), rating, count };
    let later = [counted(second, "a'; --", grade, 1), counted(second, "anna", solved, 2)];
    assert_eq!(store.ratings_since(second).await.unwrap(), later);
    assert_eq!(store.ratings_since(first).await.unwrap().len(), 3);
    // 92 days after the second one.
    store.rated(date(2026, 6, 10), "anna", solved).await.unwrap();
    let left = store.ratings_since(first).await.unwrap();
    assert_eq!(left.first().map(|left| left.day), Some(second), "older days are forgotten");
}

/// Comes after [`keeps_rules`].
async fn keeps_images(store: &dyn Store) {
    let image = |byte: u8| {
        let bytes = vec![byte; 50_000];
        KeptImage { hash: ImageHash::of(&bytes), bytes }
    };
    let face = store.add_account(account("gesicht").await, record(Action::AccountAdded)).await.unwrap();
    let hash = async || store.account("gesicht").await.unwrap().unwrap().portrait;
    assert_eq!((hash().await, store.portrait(face).await.unwrap()), (None, None));
    let set = |portrait| store.set_portrait(face, portrait, record(Action::PortraitSet));
    for portrait in [Some(image(1)), Some(image(2)), None, Some(image(3))] {
        assert_eq!(set(portrait.clone()).await.unwrap(), Change::Made);
        assert_eq!(hash().await, portrait.as_ref().map(|portrait| portrait.hash));
        assert_eq!(store.portrait(face).await.unwrap(), portrait);
    }
    let listed = store.accounts().await.unwrap();
    let with = listed.iter().filter(|account| account.portrait.is_some()).map(|account| account.name.as_str());
    assert_eq!(with.collect::<Vec<_>>(), ["gesicht"]);
    let head = store.audit_head().await.unwrap();
    let nobody = store.set_portrait(999_999, Some(image(1)), record(Action::PortraitSet)).await.unwrap();
    assert_eq!(nobody, Change::NoSuchAccount);
    assert_eq!(store.audit_head().await.unwrap(), head, "what was not done is not in the trail");
    store.remove_account("gesicht", record(Action::AccountRemoved)).await.unwrap();
    assert_eq!(store.portrait(face).await.unwrap(), None, "it goes with its account");

    let before = store.rules().await.unwrap();
    let set = |logo| store.set_logo(logo, record(Action::RulesChanged));
    for (step, logo) in (1..).zip([Some(image(7)), Some(image(8)), None, Some(image(9))]) {
        let rules = set(logo.clone()).await.unwrap();
        assert_eq!(rules.serial, before.serial + step, "programs hear of it as of other rules");
        assert_eq!(rules.texts.logo, logo.as_ref().map(|logo| logo.hash));
        assert_eq!((store.rules().await.unwrap(), store.logo().await.unwrap()), (rules, logo));
    }
    let rules = store.rules().await.unwrap();
    let other = Policy { serial: rules.serial, ..Policy::default() };
    let kept = store.set_rules(other, record(Action::RulesChanged)).await.unwrap().unwrap();
    assert_eq!(kept.texts.logo, rules.texts.logo, "a form of rules has no logo in it");
    assert_eq!(store.rules().await.unwrap(), kept);
}

/// Every state of the tables that a broker ever left is taken over.
#[tokio::test]
async fn databases_of_earlier_versions_are_taken_over() {
    for version in [1, 2] {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        let mut earlier = sqlx::migrate!();
        earlier.migrations.to_mut().retain(|migration| migration.version <= version);
        let options = SqliteConnectOptions::new().filename(data.file("broker.sqlite")).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        earlier.run(&pool).await.unwrap();
        let old = "INSERT INTO account (name, display_name, password_hash, password_changed_unix_s) \
                   VALUES ('anna', 'Anna', 'x', 1)";
        sqlx::query(old).execute(&pool).await.unwrap();
        pool.close().await;

        let store = open_store(&data).await.unwrap();
        let anna = store.account("anna").await.unwrap().unwrap();
        assert_eq!((anna.role, anna.password_state), (Role::Advisor, PasswordState::Own), "{version}");
        assert_eq!((anna.blocked, anna.language.as_deref(), anna.tries), (false, None, Tries::default()), "{version}");
        store.close().await;
    }
}

/// Comes after [`keeps_accounts`] and [`keeps_one_main_user`].
async fn blocks_and_names(store: &dyn Store) {
    let main_user = store.accounts().await.unwrap().into_iter().find(|account| account.role == Role::MainUser).unwrap();
    let block = |name, blocked| store.set_blocked(name, blocked, record(Action::AccountBlocked));
    assert_eq!(block("nobody", true).await.unwrap(), Change::NoSuchAccount);
    assert_eq!(block(&main_user.name, true).await.unwrap(), Change::IsMainUser);
    store.add_account(account("blockme").await, record(Action::AccountAdded)).await.unwrap();
    for blocked in [true, false, true] {
        assert_eq!(block("blockme", blocked).await.unwrap(), Change::Made);
        assert_eq!(store.account("blockme").await.unwrap().unwrap().blocked, blocked);
    }
    let profile = |name, language| store.set_profile(name, "Ein Näme; --", language, record(Action::ProfileChanged));
    assert_eq!(profile("nobody", None).await.unwrap(), Change::NoSuchAccount);
    for language in [Some("de"), None, Some("en")] {
        assert_eq!(profile("blockme", language).await.unwrap(), Change::Made);
        let found = store.account("blockme").await.unwrap().unwrap();
        assert_eq!((found.display_name.as_str(), found.language.as_deref()), ("Ein Näme; --", language));
    }
    assert!(profile("blockme", Some("fr")).await.is_err(), "no such language");
}

/// Comes after [`keeps_accounts`].
async fn keeps_one_main_user(store: &dyn Store) {
    let remove = |name| store.remove_account(name, record(Action::AccountRemoved));
    let set_role = |name, role| store.set_role(name, role, record(Action::RoleChanged));
    assert_eq!(remove("maria").await.unwrap(), Change::IsMainUser);
    assert_eq!(set_role("maria", Role::Advisor).await.unwrap(), Change::IsMainUser);
    assert!(matches!(set_role("anna", Role::MainUser).await, Err(StoreError::MainUserThere)));
    let hand_over = |name| store.hand_over(name, record(Action::MainUserHandedOver));
    assert_eq!(hand_over("nobody").await.unwrap(), Change::NoSuchAccount);
    assert_eq!(hand_over("maria").await.unwrap(), Change::IsMainUser);
    let blocked = store.set_blocked("anna", true, record(Action::AccountBlocked)).await.unwrap();
    assert_eq!(blocked, Change::Made);
    assert_eq!(hand_over("anna").await.unwrap(), Change::Made);
    let role = async |name| store.account(name).await.unwrap().unwrap().role;
    assert_eq!((role("anna").await, role("maria").await), (Role::MainUser, Role::LocalAdmin));
    let anna = store.account("anna").await.unwrap().unwrap();
    assert!(!anna.blocked, "nobody could take back a block on the main user");
    assert_eq!(remove("maria").await.unwrap(), Change::Made);
}

/// Comes after [`keeps_accounts`].
async fn counts_tries_alike_with_and_without_an_account(store: &dyn Store) {
    for name in ["berta", "nobody"] {
        for wrong in 1..=5 {
            assert_eq!(store.count_try(name, 1_000).await.unwrap().unwrap().wrong, wrong, "{name}");
        }
        assert_eq!(store.count_try(name, 1_001).await.unwrap(), Err(Locked { wait_s: 59 }), "{name}");
        assert_eq!(store.count_try(name, 1_060).await.unwrap().unwrap().wrong, 6, "{name}");
        store.end_try(name, TryEnd::NotJudged).await.unwrap();
        assert_eq!(store.count_try(name, 1_060).await.unwrap().unwrap().wrong, 6, "{name}");
        store.end_try(name, TryEnd::Right).await.unwrap();
        assert_eq!(store.count_try(name, 1_060).await.unwrap().unwrap().wrong, 1, "{name}");
    }
    // Tries at once are all counted.
    let one = || store.count_try("berta", 2_000);
    let (a, b, c, d, e, f) = tokio::join!(one(), one(), one(), one(), one(), one());
    let admitted = [a, b, c, d, e, f].into_iter().filter(|counted| counted.as_ref().unwrap().is_ok()).count();
    assert_eq!(admitted, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_store(&DataDir::open(dir.path()).unwrap()).await.unwrap();
    conforms(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writes_at_once_each_is_there_when_it_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let store = open_store(&data).await.unwrap();
    // Sees only what is committed.
    let other = open_store(&data).await.unwrap();
    let number = |value| Routing::new(value).unwrap();
    let mut writing = JoinSet::new();
    for value in 0..600 {
        let (writer, other) = (store.clone(), other.clone());
        writing.spawn(async move {
            writer.number_opened(number(value), i64::from(value)).await.unwrap();
            let head = writer.record(vec![record(Action::SignIn); 2]).await.unwrap().unwrap();
            assert!(other.audit_head().await.unwrap().unwrap().seq >= head.seq);
            let entries = other.audit_entries(head.seq - 2, 2).await.unwrap();
            assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [head.seq - 1, head.seq]);
            assert_eq!(entries[1].hash, head.hash, "another's head");
            head.seq
        });
        // One who gives up takes nobody along.
        tokio::select! {
            biased;
            _ = store.record(vec![record(Action::SignIn)]) => {}
            () = std::future::ready(()) => {}
        }
    }
    let mut seqs = Vec::new();
    while let Some(seq) = timeout(PATIENCE, writing.join_next()).await.expect("hangs") {
        seqs.push(seq.unwrap());
    }
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs.len(), 600);
    let opened = other.numbers_opened_since(0).await.unwrap();
    let expected: Vec<_> = (0..600).map(|value| (number(value), i64::from(value))).collect();
    assert!(opened == expected);
}
