//! The advisor's controller: from sign-in over numbers and attempts to the
//! session and back to the lobby. Pure; the session's rules are
//! [`WatcherSession`]'s.

pub(super) mod appointments;
mod cut;
mod drive;
mod key;
mod lock;
mod meeting;
pub(super) mod notes;
mod number;
mod recording;
mod session;
mod sign_in;
mod turn;

use super::{picture::PictureStore, view::LastSession, watch::WatchEvent};
use crate::{
    controller::Effect,
    images::Images,
    journal::{JournalEvent, JournalWork},
    line::LineMeter,
    outbox::Outbox,
    pointing::SeenMarks,
    problem::Problem,
    receipt::{Surroundings, WitnessSide},
    recording::{RecorderEvent, Wanted},
    secure::{SecureChannel, words_of},
    showing::{
        run::{ShowCommand, ShowEvent, ShowNumber},
        share::ShareCommand,
    },
    together::{
        Together, TogetherEffect, TogetherEvent, TogetherWork,
        files::{FileEvent, FileWork},
    },
    watching::Answers,
    workplace_key::KeyNews,
};
use appointments::Book;
use cut::Resumption;
use key::Key;
use lock::Lock;
use mitblick_platform::mail::MailtoUri;
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, PairEnd, Password, Refusal, ToBroker},
    clipboard::Role,
    handshake::{self, AdvisorStart, BrokerIdentity, ProofError, resume::Secrets},
    image::ImageKind,
    peer_msg::{EndReason, Frame, SharingState},
    policy::{Limits, NewestPolicy, SignedPolicy},
    receipt::Side,
    session::{EndedBy, WatcherEffect, WatcherSession},
    text::DisplayText,
    time::Moment,
    workplace::ChannelBinding,
};
use notes::NotesView;
use number::{NumberWanted, OpenNumber};
use session::Session;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How long the customer's program may take for each step of the handshake.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);
/// How often running times are shown anew where they count seconds.
const TICK: Duration = Duration::from_secs(1);

/// How often they are where they count minutes: each time costs a repaint, and
/// a picture that stands still is to cost nothing.
const SLOW_TICK: Duration = Duration::from_secs(60);

/// What the watching worker is to do.
#[derive(Debug)]
pub enum AdvisorWork {
    /// Fetch this workplace's key.
    FetchKey,
    /// A new session: begin with an empty picture.
    ResetPicture,
    /// Take in a frame.
    Frame(Frame),
    /// For the worker of what both people can do alike.
    Together(TogetherWork),
    /// For the files' worker.
    Files(FileWork),
    /// The next frame takes up nothing of those before.
    BeginAfresh,
    /// These marks are seen from here on.
    Marks(SeenMarks),
    /// Record what is seen from here on.
    Record(Wanted),
    /// Record no longer.
    EndRecording,
    /// For what shows this desktop to the customer.
    Show(ShowCommand),
    /// For the keeper of the advisor's own list.
    Notes(JournalWork),
    /// Have the system's mail program write this.
    WriteMail(MailtoUri),
}

/// What workers report to the advisor's controller.
#[derive(Debug)]
pub enum AdvisorEvent {
    /// What fetching the workplace's key has come to.
    Key(KeyNews),
    /// From the watching worker.
    Watch(WatchEvent),
    /// From the worker of what both people can do alike.
    Together(TogetherEvent),
    /// From the files' worker.
    Files(FileEvent),
    /// More frames came than an honest shower sends.
    TooManyFrames,
    /// From the recorder.
    Recorder(RecorderEvent),
    /// From what shows this desktop to the customer.
    Show(ShowNumber, ShowEvent),
    /// From the keeper of the advisor's own list.
    Notes(JournalEvent),
    /// The system's mail program did not open.
    MailNotOpened(String),
}

/// Fixed facts of a program run.
pub struct AdvisorConfig {
    /// The broker's pin, if the program has a broker's address.
    pub pin: Option<[u8; 32]>,
    /// Where the broker is, for people.
    pub broker_place: String,
    /// Name to begin with.
    pub user: String,
    /// Seconds since 1970 at the origin of `Moment`.
    pub unix_s_at_origin: u64,
    /// What the local time is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
    /// Source of randomness.
    pub entropy: fn(&mut [u8]),
    /// The name that this workplace gives itself.
    pub workplace_name: DisplayText,
    /// The program locks itself after so long without its person; `None` is
    /// never.
    pub lock_after: Option<Duration>,
    /// The picture, shared with the window.
    pub picture: Arc<PictureStore>,
}

enum Stage {
    SignIn {
        problem: Option<Problem>,
    },
    /// The workplace's key is awaited.
    AwaitsKey {
        password: Password,
        deadline: Moment,
    },
    /// The broker looks at it.
    SigningIn(Entry),
    /// The code of the second factor is typed, or, if it is `busy`, looked at.
    Code {
        entry: Entry,
        busy: bool,
        problem: Option<Problem>,
    },
    /// All was right, and somebody has to decide.
    AtTheDoor {
        entry: Entry,
        waits: Waits,
    },
    /// The password was right, and an initial one.
    NewPassword {
        password: Password,
        problem: Option<Problem>,
    },
    Lobby(Lobby),
    Session(Box<Session>),
}

/// On the way in.
#[derive(Clone)]
struct Entry {
    password: Password,
    /// It is set first.
    new: Option<Password>,
    deadline: Moment,
    binding: Option<ChannelBinding>,
}

/// What is waited for at the door.
enum Waits {
    /// Somebody's approval of this workplace.
    Approval { name: DisplayText, code: u32 },
    /// The person's word on the sign-in at the other workplace; with `busy` it
    /// is given.
    TakeOver { workplace: DisplayText, in_session: bool, busy: bool },
}

#[derive(Default)]
struct Lobby {
    number: Option<OpenNumber>,
    /// What was asked of the broker, until it answers.
    asked: Option<NumberWanted>,
    /// To be asked for as soon as the broker has answered, or the old number is
    /// closed.
    want: Option<NumberWanted>,
    attempt: Option<Attempt>,
    last: Option<LastSession>,
    /// Why the mail program did not open.
    problem: Option<Problem>,
    tick_at: Option<Moment>,
}

/// Someone has joined; what is awaited, and until when.
struct Attempt {
    step: Step,
    deadline: Moment,
    /// For how long its number had been open when it joined.
    waited: Duration,
}

enum Step {
    Share(handshake::AwaitShare),
    Proof(handshake::AwaitProof),
}

/// See the module's documentation.
pub struct AdvisorController {
    config: AdvisorConfig,
    user: String,
    advisor: String,
    organisation: String,
    /// The broker's key for cards and rules, since it has told it.
    card_key: Option<[u8; 32]>,
    rules: NewestPolicy,
    /// What holds for the session that begins, or has begun.
    limits: Limits,
    images: Images,
    stage: Stage,
    /// Whether the broker has this connection among the signed-in ones.
    is_signed_in: bool,
    key: Key,
    lock: Lock,
    /// Counts recordings.
    recordings: u64,
    /// What went wrong with the newest of them.
    recording_problem: Option<Problem>,
    /// Counts how often something was shown to a customer.
    shows: ShowNumber,
    notes: NotesView,
    book: Book,
    /// A thread has ended by a fault: nobody signs in any more.
    faulty: bool,
    effects: VecDeque<Effect<AdvisorWork>>,
}

impl AdvisorController {
    /// Starts at the sign-in; `problem` is what is wrong from the start.
    pub fn new(config: AdvisorConfig, problem: Option<Problem>) -> Self {
        let problem = problem.or(config.pin.is_none().then_some(Problem::NoBroker));
        Self {
            user: config.user.clone(),
            lock: Lock::new(config.lock_after),
            config,
            advisor: String::new(),
            organisation: String::new(),
            card_key: None,
            rules: NewestPolicy::default(),
            limits: Limits::NONE,
            images: Images::default(),
            stage: Stage::SignIn { problem },
            is_signed_in: true,
            key: Key::Fetching { asking: false },
            recordings: 0,
            recording_problem: None,
            shows: ShowNumber::default(),
            notes: NotesView::default(),
            book: Book::default(),
            faulty: false,
            effects: VecDeque::from([Effect::Work(AdvisorWork::FetchKey)]),
        }
    }

    fn publish(&mut self) {
        self.effects.push_back(Effect::Publish);
    }

    pub(super) fn push_effect(&mut self, effect: Effect<AdvisorWork>) {
        self.effects.push_back(effect);
    }

    fn tell_broker(&mut self, message: ToBroker) {
        self.effects.push_back(Effect::ToBroker(message));
    }

    fn handle_broker(&mut self, message: FromBroker, now: Moment) {
        match message {
            FromBroker::Ping => self.tell_broker(ToBroker::Pong),
            FromBroker::Welcome { version, card_key, rules, .. } if matches!(self.stage, Stage::Session(_)) => {
                self.welcomed_again(version, card_key, &rules, now);
            }
            FromBroker::SignedIn { .. } if matches!(self.stage, Stage::Session(_)) => {
                self.is_signed_in = true;
                self.ask_who_waits();
            }
            FromBroker::SessionTicket { ticket, window_s } => {
                if let Stage::Session(session) = &mut self.stage {
                    session.resumption.ticket = Some((ticket, Duration::from_secs(window_s.into())));
                }
            }
            FromBroker::Resumed => self.found_again(now),
            FromBroker::ResumeFailed => self.not_found_again(now),
            // Whatever is wrong with coming back, the session does not.
            FromBroker::SignInRefused(_) | FromBroker::WorkplaceWaits { .. } | FromBroker::SignedInElsewhere { .. }
                if matches!(self.stage, Stage::Session(_)) =>
            {
                self.lost(Problem::OtherSideLost, now);
            }
            FromBroker::Restarting { reconnect_in_ms, .. } if self.goes_on_after_restart(reconnect_in_ms) => {}
            FromBroker::PairEnded(reason) if self.pair_is_cut(reason, now) => {}
            FromBroker::Welcome { version, organisation, card_key, rules } => {
                self.welcomed(version, &organisation, card_key, &rules);
            }
            FromBroker::Rules(rules) => self.rules_changed(&rules, now),
            FromBroker::SignedIn { advisor } => self.signed_in(&advisor, now),
            FromBroker::SignInFailed { retry_after_s, tries_left } => self.sign_in_failed(retry_after_s, tries_left),
            FromBroker::SignInRefused(why) => self.sign_in_refused(why),
            FromBroker::PasswordRefused(rule) => self.ask_new_password(Some(Problem::PasswordRefused(rule))),
            FromBroker::CodeWanted => self.code_wanted(),
            FromBroker::WorkplaceWaits { code, name } => self.wait_at_the_door(Waits::Approval { name, code }),
            FromBroker::SignedInElsewhere { workplace, in_session } => {
                self.wait_at_the_door(Waits::TakeOver { workplace, in_session, busy: false });
            }
            FromBroker::WorkplaceDecided => self.decided(),
            FromBroker::TakenOver { workplace } => self.lost(Problem::TakenOver(workplace.to_string()), now),
            FromBroker::SignedOut => self.lost(Problem::SignedOut, now),
            FromBroker::NumberOpened { routing, life_s, card } => self.number_opened(routing, life_s, card, now),
            FromBroker::Booked(booking) => self.booked(booking),
            FromBroker::NotBooked(why) => self.not_booked(why),
            FromBroker::Bookings(bookings) => self.bookings(bookings, now),
            FromBroker::NoBooking(routing) => self.no_booking(routing),
            FromBroker::NotYet { wait_s, .. } => self.not_yet(wait_s, now),
            FromBroker::CustomerWaits { routing, waits } => self.customer_waits(routing, waits, now),
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
            FromBroker::NumberClosed(reason) => self.number_closed(reason, now),
            FromBroker::Joined => self.joined(now),
            FromBroker::PairEnded(reason) => self.pair_ended(reason, now),
            FromBroker::Refused(refusal) => self.refused(refusal, now),
            FromBroker::Restarting { .. } => self.lost(Problem::BrokerStopping, now),
            // For customers only.
            FromBroker::Paired
            | FromBroker::JoinFailed
            | FromBroker::JoinWaits
            | FromBroker::JoinLimited { .. }
            | FromBroker::RatingTicket { .. }
            | FromBroker::RatingTaken
            | FromBroker::RatingRefused => {}
        }
    }

    /// They hold for the next session.
    fn rules_changed(&mut self, rules: &SignedPolicy, now: Moment) {
        let Some(card_key) = self.card_key else { return };
        if let Err(error) = self.rules.take(rules, &card_key) {
            return self.lost(error.into(), now);
        }
        self.ask_for_images();
    }

    /// Nothing waits for the answers. Only who is signed in gets any.
    fn ask_for_images(&mut self) {
        if matches!(self.stage, Stage::Lobby(_) | Stage::Session(_)) {
            self.images.want(ImageKind::Logo, self.rules.policy().texts.logo);
            self.effects.extend(self.images.ask().map(Effect::ToBroker));
        }
    }

    fn refused(&mut self, refusal: Refusal, now: Moment) {
        let problem = match refusal {
            Refusal::NoNumberFree | Refusal::OutOfOrder => Problem::BrokerOutOfOrder,
            Refusal::TooMany => Problem::TooManyTries { retry_after_s: 60 },
            Refusal::Stopping => return self.lost(Problem::BrokerStopping, now),
            // The two sides disagree on where they are: begin anew.
            Refusal::NotSignedIn | Refusal::WrongState => return self.lost(Problem::LinkLost, now),
        };
        match &mut self.stage {
            Stage::SigningIn(_) | Stage::Code { .. } | Stage::AtTheDoor { .. } => self.fail(Some(problem)),
            Stage::Lobby(lobby) => {
                (lobby.asked, lobby.want) = (None, None);
                lobby.last = Some(LastSession { connected: false, by_me: false, problem: Some(problem), lasted_s: 0 });
                self.publish();
            }
            Stage::SignIn { .. } | Stage::AwaitsKey { .. } | Stage::NewPassword { .. } | Stage::Session(_) => {}
        }
    }

    /// The broker stops: a session goes on until then, and after a while again.
    fn goes_on_after_restart(&mut self, reconnect_in_ms: u32) -> bool {
        let Stage::Session(session) = &mut self.stage else { return false };
        session.resumption.wait = Some(Duration::from_millis(reconnect_in_ms.into()));
        session.resumption.ticket.is_some()
    }

    fn pair_ended(&mut self, reason: PairEnd, now: Moment) {
        match &mut self.stage {
            Stage::Lobby(lobby) => {
                if lobby.attempt.is_some() {
                    self.attempt_failed(AttemptOutcome::Unproven);
                }
            }
            Stage::Session(_) => {
                let problem = match reason {
                    PairEnd::BrokerStops => Problem::BrokerStopping,
                    PairEnd::Withdrawn => Problem::Withdrawn,
                    PairEnd::PeerLeft | PairEnd::PeerLost | PairEnd::Rejected | PairEnd::PeerStalled => {
                        Problem::OtherSideLost
                    }
                };
                self.close_session(false, Some(problem), now);
            }
            Stage::SignIn { .. }
            | Stage::AwaitsKey { .. }
            | Stage::SigningIn(_)
            | Stage::Code { .. }
            | Stage::AtTheDoor { .. }
            | Stage::NewPassword { .. } => {}
        }
    }

    /// The link or the broker is gone.
    fn lost(&mut self, problem: Problem, now: Moment) {
        self.note_session(now);
        if let Stage::Session(session) = &mut self.stage {
            session.rules.end(EndReason::Broken, now);
            session.together.end(now);
            self.effects.push_back(Effect::Work(AdvisorWork::EndRecording));
            self.effects.push_back(Effect::Work(AdvisorWork::Show(ShowCommand::End)));
        }
        self.drain_together(now);
        if !matches!(self.stage, Stage::SignIn { .. } | Stage::AwaitsKey { .. } | Stage::NewPassword { .. }) {
            self.fail(Some(problem));
        }
    }

    fn misbehaved(&mut self, now: Moment) {
        if let Stage::Session(session) = &mut self.stage {
            session.rules.end(EndReason::Misbehaved, now);
        }
        self.drain_session(now);
    }

    /// Performs what is to be done together with the other side.
    fn drain_together(&mut self, now: Moment) {
        while let Stage::Session(session) = &mut self.stage {
            let Some(effect) = session.together.poll_effect() else { return };
            match effect {
                TogetherEffect::Send(stream, message) => session.outbox.push(stream, message),
                TogetherEffect::SendCopy(stream, message) => session.outbox.push_revocable(stream, message),
                TogetherEffect::Revoke(stream) => session.outbox.revoke(stream),
                TogetherEffect::Work(work) => self.effects.push_back(Effect::Work(AdvisorWork::Together(work))),
                TogetherEffect::Files(work) => self.effects.push_back(Effect::Work(AdvisorWork::Files(work))),
                TogetherEffect::Happened(fact) => {
                    if let Some(noted) = fact.for_receipt(Side::Witness)
                        && let Err(misbehaviour) = session.note_together(noted, now)
                    {
                        tracing::warn!(%misbehaviour, "the other side broke the rules");
                        session.rules.end(EndReason::Misbehaved, now);
                    }
                }
                TogetherEffect::Complain(problem) => self.effects.push_back(Effect::Complain(problem)),
                TogetherEffect::Changed => self.publish(),
            }
        }
    }

    /// Performs what the session's rules ask for.
    fn drain_session(&mut self, now: Moment) {
        self.drain_together(now);
        while let Stage::Session(session) = &mut self.stage {
            let Some(effect) = session.rules.poll_effect() else { return };
            match effect {
                WatcherEffect::Send(message) => session.send(&message, now),
                WatcherEffect::Frame(frame) => {
                    if let Some(ms) = frame.round_trip_ms {
                        session.line.round_trip(ms.into());
                    }
                    self.effects.push_back(Effect::Work(AdvisorWork::Frame(frame)));
                }
                WatcherEffect::FreshFrame(frame) => {
                    self.effects.push_back(Effect::Work(AdvisorWork::BeginAfresh));
                    self.effects.push_back(Effect::Work(AdvisorWork::Frame(frame)));
                }
                WatcherEffect::Marks => {
                    let (marks, points_out) = (session.rules.marks(), session.rules.state().points_out);
                    self.show_marks(SeenMarks { marks, points_out });
                }
                WatcherEffect::Changed => {
                    let sharing = session.rules.state().sharing;
                    session.together.set_showing(sharing == SharingState::Showing);
                    if std::mem::replace(&mut session.sharing, sharing) != sharing {
                        // Each showing begins with an empty picture, and none
                        // stays on the screen when it pauses or ends.
                        session.surfaces = Arc::default();
                        self.effects.push_back(Effect::Work(AdvisorWork::ResetPicture));
                    }
                    session.tick_at = now.after(session.tick());
                    session.refusal = None;
                    self.follow_recording();
                    self.follow_turn(now);
                    self.drain_together(now);
                    self.publish();
                }
                WatcherEffect::StartCapture(permit) => self.share(ShareCommand::Start(permit)),
                WatcherEffect::StopCapture => {
                    session.outbox.cancel_pictures();
                    self.share(ShareCommand::Stop);
                }
                WatcherEffect::TurnedFrameShown { number, held_ms } => {
                    self.share(ShareCommand::FrameShown { number, held_ms });
                }
                WatcherEffect::TurnedDecodesVideo(can) => self.share(ShareCommand::DecodesVideo(can)),
                WatcherEffect::TurnedMarks(seen) => self.show_customers_marks(seen),
                WatcherEffect::InputRefused { reason, .. } => {
                    session.refusal = Some(reason);
                    self.publish();
                }
                WatcherEffect::Ended(reason, by) => {
                    let problem = match (by, reason) {
                        (EndedBy::OtherSide, EndReason::Broken) => Some(Problem::OtherSideFault),
                        (_, EndReason::TimeOver) => Some(Problem::SessionTimeOver),
                        (_, EndReason::Misbehaved) => Some(Problem::OtherSideMisbehaved),
                        (EndedBy::OtherSide, EndReason::Declined) => Some(Problem::CustomerDeclined),
                        _ => None,
                    };
                    self.close_session(by == EndedBy::ThisSide, problem, now);
                }
            }
        }
    }

    fn close_session(&mut self, by_me: bool, problem: Option<Problem>, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        session.together.end(now);
        self.drain_together(now);
        let Stage::Session(session) = &mut self.stage else { return };
        // What is left is the word that it is over.
        let mut last = Vec::new();
        while session.cut.is_none()
            && let Some(record) = session.next_record(now)
        {
            last.push(record);
        }
        let lasted_s = now.since(session.since).as_secs();
        let linked = session.cut.is_none();
        let has_broker = linked || (session.is_with_broker() && self.is_signed_in);
        self.note_session(now);
        let end = LastSession { connected: true, by_me, problem, lasted_s };
        self.stage = Stage::Lobby(Lobby { last: Some(end), ..Lobby::default() });
        self.effects.extend(last.into_iter().map(Effect::Relay));
        if has_broker {
            self.tell_broker(ToBroker::EndPair);
        }
        self.effects.push_back(Effect::Work(AdvisorWork::EndRecording));
        self.effects.push_back(Effect::Work(AdvisorWork::Show(ShowCommand::End)));
        self.effects.push_back(Effect::Work(AdvisorWork::ResetPicture));
        if !has_broker {
            // Ended in a cut, on the way back: nobody goes on trying, and there
            // is no lobby without a broker.
            return self.fail(Some(Problem::LinkLost));
        }
        if linked {
            self.open_due(now);
        }
        self.publish();
    }
}
