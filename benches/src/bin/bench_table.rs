//! Prints what pictures cost, measured now, and the last results of all other
//! measurements, as Markdown tables.

use anyhow::Context;
use mitblick_benches::{content::Sequence, figures::Figures};
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() -> anyhow::Result<()> {
    print_pictures()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|root| root.join("target")).unwrap_or_default(),
        PathBuf::from,
    );
    let root = target.join("criterion");
    let mut rows = Vec::new();
    if !root.is_dir() {
        println!("No results in {}; run cargo bench for more.", root.display());
        return Ok(());
    }
    collect(&root, &mut rows).with_context(|| format!("results in {}", root.display()))?;
    rows.sort();
    println!("| measurement | median | throughput |\n|---|---:|---:|");
    rows.iter().for_each(|row| println!("{row}"));
    Ok(())
}

/// Bytes and times for each kind of content; the ratios say how many times
/// fewer bytes that is.
fn print_pictures() -> anyhow::Result<()> {
    println!(
        "| change of a 1280x800 window | bytes | encode | decode | zstd tiles | PNG | OpenH264, lossy |\n|---|---:|---:|---:|---:|---:|---:|"
    );
    for sequence in Sequence::all()? {
        let figures = Figures::of(&sequence)?;
        let ratio = |bytes: usize| match figures.bytes {
            0 => String::new(),
            own => format!("{:.1} x", bytes as f64 / own as f64),
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            sequence.name,
            figures.bytes,
            time(figures.encode.as_secs_f64() * 1e9),
            time(figures.decode.as_secs_f64() * 1e9),
            ratio(figures.zstd_tiles_bytes),
            ratio(figures.png_bytes),
            ratio(figures.h264_bytes),
        );
    }
    println!();
    Ok(())
}

/// Looks for results in a folder and those below.
fn collect(folder: &Path, rows: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("new") {
            rows.push(row(&path)?);
        } else if path.is_dir() {
            collect(&path, rows)?;
        }
    }
    Ok(())
}

fn row(folder: &Path) -> anyhow::Result<String> {
    let json = |name: &str| -> anyhow::Result<Value> { Ok(serde_json::from_slice(&fs::read(folder.join(name))?)?) };
    let (benchmark, estimates) = (json("benchmark.json")?, json("estimates.json")?);
    let name = benchmark["full_id"].as_str().context("a measurement without a name")?;
    let ns = estimates["median"]["point_estimate"].as_f64().context("a measurement without a median")?;
    let throughput = benchmark["throughput"]["Bytes"].as_f64();
    let throughput = throughput.map(|bytes| format!("{:.0} MB/s", bytes * 1000.0 / ns)).unwrap_or_default();
    Ok(format!("| {name} | {} | {throughput} |", time(ns)))
}

/// Three digits and a unit.
fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        _ if ns < 1e3 => (ns, "ns"),
        _ if ns < 1e6 => (ns / 1e3, "µs"),
        _ if ns < 1e9 => (ns / 1e6, "ms"),
        _ => (ns / 1e9, "s"),
    };
    let digits = match value {
        _ if value < 10.0 => 2,
        _ if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}
