use std::cell::Cell;
use std::sync::Arc;
use std::task::Wake;

use super::*;

thread_local! {
    static SAID: Cell<usize> = const { Cell::new(0) };
    static QUEUED: Cell<usize> = const { Cell::new(0) };
    static IN_A_ROW: Cell<usize> = const { Cell::new(0) };
}

fn say() {
    SAID.set(SAID.get() + 1);
}

/// Queues a task as a scheduler does.
fn queue() {
    QUEUED.set(QUEUED.get() + 1);
    if at_end_of_row(say) {
        IN_A_ROW.set(IN_A_ROW.get() + 1);
    }
}

/// How many were queued, how many of them in a row, and how often others were told.
fn counts() -> (usize, usize, usize) {
    (QUEUED.get(), IN_A_ROW.get(), SAID.get())
}

/// When woken, it wakes so many others, which is what a scheduler that isn't ours may do.
struct Wakes(usize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        queue();
        wake(&mut WakeBatch::new(), self.0, 0);
    }
}

fn wake(batch: &mut WakeBatch, wakers: usize, each: usize) {
    for _ in 0..wakers {
        batch.push(Arc::new(Wakes(each)).into());
    }
    batch.wake_all();
}

#[test]
fn others_are_told_once_at_the_end_of_all_that_a_batch_woke() {
    let mut batch = WakeBatch::new();
    wake(&mut batch, CAPACITY, 0);
    wake(&mut batch, CAPACITY, 0);
    wake(&mut batch, 1, 0);
    let woken = 2 * CAPACITY + 1;
    assert_eq!(counts(), (woken, woken, 0));
    drop(batch);
    assert_eq!(counts(), (woken, woken, 1));
    queue();
    assert_eq!(counts(), (woken + 1, woken, 1), "the row is over");
}

#[test]
fn one_alone_is_no_row() {
    let mut batch = WakeBatch::new();
    wake(&mut batch, 1, 0);
    wake(&mut batch, 1, 0);
    assert_eq!(counts(), (2, 0, 0));
    drop(batch);
    assert_eq!(counts(), (2, 0, 0));
}

#[test]
fn a_row_in_a_row_is_a_part_of_it() {
    let mut batch = WakeBatch::new();
    wake(&mut batch, 2, 3);
    assert_eq!(counts(), (8, 8, 0));
    drop(batch);
    assert_eq!(counts(), (8, 8, 1));
}

#[test]
fn a_batch_that_woke_nobody_tells_nobody() {
    let mut batch = WakeBatch::new();
    batch.wake_all();
    for _ in 0..2 {
        batch.push(Arc::new(Wakes(0)).into());
    }
    drop(batch);
    assert_eq!(counts(), (0, 0, 0));
}
