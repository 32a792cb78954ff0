//! Whether all items, or any, pass a test.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

/// Future of [`StreamExt::all`](crate::StreamExt::all).
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct All<'a, S: ?Sized, F> {
    search: Search<'a, S, F>,
}

impl<'a, S: ?Sized, F> All<'a, S, F> {
    pub(crate) fn new(stream: &'a mut S, test: F) -> Self {
        Self { search: Search { stream, test } }
    }
}

impl<S: ?Sized + Stream + Unpin, F: FnMut(S::Item) -> bool> Future for All<'_, S, F> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        self.search.poll(false, cx).map(|found| !found)
    }
}

impl<S: ?Sized, F> Unpin for All<'_, S, F> {}

/// Future of [`StreamExt::any`](crate::StreamExt::any).
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Any<'a, S: ?Sized, F> {
    search: Search<'a, S, F>,
}

impl<'a, S: ?Sized, F> Any<'a, S, F> {
    pub(crate) fn new(stream: &'a mut S, test: F) -> Self {
        Self { search: Search { stream, test } }
    }
}

impl<S: ?Sized + Stream + Unpin, F: FnMut(S::Item) -> bool> Future for Any<'_, S, F> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        self.search.poll(true, cx)
    }
}

impl<S: ?Sized, F> Unpin for Any<'_, S, F> {}

/// Looks for the first item that the test answers in a given way.
#[derive(Debug)]
struct Search<'a, S: ?Sized, F> {
    stream: &'a mut S,
    test: F,
}

impl<S: ?Sized + Stream + Unpin, F: FnMut(S::Item) -> bool> Search<'_, S, F> {
    /// Whether there is an item that the test answers with `wanted`.
    fn poll(&mut self, wanted: bool, cx: &mut Context<'_>) -> Poll<bool> {
        while let Some(item) = ready!(Pin::new(&mut *self.stream).poll_next(cx)) {
            if (self.test)(item) == wanted {
                return Poll::Ready(true);
            }
        }
        Poll::Ready(false)
    }
}
