//! A running broker: start, accept, stop.

mod listen;
mod reload;

use crate::{
    accounts::Hasher,
    acme::{self, Acme, AcmeConfig},
    audit::{Action, Actor, Record, Signer},
    backup::{self, Plan},
    certificate::{Certificate, CertificateFiles, Certificates},
    config::AdminListen,
    connection::{self, Timing},
    data_dir::{DataDir, Lock},
    desk::Rules,
    hall::{Admission, Hall, unix_now},
    head_keeper::{HeadKeeper, Place},
    identity::Identity,
    limits::{Policy, Source},
    metrics::{Count, Metrics},
    problem::Problem,
    release_key::ReleaseKey,
    retention,
    store::{
        Store,
        sqlite::{OpenError, Sqlite},
    },
    syslog::{Syslog, Target},
    vault::Vault,
    web::{self, Site, company::Offer},
    workplaces::{self, NewWorkplaces},
};
use axum::Router;
use listen::{admin_address, connect_string, host_name, listen, tls_config};
use mitblick_protocol::{broker_msg::FromBroker, text::DisplayText, wire};
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

/// Name of the database in the data folder.
pub(crate) const DATABASE: &str = "broker.sqlite";
/// Name of the secret key that signs the audit trail's head.
const AUDIT_KEY: &str = "audit.key";
/// The organisation's name when none was ever given.
const DEFAULT_ORGANISATION: &str = "Mitblick";
/// Sessions may come back for so long after a restart.
const TRY_FOR: Duration = Duration::from_secs(120);
/// How often failed joins are put into the trail.
const FAILED_JOINS_EVERY: Duration = Duration::from_secs(60 * 60);
/// How long the last audit records are waited for.
const LAST_RECORDS: Duration = Duration::from_secs(3);
/// How often the rules are looked at: the command line may have changed them.
const LOOK_AT_RULES: Duration = Duration::from_secs(2);
/// Programs come back spread over this time.
const COME_BACK_MS: std::ops::Range<u64> = 500..3_000;

/// What a broker is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder for keys and database; made if it isn't there.
    pub data: PathBuf,
    /// Address to listen on, `host:port`; port 0 is any free one.
    pub listen: String,
    /// Host in the connect string, if it is not the listen address.
    pub public_host: Option<String>,
    /// The company's name; remembered. `None` keeps the one there is.
    pub organisation: Option<String>,
    /// Limits of addresses and accounts.
    pub limits: Policy,
    /// Rules of numbers and pairs.
    pub rules: Rules,
    /// Deadlines of connections.
    pub timing: Timing,
    /// How long pairs may go on after the broker was told to stop.
    pub drain: Duration,
    /// File in which the audit trail's signed head is kept.
    pub audit_head: Option<PathBuf>,
    /// Where that is sent as a message of syslog.
    pub audit_syslog: Option<Target>,
    /// Days that entries of the audit trail stay; for ever if it is not given.
    pub audit_keep_days: Option<u32>,
    /// Backups that the broker makes by itself.
    pub backup: Option<Plan>,
    /// The certificate for browsers, if there is one.
    pub certificate: Option<CertificateFiles>,
    /// The authority that gives one instead.
    pub acme: Option<AcmeConfig>,
    /// Where the admin pages listen.
    pub admin: AdminListen,
    /// Folder with the customer's programs.
    pub downloads: Option<PathBuf>,
    /// With whose signatures they are offered; without any if it is not given.
    pub release_key: Option<ReleaseKey>,
    /// Telephone number on the company's page.
    pub telephone: Option<String>,
    /// What becomes of workplaces that come for the first time.
    pub new_workplaces: NewWorkplaces,
}

impl Config {
    /// Defaults for everything but the folder and the address.
    pub fn new(data: impl Into<PathBuf>, listen: impl Into<String>) -> Self {
        Self {
            data: data.into(),
            listen: listen.into(),
            public_host: None,
            organisation: None,
            limits: Policy::default(),
            rules: Rules::default(),
            timing: Timing::default(),
            drain: Duration::from_secs(5),
            audit_head: None,
            audit_syslog: None,
            audit_keep_days: None,
            backup: None,
            certificate: None,
            acme: None,
            admin: AdminListen::default(),
            downloads: None,
            release_key: None,
            telephone: None,
            new_workplaces: NewWorkplaces::default(),
        }
    }
}

/// What connections need.
pub(crate) struct Services {
    pub(crate) hall: Arc<Hall>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hasher: Hasher,
    pub(crate) vault: Vault,
    pub(crate) new_workplaces: NewWorkplaces,
    pub(crate) tls: TlsAcceptor,
    pub(crate) timing: Timing,
    pub(crate) site: Arc<Site>,
    /// The company's page.
    pub(crate) company: Router,
    pub(crate) phase: watch::Receiver<Phase>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    Stopping,
}

/// A running broker. Dropping it ends it at once; see [`Broker::stop`].
pub struct Broker {
    local_address: SocketAddr,
    connect_string: String,
    hall: Arc<Hall>,
    phase: watch::Sender<Phase>,
    serving: JoinHandle<()>,
    time: JoinHandle<()>,
    _recording: AbortOnDrop,
    head_keepers: Vec<Arc<HeadKeeper>>,
    _keeping_heads: Vec<AbortOnDrop>,
    _watching: AbortOnDrop,
    _renewing: Option<AbortOnDrop>,
    _counting: AbortOnDrop,
    _rules_kept: AbortOnDrop,
    _ending_bookings: AbortOnDrop,
    _backups: AbortOnDrop,
    _retention: Option<AbortOnDrop>,
    backup_plan: watch::Sender<Option<Plan>>,
    _admin: Option<AbortOnDrop>,
    admin_address: Option<SocketAddr>,
    site: Arc<Site>,
    config: Config,
    _lock: Lock,
}

/// The database of a data folder, for the command line and the broker.
///
/// # Errors
/// The folder or the database can't be used.
pub async fn open_store(dir: &DataDir) -> Result<Sqlite, Problem> {
    let _set_up = dir.set_up()?;
    let file = dir.file(DATABASE);
    // SQLite makes its other files with the rights of this one.
    dir.read_or_make(DATABASE, || Ok(Vec::new()))?;
    let signer = audit_signer(dir)?;
    Sqlite::open(&file, signer).await.map_err(|error| match error {
        OpenError::Damaged(_) => Problem::damaged(file),
        OpenError::Newer => Problem::NewerDatabase { path: file },
        OpenError::Unusable(why) => Problem::Store { why },
    })
}

/// The key that signs the head of the audit trail; made if it isn't there.
///
/// # Errors
/// It can't be read, written or made.
pub(crate) fn audit_signer(dir: &DataDir) -> Result<Signer, Problem> {
    let secret = Zeroizing::new(dir.read_or_make(AUDIT_KEY, || {
        let mut bytes = vec![0; 32];
        getrandom::fill(&mut bytes).map_err(Problem::keys)?;
        Ok(bytes)
    })?);
    let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| Problem::damaged(dir.file(AUDIT_KEY)))?;
    Ok(Signer::new(secret))
}

/// Starts a broker with the embedded database.
///
/// # Errors
/// See [`Problem`]; nothing half-written is left behind.
pub async fn serve(config: Config) -> Result<Broker, Problem> {
    let dir = DataDir::open(&config.data)?;
    let lock = dir.lock()?;
    let store = Arc::new(open_store(&dir).await?);
    serve_with(config, dir, lock, store).await
}

/// Starts a broker with any store.
///
/// # Errors
/// See [`Problem`].
pub async fn serve_with(config: Config, dir: DataDir, lock: Lock, store: Arc<dyn Store>) -> Result<Broker, Problem> {
    let listener = listen(&config.listen).await?;
    let local_address = listener
        .local_addr()
        .map_err(|error| Problem::Listen { address: config.listen.clone(), why: error.to_string() })?;
    let host = config.public_host.clone().unwrap_or_else(|| host_name(local_address.ip()));
    let given = config.certificate.as_ref().map(|files| Certificate::read(files, unix_now_signed())).transpose()?;
    let given = if config.acme.is_some() { Acme::kept(&dir) } else { given };
    let admin = match admin_address(&config, local_address.port()) {
        Some(address) => Some(listen(&address).await?),
        None => None,
    };
    let mut names = vec![host.clone(), "localhost".to_owned(), local_address.ip().to_string()];
    names.extend(admin.iter().filter_map(|listener| Some(listener.local_addr().ok()?.ip().to_string())));
    names.sort();
    names.dedup();
    let identity = Arc::new(Identity::open(&dir, &names)?);
    let organisation = organisation(&*store, config.organisation.as_deref()).await?;
    let hasher = Hasher::new().map_err(|error| Problem::Password { why: error.to_string() })?;
    let own = Certificate::new(identity.chain.clone(), identity.tls_key.clone_key())?;
    let certificates = Arc::new(Certificates::new(own, given));
    let connect_string = connect_string(&host, local_address.port(), &identity.pin);
    let metrics = Arc::new(Metrics::default());
    let offer = Offer::read(&config, &connect_string, &metrics)?;
    let hall = Hall::new(config.rules, config.limits, identity, organisation, metrics);
    let hall = Arc::new(hall);
    restore_rests(&hall, &*store).await?;
    hall.restore_bookings(&*store).await.map_err(|error| Problem::Store { why: error.to_string() })?;
    let rules = store.rules().await.map_err(|error| Problem::Store { why: error.to_string() })?;
    hall.take_over_rules(&*store, &rules).await.map_err(|error| Problem::Store { why: error.to_string() })?;
    for session in store.unfinished_sessions().await.map_err(|error| Problem::Store { why: error.to_string() })? {
        hall.recorder.push(Record::ended_with_broker(session));
    }
    let started = Record::new(&Actor::Broker, Action::BrokerStarted);
    let recording = AbortOnDrop(tokio::spawn({
        let (hall, store) = (Arc::clone(&hall), Arc::clone(&store));
        async move { hall.recorder.write_to(&*store).await }
    }));
    let head_keepers = head_keepers(&config, &hall);
    let keeping_heads = head_keepers.iter().map(|keeper| {
        let (keeper, hall) = (Arc::clone(keeper), Arc::clone(&hall));
        AbortOnDrop(tokio::spawn(async move { keeper.keep_always(&hall.recorder).await }))
    });
    let keeping_heads = keeping_heads.collect();
    let first = hall.recorder.written(hall.recorder.push(started)).await;
    first.map_err(|error| Problem::Store { why: error.to_string() })?;
    let retention = match config.audit_keep_days {
        Some(days) => {
            let key = audit_signer(&dir)?.verifying_key();
            let keep = retention::keep(Arc::clone(&store), key, days, Arc::clone(&hall.metrics));
            Some(AbortOnDrop(tokio::spawn(keep)))
        }
        None => None,
    };
    let vault = Vault::open(&dir)?;
    let counting = AbortOnDrop(tokio::spawn({
        let hall = Arc::clone(&hall);
        async move {
            loop {
                sleep(FAILED_JOINS_EVERY).await;
                hall.record_failed_joins();
            }
        }
    }));
    let watching_rights = AbortOnDrop(tokio::spawn(workplaces::watch(Arc::clone(&hall), Arc::clone(&store))));
    let (backup_plan, planned) = watch::channel(config.backup.clone());
    let backup_state = Arc::new(backup::State::default());
    let backups = AbortOnDrop(tokio::spawn(backup::make_always(
        dir.clone(),
        Arc::clone(&store),
        planned,
        Arc::clone(&backup_state),
        Arc::clone(&hall.metrics),
    )));
    let site = Arc::new(Site::new(web::Parts {
        backups: backup_state,
        hall: Arc::clone(&hall),
        certificates: Arc::clone(&certificates),
        store: Arc::clone(&store),
        hasher: hasher.clone(),
        vault: vault.clone(),
        data: dir.path().to_owned(),
        connect_string: connect_string.clone(),
        form_patience: config.timing.introduction,
        offer,
    }));
    let (phase, watching) = watch::channel(Phase::Running);
    let tls = TlsAcceptor::from(Arc::new(tls_config(
        &certificates,
        vec![wire::ALPN.to_vec(), web::ALPN.to_vec(), acme::ALPN.to_vec()],
    )?));
    let admin_tls = TlsAcceptor::from(Arc::new(tls_config(&certificates, vec![web::ALPN.to_vec()])?));
    let admin_address = admin.as_ref().and_then(|listener| listener.local_addr().ok());
    let admin = admin.map(|listener| {
        let pages = web::admin::Listener { listener, tls: admin_tls, site: Arc::clone(&site), timing: config.timing };
        AbortOnDrop(tokio::spawn(pages.serve()))
    });
    let renewing = config.acme.clone().map(|config| {
        let acme = Acme {
            config,
            dir: dir.clone(),
            certificates: Arc::clone(&certificates),
            metrics: Arc::clone(&hall.metrics),
        };
        AbortOnDrop(tokio::spawn(acme.keep()))
    });
    let services = Services {
        hall: Arc::clone(&hall),
        store,
        hasher,
        vault,
        new_workplaces: config.new_workplaces,
        tls,
        timing: config.timing,
        company: site.company_routes(),
        site: Arc::clone(&site),
        phase: watching.clone(),
    };
    let rules_kept = AbortOnDrop(tokio::spawn(keep_rules(Arc::clone(&hall), Arc::clone(&services.store))));
    let ending_bookings = AbortOnDrop(tokio::spawn({
        let (hall, store) = (Arc::clone(&hall), Arc::clone(&services.store));
        async move { hall.keep_writing_booking_ends(&*store).await }
    }));
    let services = Arc::new(services);
    let serving = tokio::spawn(accept(listener, services, watching));
    let time = tokio::spawn({
        let hall = Arc::clone(&hall);
        async move { hall.keep_time().await }
    });
    tracing::info!("the broker is ready");
    if let Some(address) = admin_address {
        tracing::info!("admin pages: https://{address}/");
    }
    Ok(Broker {
        local_address,
        connect_string,
        hall,
        phase,
        serving,
        time,
        _recording: recording,
        head_keepers,
        _keeping_heads: keeping_heads,
        _watching: watching_rights,
        _renewing: renewing,
        _counting: counting,
        _rules_kept: rules_kept,
        _ending_bookings: ending_bookings,
        _backups: backups,
        _retention: retention,
        backup_plan,
        _admin: admin,
        admin_address,
        site,
        config,
        _lock: lock,
    })
}

impl Broker {
    /// Address and real port.
    pub fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// `mitblick://HOST:PORT#PIN`, all that programs need.
    pub fn connect_string(&self) -> &str {
        &self.connect_string
    }

    /// Address and port of the admin pages.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// What was counted so far.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.hall.metrics)
    }

    /// Numbers open and pairs alive.
    pub fn counts(&self) -> (usize, usize) {
        self.hall.counts()
    }

    /// Numbers booked for appointments.
    pub fn booked_count(&self) -> usize {
        self.hall.booked_count()
    }

    /// Stops: no new connections, everyone is told, pairs may go on for the
    /// time given in the configuration, or until `hurry` resolves.
    pub async fn stop(mut self, hurry: impl Future<Output = ()>) {
        tracing::info!("the broker stops");
        self.phase.send_replace(Phase::Stopping);
        self.hall.stop(|| FromBroker::Restarting {
            reconnect_in_ms: come_back_in_ms(),
            try_for_ms: u32::try_from(TRY_FOR.as_millis()).unwrap_or(u32::MAX),
        });
        let hurried = tokio::select! {
            () = hurry => true,
            _ = timeout(self.config.drain, &mut self.serving) => false,
        };
        if !self.serving.is_finished() {
            self.hall.end_all();
            // The last messages get a moment to be written.
            let grace = if hurried { Duration::from_millis(200) } else { Duration::from_secs(3) };
            let _ = timeout(grace, &mut self.serving).await;
        }
        self.hall.record_failed_joins();
        self.hall.recorder.push(Record::new(&Actor::Broker, Action::BrokerStopped));
        // A store that fails or hangs now is not waited for: the next start
        // records the end of what has none.
        let _ = timeout(LAST_RECORDS, self.hall.recorder.flush()).await;
        let _ = timeout(LAST_RECORDS, self.hall.write_booking_ends(&*self.site.store)).await;
        let mut last_heads = JoinSet::new();
        for keeper in &self.head_keepers {
            let (keeper, hall) = (Arc::clone(keeper), Arc::clone(&self.hall));
            last_heads.spawn(async move { keeper.keep_now(&hall.recorder).await });
        }
        let _ = timeout(LAST_RECORDS, last_heads.join_all()).await;
    }
}

/// A task that ends with this.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Takes over rules that were changed at the command line.
async fn keep_rules(hall: Arc<Hall>, store: Arc<dyn Store>) {
    loop {
        sleep(LOOK_AT_RULES).await;
        let taken = match store.rules().await {
            Ok(rules) => hall.take_over_rules(&*store, &rules).await,
            Err(error) => Err(error),
        };
        match taken {
            Ok(()) => {}
            Err(error) => {
                hall.metrics.count(Count::StoreFailed);
                tracing::error!(%error, "the company's rules can't be read; those before stay in force");
            }
        }
    }
}

fn head_keepers(config: &Config, hall: &Hall) -> Vec<Arc<HeadKeeper>> {
    let file = config.audit_head.clone().map(Place::File);
    let syslog = config.audit_syslog.clone().map(|target| Place::Syslog(Syslog::new(target)));
    let keeper = |place| Arc::new(HeadKeeper::new(place, Arc::clone(&hall.metrics)));
    file.into_iter().chain(syslog).map(keeper).collect()
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.serving.abort();
        self.time.abort();
    }
}

/// Accepts until the phase changes, then waits for the connections. Dropping
/// it ends them all.
async fn accept(listener: TcpListener, services: Arc<Services>, mut phase: watch::Receiver<Phase>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, address)) => admit(&services, socket, address, &mut connections),
                Err(error) => {
                    // Out of descriptors, say: others must end first, and
                    // trying at once would only burn time.
                    tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                }
            },
            Some(ended) = connections.join_next() => note_panic(ended),
            _ = phase.changed() => break,
        }
    }
    drop(listener);
    while let Some(ended) = connections.join_next().await {
        note_panic(ended);
    }
}

fn admit(services: &Arc<Services>, socket: TcpStream, address: SocketAddr, connections: &mut JoinSet<()>) {
    let source = Source::from(address.ip());
    if let Some(admission) = Admission::new(&services.hall, source) {
        connections.spawn(connection::serve(Arc::clone(services), socket, source, admission));
    }
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        tracing::error!("a connection's task panicked; its guards have freed what it held");
    }
}

async fn organisation(store: &dyn Store, given: Option<&str>) -> Result<DisplayText, Problem> {
    let failed = |error: crate::store::StoreError| Problem::Store { why: error.to_string() };
    let name = match given {
        Some(name) => {
            store.set_organisation(name).await.map_err(failed)?;
            Some(name.to_owned())
        }
        None => store.organisation().await.map_err(failed)?,
    };
    Ok(DisplayText::cleaned(name.as_deref().unwrap_or(DEFAULT_ORGANISATION)))
}

/// Numbers that were open before the restart rest as if it had not happened.
async fn restore_rests(hall: &Hall, store: &dyn Store) -> Result<(), Problem> {
    let rules = hall.rules();
    let now_unix_s = i64::try_from(unix_now()).unwrap_or(i64::MAX);
    let whole = rules.rest + rules.number_life;
    let whole_s = i64::try_from(whole.as_secs()).unwrap_or(i64::MAX);
    let opened = store
        .numbers_opened_since(now_unix_s.saturating_sub(whole_s))
        .await
        .map_err(|error| Problem::Store { why: error.to_string() })?;
    hall.step(|desk, now, _| {
        for (routing, at) in opened {
            let ago_s = u64::try_from(now_unix_s.saturating_sub(at)).unwrap_or(0);
            desk.rest_until(routing, now.after(whole.saturating_sub(Duration::from_secs(ago_s))));
        }
    });
    Ok(())
}

fn unix_now_signed() -> i64 {
    i64::try_from(unix_now()).unwrap_or(i64::MAX)
}

fn come_back_in_ms() -> u32 {
    let span = COME_BACK_MS.end - COME_BACK_MS.start;
    let jitter = getrandom::u64().unwrap_or(0).checked_rem(span).unwrap_or(0);
    u32::try_from(COME_BACK_MS.start + jitter).unwrap_or(u32::MAX)
}
