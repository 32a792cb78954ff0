//! Seeking, both ways: in one call here, in two there.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::Compat;

impl<T: futures_io::AsyncSeek> rt_core::io::AsyncSeek for Compat<T> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seeking = Some(position);
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let this = self.project();
        // Who asks without having begun a seek only waits for it to be over.
        let Some(position) = *this.seeking else { return Poll::Ready(Ok(0)) };
        let outcome = ready!(this.inner.poll_seek(cx, position));
        *this.seeking = None;
        Poll::Ready(outcome)
    }
}

impl<T: rt_core::io::AsyncSeek> futures_io::AsyncSeek for Compat<T> {
    fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, pos: SeekFrom) -> Poll<io::Result<u64>> {
        let mut this = self.project();
        if *this.seeking != Some(pos) {
            // A seek that was given up goes on, and no other may begin before it's over.
            ready!(this.inner.as_mut().poll_complete(cx))?;
            this.inner.as_mut().start_seek(pos)?;
            *this.seeking = Some(pos);
        }
        let outcome = ready!(this.inner.poll_complete(cx));
        *this.seeking = None;
        Poll::Ready(outcome)
    }
}
