//! One key through every way it can move, and every way a move can break.

use super::*;
use std::{
    cell::Cell,
    fs,
    sync::{Arc, Mutex, MutexGuard},
};

/// A key store that fails as it is told.
#[derive(Default)]
struct Shelf {
    items: Vec<(Item, [u8; KEY_BYTES])>,
    /// Calls that still work; then none does any more.
    works_for: Option<u32>,
    absent: bool,
    locked: bool,
    refuses: bool,
    asked: u32,
    /// What is put gets in, and the answer is lost.
    loses_answers: bool,
}

#[derive(Clone, Default)]
struct Handle(Arc<Mutex<Shelf>>);

impl Handle {
    fn open(&self) -> Result<Box<dyn KeyStore>, StoreError> {
        if self.0.lock().unwrap().absent {
            return Err(StoreError::Absent("none".into()));
        }
        Ok(Box::new(self.clone()))
    }

    fn call(&self) -> Result<MutexGuard<'_, Shelf>, StoreError> {
        let mut shelf = self.0.lock().unwrap();
        match &mut shelf.works_for {
            Some(0) => return Err(StoreError::Broke("gone".into())),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(shelf)
    }
}

fn is(wanted: &Item, found: &Item) -> bool {
    match wanted.public {
        Some(public) => found.public == Some(public),
        None => found.folder == wanted.folder,
    }
}

impl KeyStore for Handle {
    fn unlock(&mut self, asking: &dyn Fn()) -> Result<(), StoreError> {
        let mut shelf = self.call()?;
        if !shelf.locked {
            return Ok(());
        }
        asking();
        shelf.asked += 1;
        if shelf.refuses {
            return Err(StoreError::Refused);
        }
        shelf.locked = false;
        Ok(())
    }

    fn find(&mut self, item: &Item, _: &dyn Fn()) -> Result<Option<Zeroizing<[u8; KEY_BYTES]>>, StoreError> {
        let shelf = self.call()?;
        Ok(shelf.items.iter().find(|(found, _)| is(item, found)).map(|(_, key)| Zeroizing::new(*key)))
    }

    fn put(&mut self, item: &Item, key: &[u8; KEY_BYTES]) -> Result<(), StoreError> {
        let mut shelf = self.call()?;
        shelf.items.push((item.clone(), *key));
        if shelf.loses_answers { Err(StoreError::Broke("late".into())) } else { Ok(()) }
    }

    fn remove(&mut self, item: &Item) -> Result<(), StoreError> {
        self.call()?.items.retain(|(found, _)| !is(item, found));
        Ok(())
    }

    fn remove_others(&mut self, item: &Item) -> Result<(), StoreError> {
        self.call()?.items.retain(|(found, _)| found.folder != item.folder || found.public == item.public);
        Ok(())
    }
}

/// A program's folder and the key store beside it.
struct Place {
    folder: tempfile::TempDir,
    store: Handle,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), store: Handle::default() }
    }

    fn keep(&self, wanted: KeyWanted) -> Result<([u8; 32], KeyPlace), Problem> {
        let store = self.store.clone();
        keep(self.folder.path(), wanted, &move || store.open(), &|| {}).map(|(key, place)| (public_of(&key), place))
    }

    fn auto(&self) -> ([u8; 32], KeyPlace) {
        self.keep(KeyWanted::Auto).unwrap()
    }

    fn file(&self) -> Option<[u8; 32]> {
        let bytes = fs::read(self.folder.path().join("workplace.key")).ok()?;
        Some(public(&bytes.try_into().unwrap()))
    }

    fn noted(&self) -> bool {
        self.folder.path().join("workplace.key-store").exists()
    }

    fn in_store(&self) -> Vec<[u8; 32]> {
        self.store.0.lock().unwrap().items.iter().map(|(_, key)| public(key)).collect()
    }

    fn in_file(&self, because: FileBecause) -> KeyPlace {
        KeyPlace::File(self.folder.path().join("workplace.key"), because)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.store.0.lock().unwrap()
    }
}

fn public_of(key: &WorkplaceSecret) -> [u8; 32] {
    use mitblick_protocol::{
        text::DisplayText,
        workplace::{ChannelBinding, WorkplaceProof},
    };
    WorkplaceProof::sign(key, DisplayText::default(), ChannelBinding([0; 32])).key.0
}

#[test]
fn a_new_key_goes_into_the_store_and_stays_the_same() {
    let place = Place::new();
    let (key, at) = place.auto();
    assert_eq!((at, place.file(), place.noted()), (KeyPlace::Store, None, true));
    assert_eq!(place.in_store(), [key]);
    assert_eq!(place.auto(), (key, KeyPlace::Store));
}

#[test]
fn a_file_is_moved_into_the_store_once_and_removed() {
    let place = Place::new();
    let (key, at) = place.keep(KeyWanted::File).unwrap();
    assert_eq!((at, place.noted()), (place.in_file(FileBecause::Wanted), false));
    assert_eq!(place.auto(), (key, KeyPlace::Store));
    assert_eq!((place.file(), place.in_store()), (None, vec![key]));
    assert_eq!(place.auto(), (key, KeyPlace::Store));
}

#[test]
fn whoever_wants_the_file_gets_the_same_key_back_and_the_store_is_asked_no_more() {
    let place = Place::new();
    let (key, _) = place.auto();
    assert_eq!(place.keep(KeyWanted::File).unwrap(), (key, place.in_file(FileBecause::Wanted)));
    assert_eq!((place.file(), place.noted(), place.in_store()), (Some(key), false, Vec::new()));
    place.shelf().absent = true;
    assert_eq!(place.keep(KeyWanted::File).unwrap().0, key);
}

#[test]
fn without_a_store_the_key_lies_in_the_file_until_there_is_one() {
    let place = Place::new();
    place.shelf().absent = true;
    let (key, at) = place.auto();
    assert_eq!((at, place.file()), (place.in_file(FileBecause::NoStore), Some(key)));
    place.shelf().absent = false;
    assert_eq!(place.auto(), (key, KeyPlace::Store));
}

#[test]
fn a_store_that_stays_locked_leaves_the_key_in_the_file() {
    let place = Place::new();
    (place.shelf().locked, place.shelf().refuses) = (true, true);
    let (key, at) = place.auto();
    assert_eq!((at, place.file()), (place.in_file(FileBecause::Refused), Some(key)));
    assert_eq!(place.auto().0, key);
    place.shelf().refuses = false;
    assert_eq!(place.auto(), (key, KeyPlace::Store));
    assert_eq!(place.shelf().asked, 3);
}

#[test]
fn the_person_is_asked_only_by_a_locked_store_and_that_is_told() {
    let place = Place::new();
    let told = Cell::new(0);
    let once = || {
        let store = place.store.clone();
        keep(place.folder.path(), KeyWanted::Auto, &move || store.open(), &|| told.set(told.get() + 1)).unwrap();
    };
    once();
    assert_eq!(told.get(), 0);
    place.shelf().locked = true;
    once();
    assert_eq!(told.get(), 1);
}

/// An approval hangs on the key: better none than another one.
#[test]
fn a_key_in_the_store_is_never_replaced_because_the_store_is_out_of_reach() {
    let place = Place::new();
    let (key, _) = place.auto();
    for wanted in [KeyWanted::Auto, KeyWanted::File] {
        place.shelf().absent = true;
        assert!(matches!(place.keep(wanted), Err(Problem::WorkplaceKeyStoreGone(_))));
        place.shelf().absent = false;
        (place.shelf().locked, place.shelf().refuses) = (true, true);
        assert_eq!(place.keep(wanted), Err(Problem::WorkplaceKeyLocked));
        (place.shelf().locked, place.shelf().refuses) = (false, false);
        let items = std::mem::take(&mut place.shelf().items);
        assert!(matches!(place.keep(wanted), Err(Problem::WorkplaceKeyLost(note)) if note.ends_with("key-store")));
        // Somebody else's key in its place is no better.
        place.shelf().items = vec![(items[0].0.clone(), [9; KEY_BYTES])];
        assert!(matches!(place.keep(wanted), Err(Problem::WorkplaceKeyLost(_))));
        place.shelf().items = items;
    }
    assert_eq!((place.auto().0, place.file()), (key, None));
    // The person gives it up.
    place.shelf().items.clear();
    fs::remove_file(place.folder.path().join("workplace.key-store")).unwrap();
    assert_ne!(place.auto().0, key);
}

#[test]
fn a_store_that_goes_away_at_any_step_leaves_one_key() {
    for works_for in 0..8 {
        for had_file in [false, true] {
            for loses_answers in [false, true] {
                let place = Place::new();
                let before = had_file.then(|| place.keep(KeyWanted::File).unwrap().0);
                (place.shelf().works_for, place.shelf().loses_answers) = (Some(works_for), loses_answers);
                let (key, _) = place.auto();
                assert!(before.is_none_or(|before| before == key), "the key of the file is the key");
                assert!(place.in_store().iter().all(|stored| *stored == key), "step {works_for}");
                (place.shelf().works_for, place.shelf().loses_answers) = (None, false);
                assert_eq!(place.auto(), (key, KeyPlace::Store), "step {works_for}");
                assert_eq!((place.file(), place.noted(), place.in_store()[0]), (None, true, key));
            }
        }
    }
}

#[test]
fn a_move_that_ended_half_way_is_finished_by_the_next_start() {
    let place = Place::new();
    let (key, _) = place.keep(KeyWanted::File).unwrap();
    let bytes = fs::read(place.folder.path().join("workplace.key")).unwrap();
    place.auto();
    // The note was written, and the file not yet removed.
    fs::write(place.folder.path().join("workplace.key"), &bytes).unwrap();
    assert_eq!(place.auto(), (key, KeyPlace::Store));
    assert_eq!((place.file(), place.in_store()), (None, vec![key]));
    // The same the other way round.
    fs::write(place.folder.path().join("workplace.key"), &bytes).unwrap();
    assert_eq!(place.keep(KeyWanted::File).unwrap().0, key);
    assert_eq!((place.file(), place.noted()), (Some(key), false));
}

#[test]
fn a_lost_folder_finds_its_key_again_and_a_moved_one_too() {
    let place = Place::new();
    let (key, _) = place.auto();
    fs::remove_file(place.folder.path().join("workplace.key-store")).unwrap();
    assert_eq!(place.auto(), (key, KeyPlace::Store));
    let moved = Place { folder: tempfile::tempdir().unwrap(), store: place.store.clone() };
    fs::copy(place.folder.path().join("workplace.key-store"), moved.folder.path().join("workplace.key-store")).unwrap();
    assert_eq!(moved.auto(), (key, KeyPlace::Store));
    let other = Place { folder: tempfile::tempdir().unwrap(), store: place.store.clone() };
    assert_ne!(other.auto().0, key, "another folder is another workplace");
}

#[test]
fn a_found_key_that_cannot_be_noted_is_the_one_that_the_file_gets() {
    let place = Place::new();
    let (key, _) = place.auto();
    fs::remove_file(place.folder.path().join("workplace.key-store")).unwrap();
    // Unlock and find work; what comes then does not.
    place.shelf().works_for = Some(2);
    assert_eq!(place.auto().0, key);
}

#[test]
fn a_damaged_key_or_note_is_told_and_not_replaced() {
    for (name, bytes) in
        [("workplace.key", &b"short"[..]), ("workplace.key-store", b"what?\n"), ("workplace.key-store", b"")]
    {
        let place = Place::new();
        fs::write(place.folder.path().join(name), bytes).unwrap();
        for wanted in [KeyWanted::Auto, KeyWanted::File] {
            assert!(matches!(place.keep(wanted), Err(Problem::WorkplaceKey(why)) if why.contains(name)));
        }
        assert_eq!(fs::read(place.folder.path().join(name)).unwrap(), bytes);
    }
}

#[test]
fn all_who_come_at_once_get_the_same_key_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a").join("b");
    let store = Handle::default();
    for wanted in [KeyWanted::File, KeyWanted::Auto] {
        let once = || public_of(&keep(&folder, wanted, &|| store.open(), &|| {}).unwrap().0);
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(once)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "the key or its note, and the lock");
    }
    assert_eq!(store.0.lock().unwrap().items.len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }
}
