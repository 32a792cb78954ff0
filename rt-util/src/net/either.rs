//! One of two listeners.

use std::io;

use super::Listener;
use crate::either::Either;

impl<L: Listener, R: Listener> Either<L, R> {
    /// The next connection of the listener that it is, with the address of the peer.
    ///
    /// # Cancel safety
    ///
    /// A call that is given up has accepted nothing.
    ///
    /// # Errors
    ///
    /// Those of the listener.
    ///
    /// ```
    /// use rt_core::net::{TcpListener, TcpStream, UnixListener};
    /// use rt_util::either::Either;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    /// let client = TcpStream::connect(tcp.local_addr().unwrap()).await.unwrap();
    ///
    /// let mut listener: Either<TcpListener, UnixListener> = Either::Left(tcp);
    /// match listener.accept().await.unwrap() {
    ///     Either::Left((_, peer)) => assert_eq!(peer, client.local_addr().unwrap()),
    ///     Either::Right(_) => unreachable!(),
    /// }
    /// # });
    /// ```
    #[allow(clippy::type_complexity)]
    pub async fn accept(&mut self) -> io::Result<Either<(L::Io, L::Addr), (R::Io, R::Addr)>> {
        Ok(match self {
            Either::Left(listener) => Either::Left(listener.accept().await?),
            Either::Right(listener) => Either::Right(listener.accept().await?),
        })
    }

    /// The address that it listens at.
    ///
    /// # Errors
    ///
    /// Those of the listener.
    pub fn local_addr(&self) -> io::Result<Either<L::Addr, R::Addr>> {
        Ok(match self {
            Either::Left(listener) => Either::Left(listener.local_addr()?),
            Either::Right(listener) => Either::Right(listener.local_addr()?),
        })
    }
}
