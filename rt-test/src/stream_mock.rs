//! A stream that follows a script.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use futures::StreamExt;
//! use rt_test::stream_mock::StreamMockBuilder;
//!
//! rt_test::block_on(async {
//!     let mut stream =
//!         StreamMockBuilder::new().next(1).wait(Duration::from_millis(1)).next(2).build();
//!     assert_eq!(stream.next().await, Some(1));
//!     assert_eq!(stream.next().await, Some(2));
//!     assert_eq!(stream.next().await, None);
//! });
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use futures_core::Stream;
use rt_core::time::{Sleep, sleep};

/// One step of a script.
#[derive(Debug, Clone)]
enum Action<T> {
    Next(T),
    Wait(Duration),
}

/// Makes a [`StreamMock`] from a script. Each method adds one action at the end.
#[derive(Debug, Clone)]
pub struct StreamMockBuilder<T: Unpin> {
    actions: VecDeque<Action<T>>,
}

impl<T: Unpin> StreamMockBuilder<T> {
    /// An empty script: the stream ends at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_test::stream_mock::StreamMockBuilder;
    ///
    /// let mut task = rt_test::task::spawn(StreamMockBuilder::<u8>::new().build());
    /// rt_test::assert_ready_eq!(task.poll_next(), None);
    /// ```
    pub fn new() -> Self {
        Self { actions: VecDeque::new() }
    }

    /// Adds an item.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_test::stream_mock::StreamMockBuilder;
    ///
    /// let mut task = rt_test::task::spawn(StreamMockBuilder::new().next("item").build());
    /// rt_test::assert_ready_eq!(task.poll_next(), Some("item"));
    /// ```
    // Not the method of an iterator: it takes the next item rather than to return it.
    #[allow(clippy::should_implement_trait)]
    #[must_use]
    pub fn next(self, value: T) -> Self {
        self.add(Action::Next(value))
    }

    /// Adds a time in which there's no item. It begins when the stream is first polled after the item before it.
    ///
    /// It's a timer of the runtime: with a paused clock it takes no time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use rt_test::stream_mock::StreamMockBuilder;
    ///
    /// rt_test::block_on(async {
    ///     rt_core::time::pause();
    ///     let stream = StreamMockBuilder::new().wait(Duration::from_secs(1)).next(1).build();
    ///     let mut task = rt_test::task::spawn(stream);
    ///     rt_test::assert_pending!(task.poll_next());
    ///     rt_core::time::advance(Duration::from_secs(1)).await;
    ///     rt_test::assert_ready_eq!(task.poll_next(), Some(1));
    /// });
    /// ```
    #[must_use]
    pub fn wait(self, duration: Duration) -> Self {
        self.add(Action::Wait(duration))
    }

    /// A stream that plays the script, and then ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use rt_test::stream_mock::StreamMockBuilder;
    ///
    /// let stream = StreamMockBuilder::new().next(1).next(2).build();
    /// let items: Vec<_> = rt_test::block_on(stream.collect());
    /// assert_eq!(items, [1, 2]);
    /// ```
    pub fn build(self) -> StreamMock<T> {
        StreamMock { actions: self.actions, wait: None }
    }

    fn add(mut self, action: Action<T>) -> Self {
        self.actions.push_back(action);
        self
    }
}

impl<T: Unpin> Default for StreamMockBuilder<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A stream that follows a script: see the [module](self).
///
/// # Panics
///
/// Dropping it panics when the script isn't played to its end, unless the thread is panicking already.
pub struct StreamMock<T: Unpin> {
    actions: VecDeque<Action<T>>,
    /// The timer of the wait that the script is at.
    wait: Option<Pin<Box<Sleep>>>,
}

impl<T: Unpin> Stream for StreamMock<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            if let Some(wait) = &mut self.wait {
                ready!(wait.as_mut().poll(cx));
                self.wait = None;
            }
            match self.actions.pop_front() {
                Some(Action::Next(value)) => return Poll::Ready(Some(value)),
                Some(Action::Wait(duration)) => self.wait = Some(Box::pin(sleep(duration))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T: Unpin> Drop for StreamMock<T> {
    fn drop(&mut self) {
        if !thread::panicking() {
            let left = self.actions.len();
            assert!(left == 0, "StreamMock was dropped before all actions were consumed: {left} are left");
        }
    }
}

impl<T: Unpin + fmt::Debug> fmt::Debug for StreamMock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamMock").field("actions", &self.actions).finish_non_exhaustive()
    }
}
