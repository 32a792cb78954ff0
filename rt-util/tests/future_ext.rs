//! Limits on futures: who wins, and that what lost is dropped.

use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use rt_util::future::FutureExt;
use rt_util::sync::CancellationToken;

#[test]
fn a_token_that_was_cancelled_before_wins_and_one_that_is_cancelled_by_the_future_does_not() {
    let token = CancellationToken::new();
    let cancels = poll_fn(|_| {
        token.cancel();
        Poll::Ready(2)
    });
    assert_eq!(block_on(cancels.with_cancellation_token_owned(token.clone())), Some(2));
    assert_eq!(block_on(ready(1).with_cancellation_token(&token)), None);
}

#[test]
fn what_is_cancelled_later_ends_and_is_dropped() {
    let token = CancellationToken::new();
    let held = Arc::new(());
    let inside = held.clone();
    let future = async move {
        let _inside = inside;
        pending::<()>().await;
    };
    {
        let mut future = pin!(future.with_cancellation_token(&token));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        token.cancel();
        assert_eq!(future.as_mut().poll(&mut cx), Poll::Ready(None));
    }
    assert_eq!(Arc::strong_count(&held), 1);
}
