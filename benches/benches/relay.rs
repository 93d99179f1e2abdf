//! A broker in this process and two programs that talk through it over TLS on
//! the loopback: how long a small frame takes there and back, and how much
//! goes through. Both programs' TLS runs on the same cores.

#[allow(dead_code, reason = "the broker's tests use the rest")]
#[path = "../../broker/tests/broker/harness.rs"]
mod harness;

use criterion::{Criterion, Throughput, criterion_main};
use harness::{Client, Got, Rig};
use mitblick_benches::criterion;
use mitblick_protocol::{
    framing::{FrameKind, write_frame},
    wire::MAX_FRAME_BODY_BYTES,
};
use tokio::{io::AsyncReadExt, runtime::Runtime};

/// About an input event in its record.
const SMALL_BYTES: usize = 100;
/// Frames of the largest size in one measurement of throughput.
const FRAMES: usize = 256;

fn round_trip(criterion: &mut Criterion, runtime: &Runtime, advisor: &mut Client, customer: &mut Client) {
    let body = [0x5a; SMALL_BYTES];
    criterion.bench_function("relay/there and back, 100 bytes", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                advisor.relay(&body).await;
                assert!(matches!(customer.next().await, Got::Relayed(_)));
                customer.relay(&body).await;
                assert!(matches!(advisor.next().await, Got::Relayed(_)));
            });
        });
    });
}

fn throughput(criterion: &mut Criterion, runtime: &Runtime, advisor: &mut Client, customer: &mut Client) {
    let mut frames = Vec::new();
    for _ in 0..FRAMES {
        write_frame(FrameKind::Relay, &[0x5a; MAX_FRAME_BODY_BYTES], &mut frames).expect("within the limit");
    }
    let mut taken = vec![0; frames.len()];
    let mut group = criterion.benchmark_group("relay");
    group.throughput(Throughput::Bytes(frames.len() as u64));
    group.bench_function("one way, frames of 16 kB", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let (_, read) = tokio::join!(customer.raw(&frames), advisor.reader.read_exact(&mut taken));
                read.expect("all of it");
            });
        });
    });
    group.finish();
    assert!(taken == frames, "what arrived is not what was sent");
}

fn relay() {
    let runtime = Runtime::new().expect("threads");
    let (rig, (mut advisor, mut customer)) = runtime.block_on(async {
        let rig = Rig::start().await;
        let pair = rig.target.pair().await;
        (rig, pair)
    });
    let mut criterion = criterion();
    round_trip(&mut criterion, &runtime, &mut advisor, &mut customer);
    throughput(&mut criterion, &runtime, &mut advisor, &mut customer);
    // Ended inside the runtime that they belong to.
    runtime.block_on(async move { drop((rig, advisor, customer)) });
}

criterion_main!(relay);
