//! The methods of what can be sought in.

use std::future::Future;
use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::io::AsyncSeek;

/// Methods for every [`AsyncSeek`].
pub trait AsyncSeekExt: AsyncSeek {
    /// Moves to an offset, and gives the new position from the start, in bytes.
    ///
    /// A seek that was submitted before is waited for first.
    ///
    /// # Errors
    ///
    /// Seeking to before the start, and what the object returns.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, the seek may have been submitted or not, and may still happen.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Cursor, SeekFrom};
    /// use rt_core::io::{AsyncReadExt, AsyncSeekExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut file = Cursor::new(b"0123456789");
    /// assert_eq!(file.seek(SeekFrom::End(-2)).await?, 8);
    /// assert_eq!(file.read_u8().await?, b'8');
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn seek(&mut self, pos: SeekFrom) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        Seek { seek: self, position: Some(pos) }
    }

    /// Moves to the start: `seek(SeekFrom::Start(0))`.
    ///
    /// # Errors
    ///
    /// What the object returns.
    ///
    /// # Cancel safety
    ///
    /// As [`seek`](Self::seek).
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncSeekExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut file = std::io::Cursor::new(b"0123");
    /// file.set_position(3);
    /// assert_eq!(file.rewind().await?, 0);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn rewind(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Start(0))
    }

    /// The position from the start, in bytes: `seek(SeekFrom::Current(0))`.
    ///
    /// # Errors
    ///
    /// What the object returns.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it changes nothing that can be seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncSeekExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut file = std::io::Cursor::new(b"0123");
    /// file.set_position(3);
    /// assert_eq!(file.stream_position().await?, 3);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn stream_position(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Current(0))
    }
}

impl<S: ?Sized + AsyncSeek> AsyncSeekExt for S {}

/// The future of `seek`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Seek<'a, S: ?Sized> {
    seek: &'a mut S,
    /// Until it has been submitted.
    position: Option<SeekFrom>,
}

impl<S: ?Sized + AsyncSeek + Unpin> Future for Seek<'_, S> {
    type Output = io::Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        if let Some(position) = me.position {
            // A seek of before may be under way. How it ends is of no interest to this one.
            let _ = ready!(Pin::new(&mut *me.seek).poll_complete(cx));
            Pin::new(&mut *me.seek).start_seek(position)?;
            me.position = None;
        }
        Pin::new(&mut *me.seek).poll_complete(cx)
    }
}
