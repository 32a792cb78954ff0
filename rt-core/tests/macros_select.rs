#![cfg(feature = "macros")]
//! `select!`: grammar, order, handlers, patterns, drops.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::pedantic, unused_braces, unused_parens)]

use std::cell::{Cell, RefCell};
use std::future::{Future, IntoFuture, pending, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::executor::block_on;
use rt_core::select;

/// Notes a letter when it's polled, then is pending.
async fn note_poll(log: &RefCell<String>, letter: char) {
    poll_fn(|_| {
        log.borrow_mut().push(letter);
        Poll::<()>::Pending
    })
    .await;
}

/// Notes a letter when it's dropped.
struct NoteDrop<'a>(&'a RefCell<String>, char);

impl Drop for NoteDrop<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// Pending once, and woken at once.
fn yield_once() -> impl Future<Output = ()> {
    let mut is_first = true;
    poll_fn(move |cx| {
        if std::mem::take(&mut is_first) {
            cx.waker().wake_by_ref();
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
}

#[test]
fn the_first_to_be_done_wins() {
    let winner = block_on(async {
        select! {
            never = pending::<&str>() => never,
            () = async { yield_once().await; yield_once().await } => "slow",
            () = yield_once() => "fast",
        }
    });
    assert_eq!(winner, "fast");
}

#[test]
fn one_branch_and_no_comma() {
    assert_eq!(block_on(async { select!(x = ready(1) => x + 1) }), 2);
    assert_eq!(
        block_on(async {
            select! { x = ready(1) => { x + 1 } }
        }),
        2
    );
}

#[test]
fn blocks_need_no_comma() {
    let x = block_on(async {
        select! {
            biased;
            _ = pending::<()>() => { 0 }
            (a, b) = ready((1, 2)) => { a + b }
            [x, ..] = ready([5, 6]) => { x }
            else => { 7 }
        }
    });
    assert_eq!(x, 3);
}

#[test]
fn biased_polls_from_top_to_bottom() {
    for _ in 0..50 {
        let log = RefCell::new(String::new());
        block_on(async {
            select! {
                biased;
                () = note_poll(&log, 'a') => {}
                () = note_poll(&log, 'b') => {}
                () = ready(()) => {}
                () = note_poll(&log, 'c') => {}
            }
        });
        assert_eq!(log.into_inner(), "ab");
    }
}

#[test]
fn fair_polls_each_branch_once_a_round_from_a_random_one_on() {
    let mut firsts = std::collections::BTreeMap::new();
    for _ in 0..4_000 {
        let log = RefCell::new(String::new());
        block_on(async {
            let mut waited = yield_once();
            let four = async {
                select! {
                    () = note_poll(&log, 'a') => {}
                    () = note_poll(&log, 'b') => {}
                    () = note_poll(&log, 'c') => {}
                    () = note_poll(&log, 'd') => {}
                }
            };
            select! {
                biased;
                () = four => {}
                () = &mut waited => {}
            }
        });
        let log = log.into_inner();
        assert_eq!(log.len(), 8, "{log}");
        for round in [&log[..4], &log[4..]] {
            assert!("abcdabc".contains(round), "{round}");
            *firsts.entry(round.chars().next()).or_insert(0) += 1;
        }
    }
    // 2,000 each; 1,700 is seven standard deviations away.
    assert_eq!(firsts.len(), 4);
    assert!(firsts.values().all(|count| *count > 1_700), "{firsts:?}");
}

#[test]
fn a_branch_that_is_always_ready_starves_nobody() {
    let mut counts = [0; 3];
    for _ in 0..3_000 {
        let index = block_on(async {
            select! {
                () = ready(()) => 0,
                () = ready(()) => 1,
                () = ready(()) => 2,
            }
        });
        counts[index] += 1_u32;
    }
    assert!(counts.iter().all(|count| *count > 800), "{counts:?}");
}

#[test]
fn refutable_patterns_disable_their_branch() {
    let x = block_on(async {
        select! {
            Some(x) = ready(None::<u32>) => x,
            Ok(x) = ready(Err::<u32, _>(())) => x,
            5 = ready(4) => 5,
            x = async { yield_once().await; 9 } => x,
        }
    });
    assert_eq!(x, 9);
}

#[test]
fn else_runs_when_nothing_matches() {
    let x = block_on(async {
        select! {
            Some(x) = ready(None::<u32>) => x,
            Ok(x) = async { yield_once().await; Err::<u32, _>(()) } => x,
            else => 3,
        }
    });
    assert_eq!(x, 3);
}

#[test]
fn else_alone() {
    assert_eq!(
        block_on(async {
            select! { else => 3 }
        }),
        3
    );
    assert_eq!(
        block_on(async {
            select! { biased; else => { 3 } }
        }),
        3
    );
}

#[test]
#[should_panic(expected = "all branches are disabled and there is no else branch")]
fn panics_without_else_when_nothing_matches() {
    block_on(async {
        select! {
            Some(()) = ready(None) => {}
            () = ready(()), if false => {}
        }
    });
}

#[test]
fn conditions_come_first_and_futures_of_disabled_branches_are_evaluated_but_not_polled() {
    let log = RefCell::new(String::new());
    let note = |letter| log.borrow_mut().push(letter);
    let future = |letter| {
        note(letter);
        note_poll(&log, 'X')
    };
    let on = Cell::new(true);
    block_on(async {
        select! {
            biased;
            () = future('c'), if { note('a'); !on.get() } => {}
            () = { note('d'); ready(()) }, if { note('b'); on.get() } => note('e'),
            else => note('Y'),
        }
    });
    assert_eq!(log.into_inner(), "abcde");
}

#[test]
fn a_loop_starts_afresh() {
    let mut left = vec![1, 2, 3];
    let sum = block_on(async {
        let mut sum = 0;
        loop {
            select! {
                Some(x) = async { left.pop() }, if sum < 5 => sum += x,
                else => break sum,
            }
        }
    });
    assert_eq!((sum, left), (5, vec![1]));
}

#[test]
fn all_futures_are_dropped_in_the_order_written_before_the_handler_runs() {
    let log = RefCell::new(String::new());
    block_on(async {
        let hold = async |guard: NoteDrop<'_>| {
            let _guard = guard;
            pending::<()>().await;
        };
        select! {
            biased;
            () = hold(NoteDrop(&log, 'a')) => {}
            () = hold(NoteDrop(&log, 'b')), if false => {}
            () = ready(()) => log.borrow_mut().push('!'),
            () = hold(NoteDrop(&log, 'c')) => {}
        }
    });
    assert_eq!(log.into_inner(), "abc!");
}

#[test]
fn futures_may_borrow_what_handlers_change() {
    let mut buffer = vec![1];
    block_on(async {
        for _ in 0..10 {
            select! {
                first = async { buffer.first().copied() } => buffer.push(first.unwrap_or(0) + 1),
                len = async { buffer.len() }, if !buffer.is_empty() => buffer.push(len),
            }
        }
    });
    assert_eq!(buffer.len(), 11);
}

#[test]
fn control_flow_in_handlers_belongs_to_the_enclosing_function() {
    async fn run(input: &[Result<Option<u32>, String>]) -> Result<u32, String> {
        let mut sum = 0;
        for item in input {
            let x = select! {
                item = ready(item.clone()) => match item? {
                    Some(0) => continue,
                    Some(100) => break,
                    Some(x) => x,
                    None => return Ok(0),
                },
                () = pending() => unreachable!(),
            };
            sum += x;
        }
        Ok(sum)
    }
    block_on(async {
        assert_eq!(run(&[Ok(Some(1)), Ok(Some(0)), Ok(Some(2))]).await, Ok(3));
        assert_eq!(run(&[Ok(Some(1)), Ok(Some(100)), Ok(Some(2))]).await, Ok(1));
        assert_eq!(run(&[Ok(Some(1)), Ok(None)]).await, Ok(0));
        assert_eq!(run(&[Err("no".into())]).await, Err("no".into()));
    });
}

#[test]
fn labels_and_question_marks_in_futures_and_conditions() {
    async fn run(x: Option<bool>) -> Option<u32> {
        let mut rounds = 0;
        'outer: loop {
            loop {
                rounds += 1;
                select! {
                    () = ready(Some(())?), if x? && rounds > 3 => break 'outer,
                    () = ready(()), if rounds > 1 => continue 'outer,
                    else => {}
                }
            }
        }
        Some(rounds)
    }
    assert!(block_on(run(Some(true))) > Some(3));
    assert_eq!(block_on(run(None)), None);
}

#[test]
fn handlers_may_await_and_nest() {
    let x = block_on(async {
        select! {
            biased;
            a = ready(1) => {
                yield_once().await;
                select! {
                    b = ready(10) => a + b,
                    Some(output) = ready(None) => output,
                }
            }
            inner = async { select! { x = pending() => x, else => 3 } } => inner,
        }
    });
    assert_eq!(x, 11);
}

#[derive(Clone, Debug)]
enum Shape {
    Point { x: i32, y: i32 },
    Line(String, String),
    Nothing,
}

const ANSWER: i32 = 42;

#[test]
fn patterns_of_all_kinds() {
    fn first_match(shape: &Shape) -> String {
        block_on(async {
            select! {
                biased;
                Shape::Point { x: 0, mut y } = ready(shape.clone()) => {
                    y += 1;
                    format!("on the axis, {y}")
                }
                Shape::Point { ref x, y: ANSWER | 43 } = ready(shape.clone()) => format!("high, {x}"),
                Shape::Point { x: left @ ..=-1, .. } | Shape::Point { x: left @ 100.., .. } = ready(shape.clone()) => {
                    format!("far, {left}")
                }
                Shape::Line(mut from, ref to) = ready(shape.clone()), if true => {
                    from.push_str(to);
                    from
                }
                Shape::Nothing = ready(shape.clone()) => "nothing".to_owned(),
                whole @ Shape::Point { .. } = ready(shape.clone()) => format!("{whole:?}"),
            }
        })
    }
    assert_eq!(first_match(&Shape::Point { x: 0, y: 1 }), "on the axis, 2");
    assert_eq!(first_match(&Shape::Point { x: 7, y: 42 }), "high, 7");
    assert_eq!(first_match(&Shape::Point { x: -7, y: 2 }), "far, -7");
    assert_eq!(first_match(&Shape::Point { x: 700, y: 2 }), "far, 700");
    assert_eq!(first_match(&Shape::Line("a".into(), "b".into())), "ab");
    assert_eq!(first_match(&Shape::Nothing), "nothing");
    assert_eq!(first_match(&Shape::Point { x: 1, y: 1 }), "Point { x: 1, y: 1 }");
}

#[test]
fn patterns_of_references() {
    let mut values = [1, 4];
    let [one, four] = &mut values;
    let x = block_on(async {
        select! {
            &5 = ready(&*one) => 0,
            Some(&x @ 7) = ready(Some(&*one)) => x,
            (&a, b) = ready((&*one, &mut *four)) => a + *b,
        }
    });
    assert_eq!(x, 5);
    let text = block_on(async {
        select! {
            "a" = ready("b") => "no",
            None = ready(Some(())) => "neither",
            ANSWER = ready(41) => "nor",
            text = ready("c") => text,
        }
    });
    assert_eq!(text, "c");
}

#[test]
fn outputs_that_are_moved() {
    let boxed = block_on(async {
        select! {
            Ok(value) = ready(Ok::<Box<str>, Rc<()>>("x".into())) => value,
            Some((value, _)) = pending::<Option<(Box<str>, u8)>>() => value,
        }
    });
    assert_eq!(&*boxed, "x");
}

#[test]
fn temporaries_that_are_borrowed_directly_live_on() {
    let x = block_on(async {
        select! {
            x = &mut Box::pin(async { 3 }) => x,
            () = &mut pending() => 4,
        }
    });
    assert_eq!(x, 3);
}

struct Into3;

impl IntoFuture for Into3 {
    type Output = u32;
    type IntoFuture = std::future::Ready<u32>;

    fn into_future(self) -> Self::IntoFuture {
        ready(3)
    }
}

#[test]
fn anything_that_becomes_a_future() {
    assert_eq!(
        block_on(async {
            select! { x = Into3 => x, () = pending() => 0 }
        }),
        3
    );
}

#[test]
fn names_of_the_expansion_are_not_in_the_way() {
    // The user's variables have the names that the expansion uses too.
    let (output, branches, future0, cx, index) = (1, 2, 3, 4, 5);
    let x = block_on(async {
        select! {
            is_pending = ready(output + branches + future0 + cx + index), if branches == 2 => is_pending + output,
            else => index,
        }
    });
    assert_eq!(x, 16);
}

#[test]
fn names_of_the_prelude_may_be_shadowed() {
    #[allow(dead_code, clippy::items_after_statements)]
    mod shadowed {
        struct Option;
        struct Some;
        struct Result;
        struct Ok;
        struct Err;
        mod core {}
        mod std {}
        pub(super) async fn run() -> u32 {
            rt_core::select! {
                x = ::std::future::ready(1) => x,
                x = ::std::future::pending() => x,
            }
        }
    }
    assert_eq!(block_on(shadowed::run()), 1);
}

#[test]
fn a_future_with_select_can_be_sent() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let future = is_send(async {
        let mut x = 1;
        select! {
            () = async { x += 1 } => x,
            () = pending() => 0,
        }
    });
    assert_eq!(block_on(future), 2);
}

#[test]
fn nothing_is_stored_but_the_futures() {
    async fn wait(bytes: [u8; 100]) -> u8 {
        pending::<()>().await;
        bytes[0]
    }
    let part = size_of_val(&wait([0; 100]));
    let future = async {
        select! {
            x = wait([0; 100]) => x,
            x = wait([0; 100]) => x,
        }
    };
    // And the set of branches, and the closure with its references.
    assert!(size_of_val(&future) <= 2 * part + 48, "{} for 2 * {part}", size_of_val(&future));
}

#[test]
fn inside_a_macro_with_its_own_variables() {
    macro_rules! first {
        ($($future:expr),*) => { select! { $(x = $future => x,)* } };
    }
    let x = 5;
    assert_eq!(block_on(async { first!(ready(x + 1), pending()) }), 6);
}

macro_rules! ready_at {
    ([$($bias:tt)*] $ready:literal: $($x:literal)*) => {
        block_on(async {
            select! {
                $($bias)*
                $(x = async { if $x == $ready { $x } else { pending().await } } => x,)*
            }
        })
    };
}

macro_rules! match_at {
    ($matching:literal: $($x:literal)*) => {
        block_on(async {
            select! {
                $($x = async { yield_once().await; if $x == $matching { $x } else { 0 } } => $x,)*
                else => 0,
            }
        })
    };
}

macro_rules! upto {
    (64, $macro:ident!($($args:tt)*)) => {
        $macro!($($args)*: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
            33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64)
    };
    (70, $macro:ident!($($args:tt)*)) => {
        $macro!($($args)*: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
            33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66
            67 68 69 70)
    };
}

#[test]
fn as_many_branches_as_a_word_has_bits() {
    assert_eq!(upto!(64, ready_at!([biased;] 64)), 64);
    assert_eq!(upto!(64, ready_at!([] 64)), 64);
    assert_eq!(upto!(64, match_at!(64)), 64);
    assert_eq!(upto!(64, match_at!(65)), 0);
}

#[test]
fn more_branches_than_a_word_has_bits() {
    assert_eq!(upto!(70, ready_at!([biased;] 69)), 69);
    assert_eq!(upto!(70, ready_at!([] 69)), 69);
    assert_eq!(upto!(70, match_at!(69)), 69);
    assert_eq!(upto!(70, match_at!(71)), 0);
}

#[test]
fn a_panic_in_a_branch_drops_the_others() {
    struct Boom;
    impl Future for Boom {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("boom")
        }
    }
    let log = RefCell::new(String::new());
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        block_on(async {
            let guard = NoteDrop(&log, 'a');
            select! {
                biased;
                () = async { let _guard = guard; pending().await } => {}
                () = Boom => {}
            }
        });
    }));
    assert!(result.is_err());
    assert_eq!(log.into_inner(), "a");
}

#[cfg(feature = "rt")]
mod budget {
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;
    use rt_core::task::coop;

    /// Uses up what is left of the task's budget.
    fn use_up(cx: &mut Context<'_>) {
        while let Poll::Ready(unit) = coop::poll_proceed(cx) {
            unit.made_progress();
        }
        assert!(!coop::has_budget_remaining());
    }

    #[rt_core::test(flavor = "current_thread")]
    async fn without_budget_no_branch_is_polled_and_the_task_runs_again() {
        let task = rt_core::spawn(async {
            let polls = AtomicU32::new(0);
            let mut select = pin!(async {
                select! {
                    _ = async { polls.fetch_add(1, Relaxed) } => "done",
                    never = pending() => never,
                }
            });
            let mut rounds = 0;
            poll_fn(|cx| {
                rounds += 1;
                if rounds == 1 {
                    use_up(cx);
                    assert!(select.as_mut().poll(cx).is_pending());
                    assert_eq!(polls.load(Relaxed), 0);
                    // Nobody wakes the task but `select!`.
                    return Poll::Pending;
                }
                select.as_mut().poll(cx)
            })
            .await;
            (rounds, polls.load(Relaxed))
        });
        assert_eq!(task.await.unwrap(), (2, 1));
    }

    #[rt_core::test]
    async fn it_spends_nothing_itself() {
        let task = rt_core::spawn(async {
            for _ in 0..10_000 {
                select! {
                    () = ready(()) => {}
                    () = pending() => {}
                }
                assert!(coop::has_budget_remaining());
            }
        });
        task.await.unwrap();
    }
}
