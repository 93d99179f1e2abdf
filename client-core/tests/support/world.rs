//! Two controllers and a broker of a few lines, in one thread with a clock that
//! the test moves. Nothing is real here but the controllers, the handshake and
//! the records.

mod bookings;
mod broker;
mod images;

use ed25519_dalek::SigningKey;
use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen, AdvisorView, PictureStore,
        controller::{AdvisorConfig, AdvisorController, AdvisorEvent, AdvisorWork},
    },
    controller::{Controller, Effect},
    customer::{
        AppItem, CustomerIntent, CustomerScreen, CustomerView,
        controller::{CustomerConfig, CustomerController, CustomerEvent, CustomerWork},
    },
    link::LinkEvent,
    problem::Problem,
    workplace_key::{KeyNews, KeyPlace},
};
use mitblick_protocol::{
    appointment::Booking,
    broker_msg::{AttemptOutcome, FromBroker, PairEnd, SignInRefusal, ToBroker},
    image::ImageHash,
    number::Routing,
    policy::{Limits, Policy, SignedPolicy},
    rating::{Rating, RatingTicket},
    session::ApplicationId,
    text::DisplayText,
    time::Moment,
    wire,
    workplace::{ChannelBinding, WorkplaceSecret},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

const UNIX_S: u64 = 1_800_000_000;
const PIN: [u8; 32] = [7; 32];
const BINDING: ChannelBinding = ChannelBinding([6; 32]);

/// The first byte of the last message by which both find together again.
const RESUME_3: u8 = 0x13;

fn entropy(bytes: &mut [u8]) {
    getrandom::fill(bytes).unwrap();
}

/// Changes relayed bytes; `true` = from the customer.
pub(crate) type Meddler = Box<dyn FnMut(bool, &mut Vec<u8>)>;

/// Everything that is between the two programs, and the two programs.
pub(crate) struct World {
    pub(crate) now: Moment,
    pub(crate) advisor: AdvisorController,
    pub(crate) customer: CustomerController,
    /// What the customer's workers were told.
    pub(crate) customer_work: Vec<CustomerWork>,
    /// What the advisor's worker was told.
    pub(crate) advisor_work: Vec<AdvisorWork>,
    /// What each fetching of the workplace's key comes to; nothing if it is
    /// empty.
    pub(crate) key_news: VecDeque<KeyNews>,
    pub(crate) key_fetches: u32,
    pub(crate) complaints: Vec<Problem>,
    pub(crate) outcomes: Vec<AttemptOutcome>,
    /// Bytes that were relayed, `true` = from the customer.
    pub(crate) relayed: Vec<(bool, Vec<u8>)>,
    /// Changes relayed bytes on their way.
    pub(crate) meddle: Option<Meddler>,
    /// Whether the network still carries anything.
    pub(crate) network: bool,
    /// The images that the broker has, and the hash on the card.
    pub(crate) images: Vec<Vec<u8>>,
    pub(crate) portrait: Option<ImageHash>,
    /// What the broker makes of a part on its way.
    pub(crate) spoil: fn(&mut Vec<u8>),
    card_key: SigningKey,
    open: Option<Routing>,
    /// The numbers that the advisor has booked.
    pub(crate) bookings: Vec<Booking>,
    /// How often a booked number was to be opened.
    pub(crate) opens_asked: u32,
    /// The booked number for which the customer waits.
    pub(crate) awaited: Option<Routing>,
    /// The broker's clock is so many seconds behind.
    pub(crate) broker_behind_s: u64,
    paired: bool,
    to_advisor: Vec<LinkEvent>,
    to_customer: Vec<LinkEvent>,
    /// What the broker says to the advisor's right password.
    pub(crate) refuses: Option<SignInRefusal>,
    /// What it says to it first.
    pub(crate) door: Option<FromBroker>,
    /// With what the advisor got past the door.
    pub(crate) entered: Vec<ToBroker>,
    /// The broker answers the advisor no more.
    pub(crate) silent: bool,
    /// The rules that the broker tells each side; `None` = none that restrict.
    pub(crate) advisor_rules: Option<SignedPolicy>,
    pub(crate) customer_rules: Option<SignedPolicy>,
    pub(crate) advisor_connected: bool,
    pub(crate) customer_connected: bool,
    pub(crate) quit: Vec<&'static str>,
    /// The broker lets sessions come back.
    pub(crate) resumes: bool,
    /// So many of the advisor's last proofs after a cut get lost, and the line
    /// is cut with each.
    pub(crate) lost_proofs: u32,
    /// The customers are asked how it was.
    pub(crate) asks: bool,
    /// What they answered, and what the broker says to each of them.
    pub(crate) rated: Vec<(RatingTicket, Rating)>,
    pub(crate) to_ratings: Option<FromBroker>,
    /// Which side of a cut session is there again.
    waiting: Option<bool>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::locking_after(None)
    }

    /// The customer has never called this company.
    pub(crate) fn of_unknown_company() -> Self {
        Self::with(None, false)
    }

    /// The advisor's program locks itself after so long.
    pub(crate) fn locking_after(lock_after: Option<Duration>) -> Self {
        Self::with(lock_after, true)
    }

    fn with(lock_after: Option<Duration>, knows_company: bool) -> Self {
        let advisor = AdvisorConfig {
            pin: Some(PIN),
            broker_place: "broker.example:443".into(),
            user: "anna".into(),
            unix_s_at_origin: UNIX_S,
            utc_offset_s: 3_600,
            entropy,
            workplace_name: DisplayText::cleaned("empfang"),
            lock_after,
            picture: Arc::new(PictureStore::default()),
        };
        let customer = CustomerConfig {
            pin: Some(PIN),
            unix_s_at_origin: UNIX_S,
            utc_offset_s: 3_600,
            entropy,
            receipt_folder: Some("/home/anna/Downloads".into()),
            knows_company,
            second_stop_key: None,
        };
        Self {
            now: Moment::from_ms(1_000),
            advisor: AdvisorController::new(advisor, None),
            customer: CustomerController::new(customer, None, None),
            customer_work: Vec::new(),
            advisor_work: Vec::new(),
            key_news: VecDeque::from([key()]),
            key_fetches: 0,
            complaints: Vec::new(),
            outcomes: Vec::new(),
            relayed: Vec::new(),
            meddle: None,
            network: true,
            images: Vec::new(),
            portrait: None,
            spoil: |_| {},
            card_key: SigningKey::from_bytes(&[3; 32]),
            open: None,
            bookings: Vec::new(),
            opens_asked: 0,
            awaited: None,
            broker_behind_s: 0,
            paired: false,
            to_advisor: Vec::new(),
            to_customer: Vec::new(),
            refuses: None,
            door: None,
            entered: Vec::new(),
            silent: false,
            advisor_rules: None,
            customer_rules: None,
            advisor_connected: false,
            customer_connected: false,
            quit: Vec::new(),
            resumes: false,
            lost_proofs: 0,
            asks: false,
            rated: Vec::new(),
            to_ratings: Some(FromBroker::RatingTaken),
            waiting: None,
        }
    }

    /// With a broker that lets sessions come back.
    pub(crate) fn resuming() -> Self {
        Self { resumes: true, ..Self::new() }
    }

    /// The broker stops: both are told that their pair is no more, and their
    /// connections end.
    pub(crate) fn stop_broker(&mut self) {
        self.paired = false;
        self.tell_customer(FromBroker::PairEnded(PairEnd::BrokerStops));
        self.tell_advisor(FromBroker::PairEnded(PairEnd::BrokerStops));
        self.cut();
    }

    /// Only the customer's connection breaks.
    pub(crate) fn cut_customer(&mut self) {
        (self.paired, self.waiting) = (false, None);
        self.to_advisor.clear();
        self.to_customer.clear();
        self.to_advisor.push(LinkEvent::Broker(FromBroker::PairEnded(PairEnd::PeerLost)));
        self.customer.handle_link(LinkEvent::Lost(Problem::LinkLost), self.now);
        self.run();
    }

    /// A session up to the choice of applications.
    pub(crate) fn connected() -> Self {
        Self::new().connect()
    }

    /// The same in this world.
    pub(crate) fn connect(self) -> Self {
        let mut world = self;
        let number = world.number();
        world.customer(CustomerIntent::Join(number));
        assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. }), "{:?}", world.customer_screen());
        assert!(matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)));
        world
    }

    /// A session in which an application is shown.
    pub(crate) fn showing() -> Self {
        Self::connected().show()
    }

    /// The same in this world.
    pub(crate) fn show(self) -> Self {
        let mut world = self;
        world.customer_event(CustomerEvent::Applications(Ok(vec![item(11, "Editor"), item(12, "Mail")])));
        world.customer_event(CustomerEvent::StopKeyWatch(Ok(())));
        world.customer(CustomerIntent::Share(vec![ApplicationId(11)]));
        assert!(matches!(world.customer_screen(), CustomerScreen::Sharing(_)));
        world
    }

    /// Rules as the broker signs them.
    pub(crate) fn signed(&self, serial: u64, limits: Limits) -> SignedPolicy {
        SignedPolicy::sign(&self.card_key, &Policy { serial, limits, ..Policy::default() })
    }

    /// Signs in and gives the number that the advisor reads out.
    pub(crate) fn number(&mut self) -> String {
        self.advisor(AdvisorIntent::SignIn { user: "anna".into(), password: "secret".into() });
        self.open_number()
    }

    /// The number that the advisor reads out.
    pub(crate) fn open_number(&self) -> String {
        match self.advisor_screen() {
            AdvisorScreen::Lobby { number: Some(number), .. } => number.text,
            _ => panic!("no number is open"),
        }
    }

    pub(crate) fn advisor(&mut self, intent: AdvisorIntent) {
        self.advisor.handle_intent(intent, self.now);
        self.run();
    }

    pub(crate) fn customer(&mut self, intent: CustomerIntent) {
        self.customer.handle_intent(intent, self.now);
        self.run();
    }

    pub(crate) fn advisor_key(&mut self, news: KeyNews) {
        self.advisor.handle_event(AdvisorEvent::Key(news), self.now);
        self.run();
    }

    pub(crate) fn advisor_event(&mut self, event: AdvisorEvent) {
        self.advisor.handle_event(event, self.now);
        self.run();
    }

    pub(crate) fn customer_event(&mut self, event: CustomerEvent) {
        self.customer.handle_event(event, self.now);
        self.run();
    }

    pub(crate) fn advisor_screen(&self) -> AdvisorScreen {
        let AdvisorView { screen, .. } = self.advisor.view(self.now);
        screen
    }

    pub(crate) fn customer_screen(&self) -> CustomerScreen {
        self.customer_view().screen
    }

    pub(crate) fn customer_view(&self) -> CustomerView {
        self.customer.view(self.now)
    }

    /// Lets time pass, waking both controllers when they want to be.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = Moment::from_ms(self.now.as_ms() + ms);
        for _ in 0..100_000 {
            let due = [self.advisor.poll_timeout(), self.customer.poll_timeout()].into_iter().flatten().min();
            let Some(due) = due.filter(|due| *due <= end) else { break };
            self.now = due.max(self.now);
            self.advisor.handle_timeout(self.now);
            self.customer.handle_timeout(self.now);
            self.run();
        }
        self.now = end;
    }

    /// Both connections break.
    pub(crate) fn cut(&mut self) {
        (self.paired, self.waiting, self.open) = (false, None, None);
        self.to_advisor.clear();
        self.to_customer.clear();
        self.advisor.handle_link(LinkEvent::Lost(Problem::LinkLost), self.now);
        self.customer.handle_link(LinkEvent::Lost(Problem::LinkLost), self.now);
        self.run();
    }

    /// A message of the broker to the customer, out of the blue.
    pub(crate) fn tell_customer(&mut self, message: FromBroker) {
        self.to_customer.push(LinkEvent::Broker(message));
        self.run();
    }

    /// A message of the broker to the advisor, out of the blue.
    pub(crate) fn tell_advisor(&mut self, message: FromBroker) {
        self.to_advisor.push(LinkEvent::Broker(message));
        self.run();
    }

    /// Raw bytes to the customer, as if from the advisor.
    pub(crate) fn relay_to_customer(&mut self, bytes: Vec<u8>) {
        self.to_customer.push(LinkEvent::Relay(bytes));
        self.run();
    }

    /// Carries everything to and fro until all is quiet.
    pub(crate) fn run(&mut self) {
        loop {
            let mut busy = false;
            while let Some(effect) = self.advisor.poll_effect() {
                busy = true;
                self.advisor_effect(effect);
            }
            while let Some(effect) = self.customer.poll_effect() {
                busy = true;
                self.customer_effect(effect);
            }
            if self.network {
                while let Some(record) = self.advisor.next_record(self.now) {
                    busy = true;
                    self.relay(false, record);
                }
                while let Some(record) = self.customer.next_record(self.now) {
                    busy = true;
                    self.relay(true, record);
                }
                for event in std::mem::take(&mut self.to_advisor) {
                    busy = true;
                    self.advisor.handle_link(event, self.now);
                }
                for event in std::mem::take(&mut self.to_customer) {
                    busy = true;
                    self.customer.handle_link(event, self.now);
                }
            }
            if !busy {
                return;
            }
        }
    }

    fn relay(&mut self, from_customer: bool, mut bytes: Vec<u8>) {
        if !self.paired {
            return;
        }
        if !from_customer && self.lost_proofs > 0 && bytes.first() == Some(&RESUME_3) {
            self.lost_proofs -= 1;
            self.paired = false;
            return;
        }
        if let Some(meddle) = &mut self.meddle {
            meddle(from_customer, &mut bytes);
        }
        self.relayed.push((from_customer, bytes.clone()));
        let way = if from_customer { &mut self.to_advisor } else { &mut self.to_customer };
        way.push(LinkEvent::Relay(bytes));
    }

    fn welcome(&self, rules: Option<SignedPolicy>) -> LinkEvent {
        LinkEvent::Broker(FromBroker::Welcome {
            version: wire::PROTOCOL_VERSION,
            organisation: DisplayText::cleaned("Muster Bank"),
            card_key: self.card_key.verifying_key().to_bytes(),
            rules: rules.unwrap_or_else(|| SignedPolicy::sign(&self.card_key, &Policy::default())),
        })
    }

    fn advisor_effect(&mut self, effect: Effect<AdvisorWork>) {
        match effect {
            Effect::Connect => {
                self.advisor_connected = true;
                self.to_advisor.push(LinkEvent::Connected(BINDING));
                let welcome = self.welcome(self.advisor_rules.clone());
                self.to_advisor.push(welcome);
            }
            Effect::Disconnect => {
                self.waiting.take_if(|customer| !*customer);
                (self.advisor_connected, self.open) = (false, None);
                let why = if self.resumes { PairEnd::PeerLost } else { PairEnd::PeerLeft };
                self.end_pair(false, why);
            }
            Effect::ToBroker(message) => self.advisor_says(message),
            Effect::Relay(bytes) => self.relay(false, bytes),
            Effect::Work(AdvisorWork::FetchKey) => {
                self.key_fetches += 1;
                if let Some(news) = self.key_news.pop_front() {
                    self.advisor.handle_event(AdvisorEvent::Key(news), self.now);
                }
            }
            Effect::Work(work) => self.advisor_work.push(work),
            Effect::Publish => {}
            Effect::Complain(problem) => self.complaints.push(problem),
            Effect::Quit => self.quit.push("advisor"),
        }
    }

    fn customer_effect(&mut self, effect: Effect<CustomerWork>) {
        match effect {
            Effect::Connect => {
                self.customer_connected = true;
                let welcome = self.welcome(self.customer_rules.clone());
                self.to_customer.push(welcome);
            }
            Effect::Disconnect => {
                self.waiting.take_if(|customer| *customer);
                self.customer_connected = false;
                self.leave_waiting_room();
                let why = if self.resumes { PairEnd::PeerLost } else { PairEnd::PeerLeft };
                self.end_pair(true, why);
            }
            Effect::ToBroker(ToBroker::Join { routing }) => {
                if self.open == Some(routing) {
                    self.paired = true;
                    self.to_advisor.push(LinkEvent::Broker(FromBroker::Joined));
                    self.to_customer.push(LinkEvent::Broker(FromBroker::Paired));
                } else {
                    let answer = self.wait_for_booked(routing);
                    self.to_customer.push(LinkEvent::Broker(answer));
                }
            }
            Effect::ToBroker(ToBroker::Resume(_)) => self.rejoin(true),
            Effect::ToBroker(ToBroker::EndPair) => self.end_pair(true, PairEnd::PeerLeft),
            Effect::ToBroker(ToBroker::Rate { ticket, rating }) => {
                assert!(self.customer_connected && !self.paired, "on a connection of its own");
                self.rated.push((ticket, rating));
                self.to_customer.extend(self.to_ratings.clone().map(LinkEvent::Broker));
            }
            Effect::ToBroker(ToBroker::WantImage { hash, part }) => {
                let answers = self.image(hash, part);
                self.to_customer.extend(answers);
            }
            Effect::ToBroker(_) | Effect::Publish => {}
            Effect::Relay(bytes) => self.relay(true, bytes),
            Effect::Work(work) => self.customer_work.push(work),
            Effect::Complain(problem) => self.complaints.push(problem),
            Effect::Quit => self.quit.push("customer"),
        }
    }
}

/// The advisor's workplace's key.
pub(crate) fn key() -> KeyNews {
    KeyNews::Here(WorkplaceSecret::from_bytes(&[5; 32]), KeyPlace::Store)
}

pub(crate) fn item(id: u64, name: &str) -> AppItem {
    let titles = vec![format!("{name} – Dokument")];
    AppItem { id: ApplicationId(id), name: name.into(), titles, icon: None, preview: None }
}
