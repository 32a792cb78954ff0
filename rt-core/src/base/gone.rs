//! The error of an I/O operation whose runtime has gone.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::io;

use super::complaints;

/// What is in the error.
#[derive(Debug)]
struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(complaints::GONE)
    }
}

impl Error for Gone {}

/// The error of an operation that outlives its runtime.
pub(crate) fn gone() -> io::Error {
    io::Error::other(Gone)
}

/// Whether it is this error.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Gone>())
}
