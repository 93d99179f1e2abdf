//! Shows recordings to a window: opens, seeks and exports on a thread of its
//! own, so that the window never waits for a disk or a decoder.

use super::{
    ExportError, Folder, Kept, Player, RecordingError,
    command::{self, export_failure, failure},
    export,
};
use crate::language::{Language, Texts};
use mitblick_protocol::{
    geometry::Size,
    recording::{RecordingCode, RecordingOwners},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

/// What the window shows of it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// The recordings that there are, newest first; `None` until they are
    /// listed.
    pub list: Option<Arc<Vec<Kept>>>,
    /// The one that is open.
    pub open: Option<OpenView>,
    /// What went wrong last, for the person.
    pub problem: Option<String>,
    /// How far an export is, in thousandths.
    pub exporting: Option<u16>,
    /// Where the last export is.
    pub exported: Option<String>,
}

/// A recording that is open.
#[derive(Clone, Debug)]
pub struct OpenView {
    /// The file.
    pub path: PathBuf,
    /// The company.
    pub organisation: String,
    /// The advisor.
    pub advisor: String,
    /// When it was begun.
    pub begun: String,
    /// Who opens it.
    pub owners: RecordingOwners,
    /// It ends as its maker ended it.
    pub complete: bool,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// Where it stands, in milliseconds.
    pub at_ms: u64,
    /// The picture there; `None` = nothing was shown.
    pub picture: Option<Arc<Still>>,
}

/// A picture: `size.pixels()` of `0x00RRGGBB`, row by row.
#[derive(Debug)]
pub struct Still {
    /// Its size.
    pub size: Size,
    /// Its pixels.
    pub pixels: Vec<u32>,
}

enum Command {
    List,
    Open(PathBuf, String),
    Seek(u64),
    Export(u64, PathBuf),
    Close,
    Quit,
}

/// See the module's documentation. Dropping it breaks off an export, and waits
/// for nothing: who drops it is the window's thread.
pub struct Projector {
    commands: Sender<Command>,
    state: Arc<Mutex<Projection>>,
    /// The number of the export that is wanted; 0 = none.
    wanted: Arc<AtomicU64>,
    exports: AtomicU64,
    quits: Arc<AtomicBool>,
}

impl Projector {
    /// Starts the thread. `repaint` is called when there is something new to
    /// be seen; what goes wrong is said in `language`.
    ///
    /// # Errors
    /// There can be no thread.
    pub fn start(folder: Option<Folder>, language: Language, repaint: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (commands, receiver) = channel();
        let (state, wanted) = (Arc::<Mutex<Projection>>::default(), Arc::<AtomicU64>::default());
        let quits = Arc::<AtomicBool>::default();
        let worker = Worker {
            folder,
            texts: Texts::of(language),
            state: Arc::clone(&state),
            wanted: Arc::clone(&wanted),
            quits: Arc::clone(&quits),
            repaint: Box::new(repaint),
            open: None,
            still: None,
        };
        std::thread::Builder::new().name("projector".to_owned()).spawn(move || worker.run(&receiver))?;
        Ok(Self { commands, state, wanted, exports: AtomicU64::new(0), quits })
    }

    /// What is to be shown.
    pub fn view(&self) -> Projection {
        lock(&self.state).clone()
    }

    /// Looks for recordings.
    pub fn list(&self) {
        self.send(Command::List);
    }

    /// Opens a recording with the code as it was typed.
    pub fn open(&self, path: PathBuf, code: String) {
        self.send(Command::Open(path, code));
    }

    /// Goes to a moment of it.
    pub fn seek(&self, to_ms: u64) {
        self.send(Command::Seek(to_ms));
    }

    /// Makes a video of it.
    pub fn export(&self, to: PathBuf) {
        let number = self.exports.fetch_add(1, Ordering::SeqCst) + 1;
        self.wanted.store(number, Ordering::SeqCst);
        self.send(Command::Export(number, to));
    }

    /// Breaks an export off.
    pub fn give_up(&self) {
        self.wanted.store(0, Ordering::SeqCst);
    }

    /// Closes what is open: nothing of it stays in memory.
    pub fn close(&self) {
        self.give_up();
        self.send(Command::Close);
    }

    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.give_up();
        self.quits.store(true, Ordering::SeqCst);
        self.send(Command::Quit);
    }
}

fn lock(state: &Mutex<Projection>) -> MutexGuard<'_, Projection> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Worker {
    folder: Option<Folder>,
    texts: Texts,
    state: Arc<Mutex<Projection>>,
    wanted: Arc<AtomicU64>,
    quits: Arc<AtomicBool>,
    repaint: Box<dyn Fn() + Send>,
    open: Option<(PathBuf, Player)>,
    /// The picture as it was shown last, and which version it is.
    still: Option<(u64, Option<Arc<Still>>)>,
}

impl Worker {
    fn run(mut self, commands: &Receiver<Command>) {
        let mut next = commands.recv().ok();
        while let Some(command) = next.take() {
            // Whatever waits is for nobody.
            if self.quits.load(Ordering::SeqCst) {
                return;
            }
            match command {
                Command::Quit => return,
                Command::List => self.list(),
                Command::Open(path, code) => self.open(&path, &code),
                Command::Seek(mut to_ms) => {
                    // Of many only the newest counts.
                    while let Ok(newer) = commands.try_recv() {
                        match newer {
                            Command::Seek(newer_ms) => to_ms = newer_ms,
                            other => {
                                next = Some(other);
                                break;
                            }
                        }
                    }
                    self.seek(to_ms);
                }
                Command::Export(number, to) => self.export(number, &to),
                Command::Close => {
                    (self.open, self.still) = (None, None);
                    self.change(|state| (state.open, state.problem, state.exported) = (None, None, None));
                }
            }
            next = next.or_else(|| commands.recv().ok());
        }
    }

    fn change(&self, change: impl FnOnce(&mut Projection)) {
        change(&mut lock(&self.state));
        (self.repaint)();
    }

    fn fail(&self, why: String) {
        self.change(|state| state.problem = Some(why));
    }

    fn list(&mut self) {
        match self.folder.as_ref().map_or_else(|| Ok(Vec::new()), Folder::list) {
            Ok(list) => self.change(|state| state.list = Some(Arc::new(list))),
            Err(error) => {
                self.change(|state| state.list = Some(Arc::default()));
                self.fail(failure(self.texts, &error.into()));
            }
        }
    }

    fn open(&mut self, path: &Path, typed: &str) {
        (self.open, self.still) = (None, None);
        self.change(|state| (state.open, state.problem, state.exported) = (None, None, None));
        let Ok(code) = RecordingCode::parse(typed) else {
            return self.fail(self.texts.t("recording-code-mistyped"));
        };
        match command::open(path, &code, self.folder.as_ref()) {
            Ok(player) => {
                self.open = Some((path.to_owned(), player));
                self.show();
            }
            Err(error) => self.fail(failure(self.texts, &error)),
        }
    }

    fn seek(&mut self, to_ms: u64) {
        let Some((_, player)) = &mut self.open else { return };
        let sought: Result<(), RecordingError> = player.seek(to_ms);
        let problem = sought.err().map(|error| failure(self.texts, &error));
        self.show();
        if lock(&self.state).problem != problem {
            self.change(|state| state.problem = problem);
        }
    }

    /// Tells the window what there is to be seen.
    fn show(&mut self) {
        let Some((path, player)) = &self.open else { return };
        let about = player.about();
        let picture = match &self.still {
            Some((version, still)) if *version == player.version() => still.clone(),
            _ => player.picture().map(|(size, pixels)| Arc::new(Still { size, pixels: pixels.to_vec() })),
        };
        self.still = Some((player.version(), picture.clone()));
        let open = OpenView {
            path: path.clone(),
            organisation: about.organisation.to_string(),
            advisor: about.advisor.to_string(),
            begun: command::when(player.header().begun_unix_ms, about.utc_offset_s),
            owners: player.header().owners,
            complete: player.is_complete(),
            length_ms: player.length_ms(),
            at_ms: player.at_ms(),
            picture,
        };
        self.change(|state| state.open = Some(open));
    }

    fn export(&mut self, number: u64, to: &Path) {
        let Some((_, player)) = &mut self.open else { return };
        let (state, repaint, wanted) = (&self.state, &self.repaint, &self.wanted);
        let at_ms = player.at_ms();
        {
            let mut state = lock(state);
            (state.problem, state.exported, state.exporting) = (None, None, Some(0));
        }
        let exported = export(player, to, |thousandths| {
            if lock(state).exporting.replace(thousandths) != Some(thousandths) {
                repaint();
            }
            wanted.load(Ordering::SeqCst) == number
        });
        let back = player.seek(at_ms).err();
        self.change(|state| state.exporting = None);
        match exported {
            Ok(()) => self.change(|state| state.exported = Some(to.display().to_string())),
            // The person knows.
            Err(ExportError::GivenUp) => {}
            Err(error) => self.fail(export_failure(self.texts, &error)),
        }
        if let Some(error) = back {
            self.fail(failure(self.texts, &error));
        }
    }
}
