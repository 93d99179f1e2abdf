//! What can go wrong, as a person needs to hear it. The interface turns each
//! into a text in the person's language that says what to do.

use mitblick_protocol::{appointment::NotBooked, broker_msg::PasswordRule, number::NumberError, policy::PolicyError};

/// Something went wrong, and what the person can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The number has too few digits; so many were typed.
    NumberTooShort(usize),
    /// The number has too many digits.
    NumberTooLong,
    /// The number has a sign in it that is no digit.
    NumberNotADigit(char),
    /// The check digit is wrong: a typing slip. Nothing was sent.
    NumberMistyped,
    /// No one waits at this number: unknown, used, expired or burned.
    NoOneWaits,
    /// Who waited for an appointment: its time is over, or it was cancelled.
    AppointmentOver,
    /// The secret digits did not match: wrong number, or someone interfered.
    /// The number is burned.
    WrongNumberOrInterference,
    /// What is genuine is not in force by the clock of this computer.
    ClockWrong,
    /// Too many tries from this place.
    TooManyTries {
        /// Try again after so many seconds.
        retry_after_s: u32,
    },
    /// The program has no broker address.
    NoBroker,
    /// The broker's address is not one: `mitblick://HOST:PORT#PIN`.
    BrokerAddressInvalid,
    /// No connection to the broker.
    BrokerUnreachable {
        /// Where it was looked for.
        address: String,
    },
    /// Whoever answers at the broker's address does not have its key.
    BrokerNotGenuine {
        /// Where it was looked for.
        address: String,
    },
    /// A proxy is named that can't be used; where it is named.
    ProxySetting {
        /// `--proxy`, or the variable of the environment.
        setting: String,
    },
    /// No connection to the proxy.
    ProxyUnreachable {
        /// Where it was looked for.
        proxy: String,
    },
    /// What answers there is no HTTP proxy.
    ProxyNotUnderstood {
        /// Where.
        proxy: String,
    },
    /// The proxy wants name and password, and none are set.
    ProxySignIn {
        /// Where it is.
        proxy: String,
    },
    /// Name and password are not those of the proxy.
    ProxySignInFailed {
        /// Where it is.
        proxy: String,
    },
    /// The proxy wants to be signed in to in a way that the program can't.
    ProxySignInKind {
        /// Where it is.
        proxy: String,
        /// The ways that it offers.
        kinds: String,
    },
    /// The proxy makes no connection to the broker.
    ProxyRefused {
        /// Where it is.
        proxy: String,
        /// Where the broker was looked for.
        address: String,
        /// What it answered.
        status: u16,
    },
    /// The broker did not answer through the proxy.
    UnreachableThroughProxy {
        /// Where the proxy is.
        proxy: String,
        /// Where the broker was looked for.
        address: String,
    },
    /// Through the proxy answers somebody who is not the broker: it opens what
    /// is encrypted.
    ProxyOpensEncryption {
        /// Where it is.
        proxy: String,
        /// Where the broker was looked for.
        address: String,
    },
    /// No key of this name can be a second stop key.
    NoStopKey {
        /// As it was given.
        key: String,
    },
    /// Broker and program do not speak the same version.
    BrokerVersion,
    /// The company's rules are not signed by the broker.
    RulesNotGenuine,
    /// The company's rules are of a newer kind than this program knows.
    RulesUnknown,
    /// The company's rules are older than others that the broker had before.
    RulesOlder,
    /// The company's rules do not allow control.
    ControlForbidden,
    /// The session was as long as the company's rules allow.
    SessionTimeOver,
    /// The broker stops or restarts.
    BrokerStopping,
    /// The broker is full or in trouble and takes no new sessions.
    BrokerOutOfOrder,
    /// The connection to the broker broke.
    LinkLost,
    /// Name or password is wrong.
    SignInFailed {
        /// Try again after so many seconds; 0 = at once.
        retry_after_s: u32,
        /// Wrong ones before a lock.
        tries_left: u32,
    },
    /// The password is an initial one and must be exchanged first.
    MustChangePassword,
    /// The initial password's time is over.
    InitialPasswordExpired,
    /// The account's role opens no sessions.
    NotAnAdvisor,
    /// The password was changed by somebody else at the same time.
    PasswordChanged,
    /// The account is blocked.
    AccountBlocked,
    /// The code of the second factor is wrong.
    CodeWrong {
        /// Try again after so many seconds; 0 = at once.
        retry_after_s: u32,
        /// Wrong ones before a lock.
        tries_left: u32,
    },
    /// This workplace may sign in no longer, or never could.
    WorkplaceRefused,
    /// So many workplaces of this account wait that this one may not.
    TooManyWorkplaces,
    /// The workplace's key can't be kept, so that nobody can sign in here.
    WorkplaceKey(String),
    /// The workplace's key lies in the system's key store, which stayed locked.
    WorkplaceKeyLocked,
    /// The same, and the key store does not work.
    WorkplaceKeyStoreGone(String),
    /// The same, and the key is not there; the file is the note that says it
    /// should be.
    WorkplaceKeyLost(String),
    /// The account has signed in at this other workplace.
    TakenOver(String),
    /// The account may be signed in no longer, or not from here.
    SignedOut,
    /// The password does not unlock the program.
    UnlockFailed {
        /// Tries before the program signs out.
        tries_left: u32,
    },
    /// The company has ended the session.
    Withdrawn,
    /// The new password fails a rule.
    PasswordRefused(PasswordRule),
    /// The number's time is over before anyone joined.
    NumberExpired,
    /// Someone joined with wrong digits, or interfered: the number is burned.
    NumberBurned,
    /// The other side's connection broke.
    OtherSideLost,
    /// The other side's program has met a fault of its own, and ended.
    OtherSideFault,
    /// A thread of this program has ended by a fault: nothing is begun any more.
    ProgramFault,
    /// The other side broke the rules of a session.
    OtherSideMisbehaved,
    /// The handshake took too long.
    HandshakeTimeout,
    /// There is no screen to open a window on.
    NoDisplay(String),
    /// Windows can't be captured on this system.
    CaptureUnavailable(String),
    /// The stop key can't be watched, so control can't be granted.
    ControlUnavailable(String),
    /// The stop key is watched no longer, so control can't be granted in this
    /// session.
    StopKeyLost,
    /// A line of chat is too long.
    ChatTooLong,
    /// More lines of chat than a person types.
    ChatTooFast,
    /// There is no text in the clipboard.
    ClipboardEmpty,
    /// The text is too long to go from clipboard to clipboard.
    ClipboardTooLong,
    /// The company's rules do not allow it.
    ClipboardForbidden,
    /// Another text waits for its answer.
    ClipboardWaiting,
    /// More texts than a person offers.
    ClipboardTooFast,
    /// The clipboard can't be used on this machine.
    ClipboardUnavailable(String),
    /// The company's rules allow no recording.
    RecordingForbidden,
    /// There is no room for the recording.
    RecordingNoRoom,
    /// The recording is as long as recordings become.
    RecordingTooLong,
    /// The recording can't be written.
    RecordingFailed(String),
    /// The company's rules do not let advisors show anything.
    ShowingForbidden,
    /// The own screen can't be shown.
    ShowingFailed(String),
    /// The answer how it was did not reach the broker.
    RatingNotSent,
    /// The broker takes no answer about this session any more.
    RatingTooLate,
    /// The advisor's own list can't be read or written.
    SessionsUnusable(String),
    /// It can't be exported.
    SessionsNotExported(String),
    /// The advisor's appointments can't be read or written.
    AppointmentsUnusable(String),
    /// No number was booked.
    NotBooked(NotBooked),
    /// Nobody came to an appointment as long as its number was valid.
    AppointmentMissed,
    /// The system's mail program did not open.
    MailNotOpened(String),
    /// The customer says that this is not a call of theirs.
    CustomerDeclined,
    /// There is a file of this name.
    ReceiptExists(String),
    /// The receipt can't be written.
    ReceiptNotWritten(String),
    /// The company's rules do not let files go this way.
    FilesForbidden,
    /// The company's rules do not let a file of this kind go this way.
    FileForbidden(String),
    /// There is nothing in what was chosen.
    NoFiles,
    /// More files than can be offered at once, or folders too deep.
    TooManyFiles,
    /// Too many offers are open.
    TooManyOffers,
    /// A file or folder can't be read.
    FileUnreadable {
        /// Which.
        path: String,
        /// The system's words.
        why: String,
    },
    /// What was chosen is no file and no folder.
    NotAFile(String),
    /// It is not known where to save files.
    NoFolder,
    /// What is asked to be shown is too long.
    AskTooLong,
    /// None of the titles asked for belongs to a window (automation).
    NothingToShare,
    /// The command does not fit the present state (automation).
    NotNow,
    /// The command can't be read (automation).
    BadCommand(String),
}

impl Problem {
    /// Whether somebody answers in the broker's place, or a broker that the
    /// program does not understand: there is no second try.
    pub fn is_of_an_impostor(&self) -> bool {
        matches!(self, Self::BrokerNotGenuine { .. } | Self::ProxyOpensEncryption { .. } | Self::BrokerVersion)
    }

    /// A stable name for automation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NumberTooShort(_) => "number_too_short",
            Self::NumberTooLong => "number_too_long",
            Self::NumberNotADigit(_) => "number_not_a_digit",
            Self::NumberMistyped => "number_mistyped",
            Self::NoOneWaits => "no_one_waits",
            Self::AppointmentOver => "appointment_over",
            Self::WrongNumberOrInterference => "wrong_number_or_interference",
            Self::ClockWrong => "clock_wrong",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::NoBroker => "no_broker",
            Self::BrokerAddressInvalid => "broker_address_invalid",
            Self::BrokerUnreachable { .. } => "broker_unreachable",
            Self::BrokerNotGenuine { .. } => "broker_not_genuine",
            Self::ProxySetting { .. } => "proxy_setting",
            Self::ProxyUnreachable { .. } => "proxy_unreachable",
            Self::ProxyNotUnderstood { .. } => "proxy_not_understood",
            Self::ProxySignIn { .. } => "proxy_sign_in",
            Self::ProxySignInFailed { .. } => "proxy_sign_in_failed",
            Self::ProxySignInKind { .. } => "proxy_sign_in_kind",
            Self::ProxyRefused { .. } => "proxy_refused",
            Self::UnreachableThroughProxy { .. } => "unreachable_through_proxy",
            Self::ProxyOpensEncryption { .. } => "proxy_opens_encryption",
            Self::NoStopKey { .. } => "no_stop_key",
            Self::BrokerVersion => "broker_version",
            Self::RulesNotGenuine => "rules_not_genuine",
            Self::RulesUnknown => "rules_unknown",
            Self::RulesOlder => "rules_older",
            Self::ControlForbidden => "control_forbidden",
            Self::SessionTimeOver => "session_time_over",
            Self::BrokerStopping => "broker_stopping",
            Self::BrokerOutOfOrder => "broker_out_of_order",
            Self::LinkLost => "link_lost",
            Self::SignInFailed { .. } => "sign_in_failed",
            Self::MustChangePassword => "must_change_password",
            Self::InitialPasswordExpired => "initial_password_expired",
            Self::NotAnAdvisor => "not_an_advisor",
            Self::PasswordChanged => "password_changed",
            Self::AccountBlocked => "account_blocked",
            Self::CodeWrong { .. } => "code_wrong",
            Self::WorkplaceRefused => "workplace_refused",
            Self::TooManyWorkplaces => "too_many_workplaces",
            Self::WorkplaceKey(_) => "workplace_key",
            Self::WorkplaceKeyLocked => "workplace_key_locked",
            Self::WorkplaceKeyStoreGone(_) => "workplace_key_store_gone",
            Self::WorkplaceKeyLost(_) => "workplace_key_lost",
            Self::TakenOver(_) => "taken_over",
            Self::SignedOut => "signed_out",
            Self::UnlockFailed { .. } => "unlock_failed",
            Self::Withdrawn => "withdrawn",
            Self::PasswordRefused(_) => "password_refused",
            Self::NumberExpired => "number_expired",
            Self::NumberBurned => "number_burned",
            Self::OtherSideLost => "other_side_lost",
            Self::OtherSideFault => "other_side_fault",
            Self::ProgramFault => "program_fault",
            Self::OtherSideMisbehaved => "other_side_misbehaved",
            Self::HandshakeTimeout => "handshake_timeout",
            Self::NoDisplay(_) => "no_display",
            Self::CaptureUnavailable(_) => "capture_unavailable",
            Self::ControlUnavailable(_) => "control_unavailable",
            Self::StopKeyLost => "stop_key_lost",
            Self::ChatTooLong => "chat_too_long",
            Self::ChatTooFast => "chat_too_fast",
            Self::ClipboardEmpty => "clipboard_empty",
            Self::ClipboardTooLong => "clipboard_too_long",
            Self::ClipboardForbidden => "clipboard_forbidden",
            Self::ClipboardWaiting => "clipboard_waiting",
            Self::ClipboardTooFast => "clipboard_too_fast",
            Self::ClipboardUnavailable(_) => "clipboard_unavailable",
            Self::RecordingForbidden => "recording_forbidden",
            Self::RecordingNoRoom => "recording_no_room",
            Self::RecordingTooLong => "recording_too_long",
            Self::RecordingFailed(_) => "recording_failed",
            Self::ShowingForbidden => "showing_forbidden",
            Self::ShowingFailed(_) => "showing_failed",
            Self::RatingNotSent => "rating_not_sent",
            Self::RatingTooLate => "rating_too_late",
            Self::SessionsUnusable(_) => "sessions_unusable",
            Self::AppointmentsUnusable(_) => "appointments_unusable",
            Self::NotBooked(_) => "not_booked",
            Self::AppointmentMissed => "appointment_missed",
            Self::SessionsNotExported(_) => "sessions_not_exported",
            Self::MailNotOpened(_) => "mail_not_opened",
            Self::CustomerDeclined => "customer_declined",
            Self::ReceiptExists(_) => "receipt_exists",
            Self::ReceiptNotWritten(_) => "receipt_not_written",
            Self::FilesForbidden => "files_forbidden",
            Self::FileForbidden(_) => "file_forbidden",
            Self::NoFiles => "no_files",
            Self::TooManyFiles => "too_many_files",
            Self::TooManyOffers => "too_many_offers",
            Self::FileUnreadable { .. } => "file_unreadable",
            Self::NotAFile(_) => "not_a_file",
            Self::NoFolder => "no_folder",
            Self::AskTooLong => "ask_too_long",
            Self::NothingToShare => "nothing_to_share",
            Self::NotNow => "not_now",
            Self::BadCommand(_) => "bad_command",
        }
    }
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Signature => Self::RulesNotGenuine,
            PolicyError::Unknown => Self::RulesUnknown,
            PolicyError::Older => Self::RulesOlder,
        }
    }
}

impl From<NumberError> for Problem {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::TooShort { digits } => Self::NumberTooShort(digits),
            NumberError::TooLong => Self::NumberTooLong,
            NumberError::NotADigit(c) => Self::NumberNotADigit(c),
            NumberError::CheckDigit => Self::NumberMistyped,
        }
    }
}
