//! `receipt verify` and `receipt show`: offline, without a window.

use super::{
    kept::{self, MAX_RECEIPT_BYTES, ReceiptError},
    text,
};
use crate::language::{Language, Texts};
use mitblick_protocol::receipt::Fault;
use std::{fs::File, io::Read, path::Path};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Whether it is unchanged.
    Verify,
    /// All that it says.
    Show,
}

/// How it ended, and what is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receipt is unchanged. Exit code 0, to standard output.
    Good(String),
    /// It is not. Exit code 1, to standard error.
    Wrong(String),
    /// The file can't be read. Exit code 2, to standard error.
    Unreadable(String),
}

/// Reads a file and says what it is.
pub fn run(wanted: Wanted, file: &Path, language: Language) -> Outcome {
    let texts = Texts::of(language);
    let page = match read(file) {
        Ok(page) => page,
        Err(error) => {
            let values = [("file", file.display().to_string().into()), ("why", error.to_string().into())];
            return Outcome::Unreadable(texts.t_with("receipt-unreadable", &values));
        }
    };
    match kept::read(&page) {
        Ok((receipt, reach)) => Outcome::Good(match wanted {
            Wanted::Verify => text::verdict(texts, &receipt, reach),
            Wanted::Show => text::whole(texts, &receipt, reach),
        }),
        Err(error) => {
            let place = place(texts, error);
            Outcome::Wrong(texts.t_with("receipt-wrong", &[("place", place.into())]))
        }
    }
}

/// One byte more than is allowed, which the reader then refuses.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    File::open(file)?.take(MAX_RECEIPT_BYTES as u64 + 1).read_to_end(&mut page)?;
    Ok(page)
}

/// The first wrong place.
fn place(texts: Texts, error: ReceiptError) -> String {
    match error {
        ReceiptError::Frame => texts.t("receipt-place-frame"),
        ReceiptError::Line(line) => texts.t_with("receipt-place-line", &[("line", line.to_string().into())]),
        ReceiptError::Fault(fault) => match fault {
            Fault::Page => texts.t("receipt-place-page"),
            Fault::Card => texts.t("receipt-place-card"),
            Fault::Opening => texts.t("receipt-place-opening"),
            Fault::Entry(number) => texts.t_with("receipt-place-entry", &[("number", number.to_string().into())]),
            Fault::Names(number) => texts.t_with("receipt-place-names", &[("number", number.to_string().into())]),
            Fault::Count => texts.t("receipt-place-count"),
            Fault::Countersignature => texts.t("receipt-place-countersignature"),
            Fault::Signature => texts.t("receipt-place-signature"),
        },
    }
}
