//! The wrapper.

use std::io::SeekFrom;
use std::os::fd::{AsRawFd, RawFd};

use pin_project_lite::pin_project;

pin_project! {
    /// Has the traits of [`rt_core::io`] if what it wraps has those of [`futures_io`], and the other way.
    ///
    /// It keeps no bytes, and wakes, fails and cancels as what it wraps does.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    /// use rt_util::compat::TokioAsyncReadCompatExt;
    ///
    /// # futures::executor::block_on(async {
    /// let (near, far) = rt_core::io::duplex(64);
    /// let (mut near, mut far) = (near.compat(), far.compat());
    /// near.write_all(b"by futures' traits").await?;
    /// near.close().await?;
    /// let mut text = String::new();
    /// far.read_to_string(&mut text).await?;
    /// assert_eq!(text, "by futures' traits");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Clone, Copy, Debug)]
    pub struct Compat<T> {
        #[pin]
        pub(super) inner: T,
        // Where a seek goes to that has begun and hasn't ended.
        pub(super) seeking: Option<SeekFrom>,
    }
}

impl<T> Compat<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, seeking: None }
    }

    /// What is wrapped.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// What is wrapped.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// What is wrapped.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsRawFd> AsRawFd for Compat<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}
