//! Models of a task's life: whatever two threads do to a task while a third runs it, each wake leads to a
//! poll, output and future are dropped once (`Track` reports leaks), the joiner is woken, no reference is
//! lost or given up twice, and the scheduler isn't touched once it's gone.

use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize as StdAtomicUsize, Ordering as StdOrdering};
use std::task::{Context, Poll, Wake, Waker};

use loom::alloc::Track;

use super::*;
use crate::base::AtomicWaker;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::sync::{Arc, Mutex};
use crate::shim::thread;

/// A scheduler as `Schedule` describes it: one queue, closed by the shutdown.
struct Sched {
    queue: Mutex<(TaskList, bool)>,
    registry: Registry,
    /// The shutdown is over: nobody may come any more.
    gone: AtomicBool,
}

impl Sched {
    fn new() -> Self {
        Self {
            queue: Mutex::new((TaskList::new(), false)),
            registry: Registry::new(1),
            gone: AtomicBool::new(false),
        }
    }

    fn pop(&self) -> Option<Notified> {
        self.queue.lock().0.pop_front()
    }

    fn drain(&self) {
        while let Some(task) = self.pop() {
            let _ = task.run();
        }
    }

    fn shutdown(&self) {
        self.registry.close_and_shutdown_all();
        let mut queue = self.queue.lock();
        queue.1 = true;
        let rest = std::mem::take(&mut queue.0);
        drop(queue);
        drop(rest);
        while self.registry.len() > 0 {
            thread::yield_now();
        }
    }
}

impl Schedule for Sched {
    fn schedule(&self, task: Notified) {
        assert!(!self.gone.load(Ordering::Relaxed), "a wake reached a scheduler that is gone");
        let mut queue = self.queue.lock();
        if queue.1 {
            drop(queue);
            task.cancel();
        } else {
            queue.0.push_back(task);
        }
    }

    fn yield_now(&self, task: Notified) {
        self.schedule(task);
    }

    fn register(&self, task: &TaskRef) -> Option<Shard> {
        self.registry.register(0, task)
    }

    fn release(&self, task: &TaskRef) -> Option<Task> {
        self.registry.release(task)
    }
}

/// What the task waits for.
struct Event {
    happened: AtomicBool,
    waker: AtomicWaker,
}

impl Event {
    fn new() -> Self {
        Self { happened: AtomicBool::new(false), waker: AtomicWaker::new() }
    }
}

/// Waits for the event.
struct Wait {
    event: Arc<Event>,
    _track: Track<()>,
}

impl Future for Wait {
    type Output = Track<u32>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        drop(self.event.waker.replace(cx.waker()));
        // Relaxed: it's the wake that must publish it.
        if self.event.happened.load(Ordering::Relaxed) { Poll::Ready(Track::new(7)) } else { Poll::Pending }
    }
}

/// A joiner's waker.
struct Count(StdAtomicUsize);

impl Wake for Count {
    fn wake(self: StdArc<Self>) {
        self.0.fetch_add(1, StdOrdering::Relaxed);
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    WakeByValue,
    WakeByRef,
    Abort,
    /// Polls the handle with one waker, then with another.
    Join,
    DropJoin,
    Shutdown,
}

use Op::*;

const ALL: [Op; 6] = [WakeByValue, WakeByRef, Abort, Join, DropJoin, Shutdown];

/// What a thread needs for its operation, and hands back.
struct Hands {
    sched: Arc<Sched>,
    event: Arc<Event>,
    abort: Option<AbortHandle>,
    join: Option<JoinHandle<Track<u32>>>,
    fresh: bool,
    outcome: Option<bool>,
    /// The waker of the last poll of the handle, if that was pending.
    waiting: Option<StdArc<Count>>,
}

impl Hands {
    fn act(&mut self, op: Op) {
        match op {
            WakeByValue => {
                self.event.happened.store(true, Ordering::Relaxed);
                self.event.waker.wake();
            }
            WakeByRef => {
                self.event.happened.store(true, Ordering::Relaxed);
                if let Some(waker) = self.event.waker.take() {
                    waker.wake_by_ref();
                }
            }
            Abort => self.abort.take().unwrap().abort(),
            Join => {
                self.poll_join();
                self.poll_join();
            }
            DropJoin => drop(self.join.take()),
            Shutdown => {
                self.sched.shutdown();
                if !self.fresh {
                    // A task that was never registered is kept from outliving its scheduler by the worker.
                    self.sched.gone.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    fn poll_join(&mut self) {
        let Some(mut join) = self.join.take() else { return };
        let count = StdArc::new(Count(StdAtomicUsize::new(0)));
        let waker = Waker::from(count.clone());
        match Pin::new(&mut join).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => {
                self.waiting = None;
                self.outcome = Some(result.is_ok());
            }
            Poll::Pending => {
                self.waiting = Some(count);
                self.join = Some(join);
            }
        }
    }
}

/// Runs the task on this thread while others do `ops`.
///
/// With `fresh` they begin before the first poll. With `probed`, an abort handle stays to the end, to look at
/// the references that are left.
fn life(ops: &[Op], fresh: bool, probed: bool) {
    let sched = Arc::new(Sched::new());
    let event = Arc::new(Event::new());
    let future = Wait { event: event.clone(), _track: Track::new(()) };
    // SAFETY: the task is complete before the scheduler goes, at the end of this function.
    let (task, join) = unsafe { new_task(future, &raw const *sched, Id::next(), Location::caller()) };
    sched.schedule(task);
    if !fresh {
        sched.drain();
    }
    let probe = probed.then(|| join.abort_handle());
    let mut join = Some(join);
    let mut aborts: Vec<_> =
        ops.iter().map(|op| (*op == Abort).then(|| join.as_ref().unwrap().abort_handle())).collect();
    let threads: Vec<_> = ops
        .iter()
        .map(|op| {
            let op = *op;
            let mut hands = Hands {
                sched: sched.clone(),
                event: event.clone(),
                abort: aborts.remove(0),
                join: if matches!(op, Join | DropJoin) { join.take() } else { None },
                fresh,
                outcome: None,
                waiting: None,
            };
            thread::spawn(move || {
                hands.act(op);
                (hands.join, hands.outcome, hands.waiting)
            })
        })
        .collect();
    sched.drain();
    let (mut outcome, mut waiting) = (None, None);
    for thread in threads {
        let (its_join, its_outcome, its_waiting) = thread.join().unwrap();
        join = join.or(its_join);
        outcome = outcome.or(its_outcome);
        waiting = waiting.or(its_waiting);
    }
    sched.drain();
    check(ops, join.as_ref(), outcome, waiting.as_deref());

    // Whatever still waits is shut down; then nobody but the test knows the task.
    sched.gone.store(false, Ordering::Relaxed);
    sched.shutdown();
    assert_eq!(sched.registry.len(), 0);
    drop(event.waker.take());
    if let Some(join) = join {
        assert!(join.is_finished());
    }
    if let Some(probe) = probe {
        assert!(probe.is_finished());
        assert_eq!(probe.refs(), 1, "references were lost");
    }
}

fn check(ops: &[Op], join: Option<&JoinHandle<Track<u32>>>, outcome: Option<bool>, waiting: Option<&Count>) {
    let woken = ops.contains(&WakeByValue) || ops.contains(&WakeByRef);
    let stopped = ops.contains(&Abort) || ops.contains(&Shutdown);
    if let Some(join) = join {
        assert_eq!(join.is_finished(), woken || stopped, "a wake or an abort was lost");
        if let Some(waiting) = waiting {
            let count = waiting.0.load(StdOrdering::Relaxed);
            assert_eq!(count > 0, join.is_finished(), "the joiner wasn't woken");
        }
    }
    match outcome {
        Some(true) => assert!(woken),
        Some(false) => assert!(stopped),
        None => {}
    }
}

fn model(ops: &'static [Op]) {
    for fresh in [false, true] {
        for probed in [false, true] {
            loom::model(move || life(ops, fresh, probed));
        }
    }
}

#[test]
fn each_operation_beside_a_run() {
    for op in &ALL {
        model(std::slice::from_ref(op));
    }
}

/// One test a pair, so that they run beside each other.
macro_rules! pairs {
    ($($name:ident: $one:ident, $two:ident;)*) => {
        $(#[test]
        fn $name() {
            model(&[$one, $two]);
        })*
    };
}

pairs! {
    wake_and_wake: WakeByValue, WakeByRef;
    wake_and_abort: WakeByValue, Abort;
    wake_by_ref_and_abort: WakeByRef, Abort;
    wake_and_join: WakeByValue, Join;
    wake_and_drop_join: WakeByValue, DropJoin;
    wake_and_shutdown: WakeByValue, Shutdown;
    wake_by_ref_and_shutdown: WakeByRef, Shutdown;
    abort_and_abort: Abort, Abort;
    abort_and_join: Abort, Join;
    abort_and_drop_join: Abort, DropJoin;
    abort_and_shutdown: Abort, Shutdown;
    join_and_shutdown: Join, Shutdown;
    drop_join_and_shutdown: DropJoin, Shutdown;
}

#[test]
fn wake_abort_and_drop_join() {
    loom::model(|| life(&[WakeByValue, Abort, DropJoin], false, true));
}

#[test]
fn wake_join_and_shutdown() {
    loom::model(|| life(&[WakeByRef, Join, Shutdown], false, false));
}

/// Completes when both flags are seen, which nothing but the wakes publishes.
struct Both(Arc<[AtomicBool; 2]>);

impl Future for Both {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let both = self.0.iter().all(|flag| flag.load(Ordering::Relaxed));
        if both { Poll::Ready(()) } else { Poll::Pending }
    }
}

// tokio #7622: a wake of a task that was notified already published nothing.
/// A wake of a task that is notified, or being polled, publishes as well as the first does.
#[test]
fn every_wake_publishes() {
    for by_value in [false, true] {
        loom::model(move || {
            let sched = Arc::new(Sched::new());
            let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
            let future = Both(flags.clone());
            // SAFETY: the task is complete before the scheduler goes, at the end of this closure.
            let (task, join) = unsafe { new_task(future, &raw const *sched, Id::next(), Location::caller()) };
            sched.schedule(task);
            let threads: Vec<_> = (0..2)
                .map(|index| {
                    let (flags, waker) = (flags.clone(), join.waker());
                    thread::spawn(move || {
                        flags[index].store(true, Ordering::Relaxed);
                        if by_value {
                            waker.wake();
                        } else {
                            waker.wake_by_ref();
                        }
                    })
                })
                .collect();
            sched.drain();
            for thread in threads {
                thread.join().unwrap();
            }
            // The joins above publish too; only a poll that came before them must not have missed anything.
            if sched.queue.lock().0.is_empty() {
                assert!(join.is_finished(), "the last poll didn't see what the wakes published");
            }
            sched.shutdown();
        });
    }
}

/// Stays pending for some polls, and touches what only RMWs of the state word make its own.
struct Stubborn(u32, Track<()>);

impl Future for Stubborn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 -= 1;
        if self.0 == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// What one thread's poll leaves behind is what another thread's poll, or its shutdown, finds.
#[test]
fn a_future_moves_between_threads() {
    for shutdown in [false, true] {
        loom::model(move || {
            let sched = Arc::new(Sched::new());
            let future = Stubborn(4, Track::new(()));
            // SAFETY: the task is complete before the scheduler goes, at the end of this closure.
            let (task, join) = unsafe { new_task(future, &raw const *sched, Id::next(), Location::caller()) };
            let _ = task.run();
            let other = {
                let (sched, waker) = (sched.clone(), join.waker());
                thread::spawn(move || {
                    waker.wake();
                    sched.drain();
                })
            };
            if shutdown {
                sched.shutdown();
            } else {
                join.waker().wake();
                sched.drain();
            }
            other.join().unwrap();
            sched.shutdown();
            assert!(join.is_finished());
        });
    }
}

/// A clone of the waker outlives the task, and is dropped elsewhere.
#[test]
fn the_last_reference_may_be_anybodys() {
    loom::model(|| {
        let sched = Arc::new(Sched::new());
        let event = Arc::new(Event::new());
        let future = Wait { event: event.clone(), _track: Track::new(()) };
        // SAFETY: the task is complete before the scheduler goes, at the end of this closure.
        let (task, join) = unsafe { new_task(future, &raw const *sched, Id::next(), Location::caller()) };
        let abort = join.abort_handle();
        let _ = task.run();
        let waker = event.waker.take().unwrap();
        let clone = waker.clone();
        abort.abort();
        let threads = [
            thread::spawn(move || drop(waker)),
            thread::spawn(move || clone.wake()),
            thread::spawn(move || drop(abort)),
        ];
        drop(join);
        sched.drain();
        for thread in threads {
            thread.join().unwrap();
        }
        sched.drain();
        sched.shutdown();
    });
}
