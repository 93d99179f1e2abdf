//! The customer's controller: from the number to the end screen. Pure; the
//! session's rules are [`ShowerSession`]'s, this connects them with the
//! broker, the workers and the person.

mod cut;
mod drive;
mod effects;
mod meeting;
mod past;
mod session;
mod waiting_room;

use super::{
    control::{ControlCommand, ControlEvent},
    preview::{PreviewCommand, PreviewEvent},
    share::{ShareCommand, ShareEvent},
    tray::Chosen,
    view::{EndView, Who},
};
use crate::{
    controller::Effect,
    images::Images,
    line::LineMeter,
    outbox::Outbox,
    problem::Problem,
    receipt::{KeeperSide, Surroundings, save::Saving},
    secure::{SecureChannel, words_of},
    showing::AppItem,
    together::{
        Together, TogetherEvent, TogetherWork,
        files::{FileEvent, FileWork},
    },
    watching::run::{RunCommand, RunEvent, RunNumber},
};
use cut::Resumption;
use mitblick_platform::stop_key::SecondStopKey;
use mitblick_protocol::{
    broker_msg::{FromBroker, PairEnd, Refusal, ResumeTicket, ToBroker},
    clipboard::Role,
    geometry::Rect,
    handshake::{self, BrokerIdentity, CustomerStart},
    image::ImageKind,
    marks::ShownMarks,
    number::SessionNumber,
    peer_msg::EndReason,
    policy::{Limits, NewestPolicy, SignedPolicy},
    rating::RatingTicket,
    session::{Gates, Permitted, ShowerSession},
    time::Moment,
    wire,
};
use past::Past;
pub(super) use session::Session;
use std::{collections::VecDeque, path::PathBuf, time::Duration};
use waiting_room::{Pairing, Rest};

/// How long the broker may take to pair, and the advisor's program for each
/// step of the handshake.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);
/// How often the list of applications is refreshed while it is looked at.
const REFRESH_EVERY: Duration = Duration::from_millis(1_500);
/// So long it is said that a yes did not count.
const SAID_FOR: Duration = Duration::from_secs(20);
/// So long remote input rests after a yes that did not count.
const INPUT_RESTS: Duration = Duration::from_secs(5);
/// How often running times are shown anew.
const TICK: Duration = Duration::from_secs(1);

/// What workers report to the customer's controller.
#[derive(Debug)]
pub enum CustomerEvent {
    /// The applications on the desktop, or why they can't be listed.
    Applications(Result<Vec<AppItem>, String>),
    /// From the sharing worker.
    Share(ShareEvent),
    /// From the injecting worker and the stop key.
    Control(ControlEvent),
    /// From the worker of what both people can do alike.
    Together(TogetherEvent),
    /// The stop key is watched (`Ok`) or can't be.
    StopKeyWatch(Result<(), String>),
    /// The receipt is in this file, or can't be written.
    ReceiptKept(Result<PathBuf, Problem>),
    /// From the files' worker.
    Files(FileEvent),
    /// From what shows what the advisor sees.
    Preview(PreviewEvent),
    /// From what takes in what the advisor shows.
    Watch(RunNumber, RunEvent),
    /// From the tray.
    Tray(Chosen),
}

/// What workers are to do for the customer's controller.
#[derive(Debug)]
pub enum CustomerWork {
    /// List the applications.
    ListApplications,
    /// For the sharing worker.
    Share(ShareCommand),
    /// For the injecting worker.
    Control(ControlCommand),
    /// Watch the stop key for a session with these gates, and the tray.
    WatchStopKey(Gates),
    /// Watch them no longer.
    UnwatchStopKey,
    /// Keep the stop key from applications, or not.
    SwallowStopKey(bool),
    /// For the worker of what both people can do alike.
    Together(TogetherWork),
    /// Draw a frame round these windows; none = take them away.
    Frames(Vec<Rect>),
    /// Write the receipt into a file.
    KeepReceipt(Saving),
    /// Remember that the person knows the company with this broker.
    RememberCompany([u8; 32]),
    /// For the files' worker.
    Files(FileWork),
    /// Show this as what the advisor points at, in place of what was shown.
    Marks {
        /// What.
        seen: Permitted<ShownMarks>,
        /// The advisor's name, which stands at the pointer.
        name: String,
    },
    /// For what shows what the advisor sees.
    Preview(PreviewCommand),
    /// For what takes in what the advisor shows.
    Watch(RunCommand),
}

/// Fixed facts of a program run.
pub struct CustomerConfig {
    /// The broker's pin, if the program has a broker's address.
    pub pin: Option<[u8; 32]>,
    /// Seconds since 1970 at the origin of `Moment`.
    pub unix_s_at_origin: u64,
    /// What the local time is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
    /// Source of randomness.
    pub entropy: fn(&mut [u8]),
    /// Where receipts usually go.
    pub receipt_folder: Option<PathBuf>,
    /// The person has said before that they call the company with this broker.
    pub knows_company: bool,
    /// The key that stops control beside F12.
    pub second_stop_key: Option<SecondStopKey>,
}

enum Stage {
    Join {
        number: String,
        problem: Option<Problem>,
    },
    /// Connecting, until the broker has paired us.
    Pairing(Pairing),
    AwaitOffer {
        state: handshake::AwaitOffer,
        deadline: Moment,
    },
    AwaitSuite {
        state: handshake::AwaitSuite,
        deadline: Moment,
    },
    AwaitConfirm {
        state: handshake::AwaitConfirm,
        deadline: Moment,
    },
    Session(Box<Session>),
    Ended(EndView),
}

/// See the module's documentation.
pub struct CustomerController {
    config: CustomerConfig,
    stage: Stage,
    /// The broker's key for cards and rules, since it has told it.
    card_key: Option<[u8; 32]>,
    rules: NewestPolicy,
    /// For a session that is about to begin.
    ticket: Option<(ResumeTicket, Duration)>,
    /// Lets the customer say how the present session was, for so long after it.
    rating: Option<(RatingTicket, Duration)>,
    /// What holds for the session that begins, or has begun.
    limits: Limits,
    images: Images,
    /// Of the session that ended last.
    past: Option<Box<Past>>,
    /// A thread has ended by a fault: no session is begun any more.
    faulty: bool,
    /// Counts how often the person looked at what an advisor shows.
    runs: RunNumber,
    effects: VecDeque<Effect<CustomerWork>>,
}

impl CustomerController {
    /// Starts at the number; `number` is one given on the command line.
    /// `problem` is what is wrong from the start.
    pub fn new(config: CustomerConfig, number: Option<String>, problem: Option<Problem>) -> Self {
        let problem = problem.or(config.pin.is_none().then_some(Problem::NoBroker));
        let stage = Stage::Join { number: number.unwrap_or_default(), problem };
        Self {
            config,
            stage,
            card_key: None,
            rules: NewestPolicy::default(),
            ticket: None,
            rating: None,
            limits: Limits::NONE,
            images: Images::default(),
            past: None,
            faulty: false,
            runs: RunNumber::default(),
            effects: VecDeque::new(),
        }
    }

    fn publish(&mut self) {
        self.effects.push_back(Effect::Publish);
    }

    fn work(&mut self, work: CustomerWork) {
        self.effects.push_back(Effect::Work(work));
    }

    pub(super) fn push_effect(&mut self, effect: Effect<CustomerWork>) {
        self.effects.push_back(effect);
    }

    /// The next looking.
    pub(super) fn next_run(&mut self) -> RunNumber {
        self.runs.0 += 1;
        self.runs
    }

    pub(super) const fn entropy(&self) -> fn(&mut [u8]) {
        self.config.entropy
    }

    pub(super) fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.stage {
            Stage::Session(session) => Some(session),
            _ => None,
        }
    }

    fn unix_s(&self, now: Moment) -> u64 {
        self.config.unix_s_at_origin + now.as_ms() / 1000
    }

    fn join(&mut self, text: &str, now: Moment) {
        let problem = match (text.parse::<SessionNumber>(), self.config.pin) {
            _ if self.faulty => Problem::ProgramFault,
            (Err(error), _) => Problem::from(error),
            (Ok(_), None) => Problem::NoBroker,
            (Ok(number), Some(_)) => {
                self.leave(now);
                self.past = None;
                self.stage = Stage::Pairing(Pairing::new(number, now));
                (self.card_key, self.ticket, self.rating) = (None, None, None);
                self.images.new_link();
                self.effects.push_back(Effect::Connect);
                return self.publish();
            }
        };
        self.stage = Stage::Join { number: text.to_owned(), problem: Some(problem) };
        self.publish();
    }

    /// Back to the number: nothing had been shown yet.
    fn fail(&mut self, problem: Problem) {
        // What was typed is not offered again: a number that was tried is used
        // up, and a slip is better typed anew.
        self.stage = Stage::Join { number: String::new(), problem: Some(problem) };
        self.effects.push_back(Effect::Disconnect);
        self.publish();
    }

    fn handle_broker(&mut self, message: FromBroker, now: Moment) {
        match message {
            FromBroker::Ping => self.effects.push_back(Effect::ToBroker(ToBroker::Pong)),
            FromBroker::Welcome { version, card_key, rules, .. } if matches!(self.stage, Stage::Session(_)) => {
                self.welcomed_again(version, card_key, &rules, now);
            }
            FromBroker::SessionTicket { ticket, window_s } => {
                let ticket = Some((ticket, Duration::from_secs(window_s.into())));
                match &mut self.stage {
                    Stage::Session(session) => session.resumption.ticket = ticket,
                    // The broker hears of the proof before the proof is here.
                    _ => self.ticket = ticket,
                }
            }
            FromBroker::RatingTicket { ticket, window_s } => {
                self.rating = Some((ticket, Duration::from_secs(window_s.into())));
            }
            message if matches!(self.stage, Stage::Ended(_)) => self.past_broker(&message, now),
            FromBroker::Resumed => self.found_again(now),
            FromBroker::ResumeFailed => self.lost(Problem::OtherSideLost, now),
            FromBroker::Welcome { version, card_key, rules, .. } => {
                let Stage::Pairing(pairing) = &self.stage else { return };
                let routing = pairing.number.routing();
                if version != wire::PROTOCOL_VERSION {
                    return self.fail(Problem::BrokerVersion);
                }
                if let Err(error) = self.rules.take(&rules, &card_key) {
                    return self.fail(error.into());
                }
                self.card_key = Some(card_key);
                self.effects.push_back(Effect::ToBroker(ToBroker::Join { routing }));
            }
            FromBroker::Rules(rules) => self.rules_changed(&rules, now),
            FromBroker::ImagePart { hash, part, bytes } => {
                if self.images.take(hash, part, &bytes) {
                    self.publish();
                }
                self.ask_for_images();
            }
            FromBroker::NoImage { hash } => {
                self.images.missing(hash);
                self.ask_for_images();
            }
            FromBroker::Paired => self.begin_handshake(now),
            FromBroker::JoinWaits => self.must_wait(),
            FromBroker::JoinFailed => match &self.stage {
                Stage::Pairing(Pairing { awaited: true, .. }) => self.fail(Problem::AppointmentOver),
                _ => self.fail_joining(Problem::NoOneWaits),
            },
            FromBroker::JoinLimited { retry_after_s } => {
                if !self.waits_on(Rest::Limited, Duration::from_secs(retry_after_s.into()), now) {
                    self.fail_joining(Problem::TooManyTries { retry_after_s });
                }
            }
            FromBroker::Refused(Refusal::TooMany) => self.fail_joining(Problem::TooManyTries { retry_after_s: 60 }),
            FromBroker::Restarting { reconnect_in_ms, .. } => match &mut self.stage {
                // Goes on until the broker has stopped, and then after a while.
                Stage::Session(session) if session.resumption.ticket.is_some() => {
                    session.resumption.wait = Some(Duration::from_millis(reconnect_in_ms.into()));
                }
                _ => {
                    if !self.waits_on(Rest::Cut, Duration::from_millis(reconnect_in_ms.into()), now) {
                        self.lost(Problem::BrokerStopping, now);
                    }
                }
            },
            FromBroker::Refused(Refusal::Stopping) => self.link_lost(Problem::BrokerStopping, now),
            FromBroker::PairEnded(reason) if self.pair_is_cut(reason, now) => {}
            FromBroker::Refused(_) => self.fail_joining(Problem::BrokerOutOfOrder),
            FromBroker::PairEnded(reason) => self.lost(self.pair_end_problem(reason), now),
            // Only advisors are told these.
            FromBroker::SignedIn { .. }
            | FromBroker::SignInFailed { .. }
            | FromBroker::SignInRefused(_)
            | FromBroker::PasswordRefused(_)
            | FromBroker::CodeWanted
            | FromBroker::WorkplaceWaits { .. }
            | FromBroker::WorkplaceDecided
            | FromBroker::SignedInElsewhere { .. }
            | FromBroker::TakenOver { .. }
            | FromBroker::SignedOut
            | FromBroker::NumberOpened { .. }
            | FromBroker::NumberClosed(_)
            | FromBroker::Joined
            // Only after a session.
            | FromBroker::RatingTaken
            | FromBroker::RatingRefused
            | FromBroker::Booked(_)
            | FromBroker::NotBooked(_)
            | FromBroker::Bookings(_)
            | FromBroker::NoBooking(_)
            | FromBroker::NotYet { .. }
            | FromBroker::CustomerWaits { .. } => {}
        }
    }

    /// Nothing waits for the answers.
    fn ask_for_images(&mut self) {
        if matches!(self.stage, Stage::Session(_)) {
            self.effects.extend(self.images.ask().map(Effect::ToBroker));
        }
    }

    /// They hold for the next session.
    fn rules_changed(&mut self, rules: &SignedPolicy, now: Moment) {
        // Before the welcome there is no key, and the welcome has them too.
        let Some(card_key) = self.card_key else { return };
        if let Err(error) = self.rules.take(rules, &card_key) {
            self.lost(error.into(), now);
        }
    }

    fn pair_end_problem(&self, reason: PairEnd) -> Problem {
        let proving = matches!(self.stage, Stage::AwaitConfirm { .. });
        match reason {
            PairEnd::Rejected => Problem::WrongNumberOrInterference,
            PairEnd::PeerLeft if proving => Problem::WrongNumberOrInterference,
            PairEnd::BrokerStops => Problem::BrokerStopping,
            PairEnd::Withdrawn => Problem::Withdrawn,
            PairEnd::PeerLeft | PairEnd::PeerLost | PairEnd::PeerStalled => Problem::OtherSideLost,
        }
    }

    fn fail_joining(&mut self, problem: Problem) {
        if matches!(self.stage, Stage::Pairing(_)) {
            self.fail(problem);
        }
    }

    pub(super) fn misbehaved(&mut self, now: Moment) {
        if let Stage::Session(session) = &mut self.stage {
            session.rules.end(EndReason::Misbehaved, now);
        }
        self.drain_session(now);
        if let Stage::Ended(view) = &mut self.stage {
            view.problem = Some(Problem::OtherSideMisbehaved);
        }
        self.publish();
    }

    /// A thread of this program has ended by a fault.
    fn fault(&mut self, now: Moment) {
        self.faulty = true;
        match &self.stage {
            Stage::Session(_) => self.break_off(Problem::ProgramFault, now),
            Stage::Ended(_) => {}
            Stage::Join { .. }
            | Stage::Pairing(_)
            | Stage::AwaitOffer { .. }
            | Stage::AwaitSuite { .. }
            | Stage::AwaitConfirm { .. } => self.fail(Problem::ProgramFault),
        }
    }

    /// The session ends because something broke.
    fn break_off(&mut self, problem: Problem, now: Moment) {
        if let Stage::Session(session) = &mut self.stage {
            session.rules.end(EndReason::Broken, now);
        }
        self.drain_session(now);
        if let Stage::Ended(view) = &mut self.stage {
            view.problem = Some(problem);
            view.by_me = false;
        }
        self.publish();
    }

    /// The link, the broker or the other side is gone.
    fn lost(&mut self, problem: Problem, now: Moment) {
        match &self.stage {
            Stage::Join { .. } => self.leave(now),
            Stage::Ended(_) => self.past_lost(problem, now),
            Stage::Pairing(_) | Stage::AwaitOffer { .. } | Stage::AwaitSuite { .. } | Stage::AwaitConfirm { .. } => {
                self.fail(problem)
            }
            Stage::Session(_) => self.break_off(problem, now),
        }
    }
}
