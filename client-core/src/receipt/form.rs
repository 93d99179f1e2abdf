//! The form of the data in a kept receipt: JSON that a person can read, with
//! one form for each receipt. Fields that are not known are refused.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use mitblick_protocol::{
    card::Card,
    clipboard::ClipWays,
    handshake::Suite,
    peer_msg::{ControlEnd, EndReason, RecordingEnd, TurnEnd},
    receipt::{
        Begun, Commitment, Countersignature, Entry, Fact, FileFact, Kept, Names, Opening, Party, ReceiptKey,
        SessionBinding, Setting, Side, SignedReceipt,
    },
    recording::RecordingOwners,
    text::DisplayText,
    wire,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The first field: which form this is.
const FORM: &str = "mitblick receipt 1";

/// Bytes in base64url without padding, as in a broker's address.
struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(&text).map_err(D::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom(format!("not {N} bytes")))
    }
}

/// A moment, written in UTC.
struct Time(u64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // One that is out of range is caught when it is read again.
        let ms = i64::try_from(self.0).unwrap_or(i64::MAX);
        serializer.collect_str(&Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment: Timestamp = text.parse().map_err(D::Error::custom)?;
        u64::try_from(moment.as_millisecond()).map(Self).map_err(D::Error::custom)
    }
}

/// A text that is safe to show, and nothing else.
struct Text(DisplayText);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let clean = DisplayText::cleaned(&text);
        if clean.as_str() == text { Ok(Self(clean)) } else { Err(D::Error::custom("a text that is not safe to show")) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    form: String,
    session: SessionData,
    customer: ProgramData,
    advisor: Option<ProgramData>,
    opening_hash: Bytes<32>,
    entries: Vec<EntryData>,
    countersignature: Option<CountersignatureData>,
    page_hash: Bytes<32>,
    signature: Bytes<64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionData {
    begun: Time,
    utc_offset_s: i32,
    organisation: Text,
    advisor: Text,
    broker_pin: Bytes<32>,
    broker_card_key: Bytes<32>,
    card: String,
    suite: String,
    check_words: [u8; 4],
    binding: Bytes<32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramData {
    version: Text,
    session_key: Bytes<32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryData {
    time: Time,
    what: What,
    hash: Bytes<32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum What {
    Showing {
        /// `None` in a receipt that was tampered with.
        applications: Option<Vec<Text>>,
        salt: Option<Bytes<32>>,
        commitment: Bytes<32>,
    },
    Paused,
    Hidden,
    ControlAsked,
    ControlGranted {
        limit_s: Option<u32>,
    },
    ControlRefused,
    ControlWithdrawn,
    ControlEnded {
        #[serde(with = "ControlEndData")]
        why: ControlEnd,
    },
    File {
        #[serde(with = "SideData")]
        from: Side,
        name: Text,
        bytes: u64,
        sha256: Bytes<32>,
    },
    TooMuch,
    MoreFiles,
    Interrupted,
    Resumed,
    Ended {
        #[serde(with = "SideData")]
        by: Side,
        #[serde(with = "EndReasonData")]
        why: EndReason,
    },
    RecordingAsked,
    RecordingGranted {
        #[serde(with = "OwnersData")]
        owners: RecordingOwners,
    },
    RecordingRefused,
    RecordingWithdrawn,
    RecordingEnded {
        #[serde(with = "RecordingEndData")]
        why: RecordingEnd,
    },
    TurnAsked,
    TurnGranted,
    TurnRefused,
    TurnWithdrawn,
    TurnEnded {
        #[serde(with = "TurnEndData")]
        why: TurnEnd,
    },
    MoreTimeAsked,
    MoreTimeGranted {
        limit_s: Option<u32>,
    },
    MoreTimeRefused,
    Clipboard {
        to_advisor: bool,
        to_customer: bool,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TurnEnd", rename_all = "snake_case")]
enum TurnEndData {
    TakenBack,
    GivenBack,
    Broken,
    Forbidden,
    LinkLost,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RecordingOwners")]
enum OwnersData {
    #[serde(rename = "customer")]
    Shower,
    #[serde(rename = "both")]
    Both,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RecordingEnd", rename_all = "snake_case")]
enum RecordingEndData {
    TakenBack,
    Stopped,
    Broken,
    Forbidden,
    LinkLost,
    SharingChanged,
    Turned,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ControlEnd", rename_all = "snake_case")]
enum ControlEndData {
    StopKey,
    TakenBack,
    TimeOver,
    SharingChanged,
    GivenBack,
    NotAvailable,
    Forbidden,
    LinkLost,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EndReason", rename_all = "snake_case")]
enum EndReasonData {
    ByPerson,
    ProgramClosed,
    Misbehaved,
    Broken,
    TimeOver,
    Declined,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Side")]
enum SideData {
    #[serde(rename = "customer")]
    Keeper,
    #[serde(rename = "advisor")]
    Witness,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountersignatureData {
    entries: u32,
    time: Time,
    ended: bool,
    signature: Bytes<64>,
}

impl From<&Kept> for What {
    fn from(kept: &Kept) -> Self {
        match &kept.entry.fact {
            Fact::Showing(commitment) => Self::Showing {
                applications: kept.names.as_ref().map(|names| names.names.iter().cloned().map(Text).collect()),
                salt: kept.names.as_ref().map(|names| Bytes(names.salt)),
                commitment: Bytes(commitment.0),
            },
            Fact::Paused => Self::Paused,
            Fact::Hidden => Self::Hidden,
            Fact::ControlAsked => Self::ControlAsked,
            Fact::ControlGranted { limit_s } => Self::ControlGranted { limit_s: *limit_s },
            Fact::ControlRefused => Self::ControlRefused,
            Fact::ControlWithdrawn => Self::ControlWithdrawn,
            Fact::ControlEnded(why) => Self::ControlEnded { why: *why },
            Fact::File(FileFact { from, name, bytes, sha256 }) => {
                Self::File { from: *from, name: Text(name.clone()), bytes: *bytes, sha256: Bytes(*sha256) }
            }
            Fact::TooMuch => Self::TooMuch,
            Fact::Interrupted => Self::Interrupted,
            Fact::Resumed => Self::Resumed,
            Fact::Ended { by, reason } => Self::Ended { by: *by, why: *reason },
            Fact::RecordingAsked => Self::RecordingAsked,
            Fact::RecordingGranted { owners } => Self::RecordingGranted { owners: *owners },
            Fact::RecordingRefused => Self::RecordingRefused,
            Fact::RecordingWithdrawn => Self::RecordingWithdrawn,
            Fact::RecordingEnded(why) => Self::RecordingEnded { why: *why },
            Fact::TurnAsked => Self::TurnAsked,
            Fact::TurnGranted => Self::TurnGranted,
            Fact::TurnRefused => Self::TurnRefused,
            Fact::TurnWithdrawn => Self::TurnWithdrawn,
            Fact::TurnEnded(why) => Self::TurnEnded { why: *why },
            Fact::MoreFiles => Self::MoreFiles,
            Fact::MoreTimeAsked => Self::MoreTimeAsked,
            Fact::MoreTimeGranted { limit_s } => Self::MoreTimeGranted { limit_s: *limit_s },
            Fact::MoreTimeRefused => Self::MoreTimeRefused,
            Fact::Clipboard(ClipWays { to_watcher, to_shower }) => {
                Self::Clipboard { to_advisor: *to_watcher, to_customer: *to_shower }
            }
        }
    }
}

impl What {
    fn into_kept(self, unix_ms: u64) -> Kept {
        let mut names = None;
        let fact = match self {
            Self::Showing { applications, salt, commitment } => {
                if let (Some(applications), Some(Bytes(salt))) = (applications, salt) {
                    names = Some(Names { names: applications.into_iter().map(|Text(name)| name).collect(), salt });
                }
                Fact::Showing(Commitment(commitment.0))
            }
            Self::Paused => Fact::Paused,
            Self::Hidden => Fact::Hidden,
            Self::ControlAsked => Fact::ControlAsked,
            Self::ControlGranted { limit_s } => Fact::ControlGranted { limit_s },
            Self::ControlRefused => Fact::ControlRefused,
            Self::ControlWithdrawn => Fact::ControlWithdrawn,
            Self::ControlEnded { why } => Fact::ControlEnded(why),
            Self::File { from, name: Text(name), bytes, sha256: Bytes(sha256) } => {
                Fact::File(FileFact { from, name, bytes, sha256 })
            }
            Self::TooMuch => Fact::TooMuch,
            Self::MoreFiles => Fact::MoreFiles,
            Self::Interrupted => Fact::Interrupted,
            Self::Resumed => Fact::Resumed,
            Self::Ended { by, why } => Fact::Ended { by, reason: why },
            Self::RecordingAsked => Fact::RecordingAsked,
            Self::RecordingGranted { owners } => Fact::RecordingGranted { owners },
            Self::RecordingRefused => Fact::RecordingRefused,
            Self::RecordingWithdrawn => Fact::RecordingWithdrawn,
            Self::RecordingEnded { why } => Fact::RecordingEnded(why),
            Self::TurnAsked => Fact::TurnAsked,
            Self::TurnGranted => Fact::TurnGranted,
            Self::TurnRefused => Fact::TurnRefused,
            Self::TurnWithdrawn => Fact::TurnWithdrawn,
            Self::TurnEnded { why } => Fact::TurnEnded(why),
            Self::MoreTimeAsked => Fact::MoreTimeAsked,
            Self::MoreTimeGranted { limit_s } => Fact::MoreTimeGranted { limit_s },
            Self::MoreTimeRefused => Fact::MoreTimeRefused,
            Self::Clipboard { to_advisor, to_customer } => {
                Fact::Clipboard(ClipWays { to_watcher: to_advisor, to_shower: to_customer })
            }
        };
        Kept { entry: Entry { unix_ms, fact }, names }
    }
}

impl From<&Party> for ProgramData {
    fn from(party: &Party) -> Self {
        Self { version: Text(party.version.clone()), session_key: Bytes(party.key.0) }
    }
}

impl From<ProgramData> for Party {
    fn from(ProgramData { version: Text(version), session_key: Bytes(key) }: ProgramData) -> Self {
        Self { key: ReceiptKey(key), version }
    }
}

impl From<&SignedReceipt> for Data {
    fn from(receipt: &SignedReceipt) -> Self {
        let Opening { setting, begun, keeper, witness } = &receipt.opening;
        let card = wire::encode(&setting.card).unwrap_or_default();
        let mut heads = receipt.heads.iter().map(|head| Bytes(*head));
        let opening_hash = heads.next().unwrap_or(Bytes([0; 32]));
        let entries = receipt.entries.iter().zip(heads);
        Self {
            form: FORM.into(),
            session: SessionData {
                begun: Time(begun.unix_ms),
                utc_offset_s: begun.utc_offset_s,
                organisation: Text(setting.card.organisation.clone()),
                advisor: Text(setting.card.advisor.clone()),
                broker_pin: Bytes(setting.broker),
                broker_card_key: Bytes(setting.card_key),
                card: URL_SAFE_NO_PAD.encode(card),
                suite: setting.suite.name().into(),
                check_words: setting.check_words,
                binding: Bytes(setting.binding.0),
            },
            customer: keeper.into(),
            advisor: witness.as_ref().map(ProgramData::from),
            opening_hash,
            entries: entries
                .map(|(kept, hash)| EntryData { time: Time(kept.entry.unix_ms), what: kept.into(), hash })
                .collect(),
            countersignature: receipt.countersignature.as_ref().map(|signed| CountersignatureData {
                entries: signed.entries,
                time: Time(signed.unix_ms),
                ended: signed.ended,
                signature: Bytes(signed.signature),
            }),
            page_hash: Bytes(receipt.page),
            signature: Bytes(receipt.signature),
        }
    }
}

impl Data {
    /// What the data say; `None` if they are in no form that this version
    /// knows.
    pub(super) fn receipt(self) -> Option<SignedReceipt> {
        let Self { form, session, customer, advisor, opening_hash, entries, countersignature, page_hash, signature } =
            self;
        let card = URL_SAFE_NO_PAD.decode(&session.card).ok()?;
        let card = wire::decode::<Card, { wire::MAX_CARD_BYTES }>(&card).ok()?;
        let suites = [Suite::Blowfish128CtrHmacSha256, Suite::ChaCha20Poly1305];
        let suite = suites.into_iter().find(|suite| suite.name() == session.suite)?;
        if form != FORM {
            return None;
        }
        let setting = Setting {
            binding: SessionBinding(session.binding.0),
            broker: session.broker_pin.0,
            card_key: session.broker_card_key.0,
            card,
            suite,
            check_words: session.check_words,
        };
        let begun = Begun { unix_ms: session.begun.0, utc_offset_s: session.utc_offset_s };
        let opening = Opening { setting, begun, keeper: customer.into(), witness: advisor.map(Party::from) };
        let mut heads = vec![opening_hash.0];
        heads.extend(entries.iter().map(|entry| entry.hash.0));
        Some(SignedReceipt {
            opening,
            entries: entries.into_iter().map(|entry| entry.what.into_kept(entry.time.0)).collect(),
            heads,
            countersignature: countersignature.map(|signed| Countersignature {
                entries: signed.entries,
                unix_ms: signed.time.0,
                ended: signed.ended,
                signature: signed.signature.0,
            }),
            page: page_hash.0,
            signature: signature.0,
        })
    }
}

/// The data as they stand in a page: indented, one field a line, without signs
/// that mean something in HTML.
pub(super) fn write(receipt: &SignedReceipt) -> String {
    let json = serde_json::to_string_pretty(&Data::from(receipt)).unwrap_or_default();
    // These stand in strings only.
    json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}
