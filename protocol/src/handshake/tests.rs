//! Both roles in one thread, with entropy that the test chooses.

use super::*;
use crate::{number::SecretPart, sealed::Stream, text::DisplayText, time::Moment};
use alloc::vec::Vec;
use ed25519_dalek::SigningKey;

mod golden;
mod hostile;
mod resume;

/// An entropy source that is different for each seed, and the same each time.
pub(super) fn entropy(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut state = u64::from(seed) + 1;
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}

pub(super) fn context() -> Context {
    Context { broker: BrokerIdentity([0xb0; 32]), routing: Routing::new(4829).unwrap() }
}

/// The secret part with this value.
pub(super) fn secret(value: u32) -> SecretPart {
    SecretPart::draw(&mut |bytes| bytes.copy_from_slice(&value.to_be_bytes()))
}

fn broker_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub(super) fn card() -> Card {
    let [organisation, advisor] = ["Muster GmbH", "Anna Beispiel"].map(DisplayText::cleaned);
    Card::sign(&broker_key(), organisation, advisor, None, context().routing, 2_000)
}

pub(super) struct Setup {
    pub(super) advisor: Context,
    pub(super) customer: Context,
    pub(super) read_out: u32,
    pub(super) typed: u32,
    pub(super) advisor_offer: Offer,
    pub(super) customer_offer: Offer,
    pub(super) seeds: (u8, u8),
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            advisor: context(),
            customer: context(),
            read_out: 15_730,
            typed: 15_730,
            advisor_offer: Offer::default(),
            customer_offer: Offer::default(),
            seeds: (1, 2),
        }
    }
}

/// What came of a handshake, and where it stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Handshake(HandshakeError),
    AdvisorProof(ProofError),
    CustomerProof(ProofError),
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        Self::Handshake(error)
    }
}

pub(super) struct Pair {
    pub(super) advisor: Established,
    pub(super) customer: Established,
    pub(super) messages: [Vec<u8>; 5],
}

impl Setup {
    pub(super) fn begin(&self) -> Result<(AwaitShare, Vec<u8>, AwaitOffer), HandshakeError> {
        let advisor = AdvisorStart::begin(
            self.advisor.clone(),
            secret(self.read_out),
            self.advisor_offer.clone(),
            card(),
            &mut entropy(self.seeds.0),
        )?;
        let key = broker_key().verifying_key().to_bytes();
        let customer = CustomerStart::begin(
            self.customer.clone(),
            secret(self.typed),
            self.customer_offer.clone(),
            key,
            1_000,
            &mut entropy(self.seeds.1),
        );
        Ok((advisor.0, advisor.1, customer))
    }

    /// Runs it; `on_the_way` may change each message.
    pub(super) fn run(&self, mut on_the_way: impl FnMut(Step, &mut Vec<u8>)) -> Result<Pair, Failure> {
        let (advisor, mut m1, customer) = self.begin()?;
        on_the_way(Step::M1, &mut m1);
        let (customer, mut m2) = customer.handle(&m1)?;
        on_the_way(Step::M2, &mut m2);
        let (advisor, mut m3) = advisor.handle(&m2)?;
        on_the_way(Step::M3, &mut m3);
        let (customer, mut m4) = customer.handle(&m3)?;
        on_the_way(Step::M4, &mut m4);
        let (advisor, mut m5) = advisor.handle(&m4).map_err(Failure::AdvisorProof)?;
        on_the_way(Step::M5, &mut m5);
        let customer = customer.handle(&m5).map_err(Failure::CustomerProof)?;
        Ok(Pair { advisor, customer, messages: [m1, m2, m3, m4, m5] })
    }
}

/// Sends one message each way.
fn talk(pair: Pair) {
    let (mut advisor_sends, mut advisor_takes) = pair.advisor.keys.into_channel(pair.advisor.suite);
    let (mut customer_sends, mut customer_takes) = pair.customer.keys.into_channel(pair.customer.suite);
    let now = Moment::default();
    for (sealer, opener) in [(&mut advisor_sends, &mut customer_takes), (&mut customer_sends, &mut advisor_takes)] {
        let mut got = Vec::new();
        let mut take = |record: &[u8]| got.extend(opener.open(record, now).unwrap());
        sealer.seal_message(Stream::Control, b"hello", now, &mut take).unwrap();
        assert_eq!(got, [(Stream::Control, b"hello".to_vec())]);
    }
}

#[test]
fn two_programs_with_one_number_get_one_set_of_keys() {
    for (need_modern, suite) in [(false, Suite::Blowfish128CtrHmacSha256), (true, Suite::ChaCha20Poly1305)] {
        let setup = Setup { customer_offer: Offer { need_modern, ..Offer::default() }, ..Setup::default() };
        let pair = setup.run(|_, _| {}).ok().unwrap();
        assert_eq!((pair.advisor.suite, pair.customer.suite), (suite, suite));
        assert_eq!(pair.advisor.check_words, pair.customer.check_words);
        assert_eq!(pair.advisor.resume.0, pair.customer.resume.0);
        assert_eq!(pair.customer.card, card());
        let sizes: Vec<usize> = pair.messages[1..].iter().map(Vec::len).collect();
        assert_eq!(sizes, [104, 35, 33, 33]);
        talk(pair);
    }
}

#[test]
fn a_mistyped_number_stops_at_the_advisor_and_gets_no_answer() {
    let setup = Setup { typed: 15_731, ..Setup::default() };
    let mut last = Step::M1;
    let failure = setup.run(|step, _| last = step).err().unwrap();
    assert_eq!(failure, Failure::AdvisorProof(ProofError::WrongProof));
    assert_eq!(last, Step::M4, "the advisor must not send m5");
}

#[test]
fn programs_led_to_different_brokers_or_numbers_do_not_agree() {
    let broker = Context { broker: BrokerIdentity([0xb1; 32]), ..context() };
    let failure = Setup { customer: broker, ..Setup::default() }.run(|_, _| {}).err().unwrap();
    assert_eq!(failure, Failure::AdvisorProof(ProofError::WrongProof));

    let routing = Context { routing: Routing::new(4830).unwrap(), ..context() };
    let failure = Setup { customer: routing.clone(), ..Setup::default() }.run(|_, _| {}).err().unwrap();
    assert_eq!(failure, Failure::Handshake(HandshakeError::Card(CardError::OtherNumber)));
    let failure = Setup { advisor: routing, ..Setup::default() }.run(|_, _| {}).err().unwrap();
    assert_eq!(failure, Failure::Handshake(HandshakeError::Card(CardError::OtherNumber)));
}

#[test]
fn offers_without_a_common_suite_stop_before_any_share() {
    let only = |suite, need_modern| Offer { suites: alloc::vec![suite], need_modern };
    let setup = Setup {
        advisor_offer: only(Suite::Blowfish128CtrHmacSha256, false),
        customer_offer: Offer { need_modern: true, ..Offer::default() },
        ..Setup::default()
    };
    assert_eq!(setup.run(|_, _| {}).err(), Some(Failure::Handshake(HandshakeError::NoCommonSuite)));
}

#[test]
fn two_attempts_at_one_number_share_nothing() {
    let first = Setup::default().run(|_, _| {}).ok().unwrap();
    let second = Setup { seeds: (3, 4), ..Setup::default() }.run(|_, _| {}).ok().unwrap();
    assert_ne!(first.messages, second.messages);
    assert_ne!(first.advisor.resume.0, second.advisor.resume.0);
}

/// Checked by the compiler: what holds a secret erases it when dropped.
#[test]
fn secrets_are_erased_when_dropped() {
    fn erased<T: ZeroizeOnDrop>() {}
    erased::<SecretPart>();
    erased::<ResumeSecret>();
    erased::<crate::keys::Key>();
    erased::<x25519_dalek::StaticSecret>();
    erased::<x25519_dalek::SharedSecret>();
    erased::<Zeroizing<curve25519_dalek::Scalar>>();
    erased::<blowfish::Blowfish>();
    // HMAC keeps its key as hash states only.
    erased::<sha2::Sha256>();
    erased::<chacha20poly1305::ChaCha20Poly1305>();
    erased::<crate::broker_msg::Password>();
}
