//! Light, dark and strong contrasts: as the desktop wants it, or as the person
//! has chosen.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    session::{Stage, StageOptions},
    tray::Bus,
    wait,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use zbus::{
    blocking::Connection,
    zvariant::{OwnedValue, Value},
};

const LIGHT: u32 = 0x00f5_f6f8;
const DARK: u32 = 0x0012_161d;
const CONTRAST: u32 = 0;

/// The settings of a desktop, as its portal tells them.
struct Settings(Arc<Mutex<HashMap<String, u32>>>);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Settings {
    fn read(&self, space: &str, name: &str) -> zbus::fdo::Result<OwnedValue> {
        let known = self.0.lock().expect("the settings").get(name).copied();
        let value = known.filter(|_| space == "org.freedesktop.appearance");
        let value = value.ok_or_else(|| zbus::fdo::Error::Failed("no such setting".into()))?;
        // Packed twice, as portals do it.
        Ok(OwnedValue::try_from(Value::Value(Box::new(Value::U32(value)))).expect("a number"))
    }
}

struct Desktop {
    connection: Connection,
    settings: Arc<Mutex<HashMap<String, u32>>>,
}

impl Desktop {
    fn on(bus: &Bus, settings: &[(&str, u32)]) -> Self {
        let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let settings = Arc::new(Mutex::new(settings));
        let connection = bus.join();
        let served = connection.object_server().at("/org/freedesktop/portal/desktop", Settings(Arc::clone(&settings)));
        assert!(served.expect("the settings are served"));
        connection.request_name("org.freedesktop.portal.Desktop").expect("the portal's name");
        Self { connection, settings }
    }

    fn change(&self, name: &str, value: u32) {
        self.settings.lock().expect("the settings").insert(name.to_owned(), value);
        let (path, interface) = ("/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings");
        let body = ("org.freedesktop.appearance", name, Value::U32(value));
        self.connection.emit_signal(None::<&str>, path, interface, "SettingChanged", &body).expect("a signal");
    }
}

/// Waits until the window's own background has this colour.
#[track_caller]
fn await_background(stage: &Stage, title: &str, colour: u32) {
    let screen = if title == "customer" { &stage.customer_screen } else { &stage.advisor_screen };
    wait::until(&format!("{colour:06x} behind everything in the window of the {title}"), || {
        let window = screen.window("Mitblick")?.rect;
        let corner = Rect { width: 4, height: 4, x: window.x + 2, y: window.y + window.height as i32 - 8 };
        screen.frame_part(corner).pixels.iter().all(|pixel| pixel & 0x00ff_ffff == colour).then_some(())
    });
}

#[test]
fn the_window_looks_as_the_desktop_wants_it_and_follows_when_that_changes() {
    let bus = Bus::new();
    let desktop = Desktop::on(&bus, &[("color-scheme", 1)]);
    let stage = Stage::new(StageOptions { customer_bus: Some(bus.address()), ..StageOptions::default() });
    let _customer = stage.start_customer("customer", None);
    await_background(&stage, "customer", DARK);
    desktop.change("contrast", 1);
    await_background(&stage, "customer", CONTRAST);
    desktop.change("contrast", 0);
    await_background(&stage, "customer", DARK);
    desktop.change("color-scheme", 2);
    await_background(&stage, "customer", LIGHT);
}

#[test]
fn what_the_person_chose_counts_and_a_desktop_that_says_nothing_is_light() {
    let bus = Bus::new();
    let _desktop = Desktop::on(&bus, &[("color-scheme", 1), ("contrast", 1)]);
    let customer = vec!["--look", "light"];
    let options = StageOptions { customer_bus: Some(bus.address()), customer, ..StageOptions::default() };
    let stage = Stage::new(options);
    let _customer = stage.start_customer("customer", None);
    await_background(&stage, "customer", LIGHT);
    let _advisor = stage.start_advisor("advisor");
    await_background(&stage, "advisor", LIGHT);
    for (look, colour) in [("dark", DARK), ("contrast", CONTRAST)] {
        let customer = vec!["--look", look];
        let stage = Stage::new(StageOptions { customer, ..StageOptions::default() });
        let _customer = stage.start_customer("customer", None);
        await_background(&stage, "customer", colour);
    }
}
