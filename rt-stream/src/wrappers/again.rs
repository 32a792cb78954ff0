//! A future that owns what it waits on, and is made again in its place when that comes back.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// A future of `T` that can be begun again with an `A`, in the memory that it has.
pub(super) trait Again<A, T>: Future<Output = T> {
    /// Drops the future that is there, and makes another.
    fn begin(self: Pin<&mut Self>, with: A);
}

pin_project! {
    /// A function, and what it made last.
    pub(super) struct Made<M, F> {
        make: M,
        #[pin]
        future: F,
    }
}

impl<M, F> Made<M, F> {
    /// Makes the first one.
    pub(super) fn new<A>(make: M, with: A) -> Self
    where
        M: Fn(A) -> F,
    {
        Self { future: make(with), make }
    }
}

impl<M, F: Future> Future for Made<M, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<A, M: Fn(A) -> F, F: Future> Again<A, F::Output> for Made<M, F> {
    fn begin(self: Pin<&mut Self>, with: A) {
        let mut this = self.project();
        let future = (this.make)(with);
        this.future.set(future);
    }
}
