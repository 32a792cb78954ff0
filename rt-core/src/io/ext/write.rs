//! The methods of writers.

use std::io::IoSlice;

use bytes::Buf;

use super::number::WriteNumber;
use super::write_futures::{Flush, Shutdown, Write, WriteAll, WriteAllBuf, WriteBuf, WriteVectored};
use crate::io::AsyncWrite;

/// Methods that write one number each, with their documentation.
macro_rules! write_numbers {
    ($($name:ident, $ty:ident, $order:ident, $text:literal, $value:literal, $bytes:literal;)+) => {$(
        #[doc = concat!("Writes one `", stringify!($ty), "`", $text, ".")]
        ///
        /// # Errors
        ///
        /// As [`write_all`](AsyncWriteExt::write_all).
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe unless the number has one byte: some of its bytes may have been written.
        ///
        /// # Examples
        ///
        /// ```
        /// use rt_core::io::AsyncWriteExt;
        ///
        /// # futures::executor::block_on(async {
        /// let mut sink = Vec::new();
        #[doc = concat!("sink.", stringify!($name), "(", $value, ").await?;")]
        #[doc = concat!("assert_eq!(sink, ", $bytes, ");")]
        /// # std::io::Result::Ok(()) }).unwrap();
        /// ```
        #[inline]
        fn $name(&mut self, n: $ty) -> WriteNumber<'_, Self, $ty>
        where
            Self: Unpin,
        {
            WriteNumber::$order(self, n)
        }
    )+};
}

/// Methods for every [`AsyncWrite`].
pub trait AsyncWriteExt: AsyncWrite {
    /// Writes some bytes of `buf`, and gives how many, which may be fewer than all.
    ///
    /// 0 means that the writer takes no more, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// What the writer returned; nothing was written then.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been written.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut room = [0; 2];
    /// let n = std::io::Cursor::new(&mut room[..]).write(b"abc").await?;
    /// assert_eq!((n, &room), (2, b"ab"));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn write<'a>(&'a mut self, src: &'a [u8]) -> Write<'a, Self>
    where
        Self: Unpin,
    {
        Write { writer: self, buf: src }
    }

    /// Like [`write`](Self::write), with bytes from several buffers, taken in their order.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been written.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::IoSlice;
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut sink = Vec::new();
    /// let n = sink.write_vectored(&[IoSlice::new(b"head"), IoSlice::new(b"body")]).await?;
    /// assert_eq!(sink[..n], b"headbody"[..n]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn write_vectored<'a, 'b>(&'a mut self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteVectored { writer: self, bufs }
    }

    /// Writes some bytes of `src`, moves it forward by as many, and gives how many.
    ///
    /// When the writer can take several buffers at once, so does this.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been written, and `src` hasn't moved.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut sink = Vec::new();
    /// let mut source = &b"abc"[..];
    /// while !source.is_empty() {
    ///     sink.write_buf(&mut source).await?;
    /// }
    /// assert_eq!(sink, b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn write_buf<'a, B: Buf>(&'a mut self, src: &'a mut B) -> WriteBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
    {
        WriteBuf { writer: self, buf: src }
    }

    /// Writes all of `src`, and moves it forward as it goes.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) when the writer takes no more, and what it returned.
    /// What is left in `src` hasn't been written.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, what is left in `src` hasn't been written: call it again to go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Buf;
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut sink = Vec::new();
    /// let mut message = (&b"head"[..]).chain(&b"body"[..]);
    /// sink.write_all_buf(&mut message).await?;
    /// assert_eq!(sink, b"headbody");
    /// assert!(!message.has_remaining());
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn write_all_buf<'a, B: Buf>(&'a mut self, src: &'a mut B) -> WriteAllBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
    {
        WriteAllBuf { writer: self, buf: src }
    }

    /// Writes all of `src`.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) when the writer takes no more, and what it returned. A
    /// part may have been written; how much isn't told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a part may have been written, and how much isn't told.
    /// [`write_all_buf`](Self::write_all_buf) tells.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut room = [0; 2];
    /// let error = std::io::Cursor::new(&mut room[..]).write_all(b"abc").await.unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WriteZero);
    /// # });
    /// ```
    #[inline]
    fn write_all<'a>(&'a mut self, src: &'a [u8]) -> WriteAll<'a, Self>
    where
        Self: Unpin,
    {
        WriteAll { writer: self, buf: src, written: 0 }
    }

    write_numbers! {
        write_u8, u8, be, "", "254", r#"b"\xFE""#;
        write_i8, i8, be, "", "-2", r#"b"\xFE""#;
        write_u16, u16, be, ", the most significant byte first", "258", r#"b"\x01\x02""#;
        write_i16, i16, be, ", the most significant byte first", "-2", r#"b"\xFF\xFE""#;
        write_u32, u32, be, ", the most significant byte first", "258", r#"b"\x00\x00\x01\x02""#;
        write_i32, i32, be, ", the most significant byte first", "-2", r#"b"\xFF\xFF\xFF\xFE""#;
        write_u64, u64, be, ", the most significant byte first", "258", "258_u64.to_be_bytes()";
        write_i64, i64, be, ", the most significant byte first", "-2", "(-2_i64).to_be_bytes()";
        write_u128, u128, be, ", the most significant byte first", "258", "258_u128.to_be_bytes()";
        write_i128, i128, be, ", the most significant byte first", "-2", "(-2_i128).to_be_bytes()";
        write_f32, f32, be, ", the most significant byte first", "0.5", "0.5_f32.to_be_bytes()";
        write_f64, f64, be, ", the most significant byte first", "0.5", "0.5_f64.to_be_bytes()";
        write_u16_le, u16, le, ", the least significant byte first", "258", r#"b"\x02\x01""#;
        write_i16_le, i16, le, ", the least significant byte first", "-2", r#"b"\xFE\xFF""#;
        write_u32_le, u32, le, ", the least significant byte first", "258", r#"b"\x02\x01\x00\x00""#;
        write_i32_le, i32, le, ", the least significant byte first", "-2", r#"b"\xFE\xFF\xFF\xFF""#;
        write_u64_le, u64, le, ", the least significant byte first", "258", "258_u64.to_le_bytes()";
        write_i64_le, i64, le, ", the least significant byte first", "-2", "(-2_i64).to_le_bytes()";
        write_u128_le, u128, le, ", the least significant byte first", "258", "258_u128.to_le_bytes()";
        write_i128_le, i128, le, ", the least significant byte first", "-2", "(-2_i128).to_le_bytes()";
        write_f32_le, f32, le, ", the least significant byte first", "0.5", "0.5_f32.to_le_bytes()";
        write_f64_le, f64, le, ", the least significant byte first", "0.5", "0.5_f64.to_le_bytes()";
    }

    /// Sees to it that everything written so far reaches its destination.
    ///
    /// # Errors
    ///
    /// What the writer returned; some of the bytes may not have arrived.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, some bytes may have been flushed: call it again to flush the rest.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::{AsyncWriteExt, BufWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"abc").await?;
    /// assert!(writer.get_ref().is_empty());
    /// writer.flush().await?;
    /// assert_eq!(writer.get_ref(), b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn flush(&mut self) -> Flush<'_, Self>
    where
        Self: Unpin,
    {
        Flush { writer: self }
    }

    /// Flushes, and then tells the other side that nothing more will come.
    ///
    /// Nothing can be written after it.
    ///
    /// # Errors
    ///
    /// What the writer returned.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, the writer may be half-way closed: call it again to finish.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # futures::executor::block_on(async {
    /// let (mut client, mut server) = rt_core::io::duplex(64);
    /// client.write_all(b"last words").await?;
    /// client.shutdown().await?;
    /// let mut heard = String::new();
    /// server.read_to_string(&mut heard).await?;
    /// assert_eq!(heard, "last words");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn shutdown(&mut self) -> Shutdown<'_, Self>
    where
        Self: Unpin,
    {
        Shutdown { writer: self }
    }
}

impl<W: ?Sized + AsyncWrite> AsyncWriteExt for W {}
