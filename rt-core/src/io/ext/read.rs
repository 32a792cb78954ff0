//! The methods of readers.

use bytes::BufMut;

use super::chain::Chain;
use super::number::ReadNumber;
use super::read_futures::{Read, ReadExact, ReadInto};
use super::read_to_end::{ReadToEnd, ReadToString};
use super::take::Take;
use crate::io::AsyncRead;

/// Methods that read one number each, with their documentation.
macro_rules! read_numbers {
    ($($name:ident, $ty:ident, $be:literal, $order:literal, $bytes:literal, $value:literal;)+) => {$(
        #[doc = concat!("Reads one `", stringify!($ty), "`", $order, ".")]
        ///
        /// # Errors
        ///
        /// As [`read_exact`](AsyncReadExt::read_exact).
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe unless the number has one byte: the bytes read so far are lost.
        ///
        /// # Examples
        ///
        /// ```
        /// use rt_core::io::AsyncReadExt;
        ///
        /// # futures::executor::block_on(async {
        #[doc = concat!("let mut source = &", $bytes, "[..];")]
        #[doc = concat!("assert_eq!(source.", stringify!($name), "().await?, ", $value, ");")]
        /// # std::io::Result::Ok(()) }).unwrap();
        /// ```
        #[inline]
        fn $name(&mut self) -> ReadNumber<'_, Self, $ty, $be>
        where
            Self: Unpin,
        {
            ReadNumber::new(self)
        }
    )+};
}

/// Methods for every [`AsyncRead`].
///
/// # Examples
///
/// ```
/// use rt_core::io::AsyncReadExt;
///
/// # futures::executor::block_on(async {
/// let mut message = &b"\x00\x05hello"[..];
/// let mut text = vec![0; message.read_u16().await?.into()];
/// message.read_exact(&mut text).await?;
/// assert_eq!(text, b"hello");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncReadExt: AsyncRead {
    /// Reads from this reader until its end, and then from `next`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut text = String::new();
    /// (&b"be"[..]).chain(&b"fore"[..]).read_to_string(&mut text).await?;
    /// assert_eq!(text, "before");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn chain<R: AsyncRead>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
    {
        Chain::new(self, next)
    }

    /// Reads some bytes into `buf`, and gives how many.
    ///
    /// 0 means that the end has been reached, or that `buf` is empty. Otherwise there may be fewer than
    /// `buf` has room for: what came so far is given at once.
    ///
    /// # Errors
    ///
    /// What the reader returned; nothing was read then.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no byte has been read then.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = [0; 8];
    /// let n = (&b"abc"[..]).read(&mut buf).await?;
    /// assert_eq!(&buf[..n], b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn read<'a>(&'a mut self, buf: &'a mut [u8]) -> Read<'a, Self>
    where
        Self: Unpin,
    {
        Read { reader: self, buf }
    }

    /// Reads some bytes to the end of `buf`, and gives how many.
    ///
    /// A buffer that can grow, as `Vec<u8>` and `BytesMut`, is given room first. 0 means that the end has
    /// been reached, or that `buf` has no room.
    ///
    /// # Errors
    ///
    /// What the reader returned; nothing was read then.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no byte has been read then.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = Vec::with_capacity(16);
    /// let mut source = &b"abc"[..];
    /// while source.read_buf(&mut buf).await? > 0 {}
    /// assert_eq!(buf, b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn read_buf<'a, B: BufMut + ?Sized>(&'a mut self, buf: &'a mut B) -> ReadInto<'a, Self, B>
    where
        Self: Unpin,
    {
        ReadInto { reader: self, buf }
    }

    /// Reads until `buf` is full, and gives its length.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) when the end comes before, and what the reader
    /// returned. What had been read is in `buf`, but how much isn't told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: some of `buf` may have been filled, and how much isn't told.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut source = &b"abc"[..];
    /// let mut two = [0; 2];
    /// source.read_exact(&mut two).await?;
    /// assert_eq!(&two, b"ab");
    /// let error = source.read_exact(&mut two).await.unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[inline]
    fn read_exact<'a>(&'a mut self, buf: &'a mut [u8]) -> ReadExact<'a, Self>
    where
        Self: Unpin,
    {
        ReadExact { reader: self, buf, filled: 0 }
    }

    read_numbers! {
        read_u8, u8, true, "", r#"b"\xFE""#, "254";
        read_i8, i8, true, "", r#"b"\xFE""#, "-2";
        read_u16, u16, true, ", the most significant byte first", r#"b"\x01\x02""#, "258";
        read_i16, i16, true, ", the most significant byte first", r#"b"\xFF\xFE""#, "-2";
        read_u32, u32, true, ", the most significant byte first", r#"b"\x00\x00\x01\x02""#, "258";
        read_i32, i32, true, ", the most significant byte first", r#"b"\xFF\xFF\xFF\xFE""#, "-2";
        read_u64, u64, true, ", the most significant byte first", "258_u64.to_be_bytes()", "258";
        read_i64, i64, true, ", the most significant byte first", "(-2_i64).to_be_bytes()", "-2";
        read_u128, u128, true, ", the most significant byte first", "258_u128.to_be_bytes()", "258";
        read_i128, i128, true, ", the most significant byte first", "(-2_i128).to_be_bytes()", "-2";
        read_f32, f32, true, ", the most significant byte first", "0.5_f32.to_be_bytes()", "0.5";
        read_f64, f64, true, ", the most significant byte first", "0.5_f64.to_be_bytes()", "0.5";
        read_u16_le, u16, false, ", the least significant byte first", r#"b"\x02\x01""#, "258";
        read_i16_le, i16, false, ", the least significant byte first", r#"b"\xFE\xFF""#, "-2";
        read_u32_le, u32, false, ", the least significant byte first", r#"b"\x02\x01\x00\x00""#, "258";
        read_i32_le, i32, false, ", the least significant byte first", r#"b"\xFE\xFF\xFF\xFF""#, "-2";
        read_u64_le, u64, false, ", the least significant byte first", "258_u64.to_le_bytes()", "258";
        read_i64_le, i64, false, ", the least significant byte first", "(-2_i64).to_le_bytes()", "-2";
        read_u128_le, u128, false, ", the least significant byte first", "258_u128.to_le_bytes()", "258";
        read_i128_le, i128, false, ", the least significant byte first", "(-2_i128).to_le_bytes()", "-2";
        read_f32_le, f32, false, ", the least significant byte first", "0.5_f32.to_le_bytes()", "0.5";
        read_f64_le, f64, false, ", the least significant byte first", "0.5_f64.to_le_bytes()", "0.5";
    }

    /// Reads until the end, appends everything to `buf`, and gives how many bytes that was.
    ///
    /// # Errors
    ///
    /// What the reader returned. What had been read before is in `buf`.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, what has been read is in `buf`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut buf = b">".to_vec();
    /// assert_eq!((&b"abc"[..]).read_to_end(&mut buf).await?, 3);
    /// assert_eq!(buf, b">abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn read_to_end<'a>(&'a mut self, buf: &'a mut Vec<u8>) -> ReadToEnd<'a, Self>
    where
        Self: Unpin,
    {
        ReadToEnd::new(self, buf)
    }

    /// Reads until the end, appends everything to `dst`, and gives how many bytes that was.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](std::io::ErrorKind::InvalidData) when what was read isn't UTF-8, and what the reader
    /// returned; `dst` is as it was then. An interrupted read is repeated.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: an incomplete character at the end of what has been read would be lost. What is
    /// whole is in `dst`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut text = String::new();
    /// assert_eq!("déjà".as_bytes().read_to_string(&mut text).await?, 6);
    /// assert_eq!(text, "déjà");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn read_to_string<'a>(&'a mut self, dst: &'a mut String) -> ReadToString<'a, Self>
    where
        Self: Unpin,
    {
        ReadToString::new(self, dst)
    }

    /// A reader that ends after at most `limit` bytes of this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut head = Vec::new();
    /// (&b"abcdef"[..]).take(2).read_to_end(&mut head).await?;
    /// assert_eq!(head, b"ab");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, limit)
    }
}

impl<R: ?Sized + AsyncRead> AsyncReadExt for R {}
