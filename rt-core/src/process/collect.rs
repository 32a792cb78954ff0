//! Reading what a child writes until the end, along with what else is waited for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::io::{AsyncRead, ReadBuf};

/// So much room there is for each read at least.
const ROOM: usize = 4096;

/// A stream that is read to its end, if there is one.
pub(super) struct Collect<R> {
    stream: Option<R>,
    bytes: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Collect<R> {
    pub(super) fn new(stream: Option<R>) -> Self {
        Self { stream, bytes: Vec::new() }
    }

    /// Reads on; ready when all is read. It may be polled again then.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(stream) = &mut self.stream {
            self.bytes.reserve(ROOM);
            let mut buf = ReadBuf::uninit(self.bytes.spare_capacity_mut());
            ready!(Pin::new(stream).poll_read(cx, &mut buf))?;
            let n = buf.filled().len();
            if n == 0 {
                self.stream = None;
            }
            // SAFETY: what is filled is initialized, and directly behind what was there.
            unsafe { self.bytes.set_len(self.bytes.len() + n) };
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
