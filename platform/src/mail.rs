//! The system's mail program: opened with a message that the person sends, or
//! not. Nothing is sent from here.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use std::{
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
};

/// A message to be written (RFC 6068). It has a subject and a text and nothing
/// else, whatever they hold: whatever could begin another field, or another
/// address, is percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailtoUri(String);

impl MailtoUri {
    /// A message without an address.
    pub fn new(subject: &str, text: &str) -> Self {
        // A subject is one line.
        let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
        Self(format!("mailto:?subject={}&body={}", encoded(&subject), encoded(&text)))
    }

    /// As a program takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Only what is unreserved in RFC 3986 stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Why the mail program did not open.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// What opens it can't be started.
    #[error("{program}: {why}")]
    NotAvailable {
        /// What was to open it.
        program: &'static str,
        /// The system's words.
        why: std::io::Error,
    },
    /// It found none, or that one failed.
    #[error("{program}: {status}")]
    Failed {
        /// What was to open it.
        program: &'static str,
        /// What it said at its end.
        status: ExitStatus,
    },
}

/// Opens the system's mail program. May take as long as that takes: for threads
/// that nobody waits for.
pub trait MailProgram: Send + Sync {
    /// Has the person write this message.
    ///
    /// # Errors
    /// It did not open.
    fn write(&self, message: &MailtoUri) -> Result<(), MailError>;
}

/// The system's own.
pub fn of_system() -> Arc<dyn MailProgram> {
    Arc::new(Opened)
}

/// What the system has to open addresses of all kinds.
struct Opened;

/// The program and what comes before the address.
const OPENER: (&str, &[&str]) = if cfg!(windows) {
    ("rundll32.exe", &["url.dll,FileProtocolHandler"])
} else if cfg!(target_os = "macos") {
    ("open", &[])
} else {
    ("xdg-open", &[])
};

impl MailProgram for Opened {
    fn write(&self, message: &MailtoUri) -> Result<(), MailError> {
        let (program, before) = OPENER;
        // No shell comes between: the address is one argument, and it begins
        // with its scheme, never with a hyphen.
        let mut command = Command::new(program);
        command.args(before).arg(message.as_str());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().map_err(|why| MailError::NotAvailable { program, why })?;
        if status.success() { Ok(()) } else { Err(MailError::Failed { program, status }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_a_subject_and_a_text() {
        let uri = MailtoUri::new("Ihr Termin", "Guten Tag,\nbis gleich");
        assert_eq!(uri.as_str(), "mailto:?subject=Ihr%20Termin&body=Guten%20Tag%2C%0D%0Abis%20gleich");
        let lines = MailtoUri::new("", "a\rb\r\nc");
        assert_eq!(lines.as_str(), "mailto:?subject=&body=a%0D%0Ab%0D%0Ac");
    }

    #[test]
    fn nothing_in_them_adds_a_field_an_address_or_an_argument() {
        let hostile = [
            "x&bcc=spy@evil.example",
            "x?to=spy@evil.example",
            "x\r\nBcc: spy@evil.example",
            "x%0D%0ABcc: spy@evil.example",
            "x&attach=/etc/passwd",
            "--version",
            "x#y;z/\u{2028}\u{0}\"'`$(id)",
        ];
        for text in hostile {
            for uri in [MailtoUri::new(text, ""), MailtoUri::new("", text)] {
                let uri = uri.as_str();
                let fields = uri.strip_prefix("mailto:?subject=").unwrap();
                assert_eq!((uri.matches('?').count(), uri.matches('&').count(), uri.matches('=').count()), (1, 1, 2));
                assert!(fields.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%&=".contains(&byte)), "{uri}");
                let (subject, body) = fields.split_once("&body=").unwrap();
                assert!(!subject.contains("%0D") && !subject.contains("%0A") && !subject.contains("%00"), "{uri}");
                // A percent sign of theirs is none of ours.
                assert!(!body.contains("%0D%0ABcc") || text.contains('\n'), "{uri}");
            }
        }
        assert!(MailtoUri::new("%0D%0ABcc", "").as_str().contains("%250D%250ABcc"));
    }
}
