//! A broker that wants to listen in: it holds the pinned key, speaks the
//! broker's protocol to both programs, and runs an end-to-end handshake of its
//! own with each of them instead of relaying theirs. All that it lacks is the
//! secret part of the number, which it has to guess.

mod peers;

pub use peers::{Shower, Watcher};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, ToBroker},
    card::Card,
    framing::{FrameKind, FrameReader, write_frame},
    handshake::{AdvisorStart, BrokerIdentity, Context, CustomerStart, Established, Offer},
    number::{Routing, SecretPart, SessionNumber},
    policy::{Policy, SignedPolicy},
    text::DisplayText,
    wire::{self, MAX_BROKER_MESSAGE_BYTES, PROTOCOL_VERSION},
};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PublicKeyData};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::PrivatePkcs8KeyDer;
use sha2::{Digest, Sha256};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The routing part that it gives out.
const ROUTING: u16 = 4829;

/// What it has found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gains {
    /// The advisor's program took it for the customer.
    pub advisor_fooled: bool,
    /// The customer's program took it for the advisor.
    pub customer_fooled: bool,
    /// The advisor's program told that the number is burned.
    pub burned: bool,
    /// Both attempts are over.
    pub attempts: u8,
}

/// What a watcher does that is nobody's program.
type Script = Box<dyn FnOnce(&mut Watcher<'_>) -> anyhow::Result<()> + Send>;

/// What a shower does that is nobody's program.
type ShowerScript = Box<dyn FnOnce(&mut Shower<'_>) -> anyhow::Result<()> + Send>;

#[derive(Default)]
struct State {
    guess: Option<SecretPart>,
    joined: bool,
    gains: Gains,
    script: Option<Script>,
    shower_script: Option<ShowerScript>,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// A running one; it ends with the test's process.
pub struct FalseBroker {
    url: String,
    shared: Shared,
}

struct Keys {
    identity: BrokerIdentity,
    card: SigningKey,
    tls: Arc<ServerConfig>,
}

impl FalseBroker {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let keys = Arc::new(Keys::make());
        let url = format!("mitblick://{address}#{}", URL_SAFE_NO_PAD.encode(keys.identity.0));
        let shared: Shared = Arc::default();
        let state = Arc::clone(&shared);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (keys, state) = (Arc::clone(&keys), Arc::clone(&state));
                // A program that gives up is what is hoped for.
                thread::spawn(move || serve(socket, &keys, &state));
            }
        });
        Self { url, shared }
    }

    /// Its address as programs take it, with the pin of its own key.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it takes for the secret part of the next number.
    ///
    /// # Panics
    /// If the text is no number.
    pub fn guess(&self, number: &str) {
        let number: SessionNumber = number.parse().expect("a session number");
        self.shared.0.lock().expect("the state").guess = Some(number.secret().clone());
    }

    /// Once a customer's program takes it for the advisor, it does this. Gives
    /// the number to be typed at the customer's.
    ///
    /// # Panics
    /// If there is no randomness.
    pub fn watch(&self, script: impl FnOnce(&mut Watcher<'_>) -> anyhow::Result<()> + Send + 'static) -> String {
        let routing = Routing::new(ROUTING).expect("a routing number");
        let number = SessionNumber::new(routing, SecretPart::draw(&mut entropy)).to_string();
        self.shared.0.lock().expect("the state").script = Some(Box::new(script));
        self.guess(&number);
        number
    }

    /// Once an advisor's program that shows this number takes it for the
    /// customer, it does this.
    ///
    /// # Panics
    /// If the text is no number.
    pub fn show(&self, number: &str, script: impl FnOnce(&mut Shower<'_>) -> anyhow::Result<()> + Send + 'static) {
        self.guess(number);
        let (state, news) = &*self.shared;
        let mut state = state.lock().expect("the state");
        state.shower_script = Some(Box::new(script));
        state.joined = true;
        news.notify_all();
    }

    /// What it found out when both attempts were over.
    #[track_caller]
    pub fn gains(&self) -> Gains {
        crate::wait::until("both attempts in the middle are over", || {
            let gains = self.shared.0.lock().expect("the state").gains;
            (gains.attempts == 2).then_some(gains)
        })
    }
}

impl Keys {
    fn make() -> Self {
        let authority_key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new(Vec::new()).expect("an authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_certificate = authority.self_signed(&authority_key).expect("a certificate");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a leaf");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let issuer = Issuer::new(authority, authority_key);
        let leaf = params.signed_by(&key, &issuer).expect("a certificate");
        let identity = BrokerIdentity(Sha256::digest(key.subject_public_key_info()).into());
        let chain = vec![leaf.der().clone(), authority_certificate.der().clone()];
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a certificate and its key");
        tls.alpn_protocols = vec![wire::ALPN.to_vec()];
        Self { identity, card: SigningKey::from_bytes(&entropy_array()), tls: Arc::new(tls) }
    }

    fn context(&self) -> Context {
        Context { broker: self.identity, routing: Routing::new(ROUTING).expect("a routing number") }
    }

    fn make_card(&self) -> Card {
        let name = DisplayText::cleaned;
        let routing = self.context().routing;
        Card::sign(&self.card, name("Example Help Desk"), name("vera"), None, routing, now_unix_s() + 900)
    }
}

fn now_unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn entropy(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("random bytes");
}

fn entropy_array() -> [u8; 32] {
    let mut bytes = [0; 32];
    entropy(&mut bytes);
    bytes
}

/// One program's connection.
struct Line {
    stream: StreamOwned<ServerConnection, TcpStream>,
    reader: FrameReader,
}

enum Said {
    Control(ToBroker),
    Relay(Vec<u8>),
}

impl Line {
    fn tell(&mut self, message: &FromBroker) -> anyhow::Result<()> {
        self.send(FrameKind::Control, &wire::encode(message)?)
    }

    fn send(&mut self, kind: FrameKind, body: &[u8]) -> anyhow::Result<()> {
        let mut frame = Vec::new();
        write_frame(kind, body, &mut frame)?;
        self.stream.write_all(&frame)?;
        Ok(self.stream.flush()?)
    }

    fn hear(&mut self) -> anyhow::Result<Said> {
        loop {
            if let Some((kind, body)) = self.reader.next_frame()? {
                return Ok(match kind {
                    FrameKind::Control => Said::Control(wire::decode::<_, MAX_BROKER_MESSAGE_BYTES>(body)?),
                    FrameKind::Relay => Said::Relay(body.to_vec()),
                });
            }
            let mut buffer = [0; 4096];
            let read = self.stream.read(&mut buffer)?;
            anyhow::ensure!(read > 0, "the program has left");
            self.reader.push(&buffer[..read]);
        }
    }

    /// The next message from program to program.
    fn hear_peer(&mut self) -> anyhow::Result<Vec<u8>> {
        loop {
            match self.hear()? {
                Said::Relay(body) => return Ok(body),
                Said::Control(ToBroker::Pong) => {}
                Said::Control(other) => anyhow::bail!("{other:?} instead of the handshake"),
            }
        }
    }
}

fn serve(socket: TcpStream, keys: &Keys, shared: &Shared) -> anyhow::Result<()> {
    let connection = ServerConnection::new(Arc::clone(&keys.tls))?;
    let mut line = Line { stream: StreamOwned::new(connection, socket), reader: FrameReader::new() };
    line.tell(&FromBroker::Welcome {
        version: PROTOCOL_VERSION,
        organisation: DisplayText::cleaned("Example Help Desk"),
        card_key: keys.card.verifying_key().to_bytes(),
        rules: SignedPolicy::sign(&keys.card, &Policy::default()),
    })?;
    loop {
        match line.hear()? {
            Said::Control(ToBroker::SignIn { .. }) => {
                line.tell(&FromBroker::SignedIn { advisor: DisplayText::cleaned("vera") })?;
            }
            Said::Control(ToBroker::OpenNumber) => {
                let routing = keys.context().routing;
                line.tell(&FromBroker::NumberOpened { routing, life_s: 900, card: keys.make_card() })?;
                let guess = await_state(shared, |state| state.joined.then(|| state.guess.clone()).flatten())?;
                let result = play_customer(&mut line, keys, guess);
                finish(shared, |gains| match &result {
                    Ok(established) => {
                        (gains.advisor_fooled, gains.burned) = (established.is_some(), established.is_none());
                    }
                    Err(_) => gains.burned = false,
                });
                let script = take_next(shared);
                if let (Ok(Some(established)), Some(script)) = (result, script) {
                    let (sealer, opener) = established.keys.into_channel(established.suite);
                    script(&mut Shower::new(&mut line, sealer, opener))?;
                    // The advisor goes on to the next number.
                    continue;
                }
                // Stays connected, so that only the handshake decides.
                while line.hear().is_ok() {}
            }
            Said::Control(ToBroker::Join { .. }) => {
                let guess = await_state(shared, |state| state.guess.clone())?;
                {
                    let (state, news) = &**shared;
                    state.lock().expect("the state").joined = true;
                    news.notify_all();
                }
                line.tell(&FromBroker::Paired)?;
                let established = play_advisor(&mut line, keys, guess).unwrap_or(None);
                finish(shared, |gains| gains.customer_fooled = established.is_some());
                let script = shared.0.lock().expect("the state").script.take();
                if let (Some(established), Some(script)) = (established, script) {
                    let (sealer, opener) = established.keys.into_channel(established.suite);
                    script(&mut Watcher::new(&mut line, sealer, opener))?;
                }
                while line.hear().is_ok() {}
            }
            _ => {}
        }
    }
}

/// The shower's script; a number is used once, and the next one waits for its
/// own.
fn take_next(shared: &Shared) -> Option<ShowerScript> {
    let mut state = shared.0.lock().expect("the state");
    let script = state.shower_script.take();
    if script.is_some() {
        (state.joined, state.guess) = (false, None);
    }
    script
}

fn await_state<T>(shared: &Shared, ask: impl Fn(&State) -> Option<T>) -> anyhow::Result<T> {
    let (state, news) = &**shared;
    let mut state = state.lock().expect("the state");
    loop {
        if let Some(answer) = ask(&state) {
            return Ok(answer);
        }
        let waited = news.wait_timeout(state, Duration::from_secs(60)).expect("the state");
        anyhow::ensure!(!waited.1.timed_out(), "no one came");
        state = waited.0;
    }
}

fn finish(shared: &Shared, change: impl FnOnce(&mut Gains)) {
    let (state, news) = &**shared;
    let mut state = state.lock().expect("the state");
    change(&mut state.gains);
    state.gains.attempts += 1;
    news.notify_all();
}

/// To the advisor's program it is the customer. What they agreed on, if it was
/// believed.
fn play_customer(line: &mut Line, keys: &Keys, guess: SecretPart) -> anyhow::Result<Option<Established>> {
    line.tell(&FromBroker::Joined)?;
    let card_key = keys.card.verifying_key().to_bytes();
    let start = CustomerStart::begin(keys.context(), guess, Offer::default(), card_key, now_unix_s(), &mut entropy);
    let (next, m2) = start.handle(&line.hear_peer()?)?;
    line.send(FrameKind::Relay, &m2)?;
    let (next, m4) = next.handle(&line.hear_peer()?)?;
    line.send(FrameKind::Relay, &m4)?;
    loop {
        match line.hear()? {
            Said::Control(ToBroker::Attempt(outcome)) => {
                if outcome == AttemptOutcome::Burned {
                    return Ok(None);
                }
                anyhow::ensure!(outcome == AttemptOutcome::Confirmed, "no proof was judged");
            }
            Said::Relay(m5) => return Ok(next.handle(&m5).ok()),
            Said::Control(_) => {}
        }
    }
}

/// To the customer's program it is the advisor. What they agreed on, if it was
/// believed.
fn play_advisor(line: &mut Line, keys: &Keys, guess: SecretPart) -> anyhow::Result<Option<Established>> {
    let (next, m1) = AdvisorStart::begin(keys.context(), guess, Offer::default(), keys.make_card(), &mut entropy)?;
    line.send(FrameKind::Relay, &m1)?;
    let (next, m3) = next.handle(&line.hear_peer()?)?;
    line.send(FrameKind::Relay, &m3)?;
    let m4 = line.hear_peer()?;
    match next.handle(&m4) {
        Ok((established, m5)) => {
            line.send(FrameKind::Relay, &m5)?;
            Ok(Some(established))
        }
        Err(_) => {
            // It can still say something in the right form.
            let mut m5 = vec![5];
            m5.extend_from_slice(&entropy_array());
            line.send(FrameKind::Relay, &m5)?;
            Ok(None)
        }
    }
}
