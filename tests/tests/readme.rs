//! What the README tells a newcomer, done as it stands there.

use mitblick_tests::{
    launch::{Launch, Place},
    programs::{self, Broker},
    screen::{Screen, ScreenOptions},
    talker::Talker,
};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

const SECTION: &str = "## The first number in five minutes";

/// The commands of a section, in their order.
fn commands(readme: &str, section: &str) -> Vec<String> {
    let (_, rest) = readme.split_once(section).expect("the section is in the README");
    let text = rest.split("\n## ").next().unwrap_or_default();
    // What stands between fences is every second piece.
    let blocks = text.split("```").skip(1).step_by(2);
    blocks.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A terminal in the newcomer's folder.
fn shell<'a>(place: &'a Place, folder: &Path, name: &str, command: &str) -> Launch<'a> {
    let line = format!("cd '{}' && exec {command}", folder.display());
    Launch::new(place, name, "/bin/sh").args(["-c", &line])
}

/// What a command prints.
fn typed(place: &Place, folder: &Path, name: &str, command: &str, input: &str) -> String {
    let mut process = shell(place, folder, name, command).listening().speaking().start();
    process.take_input().write_all(input.as_bytes()).expect("the input is taken");
    let mut output = String::new();
    process.take_output().read_to_string(&mut output).expect("text");
    let status = process.wait_end();
    assert!(status.success(), "{command}: {status}\n{}", process.log());
    output
}

#[test]
fn the_readme_leads_from_an_empty_folder_to_the_first_number() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).expect("the README");
    let mut commands = commands(&readme, SECTION).into_iter();
    let build = commands.next().expect("a command");
    assert!(build.starts_with("cargo build --release") && build.contains("mitblick-advisor"), "{build}");

    // Built already, and where that command would have put them.
    let place = Place::new();
    let folder = place.folder("newcomer");
    let home = place.folder("home");
    let built = programs::path("mitblick-broker");
    fs::create_dir(folder.join("target")).expect("a folder");
    let built = built.parent().expect("a folder of programs");
    std::os::unix::fs::symlink(built, folder.join("target/release")).expect("a link");

    let screen = Screen::start(&place, "advisor", &ScreenOptions::default());
    let password = place.file("password", programs::PASSWORD);
    let (mut code, mut broker, mut first_number) = (String::new(), None, None);
    for (step, command) in commands.enumerate() {
        let name = format!("step-{step}");
        let run = |input: &str| typed(&place, &folder, &name, &command, input);
        let words: Vec<&str> = command.split_whitespace().skip(1).take_while(|word| !word.starts_with('-')).collect();
        match words.as_slice() {
            ["main-user", "code"] => code = run(""),
            ["main-user", "create", _] => drop(run(&format!("{code}{}\n", programs::PASSWORD))),
            ["serve"] => {
                // Others may have the port of the README.
                let line = format!("{command} --listen 127.0.0.1:0");
                broker = Some(Broker::from_launch(shell(&place, &folder, &name, &line)));
            }
            [] => {
                let url = broker.as_ref().expect("the broker is started first").url();
                assert!(command.contains("'mitblick://…'"), "{command}");
                let line = command.replace("mitblick://…", url);
                // The window is filled in by these, as by a person.
                let line = format!("{line} --automation --user maria --password-file '{}'", password.display());
                let program = shell(&place, &folder, &name, &line).display(screen.display());
                // The newcomer's own data folder is theirs.
                let program = program.env("XDG_DATA_HOME", &home);
                let advisor = Talker::new(program.listening().speaking().start());
                first_number = Some(programs::number(&advisor));
            }
            other => panic!("a step that nobody does here: {other:?}"),
        }
    }
    assert!(first_number.is_some(), "the section ends before the first number");
}
