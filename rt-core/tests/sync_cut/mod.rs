//! A scheduler that cuts futures off at their pending points; see `sync_cancel.rs`.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Which pending point is cut, and how.
#[derive(Debug, Clone, Copy)]
struct Cut {
    at: usize,
    when_woken: bool,
}

/// Counts pending points, and says where to cut.
pub(crate) struct Plan {
    seen: Cell<usize>,
    cut: Option<Cut>,
}

impl Plan {
    /// The operation's result; `None` when it was cut off.
    pub(crate) async fn op<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(Some(future));
        let mut doomed = false;
        poll_fn(|cx| {
            if !doomed {
                let running = future.as_mut().as_pin_mut().expect("polled after its end");
                if let Poll::Ready(output) = running.poll(cx) {
                    return Poll::Ready(Some(output));
                }
                let nth = self.seen.replace(self.seen.get() + 1);
                match self.cut {
                    Some(cut) if cut.at == nth && cut.when_woken => doomed = true,
                    Some(cut) if cut.at == nth => {
                        future.set(None);
                        return Poll::Ready(None);
                    }
                    _ => {}
                }
                return Poll::Pending;
            }
            future.set(None);
            Poll::Ready(None)
        })
        .await
    }
}

/// Does an operation until it isn't cut off.
macro_rules! again {
    ($plan:expr, $operation:expr) => {
        loop {
            if let Some(output) = $plan.op($operation).await {
                break output;
            }
        }
    };
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    /// One for each waker that was handed out: they differ, so that futures must take the last one.
    woken: Arc<Flag>,
}

/// The scheduler.
pub(crate) struct Tasks {
    plan: Rc<Plan>,
    random: u64,
    tasks: Vec<Option<Task>>,
}

impl Tasks {
    fn new(seed: u64, cut: Option<Cut>) -> Self {
        let plan = Rc::new(Plan { seen: Cell::new(0), cut });
        Self { plan, random: (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15), tasks: Vec::new() }
    }

    pub(crate) fn spawn<F: Future<Output = ()> + 'static>(&mut self, task: impl FnOnce(Rc<Plan>) -> F) {
        let future = Box::pin(task(self.plan.clone()));
        self.tasks.push(Some(Task { future, woken: Arc::new(Flag(AtomicBool::new(true))) }));
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// Runs what is woken until nothing is; then all must be done.
    fn run(mut self) -> usize {
        // A task may poll for something that never comes.
        for _ in 0..10_000 {
            let woken =
                |task: &Option<Task>| task.as_ref().is_some_and(|task| task.woken.0.load(Ordering::Relaxed));
            let ready: Vec<usize> = (0..self.tasks.len()).filter(|&nth| woken(&self.tasks[nth])).collect();
            if ready.is_empty() {
                break;
            }
            let chosen = ready[self.random() as usize % ready.len()];
            let fresh = self.random() % 3 == 0;
            let slot = &mut self.tasks[chosen];
            let task = slot.as_mut().expect("it is woken");
            if fresh {
                task.woken = Arc::new(Flag(AtomicBool::new(false)));
            }
            task.woken.0.store(false, Ordering::Relaxed);
            let waker = Waker::from(task.woken.clone());
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                *slot = None;
            }
        }
        let stuck: Vec<usize> = (0..self.tasks.len()).filter(|&nth| self.tasks[nth].is_some()).collect();
        assert!(stuck.is_empty(), "tasks {stuck:?} wait for ever");
        self.plan.seen.get()
    }
}

/// Lets others have a turn.
pub(crate) async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs a scenario with each of its pending points cut, in several orders. It returns what to check in the end.
pub(crate) fn cut_everywhere<C: FnOnce()>(scenario: impl Fn(&mut Tasks) -> C) {
    let run = |seed, cut| {
        let mut tasks = Tasks::new(seed, cut);
        let check = scenario(&mut tasks);
        let points = tasks.run();
        check();
        points
    };
    let mut cuts = 0;
    for seed in 0..30 {
        let points = run(seed, None);
        for at in 0..points {
            for when_woken in [false, true] {
                let cut = Cut { at, when_woken };
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(seed, Some(cut))));
                if let Err(panic) = outcome {
                    eprintln!("seed {seed}, {cut:?}");
                    std::panic::resume_unwind(panic);
                }
                cuts += 1;
            }
        }
    }
    assert!(cuts > 30, "hardly anything had to wait: {cuts}");
}

/// Keeps something over a turn of the others.
pub(crate) async fn hold<T>(held: T) -> T {
    pause().await;
    held
}
