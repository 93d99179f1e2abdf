//! A program whose interface hangs: one thread of it stands still while all
//! others run on.

use nix::{
    sys::{
        ptrace,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};

/// A thread that stands still until this is dropped, on the same thread that
/// made it.
pub struct FrozenThread(Pid);

impl FrozenThread {
    /// Stops one thread by its id; a process's own id is that of its first
    /// thread, which is the interface's in window programs.
    ///
    /// # Panics
    /// If the system does not allow it.
    #[track_caller]
    pub fn freeze(thread: u32) -> Self {
        let thread = Pid::from_raw(i32::try_from(thread).expect("a thread id"));
        ptrace::seize(thread, ptrace::Options::empty()).expect("leave to trace the program");
        ptrace::interrupt(thread).expect("a running thread");
        let status = waitpid(thread, Some(WaitPidFlag::__WALL)).expect("it stops");
        assert!(matches!(status, WaitStatus::PtraceEvent(..) | WaitStatus::Stopped(..)), "{status:?}");
        Self(thread)
    }
}

impl Drop for FrozenThread {
    fn drop(&mut self) {
        let detached = ptrace::detach(self.0, None);
        // Else what is waited for next would fail for a reason that nobody sees.
        assert!(detached.is_ok() || std::thread::panicking(), "the thread stands still for ever: {detached:?}");
    }
}
