//! The texts in English.

use super::{Language, PictureFault, Problem};
use crate::{accounts::BadPassword, audit::Fault, images::BadImage, rules::BadValue};

impl Problem {
    pub(super) fn english(&self) -> String {
        match self {
            Self::PortInUse { address } => {
                format!("Another program listens on {address} already. Stop it, or choose another port with --listen, for the admin pages with --admin-listen.")
            }
            Self::Listen { address, why } => format!(
                "Can't listen on {address}: {why}. Give an address of this machine and a port with --listen, for example 0.0.0.0:7443; ports below 1024 need the right to use them."
            ),
            Self::DataDir { path, why } => format!(
                "Can't use the data folder {}: {why}. Check that it belongs to the user who runs the broker, or choose another one with --data.",
                path.display()
            ),
            Self::DiskFull { path } => format!(
                "No space is left for the data folder {}. Free some space or choose another folder with --data, then start again.",
                path.display()
            ),
            Self::AlreadyRunning { path } => format!(
                "Another broker runs on the data folder {} already. Stop it first, or choose another folder with --data.",
                path.display()
            ),
            Self::Damaged { path } => format!(
                "{} is damaged. Bring it back from a backup; or move it away to start with a new one (accounts or the pin that programs know are lost then).",
                path.display()
            ),
            Self::NewerDatabase { path } => format!(
                "{} was written by a newer version of this program. Install that version again.",
                path.display()
            ),
            Self::NoDatabase { path } => format!(
                "There is no broker's database in {}. Give its data folder with --data.",
                path.display()
            ),
            Self::Store { why } => {
                format!("The database can't be used: {why}. Check free space and rights of the data folder.")
            }
            Self::System { why } => {
                format!("The system refused the broker's start: {why}. Check its limits for this user.")
            }
            Self::Keys { why } => format!("Keys could not be made: {why}. Try again."),
            Self::BadName => "A name has 1 to 64 characters and no blanks.".to_owned(),
            Self::NameTaken { name } => format!(
                "There is an account \"{name}\" already. For a new password: mitblick-broker advisor password {name}"
            ),
            Self::NoSuchAdvisor { name } => {
                format!("There is no account \"{name}\". To see all: mitblick-broker advisor list")
            }
            Self::IsMainUser { name } => format!(
                "\"{name}\" is the main user. Hand that over first: mitblick-broker main-user hand-over OTHER"
            ),
            Self::MainUserThere => {
                "There is a main user already. To make another account the main user: mitblick-broker main-user hand-over NAME".to_owned()
            }
            Self::NoMainUser => {
                "There is no main user yet. To make one: mitblick-broker main-user code".to_owned()
            }
            Self::WrongCode => {
                "The code is wrong or was used. Compare it with the paper, or make another one: mitblick-broker main-user code".to_owned()
            }
            Self::CodeExpired => "The code has expired. Make another one: mitblick-broker main-user code".to_owned(),
            Self::NoSuchWorkplace => "There is no such workplace, or none of this user that waits and shows this code. To see all: mitblick-broker workplace list".to_owned(),
            Self::WrongSecondFactor { tries_left } => {
                format!("The code is wrong, too old, or was used already. Tries left before a lock: {tries_left}.")
            }
            Self::WrongPassword { tries_left } => {
                format!("The present password is wrong. Tries left before a lock: {tries_left}.")
            }
            Self::Locked { wait_s } => format!(
                "After several wrong passwords none is looked at for a while. Try again in {} min.",
                wait_s.div_ceil(60)
            ),
            Self::InitialExpired { name } => format!(
                "The initial password has expired. Ask for another one, which an admin makes with: mitblick-broker advisor password {name}"
            ),
            Self::OtherPassword { name } => format!(
                "The password of \"{name}\" was changed meanwhile, so this change was not made. Start again with the present one."
            ),
            Self::Blocked { name } => {
                format!("The account \"{name}\" is blocked. An admin lets it in again on the admin pages.")
            }
            Self::AuditFault { fault: Fault::OlderThanCut { head, cut } } => format!(
                "The audit trail is whole in itself, but the head is older than its cut: the head is of entry {head}, and the entries up to {cut} were removed as planned ([audit] keep_days). It can't show any more whether an older database was put back. Take a head that was kept later."
            ),
            Self::AuditFault { fault } => format!(
                "The audit trail is not whole: {}. Keep a copy of the data folder, find out who could write there, and compare with a backup.",
                fault_english(*fault)
            ),
            Self::HeadFile { path, why } => format!(
                "{} can't be read as a head of the audit trail: {why}. Give a file that --audit-head or 'mitblick-broker audit head' has written.",
                path.display()
            ),
            Self::Export { why } => {
                format!("The export could not be written: {why}. Check free space where standard output goes.")
            }
            Self::Backup { path, fault } => fault.text(path, Language::English),
            Self::Config(problem) => problem.text(Language::English),
            Self::Certificate { path, fault } => fault.text(path, Language::English),
            Self::Downloads { path, why } => format!(
                "Can't read {}: {why}. The broker's user must be able to read the folder of company.downloads and what is in it.",
                path.display()
            ),
            Self::NoSuchRule { key } => format!(
                "There is no rule \"{key}\". `rules show` prints all: modern_suite, control, session_minutes, clipboard, files_to_customer, files_to_advisor, recording, advisor_shows, rating, appointments, greeting_de, greeting_en, telephone."
            ),
            Self::RuleValue { key, wants } => {
                let wants = match wants {
                    BadValue::Suite => "required or free",
                    BadValue::Control => "allowed, forbidden, or the most minutes of a grant from 1 to 1440",
                    BadValue::Clipboard => "allowed, one_by_one or forbidden",
                    BadValue::Recording | BadValue::AdvisorShows => "allowed (if the customer agrees) or forbidden",
                    BadValue::Rating => "asked or not_asked",
                    BadValue::Appointments => "allowed or forbidden",
                    BadValue::Minutes => "minutes from 1 to 1440, or none",
                    BadValue::Files => {
                        "allowed, forbidden, or some of documents,media,archives,programs,other with commas between"
                    }
                    BadValue::Text => "one line of at most 120 characters that can be shown, or \"\" for none",
                };
                format!("The rule {key} can't have this value. It takes {wants}. Nothing was changed.")
            }
            Self::RulesChanged => {
                "The rules were changed by somebody else at the same time. Look at them with `rules show` and try again.".to_owned()
            }
            Self::Picture { path, why } => {
                let why = match why {
                    PictureFault::Unreadable(why) => format!("it can't be read: {why}"),
                    PictureFault::Bad(why) => picture_english(*why).to_owned(),
                };
                format!("The file {} can't be used: {why}. Nothing was changed.", path.display())
            }
            Self::NotTheSame => "The two entries of the new password differ. Start again.".to_owned(),
            Self::BadPassword(why) => bad_password_english(*why),
            Self::Password { why } => format!("The password could not be read or processed: {why}. Try again."),
        }
    }
}

fn picture_english(why: BadImage) -> &'static str {
    match why {
        BadImage::Nothing => "it is empty",
        BadImage::TooLarge => "it is larger than 5 MB; save it smaller",
        BadImage::OtherKind => "it is neither PNG nor JPEG; save it as one of these",
        BadImage::TooManyPixels => "it has more than 25 million pixels; save it smaller",
        BadImage::Damaged => "it is damaged; open it in an image program and save it anew",
    }
}

fn fault_english(fault: Fault) -> String {
    match fault {
        Fault::Missing(seq) => format!("entry {seq} is missing"),
        Fault::Changed(seq) => format!("entry {seq} was changed or moved"),
        Fault::NotCovered(seq) => format!("entry {seq} was added without the broker's key"),
        Fault::BadSignature => "the head is not signed with the broker's key (audit.key)".to_owned(),
        Fault::Rewritten(seq) => format!("up to entry {seq} it is not the trail whose head was kept elsewhere"),
        Fault::ForgedCut => "the cut at its beginning is not signed with the broker's key (audit.key)".to_owned(),
        Fault::OtherCut(seq) => format!(
            "the cut behind entry {seq} does not fit: it is not the one that the first entry follows, or that entry was changed"
        ),
        Fault::OlderThanCut { head, cut } => {
            format!("the head of entry {head} is older than the cut behind entry {cut}")
        }
    }
}

fn bad_password_english(why: BadPassword) -> String {
    let text = match why {
        BadPassword::TooShort { at_least } => {
            return format!("The password is too short: at least {at_least} characters.");
        }
        BadPassword::TooLong => "The password is too long: at most 128 characters.",
        BadPassword::ContainsName => {
            "The password must not contain the name, not even backwards or with digits for letters."
        }
        BadPassword::UsedBefore => "The account had this password before. Choose one that it never had.",
        BadPassword::Common => {
            "The password is among the first that are guessed: common words, names, dates, rows of keys or repetitions. Choose several words that have nothing to do with each other."
        }
    };
    text.to_owned()
}
