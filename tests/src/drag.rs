//! Files dragged out of another program and dropped onto a window: what a file
//! manager does, by version 5 of the XDND protocol
//! (<https://www.freedesktop.org/wiki/Specifications/XDND/>).

use crate::{
    screen::{Link, SeenWindow},
    wait,
};
use std::{fmt::Write as _, os::unix::ffi::OsStrExt, path::PathBuf};
use x11rb::{
    CURRENT_TIME,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
            SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
        },
    },
    wrapper::ConnectionExt as _,
};

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        XdndActionCopy,
        XdndAware,
        XdndDrop,
        XdndEnter,
        XdndFinished,
        XdndLeave,
        XdndPosition,
        XdndSelection,
        XdndStatus,
        UriList: b"text/uri-list",
    }
}

const VERSION: u32 = 5;

/// Files in somebody's hand.
pub struct Drag {
    link: Link,
    source: Window,
    atoms: Atoms,
    list: String,
}

impl Drag {
    /// Takes these files into the hand.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn begin(display: &str, files: &[PathBuf]) -> Self {
        let link = Link::open(display);
        let connection = &link.connection;
        let source = connection.generate_id().expect("an id");
        let none = CreateWindowAux::new();
        connection
            .create_window(
                0,
                source,
                link.root,
                -1,
                -1,
                1,
                1,
                0,
                WindowClass::INPUT_ONLY,
                x11rb::COPY_FROM_PARENT,
                &none,
            )
            .expect("a window");
        let atoms = Atoms::new(connection).expect("a request").reply().expect("names");
        connection.set_selection_owner(source, atoms.XdndSelection, CURRENT_TIME).expect("a request");
        let list = files.iter().map(|file| format!("{}\r\n", uri(file))).collect();
        Self { link, source, atoms, list }
    }

    /// Moves them over the middle of a window; whether it would take them.
    ///
    /// # Panics
    /// If the window does not take part, or does not answer.
    #[track_caller]
    pub fn over(&self, target: SeenWindow) -> bool {
        let connection = &self.link.connection;
        let aware = connection.get_property(false, target.id, self.atoms.XdndAware, AtomEnum::ATOM, 0, 1);
        let version = aware.expect("a request").reply().expect("an answer").value32().and_then(|mut all| all.next());
        assert!(version.is_some_and(|version| version >= VERSION), "takes part in drag and drop: {version:?}");
        self.tell(target, self.atoms.XdndEnter, [VERSION << 24, self.atoms.UriList, 0, 0]);
        let (x, y) = (target.rect.x + target.rect.width as i32 / 2, target.rect.y + target.rect.height as i32 / 2);
        self.tell(
            target,
            self.atoms.XdndPosition,
            [0, (x as u32) << 16 | y as u32, CURRENT_TIME, self.atoms.XdndActionCopy],
        );
        self.answer(self.atoms.XdndStatus)[1] & 1 == 1
    }

    /// Takes them away again.
    pub fn leave(&self, target: SeenWindow) {
        self.tell(target, self.atoms.XdndLeave, [0; 4]);
    }

    /// Lets go of them there.
    ///
    /// # Panics
    /// If the window does not answer.
    #[track_caller]
    pub fn let_go(self, target: SeenWindow) {
        self.tell(target, self.atoms.XdndDrop, [0, CURRENT_TIME, 0, 0]);
        self.answer(self.atoms.XdndFinished);
    }

    fn tell(&self, target: SeenWindow, what: Atom, data: [u32; 4]) {
        let data = [self.source, data[0], data[1], data[2], data[3]];
        let message = ClientMessageEvent::new(32, target.id, what, data);
        self.link.connection.send_event(false, target.id, EventMask::NO_EVENT, message).expect("a request");
        self.link.connection.sync().expect("the display answers");
    }

    /// Waits for this answer, and meanwhile tells which files it is about.
    #[track_caller]
    fn answer(&self, what: Atom) -> [u32; 5] {
        wait::until("the window answers to what is dragged", || {
            match self.link.connection.poll_for_event().expect("the display answers")? {
                Event::ClientMessage(message) if message.type_ == what => Some(message.data.as_data32()),
                Event::SelectionRequest(request) => {
                    self.name_files(request);
                    None
                }
                _ => None,
            }
        })
    }

    fn name_files(&self, request: SelectionRequestEvent) {
        let connection = &self.link.connection;
        let SelectionRequestEvent { requestor, property, target, selection, time, .. } = request;
        let knows = target == self.atoms.UriList;
        if knows {
            let list = self.list.as_bytes();
            connection.change_property8(PropMode::REPLACE, requestor, property, target, list).expect("a request");
        }
        let notify = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time,
            requestor,
            selection,
            target,
            property: if knows { property } else { x11rb::NONE },
        };
        connection.send_event(false, requestor, EventMask::NO_EVENT, notify).expect("a request");
        connection.flush().expect("the display answers");
    }
}

/// As file managers write them.
fn uri(file: &std::path::Path) -> String {
    file.as_os_str().as_bytes().iter().fold("file://".to_owned(), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a text can't fail.
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}
