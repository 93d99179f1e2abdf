//! A fault in any thread of a program: a panic, which ends that thread alone and
//! would leave the rest going on without it, with a picture that stands still
//! or a right that nobody takes back. Whoever is told ends the session.

/// Calls this whenever a thread of the program ends by a fault, on that thread
/// and before the fault is reported. It must not block.
pub fn on_fault(tell: impl Fn() + Send + Sync + 'static) {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |fault| {
        // First, because reporting may have to wait for a terminal.
        tell();
        report(fault);
    }));
}
