//! The company's rules as people set them: a key and a value each. What a
//! rule does is the programs' affair; see [`mitblick_protocol::policy`].

use mitblick_protocol::{
    policy::{AppointmentRule, ClipboardRule, ControlRule, Minutes, Policy, RatingRule, RecordingRule, TurnRule},
    text::DisplayText,
    transfer::{FileKind, FileKinds},
};

/// Most characters of a text of the company's.
pub const MOST_CHARACTERS: usize = 120;

/// The logo's name in the trail; it is set by a file and not by a value.
pub const LOGO: &str = "logo";

/// Words for values.
const NONE: &str = "none";
const REQUIRED: &str = "required";
const FREE: &str = "free";
const ALLOWED: &str = "allowed";
const FORBIDDEN: &str = "forbidden";
const ASKED: &str = "asked";
const NOT_ASKED: &str = "not_asked";
const ONE_BY_ONE: &str = "one_by_one";

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Which cipher suites will do.
    ModernSuite,
    /// Whether, or for how long, customers may grant control.
    Control,
    /// The longest session.
    SessionMinutes,
    /// Whether text may go between clipboards.
    Clipboard,
    /// Which files may go from advisors to customers.
    FilesToCustomer,
    /// Which files may go from customers to advisors.
    FilesToAdvisor,
    /// Whether sessions may be recorded.
    Recording,
    /// Whether advisors may show something of their own screen.
    AdvisorShows,
    /// Whether customers are asked how a session was.
    Rating,
    /// Whether advisors may book numbers for appointments.
    Appointments,
    /// A line for customers, in German.
    GreetingDe,
    /// The same in English.
    GreetingEn,
    /// Where customers call.
    Telephone,
}

/// A value that a rule can't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadValue {
    /// It is none of the words.
    #[error("required or free")]
    Suite,
    /// It is neither a word nor a length.
    #[error("allowed, forbidden or minutes from 1 to 1440")]
    Control,
    /// It is no length.
    #[error("minutes from 1 to 1440, or none")]
    Minutes,
    /// It is none of the words.
    #[error("allowed, one_by_one or forbidden")]
    Clipboard,
    /// It is none of the words.
    #[error("allowed or forbidden")]
    Recording,
    /// It is none of the words.
    #[error("allowed or forbidden")]
    AdvisorShows,
    /// It is none of the words.
    #[error("asked or not_asked")]
    Rating,
    /// It is none of the words.
    #[error("allowed or forbidden")]
    Appointments,
    /// It is neither a word nor a list of kinds.
    #[error("allowed, forbidden or some of documents,media,archives,programs,other")]
    Files,
    /// The text is too long or can't be shown.
    #[error("a line of at most 120 characters")]
    Text,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ModernSuite,
        Self::Control,
        Self::SessionMinutes,
        Self::Clipboard,
        Self::FilesToCustomer,
        Self::FilesToAdvisor,
        Self::Recording,
        Self::AdvisorShows,
        Self::Rating,
        Self::Appointments,
        Self::GreetingDe,
        Self::GreetingEn,
        Self::Telephone,
    ];

    /// Its name at the command line, in the database and in the trail.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ModernSuite => "modern_suite",
            Self::Control => "control",
            Self::SessionMinutes => "session_minutes",
            Self::Clipboard => "clipboard",
            Self::FilesToCustomer => "files_to_customer",
            Self::FilesToAdvisor => "files_to_advisor",
            Self::Recording => "recording",
            Self::AdvisorShows => "advisor_shows",
            Self::Rating => "rating",
            Self::Appointments => "appointments",
            Self::GreetingDe => "greeting_de",
            Self::GreetingEn => "greeting_en",
            Self::Telephone => "telephone",
        }
    }

    /// The rule of this name.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.key() == key)
    }

    /// Its value as a word; a text as it is.
    pub fn value(self, policy: &Policy) -> String {
        let minutes = |minutes: Option<Minutes>| minutes.map_or_else(|| NONE.to_owned(), |minutes| minutes.to_string());
        match self {
            Self::ModernSuite => (if policy.limits.modern_suite { REQUIRED } else { FREE }).to_owned(),
            Self::Control => match policy.limits.control {
                ControlRule::Forbidden => FORBIDDEN.to_owned(),
                ControlRule::Allowed { longest: None } => ALLOWED.to_owned(),
                ControlRule::Allowed { longest } => minutes(longest),
            },
            Self::SessionMinutes => minutes(policy.limits.longest_session),
            Self::Clipboard => match policy.limits.clipboard {
                ClipboardRule::Allowed => ALLOWED.to_owned(),
                ClipboardRule::OneByOne => ONE_BY_ONE.to_owned(),
                ClipboardRule::Forbidden => FORBIDDEN.to_owned(),
            },
            Self::FilesToCustomer => files_word(policy.limits.files.to_customer),
            Self::FilesToAdvisor => files_word(policy.limits.files.to_advisor),
            Self::Recording => match policy.limits.recording {
                RecordingRule::Allowed => ALLOWED.to_owned(),
                RecordingRule::Forbidden => FORBIDDEN.to_owned(),
            },
            Self::AdvisorShows => match policy.limits.turn {
                TurnRule::Allowed => ALLOWED.to_owned(),
                TurnRule::Forbidden => FORBIDDEN.to_owned(),
            },
            Self::Rating => match policy.limits.rating {
                RatingRule::Asked => ASKED.to_owned(),
                RatingRule::NotAsked => NOT_ASKED.to_owned(),
            },
            Self::Appointments => match policy.limits.appointments {
                AppointmentRule::Allowed => ALLOWED.to_owned(),
                AppointmentRule::Forbidden => FORBIDDEN.to_owned(),
            },
            Self::GreetingDe => policy.texts.greeting_de.to_string(),
            Self::GreetingEn => policy.texts.greeting_en.to_string(),
            Self::Telephone => policy.texts.telephone.to_string(),
        }
    }

    /// Sets it.
    ///
    /// # Errors
    /// The rule can't have this value; the policy is as before.
    pub fn set(self, policy: &mut Policy, value: &str) -> Result<(), BadValue> {
        let value = value.trim();
        match self {
            Self::ModernSuite => policy.limits.modern_suite = suite(value)?,
            Self::Control => {
                policy.limits.control = match value {
                    FORBIDDEN => ControlRule::Forbidden,
                    ALLOWED => ControlRule::Allowed { longest: None },
                    minutes => ControlRule::Allowed { longest: Some(length(minutes).ok_or(BadValue::Control)?) },
                };
            }
            Self::SessionMinutes => {
                policy.limits.longest_session = match value {
                    NONE => None,
                    minutes => Some(length(minutes).ok_or(BadValue::Minutes)?),
                };
            }
            Self::Clipboard => {
                policy.limits.clipboard = match value {
                    ALLOWED => ClipboardRule::Allowed,
                    ONE_BY_ONE => ClipboardRule::OneByOne,
                    FORBIDDEN => ClipboardRule::Forbidden,
                    _ => return Err(BadValue::Clipboard),
                };
            }
            Self::FilesToCustomer => policy.limits.files.to_customer = files(value)?,
            Self::FilesToAdvisor => policy.limits.files.to_advisor = files(value)?,
            Self::Recording => {
                policy.limits.recording = match value {
                    ALLOWED => RecordingRule::Allowed,
                    FORBIDDEN => RecordingRule::Forbidden,
                    _ => return Err(BadValue::Recording),
                };
            }
            Self::AdvisorShows => {
                policy.limits.turn = match value {
                    ALLOWED => TurnRule::Allowed,
                    FORBIDDEN => TurnRule::Forbidden,
                    _ => return Err(BadValue::AdvisorShows),
                };
            }
            Self::Rating => {
                policy.limits.rating = match value {
                    ASKED => RatingRule::Asked,
                    NOT_ASKED => RatingRule::NotAsked,
                    _ => return Err(BadValue::Rating),
                };
            }
            Self::Appointments => {
                policy.limits.appointments = match value {
                    ALLOWED => AppointmentRule::Allowed,
                    FORBIDDEN => AppointmentRule::Forbidden,
                    _ => return Err(BadValue::Appointments),
                };
            }
            Self::GreetingDe => policy.texts.greeting_de = text(value)?,
            Self::GreetingEn => policy.texts.greeting_en = text(value)?,
            Self::Telephone => policy.texts.telephone = text(value)?,
        }
        Ok(())
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::GreetingDe | Self::GreetingEn | Self::Telephone)
    }
}

fn suite(value: &str) -> Result<bool, BadValue> {
    match value {
        REQUIRED => Ok(true),
        FREE => Ok(false),
        _ => Err(BadValue::Suite),
    }
}

/// The kinds of files by their words, in the order in which they are shown.
pub const KINDS: [(&str, FileKind); 5] = [
    ("documents", FileKind::Document),
    ("media", FileKind::Media),
    ("archives", FileKind::Archive),
    ("programs", FileKind::Program),
    ("other", FileKind::Other),
];

fn files_word(kinds: FileKinds) -> String {
    match kinds {
        FileKinds::ALL => ALLOWED.to_owned(),
        FileKinds::NONE => FORBIDDEN.to_owned(),
        kinds => {
            let words: Vec<_> = KINDS.into_iter().filter(|(_, kind)| kinds.has(*kind)).map(|(word, _)| word).collect();
            words.join(",")
        }
    }
}

fn files(value: &str) -> Result<FileKinds, BadValue> {
    match value {
        ALLOWED => Ok(FileKinds::ALL),
        FORBIDDEN => Ok(FileKinds::NONE),
        list => list.split(',').try_fold(FileKinds::NONE, |kinds, word| {
            let known = KINDS.into_iter().find(|(known, _)| *known == word.trim());
            known.map(|(_, kind)| kinds.with(kind)).ok_or(BadValue::Files)
        }),
    }
}

fn length(value: &str) -> Option<Minutes> {
    // `+5` is a number for the standard library, and a slip here.
    let is_digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| is_digits).and_then(Minutes::new)
}

fn text(value: &str) -> Result<DisplayText, BadValue> {
    let text = DisplayText::cleaned(value);
    if value.chars().count() > MOST_CHARACTERS || text.as_str() != value {
        return Err(BadValue::Text);
    }
    Ok(text)
}

/// Which rules changed from what to what, for the trail: `key:before>after`
/// with blanks between; of texts only that they are there. `None` if nothing
/// changed.
pub fn changes(before: &Policy, after: &Policy) -> Option<String> {
    let word = |rule: Rule, policy: &Policy| {
        let value = rule.value(policy);
        match (rule.is_text(), value.is_empty()) {
            (false, _) => value,
            (true, true) => NONE.to_owned(),
            (true, false) => "text".to_owned(),
        }
    };
    let changed = Rule::ALL.into_iter().filter(|rule| rule.value(before) != rule.value(after));
    let changed: Vec<String> =
        changed.map(|rule| format!("{}:{}>{}", rule.key(), word(rule, before), word(rule, after))).collect();
    (!changed.is_empty()).then(|| changed.join(" "))
}

/// The same of the logo, which is or is not there before and after.
pub fn logo_change(before: bool, after: bool) -> String {
    let word = |is_there| if is_there { "picture" } else { NONE };
    format!("{LOGO}:{}>{}", word(before), word(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_set_and_shown_as_it_was_given() {
        let good = [
            (Rule::ModernSuite, vec![REQUIRED, FREE]),
            (Rule::Control, vec![ALLOWED, FORBIDDEN, "1", "1440"]),
            (Rule::SessionMinutes, vec![NONE, "1", "90", "1440"]),
            (Rule::Clipboard, vec![ALLOWED, ONE_BY_ONE, FORBIDDEN]),
            (Rule::FilesToCustomer, vec![ALLOWED, FORBIDDEN, "documents,media", "documents,media,archives,other"]),
            (Rule::FilesToAdvisor, vec!["programs"]),
            (Rule::Recording, vec![ALLOWED, FORBIDDEN]),
            (Rule::AdvisorShows, vec![ALLOWED, FORBIDDEN]),
            (Rule::Rating, vec![NOT_ASKED, ASKED]),
            (Rule::Appointments, vec![FORBIDDEN, ALLOWED]),
            (Rule::GreetingDe, vec!["Guten Tag, schön dass Sie da sind", ""]),
            (Rule::GreetingEn, vec!["Welcome"]),
            (Rule::Telephone, vec!["030 / 123 45-0"]),
        ];
        for (rule, values) in good {
            assert_eq!(Rule::of_key(rule.key()), Some(rule));
            for value in values {
                let mut policy = Policy::default();
                rule.set(&mut policy, &format!(" {value} ")).unwrap();
                assert_eq!(rule.value(&policy), value);
            }
        }
        assert_eq!(Rule::of_key("serial"), None);
    }

    #[test]
    fn a_value_that_is_none_changes_nothing() {
        let long = "x".repeat(MOST_CHARACTERS + 1);
        let bad = [
            (Rule::ModernSuite, "yes", BadValue::Suite),
            (Rule::Control, "0", BadValue::Control),
            (Rule::Control, "none", BadValue::Control),
            (Rule::Control, "", BadValue::Control),
            (Rule::SessionMinutes, "1441", BadValue::Minutes),
            (Rule::Clipboard, "never", BadValue::Clipboard),
            (Rule::SessionMinutes, "+5", BadValue::Minutes),
            (Rule::SessionMinutes, "-5", BadValue::Minutes),
            (Rule::SessionMinutes, "99999999999999999999", BadValue::Minutes),
            (Rule::FilesToCustomer, "", BadValue::Files),
            (Rule::FilesToAdvisor, "documents,exe", BadValue::Files),
            (Rule::Recording, "12", BadValue::Recording),
            (Rule::AdvisorShows, "yes", BadValue::AdvisorShows),
            (Rule::Rating, "allowed", BadValue::Rating),
            (Rule::Appointments, "asked", BadValue::Appointments),
            (Rule::GreetingDe, long.as_str(), BadValue::Text),
            (Rule::GreetingEn, "\u{202e}gnp", BadValue::Text),
            (Rule::Telephone, "1\n2", BadValue::Text),
        ];
        for (rule, value, why) in bad {
            let mut policy = Policy::default();
            assert_eq!(rule.set(&mut policy, value), Err(why), "{rule:?} {value}");
            assert_eq!(policy, Policy::default());
        }
    }

    #[test]
    fn the_trail_hears_which_rules_changed_and_no_texts() {
        let before = Policy::default();
        let mut after = before.clone();
        assert_eq!(changes(&before, &after), None);
        for (rule, value) in [(Rule::ModernSuite, REQUIRED), (Rule::Control, "15"), (Rule::GreetingDe, "geheim")] {
            rule.set(&mut after, value).unwrap();
        }
        let told = changes(&before, &after).unwrap();
        assert_eq!(told, "modern_suite:free>required control:allowed>15 greeting_de:none>text");
        let mut other = after.clone();
        Rule::GreetingDe.set(&mut other, "anders").unwrap();
        assert_eq!(changes(&after, &other).unwrap(), "greeting_de:text>text");
    }
}
