use super::*;

const US: u64 = 1_000;

fn count(gather: &mut Gather, times: u32, asleep_ns: u64, busy_ns: u64) -> Vec<Verdict> {
    (0..times).map(|_| gather.count(asleep_ns, busy_ns)).filter(|verdict| *verdict != Verdict::Wait).collect()
}

#[test]
fn a_worker_that_wakes_often_for_little_leaves_its_sockets() {
    let mut gather = Gather::default();
    assert_eq!(count(&mut gather, WAKES - 1, 30 * US, 10 * US), []);
    assert_eq!(count(&mut gather, 1, 30 * US, 10 * US), [Verdict::Leave]);
    assert_eq!(count(&mut gather, 2 * WAKES, 30 * US, 10 * US), [Verdict::Leave, Verdict::Leave]);
}

#[test]
fn a_worker_that_is_busy_keeps_them() {
    let mut gather = Gather::default();
    assert_eq!(count(&mut gather, WAKES, 10 * US, 30 * US), [Verdict::Keep]);
    // One long stretch of work is enough.
    assert_eq!(count(&mut gather, 1, 10 * US, 60 * US), [Verdict::Keep]);
}

#[test]
fn a_worker_that_wakes_rarely_keeps_them() {
    let mut gather = Gather::default();
    assert_eq!(count(&mut gather, WAKES - 1, 30 * US, 10 * US), []);
    assert_eq!(count(&mut gather, 1, 5_000 * US, 10 * US), [Verdict::Keep]);
    // The count starts again.
    assert_eq!(count(&mut gather, WAKES - 1, 30 * US, 10 * US), []);
}
