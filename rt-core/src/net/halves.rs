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

/// Writing, for connections, and for the halves that write, whose connection is the field `0`.
macro_rules! connection_writes {
    ($($field:tt)?) => {
        fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            self$(.$field)?.poll_send(cx, buf)
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self$(.$field)?.poll_send_vectored(cx, bufs)
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
pub(super) use connection_writes;

/// The halves that borrow a connection: `ReadHalf` and `WriteHalf`, of which the field is the connection.
macro_rules! borrowed_halves {
    ($Stream:ident) => {
        impl<'a> ReadHalf<'a> {
            pub(in crate::net) fn new(stream: &'a $Stream) -> Self {
                Self(stream)
            }
        }

        impl ReadHalf<'_> {
            $crate::net::halves::read_half_methods!();
        }

        impl<'a> WriteHalf<'a> {
            pub(in crate::net) fn new(stream: &'a $Stream) -> Self {
                Self(stream)
            }
        }

        impl WriteHalf<'_> {
            $crate::net::halves::write_half_methods!();
        }

        impl AsyncRead for ReadHalf<'_> {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                self.0.poll_receive(cx, buf)
            }
        }

        impl AsyncWrite for WriteHalf<'_> {
            $crate::net::halves::connection_writes!(0);

            /// Ends writing; the other side reads the end.
            fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.0.end_writing())
            }
        }

        impl AsRef<$Stream> for ReadHalf<'_> {
            fn as_ref(&self) -> &$Stream {
                self.0
            }
        }

        impl AsRef<$Stream> for WriteHalf<'_> {
            fn as_ref(&self) -> &$Stream {
                self.0
            }
        }
    };
}
pub(super) use borrowed_halves;

/// The halves that share a connection, and may go to different tasks: `OwnedReadHalf` and `OwnedWriteHalf`, of which the
/// field is the connection. The examples come by one in the way given.
macro_rules! owned_halves {
    ($Stream:ident, connected: { $($connected:literal)+ }) => {
        pub(in crate::net) fn into_split(stream: $Stream) -> (OwnedReadHalf, OwnedWriteHalf) {
            let stream = Arc::new(stream);
            let reader = OwnedReadHalf(stream.clone());
            (reader, OwnedWriteHalf(Writer::new(stream)))
        }

        /// Makes one connection of two halves, if they belong together.
        fn reunite(reader: OwnedReadHalf, writer: OwnedWriteHalf) -> Result<$Stream, ReuniteError> {
            halves::reunite(reader.0, writer.0)
                .map_err(|(reader, writer)| ReuniteError(OwnedReadHalf(reader), OwnedWriteHalf(writer)))
        }

        impl OwnedReadHalf {
            /// Gives the connection back, of which both halves are needed.
            ///
            /// # Errors
            ///
            /// Both halves, when they don't belong to the same connection.
            ///
            /// # Examples
            ///
            /// ```
            /// # #[rt_core::main(flavor = "current_thread")]
            /// # async fn main() -> std::io::Result<()> {
            $(#[doc = $connected])+
            /// let (reader, writer) = stream.into_split();
            /// let stream = reader.reunite(writer).expect("they are of the same connection");
            /// # Ok(()) }
            /// ```
            pub fn reunite(self, other: OwnedWriteHalf) -> Result<$Stream, ReuniteError> {
                reunite(self, other)
            }

            $crate::net::halves::read_half_methods!();
        }

        impl OwnedWriteHalf {
            /// Gives the connection back, of which both halves are needed: see [`OwnedReadHalf::reunite`].
            ///
            /// # Errors
            ///
            /// Both halves, when they don't belong to the same connection.
            pub fn reunite(self, other: OwnedReadHalf) -> Result<$Stream, ReuniteError> {
                reunite(other, self)
            }

            /// Drops this half without ending writing. The connection is closed with the other half.
            ///
            /// # Examples
            ///
            /// ```
            /// # #[rt_core::main(flavor = "current_thread")]
            /// # async fn main() -> std::io::Result<()> {
            $(#[doc = $connected])+
            /// let (reader, writer) = stream.into_split();
            /// writer.forget();
            /// # Ok(()) }
            /// ```
            pub fn forget(self) {
                self.0.forget();
            }

            $crate::net::halves::write_half_methods!();
        }

        impl AsyncRead for OwnedReadHalf {
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
                self.0.poll_receive(cx, buf)
            }
        }

        impl AsyncWrite for OwnedWriteHalf {
            $crate::net::halves::connection_writes!(0);

            /// Ends writing; the other side reads the end. Dropping this half does nothing more then.
            fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.0.end())
            }
        }

        impl AsRef<$Stream> for OwnedReadHalf {
            fn as_ref(&self) -> &$Stream {
                &self.0
            }
        }

        impl AsRef<$Stream> for OwnedWriteHalf {
            fn as_ref(&self) -> &$Stream {
                &self.0
            }
        }

        /// Two halves that don't belong to the same connection. They come back in it.
        #[derive(Debug)]
        pub struct ReuniteError(
            /// The half that reads.
            pub OwnedReadHalf,
            /// The half that writes.
            pub OwnedWriteHalf,
        );

        impl fmt::Display for ReuniteError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tried to reunite halves that are not from the same socket")
            }
        }

        impl Error for ReuniteError {}
    };
}
pub(super) use owned_halves;
