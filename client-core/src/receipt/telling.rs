//! What a receipt says, in words: facts, and what happened when.

use crate::{
    language::{Language, Texts},
    ui::{format, wording},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use mitblick_protocol::{
    check_words,
    peer_msg::EndReason,
    receipt::{Fact, FileFact, Kept, Opening, Reach, Side, SignedReceipt},
    recording::RecordingOwners,
};

/// A fact with its name.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) value: String,
}

/// Something that happened.
pub(super) struct Happened {
    pub(super) local: String,
    pub(super) utc: String,
    pub(super) what: String,
}

/// Times as the customer's clock showed them, and in UTC.
pub(super) struct Clock {
    zone: TimeZone,
    language: Language,
}

impl Clock {
    pub(super) fn of(opening: &Opening, language: Language) -> Self {
        let offset = Offset::from_seconds(opening.begun.utc_offset_s).unwrap_or(Offset::UTC);
        Self { zone: TimeZone::fixed(offset), language }
    }

    fn moment(unix_ms: u64) -> Timestamp {
        let ms = i64::try_from(unix_ms).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }

    fn day_and_time(&self, unix_ms: u64, zone: TimeZone) -> String {
        let form = match self.language {
            Language::German => "%d.%m.%Y, %H:%M:%S",
            Language::English => "%Y-%m-%d, %H:%M:%S",
        };
        Self::moment(unix_ms).to_zoned(zone).strftime(form).to_string()
    }

    /// `28.11.2026, 11:04:05 (10:04:05 UTC)`.
    pub(super) fn both(&self, unix_ms: u64) -> String {
        format!("{} ({} UTC)", self.day_and_time(unix_ms, self.zone.clone()), self.time(unix_ms, TimeZone::UTC))
    }

    fn time(&self, unix_ms: u64, zone: TimeZone) -> String {
        Self::moment(unix_ms).to_zoned(zone).strftime("%H:%M:%S").to_string()
    }
}

/// Who, when and with what.
pub(super) fn facts(texts: Texts, receipt: &SignedReceipt) -> Vec<Named> {
    let Opening { setting, begun, keeper, witness } = &receipt.opening;
    let clock = Clock::of(&receipt.opening, texts.language());
    let mut facts = Vec::new();
    let mut add = |name: String, value: String| facts.push(Named { name, value });
    add(texts.t("receipt-organisation"), setting.card.organisation.to_string());
    add(texts.t("receipt-advisor"), setting.card.advisor.to_string());
    add(texts.t("receipt-begun"), clock.both(begun.unix_ms));
    let ended = receipt.entries.last().filter(|kept| matches!(kept.entry.fact, Fact::Ended { .. }));
    let ended = ended.map_or_else(|| texts.t("receipt-no-end"), |kept| clock.both(kept.entry.unix_ms));
    add(texts.t("receipt-ended"), ended);
    let language = match texts.language() {
        Language::German => check_words::Language::German,
        Language::English => check_words::Language::English,
    };
    let words = check_words::CheckWords::from_places(setting.check_words).words(language);
    add(texts.t("receipt-words"), words.join(" "));
    add(texts.t("receipt-suite"), setting.suite.to_string());
    let there = witness.as_ref().map_or_else(|| texts.t("receipt-unknown"), |party| party.version.to_string());
    let versions = [("here", keeper.version.to_string().into()), ("there", there.into())];
    add(texts.t("receipt-versions"), texts.t_with("receipt-versions-both", &versions));
    add(texts.t("receipt-pin"), URL_SAFE_NO_PAD.encode(setting.broker));
    facts
}

/// What happened, in order.
pub(super) fn happened(texts: Texts, receipt: &SignedReceipt) -> Vec<Happened> {
    let clock = Clock::of(&receipt.opening, texts.language());
    let advisor = receipt.opening.setting.card.advisor.as_str();
    let tell = |(place, kept): (usize, &Kept)| Happened {
        local: clock.time(kept.entry.unix_ms, clock.zone.clone()),
        utc: clock.time(kept.entry.unix_ms, TimeZone::UTC),
        what: what(texts, receipt.entries.get(..place).unwrap_or_default(), kept, advisor),
    };
    receipt.entries.iter().enumerate().map(tell).collect()
}

/// What can be asked for and refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// Control, and more time for it.
    Control,
    Recording,
    Turn,
}

const fn right(fact: &Fact) -> Option<Right> {
    match fact {
        Fact::ControlAsked
        | Fact::ControlGranted { .. }
        | Fact::ControlRefused
        | Fact::ControlWithdrawn
        | Fact::ControlEnded(_)
        | Fact::MoreTimeAsked
        | Fact::MoreTimeGranted { .. }
        | Fact::MoreTimeRefused => Some(Right::Control),
        Fact::RecordingAsked
        | Fact::RecordingGranted { .. }
        | Fact::RecordingRefused
        | Fact::RecordingWithdrawn
        | Fact::RecordingEnded(_) => Some(Right::Recording),
        Fact::TurnAsked | Fact::TurnGranted | Fact::TurnRefused | Fact::TurnWithdrawn | Fact::TurnEnded(_) => {
            Some(Right::Turn)
        }
        Fact::Showing(_)
        | Fact::Paused
        | Fact::Hidden
        | Fact::File(_)
        | Fact::TooMuch
        | Fact::MoreFiles
        | Fact::Interrupted
        | Fact::Resumed
        | Fact::Clipboard(_)
        | Fact::Ended { .. } => None,
    }
}

/// Whether the person was asked before this refusal. A program refuses by itself
/// what is asked for too soon after other requests.
fn was_asked(before: &[Kept], refusal: &Fact) -> bool {
    let about = right(refusal);
    let last = before.iter().rev().map(|kept| &kept.entry.fact).find(|fact| right(fact) == about);
    matches!(last, Some(Fact::ControlAsked | Fact::MoreTimeAsked | Fact::RecordingAsked | Fact::TurnAsked))
}

fn what(texts: Texts, before: &[Kept], kept: &Kept, advisor: &str) -> String {
    let who = [("advisor", advisor.into())];
    match &kept.entry.fact {
        refusal @ Fact::ControlRefused if !was_asked(before, refusal) => texts.t_with("receipt-control-unasked", &who),
        refusal @ Fact::MoreTimeRefused if !was_asked(before, refusal) => {
            texts.t_with("receipt-more-time-unasked", &who)
        }
        refusal @ Fact::RecordingRefused if !was_asked(before, refusal) => {
            texts.t_with("receipt-recording-unasked", &who)
        }
        refusal @ Fact::TurnRefused if !was_asked(before, refusal) => texts.t_with("receipt-turn-unasked", &who),
        Fact::Showing(_) => {
            let names = kept.names.iter().flat_map(|names| &names.names).map(|name| name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            texts.t_with("receipt-showing", &[("applications", names.into())])
        }
        Fact::Paused => texts.t("receipt-paused"),
        Fact::Hidden => texts.t("receipt-hidden"),
        Fact::ControlAsked => texts.t_with("receipt-control-asked", &who),
        Fact::ControlGranted { limit_s: None } => texts.t_with("receipt-control-session", &who),
        Fact::ControlGranted { limit_s: Some(limit_s) } => {
            let time = format::duration(texts, (*limit_s).into());
            texts.t_with("receipt-control-granted", &[("advisor", advisor.into()), ("time", time.into())])
        }
        Fact::ControlRefused => texts.t("receipt-control-refused"),
        Fact::ControlWithdrawn => texts.t("receipt-control-withdrawn"),
        Fact::ControlEnded(why) => {
            texts.t_with("receipt-control-ended", &[("why", wording::control_end(texts, *why).into())])
        }
        Fact::File(file) => self::file(texts, file, advisor),
        Fact::TooMuch => texts.t("receipt-too-much"),
        Fact::MoreFiles => texts.t("receipt-more-files"),
        Fact::Interrupted => texts.t("receipt-interrupted"),
        Fact::Resumed => texts.t("receipt-resumed"),
        Fact::Ended { by, reason } => ended(texts, *by, *reason, advisor),
        Fact::RecordingAsked => texts.t_with("receipt-recording-asked", &who),
        Fact::RecordingGranted { owners: RecordingOwners::Shower } => {
            texts.t_with("receipt-recording-granted-customer", &who)
        }
        Fact::RecordingGranted { owners: RecordingOwners::Both } => {
            texts.t_with("receipt-recording-granted-both", &who)
        }
        Fact::RecordingRefused => texts.t("receipt-recording-refused"),
        Fact::RecordingWithdrawn => texts.t("receipt-recording-withdrawn"),
        Fact::RecordingEnded(why) => {
            texts.t_with("receipt-recording-ended", &[("why", wording::recording_end(texts, *why).into())])
        }
        Fact::TurnAsked => texts.t_with("receipt-turn-asked", &who),
        Fact::TurnGranted => texts.t_with("receipt-turn-granted", &who),
        Fact::TurnRefused => texts.t("receipt-turn-refused"),
        Fact::TurnWithdrawn => texts.t("receipt-turn-withdrawn"),
        Fact::MoreTimeAsked => texts.t_with("receipt-more-time-asked", &who),
        Fact::MoreTimeGranted { limit_s: None } => texts.t_with("receipt-more-time-session", &who),
        Fact::MoreTimeGranted { limit_s: Some(limit_s) } => {
            let time = format::duration(texts, (*limit_s).into());
            texts.t_with("receipt-more-time-granted", &[("advisor", advisor.into()), ("time", time.into())])
        }
        Fact::MoreTimeRefused => texts.t("receipt-more-time-refused"),
        Fact::Clipboard(ways) => match (ways.to_watcher, ways.to_shower) {
            (true, true) => texts.t_with("receipt-clipboard-both", &who),
            (true, false) => texts.t_with("receipt-clipboard-to-advisor", &who),
            (false, true) => texts.t_with("receipt-clipboard-to-customer", &who),
            (false, false) => texts.t("receipt-clipboard-off"),
        },
        Fact::TurnEnded(why) => texts.t_with("receipt-turn-ended", &[("why", wording::turn_end(texts, *why).into())]),
    }
}

fn file(texts: Texts, file: &FileFact, advisor: &str) -> String {
    let hash: String = file.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let values = [
        ("advisor", advisor.into()),
        ("name", file.name.as_str().into()),
        ("bytes", file.bytes.to_string().into()),
        ("hash", hash.into()),
    ];
    match file.from {
        Side::Keeper => texts.t_with("receipt-file-to", &values),
        Side::Witness => texts.t_with("receipt-file-from", &values),
    }
}

fn ended(texts: Texts, by: Side, reason: EndReason, advisor: &str) -> String {
    let who = [("advisor", advisor.into())];
    match (by, reason) {
        (Side::Keeper, EndReason::ByPerson) => texts.t("receipt-end-here"),
        (Side::Witness, EndReason::ByPerson) => texts.t_with("receipt-end-there", &who),
        (Side::Keeper, EndReason::ProgramClosed) => texts.t("receipt-end-closed-here"),
        (Side::Witness, EndReason::ProgramClosed) => texts.t_with("receipt-end-closed-there", &who),
        (Side::Keeper | Side::Witness, EndReason::Broken) => texts.t("receipt-end-broken"),
        (Side::Keeper | Side::Witness, EndReason::Misbehaved) => texts.t("receipt-end-misbehaved"),
        (Side::Keeper | Side::Witness, EndReason::TimeOver) => texts.t("receipt-end-time-over"),
        (Side::Keeper | Side::Witness, EndReason::Declined) => texts.t("receipt-end-declined"),
    }
}

/// How far the other side has signed.
pub(super) fn reach(texts: Texts, receipt: &SignedReceipt, reach: Reach) -> String {
    match reach {
        Reach::Whole => texts.t("receipt-signed-whole"),
        Reach::Nothing => texts.t("receipt-signed-nothing"),
        Reach::Entries { entries, unix_ms } => {
            let time = Clock::of(&receipt.opening, texts.language()).both(unix_ms);
            let values = [("entries", entries.into()), ("all", receipt.entries.len().into()), ("time", time.into())];
            texts.t_with("receipt-signed-part", &values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_protocol::text::DisplayText;

    #[test]
    fn a_file_is_told_with_size_and_hash_in_both_directions_and_languages() {
        for language in Language::ALL {
            let texts = Texts::of(language);
            let told = [Side::Keeper, Side::Witness].map(|from| {
                let fact = FileFact { from, name: DisplayText::cleaned("Plan.pdf"), bytes: 70_000, sha256: [0xab; 32] };
                file(texts, &fact, "Anna")
            });
            assert_ne!(told[0], told[1]);
            for text in told {
                let parts = ["Plan.pdf", "Anna", "70000", &"ab".repeat(32)];
                assert!(parts.iter().all(|part| text.contains(part)), "{text}");
            }
        }
    }
}
