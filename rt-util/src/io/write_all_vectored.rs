//! Writing all of several slices.

use std::future::Future;
use std::io::{self, IoSlice};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use rt_core::io::AsyncWrite;

pin_project! {
    /// The future of [`write_all_vectored`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct WriteAllVectored<'a, 'b, W: ?Sized> {
        writer: &'a mut W,
        // What is left to be written.
        bufs: &'a mut [IoSlice<'b>],
        // Leaves room for a future that has to be pinned.
        #[pin]
        _pinned: PhantomPinned,
    }
}

/// Writes all of `bufs`, by vectored writes, in as many as it takes.
///
/// It's for writers whose vectored writes are [efficient](AsyncWrite::is_write_vectored), such as sockets. The slices
/// in `bufs` are cut as they are written: in what state they are afterwards isn't specified.
///
/// # Cancel safety
///
/// None: some of the bytes may have been written when it's cancelled.
///
/// # Errors
///
/// What the writer returns, but for [`Interrupted`](io::ErrorKind::Interrupted), which makes it try again;
/// [`WriteZero`](io::ErrorKind::WriteZero) when the writer takes nothing. Some of the bytes may have been written.
///
/// # Examples
///
/// ```
/// use std::io::IoSlice;
/// use rt_util::io::write_all_vectored;
///
/// # futures::executor::block_on(async {
/// let mut writer = Vec::new();
/// write_all_vectored(&mut writer, &mut [IoSlice::new(b"head "), IoSlice::new(b"body")]).await?;
/// assert_eq!(writer, b"head body");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn write_all_vectored<'a, 'b, W>(
    writer: &'a mut W,
    bufs: &'a mut [IoSlice<'b>],
) -> WriteAllVectored<'a, 'b, W>
where
    W: AsyncWrite + Unpin + ?Sized,
{
    WriteAllVectored { writer, bufs, _pinned: PhantomPinned }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAllVectored<'_, '_, W> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        // Empty slices at the front would look like something to write.
        let mut written = 0;
        loop {
            IoSlice::advance_slices(this.bufs, written);
            if this.bufs.is_empty() {
                return Poll::Ready(Ok(()));
            }
            written = match ready!(Pin::new(&mut **this.writer).poll_write_vectored(cx, this.bufs)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => return Poll::Ready(Err(error)),
            };
        }
    }
}
