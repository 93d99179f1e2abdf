//! What the guard does when the program that it guards is killed, and what it
//! leaves to that program otherwise.

use crate::{
    screen::{Granted, Process, Recorder, Screen, until},
    typing::mapping,
};
use mitblick_platform::{
    Platform,
    inject::{InjectError, Injected},
    x11::X11,
};
use mitblick_protocol::{
    input::{InputEvent, Key, NamedKey},
    peer_msg::SurfaceId,
};
use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

/// The program that plays the other processes, which `cargo test` builds beside
/// the tests.
fn role() -> PathBuf {
    let tests = env::current_exe().unwrap();
    let role = tests.ancestors().nth(2).map(|built| built.join("examples/input_role")).unwrap_or_default();
    assert!(role.exists(), "build it first: cargo build -p mitblick-platform --example input_role");
    role
}

/// A folder with a program that is a guard, and begins only when it may.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("mitblick-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (role, path) = (role(), folder.display());
        let role = role.display();
        let script = format!(
            "#!/bin/sh\nuntil [ -e '{path}/go' ]; do [ -d '{path}' ] || exit; sleep 0.01; done\n\
             '{role}' guard \"$2\"\n\
             touch '{path}/done'\n"
        );
        let guard = folder.join("guard");
        fs::write(&guard, script).unwrap();
        fs::set_permissions(&guard, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn guard(&self) -> PathBuf {
        self.0.join("guard")
    }

    fn tell(&self, word: &str) {
        fs::write(self.0.join(word), "").unwrap();
    }

    fn hear(&self, word: &str) {
        until(word, || self.0.join(word).exists().then_some(()));
    }

    /// The guard does its work.
    fn guard_is_done(&self) {
        self.tell("go");
        self.hear("done");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that has typed what an American keyboard has no keys for, and the
/// screen that it has typed on.
fn typed(folder: &Folder) -> (Screen, Recorder, Process) {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.run("setxkbmap", &["us"]);
    screen.focus(shared.window);
    let mut typist = Command::new(role());
    typist.args(["typist", &screen.name, &shared.pid.to_string()]).arg(&folder.0);
    let typing = Process::spawn(typist.stdout(Stdio::null()));
    folder.hear("typed");
    (screen, shared, typing)
}

#[test]
fn a_killed_program_leaves_the_keyboard_as_it_was() {
    let folder = Folder::new("killed");
    let before = {
        let screen = Screen::start();
        screen.run("setxkbmap", &["us"]);
        mapping(&screen)
    };
    let (screen, _shared, typing) = typed(&folder);
    assert_ne!(mapping(&screen), before);
    drop(typing);
    folder.guard_is_done();
    assert_eq!(mapping(&screen), before);
}

#[test]
fn a_layout_that_was_chosen_before_the_program_was_killed_stays_whole() {
    let folder = Folder::new("layout");
    let (screen, _shared, typing) = typed(&folder);
    // It has keys where an American one has none.
    screen.run("setxkbmap", &["br"]);
    let before = mapping(&screen);
    drop(typing);
    folder.guard_is_done();
    assert_eq!(mapping(&screen), before);
}

#[test]
fn a_guard_that_is_late_takes_nothing_that_was_given_back_already() {
    let folder = Folder::new("late");
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.run("setxkbmap", &["us"]);
    screen.focus(shared.window);
    let before = mapping(&screen);
    let mut granted = Granted::to(&[shared.application()]);
    let platform = X11::new(Some(&screen.name)).unwrap().with_guard(folder.guard());
    let mut injector = platform.start_injector(granted.view.clone()).unwrap();
    let event = InputEvent::Key { key: Key::Character('ö'), pressed: true };
    assert_eq!(granted.inject(&mut *injector, event), Injected::Done);
    let with_it = mapping(&screen);
    let added = with_it.lines().find(|line| line.contains("odiaeresis")).expect("a key for it");
    drop(injector);
    assert_eq!(mapping(&screen), before, "given back by the program itself");
    // Somebody else puts the same there.
    let (keycode, _) = added.split_once('=').unwrap();
    screen.run("xmodmap", &["-e", &format!("{keycode}= odiaeresis Odiaeresis")]);
    let theirs = mapping(&screen);
    assert_ne!(theirs, before);
    folder.guard_is_done();
    assert_eq!(mapping(&screen), theirs);
}

#[test]
fn control_is_over_when_the_guard_hangs() {
    let folder = Folder::new("hangs");
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    // It does not read what it is told until it may.
    let platform = X11::new(Some(&screen.name)).unwrap().with_guard(folder.guard());
    let mut injector = platform.start_injector(granted.view.clone()).unwrap();
    let control = InputEvent::Key { key: Key::Named(NamedKey::ControlLeft), pressed: true };
    assert_eq!(granted.inject(&mut *injector, control), Injected::Done);
    let wheel = InputEvent::Scroll { surface: SurfaceId(shared.window), x: 5, y: 6, right: 20, down: 20 };
    let broken = (0..2_000).find_map(|_| injector.inject(&granted.permit(wheel)).err());
    assert!(matches!(broken, Some(InjectError::Broken(_))), "{broken:?}");
    assert_eq!(screen.keys_down().len(), 1, "nobody has let go of it in between");
    drop(injector);
    assert!(screen.keys_down().is_empty());
    folder.guard_is_done();
}
