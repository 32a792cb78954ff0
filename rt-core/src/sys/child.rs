//! Children: reaping one by its number.

/// Reaps a child if it has exited, and throws its status away. True when nothing is left to reap, which is so as well
/// when it is no child of this process, or no longer. A signal handler may call it: it makes one system call, and
/// allocates and locks nothing.
pub(crate) fn reap(pid: i32) -> bool {
    // SAFETY: a null pointer means that the status isn't wanted.
    let reaped = unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::WNOHANG) };
    reaped != 0
}
