//! The connections of a Unix listener.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use rt_core::net::{UnixListener, UnixStream};

/// The connections that a listener accepts. It never ends; an error concerns one connection, or, when the
/// process has too many open files, the moment.
///
/// ```
/// use rt_core::net::{UnixListener, UnixStream};
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::UnixListenerStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let path = std::env::temp_dir().join(format!("rt-stream-{}.socket", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let mut connections = UnixListenerStream::new(UnixListener::bind(&path)?);
/// let client = UnixStream::connect(&path).await?;
/// let server = connections.next().await.unwrap()?;
/// assert_eq!(server.local_addr()?.as_pathname(), Some(&*path));
/// assert!(client.peer_addr()?.as_pathname().is_some());
/// # std::fs::remove_file(&path)?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct UnixListenerStream {
    inner: UnixListener,
}

impl UnixListenerStream {
    /// Wraps it.
    pub fn new(inner: UnixListener) -> Self {
        Self { inner }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> UnixListener {
        self.inner
    }
}

impl Stream for UnixListenerStream {
    type Item = io::Result<UnixStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = ready!(self.inner.poll_accept(cx));
        Poll::Ready(Some(accepted.map(|(stream, _peer)| stream)))
    }
}

impl AsRef<UnixListener> for UnixListenerStream {
    fn as_ref(&self) -> &UnixListener {
        &self.inner
    }
}

impl AsMut<UnixListener> for UnixListenerStream {
    fn as_mut(&mut self) -> &mut UnixListener {
        &mut self.inner
    }
}
