//! Passwords and codes from a person at a terminal or from a pipe.

use super::Words;
use crate::{
    accounts::{self, HashError, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS},
    problem::{Language, Problem},
};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use zeroize::Zeroizing;

/// A password for an account.
pub(super) struct Given {
    pub(super) text: Zeroizing<String>,
    /// Nobody has seen it yet.
    pub(super) generated: bool,
}

/// Standard input, line by line.
pub(super) struct Secrets {
    is_terminal: bool,
}

impl Secrets {
    pub(super) fn open() -> Self {
        Self { is_terminal: io::stdin().is_terminal() }
    }

    /// An initial password, which somebody else chooses for the account:
    /// generated on a terminal, else what comes.
    pub(super) fn initial_password(&mut self, name: &str) -> Result<Given, Problem> {
        if self.is_terminal {
            let text = accounts::generated_password().map_err(hasher_failed)?;
            return Ok(Given { text, generated: true });
        }
        let text = self.line()?;
        accounts::check_new_password(name, &text, MIN_PASSWORD_CHARS).map_err(Problem::BadPassword)?;
        Ok(Given { text, generated: false })
    }

    /// A password that the holder chooses, typed twice where nobody sees it.
    pub(super) fn ask_new(&mut self, name: &str, least_chars: usize) -> Result<Zeroizing<String>, Problem> {
        let text = self.ask(Words { english: "New password: ", german: "Neues Passwort: " })?;
        accounts::check_new_password(name, &text, least_chars).map_err(Problem::BadPassword)?;
        if self.is_terminal {
            let again = self.ask(Words { english: "Once more: ", german: "Noch einmal: " })?;
            if *again != *text {
                return Err(Problem::NotTheSame);
            }
        }
        Ok(text)
    }

    /// One secret; on a terminal it is asked for and not shown.
    pub(super) fn ask(&mut self, question: Words) -> Result<Zeroizing<String>, Problem> {
        if !self.is_terminal {
            return self.line();
        }
        let _ = write!(io::stderr(), "{}", question.of(Language::of_environment())).and_then(|()| io::stderr().flush());
        let line = {
            let _hidden = Hidden::begin();
            self.line()
        };
        let _ = writeln!(io::stderr());
        line
    }

    fn line(&mut self) -> Result<Zeroizing<String>, Problem> {
        // One byte over the limit, and the end of the line.
        let limit = u64::try_from(MAX_PASSWORD_BYTES).unwrap_or(u64::MAX).saturating_add(3);
        let mut text = Zeroizing::new(String::new());
        io::stdin()
            .lock()
            .take(limit)
            .read_line(&mut text)
            .map_err(|error| Problem::Password { why: error.to_string() })?;
        let length = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(length);
        Ok(text)
    }
}

/// The terminal does not show what is typed until this is dropped.
struct Hidden(Option<Termios>);

impl Hidden {
    fn begin() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut modes) = before.clone() {
            modes.local_modes.remove(LocalModes::ECHO);
            // Where it can't be hidden it is shown.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &modes);
        }
        Self(before)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}

pub(super) fn hasher_failed(error: HashError) -> Problem {
    Problem::Password { why: error.to_string() }
}
