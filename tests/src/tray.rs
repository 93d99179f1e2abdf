//! A session bus of the test's own, and a tray on it: what a desktop's panel
//! does with the signs of programs, by the same calls.

use crate::{
    launch::{Launch, Place, Process},
    wait,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use zbus::{
    blocking::{Connection, connection, fdo::DBusProxy},
    message::Header,
    zvariant::{OwnedValue, Structure, Value},
};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";
const ITEM_PATH: &str = "/StatusNotifierItem";

/// A message bus. It starts no services by itself.
pub struct Bus {
    address: String,
    _daemon: Process,
    _place: Place,
}

impl Bus {
    /// Starts one.
    ///
    /// # Panics
    /// If nobody can come onto it.
    #[allow(clippy::new_without_default)]
    #[track_caller]
    pub fn new() -> Self {
        let place = Place::new();
        let address = format!("unix:path={}", place.path().join("bus").display());
        let config = place.file(
            "bus.conf",
            &format!(
                "<busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth>
                 <policy context='default'><allow user='*'/><allow send_destination='*' eavesdrop='true'/>
                 <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
            ),
        );
        let launch = Launch::new(&place, "bus", "dbus-daemon").arg("--nofork");
        let daemon = launch.arg(format!("--config-file={}", config.display())).start();
        let this = Self { address, _daemon: daemon, _place: place };
        drop(wait::until("the bus is there", || this.builder().build().ok()));
        this
    }

    /// Where programs find it.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    fn builder(&self) -> connection::Builder<'static> {
        connection::Builder::address(self.address.as_str()).expect("an address")
    }

    /// Another program on it.
    ///
    /// # Panics
    /// If it can't come onto the bus.
    #[track_caller]
    pub fn join(&self) -> Connection {
        self.builder().build().expect("a connection to the bus")
    }

    /// Names on it that signs of programs have.
    #[track_caller]
    pub fn signs(&self) -> Vec<String> {
        let names = DBusProxy::new(&self.join()).and_then(|bus| Ok(bus.list_names()?)).expect("names");
        names.iter().map(ToString::to_string).filter(|name| name.starts_with(ITEM)).collect()
    }

    /// Waits until no sign is left on it.
    #[track_caller]
    pub fn await_no_signs(&self) {
        wait::until("no sign is left on the bus", || self.signs().is_empty().then_some(()));
    }
}

/// A tray. It has gone when it is dropped.
pub struct TrayHost {
    connection: Connection,
    items: Items,
}

type Items = Arc<Mutex<Vec<String>>>;

struct Watcher(Items);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let service = if service.starts_with('/') { sender } else { service };
        self.0.lock().expect("the items").push(service);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// Takes signs and never answers.
struct Mute(Items);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Mute {
    async fn register_status_notifier_item(&self, service: String) {
        self.0.lock().expect("the items").push(service);
        std::future::pending().await
    }
}

impl TrayHost {
    /// A tray as panels have it.
    #[track_caller]
    pub fn start(bus: &Bus) -> Self {
        let items = Items::default();
        Self::serve(bus, Watcher(Arc::clone(&items)), items)
    }

    /// One that takes signs and never answers.
    #[track_caller]
    pub fn mute(bus: &Bus) -> Self {
        let items = Items::default();
        Self::serve(bus, Mute(Arc::clone(&items)), items)
    }

    #[track_caller]
    fn serve(bus: &Bus, watcher: impl zbus::object_server::Interface, items: Items) -> Self {
        let builder = bus.builder().serve_at("/StatusNotifierWatcher", watcher).expect("a path");
        let connection = builder.name(WATCHER).expect("a name").build().expect("the tray's place on the bus");
        Self { connection, items }
    }

    /// Waits for the first sign that this tray is given.
    ///
    /// # Panics
    /// If none comes.
    #[track_caller]
    pub fn await_sign(&self) -> Sign {
        let first = || self.items.lock().expect("the items").first().cloned();
        let service = wait::until("the tray is given a sign", first);
        Sign { connection: self.connection.clone(), service }
    }

    /// Leaves the bus.
    pub fn leave(self) {
        let _ = self.connection.close();
    }
}

/// A program's sign, as whoever is on the bus sees it.
pub struct Sign {
    connection: Connection,
    service: String,
}

/// A line of its menu that can be clicked.
pub type Line = (i32, String);

impl Sign {
    /// The same, for another program on the bus.
    pub fn seen_by(&self, connection: Connection) -> Self {
        Self { connection, service: self.service.clone() }
    }

    fn property(&self, name: &str) -> zbus::Result<OwnedValue> {
        let to = Some(self.service.as_str());
        let reply = self.connection.call_method(
            to,
            ITEM_PATH,
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(ITEM, name),
        )?;
        reply.body().deserialize()
    }

    /// A property that is text.
    ///
    /// # Panics
    /// If it can't be read.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.property(name).and_then(|value| Ok(String::try_from(value)?)).expect("text")
    }

    /// What is said below the title.
    ///
    /// # Panics
    /// If it can't be read.
    #[track_caller]
    pub fn details(&self) -> String {
        let value = self.property("ToolTip").expect("a tool tip");
        let fields = Structure::try_from(value).expect("a structure").into_fields();
        fields.get(3).and_then(|details| details.downcast_ref::<String>().ok()).expect("details")
    }

    /// Width, height and bytes of its pictures.
    ///
    /// # Panics
    /// If they can't be read.
    #[track_caller]
    pub fn pictures(&self) -> Vec<(i32, i32, Vec<u8>)> {
        let value = self.property("IconPixmap").expect("pictures");
        value.try_into().expect("pictures")
    }

    /// Waits for this title.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn await_title(&self, title: &str) {
        let newest = wait::within(wait::PATIENCE, || (self.text("Title") == title).then_some(()));
        assert!(newest.is_some(), "the tray says “{}” and never “{title}”", self.text("Title"));
    }

    /// What can be clicked in its menu, from the top.
    ///
    /// # Panics
    /// If the menu can't be read.
    #[track_caller]
    pub fn menu(&self) -> Vec<Line> {
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let reply = self.call_menu("GetLayout", &(0, -1, Vec::<&str>::new())).expect("a layout");
        let (_, (_, _, lines)): (u32, Layout) = reply.body().deserialize().expect("a layout");
        lines.into_iter().filter_map(line).collect()
    }

    /// The numbers of the lines.
    #[track_caller]
    pub fn numbers(&self) -> Vec<i32> {
        self.menu().into_iter().map(|(number, _)| number).collect()
    }

    /// Waits until these are the lines.
    ///
    /// # Panics
    /// If they never are.
    #[track_caller]
    pub fn await_numbers(&self, numbers: &[i32]) {
        let found = wait::within(wait::PATIENCE, || (self.numbers() == numbers).then_some(()));
        assert!(found.is_some(), "the menu is {:?} and never {numbers:?}", self.menu());
    }

    /// Clicks a line; whether the program knows it.
    pub fn click(&self, number: i32) -> bool {
        self.call_menu("Event", &(number, "clicked", Value::from(0), 0u32)).is_ok()
    }

    /// Clicks these lines in one call.
    ///
    /// # Panics
    /// If there is no answer.
    #[track_caller]
    pub fn click_all(&self, numbers: &[i32]) {
        let events: Vec<_> = numbers.iter().map(|&number| (number, "clicked", Value::from(0), 0u32)).collect();
        self.call_menu("EventGroup", &(events,)).expect("an answer to many clicks");
    }

    /// Clicks the sign itself.
    ///
    /// # Panics
    /// If there is no answer.
    #[track_caller]
    pub fn activate(&self) {
        let to = Some(self.service.as_str());
        self.connection.call_method(to, ITEM_PATH, Some(ITEM), "Activate", &(0, 0)).expect("an answer to a click");
    }

    /// Calls what may not exist; whether it does.
    pub fn has_method(&self, path: &str, interface: &str, method: &str) -> bool {
        self.connection.call_method(Some(self.service.as_str()), path, Some(interface), method, &()).is_ok()
    }

    fn call_menu<B>(&self, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let path = self.property("Menu").and_then(|path| Ok(zbus::zvariant::OwnedObjectPath::try_from(path)?))?;
        self.connection.call_method(Some(self.service.as_str()), path, Some(MENU), method, body)
    }
}

/// A line with something on it.
fn line(value: OwnedValue) -> Option<Line> {
    let fields = Structure::try_from(value).ok()?.into_fields();
    let number = fields.first()?.downcast_ref::<i32>().ok()?;
    let properties = HashMap::<String, OwnedValue>::try_from(fields.into_iter().nth(1)?).ok()?;
    let label = String::try_from(properties.get("label")?.try_clone().ok()?).ok()?;
    Some((number, label))
}
