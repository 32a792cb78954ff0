//! Asynchronous I/O for code that blocks.

use std::io::{self, BufRead, IoSlice, Read, Seek, SeekFrom, Write};

use rt_core::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite,
    AsyncWriteExt,
};
use rt_core::runtime::Handle;

/// A reader, writer or both for code that blocks: each call waits, on the calling thread, until it's done.
///
/// It's for libraries that know `std::io` only, such as parsers and compressors. Call them on a thread that may be
/// blocked, as in [`spawn_blocking`](rt_core::task::spawn_blocking). A reader that wasn't dropped on such a thread may hold on to
/// something that nobody waits for any more, and so may a thread that waits for it: shut the other side down.
///
/// What isn't `Unpin` goes in as `Box::pin(it)`.
///
/// # Panics
///
/// Each call panics on a thread that runs asynchronous tasks: it would block them all.
///
/// # Examples
///
/// ```
/// use std::io::Read;
///
/// use rt_core::io::AsyncWriteExt;
/// use rt_core::task::spawn_blocking;
/// use rt_util::io::SyncIoBridge;
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let (mut near, far) = rt_core::io::duplex(4);
/// let mut far = SyncIoBridge::new(far);
/// let reading = spawn_blocking(move || {
///     let mut text = String::new();
///     far.read_to_string(&mut text).map(|_| text)
/// });
/// near.write_all(b"more than fits at once").await?;
/// drop(near);
/// assert_eq!(reading.await??, "more than fits at once");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct SyncIoBridge<T> {
    inner: T,
    handle: Handle,
}

impl<T: Unpin> SyncIoBridge<T> {
    /// Waits with the calling thread's runtime.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    #[track_caller]
    pub fn new(src: T) -> Self {
        Self::new_with_handle(src, Handle::current())
    }

    /// Waits with a given runtime. It's to be the one that `src` belongs to, if `src` belongs to one.
    pub fn new_with_handle(src: T, rt: Handle) -> Self {
        Self { inner: src, handle: rt }
    }

    /// What is wrapped. Nothing is lost: the bridge keeps no bytes.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncWrite> SyncIoBridge<T> {
    /// Whether the writer's vectored writes are [efficient](AsyncWrite::is_write_vectored).
    pub fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

impl<T: AsyncWrite + Unpin> SyncIoBridge<T> {
    /// Shuts the writer down: see [`AsyncWriteExt::shutdown`].
    ///
    /// # Errors
    ///
    /// What the writer returns.
    pub fn shutdown(&mut self) -> io::Result<()> {
        self.handle.block_on(self.inner.shutdown())
    }
}

// What `std` would make of many single calls is one wait here, where there's a method for it.

impl<T: AsyncRead + Unpin> Read for SyncIoBridge<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.handle.block_on(self.inner.read(buf))
    }

    fn read_to_end(&mut self, buf: &mut Vec<u8>) -> io::Result<usize> {
        self.handle.block_on(self.inner.read_to_end(buf))
    }

    fn read_to_string(&mut self, buf: &mut String) -> io::Result<usize> {
        self.handle.block_on(self.inner.read_to_string(buf))
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> io::Result<()> {
        self.handle.block_on(self.inner.read_exact(buf)).map(drop)
    }
}

impl<T: AsyncBufRead + Unpin> BufRead for SyncIoBridge<T> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.handle.block_on(self.inner.fill_buf())
    }

    fn consume(&mut self, amt: usize) {
        self.inner.consume(amt);
    }

    fn read_until(&mut self, byte: u8, buf: &mut Vec<u8>) -> io::Result<usize> {
        self.handle.block_on(self.inner.read_until(byte, buf))
    }

    fn read_line(&mut self, buf: &mut String) -> io::Result<usize> {
        self.handle.block_on(self.inner.read_line(buf))
    }
}

impl<T: AsyncWrite + Unpin> Write for SyncIoBridge<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.handle.block_on(self.inner.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.handle.block_on(self.inner.write_vectored(bufs))
    }

    fn write_all(&mut self, buf: &[u8]) -> io::Result<()> {
        self.handle.block_on(self.inner.write_all(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.handle.block_on(self.inner.flush())
    }
}

impl<T: AsyncSeek + Unpin> Seek for SyncIoBridge<T> {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        self.handle.block_on(self.inner.seek(pos))
    }
}

impl<T> AsRef<T> for SyncIoBridge<T> {
    fn as_ref(&self) -> &T {
        &self.inner
    }
}

impl<T> AsMut<T> for SyncIoBridge<T> {
    fn as_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}
