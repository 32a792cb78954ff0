use std::cell::Cell;

use super::*;

#[test]
fn only_owners_that_are_held_up_lose_their_task() {
    let polls = [const { Cell::new(0) }; 4];
    let mut patience = Patience::default();
    let held_up: Vec<_> = patience
        .wait([0, 2, 3].into_iter(), |worker| {
            // Worker 2 goes on polling, and so does 1, which nobody asked for.
            if worker == 2 {
                polls[worker].set(polls[worker].get() + 1);
            }
            polls[worker].get()
        })
        .collect();
    assert_eq!(held_up, [0, 3]);
}

#[test]
fn each_time_counts_from_its_own_beginning() {
    let polls = Cell::new(0);
    let mut patience = Patience::default();
    let asked = |_| polls.replace(polls.get() + 1);
    assert_eq!(patience.wait([5].into_iter(), asked).count(), 0);
    assert_eq!(patience.wait([5].into_iter(), |_| polls.get()).collect::<Vec<_>>(), [5]);
    assert!(!patience.saw_none());
    assert_eq!(patience.wait([].into_iter(), |_| 0).count(), 0);
    assert!(patience.saw_none());
}
