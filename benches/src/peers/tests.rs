use super::*;
use std::pin::pin;
use std::task::{Context, Waker};

/// Whether a message arrives whose `send` waited for room, and was dropped after the receiver had made some.
fn sends_what_was_cancelled<C: Channel>() -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    let (sender, mut receiver) = C::bounded(1);
    assert!(pin!(C::send(&sender, 1)).poll(&mut cx).is_ready());
    {
        let mut waiting = pin!(C::send(&sender, 2));
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        assert!(pin!(C::receive(&mut receiver)).poll(&mut cx).is_ready());
    }
    pin!(C::receive(&mut receiver)).poll(&mut cx).is_ready()
}

#[test]
fn what_cancelling_a_send_means_differs() {
    assert!(!sends_what_was_cancelled::<Ours>());
    assert!(!sends_what_was_cancelled::<AsyncChannel>());
    assert!(sends_what_was_cancelled::<Kanal>());
    assert!(sends_what_was_cancelled::<Flume>());
}
