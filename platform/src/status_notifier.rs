//! The tray of Linux desktops: a StatusNotifierItem of freedesktop.org with a
//! menu by `com.canonical.dbusmenu`, on the session bus.
//!
//! Whoever is on that bus can call here, so every call is one of a stranger:
//! it reads what everybody may see, or chooses what anybody may choose (see
//! [`crate::tray`]). No call makes this thread wait for somebody else, and
//! none leaves anything behind that grows: they are answered one after the
//! other, and the bus waits meanwhile.
//!
//! The item is on the bus for as long as the [`Tray`] lives, whether there is
//! a tray or not: one that comes up later finds it.

mod item;
mod menu;

use crate::tray::{Tray, TrayChoice, TrayError, TrayHandler, TrayLook, TrayNews};
use async_io::{Async, Timer};
use futures_lite::{FutureExt, StreamExt, future};
use item::Item;
use menu::Menu;
use rustix::event::{EventfdFlags, eventfd};
use std::{
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use zbus::{
    Connection, connection,
    fdo::{DBusProxy, RequestNameFlags},
};

/// Who shows items.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// Where the item and its menu are found.
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU_PATH: &str = "/MenuBar";
/// How long the bus, or whoever shows items, may take for an answer.
const STEP: Duration = Duration::from_secs(5);
/// How long leaving may take; the system closes what is left.
const LEAVING: Duration = Duration::from_secs(1);

/// Starts to show this.
pub(crate) fn open(name: &str, look: TrayLook, handler: Box<dyn TrayHandler>) -> Result<Box<dyn Tray>, TrayError> {
    let not_available = |error: std::io::Error| TrayError::NotAvailable(error.to_string());
    let wake =
        eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(|error| not_available(error.into()))?;
    let shared = Arc::new(Shared {
        name: name.to_owned(),
        seen: Mutex::new(Seen { look: Arc::new(look), revision: 1 }),
        handler: Mutex::new(handler),
        ended: AtomicBool::new(false),
        wake: wake.try_clone().map_err(not_available)?,
    });
    let wake = Async::new(wake).map_err(not_available)?;
    let keeper = Keeper { shared: Arc::clone(&shared), wake };
    let thread = std::thread::Builder::new().name("tray".to_owned());
    thread.spawn(move || async_io::block_on(keeper.run())).map_err(not_available)?;
    Ok(Box::new(Sign(shared)))
}

/// What is to be seen, and how often the menu has changed.
#[derive(Clone)]
struct Seen {
    look: Arc<TrayLook>,
    revision: u32,
}

/// Between the program, the thread, and what is called from the bus.
struct Shared {
    name: String,
    seen: Mutex<Seen>,
    handler: Mutex<Box<dyn TrayHandler>>,
    ended: AtomicBool,
    wake: OwnedFd,
}

impl Shared {
    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn wake(&self) {
        // Fails only if it is signalled already, a great many times.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    fn tell(&self, tell: impl FnOnce(&mut dyn TrayHandler)) {
        if !self.ended.load(Ordering::SeqCst) {
            tell(&mut **self.handler.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Somebody on the bus has chosen this.
    fn choose(&self, choice: TrayChoice) {
        if self.seen().look.allows(choice) {
            self.tell(|handler| handler.chosen(choice));
        }
    }

    fn news(&self, news: TrayNews) {
        self.tell(|handler| handler.news(news));
    }
}

struct Sign(Arc<Shared>);

impl Tray for Sign {
    fn show(&mut self, look: TrayLook) {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen.look == look {
            return;
        }
        if seen.look.menu != look.menu {
            seen.revision = seen.revision.wrapping_add(1);
        }
        seen.look = Arc::new(look);
        drop(seen);
        self.0.wake();
    }
}

impl Drop for Sign {
    /// Without waiting for the thread: a bus that hangs must not hold up the
    /// end of a session.
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::SeqCst);
        self.0.wake();
    }
}

/// The thread.
struct Keeper {
    shared: Arc<Shared>,
    wake: Async<OwnedFd>,
}

impl Keeper {
    async fn run(self) {
        let Some(connection) = self.connect().await else { return };
        let executor = connection.executor().clone();
        let answering = async {
            loop {
                executor.tick().await;
                // Whatever floods the bus: the others get their turn.
                future::yield_now().await;
            }
        };
        let working = async {
            let found = async { Some(watch(&connection, &self.shared).await) };
            let ended = async {
                self.follow(&connection).await;
                None
            };
            if let Some(Err(error)) = ended.or(found).await {
                self.shared.news(TrayNews::Broke(error.to_string()));
            }
            let left = async { drop(connection.clone().close().await) };
            left.or(after(LEAVING)).await;
        };
        working.or(answering).await;
    }

    /// Onto the session bus, if there is one before the end.
    async fn connect(&self) -> Option<Connection> {
        let connecting = async {
            let item = Item(Arc::clone(&self.shared));
            let menu = Menu(Arc::clone(&self.shared));
            let builder = connection::Builder::session()?.method_timeout(STEP).internal_executor(false);
            builder.serve_at(ITEM_PATH, item)?.serve_at(MENU_PATH, menu)?.build().await
        };
        let late = async {
            after(STEP).await;
            Err(zbus::Error::Failure("the session bus does not answer".to_owned()))
        };
        let ended = async {
            while !self.woken_to_end().await {}
            None
        };
        let connected = ended.or(async { Some(connecting.or(late).await) }).await?;
        connected.inspect_err(|error| self.shared.news(TrayNews::NotAvailable(error.to_string()))).ok()
    }

    /// Waits to be woken; whether that is the end.
    async fn woken_to_end(&self) -> bool {
        // Without the means to wait there is only the end of the program.
        if self.wake.readable().await.is_err() {
            return future::pending().await;
        }
        let mut count = [0; 8];
        let _ = rustix::io::read(self.wake.get_ref(), &mut count);
        self.shared.ended.load(Ordering::SeqCst)
    }

    /// Tells whoever looks of each change, up to the end.
    async fn follow(&self, connection: &Connection) {
        let mut told = self.shared.seen();
        // What has changed while the connection was made, nobody has read.
        while !self.woken_to_end().await {
            let seen = self.shared.seen();
            let telling = async {
                if let Err(error) = tell(connection, &told, &seen).await {
                    tracing::debug!(%error, "the tray can't be told of a change");
                }
            };
            telling.or(after(STEP)).await;
            told = seen;
        }
    }
}

async fn after(time: Duration) {
    Timer::after(time).await;
}

async fn tell(connection: &Connection, told: &Seen, seen: &Seen) -> zbus::Result<()> {
    let item = zbus::object_server::SignalEmitter::new(connection, ITEM_PATH)?;
    let menu = zbus::object_server::SignalEmitter::new(connection, MENU_PATH)?;
    if told.look.title != seen.look.title {
        Item::new_title(&item).await?;
    }
    if told.look.pictures != seen.look.pictures {
        Item::new_icon(&item).await?;
    }
    if (&told.look.title, &told.look.details) != (&seen.look.title, &seen.look.details) {
        Item::new_tool_tip(&item).await?;
    }
    if told.revision != seen.revision {
        Menu::layout_updated(&menu, seen.revision, 0).await?;
    }
    Ok(())
}

/// What happens next to whoever shows items.
enum Next {
    /// It has answered.
    Answered(zbus::Result<()>),
    /// It has come, gone, or been exchanged.
    Changed(zbus::fdo::NameOwnerChanged),
}

/// Makes the item known to whoever shows items, now and whenever another one
/// comes up. Ends when the bus is gone.
async fn watch(connection: &Connection, shared: &Shared) -> zbus::Result<()> {
    let bus = DBusProxy::new(connection).await?;
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    let own = own_name(connection).await;
    // Asked first: a call would start one that the person has switched off.
    let mut knock = bus.name_has_owner(WATCHER.try_into()?).await?;
    if !knock {
        shared.news(TrayNews::NotAvailable("no tray is on the session bus".to_owned()));
    }
    loop {
        // The changes first, and while the answer is waited for as well: one
        // that never answers is soon forgotten, and holds nothing up.
        let changed = async { changes.next().await.map(Next::Changed) };
        let answered = async {
            if !knock {
                return future::pending().await;
            }
            let call =
                connection.call_method(Some(WATCHER), WATCHER_PATH, Some(WATCHER), "RegisterStatusNotifierItem", &own);
            Some(Next::Answered(call.await.map(drop)))
        };
        match changed.or(answered).await {
            None => return Err(zbus::Error::Failure("the session bus is gone".to_owned())),
            Some(Next::Answered(Ok(()))) => {
                knock = false;
                shared.news(TrayNews::Shown);
            }
            Some(Next::Answered(Err(error))) => {
                knock = false;
                shared.news(TrayNews::NotAvailable(error.to_string()));
            }
            Some(Next::Changed(change)) => {
                knock = change.args()?.new_owner().is_some();
                if !knock {
                    shared.news(TrayNews::NotAvailable("the tray has gone".to_owned()));
                }
            }
        }
    }
}

/// The name that the item goes by: one of the form that the protocol wants, or
/// else what the bus calls this connection.
async fn own_name(connection: &Connection) -> String {
    let number = connection.unique_name().map(|name| name.rsplit('.').next().unwrap_or_default().to_owned());
    let wanted = format!("org.kde.StatusNotifierItem-{}-{}", std::process::id(), number.unwrap_or_default());
    let flags = RequestNameFlags::DoNotQueue.into();
    match connection.request_name_with_flags(wanted.as_str(), flags).await {
        Ok(_) => wanted,
        Err(error) => {
            tracing::debug!(%error, "the tray's usual name can't be had");
            connection.unique_name().map(ToString::to_string).unwrap_or_default()
        }
    }
}
