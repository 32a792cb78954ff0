//! The methods that wrap.

use super::Compat;

/// What a reader of [`futures_io`] becomes.
pub trait FuturesAsyncReadCompatExt: futures_io::AsyncRead {
    /// A reader of [`rt_core::io`]; as far as this one buffers, writes and seeks, so does that.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    /// use rt_util::compat::FuturesAsyncReadCompatExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut reader = futures::io::Cursor::new([1, 2, 3]).compat();
    /// assert_eq!(reader.read_u16().await?, 258);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn compat(self) -> Compat<Self>
    where
        Self: Sized,
    {
        Compat::new(self)
    }
}

impl<T: futures_io::AsyncRead> FuturesAsyncReadCompatExt for T {}

/// What a writer of [`futures_io`] becomes.
pub trait FuturesAsyncWriteCompatExt: futures_io::AsyncWrite {
    /// A writer of [`rt_core::io`], whose shutdown closes this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncWriteExt;
    /// use rt_util::compat::FuturesAsyncWriteCompatExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = futures::io::Cursor::new(vec![]).compat_write();
    /// writer.write_u16(258).await?;
    /// assert_eq!(writer.into_inner().into_inner(), [1, 2]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn compat_write(self) -> Compat<Self>
    where
        Self: Sized,
    {
        Compat::new(self)
    }
}

impl<T: futures_io::AsyncWrite> FuturesAsyncWriteCompatExt for T {}

/// What a reader of [`rt_core::io`] becomes.
pub trait TokioAsyncReadCompatExt: rt_core::io::AsyncRead {
    /// A reader of [`futures_io`]; as far as this one buffers, writes and seeks, so does that.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::AsyncReadExt;
    /// use rt_util::compat::TokioAsyncReadCompatExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut bytes = [0; 3];
    /// (&b"abc"[..]).compat().read_exact(&mut bytes).await?;
    /// assert_eq!(&bytes, b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn compat(self) -> Compat<Self>
    where
        Self: Sized,
    {
        Compat::new(self)
    }
}

impl<T: rt_core::io::AsyncRead> TokioAsyncReadCompatExt for T {}

/// What a writer of [`rt_core::io`] becomes.
pub trait TokioAsyncWriteCompatExt: rt_core::io::AsyncWrite {
    /// A writer of [`futures_io`]: closing it shuts this one down.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::AsyncWriteExt;
    /// use rt_util::compat::TokioAsyncWriteCompatExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = Vec::new().compat_write();
    /// AsyncWriteExt::write_all(&mut writer, b"abc").await?;
    /// assert_eq!(writer.into_inner(), b"abc");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    fn compat_write(self) -> Compat<Self>
    where
        Self: Sized,
    {
        Compat::new(self)
    }
}

impl<T: rt_core::io::AsyncWrite> TokioAsyncWriteCompatExt for T {}
