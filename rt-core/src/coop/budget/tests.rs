use super::*;
use std::task::Waker;

fn spend() -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    match poll_proceed(&mut cx) {
        Poll::Ready(coop) => {
            coop.made_progress();
            true
        }
        Poll::Pending => false,
    }
}

#[test]
fn a_poll_has_128_operations() {
    with_budget(Budget::FULL, || {
        assert!((0..128).all(|_| spend()));
        assert!(!has_budget_remaining());
        assert!(!spend());
        assert!(with_budget(Budget::UNLIMITED, spend), "an unconstrained part goes on");
        assert!(!spend(), "and the rest doesn't");
    });
    assert!(spend(), "outside of tasks there is no limit");
}

#[test]
fn without_progress_nothing_is_spent() {
    with_budget(Budget::FULL, || {
        for _ in 0..1_000 {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(poll_proceed(&mut cx).is_ready());
        }
        assert!((0..128).all(|_| spend()));
        assert!(!spend());
    });
}

#[test]
fn a_panic_restores_the_budget() {
    let result = std::panic::catch_unwind(|| with_budget(Budget::REFUSED, || panic!("boom")));
    assert!(result.is_err());
    assert!(spend());
}

#[test]
fn what_polls_of_tasks_spend_is_counted() {
    take_spent();
    with_full_budget(|| {
        assert!((0..3).all(|_| spend()));
        // A task that drives others, as a `LocalSet` does.
        with_full_budget(|| assert!((0..128).all(|_| spend())));
        assert!(with_budget(Budget::UNLIMITED, spend));
        assert!(spend());
    });
    assert_eq!(take_spent(), 132);
    assert_eq!(take_spent(), 0);
    assert!(spend());
    assert_eq!(take_spent(), 0, "what isn't a task has no budget");
}

#[test]
fn a_poll_that_panics_has_spent_what_it_spent() {
    take_spent();
    let result = std::panic::catch_unwind(|| {
        with_full_budget(|| {
            assert!(spend());
            panic!("boom")
        })
    });
    assert!(result.is_err());
    assert_eq!(take_spent(), 1);
    assert_eq!(BUDGET.with(|slot| slot.left.get()), Budget::UNLIMITED);
}
