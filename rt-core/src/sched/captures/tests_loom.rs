//! Models of a request beside what else happens to a task: whatever meets the capture, a wake or an end, the task isn't
//! lost, is captured at most once, and the request ends.

use std::cell::Cell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::request::{ComeBy, Request};
use crate::base::AtomicWaker;
use crate::cell::{Id, JoinHandle, Notified, Registry, Schedule, Shard, Task, TaskList, TaskRef, new_task};
use crate::shim::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::shim::sync::{Arc, Mutex};
use crate::shim::{self, thread};

/// A scheduler with one queue, whose pollers come by a request as soon as they see that there is one.
struct Sched {
    queue: Mutex<TaskList>,
    registry: Registry,
    looked_at: AtomicBool,
    alive: AtomicUsize,
    request: Request<()>,
}

impl Schedule for Sched {
    fn schedule(&self, task: Notified) {
        self.queue.lock().push_back(task);
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

    fn terminated(&self, task: &TaskRef) {
        if self.looked_at.load(Ordering::Relaxed) {
            self.request.ended(task.id());
        }
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

shim::thread_slot! {
    /// What `coop/capture` does: whether a capture is under way.
    static CAPTURES: Cell<bool> = Cell::new(false)
}

shim::thread_slot! {
    /// The waker that its leaf left.
    static REFUSED: Cell<Option<Waker>> = Cell::new(None)
}

impl Sched {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: Mutex::new(TaskList::new()),
            registry: Registry::new(1),
            looked_at: AtomicBool::new(false),
            alive: AtomicUsize::new(0),
            request: Request::new(),
        })
    }

    fn spawn(&self, event: &Arc<Event>) -> JoinHandle<()> {
        self.alive.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the scheduler outlives its tasks: `finish` completes them.
        let (task, join) =
            unsafe { new_task(Wait(event.clone()), &raw const *self, Id::next(), Location::caller()) };
        self.schedule(task);
        join
    }

    /// A worker: polls what is queued.
    fn work(&self) {
        loop {
            let Some(task) = self.queue.lock().pop_front() else { return };
            let id = task.id();
            if !self.looked_at.load(Ordering::Relaxed) {
                let _ = task.run();
                continue;
            }
            match self.request.come_by(id) {
                ComeBy::Capture => {
                    CAPTURES.with(|captures| captures.set(true));
                    let _ = task.run();
                    CAPTURES.with(|captures| captures.set(false));
                    let woken = REFUSED.with(Cell::take);
                    self.request.put(id, (), woken.is_some());
                    if let Some(woken) = woken {
                        woken.wake();
                    }
                }
                ComeBy::GoesOn => {
                    let _ = task.run();
                    self.request.went_on(id);
                }
                ComeBy::Passes => {
                    let _ = task.run();
                }
            }
        }
    }

    /// Who asks.
    fn ask(&self) {
        self.looked_at.store(true, Ordering::Relaxed);
        let all = self.registry.all();
        let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
        self.request.know(&ids, || self.alive.load(Ordering::Relaxed), None);
        all.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Nothing came by for a while.
    fn look_again(&self) {
        let all = self.registry.all();
        let ids = all.iter().map(|(id, _)| *id).collect();
        let unknown = self.request.look_again(&ids, || self.alive.load(Ordering::Relaxed));
        for (id, waker) in all {
            if unknown.contains(&id) {
                waker.wake();
            }
        }
    }

    /// Everybody is done: what is left is one worker's. Returns how many were captured.
    fn finish(&self, event: &Event, join: &JoinHandle<()>) -> usize {
        self.work();
        if !self.request.is_over() {
            self.look_again();
            self.work();
        }
        assert!(self.request.is_over(), "the request wants what doesn't come");
        assert_eq!(join.is_finished(), event.happened.load(Ordering::Relaxed), "a wake was lost");
        let captured = self.request.take_captured().len();
        assert!(captured <= 1, "one task was captured {captured} times");
        // A task that was captured waits as before.
        event.happen();
        self.work();
        assert!(join.is_finished(), "a wake was lost after the capture");
        captured
    }
}

struct Event {
    happened: AtomicBool,
    waker: AtomicWaker,
}

impl Event {
    fn new() -> Arc<Self> {
        Arc::new(Self { happened: AtomicBool::new(false), waker: AtomicWaker::new() })
    }

    fn happen(&self) {
        // Relaxed: it's the wake that publishes it.
        self.happened.store(true, Ordering::Relaxed);
        self.waker.wake();
    }
}

/// Waits for the event; refused in a capture, as a resource of the runtime is.
struct Wait(Arc<Event>);

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if CAPTURES.with(Cell::get) {
            REFUSED.with(|refused| refused.set(Some(cx.waker().clone())));
            return Poll::Pending;
        }
        drop(self.0.waker.replace(cx.waker()));
        if self.0.happened.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// A task, who asks, and `others` beside them: each on a thread that then works, while this one does.
fn model(waits: bool, others: &'static [fn(&Sched, &Event)], check: fn(usize)) {
    loom::model(move || {
        let (sched, event) = (Sched::new(), Event::new());
        let join = sched.spawn(&event);
        if waits {
            sched.work();
        }
        let all = std::iter::once(&((|sched, _| sched.ask()) as fn(&Sched, &Event))).chain(others);
        let threads: Vec<_> = all
            .map(|act| {
                let (act, sched, event) = (*act, sched.clone(), event.clone());
                thread::spawn(move || {
                    act(&sched, &event);
                    sched.work();
                })
            })
            .collect();
        sched.work();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        check(sched.finish(&event, &join));
    });
}

#[test]
fn a_task_that_waits_is_captured_once_by_two_workers() {
    model(true, &[], |captured| assert_eq!(captured, 1));
}

#[test]
fn a_task_that_never_waited_is_captured_once() {
    model(false, &[], |captured| assert_eq!(captured, 1));
}

#[test]
fn a_wake_beside_a_capture_is_not_lost() {
    model(true, &[|_, event| event.happen()], |_| ());
}

#[test]
fn a_wake_beside_a_first_poll_that_is_a_capture() {
    model(false, &[|_, event| event.happen()], |_| ());
}

#[test]
fn who_asks_is_woken_at_the_end() {
    loom::model(|| {
        let (sched, event) = (Sched::new(), Event::new());
        let join = sched.spawn(&event);
        sched.work();
        sched.ask();
        let worker = {
            let sched = sched.clone();
            thread::spawn(move || sched.work())
        };
        shim::block_on(std::future::poll_fn(|cx| sched.request.poll(cx).map(drop)));
        worker.join().unwrap();
        assert_eq!(sched.finish(&event, &join), 1);
    });
}
