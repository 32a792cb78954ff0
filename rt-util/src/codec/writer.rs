//! The write side of a transport: a buffer between an encoder and an output.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use rt_core::io::AsyncWrite;

use super::reader::INITIAL_CAPACITY;

#[derive(Debug)]
pub(super) struct Writer {
    pub(super) buffer: BytesMut,
    /// So many bytes in the buffer have to be written before another frame is taken.
    pub(super) boundary: usize,
}

impl Writer {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { buffer: BytesMut::with_capacity(capacity), boundary: capacity }
    }

    /// A writer that starts with what `buffer` holds.
    pub(super) fn with_buffer(buffer: BytesMut) -> Self {
        Self { buffer, boundary: INITIAL_CAPACITY }
    }

    pub(super) fn poll_ready<T: AsyncWrite>(
        &mut self,
        io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.buffer.len() < self.boundary {
            return Poll::Ready(Ok(()));
        }
        self.poll_flush(io, cx)
    }

    /// Writes all, and flushes the output.
    pub(super) fn poll_flush<T: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.buffer.is_empty() {
            let written = ready!(io.as_mut().poll_write(cx, &self.buffer))?;
            if written == 0 {
                let error = io::Error::new(io::ErrorKind::WriteZero, "the output takes no more bytes");
                return Poll::Ready(Err(error));
            }
            self.buffer.advance(written);
        }
        io.poll_flush(cx)
    }

    pub(super) fn poll_close<T: AsyncWrite>(
        &mut self,
        mut io: Pin<&mut T>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(io.as_mut(), cx))?;
        io.poll_shutdown(cx)
    }
}
