//! A kept receipt: one HTML page that every browser shows, without scripts and
//! without anything from elsewhere. At its end stand the data, in JSON; all of
//! the page counts when it is checked.

use super::{form, write};
use crate::language::Language;
use mitblick_protocol::receipt::{Fault, Keeper, Reach, SignedReceipt};
use sha2::{Digest, Sha256};

/// Largest receipt that is read, in bytes. The largest that is written has
/// about a third of it.
pub const MAX_RECEIPT_BYTES: usize = 32 * 1024 * 1024;

/// Before and after the data.
const BEGIN: &str = "<pre id=\"mitblick-receipt\">\n";
const END: &str = "\n</pre>\n</body>\n</html>\n";

/// Where a page is not a receipt as it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// No data between their marks: not a receipt, or its frame was changed.
    #[error("no receipt in it")]
    Frame,
    /// The data are not in their one form.
    #[error("line {0}")]
    Line(usize),
    /// They are, and don't fit together.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The page for this receipt, with its signature.
pub fn page(keeper: &Keeper, language: Language) -> String {
    // What people read does not depend on the signature, which is over it.
    let before = write::before(&keeper.sign([0; 32]), language) + BEGIN;
    let receipt = keeper.sign(hash(&before, END));
    before + &form::write(&receipt) + END
}

/// The receipt in a page, and how far the other side has signed it.
///
/// # Errors
/// The first place that is wrong.
pub fn read(page: &[u8]) -> Result<(SignedReceipt, Reach), ReceiptError> {
    if page.len() > MAX_RECEIPT_BYTES {
        return Err(ReceiptError::Frame);
    }
    let page = std::str::from_utf8(page).map_err(|error| {
        let line = page.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        ReceiptError::Line(line)
    })?;
    let (before, rest) = page.split_once(BEGIN).ok_or(ReceiptError::Frame)?;
    let data = rest.strip_suffix(END).ok_or(ReceiptError::Frame)?;
    let before = page.get(..before.len() + BEGIN.len()).unwrap_or_default();
    let lines_before = before.matches('\n').count();
    let parsed: form::Data =
        serde_json::from_str(data).map_err(|error| ReceiptError::Line(lines_before + error.line().max(1)))?;
    let receipt = parsed.receipt().ok_or(ReceiptError::Line(lines_before + 1))?;
    let again = form::write(&receipt);
    if again != data {
        let same = again.lines().zip(data.lines()).take_while(|(ours, theirs)| ours == theirs).count();
        return Err(ReceiptError::Line(lines_before + same + 1));
    }
    let reach = receipt.check(&hash(before, END))?;
    Ok((receipt, reach))
}

fn hash(before: &str, after: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((before.len() as u64).to_be_bytes());
    hash.update(before);
    hash.update(after);
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
