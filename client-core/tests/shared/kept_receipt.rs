//! The body of the fuzz target `kept_receipt`: takes any file for a receipt,
//! must never panic, and asserts what always holds.

use mitblick_client_core::receipt::kept;

/// A file that claims to be a receipt.
pub(crate) fn kept_receipt(data: &[u8]) {
    if let Ok((receipt, reach)) = kept::read(data) {
        // What is good is text, and says the same when it is asked again.
        assert!(std::str::from_utf8(data).is_ok());
        assert_eq!(receipt.check(&receipt.page), Ok(reach));
    }
}
