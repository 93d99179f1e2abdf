//! What the guard does when the program that it guards is killed, and what it
//! leaves to that program otherwise.

use crate::{
    screen::{Granted, PATIENCE, Process, Recorder, Screen, until},
    typing::mapping,
};
use mitblick_platform::{
    Platform,
    inject::{InjectError, Injected},
    x11::{X11, run_guard},
};
use mitblick_protocol::{
    input::{InputEvent, Key, NamedKey},
    peer_msg::SurfaceId,
    session::ApplicationId,
};
use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The display that a part of these tests in a process of its own works on.
const DISPLAY: &str = "MITBLICK_TEST_DISPLAY";
/// The process whose windows it may type into.
const SHARED: &str = "MITBLICK_TEST_SHARED";
/// The folder of what both processes tell each other.
const FOLDER: &str = "MITBLICK_TEST_FOLDER";

/// A folder with a program that is a guard, and begins only when it may.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("mitblick-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (program, path) = (env::current_exe().unwrap(), folder.display());
        let program = program.display();
        let script = format!(
            "#!/bin/sh\nuntil [ -e '{path}/go' ]; do [ -d '{path}' ] || exit; sleep 0.01; done\n\
             {DISPLAY}=\"$2\" '{program}' --exact guard::acts_as_a_guard --ignored --nocapture\n\
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

#[test]
#[ignore = "the tests here start it as a guard"]
fn acts_as_a_guard() {
    if let Ok(display) = env::var(DISPLAY) {
        run_guard(Some(&display));
    }
}

#[test]
#[ignore = "the tests here start it and kill it"]
fn types_until_it_is_killed() {
    let (Ok(display), Ok(shared), Ok(folder)) = (env::var(DISPLAY), env::var(SHARED), env::var(FOLDER)) else { return };
    let folder = Path::new(&folder);
    let mut granted = Granted::to(&[ApplicationId(shared.parse().unwrap())]);
    let platform = X11::new(Some(&display)).unwrap().with_guard(folder.join("guard"));
    let mut injector = platform.start_injector(granted.view.clone()).unwrap();
    for c in "äöü".chars() {
        let event = InputEvent::Key { key: Key::Character(c), pressed: true };
        assert_eq!(granted.inject(&mut *injector, event), Injected::Done);
    }
    fs::write(folder.join("typed"), "").unwrap();
    std::thread::sleep(PATIENCE);
}

/// A program that has typed what an American keyboard has no keys for, and the
/// screen that it has typed on.
fn typed(folder: &Folder) -> (Screen, Recorder, Process) {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.run("setxkbmap", &["us"]);
    screen.focus(shared.window);
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "guard::types_until_it_is_killed", "--ignored", "--nocapture"]);
    command.env(DISPLAY, &screen.name).env(SHARED, shared.pid.to_string()).env(FOLDER, &folder.0);
    let typing = Process::spawn(command.stdout(Stdio::null()));
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
