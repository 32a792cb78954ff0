//! `PollSender` and `ReusableBoxFuture`: places in line, slots, closing; what is dropped when.

use std::future::{Future, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use futures::{FutureExt, SinkExt};
use rt_core::sync::mpsc;
use rt_util::sync::{PollSender, ReusableBoxFuture};

fn reserve<T: Send>(sender: &mut PollSender<T>) -> Poll<bool> {
    sender.poll_reserve(&mut Context::from_waker(Waker::noop())).map(|outcome| outcome.is_ok())
}

#[test]
fn a_place_in_the_line_is_kept_between_polls_and_given_up_by_an_abort() {
    let (plain, mut receiver) = mpsc::channel(1);
    let mut first = PollSender::new(plain.clone());
    let mut second = first.clone();
    plain.try_send(0).unwrap();
    assert_eq!((reserve(&mut first), reserve(&mut second)), (Poll::Pending, Poll::Pending));
    assert_eq!(receiver.try_recv(), Ok(0));
    // The slot belongs to the first in line, whoever asks.
    assert_eq!(reserve(&mut second), Poll::Pending);
    assert!(plain.try_send(9).is_err());
    assert!(first.abort_send());
    assert!(!first.abort_send());
    assert_eq!(reserve(&mut second), Poll::Ready(true));
    second.send_item(2).unwrap();
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!(plain.capacity(), 1);
}

#[test]
fn a_sender_that_is_dropped_gives_back_what_it_holds() {
    let (plain, _receiver) = mpsc::channel::<u8>(1);
    let mut holds = PollSender::new(plain.clone());
    assert_eq!(reserve(&mut holds), Poll::Ready(true));
    let mut waits = PollSender::new(plain.clone());
    assert_eq!(reserve(&mut waits), Poll::Pending);
    drop(waits);
    drop(holds);
    assert_eq!(plain.capacity(), 1);
    assert_eq!(plain.strong_count(), 1);
}

#[test]
fn one_slot_is_left_after_closing_and_no_more() {
    let (plain, mut receiver) = mpsc::channel(2);
    let mut sender = PollSender::new(plain);
    assert_eq!(reserve(&mut sender), Poll::Ready(true));
    sender.close();
    assert!(sender.is_closed() && sender.get_ref().is_none());
    sender.send_item("last").unwrap();
    assert_eq!(sender.send_item("late").unwrap_err().into_inner(), Some("late"));
    assert_eq!(reserve(&mut sender), Poll::Ready(false));
    assert!(sender.clone().is_closed());
    assert_eq!(block_on(receiver.recv()), Some("last"));
    assert_eq!(block_on(receiver.recv()), None);
}

#[test]
fn a_channel_that_closes_ends_the_wait() {
    let (plain, receiver) = mpsc::channel(1);
    plain.try_send(1).unwrap();
    let mut sender = PollSender::new(plain);
    assert_eq!(reserve(&mut sender), Poll::Pending);
    drop(receiver);
    let error = block_on(poll_fn(|cx| sender.poll_reserve(cx))).unwrap_err();
    assert_eq!(error.to_string(), "channel closed");
    assert_eq!(error.into_inner(), None);
    assert!(sender.is_closed());
}

#[test]
fn items_may_borrow() {
    let texts = [String::from("a"), String::from("b"), String::from("c")];
    let (sender, mut receiver) = mpsc::channel(1);
    let mut sender = PollSender::new(sender);
    block_on(async {
        let send = async {
            for text in &texts {
                sender.feed(text.as_str()).await.unwrap();
            }
            SinkExt::close(&mut sender).await.unwrap();
        };
        let receive = async {
            let mut all = String::new();
            while let Some(text) = receiver.recv().await {
                all += text;
            }
            all
        };
        assert_eq!(futures::join!(send, receive).1, "abc");
    });
}

#[test]
fn an_item_without_a_slot_is_a_mistake_that_harms_nothing() {
    let (sender, mut receiver) = mpsc::channel(1);
    let mut sender = PollSender::new(sender);
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send_item(1))).is_err());
    assert_eq!(reserve(&mut sender), Poll::Ready(true));
    sender.send_item(2).unwrap();
    assert_eq!(reserve(&mut sender), Poll::Pending);
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send_item(3))).is_err());
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!(reserve(&mut sender), Poll::Ready(true));
}

/// Gives its number; its drop may panic.
struct Guarded(u32, #[expect(dead_code)] Arc<()>, bool);

impl Future for Guarded {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        Poll::Ready(self.0)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        assert!(!self.2, "as it was told to");
    }
}

#[test]
fn futures_take_each_others_place_and_are_dropped_once() {
    let alive = Arc::new(());
    let mut future = ReusableBoxFuture::new(Guarded(1, alive.clone(), false));
    let place = std::ptr::from_ref(future.get_pin().as_ref().get_ref()).cast::<u8>();
    assert!(future.try_set(Guarded(2, alive.clone(), false)).is_ok());
    assert_eq!(std::ptr::from_ref(future.get_pin().as_ref().get_ref()).cast::<u8>(), place);
    assert_eq!(Arc::strong_count(&alive), 2);
    // Another size: the one that is there stays, or goes, as asked.
    assert!(future.try_set(ready(7)).is_err());
    assert_eq!(future.get_pin().now_or_never(), Some(2));
    future.set(ready(7));
    assert_eq!(Arc::strong_count(&alive), 1);
    assert_eq!(block_on(future), 7);
}

#[test]
fn a_future_whose_drop_panics_is_replaced_all_the_same() {
    for same_size in [true, false] {
        let alive = Arc::new(());
        let mut future = ReusableBoxFuture::new(Guarded(1, alive.clone(), true));
        let replaced = catch_unwind(AssertUnwindSafe(|| {
            if same_size { future.set(Guarded(2, alive.clone(), false)) } else { future.set(ready(2)) }
        }));
        assert!(replaced.is_err());
        assert_eq!(future.get_pin().now_or_never(), Some(2));
        drop(future);
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
