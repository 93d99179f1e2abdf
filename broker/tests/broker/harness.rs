//! A broker in this process and clients for it.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use mitblick_broker::{
    Broker, Config,
    accounts::{Hasher, PasswordState, Role},
    audit::{Action, Actor, Record},
    data_dir::DataDir,
    limits::Policy,
    open_store,
    store::{CodeUse, NewAccount, NewPassword, Store},
    workplaces::NewWorkplaces,
};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, Password, ResumeTicket, ToBroker},
    framing::{FrameKind, FrameReader, write_frame},
    number::Routing,
    rating::RatingTicket,
    text::DisplayText,
    wire,
    workplace::{BINDING_LABEL, ChannelBinding, WorkplaceProof, WorkplaceSecret},
};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    net::TcpStream,
    sync::{
        OnceCell,
        mpsc::{UnboundedReceiver, unbounded_channel},
    },
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use zeroize::Zeroizing;

/// Hang detection; nothing is measured by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const PASSWORD: &str = "korrektes pferd batterie";
/// Sign-ins of one account at the same time: each counts as wrong until it has
/// proved right, and at five the account is locked for a minute.
pub(crate) const SIGN_INS_AT_ONCE: usize = 4;
/// The advisor of [`add_quick_account`].
pub(crate) const QUICK: &str = "clara";

/// Checks the leaf's key against the pin, as the programs do.
#[derive(Debug)]
struct Pinned {
    pin: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        assert_eq!(chain.len(), 1, "leaf and authority are presented");
        let key = webpki::EndEntityCert::try_from(leaf).unwrap().subject_public_key_info();
        if URL_SAFE_NO_PAD.encode(Sha256::digest(&*key)) == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General("another pin".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        panic!("TLS 1.2 was spoken")
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Where a broker is and what it must prove.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) pin: String,
    /// Advisors so far, by name.
    advisors: Arc<Mutex<HashMap<String, usize>>>,
}

impl Target {
    /// From `mitblick://127.0.0.1:PORT#PIN`.
    pub(crate) fn parse(connect_string: &str) -> Self {
        let rest = connect_string.trim().strip_prefix("mitblick://").unwrap();
        let (address, pin) = rest.split_once('#').unwrap();
        Self { address: address.parse().unwrap(), pin: pin.to_owned(), advisors: Arc::default() }
    }

    pub(crate) async fn tls(&self, alpn: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(Pinned { pin: self.pin.clone(), provider: Arc::clone(&provider) });
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let socket = TcpStream::connect(self.address).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::IpAddress(self.address.ip().into());
        timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, socket)).await.unwrap()
    }

    /// A connection that has heard nothing yet.
    pub(crate) async fn stranger(&self) -> Client {
        Client::over(self.tls(&[wire::ALPN]).await.unwrap())
    }

    /// A connection that has been welcomed.
    pub(crate) async fn connect(&self) -> Client {
        let mut client = self.stranger().await;
        assert!(matches!(client.hear().await, FromBroker::Welcome { version: wire::PROTOCOL_VERSION, .. }));
        client
    }

    /// The same; `None` if the broker is gone.
    pub(crate) async fn try_connect(&self) -> Option<Client> {
        let mut client = Client::over(self.tls(&[wire::ALPN]).await.ok()?);
        matches!(client.next().await, Got::Message(FromBroker::Welcome { .. })).then_some(client)
    }

    /// An advisor; each further one of the same name is a namesake, since an
    /// account is signed in once.
    pub(crate) async fn advisor(&self, name: &str) -> Client {
        let before = {
            let mut advisors = self.advisors.lock().unwrap();
            let count = advisors.entry(name.to_owned()).or_default();
            *count += 1;
            *count - 1
        };
        let mut client = self.connect().await;
        client.sign_in(&namesake(name, before), PASSWORD).await;
        assert!(matches!(client.hear().await, FromBroker::SignedIn { .. }));
        client
    }

    /// An advisor with an open number, and the number.
    pub(crate) async fn waiting(&self) -> (Client, Routing) {
        let mut advisor = self.advisor("anna").await;
        let routing = advisor.open_number().await;
        (advisor, routing)
    }

    /// An advisor and a customer, their attempt confirmed.
    pub(crate) async fn pair(&self) -> (Client, Client) {
        let (mut advisor, customer, _) = self.trying().await;
        advisor.say(&ToBroker::Attempt(AttemptOutcome::Confirmed)).await;
        (advisor, customer)
    }

    /// An advisor of [`add_quick_account`] and a customer, their session begun.
    pub(crate) async fn quick_pair(&self) -> (Client, Client) {
        let mut advisor = self.advisor(QUICK).await;
        let routing = advisor.open_number().await;
        let mut customer = self.connect().await;
        customer.say(&ToBroker::Join { routing }).await;
        assert_eq!(customer.hear().await, FromBroker::Paired);
        assert_eq!(advisor.hear().await, FromBroker::Joined);
        advisor.judge(AttemptOutcome::Confirmed).await;
        advisor.settle().await;
        (advisor, customer)
    }

    /// An advisor and a customer whose attempt is open.
    pub(crate) async fn trying(&self) -> (Client, Client, Routing) {
        let (mut advisor, routing) = self.waiting().await;
        let mut customer = self.connect().await;
        customer.say(&ToBroker::Join { routing }).await;
        assert_eq!(customer.hear().await, FromBroker::Paired);
        assert_eq!(advisor.hear().await, FromBroker::Joined);
        (advisor, customer, routing)
    }
}

/// What a client got.
#[derive(Debug, PartialEq)]
pub(crate) enum Got {
    Message(FromBroker),
    Relayed(Vec<u8>),
    Nothing,
}

/// A program as the broker sees it.
pub(crate) struct Client {
    pub(crate) reader: ReadHalf<TlsStream<TcpStream>>,
    pub(crate) writer: WriteHalf<TlsStream<TcpStream>>,
    frames: FrameReader,
    items: VecDeque<Got>,
    binding: ChannelBinding,
    /// What would bring it back to its session.
    pub(crate) ticket: Option<ResumeTicket>,
    /// What lets it say how its session was.
    pub(crate) rating: Option<RatingTicket>,
}

impl Client {
    fn over(tls: TlsStream<TcpStream>) -> Self {
        let binding = tls.get_ref().1.export_keying_material([0; 32], BINDING_LABEL, None).unwrap();
        let (reader, writer) = tokio::io::split(tls);
        let binding = ChannelBinding(binding);
        Self { reader, writer, frames: FrameReader::new(), items: VecDeque::new(), binding, ticket: None, rating: None }
    }

    /// Says that it runs at the workplace of this key.
    pub(crate) async fn at_workplace(&mut self, key: u8, name: &str) {
        let proof = self.proof(key, name);
        self.say(&ToBroker::Workplace(proof)).await;
    }

    pub(crate) fn proof(&self, key: u8, name: &str) -> WorkplaceProof {
        WorkplaceProof::sign(&WorkplaceSecret::from_bytes(&[key; 32]), DisplayText::cleaned(name), self.binding)
    }

    pub(crate) async fn say(&mut self, message: &ToBroker) {
        let mut frame = Vec::new();
        write_frame(FrameKind::Control, &wire::encode(message).unwrap(), &mut frame).unwrap();
        self.raw(&frame).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.writer.write_all(bytes)).await.unwrap().unwrap();
        self.writer.flush().await.unwrap();
    }

    pub(crate) async fn relay(&mut self, body: &[u8]) {
        let mut frame = Vec::new();
        write_frame(FrameKind::Relay, body, &mut frame).unwrap();
        self.raw(&frame).await;
    }

    /// The next thing, pings answered; `Nothing` when the broker has closed.
    pub(crate) async fn next(&mut self) -> Got {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            while let Some((kind, body)) = self.frames.next_frame().unwrap() {
                self.items.push_back(match kind {
                    FrameKind::Relay => Got::Relayed(body.to_vec()),
                    FrameKind::Control => Got::Message(wire::decode::<FromBroker, 4096>(body).unwrap()),
                });
            }
            match self.items.pop_front() {
                Some(Got::Message(FromBroker::Ping)) => self.say(&ToBroker::Pong).await,
                Some(Got::Message(FromBroker::SessionTicket { ticket, .. })) => self.ticket = Some(ticket),
                Some(Got::Message(FromBroker::RatingTicket { ticket, .. })) => self.rating = Some(ticket),
                Some(item) => return item,
                None => match timeout(PATIENCE, self.reader.read(&mut buffer)).await.expect("hangs") {
                    Ok(0) | Err(_) => return Got::Nothing,
                    Ok(count) => self.frames.push(&buffer[..count]),
                },
            }
        }
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> FromBroker {
        match self.next().await {
            Got::Message(message) => message,
            other => panic!("a message was expected, not {other:?}"),
        }
    }

    pub(crate) async fn closed(&mut self) {
        assert_eq!(self.next().await, Got::Nothing);
    }

    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) {
        self.say(&ToBroker::SignIn { name: name.to_owned(), password: Password(password.to_owned()) }).await;
    }

    pub(crate) async fn open_number(&mut self) -> Routing {
        self.say(&ToBroker::OpenNumber).await;
        match self.hear().await {
            FromBroker::NumberOpened { routing, .. } => routing,
            other => panic!("no number: {other:?}"),
        }
    }

    pub(crate) async fn judge(&mut self, outcome: AttemptOutcome) {
        self.say(&ToBroker::Attempt(outcome)).await;
    }

    /// Waits until the broker has handled all that was said before.
    pub(crate) async fn settle(&mut self) {
        // An advisor's second number is refused, in order.
        self.say(&ToBroker::OpenNumber).await;
        loop {
            match self.next().await {
                Got::Message(FromBroker::Refused(_)) => return,
                Got::Nothing => panic!("closed"),
                Got::Message(_) | Got::Relayed(_) => {}
            }
        }
    }
}

/// A broker with the accounts `anna` and `berta`, and the main user `maria`.
pub(crate) struct Rig {
    pub(crate) broker: Broker,
    pub(crate) target: Target,
    pub(crate) dir: TempDir,
}

pub(crate) fn relaxed(dir: &Path) -> Config {
    let mut config = Config::new(dir, "127.0.0.1:0");
    config.limits = Policy::relaxed();
    config.new_workplaces = NewWorkplaces::Approve;
    // Some tests have one who only looks on, or many who introduce themselves
    // late, and machines may be slow.
    config.timing.introduction = Duration::from_secs(180);
    config
}

/// Takes what comes to somebody from now on, whatever the test does meanwhile:
/// whoever answers no ping is given up after a while.
pub(crate) fn attentive(mut client: Client) -> UnboundedReceiver<Got> {
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let got = client.next().await;
            let is_over = got == Got::Nothing;
            if sender.send(got).is_err() || is_over {
                break;
            }
        }
    });
    receiver
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open_store(&DataDir::open(dir.path()).unwrap()).await.unwrap();
        add_accounts(&store).await;
        store.close().await;
        let mut config = relaxed(dir.path());
        change(&mut config);
        let broker = mitblick_broker::serve(config).await.unwrap();
        let target = Target::parse(broker.connect_string());
        Self { broker, target, dir }
    }
}

impl Rig {
    /// Stopped, and started again on the same folder.
    pub(crate) async fn restarted(self) -> Self {
        self.broker.stop(std::future::pending()).await;
        let broker = mitblick_broker::serve(relaxed(self.dir.path())).await.unwrap();
        let target = Target::parse(broker.connect_string());
        Self { broker, target, dir: self.dir }
    }
}

pub(crate) async fn add_accounts(store: &dyn Store) {
    add_main_user(store).await;
    for name in ["anna", "berta"] {
        store.add_account(account(name).await, record(Action::AccountAdded)).await.unwrap();
        add_namesakes(store, name).await;
    }
}

/// Namesakes of each advisor.
const NAMESAKES: usize = 12;

fn namesake(name: &str, number: usize) -> String {
    if number == 0 { name.to_owned() } else { format!("{name}.{number}") }
}

/// Accounts for tests that need several advisors and don't mind who.
pub(crate) async fn add_namesakes(store: &dyn Store, name: &str) {
    for number in 1..=NAMESAKES {
        let one = NewAccount { display_name: format!("{name} Berg"), ..account(&namesake(name, number)).await };
        store.add_account(one, record(Action::AccountAdded)).await.unwrap();
    }
}

/// So many advisors whose passwords' hashes cost nothing, for when thousands
/// sign in.
pub(crate) async fn add_quick_accounts(store: &dyn Store, count: usize) {
    let params = Params::new(8, 1, 1, None).unwrap();
    let quick = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = quick.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap().to_string();
    for number in 0..count {
        let quick = NewAccount {
            name: namesake(QUICK, number),
            display_name: QUICK.to_owned(),
            role: Role::Advisor,
            password: own(&hash),
        };
        store.add_account(quick, record(Action::AccountAdded)).await.unwrap();
    }
}

pub(crate) async fn add_main_user(store: &dyn Store) {
    store.set_paper_code("code", 100, record(Action::PaperCodeMade)).await.unwrap();
    let made = store.add_main_user(account("maria").await, "code", 50, record(Action::AccountAdded)).await;
    assert_eq!(made.unwrap(), CodeUse::Accepted);
}

/// A record as the command line makes it.
pub(crate) fn record(action: Action) -> Record {
    Record::new(&Actor::CommandLine, action)
}

pub(crate) async fn account(name: &str) -> NewAccount {
    static HASH: OnceCell<Zeroizing<String>> = OnceCell::const_new();
    let hash = async || Hasher::new().unwrap().hash(Zeroizing::new(PASSWORD.to_owned())).await.unwrap();
    NewAccount {
        name: name.to_owned(),
        display_name: format!("{name} Berg"),
        role: Role::Advisor,
        password: own(HASH.get_or_init(hash).await),
    }
}

/// A password of the holder's own choice.
pub(crate) fn own(hash: &str) -> NewPassword {
    NewPassword { hash: Zeroizing::new(hash.to_owned()), state: PasswordState::Own, changed_unix_s: 1_700_000_000 }
}

/// Waits until something observable has happened.
pub(crate) async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !happened() {
        assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
