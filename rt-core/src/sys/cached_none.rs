//! The page cache of a system that doesn't tell what is in it: nothing is.
#![forbid(unsafe_code)]

use std::fs::{File, Metadata};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::path::Path;

/// What was found in memory.
#[derive(Debug)]
pub(crate) enum Cached<T> {
    /// It was there, or it was there that there is none.
    Hit(io::Result<T>),
    /// It isn't there.
    Miss,
    /// It never is for this file.
    Never,
}

/// Reads what is in memory.
pub(crate) fn read(_: BorrowedFd<'_>, _: &mut [MaybeUninit<u8>]) -> Cached<usize> {
    Cached::Never
}

/// Opens a regular file for reading, and says how long it is.
pub(crate) fn open(_: &Path) -> Cached<(File, u64)> {
    Cached::Never
}

/// What there is to know of a path.
pub(crate) fn metadata(_: &Path, _follow: bool) -> Cached<Metadata> {
    Cached::Never
}

/// Whether there is something at the path.
pub(crate) fn exists(_: &Path) -> Cached<bool> {
    Cached::Never
}

/// Whether what is known of an open file is always in memory. May block.
pub(crate) fn is_local(_: BorrowedFd<'_>) -> bool {
    false
}
