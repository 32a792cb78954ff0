//! The methods of buffered readers.

use super::lines::Lines;
use super::read_to_end::Text;
use super::read_until::{FillBuf, ReadLine, ReadUntil};
use super::split::Split;
use crate::io::AsyncBufRead;

/// Methods for every [`AsyncBufRead`].
pub trait AsyncBufReadExt: AsyncBufRead {
    /// Reads up to a byte, itself included, or up to the end, and appends what it read to `buf`.
    ///
    /// Gives how many bytes were read; 0 means that the end had been reached before.
    ///
    /// # Errors
    ///
    /// What the reader returned. What had been read before stays in `buf`.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, what has been read is in `buf`: call it again with the same `buf` to go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut source = &b"key=value"[..];
    /// let mut key = Vec::new();
    /// assert_eq!(source.read_until(b'=', &mut key).await?, 4);
    /// assert_eq!(key, b"key=");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn read_until<'a>(&'a mut self, byte: u8, buf: &'a mut Vec<u8>) -> ReadUntil<'a, Self>
    where
        Self: Unpin,
    {
        ReadUntil { reader: self, byte, buf, read: 0 }
    }

    /// Reads up to the end of a line (`\n`, which is included) or of everything, and appends it to `buf`.
    ///
    /// Gives how many bytes were read; 0 means that the end had been reached before.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](std::io::ErrorKind::InvalidData) when what was read isn't UTF-8; `buf` is as it was
    /// then, and the line is lost. What the reader returned; what had been read before is in `buf` if it's
    /// valid.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: an incomplete character at the end of what has been read would be lost. What is
    /// whole is in `buf`. [`Lines::next_line`] and [`read_until`](Self::read_until) lose nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut source = "first\nsecond".as_bytes();
    /// let mut line = String::new();
    /// assert_eq!(source.read_line(&mut line).await?, 6);
    /// assert_eq!(line, "first\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn read_line<'a>(&'a mut self, buf: &'a mut String) -> ReadLine<'a, Self>
    where
        Self: Unpin,
    {
        ReadLine { reader: self, text: Text::new(buf), read: 0 }
    }

    /// The pieces between the bytes that equal `byte`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut words = std::io::Cursor::new("to be").split(b' ');
    /// let mut count = 0;
    /// while words.next_segment().await?.is_some() {
    ///     count += 1;
    /// }
    /// assert_eq!(count, 2);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn split(self, byte: u8) -> Split<Self>
    where
        Self: Sized + Unpin,
    {
        Split::new(self, byte)
    }

    /// What is in the buffer, which is filled first when it is empty. An empty slice means the end.
    ///
    /// Call [`consume`](Self::consume) with the number of bytes used, or they will be given again.
    ///
    /// # Errors
    ///
    /// What the reader returned.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: nothing is taken out of the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut source = &b"abc"[..];
    /// assert_eq!(source.fill_buf().await?, b"abc");
    /// source.consume(2);
    /// assert_eq!(source.fill_buf().await?, b"c");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn fill_buf(&mut self) -> FillBuf<'_, Self>
    where
        Self: Unpin,
    {
        FillBuf { reader: Some(self) }
    }

    /// Takes `amt` bytes out of the buffer: at most as many as [`fill_buf`](Self::fill_buf) gave.
    ///
    /// # Examples
    ///
    /// See [`fill_buf`](Self::fill_buf).
    fn consume(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        std::pin::Pin::new(self).consume(amt);
    }

    /// The lines, without their endings (`\n` or `\r\n`).
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = "one\ntwo\n".as_bytes().lines();
    /// while let Some(line) = lines.next_line().await? {
    ///     assert_eq!(line.len(), 3);
    /// }
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines::new(self)
    }
}

impl<R: ?Sized + AsyncBufRead> AsyncBufReadExt for R {}
