//! `recording info` and `recording export`: offline, without a window. The code
//! is read from standard input, so that it stands in no list of processes.

use super::{ExportError, Folder, Player, RecordingError, export};
use crate::{
    language::{Language, Texts},
    ui::format,
};
use mitblick_protocol::recording::{OpenError, RecordingCode, RecordingOwners};
use std::{
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// Longest text that is looked at for a code, in bytes.
const MAX_CODE_BYTES: u64 = 200;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What it is, and whether it is whole.
    Info,
    /// A video of it.
    Export(PathBuf),
}

/// Opens a recording with the code in `code`, and says what came of it.
///
/// # Errors
/// What is wrong, for the person.
pub fn run(
    wanted: &Wanted,
    file: &Path,
    folder: Option<&Folder>,
    code: impl Read,
    language: Language,
) -> Result<String, String> {
    let texts = Texts::of(language);
    // A line: whoever types it ends it with Enter.
    let mut typed = String::new();
    BufReader::new(code.take(MAX_CODE_BYTES)).read_line(&mut typed).map_err(|error| error.to_string())?;
    let code = RecordingCode::parse(&typed).map_err(|_| texts.t("recording-code-mistyped"))?;
    let mut player = open(file, &code, folder).map_err(|error| failure(texts, &error))?;
    match wanted {
        // All of it, so that what is said to be whole is whole.
        Wanted::Info => match player.survey(|| true) {
            Ok(_) => Ok(info(texts, &player)),
            Err(error) => Err(failure(texts, &error)),
        },
        Wanted::Export(to) => export(&mut player, to, |_| true)
            .map(|()| texts.t_with("recording-exported", &[("file", to.display().to_string().into())]))
            .map_err(|error| export_failure(texts, &error)),
    }
}

/// Opens a recording with this installation's share.
///
/// # Errors
/// See [`RecordingError`].
pub fn open(file: &Path, code: &RecordingCode, folder: Option<&Folder>) -> Result<Player, RecordingError> {
    let share = folder.map(Folder::share).transpose()?.flatten();
    Player::open(file, code, share.as_ref())
}

fn info(texts: Texts, player: &Player) -> String {
    let about = player.about();
    let begun = when(player.header().begun_unix_ms, about.utc_offset_s);
    let owners = match player.header().owners {
        RecordingOwners::Shower => texts.t("recording-owner-customer"),
        RecordingOwners::Both => texts.t("recording-owner-both"),
    };
    let length = format::countdown(player.length_ms().div_ceil(1_000));
    let values = [
        ("advisor", about.advisor.as_str().to_owned().into()),
        ("organisation", about.organisation.as_str().to_owned().into()),
        ("begun", begun.into()),
        ("length", length.into()),
        ("owners", owners.into()),
    ];
    let mut text = texts.t_with("recording-info", &values);
    if !player.is_complete() {
        text.push('\n');
        text.push_str(&texts.t("recording-cut-short"));
    }
    text
}

/// A moment in the recorder's local time.
pub fn when(unix_ms: u64, utc_offset_s: i32) -> String {
    let moment = i64::try_from(unix_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let offset = jiff::tz::Offset::from_seconds(utc_offset_s).unwrap_or(jiff::tz::Offset::UTC);
    moment.unwrap_or_default().to_zoned(offset.to_time_zone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Why a recording does not open, for people.
pub fn failure(texts: Texts, error: &RecordingError) -> String {
    match error {
        RecordingError::Io(error) => texts.t_with("recording-unreadable", &[("why", error.to_string().into())]),
        RecordingError::Open(OpenError::NoRecording) => texts.t("recording-none"),
        RecordingError::Open(OpenError::WrongCode) => texts.t("recording-wrong-code"),
        RecordingError::Open(OpenError::WrongShare) => texts.t("recording-wrong-share"),
        RecordingError::Open(OpenError::Damaged) => texts.t("recording-damaged"),
    }
}

/// Why there is no video, for people.
pub fn export_failure(texts: Texts, error: &ExportError) -> String {
    match error {
        ExportError::Recording(error) => failure(texts, error),
        ExportError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => texts.t("recording-export-exists"),
        ExportError::Io(error) => texts.t_with("recording-export-unwritable", &[("why", error.to_string().into())]),
        ExportError::Empty => texts.t("recording-export-empty"),
        ExportError::GivenUp => texts.t("recording-export-given-up"),
        ExportError::Video(error) => texts.t_with("recording-export-failed", &[("why", error.to_string().into())]),
        ExportError::Mux(error) => texts.t_with("recording-export-failed", &[("why", error.to_string().into())]),
    }
}
