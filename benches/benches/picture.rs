//! Encoding and decoding recorded screens: time by criterion, bytes printed
//! before as a table.

use criterion::{BatchSize, Criterion, criterion_main};
use mitblick_benches::{Recording, SURFACE, criterion};
use mitblick_picture::{Decoder, Encoder};
use mitblick_protocol::geometry::{Rect, Size};

/// One change of a window.
struct Case {
    name: &'static str,
    before: Option<Recording>,
    now: Recording,
    damage: Rect,
}

impl Case {
    /// A window that is new to the watcher.
    fn new(name: &'static str, now: &str) -> anyhow::Result<Self> {
        let now = Recording::load(now)?;
        Ok(Self { name, before: None, damage: now.size.rect(), now })
    }

    /// A change, damaged as exactly as the system tells it, or as a whole.
    fn change(name: &'static str, before: &str, now: &str, whole: bool) -> anyhow::Result<Self> {
        let (before, now) = (Recording::load(before)?, Recording::load(now)?);
        let damage = if whole { now.size.rect() } else { before.difference(&now) };
        Ok(Self { name, before: Some(before), damage, now })
    }

    /// Both sides right before the change.
    fn begin(&self) -> (Encoder, Decoder) {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new());
        let sizes: [(_, Size); 1] = [(SURFACE, self.now.size)];
        encoder.set_surfaces(&sizes).expect("within the limits");
        decoder.set_surfaces(&sizes).expect("within the limits");
        if let Some(before) = &self.before {
            let payload = encoder.encode(&mut before.clone(), usize::MAX).payload;
            decoder.apply(&payload).expect("what the encoder wrote");
            encoder.damage(SURFACE, self.damage);
        }
        (encoder, decoder)
    }

    fn encode(&self, encoder: &mut Encoder, now: &mut Recording) -> Vec<u8> {
        encoder.encode(now, usize::MAX).payload
    }
}

fn cases() -> anyhow::Result<Vec<Case>> {
    Ok(vec![
        Case::new("new window, terminal", "terminal")?,
        Case::new("new window, terminal, coloured edges", "terminal-coloured")?,
        Case::new("new window, editor", "editor")?,
        Case::new("new window, photograph 640x400", "photo")?,
        Case::change("letter typed, terminal", "terminal", "terminal-typed", false)?,
        Case::change("letter typed, editor", "editor", "editor-typed", false)?,
        Case::change("scrolled three lines", "terminal-typed", "terminal-scrolled", true)?,
        Case::change("another page", "terminal", "editor", true)?,
        Case::change("redrawn, the same", "editor", "editor", true)?,
    ])
}

fn print_bytes(cases: &[Case]) {
    println!("| change of a 1280x800 window | bytes |\n|---|---:|");
    for case in cases {
        let (mut encoder, mut decoder) = case.begin();
        let payload = case.encode(&mut encoder, &mut case.now.clone());
        decoder.apply(&payload).expect("what the encoder wrote");
        let exact = decoder.surface(SURFACE).is_some_and(|shown| shown.pixels == case.now.pixels);
        assert!(exact, "{} is not exact", case.name);
        println!("| {} | {} |", case.name, payload.len());
    }
    println!();
}

fn measure(criterion: &mut Criterion, cases: &[Case]) {
    let mut group = criterion.benchmark_group("encode");
    for case in cases {
        let mut now = case.now.clone();
        group.bench_function(case.name, |bencher| {
            let run = |(mut encoder, decoder): (Encoder, Decoder)| {
                let payload = case.encode(&mut encoder, &mut now);
                (encoder, decoder, payload)
            };
            bencher.iter_batched(|| case.begin(), run, BatchSize::PerIteration);
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("decode");
    for case in cases {
        group.bench_function(case.name, |bencher| {
            let begin = || {
                let (mut encoder, decoder) = case.begin();
                let payload = case.encode(&mut encoder, &mut case.now.clone());
                (decoder, payload)
            };
            let run = |(mut decoder, payload): (Decoder, Vec<u8>)| {
                let areas = decoder.apply(&payload);
                (decoder, areas)
            };
            bencher.iter_batched(begin, run, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn picture() {
    let cases = cases().expect("the recordings are in the repository");
    print_bytes(&cases);
    measure(&mut criterion(), &cases);
}

criterion_main!(picture);
