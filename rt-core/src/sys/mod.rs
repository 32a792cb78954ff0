//! The operating system: the only folder with system calls and `cfg(target_os)`.
