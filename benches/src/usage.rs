//! What the operating system says that this process used.
use std::io;
use std::mem::MaybeUninit;

/// Processor time and voluntary context switches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu_us: f64,
    pub(crate) waits: f64,
}

impl Usage {
    /// Of all threads but the calling one.
    pub(crate) fn of_other_threads() -> Usage {
        let (all, own) = (Usage::read(libc::RUSAGE_SELF), Usage::read(libc::RUSAGE_THREAD));
        Usage { cpu_us: all.cpu_us - own.cpu_us, waits: all.waits - own.waits }
    }

    fn read(who: libc::c_int) -> Usage {
        let mut usage = MaybeUninit::<libc::rusage>::uninit();
        // SAFETY: `usage` is valid for writes of a whole `rusage`.
        let failed = unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
        assert_eq!(failed, 0, "getrusage: {}", io::Error::last_os_error());
        // SAFETY: the call succeeded, so it filled in the struct.
        let usage = unsafe { usage.assume_init() };
        let us = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
        Usage { cpu_us: us(usage.ru_utime) + us(usage.ru_stime), waits: usage.ru_nvcsw as f64 }
    }
}

/// Processor time of the whole process, in nanoseconds.
pub(crate) fn process_cpu_ns() -> f64 {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: `time` is valid for writes of a whole `timespec`.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, time.as_mut_ptr()) };
    assert_eq!(failed, 0, "clock_gettime: {}", io::Error::last_os_error());
    // SAFETY: the call succeeded, so it filled in the struct.
    let time = unsafe { time.assume_init() };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Raises the limit of open files as far as it goes: 1,000 connections have 2,000 ends a side.
pub(crate) fn raise_file_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid for reads and writes of a whole `rlimit`.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } == 0 {
        limit.rlim_cur = limit.rlim_max;
        // SAFETY: `limit` is valid for reads. A refusal leaves the limit as it was; the rows that need
        // more files then say so.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    }
}
