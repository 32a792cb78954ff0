//! The arrivals of a signal.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use rt_core::signal::unix::Signal;

/// The arrivals of a signal. Several that come before the stream is polled may count as one.
///
/// ```no_run
/// use rt_core::signal::unix::{SignalKind, signal};
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::SignalStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mut hangups = SignalStream::new(signal(SignalKind::hangup())?);
/// while let Some(()) = hangups.next().await {
///     println!("reading the configuration again");
/// }
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct SignalStream {
    inner: Signal,
}

impl SignalStream {
    /// Wraps it.
    pub fn new(signal: Signal) -> Self {
        Self { inner: signal }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> Signal {
        self.inner
    }
}

impl Stream for SignalStream {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.inner.poll_recv(cx)
    }
}

impl AsRef<Signal> for SignalStream {
    fn as_ref(&self) -> &Signal {
        &self.inner
    }
}

impl AsMut<Signal> for SignalStream {
    fn as_mut(&mut self) -> &mut Signal {
        &mut self.inner
    }
}
