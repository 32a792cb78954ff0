//! Tasks polled by hand, and the assertions.

use std::future::{pending, poll_fn, ready};
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::channel::{mpsc, oneshot};
use futures::{FutureExt, Stream, StreamExt};
use rt_test::{
    assert_elapsed, assert_err, assert_ok, assert_pending, assert_ready, assert_ready_eq, assert_ready_err,
    assert_ready_ok, task,
};

#[test]
fn a_wake_is_seen_until_the_next_poll() {
    let (sender, receiver) = oneshot::channel();
    let mut task = task::spawn(receiver);
    assert!(!task.is_woken());
    assert_pending!(task.poll());
    assert!(!task.is_woken());
    sender.send(1).unwrap();
    assert!(task.is_woken());
    assert!(task.is_woken());
    assert_ready_eq!(task.poll(), Ok(1));
    assert!(!task.is_woken());
}

#[test]
fn a_wake_from_another_thread_publishes() {
    let (sender, receiver) = oneshot::channel();
    let mut task = task::spawn(receiver);
    assert_pending!(task.poll());
    let thread = std::thread::spawn(move || sender.send(vec![1, 2]).unwrap());
    while !task.is_woken() {
        std::thread::yield_now();
    }
    assert_eq!(assert_ready_ok!(task.poll()), [1, 2]);
    thread.join().unwrap();
}

#[test]
fn wakers_are_counted() {
    let (sender, receiver) = oneshot::channel::<()>();
    let mut task = task::spawn(receiver);
    assert_eq!(task.waker_ref_count(), 1);
    assert_pending!(task.poll());
    assert_eq!(task.waker_ref_count(), 2);
    let waker = task.enter(|cx, _| cx.waker().clone());
    assert_eq!(task.waker_ref_count(), 3);
    drop(waker);
    drop(sender);
    assert_ready_err!(task.poll());
    drop(task.enter(|_, future| std::mem::replace(future.get_mut(), oneshot::channel().1)));
    assert_eq!(task.waker_ref_count(), 1);
}

#[test]
fn streams() {
    let (sender, receiver) = mpsc::unbounded();
    let mut task = task::spawn(receiver);
    assert_pending!(task.poll_next());
    sender.unbounded_send('a').unwrap();
    assert!(task.is_woken());
    assert_ready_eq!(task.poll_next(), Some('a'));
    drop(sender);
    assert_ready_eq!(task.poll_next(), None);
}

#[test]
fn polls_until_idle() {
    let mut left = 3;
    let mut task = task::spawn(poll_fn(move |cx: &mut Context<'_>| {
        left -= 1;
        cx.waker().wake_by_ref();
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    }));
    assert_ready!(task.poll_until_idle());
    assert_pending!(task::spawn(pending::<()>()).poll_until_idle());
}

#[test]
#[should_panic(expected = "exceeded 150 iterations")]
fn a_task_that_always_wakes_itself_is_given_up() {
    let mut task = task::spawn(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    }));
    assert!(task.poll_until_idle().is_pending());
}

#[test]
fn it_is_a_future_and_a_stream_itself() {
    assert_eq!(task::spawn(async { 5 }).now_or_never(), Some(5));
    let mut stream = task::spawn(futures::stream::iter([1, 2]));
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert_eq!(stream.next().now_or_never(), Some(Some(1)));
    // The waker is that of who polls.
    let mut task = task::spawn(poll_fn(|cx| Poll::<bool>::Ready(cx.waker().will_wake(Waker::noop()))));
    assert_eq!(Pin::new(&mut task).poll_unpin(&mut Context::from_waker(Waker::noop())), Poll::Ready(true));
}

#[test]
fn derefs_to_what_can_be_moved() {
    let mut task = task::spawn(vec![1]);
    task.push(2);
    assert_eq!(task.len(), 2);
    assert_eq!(format!("{task:?}"), "Spawn { future: [1, 2], is_woken: false }");
    assert_eq!(task.into_inner(), [1, 2]);
}

/// The message of the panic in `f`.
fn panic_of(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let payload = catch_unwind(f).expect_err("panics");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a message without arguments").to_string(),
    }
}

#[test]
fn assertions_fail_with_what_is_there() {
    let pending = || Poll::<Result<u8, u8>>::Pending;
    assert!(panic_of(|| _ = assert_ready!(pending(), "round {}", 7)).ends_with("pending: round 7"));
    assert!(panic_of(|| _ = assert_ready_ok!(pending(), "round {}", 7)).ends_with("pending: round 7"));
    assert!(panic_of(|| _ = assert_ready_ok!(Poll::Ready(Err::<u8, u8>(3)))).contains("Err(3)"));
    assert!(panic_of(|| _ = assert_ready_err!(Poll::Ready(Ok::<u8, u8>(3)), "x")).ends_with("Ok(3)`: x"));
    assert!(panic_of(|| assert_ready_eq!(Poll::Ready(1), 2)).contains("right: 2"));
    assert!(panic_of(|| assert_ready_eq!(Poll::Ready(1), 2, "round {}", 7)).contains("round 7"));
    assert!(panic_of(|| assert_pending!(Poll::Ready(5))).ends_with("ready with 5"));
    assert!(panic_of(|| assert_pending!(Poll::Ready(5), "round {}", 7)).ends_with("5: round 7"));
    assert!(panic_of(|| assert_ok!(Err::<(), _>("e"))).contains("Err(\"e\")"));
    assert!(panic_of(|| assert_ok!(Err::<(), _>("e"), "round {}", 7)).ends_with("round 7"));
    assert!(panic_of(|| assert_err!(Ok::<_, ()>(1))).contains("Ok(1)"));
    assert!(panic_of(|| assert_err!(Ok::<_, ()>(1), "round {}", 7)).ends_with("round 7"));
}

#[test]
fn assertions_return_what_is_inside() {
    assert_eq!(assert_ready!(Poll::Ready(1), "message"), 1);
    assert_eq!(assert_ready_ok!(task::spawn(ready(Ok::<_, ()>(1))).poll()), 1);
    assert_eq!(assert_ready_err!(Poll::Ready(Err::<(), _>(1))), 1);
    assert_eq!(assert_ok!(Ok::<_, ()>(1)), 1);
    assert_eq!(assert_err!(Err::<(), _>(1), "message"), 1);
}

#[test]
fn elapsed_time() {
    struct Since(std::time::Duration);
    impl Since {
        fn elapsed(&self) -> std::time::Duration {
            self.0
        }
    }
    let since = |micros| Since(std::time::Duration::from_micros(micros));
    let ten = std::time::Duration::from_millis(10);
    assert_elapsed!(since(10_000), ten);
    assert_elapsed!(since(11_000), ten);
    assert!(panic_of(|| assert_elapsed!(since(9_999), ten)).contains("9.999ms"));
    assert!(panic_of(|| assert_elapsed!(since(11_001), ten)).contains("11.001ms"));
}
