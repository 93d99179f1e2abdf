//! What happened, as a sentence that says what to do. One text per variant, in
//! each language; the compiler asks for a new one with every new variant.

use super::format;
use crate::{language::Texts, problem::Problem};
use mitblick_platform::stop_key::SecondStopKey;
use mitblick_protocol::{
    appointment::NotBooked,
    broker_msg::PasswordRule,
    input::InputRefusal,
    peer_msg::{ControlEnd, RecordingEnd, TurnEnd},
    transfer::FileEnd,
};

/// Why a recording ended.
pub fn recording_end(texts: Texts, end: RecordingEnd) -> String {
    match end {
        RecordingEnd::TakenBack => texts.t("recording-end-taken-back"),
        RecordingEnd::Stopped => texts.t("recording-end-stopped"),
        RecordingEnd::Broken => texts.t("recording-end-broken"),
        RecordingEnd::Forbidden => texts.t("recording-end-forbidden"),
        RecordingEnd::LinkLost => texts.t("recording-end-link-lost"),
        RecordingEnd::SharingChanged => texts.t("recording-end-sharing-changed"),
        RecordingEnd::Turned => texts.t("recording-end-turned"),
    }
}

/// Why the advisor shows nothing of the own screen any more.
pub fn turn_end(texts: Texts, end: TurnEnd) -> String {
    match end {
        TurnEnd::TakenBack => texts.t("turn-end-taken-back"),
        TurnEnd::GivenBack => texts.t("turn-end-given-back"),
        TurnEnd::Broken => texts.t("turn-end-broken"),
        TurnEnd::Forbidden => texts.t("turn-end-forbidden"),
        TurnEnd::LinkLost => texts.t("turn-end-link-lost"),
    }
}

/// That the rules end the session: as it is read, with the time that is left,
/// and as screen readers tell it, once.
pub fn ends_soon(texts: Texts, left_s: u32) -> [String; 2] {
    let left = format::time_left(texts, left_s.into());
    [texts.t_with("ends-soon", &[("left", left.into())]), texts.t("ends-soon-told")]
}

/// What went wrong and what to do about it.
pub fn problem(texts: Texts, problem: &Problem) -> String {
    match problem {
        Problem::NumberTooShort(digits) => texts.t_with("problem-number-too-short", &[("digits", (*digits).into())]),
        Problem::NumberTooLong => texts.t("problem-number-too-long"),
        Problem::NumberNotADigit(sign) => {
            texts.t_with("problem-number-not-a-digit", &[("sign", sign.to_string().into())])
        }
        Problem::NumberMistyped => texts.t("problem-number-mistyped"),
        Problem::NoOneWaits => texts.t("problem-no-one-waits"),
        Problem::AppointmentOver => texts.t("problem-appointment-over"),
        Problem::WrongNumberOrInterference => texts.t("problem-wrong-number"),
        Problem::ClockWrong => texts.t("problem-clock"),
        Problem::TooManyTries { retry_after_s } => {
            texts.t_with("problem-too-many-tries", &[("time", wait(texts, *retry_after_s).into())])
        }
        Problem::NoBroker => texts.t("problem-no-broker"),
        Problem::BrokerAddressInvalid => texts.t("problem-broker-address"),
        Problem::BrokerUnreachable { address } => {
            texts.t_with("problem-broker-unreachable", &[("address", address.into())])
        }
        Problem::BrokerNotGenuine { address } => {
            texts.t_with("problem-broker-not-genuine", &[("address", address.into())])
        }
        Problem::ProxySetting { setting } => texts.t_with("problem-proxy-setting", &[("setting", setting.into())]),
        Problem::ProxyUnreachable { proxy } => texts.t_with("problem-proxy-unreachable", &[("proxy", proxy.into())]),
        Problem::ProxyNotUnderstood { proxy } => {
            texts.t_with("problem-proxy-not-understood", &[("proxy", proxy.into())])
        }
        Problem::ProxySignIn { proxy } => texts.t_with("problem-proxy-sign-in", &[("proxy", proxy.into())]),
        Problem::ProxySignInFailed { proxy } => {
            texts.t_with("problem-proxy-sign-in-failed", &[("proxy", proxy.into())])
        }
        Problem::ProxySignInKind { proxy, kinds } => {
            texts.t_with("problem-proxy-sign-in-kind", &[("proxy", proxy.into()), ("kinds", kinds.into())])
        }
        Problem::ProxyRefused { proxy, address, status } => {
            // Filled in as a text: a number would get marks for thousands.
            let status = status.to_string();
            let values = [("proxy", proxy.into()), ("address", address.into()), ("status", status.into())];
            texts.t_with("problem-proxy-refused", &values)
        }
        Problem::UnreachableThroughProxy { proxy, address } => {
            texts.t_with("problem-proxy-no-way", &[("proxy", proxy.into()), ("address", address.into())])
        }
        Problem::ProxyOpensEncryption { proxy, address } => {
            texts.t_with("problem-proxy-opens", &[("proxy", proxy.into()), ("address", address.into())])
        }
        Problem::NoStopKey { key } => {
            let names: Vec<_> = SecondStopKey::names().collect();
            let values = [("key", key.into()), ("names", names.join(", ").into())];
            texts.t_with("problem-no-stop-key", &values)
        }
        Problem::BrokerVersion => texts.t("problem-broker-version"),
        Problem::RulesNotGenuine => texts.t("problem-rules-not-genuine"),
        Problem::RulesUnknown => texts.t("problem-rules-unknown"),
        Problem::RulesOlder => texts.t("problem-rules-older"),
        Problem::ControlForbidden => texts.t("problem-control-forbidden"),
        Problem::SessionTimeOver => texts.t("problem-session-time-over"),
        Problem::BrokerStopping => texts.t("problem-broker-stopping"),
        Problem::BrokerOutOfOrder => texts.t("problem-broker-out-of-order"),
        Problem::LinkLost => texts.t("problem-link-lost"),
        Problem::SignInFailed { retry_after_s: 0, tries_left } => {
            texts.t_with("problem-sign-in", &[("left", (*tries_left).into())])
        }
        Problem::SignInFailed { retry_after_s, .. } => {
            texts.t_with("problem-sign-in-wait", &[("time", wait(texts, *retry_after_s).into())])
        }
        Problem::MustChangePassword => texts.t("problem-must-change-password"),
        Problem::InitialPasswordExpired => texts.t("problem-initial-password-expired"),
        Problem::NotAnAdvisor => texts.t("problem-not-an-advisor"),
        Problem::PasswordChanged => texts.t("problem-password-changed"),
        Problem::AccountBlocked => texts.t("problem-account-blocked"),
        Problem::CodeWrong { retry_after_s: 0, tries_left } => {
            texts.t_with("problem-code", &[("left", (*tries_left).into())])
        }
        Problem::CodeWrong { retry_after_s, .. } => {
            texts.t_with("problem-code-wait", &[("time", wait(texts, *retry_after_s).into())])
        }
        Problem::WorkplaceRefused => texts.t("problem-workplace-refused"),
        Problem::TooManyWorkplaces => texts.t("problem-too-many-workplaces"),
        Problem::WorkplaceKey(why) => texts.t_with("problem-workplace-key", &[("why", why.into())]),
        Problem::WorkplaceKeyLocked => texts.t("problem-workplace-key-locked"),
        Problem::WorkplaceKeyStoreGone(why) => texts.t_with("problem-workplace-key-gone", &[("why", why.into())]),
        Problem::WorkplaceKeyLost(note) => texts.t_with("problem-workplace-key-lost", &[("note", note.into())]),
        Problem::TakenOver(workplace) => texts.t_with("problem-taken-over", &[("workplace", workplace.into())]),
        Problem::SignedOut => texts.t("problem-signed-out"),
        Problem::UnlockFailed { tries_left } => texts.t_with("problem-unlock", &[("left", (*tries_left).into())]),
        Problem::Withdrawn => texts.t("problem-withdrawn"),
        Problem::PasswordRefused(rule) => password_rule(texts, *rule),
        Problem::NumberExpired => texts.t("problem-number-expired"),
        Problem::NumberBurned => texts.t("problem-number-burned"),
        Problem::OtherSideLost => texts.t("problem-other-side-lost"),
        Problem::OtherSideFault => texts.t("problem-other-side-fault"),
        Problem::ProgramFault => texts.t("problem-program-fault"),
        Problem::OtherSideMisbehaved => texts.t("problem-other-side-misbehaved"),
        Problem::HandshakeTimeout => texts.t("problem-handshake-timeout"),
        Problem::NoDisplay(why) => texts.t_with("problem-no-display", &[("why", why.into())]),
        Problem::CaptureUnavailable(why) => texts.t_with("problem-capture", &[("why", why.into())]),
        Problem::StopKeyLost => texts.t("problem-stop-key-lost"),
        Problem::ControlUnavailable(why) => texts.t_with("problem-control", &[("why", why.into())]),
        Problem::ChatTooLong => texts.t("problem-chat-too-long"),
        Problem::ChatTooFast => texts.t("problem-chat-too-fast"),
        Problem::ClipboardEmpty => texts.t("problem-clipboard-empty"),
        Problem::ClipboardTooLong => texts.t("problem-clipboard-too-long"),
        Problem::ClipboardForbidden => texts.t("problem-clipboard-forbidden"),
        Problem::ClipboardWaiting => texts.t("problem-clipboard-waiting"),
        Problem::ClipboardTooFast => texts.t("problem-clipboard-too-fast"),
        Problem::ClipboardUnavailable(_) => texts.t("problem-clipboard-unavailable"),
        Problem::RecordingForbidden => texts.t("problem-recording-forbidden"),
        Problem::ShowingForbidden => texts.t("problem-showing-forbidden"),
        Problem::ShowingFailed(why) => texts.t_with("problem-showing-failed", &[("why", why.into())]),
        Problem::RecordingNoRoom => texts.t("problem-recording-no-room"),
        Problem::RecordingTooLong => texts.t("problem-recording-too-long"),
        Problem::RecordingFailed(why) => texts.t_with("problem-recording-failed", &[("why", why.into())]),
        Problem::RatingNotSent => texts.t("problem-rating-not-sent"),
        Problem::RatingTooLate => texts.t("problem-rating-too-late"),
        Problem::SessionsUnusable(why) => texts.t_with("problem-sessions-unusable", &[("why", why.into())]),
        Problem::SessionsNotExported(why) => texts.t_with("problem-sessions-not-exported", &[("why", why.into())]),
        Problem::AppointmentsUnusable(why) => texts.t_with("problem-appointments-unusable", &[("why", why.into())]),
        Problem::NotBooked(why) => match why {
            NotBooked::Forbidden => texts.t("problem-not-booked-forbidden"),
            NotBooked::OutOfTime => texts.t("problem-not-booked-out-of-time"),
            NotBooked::TooMany => texts.t("problem-not-booked-too-many"),
            NotBooked::NoNumberFree => texts.t("problem-not-booked-no-number"),
            NotBooked::OutOfOrder => texts.t("problem-broker-out-of-order"),
        },
        Problem::AppointmentMissed => texts.t("problem-appointment-missed"),
        Problem::MailNotOpened(why) => texts.t_with("problem-mail-not-opened", &[("why", why.into())]),
        Problem::CustomerDeclined => texts.t("problem-customer-declined"),
        Problem::ReceiptExists(file) => texts.t_with("problem-receipt-exists", &[("file", file.into())]),
        Problem::ReceiptNotWritten(why) => texts.t_with("problem-receipt-not-written", &[("why", why.into())]),
        Problem::FilesForbidden => texts.t("problem-files-forbidden"),
        Problem::FileForbidden(name) => texts.t_with("problem-file-forbidden", &[("name", name.into())]),
        Problem::NoFiles => texts.t("problem-no-files"),
        Problem::TooManyFiles => texts.t("problem-too-many-files"),
        Problem::TooManyOffers => texts.t("problem-too-many-offers"),
        Problem::FileUnreadable { path, why } => {
            texts.t_with("problem-file-unreadable", &[("path", path.into()), ("why", why.into())])
        }
        Problem::NotAFile(path) => texts.t_with("problem-not-a-file", &[("path", path.into())]),
        Problem::NoFolder => texts.t("problem-no-folder"),
        Problem::AskTooLong => texts.t("problem-ask-too-long"),
        Problem::NothingToShare => texts.t("problem-nothing-to-share"),
        Problem::NotNow => texts.t("problem-not-now"),
        Problem::BadCommand(why) => texts.t_with("problem-bad-command", &[("why", why.into())]),
    }
}

fn password_rule(texts: Texts, rule: PasswordRule) -> String {
    match rule {
        PasswordRule::TooShort { at_least } => {
            texts.t_with("password-too-short", &[("count", u32::from(at_least).into())])
        }
        PasswordRule::TooLong { at_most } => texts.t_with("password-too-long", &[("count", u32::from(at_most).into())]),
        PasswordRule::ContainsName => texts.t("password-contains-name"),
        PasswordRule::UsedBefore => texts.t("password-used-before"),
        PasswordRule::Common => texts.t("password-common"),
    }
}

fn wait(texts: Texts, seconds: u32) -> String {
    format::duration(texts, seconds.into())
}

/// Why control ended.
pub fn control_end(texts: Texts, end: ControlEnd) -> String {
    match end {
        ControlEnd::StopKey => texts.t("control-end-stop-key"),
        ControlEnd::TakenBack => texts.t("control-end-taken-back"),
        ControlEnd::TimeOver => texts.t("control-end-time-over"),
        ControlEnd::SharingChanged => texts.t("control-end-sharing-changed"),
        ControlEnd::GivenBack => texts.t("control-end-given-back"),
        ControlEnd::NotAvailable => texts.t("control-end-not-available"),
        ControlEnd::LinkLost => texts.t("control-end-link-lost"),
        ControlEnd::Forbidden => texts.t("control-end-forbidden"),
    }
}

/// Why the advisor's input had no effect.
pub fn refusal(texts: Texts, refusal: InputRefusal) -> String {
    match refusal {
        InputRefusal::NoGrant => texts.t("refusal-no-grant"),
        InputRefusal::OutsideSharedWindows => texts.t("refusal-outside"),
        InputRefusal::FocusNotShared => texts.t("refusal-focus"),
        InputRefusal::NoKeyForCharacter => texts.t("refusal-no-key"),
        InputRefusal::SystemShortcut => texts.t("refusal-shortcut"),
        InputRefusal::LocalInputWins => texts.t("refusal-local-input"),
    }
}

/// Why a file did not come to its end.
pub fn file_end(texts: Texts, end: FileEnd) -> String {
    match end {
        FileEnd::ByMe => texts.t("file-end-by-me"),
        FileEnd::ByOther => texts.t("file-end-by-other"),
        FileEnd::Changed => texts.t("file-end-changed"),
        FileEnd::Unreadable => texts.t("file-end-unreadable"),
        FileEnd::DiskFull => texts.t("file-end-disk-full"),
        FileEnd::NotPermitted => texts.t("file-end-not-permitted"),
        FileEnd::CantWrite => texts.t("file-end-cant-write"),
        FileEnd::WrongHash => texts.t("file-end-wrong-hash"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn every_problem_has_its_own_text_in_both_languages_with_everything_filled_in() {
        let problems = [
            Problem::NumberTooShort(7),
            Problem::NumberTooLong,
            Problem::NumberNotADigit('x'),
            Problem::NumberMistyped,
            Problem::NoOneWaits,
            Problem::AppointmentOver,
            Problem::WrongNumberOrInterference,
            Problem::ClockWrong,
            Problem::TooManyTries { retry_after_s: 90 },
            Problem::NoBroker,
            Problem::BrokerAddressInvalid,
            Problem::BrokerUnreachable { address: "help.example:7443".into() },
            Problem::BrokerNotGenuine { address: "help.example:7443".into() },
            Problem::ProxySetting { setting: "https_proxy".into() },
            Problem::ProxyUnreachable { proxy: "proxy.example:3128".into() },
            Problem::ProxyNotUnderstood { proxy: "proxy.example:3128".into() },
            Problem::ProxySignIn { proxy: "proxy.example:3128".into() },
            Problem::ProxySignInFailed { proxy: "proxy.example:3128".into() },
            Problem::ProxySignInKind { proxy: "proxy.example:3128".into(), kinds: "NTLM".into() },
            Problem::ProxyRefused {
                proxy: "proxy.example:3128".into(),
                address: "help.example:7443".into(),
                status: 403,
            },
            Problem::UnreachableThroughProxy {
                proxy: "proxy.example:3128".into(),
                address: "help.example:7443".into(),
            },
            Problem::ProxyOpensEncryption { proxy: "proxy.example:3128".into(), address: "help.example:7443".into() },
            Problem::NoStopKey { key: "Umschalt".into() },
            Problem::BrokerVersion,
            Problem::RulesNotGenuine,
            Problem::RulesUnknown,
            Problem::RulesOlder,
            Problem::ControlForbidden,
            Problem::SessionTimeOver,
            Problem::BrokerStopping,
            Problem::BrokerOutOfOrder,
            Problem::LinkLost,
            Problem::SignInFailed { retry_after_s: 0, tries_left: 4 },
            Problem::SignInFailed { retry_after_s: 0, tries_left: 1 },
            Problem::SignInFailed { retry_after_s: 30, tries_left: 0 },
            Problem::MustChangePassword,
            Problem::InitialPasswordExpired,
            Problem::NotAnAdvisor,
            Problem::PasswordChanged,
            Problem::AccountBlocked,
            Problem::CodeWrong { retry_after_s: 0, tries_left: 4 },
            Problem::CodeWrong { retry_after_s: 30, tries_left: 0 },
            Problem::WorkplaceRefused,
            Problem::TooManyWorkplaces,
            Problem::WorkplaceKey("no HOME".into()),
            Problem::WorkplaceKeyLocked,
            Problem::WorkplaceKeyStoreGone("no session bus".into()),
            Problem::WorkplaceKeyLost("/home/vera/workplace.key-store".into()),
            Problem::TakenOver("lager".into()),
            Problem::SignedOut,
            Problem::UnlockFailed { tries_left: 3 },
            Problem::UnlockFailed { tries_left: 0 },
            Problem::Withdrawn,
            Problem::PasswordRefused(PasswordRule::TooShort { at_least: 15 }),
            Problem::PasswordRefused(PasswordRule::TooLong { at_most: 128 }),
            Problem::PasswordRefused(PasswordRule::ContainsName),
            Problem::PasswordRefused(PasswordRule::UsedBefore),
            Problem::PasswordRefused(PasswordRule::Common),
            Problem::NumberExpired,
            Problem::NumberBurned,
            Problem::OtherSideLost,
            Problem::OtherSideFault,
            Problem::ProgramFault,
            Problem::OtherSideMisbehaved,
            Problem::HandshakeTimeout,
            Problem::NoDisplay("DISPLAY is not set".into()),
            Problem::CaptureUnavailable("no Composite".into()),
            Problem::ControlUnavailable("no XInput2".into()),
            Problem::StopKeyLost,
            Problem::ChatTooLong,
            Problem::AskTooLong,
            Problem::ChatTooFast,
            Problem::ClipboardEmpty,
            Problem::ClipboardTooLong,
            Problem::ClipboardForbidden,
            Problem::ClipboardWaiting,
            Problem::ClipboardTooFast,
            Problem::ClipboardUnavailable("?".into()),
            Problem::AppointmentsUnusable("no space".into()),
            Problem::NotBooked(NotBooked::Forbidden),
            Problem::NotBooked(NotBooked::OutOfTime),
            Problem::NotBooked(NotBooked::TooMany),
            Problem::NotBooked(NotBooked::NoNumberFree),
            Problem::AppointmentMissed,
            Problem::RecordingForbidden,
            Problem::ShowingForbidden,
            Problem::ShowingFailed("no display".into()),
            Problem::RecordingNoRoom,
            Problem::RecordingTooLong,
            Problem::RecordingFailed("/tmp: read-only".into()),
            Problem::CustomerDeclined,
            Problem::ReceiptExists("/tmp/a.html".into()),
            Problem::ReceiptNotWritten("/tmp: full".into()),
            Problem::FilesForbidden,
            Problem::FileForbidden("setup.exe".into()),
            Problem::NoFiles,
            Problem::TooManyFiles,
            Problem::TooManyOffers,
            Problem::FileUnreadable { path: "letter.pdf".into(), why: "Permission denied".into() },
            Problem::NotAFile("pipe".into()),
            Problem::NoFolder,
            Problem::NothingToShare,
            Problem::NotNow,
            Problem::BadCommand("no such intent".into()),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for language in Language::ALL {
            for one in &problems {
                let text = problem(Texts::of(language), one);
                assert!(text.contains(' ') && !text.contains('{'), "{language:?} {one:?}: {text}");
                assert!(seen.insert(text.clone()), "{language:?} {one:?} shares its text: {text}");
            }
        }
    }
}
