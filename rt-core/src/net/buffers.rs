//! Letting the system write to memory that isn't initialized yet, and counting what was moved.

use std::io;
use std::mem::MaybeUninit;

use crate::coop;
use crate::io::ReadBuf;

/// What an operation gives, along with how many bytes it moved.
pub(super) trait Received {
    /// How many bytes it moved.
    fn bytes(&self) -> usize;
}

impl Received for usize {
    fn bytes(&self) -> usize {
        *self
    }
}

impl<A> Received for (usize, A) {
    fn bytes(&self) -> usize {
        self.0
    }
}

/// Has the bytes that were moved count against the task's budget.
pub(super) fn charged<R: Received>(moved: io::Result<R>) -> io::Result<R> {
    if let Ok(moved) = &moved {
        coop::charge(moved.bytes());
    }
    moved
}

/// Lets the system write to the unfilled part of `buf`, and counts as filled what it says that it wrote.
///
/// # Safety
///
/// `f` initializes as many bytes as it says, and takes none back.
pub(super) unsafe fn receive<R: Received>(
    buf: &mut ReadBuf<'_>,
    f: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<R>,
) -> io::Result<R> {
    // SAFETY: `f` takes back none of the bytes that are initialized, says the caller.
    let received = f(unsafe { buf.unfilled_mut() })?;
    // SAFETY: `f` has initialized that many, says the caller.
    unsafe { buf.assume_init(received.bytes()) };
    buf.advance(received.bytes());
    Ok(received)
}

/// As [`receive`], to the end of a growing buffer.
///
/// # Safety
///
/// As [`receive`].
#[cfg(feature = "io-util")]
pub(super) unsafe fn receive_buf<B: bytes::BufMut, R: Received>(
    buf: &mut B,
    f: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<R>,
) -> io::Result<R> {
    // SAFETY: `f` takes back none of the bytes that are initialized, says the caller.
    let received = f(unsafe { buf.chunk_mut().as_uninit_slice_mut() })?;
    // SAFETY: `f` has initialized that many of the chunk's, says the caller.
    unsafe { buf.advance_mut(received.bytes()) };
    Ok(received)
}
