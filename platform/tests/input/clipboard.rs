//! What is told of the clipboard's owners, some of whom keep secrets.

use crate::screen::{PATIENCE, Screen, until};
use mitblick_platform::{
    clipboard::{ClipboardWatch, Copied, CopyNumber},
    x11::X11,
};
use std::sync::mpsc::{Receiver, channel};
use x11rb::{
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{
            AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
            SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// A program that has copied something.
struct Owner {
    conn: RustConnection,
    clipboard: u32,
    root: u32,
}

impl Owner {
    fn new(screen: &Screen) -> Self {
        let (conn, _) = RustConnection::connect(Some(&screen.name)).unwrap();
        let clipboard = conn.intern_atom(false, b"CLIPBOARD").unwrap().reply().unwrap().atom;
        let root = screen.root;
        Self { conn, clipboard, root }
    }

    fn copy(&self) {
        let window = self.conn.generate_id().unwrap();
        let aux = CreateWindowAux::new();
        let class = WindowClass::INPUT_ONLY;
        self.conn.create_window(0, window, self.root, -1, -1, 1, 1, 0, class, 0, &aux).unwrap();
        self.conn.set_selection_owner(window, self.clipboard, x11rb::CURRENT_TIME).unwrap();
        self.conn.sync().unwrap();
    }

    /// What somebody asks it for.
    fn asked(&self) -> SelectionRequestEvent {
        until("somebody asks", || match self.conn.poll_for_event().unwrap() {
            Some(Event::SelectionRequest(request)) => Some(request),
            _ => None,
        })
    }

    fn answer(&self, request: SelectionRequestEvent, hint: Option<&[u8]>) {
        if let Some(hint) = hint {
            let (mode, string) = (PropMode::REPLACE, AtomEnum::STRING);
            self.conn.change_property8(mode, request.requestor, request.property, string, hint).unwrap();
        }
        let notify = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if hint.is_some() { request.property } else { x11rb::NONE },
        };
        self.conn.send_event(false, request.requestor, EventMask::NO_EVENT, notify).unwrap();
        self.conn.sync().unwrap();
    }
}

fn watched(screen: &Screen) -> (Box<dyn ClipboardWatch>, Receiver<Copied>) {
    let (sender, told) = channel();
    let watch = X11::new(Some(&screen.name)).unwrap().watch_clipboard(move |copied| {
        let _ = sender.send(copied);
    });
    (watch.unwrap(), told)
}

#[test]
fn what_its_owner_calls_secret_is_told_as_secret_and_all_else_is_not() {
    let screen = Screen::start();
    let (_watch, told) = watched(&screen);
    for (hint, secret) in [(Some(&b"secret"[..]), true), (Some(b"public"), false), (None, false)] {
        let owner = Owner::new(&screen);
        owner.copy();
        owner.answer(owner.asked(), hint);
        let is_secret = matches!(told.recv_timeout(PATIENCE).unwrap(), Copied::Secret(_));
        assert_eq!(is_secret, secret, "{hint:?}");
    }
}

#[test]
fn an_owner_that_says_nothing_may_have_a_secret() {
    let screen = Screen::start();
    let (_watch, told) = watched(&screen);
    let owner = Owner::new(&screen);
    owner.copy();
    owner.asked();
    assert!(matches!(told.recv_timeout(PATIENCE), Ok(Copied::Secret(_))));
}

#[test]
fn a_secret_that_is_copied_while_another_owner_is_asked_stays_one() {
    let screen = Screen::start();
    let (_watch, told) = watched(&screen);
    let (hung, manager) = (Owner::new(&screen), Owner::new(&screen));
    hung.copy();
    let request = hung.asked();
    manager.copy();
    let asked = manager.asked();
    hung.answer(request, Some(b"public"));
    manager.answer(asked, Some(b"secret"));
    let first = told.recv_timeout(PATIENCE);
    assert!(matches!(first, Ok(Copied::Secret(_))), "that of the newest owner is told first");
}

#[test]
fn what_was_copied_is_the_newest_until_something_else_is() {
    let screen = Screen::start();
    let (watch, told) = watched(&screen);
    let (first, second) = (Owner::new(&screen), Owner::new(&screen));
    assert!(watch.is_newest(CopyNumber::NONE), "nothing has been copied since it began");
    first.copy();
    assert!(!watch.is_newest(CopyNumber::NONE));
    first.answer(first.asked(), None);
    let Ok(Copied::Anything(copy)) = told.recv_timeout(PATIENCE) else { panic!("nothing was told") };
    assert!(watch.is_newest(copy));
    second.copy();
    assert!(!watch.is_newest(copy), "even before its owner is asked");
    second.answer(second.asked(), None);
    let Ok(Copied::Anything(newer)) = told.recv_timeout(PATIENCE) else { panic!("nothing was told") };
    assert!(watch.is_newest(newer) && !watch.is_newest(copy));
}
