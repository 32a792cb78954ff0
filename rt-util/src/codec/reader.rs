//! The read side of a transport: a buffer between an input and a decoder.
//!
//! ```text
//!              bytes (1)                end (2)               None (4)
//!   Decoding <----------- Hungry ----------------> Draining ----------> Ended
//!       |                  ^  ^                                           |
//!       +------------------+  |  None (6)                                 |
//!        no whole frame (3)   +---------- Failed <-- error (5)            |
//!   Decoding <------------------------------------------------ bytes (1) -+
//! ```
//!
//! All of them are taken by [`Reader::poll_frame`]; (5) leads from each of `Decoding`, `Draining`, `Hungry`
//! and `Ended`. `Ended` differs from `Hungry` in that another end is no news, for which `decode_eof` would
//! be called again.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use rt_core::io::{AsyncRead, AsyncReadExt};

use super::Decoder;

/// As much as one read of a socket mostly gives.
pub(super) const INITIAL_CAPACITY: usize = 8 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The decoder has seen all that is buffered.
    Hungry,
    /// The buffer may hold a frame.
    Decoding,
    /// The input has ended; the decoder may have more frames.
    Draining,
    /// The end has been told.
    Ended,
    /// An error has been told, and the `None` that follows it has not.
    Failed,
}

#[derive(Debug)]
pub(super) struct Reader {
    pub(super) buffer: BytesMut,
    phase: Phase,
}

impl Reader {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { buffer: BytesMut::with_capacity(capacity), phase: Phase::Hungry }
    }

    /// A reader that starts with what `buffer` holds.
    pub(super) fn with_buffer(buffer: BytesMut) -> Self {
        let phase = if buffer.is_empty() { Phase::Hungry } else { Phase::Decoding };
        Self { buffer, phase }
    }

    pub(super) fn poll_frame<T: AsyncRead, D: Decoder>(
        &mut self,
        mut io: Pin<&mut T>,
        decoder: &mut D,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<D::Item, D::Error>>> {
        loop {
            let decoded = match self.phase {
                Phase::Hungry | Phase::Ended => {
                    match ready!(poll_fill(io.as_mut(), &mut self.buffer, cx)) {
                        Ok(0) if self.phase == Phase::Ended => return Poll::Ready(None),
                        Ok(0) => self.phase = Phase::Draining, // (2)
                        Ok(_) => self.phase = Phase::Decoding, // (1)
                        Err(error) => {
                            self.phase = Phase::Failed; // (5)
                            return Poll::Ready(Some(Err(error.into())));
                        }
                    }
                    continue;
                }
                Phase::Decoding => decoder.decode(&mut self.buffer),
                Phase::Draining => decoder.decode_eof(&mut self.buffer),
                Phase::Failed => {
                    self.phase = Phase::Hungry; // (6)
                    return Poll::Ready(None);
                }
            };
            match decoded {
                Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                Ok(None) if self.phase == Phase::Draining => {
                    self.phase = Phase::Ended; // (4)
                    return Poll::Ready(None);
                }
                Ok(None) => self.phase = Phase::Hungry, // (3)
                Err(error) => {
                    self.phase = Phase::Failed; // (5)
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

/// Reads once into the room of `buffer`, of which there is some afterwards too unless the read filled it.
fn poll_fill<T: AsyncRead>(
    mut io: Pin<&mut T>,
    buffer: &mut BytesMut,
    cx: &mut Context<'_>,
) -> Poll<std::io::Result<usize>> {
    // Without room a read of nothing would look like the end.
    buffer.reserve(1);
    // The future holds no state between polls, so one for each poll does.
    pin!(io.read_buf(buffer)).poll(cx)
}
