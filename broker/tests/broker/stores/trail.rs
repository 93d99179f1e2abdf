//! What every store keeps of the audit trail.

use crate::harness::record;
use mitblick_broker::{
    audit::{Action, Actor, BEGINNING, Entry, Point, Record, Unfinished},
    store::{AuditSearch, Start, Store},
};

/// Comes after [`super::blocks_and_names`], whose entries it looks for.
pub(super) async fn finds_entries(store: &dyn Store) {
    let seqs = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.seq).collect::<Vec<_>>();
    let all = seqs(store.audit_search(&AuditSearch::default(), Start::After(0), 1_000).await.unwrap());
    assert_eq!(all, seqs(store.audit_entries(0, 1_000).await.unwrap()));
    let last = *all.last().unwrap();
    let latest = store.audit_search(&AuditSearch::default(), Start::Before(u64::MAX), 2).await.unwrap();
    assert_eq!(seqs(latest), [last, last - 1]);
    let blocked = AuditSearch { action: Some("account_blocked".to_owned()), ..AuditSearch::default() };
    let found = store.audit_search(&blocked, Start::After(0), 1_000).await.unwrap();
    assert!(found.len() == 4 && found.iter().all(|entry| entry.action == "account_blocked"));
    let next = store.audit_search(&blocked, Start::Before(found[2].seq), 1).await.unwrap();
    assert_eq!(next, found[1..2]);
    for (search, count) in [
        (AuditSearch { name: Some("nobody-of-this-name".to_owned()), ..AuditSearch::default() }, 0),
        (AuditSearch { name: Some("%".to_owned()), ..AuditSearch::default() }, 0),
        (AuditSearch { outcome: Some("wrong_role".to_owned()), ..AuditSearch::default() }, 0),
        (AuditSearch { until_unix_s: Some(0), ..AuditSearch::default() }, 0),
        (AuditSearch { since_unix_s: Some(i64::MAX), ..AuditSearch::default() }, 0),
        (AuditSearch { since_unix_s: Some(0), until_unix_s: Some(i64::MAX), ..AuditSearch::default() }, all.len()),
    ] {
        assert_eq!(store.audit_search(&search, Start::After(0), 1_000).await.unwrap().len(), count, "{search:?}");
    }
}

/// Comes after [`super::keeps_one_main_user`].
pub(super) async fn keeps_the_trail(store: &dyn Store) {
    let actions = async || {
        let entries = store.audit_entries(0, 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.action).collect::<Vec<_>>()
    };
    // What was refused above left no trace; all else did, in its order.
    let before = actions().await;
    #[rustfmt::skip]
    assert_eq!(before, [
        "paper_code_made", "paper_code_made", "account_added",
        "account_added", "account_added", "password_set", "password_set", "role_changed",
        "account_removed", "account_added", "account_blocked", "main_user_handed_over", "account_removed",
    ]);
    let there = u64::try_from(before.len()).unwrap();
    let records = vec![record(Action::BrokerStarted), record(Action::BrokerStopped).count("drained", 2)];
    let head = store.record(records).await.unwrap().unwrap();
    assert_eq!(head.seq, there + 2);
    assert_eq!(store.audit_head().await.unwrap(), Some(head));
    assert_eq!(store.record(Vec::new()).await.unwrap(), Some(head));
    let page = store.audit_entries(there, 1).await.unwrap();
    assert_eq!(page.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [there + 1]);
    let last = store.audit_entries(there + 1, 5).await.unwrap();
    assert_eq!((last.len(), last[0].hash, last[0].counts.as_str()), (1, head.hash, "drained=2"));

    let (one, two) = tokio::join!(
        async {
            for _ in 0..20 {
                store.record(vec![record(Action::SignIn)]).await.unwrap();
            }
        },
        async {
            for _ in 0..20 {
                store.set_organisation("Muster AG").await.unwrap();
                store.record(vec![record(Action::SignIn); 3]).await.unwrap();
            }
        }
    );
    let ((), ()) = (one, two);
    let mut last = BEGINNING;
    let entries = store.audit_entries(0, 1_000).await.unwrap();
    for (index, entry) in entries.iter().enumerate() {
        assert_eq!(entry.seq, u64::try_from(index).unwrap() + 1);
        assert_eq!(entry.hash_after(&last), entry.hash, "entry {}", entry.seq);
        last = entry.hash;
    }
    assert_eq!(entries.len(), before.len() + 2 + 80);
}

pub(super) async fn finds_sessions_without_an_end(store: &dyn Store) {
    let of = |action, session| Record::new(&Actor::Account("anna".to_owned()), action).on_session(session);
    let (began, ended) = (Action::SessionBegan, Action::SessionEnded);
    // What was left by a run before the last start was ended by that start.
    let earlier = vec![of(began, 1), record(Action::BrokerStarted)];
    let later = vec![of(began, 1), of(began, 2), of(ended, 1), of(began, 3)];
    store.record([earlier, later].concat()).await.unwrap();
    let open = |session| Unfinished { actor: "account:anna".to_owned(), object: format!("session:{session}") };
    assert_eq!(store.unfinished_sessions().await.unwrap(), [open(2), open(3)]);
    store.record(vec![Record::ended_with_broker(open(2))]).await.unwrap();
    assert_eq!(store.unfinished_sessions().await.unwrap(), [open(3)]);
    store.record(vec![record(Action::BrokerStarted)]).await.unwrap();
    assert_eq!(store.unfinished_sessions().await.unwrap(), []);
}

/// Comes after [`finds_sessions_without_an_end`].
pub(super) async fn cuts_the_trail(store: &dyn Store) {
    let of = |action, session| Record::new(&Actor::Account("berta".to_owned()), action).on_session(session);
    store.record(vec![record(Action::BrokerStarted), of(Action::SessionBegan, 1)]).await.unwrap();
    let before = store.audit_entries(0, 1_000).await.unwrap();
    let start = before.iter().rposition(|entry| entry.action == "broker_started").unwrap();
    let point = |index: usize| Point { seq: before[index].seq, hash: before[index].hash };
    assert_eq!(store.audit_cut().await.unwrap(), None);
    // Not what this run needs, not what is not there, not another entry.
    let other = Point { hash: [9; 32], ..point(3) };
    let beyond = Point { seq: 10_000, ..point(3) };
    for refused in [point(start), point(start + 1), other, beyond, Point { seq: 0, hash: BEGINNING }] {
        assert_eq!(store.cut_audit(refused).await.unwrap(), None, "{refused:?}");
    }
    assert_eq!(store.audit_entries(0, 1_000).await.unwrap(), before, "and nothing is removed or recorded");

    let unfinished = store.unfinished_sessions().await.unwrap();
    for (index, counts) in
        [(2, "entries=3 up_to_entry=3".to_owned()), (start - 1, format!("entries={} up_to_entry={start}", start - 3))]
    {
        let cut = store.cut_audit(point(index)).await.unwrap().unwrap();
        assert_eq!(cut.last, point(index));
        assert_eq!(store.audit_cut().await.unwrap(), Some(cut));
        assert_eq!(store.cut_audit(point(index)).await.unwrap(), None, "it is done");
        let left = store.audit_entries(0, 1_000).await.unwrap();
        let there = left.iter().take(before.len() - index - 1);
        assert!(there.eq(&before[index + 1..]), "what is left is as it was");
        let last = left.last().unwrap();
        assert_eq!((last.action.as_str(), last.counts.as_str()), ("audit_cut", counts.as_str()));
        let head = store.audit_head().await.unwrap().unwrap();
        assert_eq!((head.seq, head.hash), (last.seq, last.hash), "one goes on with the chain");
    }
    assert_eq!(store.unfinished_sessions().await.unwrap(), unfinished);
    let open = Unfinished { actor: "account:berta".to_owned(), object: "session:1".to_owned() };
    assert_eq!(unfinished, [open]);
    let all = AuditSearch::default();
    let first = store.audit_search(&all, Start::After(0), 1).await.unwrap();
    assert_eq!(first, before[start..=start]);
}
