//! Messages between a program and the broker (frames of kind `Control`).
//!
//! ```text
//! B→*  Welcome                                   first, at once
//! A→B  Workplace                                 first of an advisor's
//! A→B  SignIn           B→A  SignedIn | SignInFailed | SignInRefused
//!                            | CodeWanted | WorkplaceWaits | SignedInElsewhere
//! A→B  ChangePassword   B→A  the same, or PasswordRefused
//! A→B  Code             after CodeWanted; answers as to SignIn
//! B→A  WorkplaceDecided after WorkplaceWaits
//! A→B  Enter            after the last two; answers as to SignIn
//! A→B  OpenNumber       B→A  NumberOpened | Refused
//! A→B  Book             B→A  Booked | NotBooked        whenever signed in
//! A→B  CancelBooking    B→A  NoBooking                 the same
//! A→B  ListBookings     B→A  CustomerWaits …, then Bookings    the same
//! A→B  OpenBooked       B→A  NumberOpened | NoBooking | NotYet | Refused
//! C→B  Join             B→C  Paired | JoinFailed     B→A  Joined
//!                       B→C  JoinWaits, then one of both once that is known
//! B→A  CustomerWaits                             whenever signed in
//!      relay frames both ways: handshake, then sealed records
//! A→B  Attempt(outcome)                          once per Joined
//! B→*  SessionTicket                             once the proof was right
//! *→B  Resume           B→*  Resumed | ResumeFailed
//!      relay frames both ways: proofs, then sealed records
//! *→B  EndPair          B→other  PairEnded
//! B→*  Ping             *→B  Pong
//! B→A  TakenOver                                 and the connection ends
//! B→*  Restarting
//! B→*  Rules                                     whenever they change
//! *→B  WantImage        B→*  ImagePart … | NoImage  signed in or paired
//! B→C  RatingTicket                              with SessionTicket or Resumed
//! C→B  Rate             B→C  RatingTaken | RatingRefused   on a fresh connection
//! ```
//! The advisor's connection is in the lobby again after `PairEnded` or its own
//! `EndPair`; relay frames that arrive there are dropped, since they were on
//! the way when the pair ended. The customer's connection serves one join.

use crate::{
    appointment::{Booking, NotBooked, Window},
    card::Card,
    image::ImageHash,
    number::Routing,
    policy::SignedPolicy,
    rating::{Rating, RatingTicket},
    text::DisplayText,
    workplace::WorkplaceProof,
};
use alloc::{string::String, vec::Vec};
use bincode::{Decode, Encode};
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A password on its way to the broker; erased when dropped, never shown.
#[derive(Clone, PartialEq, Eq, Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Lets one side of a session come back after a cut, through whatever
/// connection. Only the broker knows what is in it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct ResumeTicket(pub Vec<u8>);

impl fmt::Debug for ResumeTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResumeTicket({} bytes)", self.0.len())
    }
}

/// How an attempt to pair ended, told by the advisor's program, which alone
/// can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum AttemptOutcome {
    /// Both proved to know the number: it is used up, the pair stays.
    Confirmed,
    /// A well-formed proof was wrong: the number is burned, the pair ends.
    Burned,
    /// It ended before any proof: nothing was learnt, the number waits again.
    Unproven,
}

/// From a program to the broker.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ToBroker {
    /// Sign in as an advisor.
    SignIn {
        /// Account name.
        name: String,
        /// Its password.
        password: Password,
    },
    /// Open a number (advisors, signed in, none open, not paired).
    OpenNumber,
    /// Take the open number back.
    CloseNumber,
    /// Join the advisor who waits at this number.
    Join {
        /// Routing part of the number typed.
        routing: Routing,
    },
    /// How the attempt announced by `Joined` ended.
    Attempt(AttemptOutcome),
    /// End the pair.
    EndPair,
    /// Answer to `Ping`.
    Pong,
    /// Set another password, then sign in with it.
    ChangePassword {
        /// Account name.
        name: String,
        /// Its present password.
        present: Password,
        /// The new one.
        new: Password,
    },
    /// Where this program runs; before it signs in.
    Workplace(WorkplaceProof),
    /// The code of the second factor, or a recovery code, as it was typed.
    Code(Password),
    /// Sign in now, after a wait at the door.
    Enter {
        /// End the sign-in at the other workplace.
        take_over: bool,
    },
    /// Back to a session that was cut: first message of a connection (an
    /// advisor's says where it runs before), or of one whose pair has ended.
    Resume(ResumeTicket),
    /// Send parts of an image that a card or the rules have the hash of: at
    /// most [`crate::wire::IMAGE_PARTS_AT_ONCE`].
    WantImage {
        /// Which.
        hash: ImageHash,
        /// From this part on.
        part: u16,
    },
    /// An answer about a session that is over, on a connection that is nothing
    /// else's.
    Rate {
        /// Of the session.
        ticket: RatingTicket,
        /// The answer.
        rating: Rating,
    },
    /// Keep a number for this window (advisors, signed in).
    Book {
        /// When it is to be valid.
        window: Window,
    },
    /// This booked number is not wanted any more. If it is open it closes.
    CancelBooking(Routing),
    /// Which numbers has this account booked?
    ListBookings,
    /// Open a booked number, as [`ToBroker::OpenNumber`] opens a fresh one, until
    /// its window closes. `CloseNumber` takes it back and leaves it booked.
    OpenBooked(Routing),
}

/// Why somebody is not signed in although the password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum SignInRefusal {
    /// It is an initial one: `ChangePassword` comes first.
    MustChangePassword,
    /// It is an initial one whose time is over: an admin makes another.
    InitialPasswordExpired,
    /// The account's role opens no sessions.
    NotAnAdvisor,
    /// The password was changed by somebody else at the same time.
    PasswordChanged,
    /// The account is blocked.
    Blocked,
    /// The program has not said, or not proven, where it runs.
    WorkplaceUnproven,
    /// This workplace was refused, or its approval taken back.
    WorkplaceRefused,
    /// Too many workplaces of this account wait already.
    TooManyWorkplaces,
}

/// Which rule a new password fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum PasswordRule {
    /// Too few characters.
    TooShort {
        /// Fewest that there must be.
        at_least: u16,
    },
    /// Too many characters.
    TooLong {
        /// Most that there may be.
        at_most: u16,
    },
    /// It contains the account's name, forwards or backwards, however dressed.
    ContainsName,
    /// The account has or had it.
    UsedBefore,
    /// It is among the first that are guessed.
    Common,
}

/// Why an open number is open no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum NumberEnd {
    /// Its life is over.
    Expired,
    /// Too many attempts ended without proof.
    TooManyAttempts,
    /// The advisor's program took it back.
    Closed,
    /// It was burned by a wrong proof.
    Burned,
}

/// Why a pair ended, as the broker saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum PairEnd {
    /// The other side ended it.
    PeerLeft,
    /// The other side's connection broke.
    PeerLost,
    /// The advisor's program judged the proof wrong.
    Rejected,
    /// The other side took no bytes, or was silent, for too long.
    PeerStalled,
    /// The broker stops.
    BrokerStops,
    /// The company has ended it: on the admin pages, or because account or
    /// workplace may sign in no longer.
    Withdrawn,
}

/// Why the broker refused something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum Refusal {
    /// Sign in first.
    NotSignedIn,
    /// The message does not fit the state of this connection.
    WrongState,
    /// No routing number is free.
    NoNumberFree,
    /// Too many connections or numbers from this address or account.
    TooMany,
    /// The broker can't store what it must (a full disk, say) and admits no
    /// new sessions.
    OutOfOrder,
    /// The broker is stopping.
    Stopping,
}

/// From the broker to a program.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum FromBroker {
    /// First message of every connection.
    Welcome {
        /// [`crate::wire::PROTOCOL_VERSION`] of the broker.
        version: u16,
        /// The company whose broker this is.
        organisation: DisplayText,
        /// Ed25519 public key that signs cards and rules.
        card_key: [u8; 32],
        /// The company's rules.
        rules: SignedPolicy,
    },
    /// The advisor is signed in.
    SignedIn {
        /// The name that customers are shown.
        advisor: DisplayText,
    },
    /// Name or password is wrong, or there were too many wrong ones. The same
    /// for names that no account has.
    SignInFailed {
        /// Seconds until a next try is looked at; 0 = at once.
        retry_after_s: u32,
        /// Wrong ones before a lock; 0 = there is one.
        tries_left: u32,
    },
    /// A number is open.
    NumberOpened {
        /// Its routing part; the program draws the secret part itself.
        routing: Routing,
        /// How long it waits for a customer, in seconds.
        life_s: u32,
        /// The card for this number.
        card: Card,
    },
    /// The open number is open no longer.
    NumberClosed(NumberEnd),
    /// A customer has joined: the advisor's program starts the handshake.
    Joined,
    /// The customer's program is paired and waits for the handshake.
    Paired,
    /// No one waits at this number: unknown, used, expired or burned, without
    /// a difference.
    JoinFailed,
    /// Too many tries from this address.
    JoinLimited {
        /// Seconds until a next try is looked at.
        retry_after_s: u32,
    },
    /// The pair has ended.
    PairEnded(PairEnd),
    /// Something was refused.
    Refused(Refusal),
    /// Are you there? Answer with `Pong`.
    Ping,
    /// The broker stops; sessions may come back.
    Restarting {
        /// Wait so long before connecting again, in milliseconds.
        reconnect_in_ms: u32,
        /// Keep trying for so long, in milliseconds.
        try_for_ms: u32,
    },
    /// The password was right, and yet nobody is signed in.
    SignInRefused(SignInRefusal),
    /// The present password was right, the new one is not accepted.
    PasswordRefused(PasswordRule),
    /// The password was right; the account has a second factor.
    CodeWanted,
    /// All was right, but this workplace is new and waits to be approved.
    WorkplaceWaits {
        /// Six digits to compare with those that the approver sees.
        code: u32,
        /// The name that it gave itself.
        name: DisplayText,
    },
    /// Somebody has decided on the workplace that waits: `Enter` tells how.
    WorkplaceDecided,
    /// All was right, but the account is signed in at another workplace.
    SignedInElsewhere {
        /// Its name.
        workplace: DisplayText,
        /// Whether a session goes on there.
        in_session: bool,
    },
    /// The account has signed in at another workplace instead.
    TakenOver {
        /// Its name.
        workplace: DisplayText,
    },
    /// The account, its password or its workplace may be signed in no longer.
    SignedOut,
    /// The company's rules have changed; for sessions that begin from now on.
    Rules(SignedPolicy),
    /// A session has begun, and may be resumed with this.
    SessionTicket {
        /// For `Resume`.
        ticket: ResumeTicket,
        /// For how long after a cut, in seconds.
        window_s: u32,
    },
    /// Both sides of the session are there again: the advisor's program begins
    /// to prove.
    Resumed,
    /// The session does not come back: it is over, or the other side did not
    /// come.
    ResumeFailed,
    /// A part of the image that was asked for.
    ImagePart {
        /// Of which.
        hash: ImageHash,
        /// The how manyeth, from 0.
        part: u16,
        /// Its bytes; see [`crate::image`].
        bytes: Vec<u8>,
    },
    /// There is no such image, or not for this program.
    NoImage {
        /// Which.
        hash: ImageHash,
    },
    /// The customer of this session can say how it was; for customers only.
    RatingTicket {
        /// For `Rate`.
        ticket: RatingTicket,
        /// For how long after the session, in seconds.
        window_s: u32,
    },
    /// The answer is counted.
    RatingTaken,
    /// It is not: the ticket is unknown, used for this question or too old,
    /// without a difference.
    RatingRefused,
    /// A number is booked; the program draws the secret part itself.
    Booked(Booking),
    /// None is.
    NotBooked(NotBooked),
    /// The numbers that this account has booked.
    Bookings(Vec<Booking>),
    /// This account has no such number booked (any more): it was cancelled, used
    /// up or burned, or its window is over.
    NoBooking(Routing),
    /// A booked number can't be opened now: its window has not begun by the
    /// broker's clock, or the company's rules allow none at the moment.
    NotYet {
        /// Which.
        routing: Routing,
        /// Seconds until it is worth another try.
        wait_s: u32,
    },
    /// This number is booked for now and its advisor has not opened it yet: the
    /// customer may wait here for [`FromBroker::Paired`]. Nothing is proven yet.
    JoinWaits,
    /// Whether somebody waits for this booked number to be opened. Who it is
    /// shows only with the proof, once it is open.
    CustomerWaits {
        /// Which.
        routing: Routing,
        /// Whether anybody does.
        waits: bool,
    },
}
