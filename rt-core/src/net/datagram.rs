//! What sockets for datagrams have in common, over UDP and over Unix sockets.
//!
//! The macros are used where `SocketAddr` names the addresses of the socket, which has
//! - `received_from(buf)`, which receives into initialized memory and gives the address in that form,
//! - `recv_from_now(room)`, which does so into memory that isn't initialized.
//!
//! Examples call a socket `socket`. Each kind says how they come by one that can send, and by one that has received `abc`.

/// The methods that wait for readiness, and those that try without a wait. `$from` and `$to` say whom a socket that is
/// connected receives from, and sends to.
macro_rules! datagram_readiness_methods {
    (
        from: $from:literal, to: $to:literal,
        connected: { $($connected:literal)+ }
        received: { $($received:literal)+ }
    ) => {
        $crate::net::readiness::readiness_methods! {
            "socket", "socket",
            "A socket with an error to tell is ready.",
            read: "something can be received" by "try_recv",
            write: "something can be sent" by "try_send",
            connected: { $($connected)+ }
            received: { $($received)+ }
        }

        #[doc = concat!("Sends a datagram to the ", $to, ", if the system takes it now.")]
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
        ///
        /// # Examples
        ///
        /// See [`writable`](Self::writable).
        pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
            self.registration.try_io(Interest::WRITABLE, || self.socket.send(buf))
        }

        #[doc = concat!("Receives a datagram", $from, ", if one is there.")]
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there, and what the system says.
        ///
        /// # Examples
        ///
        /// See [`readable`](Self::readable).
        pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
            self.registration.try_io(Interest::READABLE, || self.socket.recv(buf))
        }

        /// Receives a datagram, if one is there, and gives how many bytes and from where.
        ///
        /// # Errors
        ///
        /// As [`try_recv`](Self::try_recv).
        ///
        /// # Examples
        ///
        /// ```
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $received])+
        /// let mut buf = [0; 16];
        /// socket.readable().await?;
        /// let (len, _peer) = socket.try_recv_from(&mut buf)?;
        /// assert_eq!(&buf[..len], b"abc");
        /// # Ok(()) }
        /// ```
        pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
            self.registration.try_io(Interest::READABLE, || self.received_from(buf))
        }

        /// As [`try_recv`](Self::try_recv), to the end of `buf`.
        ///
        /// What the next chunk of `buf` has no room for is lost.
        ///
        /// # Errors
        ///
        /// As [`try_recv`](Self::try_recv).
        #[cfg(feature = "io-util")]
        pub fn try_recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
            self.registration.try_io(Interest::READABLE, || {
                // SAFETY: the system initializes as many bytes as it says.
                unsafe { $crate::net::buffers::receive_buf(buf, |room| self.sock_ref().recv(room)) }
            })
        }

        /// As [`try_recv_from`](Self::try_recv_from), to the end of `buf`.
        ///
        /// What the next chunk of `buf` has no room for is lost.
        ///
        /// # Errors
        ///
        /// As [`try_recv`](Self::try_recv).
        #[cfg(feature = "io-util")]
        pub fn try_recv_buf_from<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
            self.registration.try_io(Interest::READABLE, || {
                // SAFETY: the system initializes as many bytes as it says.
                unsafe { $crate::net::buffers::receive_buf(buf, |room| self.recv_from_now(room)) }
            })
        }
    };
}
pub(super) use datagram_readiness_methods;

/// Methods that receive, and wait for it.
macro_rules! datagram_recv_methods {
    (received: { $($received:literal)+ }) => {
        /// Receives a datagram, and gives how many bytes and from where. What `buf` has no room for is lost.
        ///
        /// # Errors
        ///
        /// What the system says, and when the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// When it's cancelled, nothing has been received.
        ///
        /// # Examples
        ///
        /// ```
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $received])+
        /// let mut buf = [0; 16];
        /// let (len, _peer) = socket.recv_from(&mut buf).await?;
        /// assert_eq!(&buf[..len], b"abc");
        /// # Ok(()) }
        /// ```
        pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
            self.registration.async_io(Interest::READABLE, || charged(self.received_from(buf))).await
        }

        /// As [`recv`](Self::recv), to the end of `buf`.
        ///
        /// What the next chunk of `buf` has no room for is lost: [`reserve`](Vec::reserve) as much as a datagram may have.
        ///
        /// # Errors
        ///
        /// As [`recv`](Self::recv).
        ///
        /// # Cancel safety
        ///
        /// When it's cancelled, nothing has been received.
        #[cfg(feature = "io-util")]
        pub async fn recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
            let receive = || {
                // SAFETY: the system initializes as many bytes as it says.
                charged(unsafe { $crate::net::buffers::receive_buf(buf, |room| self.sock_ref().recv(room)) })
            };
            self.registration.async_io(Interest::READABLE, receive).await
        }

        /// As [`recv_from`](Self::recv_from), to the end of `buf`.
        ///
        /// What the next chunk of `buf` has no room for is lost: [`reserve`](Vec::reserve) as much as a datagram may have.
        ///
        /// # Errors
        ///
        /// As [`recv_from`](Self::recv_from).
        ///
        /// # Cancel safety
        ///
        /// When it's cancelled, nothing has been received.
        ///
        /// # Examples
        ///
        /// ```
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $received])+
        /// let mut buf = Vec::with_capacity(1500);
        /// let (len, _peer) = socket.recv_buf_from(&mut buf).await?;
        /// assert_eq!((len, &buf[..]), (3, &b"abc"[..]));
        /// # Ok(()) }
        /// ```
        #[cfg(feature = "io-util")]
        pub async fn recv_buf_from<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
            let receive = || {
                // SAFETY: the system initializes as many bytes as it says.
                charged(unsafe { $crate::net::buffers::receive_buf(buf, |room| self.recv_from_now(room)) })
            };
            self.registration.async_io(Interest::READABLE, receive).await
        }
    };
}
pub(super) use datagram_recv_methods;

/// Methods for futures written by hand.
macro_rules! datagram_poll_methods {
    (
        from: $from:literal, to: $to:literal,
        received: { $($received:literal)+ }
    ) => {
        #[doc = concat!("Polls for sending a datagram to the ", $to, ": see [`send`](Self::send).")]
        ///
        /// # Errors
        ///
        /// As [`send`](Self::send).
        pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            let send = || charged(self.socket.send(buf)).map(Attempt::Done);
            self.registration.poll_io(Direction::Write, cx, send)
        }

        #[doc = concat!("Polls for a datagram", $from, ": see [`recv`](Self::recv).")]
        ///
        /// # Errors
        ///
        /// As [`recv`](Self::recv).
        pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            self.poll_receive(cx, buf, |socket, room| socket.sock_ref().recv(room)).map_ok(drop)
        }

        /// Polls for a datagram, and gives where it is from: see [`recv_from`](Self::recv_from).
        ///
        /// # Errors
        ///
        /// As [`recv_from`](Self::recv_from).
        ///
        /// # Examples
        ///
        /// ```
        /// use std::future::poll_fn;
        /// use rt_core::io::ReadBuf;
        ///
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $received])+
        /// let mut memory = [0; 1500];
        /// let mut buf = ReadBuf::new(&mut memory);
        /// let _peer = poll_fn(|cx| socket.poll_recv_from(cx, &mut buf)).await?;
        /// assert_eq!(buf.filled(), b"abc");
        /// # Ok(()) }
        /// ```
        pub fn poll_recv_from(
            &self,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<SocketAddr>> {
            self.poll_receive(cx, buf, Self::recv_from_now).map_ok(|(_, from)| from)
        }

        /// Polls until something can be received, or an error can be told.
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.registration.watch()?;
            self.registration.poll_read_ready(cx).map_ok(drop)
        }

        /// Polls until something can be sent.
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.registration.watch()?;
            self.registration.poll_write_ready(cx).map_ok(drop)
        }

        /// `f` writes as many bytes as it says to the memory that it's given.
        fn poll_receive<R: Received>(
            &self,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
            f: impl Fn(&Self, &mut [std::mem::MaybeUninit<u8>]) -> io::Result<R>,
        ) -> Poll<io::Result<R>> {
            self.registration.poll_read_io(cx, || {
                // SAFETY: the callers hand the memory to the system, which initializes as many bytes as it says.
                charged(unsafe { receive(buf, |room| f(self, room)) })
            })
        }
    };
}
pub(super) use datagram_poll_methods;
