//! All the ways a task can go: what it does, when it's aborted, what becomes of its handle, and when and how its
//! runtime ends, on each kind of runtime. Whatever the combination, the future and the output are dropped once
//! and the joiner hears what happened.
#![cfg(feature = "full")]

mod task_support;

use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rt_core::runtime::{Builder, LocalRuntime, Runtime};
use rt_core::task::{JoinError, JoinHandle, LocalSet, yield_now};
use task_support::panic_quietly;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Flavor {
    Current,
    Multi(usize),
    LocalRuntime,
    /// A local set, on one of the first two.
    SetOnCurrent,
    SetOnMulti(usize),
}

/// What the task does when it's polled.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Does {
    Return,
    YieldAndReturn,
    Sleep,
    WaitForEver,
    Panic,
    YieldAndPanic,
    /// Returns, and its future panics when it's dropped.
    ReturnAndPanicInDrop,
    /// Waits, and its future panics when it's dropped.
    WaitAndPanicInDrop,
    /// The output panics when it's dropped.
    ReturnWhatPanics,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Abort {
    Never,
    AtOnce,
    OnceItRan,
    FromAThread,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Handle {
    Await,
    DropAtOnce,
    DropAtTheEnd,
    /// Forgotten, until everything has been looked at.
    Forget,
    /// Awaited only when the runtime is gone.
    AwaitAfterTheRuntime,
}

/// What the task has done by the time at which its runtime ends, if nobody awaits it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Point {
    /// Whatever it comes to.
    Any,
    /// It was polled, if it wasn't aborted before.
    Polled,
    /// It has ended, if it ends.
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Drop,
    Timeout,
    Background,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Returned,
    Cancelled,
    Panicked,
}

use Outcome::*;

const DOES: [Does; 9] = [
    Does::Return,
    Does::YieldAndReturn,
    Does::Sleep,
    Does::WaitForEver,
    Does::Panic,
    Does::YieldAndPanic,
    Does::ReturnAndPanicInDrop,
    Does::WaitAndPanicInDrop,
    Does::ReturnWhatPanics,
];
const ABORTS: [Abort; 4] = [Abort::Never, Abort::AtOnce, Abort::OnceItRan, Abort::FromAThread];
const HANDLES: [Handle; 5] =
    [Handle::Await, Handle::DropAtOnce, Handle::DropAtTheEnd, Handle::Forget, Handle::AwaitAfterTheRuntime];
const POINTS: [Point; 3] = [Point::Any, Point::Polled, Point::Ended];
const ENDS: [End; 3] = [End::Drop, End::Timeout, End::Background];

#[derive(Default)]
struct Counts {
    polls: AtomicUsize,
    futures: AtomicUsize,
    outputs_made: AtomicUsize,
    outputs_dropped: AtomicUsize,
}

struct Output {
    counts: Arc<Counts>,
    panics: bool,
}

impl Drop for Output {
    fn drop(&mut self) {
        self.counts.outputs_dropped.fetch_add(1, Ordering::SeqCst);
        if self.panics {
            panic_quietly();
        }
    }
}

/// The task, around what it waits for.
struct Task {
    does: Does,
    inner: Pin<Box<dyn Future<Output = ()> + Send>>,
    counts: Arc<Counts>,
}

impl Task {
    fn new(does: Does, counts: Arc<Counts>) -> Self {
        let inner: Pin<Box<dyn Future<Output = ()> + Send>> = match does {
            Does::YieldAndReturn | Does::YieldAndPanic => Box::pin(yield_now()),
            Does::Sleep => Box::pin(rt_core::time::sleep(Duration::from_micros(100))),
            Does::WaitForEver | Does::WaitAndPanicInDrop => Box::pin(std::future::pending()),
            _ => Box::pin(std::future::ready(())),
        };
        Self { does, inner, counts }
    }
}

impl Future for Task {
    type Output = Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Output> {
        self.counts.polls.fetch_add(1, Ordering::SeqCst);
        std::task::ready!(self.inner.as_mut().poll(cx));
        if matches!(self.does, Does::Panic | Does::YieldAndPanic) {
            panic_quietly();
        }
        self.counts.outputs_made.fetch_add(1, Ordering::SeqCst);
        let panics = self.does == Does::ReturnWhatPanics;
        Poll::Ready(Output { counts: self.counts.clone(), panics })
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.counts.futures.fetch_add(1, Ordering::SeqCst);
        if matches!(self.does, Does::ReturnAndPanicInDrop | Does::WaitAndPanicInDrop) {
            panic_quietly();
        }
    }
}

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// What tasks run on.
enum World {
    Runtime(Runtime),
    Local(LocalRuntime),
    Set(LocalSet, Runtime),
}

impl World {
    fn new(flavor: Flavor) -> Self {
        match flavor {
            Flavor::Current => Self::Runtime(current()),
            Flavor::Multi(workers) => Self::Runtime(multi(workers)),
            Flavor::LocalRuntime => Self::Local(LocalRuntime::new().unwrap()),
            Flavor::SetOnCurrent => Self::Set(LocalSet::new(), current()),
            Flavor::SetOnMulti(workers) => Self::Set(LocalSet::new(), multi(workers)),
        }
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Runtime(runtime) => runtime.block_on(future),
            Self::Local(runtime) => runtime.block_on(future),
            Self::Set(set, runtime) => set.block_on(runtime, future),
        }
    }

    /// To be called in `block_on`.
    fn spawn(&self, task: Task) -> JoinHandle<Output> {
        match self {
            Self::Runtime(_) => rt_core::spawn(task),
            _ => rt_core::task::spawn_local(task),
        }
    }

    fn end(self, end: End) {
        let limit = Duration::from_secs(60);
        match (self, end) {
            (Self::Runtime(runtime), End::Drop) => drop(runtime),
            (Self::Runtime(runtime), End::Timeout) => runtime.shutdown_timeout(limit),
            (Self::Runtime(runtime), End::Background) => runtime.shutdown_background(),
            (Self::Local(runtime), End::Drop) => drop(runtime),
            (Self::Local(runtime), End::Timeout) => runtime.shutdown_timeout(limit),
            (Self::Local(runtime), End::Background) => runtime.shutdown_background(),
            (Self::Set(set, runtime), End::Drop) => {
                drop(set);
                drop(runtime);
            }
            // The set outlives the runtime.
            (Self::Set(set, runtime), End::Timeout) => {
                runtime.shutdown_timeout(limit);
                drop(set);
            }
            (Self::Set(set, runtime), End::Background) => {
                runtime.shutdown_background();
                drop(set);
            }
        }
    }
}

/// What may come of the task. `stopped`: it was aborted, or its runtime ended, at some moment.
fn possible(does: Does, stopped: bool, ran_first: bool) -> Vec<Outcome> {
    let undisturbed = match does {
        Does::Return | Does::YieldAndReturn | Does::Sleep | Does::ReturnWhatPanics => Some(Returned),
        Does::Panic | Does::YieldAndPanic | Does::ReturnAndPanicInDrop => Some(Panicked),
        Does::WaitForEver | Does::WaitAndPanicInDrop => None,
    };
    let when_stopped = match does {
        Does::ReturnAndPanicInDrop | Does::WaitAndPanicInDrop => Panicked,
        _ => Cancelled,
    };
    let one_poll =
        matches!(does, Does::Return | Does::Panic | Does::ReturnAndPanicInDrop | Does::ReturnWhatPanics);
    let mut outcomes: Vec<_> = undisturbed.into_iter().collect();
    if stopped && !(ran_first && one_poll) {
        outcomes.push(when_stopped);
    }
    outcomes
}

fn outcome(result: Result<Output, JoinError>) -> Outcome {
    match result {
        Ok(mut output) => {
            output.panics = false;
            Returned
        }
        Err(error) if error.is_panic() => {
            assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"quiet"));
            Panicked
        }
        Err(error) => {
            assert!(error.is_cancelled());
            Cancelled
        }
    }
}

fn until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never came true");
        std::thread::yield_now();
    }
}

fn life(flavor: Flavor, does: Does, abort: Abort, handle: Handle, point: Point, end: End) {
    let counts = Arc::new(Counts::default());
    let world = World::new(flavor);
    let theirs = counts.clone();
    let (kept, forgotten, result) = world.block_on(async {
        let join = world.spawn(Task::new(does, theirs.clone()));
        match abort {
            Abort::Never => {}
            Abort::AtOnce => join.abort(),
            Abort::OnceItRan => {
                while theirs.polls.load(Ordering::SeqCst) == 0 {
                    yield_now().await;
                }
                join.abort();
            }
            Abort::FromAThread => {
                let abort = join.abort_handle();
                std::thread::spawn(move || abort.abort());
            }
        }
        // Nobody waits for what never ends.
        let ends = abort != Abort::Never || !matches!(does, Does::WaitForEver | Does::WaitAndPanicInDrop);
        let seen = |counts: &AtomicUsize| counts.load(Ordering::SeqCst) > 0;
        while match point {
            Point::Any => false,
            Point::Polled => !seen(&theirs.polls) && !seen(&theirs.futures),
            Point::Ended => ends && !seen(&theirs.futures),
        } {
            yield_now().await;
        }
        match handle {
            Handle::Await if ends => (None, None, Some(join.await)),
            Handle::DropAtOnce => {
                drop(join);
                yield_now().await;
                (None, None, None)
            }
            Handle::Forget => (None, Some(ManuallyDrop::new(join)), None),
            _ => (Some(join), None, None),
        }
    });
    world.end(end);
    until(|| counts.futures.load(Ordering::SeqCst) > 0);
    let awaited = result.is_some();
    let stopped = !awaited || abort != Abort::Never;
    let outcomes = possible(does, stopped, abort == Abort::OnceItRan);
    let seen = match (result, kept) {
        (Some(result), _) => Some(outcome(result)),
        (None, Some(join)) => after_the_runtime(join, handle),
        (None, None) => None,
    };
    if let Some(seen) = seen {
        assert!(outcomes.contains(&seen), "{seen:?}, not one of {outcomes:?}");
    }
    check(&counts, handle);
    if let Some(forgotten) = forgotten {
        // Remembered after all, it drops the output.
        drop(ManuallyDrop::into_inner(forgotten));
        check(&counts, Handle::DropAtTheEnd);
    }
}

/// The handle outlives the runtime: it tells what came of the task all the same.
fn after_the_runtime(join: JoinHandle<Output>, handle: Handle) -> Option<Outcome> {
    if handle == Handle::DropAtTheEnd {
        drop(join);
        return None;
    }
    let outcome = outcome(futures::executor::block_on(join));
    Some(outcome)
}

fn check(counts: &Counts, handle: Handle) {
    assert_eq!(counts.futures.load(Ordering::SeqCst), 1, "the future is dropped once");
    let made = counts.outputs_made.load(Ordering::SeqCst);
    assert!(made <= 1);
    // A task that still runs while its runtime shuts down in the background drops its output a moment later.
    let expected = if handle == Handle::Forget { 0 } else { made };
    until(|| counts.outputs_dropped.load(Ordering::SeqCst) >= expected);
    let dropped = counts.outputs_dropped.load(Ordering::SeqCst);
    // With the forgotten handle the output is forgotten too, unless the drop of its future took it along.
    assert!(dropped == made || handle == Handle::Forget && dropped == 0, "{dropped} of {made} outputs");
}

fn lives(flavor: Flavor, does: Does) {
    for abort in ABORTS {
        for handle in HANDLES {
            for (point, end) in POINTS.into_iter().flat_map(|point| ENDS.map(|end| (point, end))) {
                let name = format!("{flavor:?} {does:?} {abort:?} {handle:?} {point:?} {end:?}");
                let result = std::panic::catch_unwind(|| life(flavor, does, abort, handle, point, end));
                assert!(result.is_ok(), "{name}");
            }
        }
    }
}

fn all_lives(flavor: Flavor) {
    DOES.iter().for_each(|does| lives(flavor, *does));
}

#[test]
fn on_the_current_thread() {
    all_lives(Flavor::Current);
}

#[test]
fn on_one_worker() {
    all_lives(Flavor::Multi(1));
}

#[test]
fn on_two_workers() {
    all_lives(Flavor::Multi(2));
}

#[test]
fn on_a_local_runtime() {
    all_lives(Flavor::LocalRuntime);
}

#[test]
fn on_a_set_of_the_current_thread() {
    all_lives(Flavor::SetOnCurrent);
}

#[test]
fn on_a_set_beside_two_workers() {
    all_lives(Flavor::SetOnMulti(2));
}
