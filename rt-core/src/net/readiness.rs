//! Waiting until a socket is ready, and trying without a wait: what sockets of each kind have in common.

/// The methods that wait for readiness, and those that do operations of the caller's own.
///
/// A kind of socket says what its documentation calls it, by which name its examples do, and how they come by one that can
/// send, and by one that has received `abc`.
macro_rules! readiness_methods {
    (
        $noun:literal, $it:literal,
        $also:literal,
        read: $to_read:literal by $try_read:literal,
        write: $to_write:literal by $try_write:literal,
        connected: { $($connected:literal)+ }
        received: { $($received:literal)+ }
    ) => {
        #[doc = concat!("Waits until an operation of `interest` makes sense, and gives what the ", $noun, " is ready for.")]
        ///
        /// Any number of tasks may wait.
        #[doc = $also]
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        ///
        /// # Examples
        ///
        /// ```
        /// use rt_core::io::Interest;
        ///
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $connected])+
        #[doc = concat!("let ready = ", $it, ".ready(Interest::READABLE | Interest::WRITABLE).await?;")]
        /// assert!(ready.is_writable());
        /// # Ok(()) }
        /// ```
        pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
            self.registration.watch()?;
            Ok(self.registration.readiness(interest).await?.ready() & interest.mask())
        }

        #[doc = concat!("Waits until ", $to_read, ": `ready(Interest::READABLE)`.")]
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        ///
        /// # Examples
        ///
        /// ```
        /// use std::io::ErrorKind;
        ///
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $received])+
        /// let mut buf = [0; 16];
        /// let n = loop {
        #[doc = concat!("    ", $it, ".readable().await?;")]
        #[doc = concat!("    match ", $it, ".", $try_read, "(&mut buf) {")]
        ///         Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        ///         outcome => break outcome?,
        ///     }
        /// };
        /// assert_eq!(&buf[..n], b"abc");
        /// # Ok(()) }
        /// ```
        pub async fn readable(&self) -> io::Result<()> {
            self.ready(Interest::READABLE).await.map(drop)
        }

        #[doc = concat!("Waits until ", $to_write, ": `ready(Interest::WRITABLE)`.")]
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        ///
        /// # Examples
        ///
        /// ```
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $connected])+
        #[doc = concat!($it, ".writable().await?;")]
        #[doc = concat!("assert_eq!(", $it, ".", $try_write, "(b\"abc\")?, 3);")]
        /// # Ok(()) }
        /// ```
        pub async fn writable(&self) -> io::Result<()> {
            self.ready(Interest::WRITABLE).await.map(drop)
        }

        /// Tries an operation of the caller's own on the socket.
        ///
        #[doc = concat!("It isn't tried when it's known that it would block. When it says so itself, the ", $noun)]
        /// isn't ready any more; so the closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the
        /// system did.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock), and what the closure returned.
        ///
        /// # Examples
        ///
        /// ```
        /// use rt_core::io::Interest;
        ///
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $connected])+
        #[doc = concat!("let send = || socket2::SockRef::from(&", $it, ").send(b\"abc\");")]
        #[doc = concat!("assert_eq!(", $it, ".try_io(Interest::WRITABLE, send)?, 3);")]
        /// # Ok(()) }
        /// ```
        pub fn try_io<R>(&self, interest: Interest, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
            self.registration.try_io(interest, f)
        }

        /// Does an operation of the caller's own on the socket, and waits while it would block.
        ///
        /// Any number of tasks may wait. The closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the
        /// system did.
        ///
        /// # Errors
        ///
        /// What the closure returned, and when the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// When it's cancelled, the closure has not succeeded.
        ///
        /// # Examples
        ///
        /// ```
        /// use rt_core::io::Interest;
        ///
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $connected])+
        #[doc = concat!("let send = || socket2::SockRef::from(&", $it, ").send(b\"abc\");")]
        #[doc = concat!("assert_eq!(", $it, ".async_io(Interest::WRITABLE, send).await?, 3);")]
        /// # Ok(()) }
        /// ```
        pub async fn async_io<R>(
            &self,
            interest: Interest,
            f: impl FnMut() -> io::Result<R>,
        ) -> io::Result<R> {
            self.registration.async_io(interest, f).await
        }
    };
}
pub(super) use readiness_methods;
