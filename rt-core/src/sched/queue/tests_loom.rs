use super::*;
use crate::shim::sync::Arc;

/// A boxed number in a loom `Arc`, so that an item lost or taken twice is found as a leak or a double free.
pub(crate) struct Tracked(Arc<u32>);

impl Tracked {
    pub(crate) fn new(value: u32) -> Self {
        Self(Arc::new(value))
    }

    pub(crate) fn value(&self) -> u32 {
        *self.0
    }
}

impl Item for Tracked {
    fn into_raw(self) -> NonNull<()> {
        NonNull::from(Box::leak(Box::new(self))).cast()
    }

    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        // SAFETY: the caller gives back what `into_raw` gave, once.
        unsafe { *Box::from_raw(raw.cast::<Self>().as_ptr()) }
    }
}

fn push(queue: &RunQueue<Tracked>, value: u32) -> bool {
    // SAFETY: only the model's main thread pushes to and pops from its queue.
    unsafe { queue.push(Tracked(Arc::new(value))).is_ok() }
}

fn pop(queue: &RunQueue<Tracked>) -> Option<u32> {
    // SAFETY: as above.
    unsafe { queue.pop().map(|item| *item.0) }
}

fn thief(queue: &Arc<RunQueue<Tracked>>, steals: usize) -> loom::thread::JoinHandle<Vec<u32>> {
    let queue = queue.clone();
    loom::thread::spawn(move || {
        let mine = RunQueue::new();
        let mut got = Vec::new();
        for _ in 0..steals {
            // SAFETY: `mine` is this thread's.
            got.extend(unsafe { queue.steal(&mine) }.map(|item| *item.0));
            got.extend(std::iter::from_fn(|| pop(&mine)));
        }
        got
    })
}

fn all_once(mut got: Vec<u32>, n: u32) {
    got.sort_unstable();
    assert_eq!(got, (0..n).collect::<Vec<_>>());
}

#[test]
fn owner_and_thief_share_what_is_there() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        for i in 0..3 {
            assert!(push(&queue, i));
        }
        let thief = thief(&queue, 1);
        let mut got: Vec<u32> = std::iter::from_fn(|| pop(&queue)).collect();
        got.extend(thief.join().unwrap());
        all_once(got, 3);
    });
}

#[test]
fn a_thief_meets_pushes_that_reuse_slots() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        let mut n = 0;
        while push(&queue, n) {
            n += 1;
        }
        let thief = thief(&queue, 2);
        let mut got = Vec::new();
        for i in n..n + 3 {
            while !push(&queue, i) {
                got.extend(pop(&queue));
            }
        }
        got.extend(std::iter::from_fn(|| pop(&queue)));
        got.extend(thief.join().unwrap());
        all_once(got, n + 3);
    });
}

#[test]
fn two_thieves_never_take_the_same() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        for i in 0..2 {
            assert!(push(&queue, i));
        }
        let thieves = [thief(&queue, 1), thief(&queue, 1)];
        assert!(push(&queue, 2));
        let mut got: Vec<u32> = pop(&queue).into_iter().collect();
        for thief in thieves {
            got.extend(thief.join().unwrap());
        }
        got.extend(std::iter::from_fn(|| pop(&queue)));
        all_once(got, 3);
    });
}
