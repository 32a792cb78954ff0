//! The trait, and its future.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use rt_core::io::{AsyncRead, AsyncWrite};
use rt_core::net::{TcpListener, TcpStream};

/// Something that accepts connections, so that a server needn't know of which kind.
///
/// ```
/// use rt_util::net::Listener;
///
/// async fn first_peer<L: Listener>(mut listener: L) -> std::io::Result<L::Addr> {
///     let (_connection, peer) = listener.accept().await?;
///     Ok(peer)
/// }
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
/// let client = rt_core::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
/// assert_eq!(first_peer(listener).await.unwrap(), client.local_addr().unwrap());
/// # });
/// ```
pub trait Listener {
    /// A connection.
    type Io: AsyncRead + AsyncWrite;

    /// The address of a peer, or of the listener.
    type Addr;

    /// Polls for a connection, which comes with the address of the peer. When there is none, the task is
    /// woken once there is; of several that wait, perhaps only the last that polled.
    ///
    /// # Errors
    ///
    /// Those of the system; many say something about one connection, and the next call may succeed.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Self::Addr)>>;

    /// The next connection, with the address of the peer.
    ///
    /// # Cancel safety
    ///
    /// A call that is given up has accepted nothing.
    fn accept(&mut self) -> ListenerAcceptFut<'_, Self>
    where
        Self: Sized,
    {
        ListenerAcceptFut { listener: self }
    }

    /// The address that it listens at.
    ///
    /// # Errors
    ///
    /// Those of the system.
    fn local_addr(&self) -> io::Result<Self::Addr>;
}

/// The future of [`Listener::accept`].
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ListenerAcceptFut<'a, L> {
    listener: &'a mut L,
}

impl<L: Listener> Future for ListenerAcceptFut<'_, L> {
    type Output = io::Result<(L::Io, L::Addr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.listener.poll_accept(cx)
    }
}

impl Listener for TcpListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        TcpListener::poll_accept(self, cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpListener::local_addr(self)
    }
}
