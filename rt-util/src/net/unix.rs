//! Unix listeners as [`Listener`]s.

use std::io;
use std::task::{Context, Poll};

use rt_core::net::unix::SocketAddr;
use rt_core::net::{UnixListener, UnixStream};

use super::Listener;

impl Listener for UnixListener {
    type Io = UnixStream;
    type Addr = SocketAddr;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        UnixListener::poll_accept(self, cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        UnixListener::local_addr(self)
    }
}
