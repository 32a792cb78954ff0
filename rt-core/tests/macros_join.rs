#![cfg(feature = "macros")]
//! `join!`, `try_join!` and `pin!`.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::pedantic)]

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use rt_core::{join, try_join};

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Notes a letter each time it's polled; done at the `polls`th.
async fn note(log: &RefCell<String>, letter: char, polls: usize) -> char {
    let mut left = polls;
    poll_fn(|_| {
        log.borrow_mut().push(letter);
        left -= 1;
        if left == 0 { Poll::Ready(letter) } else { Poll::Pending }
    })
    .await
}

#[test]
fn outputs_come_in_the_order_written() {
    assert_eq!(block_on(async { join!(ready(1), ready("two"), async { 3 },) }), (1, "two", 3));
    assert_eq!(block_on(async { join!(ready(1)) }), (1,));
    assert_eq!(block_on(async { try_join!(ready(Ok::<_, ()>(1)), async { Ok("two") }) }), Ok((1, "two")));
    assert_eq!(block_on(async { try_join!(biased; ready(Ok::<_, ()>(1)),) }), Ok((1,)));
}

#[test]
fn nothing_to_join() {
    block_on(async {
        let nothing: [(); 1] = [join!()];
        assert_eq!(nothing.len(), 1);
        let nothing: Result<(), u8> = try_join!();
        assert_eq!(nothing, Ok(()));
        let nothing: Result<(), u8> = try_join!(biased;);
        assert_eq!(nothing, Ok(()));
        join!(biased;);
    });
}

#[test]
fn another_future_is_polled_first_each_time() {
    let log = RefCell::new(String::new());
    {
        let mut joined = pin!(async { join!(note(&log, 'a', 4), note(&log, 'b', 2), note(&log, 'c', 9)) });
        for _ in 0..8 {
            assert!(poll(joined.as_mut()).is_pending());
            log.borrow_mut().push(' ');
        }
        assert_eq!(poll(joined.as_mut()), Poll::Ready(('a', 'b', 'c')));
    }
    // What is done isn't polled again.
    assert_eq!(log.into_inner(), "abc bca ca ac c c c c c");
}

#[test]
fn biased_polls_in_the_order_written() {
    let log = RefCell::new(String::new());
    {
        let mut joined =
            pin!(async { join!(biased; note(&log, 'a', 2), note(&log, 'b', 3), note(&log, 'c', 3)) });
        assert!(poll(joined.as_mut()).is_pending());
        assert!(poll(joined.as_mut()).is_pending());
        assert_eq!(poll(joined.as_mut()), Poll::Ready(('a', 'b', 'c')));
    }
    assert_eq!(log.into_inner(), "abcabcbc");
}

#[test]
fn the_first_error_ends_it() {
    let log = RefCell::new(String::new());
    let result: Result<(char, (), ()), u8> =
        block_on(async { try_join!(async { Ok(note(&log, 'a', 1).await) }, async { Err(7) }, pending(),) });
    assert_eq!(result, Err(7));
    assert_eq!(log.into_inner(), "a");
}

#[test]
fn errors_convert_with_question_mark() {
    async fn run() -> Result<u8, Box<dyn std::error::Error>> {
        let (a, b) = try_join!(async { "1".parse::<u8>() }, async { "x".parse::<u8>() })?;
        Ok(a + b)
    }
    assert!(block_on(run()).unwrap_err().to_string().contains("invalid digit"));
}

#[test]
fn a_future_is_dropped_as_soon_as_it_is_done() {
    struct NoteDrop<'a>(&'a RefCell<String>, char);
    impl Drop for NoteDrop<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    impl Future for NoteDrop<'_> {
        type Output = ();
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if self.1 == 'x' { Poll::Pending } else { Poll::Ready(()) }
        }
    }
    let log = RefCell::new(String::new());
    {
        let mut joined = pin!(async { join!(NoteDrop(&log, 'x'), NoteDrop(&log, 'b')) });
        assert!(poll(joined.as_mut()).is_pending());
        assert_eq!(*log.borrow(), "b");
    }
    assert_eq!(log.into_inner(), "bx");
}

#[test]
fn borrowed_temporaries_live_on() {
    assert_eq!(block_on(async { join!(&mut ready(1), &mut Box::pin(async { 2 })) }), (1, 2));
}

#[test]
fn nothing_is_stored_but_the_futures() {
    async fn wait(bytes: [u8; 100]) -> u8 {
        pending::<()>().await;
        bytes[0]
    }
    let one = size_of_val(&wait([0; 100]));
    let joined = async { join!(wait([0; 100]), wait([0; 100])) };
    assert!(size_of_val(&joined) <= 2 * one + 64, "{} for 2 * {one}", size_of_val(&joined));
}

/// Which of two states a future of a `join!` is in is told by the future itself, where it has a value to spare.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_small_future_takes_no_room_for_its_state() {
    let one = async {
        let one = ready(0_i32);
        join!(one)
    };
    let two = async {
        let (one, other) = (ready(0_i32), ready(0_i32));
        join!(one, other)
    };
    let biased = async {
        let (one, other) = (ready(0_i32), ready(0_i32));
        join!(biased; one, other)
    };
    let fallible = async {
        let (one, other) = (ready(Ok::<_, ()>(0)), ready(Ok(0)));
        try_join!(one, other)
    };
    let sizes = [size_of_val(&one), size_of_val(&two), size_of_val(&biased), size_of_val(&fallible)];
    assert_eq!(sizes, [24, 40, 32, 40]);
}

macro_rules! log_of_two_polls {
    ($($x:literal)*) => {{
        let log = RefCell::new(vec![]);
        {
            let mut joined = pin!(async { join!($(async {
                poll_fn(|_| { log.borrow_mut().push($x); Poll::<()>::Pending }).await;
            }),*); });
            assert!(poll(joined.as_mut()).is_pending());
            assert!(poll(joined.as_mut()).is_pending());
        }
        log.into_inner()
    }};
}

#[test]
fn more_futures_than_a_word_has_bits() {
    let log = log_of_two_polls!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
        31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65
        66 67 68 69);
    let expected: Vec<_> = (0..70).chain(1..70).chain([0]).collect();
    assert_eq!(log, expected);
}

#[test]
fn pin_takes_variables_and_statements() {
    let (a, b) = (async { 1 }, async { 2 });
    rt_core::pin!(a, b);
    rt_core::pin! {
        let c = async { 3 };
        let d = ready(4);
    }
    assert_eq!(block_on(async { join!(&mut a, &mut b, &mut c, &mut d) }), (1, 2, 3, 4));
    rt_core::pin!(let e = ready(5););
    assert_eq!(block_on(e), 5);
}
