//! Reading and writing.
//!
//! As over TCP, a short read or write tells that the next one would block. Here a read also stops where descriptors or
//! credentials came along with the bytes; then more may be there.

use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::UnixStream;
use crate::driver::io::Direction;
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::net::buffers::receive;
use crate::net::connection::{self, connection_io};
use crate::net::halves::EndWriting;
use crate::sys;

impl UnixStream {
    pub(in crate::net) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.registration.poll_io(Direction::Read, cx, || {
            let room = buf.remaining();
            // SAFETY: the system initializes as many bytes as it says.
            let (n, stopped) =
                unsafe { receive(buf, |room| sys::receive_stream(self.socket.as_fd(), room)) }?;
            Ok(connection::after_read(n, room, stopped))
        })
    }
}

connection_io!(UnixStream);
