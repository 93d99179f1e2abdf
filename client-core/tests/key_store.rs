//! The workplace's key in a real Secret Service: Debian's GNOME Keyring on a
//! bus of the test's own; and in services that misbehave.
#![cfg(target_os = "linux")]

#[path = "support/keyring.rs"]
mod support;

use mitblick_client_core::{
    problem::Problem,
    workplace_key::{FileBecause, KeyKeeper, KeyNews, KeyPlace, KeyWanted},
};
use mitblick_protocol::{
    text::DisplayText,
    workplace::{ChannelBinding, WorkplaceProof, WorkplaceSecret},
};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};
use support::{Bus, PATIENCE, Silence};

/// The public half.
fn public(key: &WorkplaceSecret) -> [u8; 32] {
    WorkplaceProof::sign(key, DisplayText::default(), ChannelBinding([0; 32])).key.0
}

/// Fetches as the program does: what is told on the way, and the end.
fn fetch(folder: &Path, wanted: KeyWanted, address: &str) -> (u32, Result<([u8; 32], KeyPlace), Problem>) {
    let keeper = Arc::new(KeyKeeper::at_bus(folder.to_owned(), wanted, address.to_owned()));
    let (sender, news) = mpsc::channel();
    keeper.fetch(move |news| drop(sender.send(news)));
    let mut asked = 0;
    loop {
        match news.recv_timeout(PATIENCE).expect("the key, or why there is none") {
            KeyNews::Asking => asked += 1,
            KeyNews::Here(key, place) => return (asked, Ok((public(&key), place))),
            KeyNews::Failed(problem) => return (asked, Err(problem)),
        }
    }
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("workplace.key")
}

#[test]
fn a_real_key_store_keeps_the_key_and_the_file_moves_into_it_and_back() {
    let bus = Bus::start();
    let keyring = bus.keyring();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (asked, first) = fetch(folder, KeyWanted::File, bus.address());
    let (key, place) = first.unwrap();
    assert_eq!((asked, place), (0, KeyPlace::File(file(folder), FileBecause::Wanted)));
    assert_eq!(fs::metadata(file(folder)).unwrap().mode() & 0o777, 0o600);
    for _ in 0..2 {
        assert_eq!(fetch(folder, KeyWanted::Auto, bus.address()), (0, Ok((key, KeyPlace::Store))));
        assert!(!file(folder).exists());
    }
    assert_eq!(keyring.items(), 1);
    let kept = keyring.files();
    assert!(!kept.is_empty(), "the keyring keeps files");
    // A restart of the desktop: the same keyring, another process.
    drop(keyring);
    let keyring = bus.keyring();
    assert_eq!(fetch(folder, KeyWanted::Auto, bus.address()), (0, Ok((key, KeyPlace::Store))));
    let back = fetch(folder, KeyWanted::File, bus.address());
    assert_eq!(back, (0, Ok((key, KeyPlace::File(file(folder), FileBecause::Wanted)))));
    assert_eq!(keyring.items(), 0);
    assert_eq!(fs::metadata(file(folder)).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_locked_key_store_that_is_not_unlocked_leaves_the_file_and_never_a_second_key() {
    let bus = Bus::start();
    let keyring = bus.keyring();
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, stored) = fetch(first.path(), KeyWanted::Auto, bus.address());
    let (stored, place) = stored.unwrap();
    assert_eq!(place, KeyPlace::Store);
    keyring.lock();
    // Nobody is there to answer: the keyring takes that as a refusal.
    let (asked, refused) = fetch(first.path(), KeyWanted::Auto, bus.address());
    assert_eq!((asked, refused), (1, Err(Problem::WorkplaceKeyLocked)));
    let (asked, new) = fetch(second.path(), KeyWanted::Auto, bus.address());
    let (new, place) = new.unwrap();
    assert_eq!((asked, place), (1, KeyPlace::File(file(second.path()), FileBecause::Refused)));
    // The person signs in to the desktop anew.
    drop(keyring);
    let keyring = bus.keyring();
    assert_eq!(fetch(first.path(), KeyWanted::Auto, bus.address()), (0, Ok((stored, KeyPlace::Store))));
    assert_eq!(fetch(second.path(), KeyWanted::Auto, bus.address()), (0, Ok((new, KeyPlace::Store))));
    assert_eq!(keyring.items(), 2);
}

#[test]
fn without_a_bus_or_a_service_the_key_lies_in_the_file() {
    let bus = Bus::start();
    let folder = tempfile::tempdir().unwrap();
    let mut keys = Vec::new();
    for address in ["disabled:", "unix:path=/nowhere/bus", "nonsense", "", bus.address()] {
        let (asked, fetched) = fetch(folder.path(), KeyWanted::Auto, address);
        let (key, place) = fetched.unwrap();
        assert_eq!((asked, place), (0, KeyPlace::File(file(folder.path()), FileBecause::NoStore)), "{address}");
        keys.push(key);
    }
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_key_store_that_has_gone_is_told_and_its_key_is_not_replaced() {
    let bus = Bus::start();
    let keyring = bus.keyring();
    let folder = tempfile::tempdir().unwrap();
    let (_, stored) = fetch(folder.path(), KeyWanted::Auto, bus.address());
    drop(keyring);
    for wanted in [KeyWanted::Auto, KeyWanted::File] {
        let (_, gone) = fetch(folder.path(), wanted, bus.address());
        assert!(matches!(gone, Err(Problem::WorkplaceKeyStoreGone(_))), "{gone:?}");
    }
    assert!(!file(folder.path()).exists());
    let _keyring = bus.keyring();
    assert_eq!(fetch(folder.path(), KeyWanted::Auto, bus.address()).1, stored);
}

#[test]
fn a_key_store_that_goes_away_while_it_asks_ends_the_wait() {
    let bus = Bus::start();
    let mut keyring = Some(bus.keyring());
    let folder = tempfile::tempdir().unwrap();
    let (_, stored) = fetch(folder.path(), KeyWanted::Auto, bus.address());
    keyring.as_ref().unwrap().lock();
    // Somebody who shows the question and never answers.
    let prompter = bus.silent_prompter();
    let keeper = KeyKeeper::at_bus(folder.path().to_owned(), KeyWanted::Auto, bus.address().to_owned());
    let (sender, news) = mpsc::channel();
    Arc::new(keeper).fetch(move |news| drop(sender.send(news)));
    assert!(matches!(news.recv_timeout(PATIENCE), Ok(KeyNews::Asking)));
    prompter.await_question();
    assert!(news.try_recv().is_err(), "a person may take their time");
    keyring = None;
    match news.recv_timeout(PATIENCE) {
        Ok(KeyNews::Failed(Problem::WorkplaceKeyStoreGone(_))) => {}
        other => panic!("{other:?}"),
    }
    assert!(keyring.is_none());
    drop(prompter);
    let _keyring = bus.keyring();
    assert_eq!(fetch(folder.path(), KeyWanted::Auto, bus.address()).1, stored);
}

#[test]
fn a_bus_or_a_service_that_never_answers_costs_seconds_and_not_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let silence = Silence::start();
    let (_, first) = fetch(folder.path(), KeyWanted::Auto, silence.address());
    let (key, place) = first.unwrap();
    assert_eq!(place, KeyPlace::File(file(folder.path()), FileBecause::NoStore));
    let bus = Bus::start();
    let _service = bus.mute_service();
    let (_, second) = fetch(folder.path(), KeyWanted::Auto, bus.address());
    assert_eq!(second, Ok((key, KeyPlace::File(file(folder.path()), FileBecause::NoStore))));
    assert!(PATIENCE > Duration::from_secs(30), "both deadlines are over before the test's");
}
