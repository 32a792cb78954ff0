//! Dumps as the scheduler sees them.
//!
//! A request wakes the tasks that wait. So each is polled once more, where and when its scheduler would poll it anyway;
//! that poll is a capture (`coop/capture`), after which the task goes on as after any poll that used its budget up.
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::ptr;
use std::task::{self, Poll};
use std::time::Duration;

use super::request::{ComeBy, Request, Sight};
use crate::base::stack::{self, Stack};
use crate::cell::{self, Id, Notified, Ran};
use crate::coop::{self, capture};
use crate::sched::config::Flavor;
use crate::sched::context::Context;
use crate::sched::enter;
use crate::sched::shared::Shared;
use crate::sched::worker::Core;
use crate::shim::sync::{Arc, Mutex};
use crate::shim::thread;

/// How often who asks looks at how things stand.
const TICK: Duration = Duration::from_millis(10);

/// A dump waits for so many looks since a task came by last: a second. What its scheduler doesn't get to by then is left
/// out. Counted are looks that were taken rather than the time that went by: on a machine that is busy with other
/// things, or after a pause of the whole process, the tasks had no more chance to come by than there was one to look.
const PATIENCE: u32 = 100;

type Stacks = Vec<Stack>;

/// The requests under way.
pub(crate) struct Captures(Mutex<Vec<Arc<Request<Stacks>>>>);

/// The requests that a task is of interest to.
#[derive(Default)]
struct Interest {
    capture: Vec<Arc<Request<Stacks>>>,
    goes_on: Vec<Arc<Request<Stacks>>>,
    /// Whether there is a request, and the task is nothing to it.
    passes: bool,
}

impl Captures {
    pub(in crate::sched) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn come_by(&self, id: Id) -> Interest {
        let mut interest = Interest::default();
        for request in self.0.lock().iter() {
            match request.come_by(id) {
                ComeBy::Capture => interest.capture.push(request.clone()),
                ComeBy::GoesOn => interest.goes_on.push(request.clone()),
                ComeBy::Passes => interest.passes = true,
            }
        }
        interest
    }

    /// A task has ended, and is still counted as alive.
    pub(in crate::sched) fn ended(&self, id: Id) {
        // The end of a request wakes who asked, which is code that isn't ours: not under the lock.
        let requests = self.0.lock().clone();
        requests.iter().for_each(|request| request.ended(id));
    }
}

impl Context<'_> {
    /// Polls a task; captures it if somebody wants that.
    pub(in crate::sched) fn poll_for_captures(&self, task: Notified) -> Ran {
        let id = task.id();
        let Interest { capture, goes_on, passes } = self.shared.captures.come_by(id);
        let ran = if capture.is_empty() { task.run() } else { capture_task(task, &capture) };
        goes_on.iter().for_each(|request| request.went_on(id));
        if passes {
            self.with_core(Core::hurry_inject);
        }
        ran
    }
}

fn capture_task(task: Notified, requests: &[Arc<Request<Stacks>>]) -> Ran {
    let (id, root) = (task.id(), task.poll_function());
    let mut stacks = Stacks::new();
    let (ran, woken) =
        capture::capture(&mut |leaf| stacks.push(stack::between(leaf.leaf, leaf.root)), || {
            capture::with_root(root, || task.run_blocking())
        });
    for request in requests {
        request.put(id, stacks.clone(), !woken.is_empty());
    }
    drop(woken);
    ran
}

/// Takes a request back when it is dropped.
struct UnderWay<'a>(&'a Shared, Arc<Request<Stacks>>);

impl<'a> UnderWay<'a> {
    fn new(shared: &'a Shared) -> Self {
        let request = Arc::new(Request::new());
        let mut requests = shared.captures.0.lock();
        requests.push(request.clone());
        shared.set_looked_at(true);
        drop(requests);
        Self(shared, request)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut requests = self.0.captures.0.lock();
        requests.retain(|other| !Arc::ptr_eq(other, &self.1));
        self.0.set_looked_at(!requests.is_empty());
        drop(requests);
        self.1.end();
    }
}

impl Shared {
    /// Whether the calling thread has entered this runtime.
    fn is_entered(&self) -> bool {
        let here =
            |shared: Option<&Arc<Self>>| shared.is_some_and(|shared| ptr::eq(&raw const **shared, self));
        enter::with_entered(here).unwrap_or(false)
    }

    /// Where the tasks wait.
    pub(crate) async fn capture_tasks(&self) -> Vec<(Id, Vec<Stack>)> {
        // Without another task there's nothing to wait for.
        coop::consume_budget().await;
        let under_way = UnderWay::new(self);
        let request = &under_way.1;
        let asks = cell::try_id().filter(|_| self.is_entered());
        let all = self.registry.all();
        let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
        request.know(&ids, || self.alive_tasks(), asks);
        for (id, waker) in all {
            if Some(id) != asks {
                waker.wake();
            }
        }
        self.wake_all_workers();
        if !request.is_over() {
            start_ticker(request);
        }
        let mut patience = Patience { seen: request.sight(), quiet: 0 };
        poll_fn(|cx| self.poll_capture(request, &mut patience, cx)).await;
        request.take_captured()
    }

    /// Has each worker that sleeps look around once: what there is to capture is for all of them.
    fn wake_all_workers(&self) {
        if self.config.flavor == Flavor::MultiThread {
            for worker in self.idle.pick_all() {
                self.slots[worker].driver.unpark();
            }
        }
    }

    fn poll_capture(
        &self,
        request: &Request<Stacks>,
        patience: &mut Patience,
        cx: &task::Context<'_>,
    ) -> Poll<()> {
        if request.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let quiet = patience.look(request.sight());
        if quiet >= PATIENCE {
            return Poll::Ready(());
        }
        if quiet.is_power_of_two() {
            self.look_again(request);
        }
        Poll::Pending
    }

    /// Nothing came by for a while: looks whether something escaped the first look.
    fn look_again(&self, request: &Request<Stacks>) {
        let all = self.registry.all();
        let unknown = request.look_again(&all.iter().map(|(id, _)| *id).collect(), || self.alive_tasks());
        for (id, waker) in all {
            if unknown.contains(&id) {
                waker.wake();
            }
        }
    }
}

/// How long nothing has come by.
struct Patience {
    seen: Sight,
    quiet: u32,
}

impl Patience {
    /// Looks how things stand: the number of looks for which nothing has come by, or zero when there is nothing new to see.
    fn look(&mut self, now: Sight) -> u32 {
        if now.ticks == self.seen.ticks {
            return 0;
        }
        self.quiet = if now.steps == self.seen.steps { self.quiet + 1 } else { 0 };
        self.seen = now;
        self.quiet
    }
}

/// Lets who asks look now and then. Without a thread to be had, the request ends at once.
fn start_ticker(request: &Arc<Request<Stacks>>) {
    let ticked = request.clone();
    let tick = move || {
        ticked.ticker.park_timeout(TICK);
        while ticked.tick() {
            ticked.ticker.park_timeout(TICK);
        }
    };
    if thread::Builder::new().name("rt-dump".into()).stack_size(256 << 10).spawn(tick).is_err() {
        request.end();
    }
}
