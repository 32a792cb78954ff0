//! Futures that run inside of a runtime, whoever polls them.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use rt_core::runtime::{Handle, Runtime};

pin_project! {
    /// A future that is polled inside of a runtime: what it spawns, its timers and its sockets belong there, though
    /// another runtime, or none at all, polls it. See [`RuntimeExt::wrap`].
    ///
    /// The runtime has to run: with a current-thread one, somebody has to be in its `block_on`.
    #[must_use = "futures do nothing unless polled"]
    pub struct TokioContext<F> {
        #[pin]
        future: F,
        handle: Handle,
    }
}

impl<F> TokioContext<F> {
    /// Has the future polled inside of the runtime of a handle.
    ///
    /// ```
    /// use rt_util::context::TokioContext;
    ///
    /// let runtime = rt_core::runtime::Runtime::new().unwrap();
    /// let spawned = TokioContext::new(async { rt_core::spawn(async { 5 }).await }, runtime.handle().clone());
    /// assert_eq!(futures::executor::block_on(spawned).unwrap(), 5);
    /// ```
    pub fn new(future: F, handle: Handle) -> Self {
        Self { future, handle }
    }

    /// The runtime's handle.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The future itself.
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future> Future for TokioContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.handle.enter();
        this.future.poll(cx)
    }
}

/// What a runtime can do besides.
pub trait RuntimeExt {
    /// Has a future polled inside of this runtime, whoever polls it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use rt_core::runtime::Builder;
    /// use rt_util::context::RuntimeExt;
    ///
    /// let without_timers = Builder::new_current_thread().build().unwrap();
    /// let with_timers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    /// without_timers.block_on(with_timers.wrap(async { rt_core::time::sleep(Duration::from_millis(1)).await }));
    /// ```
    fn wrap<F: Future>(&self, fut: F) -> TokioContext<F>;
}

impl RuntimeExt for Runtime {
    fn wrap<F: Future>(&self, fut: F) -> TokioContext<F> {
        TokioContext::new(fut, self.handle().clone())
    }
}
