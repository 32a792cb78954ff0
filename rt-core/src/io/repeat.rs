//! A reader that never ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::coop;
use crate::io::{AsyncRead, ReadBuf};

/// Reads one byte over and over: see [`repeat`].
#[derive(Debug)]
pub struct Repeat {
    byte: u8,
}

/// A reader that gives the same byte without end.
///
/// # Examples
///
/// ```
/// use rt_core::io::AsyncReadExt;
///
/// # futures::executor::block_on(async {
/// let mut buf = [0; 3];
/// rt_core::io::repeat(b'x').read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"xxx");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn repeat(byte: u8) -> Repeat {
    Repeat { byte }
}

impl AsyncRead for Repeat {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(coop::poll_proceed(cx)).made_progress();
        let rest = buf.initialize_unfilled();
        rest.fill(self.byte);
        let filled = rest.len();
        buf.advance(filled);
        Poll::Ready(Ok(()))
    }
}
