use super::*;
use std::collections::VecDeque;

impl Item for Box<u64> {
    fn into_raw(self) -> NonNull<()> {
        NonNull::from(Box::leak(self)).cast()
    }

    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        // SAFETY: the caller gives back what `into_raw` gave, once.
        unsafe { Box::from_raw(raw.cast().as_ptr()) }
    }
}

fn push(queue: &RunQueue<Box<u64>>, value: u64) -> bool {
    // SAFETY: each test owns its queues on one thread.
    unsafe { queue.push(Box::new(value)).is_ok() }
}

fn pop(queue: &RunQueue<Box<u64>>) -> Option<u64> {
    // SAFETY: as above.
    unsafe { queue.pop().map(|item| *item) }
}

fn steal(from: &RunQueue<Box<u64>>, into: &RunQueue<Box<u64>>) -> Option<u64> {
    // SAFETY: as above.
    unsafe { from.steal(into).map(|item| *item) }
}

#[test]
fn full_is_full_and_first_in_is_first_out() {
    let queue = RunQueue::new();
    for i in 0..CAPACITY as u64 {
        assert!(push(&queue, i));
    }
    assert!(!push(&queue, 0));
    assert_eq!(queue.len(), CAPACITY);
    for i in 0..CAPACITY as u64 {
        assert_eq!(pop(&queue), Some(i));
    }
    assert_eq!(pop(&queue), None);
}

#[test]
fn a_thief_takes_the_older_half_in_order() {
    let (queue, thief) = (RunQueue::new(), RunQueue::new());
    for i in 0..7 {
        assert!(push(&queue, i));
    }
    assert_eq!(steal(&queue, &thief), Some(0));
    assert_eq!([pop(&thief), pop(&thief), pop(&thief), pop(&thief)], [Some(1), Some(2), Some(3), None]);
    assert_eq!(queue.len(), 3);
    let mut rest = Vec::new();
    assert_eq!(queue.take_half(|item| rest.push(*item)), 2);
    assert_eq!(rest, [4, 5]);
}

#[test]
fn a_full_thief_takes_one() {
    let (queue, thief) = (RunQueue::new(), RunQueue::new());
    for i in 0..CAPACITY as u64 {
        assert!(push(&thief, 1_000 + i));
        assert!(push(&queue, i));
    }
    assert_eq!(steal(&queue, &thief), Some(0));
    assert_eq!(queue.len(), CAPACITY - 1);
    assert_eq!(pop(&thief), Some(1_000));
}

proptest::proptest! {
    #[test]
    fn behaves_like_a_deque(ops in proptest::collection::vec(0_u8..4, 0..2_000)) {
        let (queue, thief) = (RunQueue::new(), RunQueue::new());
        let (mut model, mut stolen) = (VecDeque::new(), VecDeque::new());
        for (i, op) in ops.into_iter().enumerate() {
            match op {
                0 | 1 => {
                    let fits = push(&queue, i as u64);
                    assert_eq!(fits, model.len() < CAPACITY);
                    if fits { model.push_back(i as u64) }
                }
                2 => assert_eq!(pop(&queue), model.pop_front()),
                _ => {
                    let n = (model.len() - model.len() / 2).min(CAPACITY - stolen.len() + 1);
                    let mut taken: VecDeque<_> = model.drain(..n).collect();
                    assert_eq!(steal(&queue, &thief), taken.pop_front());
                    stolen.append(&mut taken);
                    assert_eq!(pop(&thief), stolen.pop_front());
                }
            }
            assert_eq!(queue.len(), model.len());
        }
    }
}

#[test]
fn each_item_comes_out_once() {
    const ITEMS: u64 = 200_000;
    let queue: RunQueue<Box<u64>> = RunQueue::new();
    let done = std::sync::atomic::AtomicBool::new(false);
    let sums: Vec<(u64, u64)> = std::thread::scope(|scope| {
        let thieves: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mine = RunQueue::new();
                    let (mut sum, mut count) = (0, 0);
                    loop {
                        let finished = done.load(std::sync::atomic::Ordering::Acquire);
                        let mut next = steal(&queue, &mine);
                        if next.is_none() && finished {
                            return (sum, count);
                        }
                        while let Some(value) = next {
                            sum += value;
                            count += 1;
                            next = pop(&mine);
                        }
                    }
                })
            })
            .collect();
        let (mut sum, mut count) = (0, 0);
        for i in 0..ITEMS {
            while !push(&queue, i) {
                if let Some(value) = pop(&queue) {
                    sum += value;
                    count += 1;
                }
            }
        }
        done.store(true, std::sync::atomic::Ordering::Release);
        let mut all = vec![(sum, count)];
        all.extend(thieves.into_iter().map(|thief| thief.join().unwrap()));
        while let Some(value) = pop(&queue) {
            all.push((value, 1));
        }
        all
    });
    assert_eq!(sums.iter().map(|(_, count)| count).sum::<u64>(), ITEMS);
    assert_eq!(sums.iter().map(|(sum, _)| sum).sum::<u64>(), ITEMS * (ITEMS - 1) / 2);
}
