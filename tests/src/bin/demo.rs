//! `mitblick-demo`: shows a session on this machine. Started by scripts/demo,
//! which builds the programs first and removes what is left.

use mitblick_tests::demo;
use std::path::Path;

const USAGE: &str = "\
scripts/demo                           on your own display: two windows, you play both people
scripts/demo --headless --out DIR      on two virtual screens, played by itself; writes
                                       advisor.png, customer.png and session.json to DIR";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let display = std::env::var("DISPLAY").ok().filter(|display| !display.is_empty());
    match (words.as_slice(), display) {
        (["--help" | "-h"], _) => println!("{USAGE}"),
        ([], Some(display)) => demo::by_hand(&display)?,
        ([] | ["--headless"], _) => demo::played(Path::new("demo-out"))?,
        (["--out", folder] | ["--headless", "--out", folder] | ["--out", folder, "--headless"], _) => {
            demo::played(Path::new(folder))?;
        }
        _ => anyhow::bail!("unknown arguments\n{USAGE}"),
    }
    Ok(())
}
