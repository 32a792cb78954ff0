//! What the halves of connections have in common, over TCP and over Unix sockets.
//!
//! The macros are used where `SocketAddr` names the addresses of the connection.

use std::io;

use crate::shim::sync::Arc;

/// A connection whose writing can be ended.
pub(super) trait EndWriting {
    /// Ends writing. A connection that is gone already needs no end.
    fn end_writing(&self) -> io::Result<()>;
}

/// Ends writing when it's dropped.
#[derive(Debug)]
pub(super) struct Writer<S: EndWriting> {
    pub(super) stream: Arc<S>,
    pub(super) end_on_drop: bool,
}

impl<S: EndWriting> Writer<S> {
    /// One that ends writing, unless told otherwise.
    pub(super) fn new(stream: Arc<S>) -> Self {
        Self { stream, end_on_drop: true }
    }

    /// Goes without ending writing.
    pub(super) fn forget(mut self) {
        self.end_on_drop = false;
    }

    /// Ends writing, which needn't be done again.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let outcome = self.stream.end_writing();
        if outcome.is_ok() {
            self.end_on_drop = false;
        }
        outcome
    }
}

impl<S: EndWriting> std::ops::Deref for Writer<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.stream
    }
}

impl<S: EndWriting> Drop for Writer<S> {
    fn drop(&mut self) {
        if self.end_on_drop {
            // The connection may be gone already; nobody is left who could be told.
            let _ = self.stream.end_writing();
        }
    }
}

/// The connection of which both are halves, or both back.
pub(super) fn reunite<S: EndWriting>(reader: Arc<S>, writer: Writer<S>) -> Result<S, (Arc<S>, Writer<S>)> {
    if !Arc::ptr_eq(&reader, &writer.stream) {
        return Err((reader, writer));
    }
    writer.forget();
    Ok(Arc::into_inner(reader).expect("there are two halves, and the other one is gone"))
}

/// The methods of the halves that read.
macro_rules! read_half_methods {
    () => {
        /// Waits until an operation of `interest` makes sense: see `ready` of the connection.
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
            self.0.ready(interest).await
        }

        /// Waits until there is something to read, or the end: see `readable` of the connection.
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn readable(&self) -> io::Result<()> {
            self.0.readable().await
        }

        /// Reads what is there: see `try_read` of the connection.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there yet, and what the system says.
        pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.try_read(buf)
        }

        /// Reads what is there into several buffers: see `try_read_vectored` of the connection.
        ///
        /// # Errors
        ///
        /// As [`try_read`](Self::try_read).
        pub fn try_read_vectored(&self, bufs: &mut [io::IoSliceMut<'_>]) -> io::Result<usize> {
            self.0.try_read_vectored(bufs)
        }

        /// Reads what is there to the end of `buf`: see `try_read_buf` of the connection.
        ///
        /// # Errors
        ///
        /// As [`try_read`](Self::try_read).
        #[cfg(feature = "io-util")]
        pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
            self.0.try_read_buf(buf)
        }

        /// The address of the other side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn peer_addr(&self) -> io::Result<SocketAddr> {
            self.0.peer_addr()
        }

        /// The address of this side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn local_addr(&self) -> io::Result<SocketAddr> {
            self.0.local_addr()
        }
    };
}
pub(super) use read_half_methods;

/// The methods of the halves that write.
macro_rules! write_half_methods {
    () => {
        /// Waits until an operation of `interest` makes sense: see `ready` of the connection.
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
            self.0.ready(interest).await
        }

        /// Waits until something can be written: see `writable` of the connection.
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn writable(&self) -> io::Result<()> {
            self.0.writable().await
        }

        /// Writes what there is room for: see `try_write` of the connection.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
        pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
            self.0.try_write(buf)
        }

        /// Writes what there is room for from several buffers: see `try_write_vectored` of the connection.
        ///
        /// # Errors
        ///
        /// As [`try_write`](Self::try_write).
        pub fn try_write_vectored(&self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
            self.0.try_write_vectored(bufs)
        }

        /// The address of the other side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn peer_addr(&self) -> io::Result<SocketAddr> {
            self.0.peer_addr()
        }

        /// The address of this side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn local_addr(&self) -> io::Result<SocketAddr> {
            self.0.local_addr()
        }
    };
}
pub(super) use write_half_methods;

/// Writing, for the halves that write.
macro_rules! write_half_writes {
    () => {
        fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            self.0.poll_send(cx, buf)
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.0.poll_send_vectored(cx, bufs)
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        /// Does nothing: what was written is with the system.
        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    };
}
pub(super) use write_half_writes;
