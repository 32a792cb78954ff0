//! What the tasks of a set return.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use rt_core::task::{JoinError, JoinSet};

/// What the tasks of a set return, in the order in which they end; or the error of one that panicked or was aborted. It
/// ends when the set is empty, and goes on when a task is spawned in it after that.
///
/// Dropping it aborts the tasks, as dropping the set does.
///
/// ```
/// use rt_core::task::JoinSet;
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::JoinSetStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let set: JoinSet<u32> = (1..4).map(|x| async move { x * x }).collect();
/// let mut squares: Vec<_> = JoinSetStream::new(set).map(Result::unwrap).collect().await;
/// squares.sort();
/// assert_eq!(squares, [1, 4, 9]);
/// # });
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct JoinSetStream<T> {
    inner: JoinSet<T>,
}

impl<T> JoinSetStream<T> {
    /// Wraps it.
    pub fn new(inner: JoinSet<T>) -> Self {
        Self { inner }
    }

    /// What was wrapped, with the tasks whose results haven't been taken.
    pub fn into_inner(self) -> JoinSet<T> {
        self.inner
    }
}

impl<T: 'static> Stream for JoinSetStream<T> {
    type Item = Result<T, JoinError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_join_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.inner.len();
        (len, Some(len))
    }
}

impl<T> AsRef<JoinSet<T>> for JoinSetStream<T> {
    fn as_ref(&self) -> &JoinSet<T> {
        &self.inner
    }
}

impl<T> AsMut<JoinSet<T>> for JoinSetStream<T> {
    fn as_mut(&mut self) -> &mut JoinSet<T> {
        &mut self.inner
    }
}

impl<T> From<JoinSet<T>> for JoinSetStream<T> {
    fn from(set: JoinSet<T>) -> Self {
        Self::new(set)
    }
}

// A panic in a task is caught there, and none comes out of the set while it's polled: no state of it is half changed.
impl<T> UnwindSafe for JoinSetStream<T> {}
impl<T> RefUnwindSafe for JoinSetStream<T> {}
