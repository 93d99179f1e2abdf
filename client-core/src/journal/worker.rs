//! Keeps the list, and that of appointments, in their files, on a thread of its
//! own. What was wanted before the program ends is done.

use super::{Change, Journal, table};
use crate::{
    appointments::{AppointmentChange, Appointments},
    language::{Language, Texts},
    own_file::OwnFile,
    problem::Problem,
    runtime::unix_s,
};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

/// Whose list: this account's at this broker. Several people may use one
/// account of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The broker's pin.
    pub pin: [u8; 32],
    /// Name of the account.
    pub user: String,
}

impl Owner {
    /// A name for a file that tells nobody the account's.
    fn file(&self, what: &str) -> String {
        let hash = Sha256::new().chain_update(self.pin).chain_update(self.user.to_lowercase()).finalize();
        hash.iter().take(8).fold(format!("{what}-"), |mut name, byte| {
            // Writing to a text can't fail.
            let _ = write!(name, "{byte:02x}");
            name
        }) + ".json"
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalWork {
    /// Change this one's list and tell it.
    Change(Owner, Change),
    /// Write this one's list into a file that is not there yet.
    Export(Owner, PathBuf, Language),
    /// Change this one's appointments and tell them.
    Appointments(Owner, AppointmentChange),
}

/// What has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalEvent {
    /// This one's list.
    Is(Owner, Arc<Journal>),
    /// It is in this file.
    Exported(PathBuf),
    /// It could not be done.
    Failed(Problem),
    /// This one's appointments.
    Appointments {
        /// Whose.
        owner: Owner,
        /// What was changed.
        change: AppointmentChange,
        /// All of them.
        list: Arc<Appointments>,
        /// The time of day at which they were read, in seconds since 1970.
        unix_s: u64,
    },
    /// A change of them could not be made.
    AppointmentsFailed {
        /// Whose.
        owner: Owner,
        /// Which.
        change: AppointmentChange,
        /// Why.
        problem: Problem,
    },
}

/// The thread.
pub struct JournalWorker {
    work: Option<Sender<JournalWork>>,
    thread: Option<JoinHandle<()>>,
}

impl JournalWorker {
    /// Starts it; lists lie in `folder`.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(folder: Option<PathBuf>, report: impl FnMut(JournalEvent) + Send + 'static) -> io::Result<Self> {
        let (work, wanted) = channel();
        let run = move || serve(folder.as_deref(), &wanted, report);
        let thread = std::thread::Builder::new().name("sessions".into()).spawn(run)?;
        Ok(Self { work: Some(work), thread: Some(thread) })
    }

    /// Does it soon.
    pub fn send(&self, work: JournalWork) {
        if let Some(line) = &self.work {
            // A thread that is gone has told why in the log.
            let _ = line.send(work);
        }
    }
}

impl Drop for JournalWorker {
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The folder of lists below the one in which the program keeps what is its
/// own; without one, the person's own.
pub fn folder(data: Option<&Path>) -> Option<PathBuf> {
    let own = || crate::workplace_key::data_folder().map(|data| data.join("mitblick"));
    data.map(Path::to_owned).or_else(own).map(|data| data.join("sessions"))
}

fn serve(folder: Option<&Path>, wanted: &Receiver<JournalWork>, mut report: impl FnMut(JournalEvent)) {
    while let Ok(work) = wanted.recv() {
        report(perform(folder, work, unix_s()));
    }
}

fn perform(folder: Option<&Path>, work: JournalWork, now_unix_s: u64) -> JournalEvent {
    let change = |owner: &Owner, change: Change| {
        let Some(folder) = folder else { return Err(Problem::SessionsUnusable("HOME".into())) };
        let file = OwnFile::<Journal>::new(folder.join(owner.file("sessions")));
        let changed = file.change(|journal| journal.apply(change, now_unix_s));
        changed.map_err(|error| Problem::SessionsUnusable(error.to_string()))
    };
    let done = match work {
        JournalWork::Change(owner, wanted) => {
            change(&owner, wanted).map(|journal| JournalEvent::Is(owner, Arc::new(journal)))
        }
        JournalWork::Export(owner, path, language) => change(&owner, Change::Age).and_then(|journal| {
            export(&journal, &path, language)
                .map(|()| JournalEvent::Exported(path.clone()))
                .map_err(|error| Problem::SessionsNotExported(format!("{}: {error}", path.display())))
        }),
        JournalWork::Appointments(owner, wanted) => {
            return match change_appointments(folder, &owner, wanted.clone(), now_unix_s) {
                Ok(list) => JournalEvent::Appointments { owner, change: wanted, list, unix_s: now_unix_s },
                Err(why) => {
                    let problem = Problem::AppointmentsUnusable(why);
                    JournalEvent::AppointmentsFailed { owner, change: wanted, problem }
                }
            };
        }
    };
    done.unwrap_or_else(JournalEvent::Failed)
}

fn change_appointments(
    folder: Option<&Path>,
    owner: &Owner,
    change: AppointmentChange,
    unix_s: u64,
) -> Result<Arc<Appointments>, String> {
    let folder = folder.ok_or("HOME")?;
    let file = OwnFile::<Appointments>::new(folder.join(owner.file("appointments")));
    let list = file.change(|list| list.apply(change, unix_s)).map_err(|error| error.to_string())?;
    Ok(Arc::new(list))
}

/// What is there is never overwritten; the new file is for its owner alone, and
/// has its name only when it is whole.
fn export(journal: &Journal, path: &Path, language: Language) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".sessions.").tempfile_in(folder)?;
    let text = table::csv(journal, Texts::of(language), &jiff::tz::TimeZone::system())?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{NoteId, tests::note};
    use std::fs;

    fn owner(user: &str) -> Owner {
        Owner { pin: [7; 32], user: user.into() }
    }

    fn add(folder: &Path, user: &str, id: u64) -> JournalEvent {
        perform(Some(folder), JournalWork::Change(owner(user), Change::Add(note(id, 100, "x"))), 100)
    }

    #[test]
    fn everybody_has_a_list_of_their_own_and_no_file_tells_whose() {
        let folder = tempfile::tempdir().unwrap();
        for (user, id) in [("anna", 1), ("berta", 2), ("Anna", 3)] {
            assert!(matches!(add(folder.path(), user, id), JournalEvent::Is(..)));
        }
        let age = JournalWork::Change(owner("anna"), Change::Age);
        let JournalEvent::Is(_, journal) = perform(Some(folder.path()), age, 100) else { panic!("no list") };
        assert!(journal.note(NoteId(1)).is_some() && journal.note(NoteId(2)).is_none());
        assert!(journal.note(NoteId(3)).is_some(), "as the broker sees names");
        for name in fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()) {
            assert!(!name.to_string_lossy().contains("anna"), "{name:?}");
        }
    }

    #[test]
    fn an_export_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), "anna", 1);
        let path = folder.path().join("list.csv");
        let export = || JournalWork::Export(owner("anna"), path.clone(), Language::German);
        assert_eq!(perform(Some(folder.path()), export(), 100), JournalEvent::Exported(path.clone()));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"x\""), "{text}");
        let again = perform(Some(folder.path()), export(), 100);
        assert!(matches!(again, JournalEvent::Failed(Problem::SessionsNotExported(_))), "{again:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn what_was_wanted_is_done_before_the_program_ends() {
        let folder = tempfile::tempdir().unwrap();
        let worker = JournalWorker::start(Some(folder.path().into()), |_| {}).unwrap();
        for id in 0..5 {
            worker.send(JournalWork::Change(owner("anna"), Change::Add(note(id, unix_s(), ""))));
        }
        drop(worker);
        let age = JournalWork::Change(owner("anna"), Change::Age);
        let JournalEvent::Is(_, journal) = perform(Some(folder.path()), age, unix_s()) else { panic!("no list") };
        assert_eq!(journal.notes().len(), 5);
    }
}
