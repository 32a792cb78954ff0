use super::*;
use crate::runtime::{Builder, Runtime};
use crate::sched::enter;
use crate::shim::sync::Arc;

/// Workers that get `shared` done in a microsecond when they share, and `kept` when they don't.
struct World {
    trials: Trials,
    shared: f64,
    kept: f64,
    /// How long they have done either.
    times: [Duration; 2],
    trials_begun: u32,
}

impl World {
    fn new(shared: f64, kept: f64) -> Self {
        Self { trials: Trials::new(), shared, kept, times: [Duration::ZERO; 2], trials_begun: 0 }
    }

    fn look(&mut self, elapsed: Duration, behind: bool) {
        let rate = if self.trials.keeping { self.kept } else { self.shared };
        self.times[usize::from(self.trials.keeping)] += elapsed;
        self.trials.proceed(elapsed, Seen { rate, short: rate >= SHORT, behind });
        self.trials_begun += u32::from(matches!(self.trials.phase, Phase::Settling(_)));
    }

    fn run(&mut self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let nap = self.trials.nap().min(Duration::from_millis(2)).min(left);
            self.look(nap, false);
            left -= nap;
        }
    }

    fn share_of_keeping(&self) -> f64 {
        self.times[1].as_secs_f64() / (self.times[0] + self.times[1]).as_secs_f64()
    }

    fn share_of_keeping_from_now(&mut self) -> f64 {
        self.times = [Duration::ZERO; 2];
        self.run(SECOND);
        self.share_of_keeping()
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn what_is_faster_is_done_nearly_always() {
    for (shared, kept) in [(10.0, 25.0), (10.0, 11.5)] {
        let mut world = World::new(shared, kept);
        world.run(SECOND);
        assert!(world.share_of_keeping() > 0.97, "{shared} {kept}: {}", world.share_of_keeping());
    }
    for (shared, kept) in [(25.0, 10.0), (10.0, 10.0), (10.0, 10.9)] {
        let mut world = World::new(shared, kept);
        world.run(SECOND);
        assert!(world.share_of_keeping() < 0.02, "{shared} {kept}: {}", world.share_of_keeping());
    }
}

#[test]
fn who_was_right_is_asked_less_and_less() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    let first = world.trials_begun;
    world.run(SECOND);
    let second = world.trials_begun - first;
    assert!(second < first && (15..=17).contains(&second), "{first}, {second}");
}

#[test]
fn a_change_is_found_at_the_next_trial() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    world.shared = 100.0;
    world.run(LATEST + SETTLE + 2 * SLICE);
    assert!(world.share_of_keeping_from_now() < 0.02);
    world.kept = 200.0;
    world.run(LATEST + SETTLE + 2 * SLICE);
    assert!(world.share_of_keeping_from_now() > 0.97);
}

#[test]
fn workers_with_long_polls_share() {
    let mut world = World::new(0.9, 25.0);
    world.run(SECOND);
    assert_eq!(world.times[1], Duration::ZERO);
}

#[test]
fn workers_whose_polls_become_long_share_at_the_next_look() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    assert!(world.trials.keeping);
    world.kept = 0.5;
    world.look(SLICE, false);
    assert!(!world.trials.keeping);
}

/// Runs until they keep to their tasks, and tells how long that took.
fn until_kept(world: &mut World) -> Duration {
    let before = world.times[0];
    while !world.trials.keeping {
        world.run(Duration::from_micros(100));
    }
    world.times[0] - before
}

#[test]
fn a_worker_that_falls_behind_has_them_share_for_longer_each_time() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    assert!(world.trials.keeping);
    let mut waits = vec![];
    for _ in 0..10 {
        world.look(GUARD, true);
        assert!(!world.trials.keeping);
        waits.push(until_kept(&mut world).as_millis());
    }
    assert_eq!(waits, [16, 32, 64, 128, 256, 512, 1000, 1000, 1000, 1000]);
    world.run(10 * SECOND);
    world.look(GUARD, true);
    assert_eq!(until_kept(&mut world).as_millis(), 16, "after a long time it is as the first time");
}

#[test]
fn no_trial_begins_while_a_worker_is_behind() {
    let mut world = World::new(10.0, 25.0);
    for _ in 0..1_000 {
        world.look(Duration::from_millis(2), true);
    }
    assert_eq!(world.trials_begun, 0);
    world.look(Duration::from_millis(2), false);
    assert!(world.trials.keeping);
}

#[test]
fn workers_that_get_little_done_when_they_share_keep_to_their_tasks() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    // As when each message wakes a thread.
    world.shared = 0.1;
    assert!(world.share_of_keeping_from_now() > 0.97);
}

/// A look at a worker that did so much in 250 us, with or without tasks in its queue then and the time before.
fn seen(done: u64, queued_before: bool, queued: bool) -> Seen {
    let mut seen = Seen::default();
    let mut worker = Worker { done: u64::MAX - 10, queued: queued_before };
    worker.look((u64::MAX - 10).wrapping_add(done), queued, 250.0, &mut seen);
    seen
}

#[test]
fn what_a_look_tells_of_a_worker() {
    let idle = seen(0, false, false);
    assert!(!idle.short && !idle.behind);
    let brisk = seen(500, true, true);
    assert!(brisk.short && !brisk.behind);
    assert_eq!(brisk.rate, 2.0);
    assert!(seen(0, false, true).behind, "it is in a poll, with a task behind it");
    assert!(seen(100, true, true).behind, "its polls take a while");
    let woken = seen(100, false, true);
    assert!(!woken.behind, "it may have been woken just now");
    assert!(!seen(100, true, false).behind, "nothing waits for it");
}

#[test]
fn a_look_adds_up_what_all_workers_did() {
    let mut seen = Seen::default();
    // A brisk one, one that is held up, and one that sleeps.
    for (done, queued) in [(500, true), (100, true), (0, false)] {
        Worker { done: 0, queued }.look(done, queued, 250.0, &mut seen);
    }
    assert!(seen.short && seen.behind);
    assert_eq!(seen.rate, 2.4);
}

#[test]
fn workers_that_keep_to_their_tasks_are_looked_at_often() {
    let mut world = World::new(10.0, 25.0);
    assert_eq!(world.trials.nap(), Duration::MAX, "nothing is tried yet");
    world.run(SECOND);
    assert!(world.trials.keeping);
    while !matches!(world.trials.phase, Phase::Waiting(_)) {
        world.look(SLICE, false);
    }
    assert_eq!(world.trials.nap(), GUARD);
}

#[test]
fn workers_with_little_to_do_are_tried_again_at_once() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    assert!(world.trials.keeping);
    world.kept = 0.5;
    world.look(GUARD, false);
    assert!(!world.trials.keeping);
    world.look(GUARD, false);
    assert!(world.trials.keeping, "it is no penalty to have been idle");
}

#[test]
fn workers_that_keep_to_their_tasks_share_when_that_is_about_as_fast() {
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    world.shared = 24.0;
    world.run(LATEST + SETTLE + 2 * SLICE);
    assert!(world.share_of_keeping_from_now() < 0.02);
}

#[test]
fn after_a_change_the_next_trial_is_soon() {
    fn settle(world: &mut World) {
        world.run(LATEST + SETTLE + 2 * SLICE);
    }
    let mut world = World::new(10.0, 25.0);
    world.run(SECOND);
    assert_eq!(world.trials.wait, LATEST);
    world.look(GUARD, true);
    assert_eq!(world.trials.wait, SOONEST, "a worker fell behind");
    world.run(SECOND);
    assert_eq!(world.trials.wait, LATEST);
    // What changes at the end of a trial is measured by how many trials follow.
    world.shared = 100.0;
    settle(&mut world);
    let before = world.trials_begun;
    world.run(LATEST);
    assert!(world.trials_begun - before >= 2, "sharing has become better");
}

fn shared_of(runtime: &Runtime) -> Arc<Shared> {
    let _inside = runtime.enter();
    enter::with_entered(|shared| shared.cloned()).ok().flatten().unwrap()
}

/// The scheduler of a runtime that has gone: nobody but the test touches it.
fn deserted(workers: usize) -> Arc<Shared> {
    shared_of(&Builder::new_multi_thread().worker_threads(workers).build().unwrap())
}

/// So much that it is more than one in a microsecond, however long the look was in coming.
const PLENTY: u64 = 1 << 40;

#[test]
fn the_umpire_tells_the_workers_what_its_looks_lead_to() {
    let shared = deserted(2);
    let mut umpire = Umpire::new(&shared);
    assert!(shared.sharing.is_on());
    umpire.look(&shared);
    assert!(shared.sharing.is_on(), "nobody does anything");
    // A spare worker, in the last slot, counts as any other.
    for slot in [&shared.slots[0], &shared.slots[1], shared.slots.last().unwrap()] {
        for counter in [&slot.counters.polls, &slot.counters.spent] {
            counter.add(PLENTY);
            umpire.look(&shared);
            assert!(!shared.sharing.is_on(), "a trial begins");
            umpire.look(&shared);
            assert!(shared.sharing.is_on(), "nobody does anything any more");
        }
    }
}

#[test]
fn a_single_worker_is_not_tried() {
    let shared = deserted(1);
    let mut umpire = Umpire::new(&shared);
    shared.slots[0].counters.polls.add(PLENTY);
    umpire.look(&shared);
    assert!(shared.sharing.is_on());
}

/// What a search finds is what wakes who falls asleep: the inject queue in any case, other workers' queues if they share.
#[test]
fn what_is_work_for_others() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let outside = shared_of(&runtime);
    outside.sharing.set(false);
    assert!(!outside.has_work());
    runtime.spawn(async {});
    assert!(outside.has_work(), "the inject queue is everybody's");

    let shared = deserted(2);
    let queue = &shared.slots[0].queue;
    let task = outside.inject.pop(0, 1).pop_front().unwrap();
    // SAFETY: nobody else has the queue.
    assert!(unsafe { queue.push(task) }.is_ok());
    assert!(shared.has_work());
    shared.sharing.set(false);
    assert!(!shared.has_work());

    // The other worker makes short polls, but this one none, with a task behind it.
    let mut umpire = Umpire::new(&shared);
    shared.slots[1].counters.polls.add(PLENTY);
    umpire.look(&shared);
    assert!(shared.sharing.is_on());
    // SAFETY: as above.
    drop(unsafe { queue.pop() });
    shared.slots[1].counters.polls.add(PLENTY);
    umpire.look(&shared);
    assert!(!shared.sharing.is_on(), "nothing waits any more");
}
