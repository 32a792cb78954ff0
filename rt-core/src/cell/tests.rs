//! Tasks polled by hand: what becomes of future, output and memory on every way a task can go.

use std::any::Any;
use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::FutureExt;

#[cfg(not(feature = "tracing"))]
use super::header::{Cell, Header};
use super::*;
use crate::shim::sync::Mutex;

/// A scheduler that is a list: the tests poll by hand.
struct Queue {
    tasks: Mutex<TaskList>,
    registry: Registry,
}

impl Queue {
    fn new() -> Arc<Self> {
        Arc::new(Self { tasks: Mutex::new(TaskList::new()), registry: Registry::new(2) })
    }

    fn spawn<F: Future + Send + 'static>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output> {
        // SAFETY: each test completes its tasks before its queue goes.
        let (task, join) = unsafe { new_task(future, Arc::as_ptr(self), Id::next(), Location::caller()) };
        self.schedule(task);
        join
    }

    fn pop(&self) -> Option<Notified> {
        self.tasks.lock().pop_front()
    }

    /// Polls what is queued until nothing is.
    fn run(&self) -> Option<Ran> {
        std::iter::from_fn(|| self.pop().map(Notified::run)).last()
    }

    fn shutdown(&self) {
        self.registry.close_and_shutdown_all();
        while let Some(task) = self.pop() {
            task.cancel();
        }
        assert_eq!(self.registry.len(), 0);
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Schedule for Queue {
    fn schedule(&self, task: Notified) {
        self.tasks.lock().push_back(task);
    }

    fn yield_now(&self, task: Notified) {
        self.schedule(task);
    }

    fn register(&self, task: &TaskRef) -> Option<Shard> {
        self.registry.register(1, task)
    }

    fn release(&self, task: &TaskRef) -> Option<Task> {
        self.registry.release(task)
    }
}

/// Counts its drops, notes the task in which they happen, and panics in them if told so.
struct Guard {
    drops: Arc<AtomicUsize>,
    dropped_in: Arc<Mutex<Option<Id>>>,
    panics: bool,
}

impl Guard {
    fn new(panics: bool) -> Self {
        Self { drops: Arc::default(), dropped_in: Arc::default(), panics }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::Relaxed);
        *self.dropped_in.lock() = try_id();
        assert!(!self.panics, "panic in drop");
    }
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll<T>(join: &mut JoinHandle<T>, waker: &Waker) -> Poll<Result<T, JoinError>> {
    Pin::new(join).poll(&mut Context::from_waker(waker))
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload.downcast_ref::<&str>().unwrap()
}

// A span makes it larger.
#[cfg(not(feature = "tracing"))]
#[test]
fn a_small_task_is_one_allocation_of_96_bytes() {
    assert_eq!(size_of::<Header>(), 64);
    assert_eq!(size_of::<Cell<std::future::Ready<()>>>(), 96);
    assert_eq!(size_of::<Cell<std::future::Pending<[usize; 2]>>>(), 96);
    assert_eq!(size_of::<Cell<Pin<Box<dyn Future<Output = [usize; 2]>>>>>(), 96);
    assert_eq!(align_of::<Cell<std::future::Ready<()>>>(), 8);
    assert_eq!(size_of::<JoinHandle<()>>(), 8);
    assert_eq!(size_of::<Option<JoinHandle<()>>>(), 8);
}

#[test]
fn the_output_reaches_the_handle() {
    let queue = Queue::new();
    let join = queue.spawn(async { 7 });
    assert!(!join.is_finished());
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }));
    assert!(join.is_finished());
    assert_eq!(join.now_or_never().unwrap().unwrap(), 7);
}

#[test]
fn types_that_are_aligned_more_than_the_header_are_kept_so() {
    #[repr(align(256))]
    struct Aligned(u8);
    let queue = Queue::new();
    let join = queue.spawn(async {
        let local = Aligned(3);
        YieldOnce(false).await;
        assert_eq!((&raw const local).addr() % 256, 0);
        Aligned(local.0 + 1)
    });
    queue.run();
    assert_eq!(join.now_or_never().unwrap().unwrap().0, 4);
}

struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[test]
fn a_task_that_wakes_itself_never_enters_the_registry() {
    let queue = Queue::new();
    let join = queue.spawn(YieldOnce(false));
    assert_eq!(queue.pop().unwrap().run(), Ran::Yielded);
    assert_eq!(queue.registry.len(), 0);
    assert_eq!(queue.pop().unwrap().run(), Ran::Completed { panicked: false });
    assert!(join.is_finished());
}

#[test]
fn a_task_that_waits_is_registered_until_it_completes() {
    let queue = Queue::new();
    let slot = Arc::new(Mutex::new(None::<Waker>));
    let theirs = slot.clone();
    let mut polls = 0;
    let join = queue.spawn(poll_fn(move |cx| {
        polls += 1;
        *theirs.lock() = Some(cx.waker().clone());
        if polls < 4 { Poll::Pending } else { Poll::Ready(polls) }
    }));
    assert_eq!(queue.run(), Some(Ran::Idle));
    assert_eq!(queue.registry.len(), 1);

    slot.lock().as_ref().unwrap().wake_by_ref();
    slot.lock().as_ref().unwrap().wake_by_ref();
    assert_eq!(queue.tasks.lock().len(), 1, "one notification at a time");
    assert_eq!(queue.run(), Some(Ran::Idle));

    let waker = slot.lock().take().unwrap();
    #[allow(clippy::waker_clone_wake, reason = "the clone's count is what is tested")]
    waker.clone().wake();
    waker.wake();
    assert_eq!(queue.run(), Some(Ran::Idle));

    let waker = slot.lock().take().unwrap();
    waker.wake_by_ref();
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }));
    waker.wake();
    assert_eq!(queue.run(), None, "a task that is complete is not polled again");
    assert_eq!(queue.registry.len(), 0);
    assert_eq!(join.now_or_never().unwrap().unwrap(), 4);
}

#[test]
fn wakers_of_a_task_are_the_same_and_those_of_two_are_not() {
    let queue = Queue::new();
    let (one, two) = (queue.spawn(pending::<()>()), queue.spawn(pending::<()>()));
    assert!(one.waker().will_wake(&one.waker()));
    assert!(!one.waker().will_wake(&two.waker()));
    queue.shutdown();
}

#[test]
fn the_joiner_is_woken_once_and_by_its_latest_waker() {
    let queue = Queue::new();
    let mut join = queue.spawn(async { 7 });
    let counts: [Arc<Count>; 3] = Default::default();
    let wakers = counts.clone().map(Waker::from);
    for waker in [0, 0, 1, 2, 2] {
        assert!(poll(&mut join, &wakers[waker]).is_pending());
    }
    queue.run();
    assert_eq!(counts.each_ref().map(|count| count.0.load(Ordering::Relaxed)), [0, 0, 1]);
    drop(wakers);
    assert!(counts.iter().all(|count| Arc::strong_count(count) == 1), "no waker is kept");
    assert!(matches!(poll(&mut join, Waker::noop()), Poll::Ready(Ok(7))));
}

#[test]
fn a_handle_dropped_while_it_waits_drops_its_waker() {
    let queue = Queue::new();
    let mut join = queue.spawn(async { 7 });
    let count = Arc::new(Count::default());
    assert!(poll(&mut join, &count.clone().into()).is_pending());
    assert_eq!(Arc::strong_count(&count), 2);
    drop(join);
    assert_eq!(Arc::strong_count(&count), 1);
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }));
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
}

#[test]
#[should_panic = "JoinHandle polled after completion"]
fn polling_a_handle_after_its_output_panics() {
    let queue = Queue::new();
    let mut join = queue.spawn(async {});
    queue.run();
    assert!(poll(&mut join, Waker::noop()).is_ready());
    let _ = poll(&mut join, Waker::noop());
}

#[test]
fn a_handle_whose_output_was_taken_still_answers() {
    let queue = Queue::new();
    let mut join = queue.spawn(ready(7));
    let id = join.id();
    queue.run();
    assert!(poll(&mut join, Waker::noop()).is_ready());
    join.abort();
    assert_eq!(join.id(), id);
    assert!(join.is_finished() && join.abort_handle().is_finished());
    assert_eq!(format!("{join:?}"), format!("JoinHandle {{ id: {id:?} }}"));
}

#[test]
fn an_output_is_dropped_once_whenever_the_handle_goes() {
    for when in 0..3 {
        let queue = Queue::new();
        let guard = Guard::new(false);
        let (drops, dropped_in) = (guard.drops.clone(), guard.dropped_in.clone());
        let mut join = Some(queue.spawn(async move { guard }));
        let id = join.as_ref().unwrap().id();
        if when == 0 {
            join = None;
        }
        queue.run();
        if when == 2 {
            drop(join.take().unwrap().now_or_never().unwrap().unwrap());
            assert_eq!(*dropped_in.lock(), None, "it is the taker's");
        } else {
            drop(join);
            assert_eq!(*dropped_in.lock(), Some(id));
        }
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn an_output_whose_drop_panics_harms_nobody() {
    for early in [false, true] {
        let queue = Queue::new();
        let guard = Guard::new(true);
        let drops = guard.drops.clone();
        let mut join = Some(queue.spawn(async move { guard }));
        if early {
            join = None;
        }
        assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }));
        drop(join);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_panic_in_poll_reaches_the_handle_and_the_future_is_dropped() {
    for panics in [false, true] {
        let queue = Queue::new();
        let guard = Guard::new(panics);
        let (drops, dropped_in) = (guard.drops.clone(), guard.dropped_in.clone());
        let join: JoinHandle<()> = queue.spawn(poll_fn(move |_| {
            let _ = &guard;
            panic!("panic in poll")
        }));
        let id = join.id();
        assert_eq!(queue.run(), Some(Ran::Completed { panicked: true }));
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert_eq!(*dropped_in.lock(), Some(id));
        let error = join.now_or_never().unwrap().unwrap_err();
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(error.id(), id);
        assert_eq!(error.to_string(), format!("task {id} panicked with message \"panic in poll\""));
        assert_eq!(format!("{error:?}"), format!("JoinError::Panic({id:?}, \"panic in poll\", ...)"));
        assert_eq!(message(&*error.into_panic()), "panic in poll");
    }
}

#[test]
fn a_panic_in_the_drop_of_a_ready_future_takes_the_output_along() {
    let queue = Queue::new();
    let (guard, output) = (Guard::new(true), Guard::new(true));
    let (drops, output_drops) = (guard.drops.clone(), output.drops.clone());
    let mut output = Some(output);
    let join = queue.spawn(poll_fn(move |_| {
        let _ = &guard;
        Poll::Ready(output.take())
    }));
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: true }));
    assert_eq!((drops.load(Ordering::Relaxed), output_drops.load(Ordering::Relaxed)), (1, 1));
    let Err(error) = join.now_or_never().unwrap() else { panic!("an output that isn't there") };
    assert_eq!(message(&*error.try_into_panic().unwrap()), "panic in drop");
}

#[test]
fn an_abort_drops_the_future_in_its_task() {
    for (panics, started) in [(false, false), (false, true), (true, false), (true, true)] {
        let queue = Queue::new();
        let guard = Guard::new(panics);
        let (drops, dropped_in) = (guard.drops.clone(), guard.dropped_in.clone());
        let join = queue.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        let id = join.id();
        if started {
            assert_eq!(queue.run(), Some(Ran::Idle));
        }
        join.abort();
        join.abort();
        assert!(!join.is_finished());
        assert_eq!(drops.load(Ordering::Relaxed), 0, "not on the aborting thread");
        assert_eq!(queue.run(), Some(Ran::Completed { panicked: panics }));
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert_eq!(*dropped_in.lock(), Some(id));
        let error = join.now_or_never().unwrap().unwrap_err();
        assert_eq!((error.is_panic(), error.is_cancelled()), (panics, !panics));
        if !panics {
            assert_eq!(error.to_string(), format!("task {id} was cancelled"));
            assert_eq!(format!("{error:?}"), format!("JoinError::Cancelled({id:?})"));
            assert_eq!(std::io::Error::from(error).to_string(), "task was cancelled");
        }
    }
}

#[test]
fn a_task_aborted_in_its_own_poll_stops_when_the_poll_returns() {
    for output in [None, Some(7)] {
        let queue = Queue::new();
        let own: Arc<Mutex<Option<AbortHandle>>> = Arc::default();
        let theirs = own.clone();
        let join = queue.spawn(poll_fn(move |_| {
            theirs.lock().as_ref().unwrap().abort();
            output.map_or(Poll::Pending, Poll::Ready)
        }));
        *own.lock() = Some(join.abort_handle());
        queue.run();
        assert_eq!(join.now_or_never().unwrap().ok(), output);
        own.lock().take();
    }
}

#[test]
fn a_shutdown_drops_futures_that_wait_and_refuses_new_ones() {
    for panics in [false, true] {
        let queue = Queue::new();
        let guard = Guard::new(panics);
        let drops = guard.drops.clone();
        let join = queue.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        queue.run();
        queue.shutdown();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert_eq!(join.now_or_never().unwrap().unwrap_err().is_panic(), panics);

        let late = queue.spawn(pending::<()>());
        assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }), "it can't enter the registry");
        assert!(late.now_or_never().unwrap().unwrap_err().is_cancelled());
    }
}

#[test]
fn a_notified_task_is_left_to_its_holder_by_a_shutdown() {
    let queue = Queue::new();
    let join = queue.spawn(pending::<()>());
    queue.run();
    join.waker().wake();
    let held = queue.pop().unwrap();
    queue.registry.close_and_shutdown_all();
    assert_eq!(queue.registry.len(), 1);
    assert!(!join.is_finished());
    assert_eq!(held.run(), Ran::Completed { panicked: false });
    assert_eq!(queue.registry.len(), 0);
    assert!(join.now_or_never().unwrap().unwrap_err().is_cancelled());
}

#[test]
fn a_dropped_notification_cancels_the_task() {
    let queue = Queue::new();
    let join = queue.spawn(async { 7 });
    drop(queue.pop());
    assert!(join.now_or_never().unwrap().unwrap_err().is_cancelled());
}

#[test]
fn a_joiner_whose_waker_panics_harms_only_itself() {
    struct Angry;
    impl Wake for Angry {
        fn wake(self: Arc<Self>) {
            panic!("panic in wake");
        }
    }
    let queue = Queue::new();
    let mut join = queue.spawn(ready(7));
    assert!(poll(&mut join, &Arc::new(Angry).into()).is_pending());
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }));
    assert_eq!(join.now_or_never().unwrap().unwrap(), 7);
}

#[test]
fn a_payload_whose_drop_panics_harms_nobody() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("panic in the drop of a payload");
        }
    }
    let queue = Queue::new();
    drop(queue.spawn(async { std::panic::panic_any(Payload) }));
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: true }));
    let join = queue.spawn(async { std::panic::panic_any(Payload) });
    queue.run();
    let error = join.now_or_never().unwrap().unwrap_err();
    assert_eq!(error.to_string(), format!("task {} panicked", error.id()));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(error))).is_err(), "this one is the test's own");
}

#[test]
fn the_current_task_is_known_in_it_and_only_in_it() {
    let queue = Queue::new();
    assert_eq!(try_id(), None);
    let inner = queue.clone();
    let join = queue.spawn(async move {
        let nested = inner.spawn(async { id() });
        let nested_id = nested.id();
        inner.run();
        assert_eq!(nested.now_or_never().unwrap().unwrap(), nested_id);
        id()
    });
    let id = join.id();
    queue.run();
    assert_eq!(join.now_or_never().unwrap().unwrap(), id);
    assert_eq!(try_id(), None);
}

#[test]
fn each_poll_has_a_budget_of_its_own_and_a_closure_has_none() {
    async fn spend(units: usize) -> usize {
        for done in 0..units {
            if !crate::coop::has_budget_remaining() {
                return done;
            }
            crate::coop::consume_budget().await;
        }
        units
    }
    let queue = Queue::new();
    let join = queue.spawn(spend(1_000));
    queue.run();
    assert_eq!(join.now_or_never().unwrap().unwrap(), 128);
    let join = queue.spawn(spend(1_000));
    assert_eq!(queue.pop().unwrap().run_blocking(), Ran::Completed { panicked: false });
    assert_eq!(join.now_or_never().unwrap().unwrap(), 1_000);
}

#[test]
fn a_join_spends_budget() {
    use crate::coop::{Budget, with_budget};
    let queue = Queue::new();
    let mut joins: Vec<_> = (0..129).map(|_| queue.spawn(ready(()))).collect();
    queue.run();
    let count = Arc::new(Count::default());
    let waker = count.clone().into();
    with_budget(Budget::FULL, || {
        let ready = joins.iter_mut().filter_map(|join| match poll(join, &waker) {
            Poll::Ready(result) => Some(result.is_ok()),
            Poll::Pending => None,
        });
        assert_eq!(ready.filter(|ok| *ok).count(), 128);
    });
    assert_eq!(count.0.load(Ordering::Relaxed), 1, "woken to go on");
}

#[test]
fn lists_keep_the_order_and_cancel_what_is_left() {
    let queue = Queue::new();
    let joins: Vec<_> = (0..5).map(|i| queue.spawn(ready(i))).collect();
    let (mut one, mut two) = (std::mem::take(&mut *queue.tasks.lock()), TaskList::new());
    two.push_back(one.pop_front().unwrap());
    two.append(&mut one);
    two.append(&mut one);
    assert_eq!((one.len(), two.len()), (0, 5));
    assert!(one.is_empty() && one.pop_front().is_none());
    for join in &joins[..3] {
        let task = two.pop_front().unwrap();
        assert_eq!(task.id(), join.id());
        task.run();
    }
    drop(two);
    let ok: Vec<_> = joins.into_iter().map(|join| join.now_or_never().unwrap().is_ok()).collect();
    assert_eq!(ok, [true, true, true, false, false]);
}

#[test]
fn ids_differ_across_threads() {
    let threads: Vec<_> =
        (0..4).map(|_| std::thread::spawn(|| (0..1_000).map(|_| Id::next()).collect::<Vec<_>>())).collect();
    let mut ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4_000);
}

#[test]
fn auto_traits_are_those_of_the_output() {
    fn send_sync<T: Send + Sync>() {}
    fn unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe + Unpin>() {}
    send_sync::<JoinHandle<std::cell::Cell<()>>>();
    send_sync::<JoinError>();
    send_sync::<AbortHandle>();
    unwind_safe::<JoinHandle<&mut std::marker::PhantomPinned>>();
    unwind_safe::<AbortHandle>();
}

/// Many threads at once on tasks of every kind, for the sanitizers.
#[test]
fn tasks_run_woken_aborted_and_joined_from_everywhere() {
    const TASKS: usize = if cfg!(debug_assertions) { 300 } else { 3_000 };
    let queue = Queue::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let (mut joins, mut wakers, mut aborts) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..TASKS {
        let mut guard = Guard::new(false);
        guard.drops = drops.clone();
        let mut polls = 0;
        let join = queue.spawn(async move {
            let _guard = guard;
            poll_fn(|_| {
                polls += 1;
                if polls == 1 + i % 2 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            vec![i]
        });
        wakers.push(join.waker());
        if i % 3 == 0 {
            aborts.push(join.abort_handle());
        }
        if i % 5 != 0 {
            joins.push(join);
        }
    }
    std::thread::scope(|scope| {
        scope.spawn(|| while queue.run().is_some() || drops.load(Ordering::Relaxed) < TASKS {});
        scope.spawn(|| while queue.run().is_some() || drops.load(Ordering::Relaxed) < TASKS {});
        scope.spawn(|| aborts.iter().for_each(AbortHandle::abort));
        // A task may be polled and wait only after its wake: so it's woken again at the end.
        scope.spawn(|| {
            wakers.iter().for_each(Waker::wake_by_ref);
            while drops.load(Ordering::Relaxed) < TASKS {
                wakers.iter().for_each(Waker::wake_by_ref);
            }
        });
        for join in joins {
            match futures::executor::block_on(join) {
                Ok(output) => assert_eq!(output.len(), 1),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
    });
    assert_eq!(drops.load(Ordering::Relaxed), TASKS);
}
