//! The handshake of both programs, and sealing and opening with both suites.

use criterion::{BatchSize, Criterion, Throughput, criterion_main};
use ed25519_dalek::SigningKey;
use mitblick_benches::criterion;
use mitblick_protocol::{
    card::Card,
    handshake::{AdvisorStart, BrokerIdentity, Context, CustomerStart, Established, Offer, Suite},
    number::{Routing, SecretPart},
    sealed::Stream,
    text::DisplayText,
    time::Moment,
};

/// Repeatable bytes; nothing here is secret.
fn entropy(mut state: u64) -> impl FnMut(&mut [u8]) {
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}

/// What both sides bring to a handshake.
struct Start {
    context: Context,
    secret: SecretPart,
    offer: Offer,
    card: Card,
    card_key: [u8; 32],
}

impl Start {
    fn new(suite: Suite) -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let routing = Routing::new(4829).expect("four digits");
        let [organisation, advisor] = ["Example Ltd", "Anna Example"].map(DisplayText::cleaned);
        Self {
            context: Context { broker: BrokerIdentity([1; 32]), routing },
            secret: SecretPart::draw(&mut entropy(3)),
            offer: Offer { suites: vec![suite], need_modern: false },
            card: Card::sign(&key, organisation, advisor, None, routing, 2_000),
            card_key: key.verifying_key().to_bytes(),
        }
    }

    /// All five messages, both sides' work.
    fn handshake(&self) -> (Established, Established) {
        let (context, offer) = (|| self.context.clone(), || self.offer.clone());
        let advisor = AdvisorStart::begin(context(), self.secret.clone(), offer(), self.card.clone(), &mut entropy(1));
        let (advisor, m1) = advisor.expect("a good start");
        let customer =
            CustomerStart::begin(context(), self.secret.clone(), offer(), self.card_key, 1_000, &mut entropy(2));
        let (customer, m2) = customer.handle(&m1).expect("a good m1");
        let (advisor, m3) = advisor.handle(&m2).expect("a good m2");
        let (customer, m4) = customer.handle(&m3).expect("a good m3");
        let (advisor, m5) = advisor.handle(&m4).expect("a good m4");
        (advisor, customer.handle(&m5).expect("a good m5"))
    }
}

const SUITES: [(Suite, &str); 2] =
    [(Suite::Blowfish128CtrHmacSha256, "blowfish"), (Suite::ChaCha20Poly1305, "chacha20-poly1305")];

fn handshake(criterion: &mut Criterion) {
    let start = Start::new(Suite::Blowfish128CtrHmacSha256);
    criterion.bench_function("handshake/both sides", |bencher| bencher.iter(|| start.handshake()));
}

fn records(criterion: &mut Criterion) {
    let messages = [("input event", Stream::Input, 24), ("picture of 1 MiB", Stream::Picture, 1 << 20)];
    for (suite, name) in SUITES {
        let start = Start::new(suite);
        let now = Moment::default();
        let mut group = criterion.benchmark_group(name);
        for (what, stream, bytes) in messages {
            let message = vec![0x5a; bytes];
            group.throughput(Throughput::Bytes(bytes as u64));
            let (advisor, customer) = start.handshake();
            let (mut sealer, _) = advisor.keys.into_channel(suite);
            let (_, mut opener) = customer.keys.into_channel(suite);
            group.bench_function(format!("seal {what}"), |bencher| {
                bencher.iter(|| {
                    let mut sealed = 0;
                    let mut take = |record: &[u8]| sealed += record.len();
                    sealer.seal_message(stream, &message, now, &mut take).expect("room in the session");
                    sealed
                });
            });
            let (advisor, _) = start.handshake();
            let (mut sealer, _) = advisor.keys.into_channel(suite);
            group.bench_function(format!("open {what}"), |bencher| {
                let seal = || {
                    let mut records = Vec::new();
                    let mut take = |record: &[u8]| records.push(record.to_vec());
                    sealer.seal_message(stream, &message, now, &mut take).expect("room in the session");
                    records
                };
                let open = |records: Vec<Vec<u8>>| {
                    records.iter().filter_map(|record| opener.open(record, now).expect("in order")).count()
                };
                // One after the other: records can only be opened in their order.
                bencher.iter_batched(seal, open, BatchSize::PerIteration);
            });
        }
        group.finish();
    }
}

fn crypto() {
    let mut criterion = criterion();
    handshake(&mut criterion);
    records(&mut criterion);
}

criterion_main!(crypto);
