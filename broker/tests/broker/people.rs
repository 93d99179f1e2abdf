//! Accounts at the command line: the main user, initial passwords, roles.

use crate::{
    harness::{PASSWORD, account, add_main_user as add_main_user_to, record},
    process::{add_anna, add_main_user, run},
};
use mitblick_broker::{
    accounts::PasswordState,
    audit::Action,
    data_dir::DataDir,
    open_store,
    store::{NewAccount, NewPassword, Store},
};
use std::{path::Path, process::Output};

const FIRST: &str = PASSWORD;
const SECOND: &str = "zweite wolke kamel tasse";

/// What stdout holds if it went well.
#[track_caller]
fn good(done: Output) -> String {
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// What stderr holds if it failed.
#[track_caller]
fn bad(done: Output) -> String {
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    String::from_utf8(done.stderr).unwrap()
}

#[track_caller]
fn refused(done: Output, says: &str) {
    let text = bad(done);
    assert!(text.contains(says), "{text}");
}

fn change(data: &Path, name: &str, present: &str, new: &str) -> Output {
    run(&["advisor", "change-password", name], data, &format!("{present}\n{new}\n"), "C")
}

fn list(data: &Path) -> String {
    good(run(&["advisor", "list"], data, "", "C"))
}

#[test]
fn a_paper_code_makes_the_main_user_once_who_stays_until_handed_over() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    for role in ["advisor", "local-admin", "auditor"] {
        let early = run(&["advisor", "add", "anna", "--role", role], data, FIRST, "C");
        refused(early, "mitblick-broker main-user code");
    }
    assert_eq!(list(data), "");
    let code = good(run(&["main-user", "code"], data, "", "C"));
    let create = |name: &str, code: &str, language: &str| {
        run(&["main-user", "create", name], data, &format!("{}\n{SECOND}\n", code.trim()), language)
    };
    refused(create("maria", "aaaa-bbbb", "de_DE"), "Der Code ist falsch");
    good(create("maria", &code.to_uppercase(), "C"));
    refused(create("otto", &code, "C"), "The code is wrong or was used");
    good(run(&["advisor", "add", "anna"], data, FIRST, "C"));
    refused(run(&["main-user", "code"], data, "", "C"), "hand-over");
    refused(run(&["advisor", "remove", "maria"], data, "", "C"), "is the main user");
    refused(run(&["advisor", "role", "maria", "advisor"], data, "", "de_DE"), "ist der Hauptbenutzer");
    assert_eq!(list(data), "anna\tanna\tadvisor\tinitial\nmaria\tmaria\tmain_user\town\n");

    refused(run(&["main-user", "hand-over", "nobody"], data, "", "C"), "There is no account");
    good(run(&["main-user", "hand-over", "anna"], data, "", "C"));
    assert_eq!(list(data), "anna\tanna\tmain_user\tinitial\nmaria\tmaria\tlocal_admin\town\n");
    good(run(&["advisor", "role", "maria", "auditor"], data, "", "C"));
    good(run(&["advisor", "remove", "maria"], data, "", "C"));
}

#[test]
fn an_initial_password_is_listed_until_its_holder_has_exchanged_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    add_main_user(data);
    let anna = |state| format!("anna\tanna\tlocal_admin\t{state}\nmaria\tmaria\tmain_user\town\n");
    good(run(&["advisor", "add", "anna", "--role", "local-admin"], data, FIRST, "C"));
    assert_eq!(list(data), anna("initial"));
    good(change(data, "anna", FIRST, SECOND));
    assert_eq!(list(data), anna("own"));
    // Set by another person it is an initial one again.
    good(run(&["advisor", "password", "anna"], data, "vierte wolke kamel tasse", "C"));
    assert_eq!(list(data), anna("initial"));
    good(change(data, "anna", "vierte wolke kamel tasse", "fuenfte wolke kamel tasse"));
    assert_eq!(list(data), anna("own"));
    refused(change(data, "anna", FIRST, "dritte wolke kamel tasse"), "present password is wrong");
}

#[test]
fn no_password_comes_back_and_every_refusal_names_its_rule() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    add_anna(data);
    refused(change(data, "anna", FIRST, FIRST), "had this password before");
    good(change(data, "anna", FIRST, SECOND));
    refused(change(data, "anna", SECOND, FIRST), "had this password before");
    refused(run(&["advisor", "password", "anna"], data, FIRST, "de_DE"), "hatte das Konto schon");
    refused(change(data, "anna", SECOND, "passwordpassword"), "first that are guessed");
    refused(change(data, "anna", SECOND, "kuchen 4nna mond glas"), "must not contain the name");
    refused(change(data, "anna", SECOND, "kurz"), "at least 15");
    refused(change(data, "anna", SECOND, &"lang ".repeat(30)), "at most 128");
}

#[test]
fn wrong_passwords_are_counted_down_and_then_wait_but_not_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    add_anna(data);
    for left in [4, 3, 2, 1] {
        refused(change(data, "anna", "falsch", SECOND), &format!("before a lock: {left}"));
    }
    refused(change(data, "anna", "falsch", SECOND), "in 1 min");
    refused(change(data, "anna", FIRST, SECOND), "in 1 min");
    // Somebody with rights on the machine ends the lock with a new password.
    good(run(&["advisor", "password", "anna"], data, SECOND, "C"));
    good(change(data, "anna", SECOND, "dritte wolke kamel tasse"));
}

#[tokio::test]
async fn an_expired_initial_password_exchanges_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_store(&DataDir::open(dir.path()).unwrap()).await.unwrap();
    add_main_user_to(&store).await;
    let anna = account("anna").await;
    let password = NewPassword { state: PasswordState::Initial { until_unix_s: 1_700_000_000 }, ..anna.password };
    store.add_account(NewAccount { password, ..anna }, record(Action::AccountAdded)).await.unwrap();
    store.close().await;
    assert!(list(dir.path()).starts_with("anna\tanna Berg\tadvisor\tinitial-expired\n"));
    refused(change(dir.path(), "anna", PASSWORD, SECOND), "has expired");
}
