//! Encoding and decoding recorded screens: time by criterion. Bytes are in the
//! table that `bench-table` prints.

use criterion::{BatchSize, Criterion, criterion_main};
use mitblick_benches::{content::Sequence, criterion};
use mitblick_picture::{Decoder, Encoder, Turn};

fn measure(criterion: &mut Criterion, sequences: &[Sequence]) {
    let mut group = criterion.benchmark_group("encode");
    for sequence in sequences {
        let mut now = sequence.last();
        group.bench_function(sequence.name, |bencher| {
            let run = |(mut encoder, decoder): (Encoder, Decoder)| {
                let payload = encoder.encode(&mut now, Turn::lossless(usize::MAX)).payload;
                (encoder, decoder, payload)
            };
            bencher.iter_batched(|| begin(sequence), run, BatchSize::PerIteration);
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("decode");
    for sequence in sequences {
        group.bench_function(sequence.name, |bencher| {
            let begin = || {
                let (mut encoder, decoder) = begin(sequence);
                (decoder, encoder.encode(&mut sequence.last(), Turn::lossless(usize::MAX)).payload)
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

fn begin(sequence: &Sequence) -> (Encoder, Decoder) {
    sequence.begin().expect("what the encoder wrote")
}

fn picture() {
    let sequences = Sequence::all().expect("the recordings are in the repository");
    measure(&mut criterion(), &sequences);
}

criterion_main!(picture);
