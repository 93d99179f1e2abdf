//! Takes from this process everything but computing and the sockets that it
//! has: no file, no network, no other process, no code made at run time.
//!
//! landlock takes the file system away, seccomp every system call that a
//! decoder does not need, resource limits bound what is left. A test of all of
//! it follows at once, and a process that could do more than it should says so.

use landlock::{ABI, Access as _, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr as _};
use rustix::{
    mm::{MapFlags, ProtFlags, mmap_anonymous, munmap},
    process::{Resource, Rlimit, setrlimit},
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};
use std::{collections::BTreeMap, fs::File, net::UdpSocket, os::unix::net::UnixStream, ptr::null_mut};

/// All memory of the process.
const MEMORY_BYTES: u64 = 512 * 1024 * 1024;

/// What failed.
pub(super) type Refusal = Box<dyn std::error::Error>;

/// Closes everything that was handed down but standard input, output and
/// errors. To be called before anything is opened.
pub(super) fn close_others() -> Result<(), Refusal> {
    const FIRST: u32 = 3;
    // SAFETY: nothing in this process owns a descriptor from there on yet; what
    // is open was left open by those who started the program.
    match unsafe { libc::syscall(libc::SYS_close_range, FIRST, u32::MAX, 0) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error().into()),
    }
}

/// Locks this process in, for good.
pub(super) fn enter() -> Result<(), Refusal> {
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, limit(MEMORY_BYTES))?;
    setrlimit(Resource::Core, limit(0))?;
    setrlimit(Resource::Fsize, limit(0))?;
    setrlimit(Resource::Nproc, limit(0))?;
    // Kernels without it have seccomp, which alone lets nothing be opened.
    let rules = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    rules.handle_access(AccessFs::from_all(ABI::V5))?.create()?.restrict_self()?;
    // Not a single file may be opened any more.
    setrlimit(Resource::Nofile, limit(0))?;
    apply_filter(&filter()?)?;
    prove()
}

/// The system calls of a program that computes, allocates, reads and writes.
fn filter() -> Result<BpfProgram, Refusal> {
    let free = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigprocmask,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = free.into_iter().map(|call| (call, Vec::new())).collect();
    let executable = u64::from(ProtFlags::EXEC.bits());
    let never_executable = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(executable), 0)?;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![SeccompRule::new(vec![never_executable.clone()])?]);
    }
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?;
    Ok(filter.try_into()?)
}

/// Tries what must not work.
fn prove() -> Result<(), Refusal> {
    let worked = |what: &str| Err(Refusal::from(format!("the sandbox lets this process {what}")));
    if File::open("/proc/self/status").is_ok() || File::open("/dev/null").is_ok() {
        return worked("open files");
    }
    if UdpSocket::bind(("127.0.0.1", 0)).is_ok() || UnixStream::pair().is_ok() {
        return worked("open sockets");
    }
    if std::thread::Builder::new().spawn(|| {}).is_ok() {
        return worked("start threads and processes");
    }
    // SAFETY: a new mapping that nothing points to; it is taken back at once.
    let code = unsafe { mmap_anonymous(null_mut(), 4096, ProtFlags::READ | ProtFlags::EXEC, MapFlags::PRIVATE) };
    if let Ok(code) = code {
        // SAFETY: the mapping from above, whole; nothing points into it.
        let _ = unsafe { munmap(code, 4096) };
        return worked("make code");
    }
    Ok(())
}
