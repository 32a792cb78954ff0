//! Who wants to know where tasks wait.
//!
//! A request names the tasks that waited when it was made, and wakes them. So each is polled once more, where and when
//! its scheduler would poll it anyway; that poll is a capture (`coop/capture`), after which the task goes on as
//! after any poll that used its budget up. Tasks that never waited aren't registered anywhere, but on their way
//! through the queues: of those the request knows the number, and takes as many as come by.
//!
//! A request is over when those that it has captured have been polled once more, as they would be anyway. So one dump after
//! the other doesn't keep tasks from going on.

use std::collections::HashSet;
use std::future::poll_fn;
use std::ptr;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::counters::Stopwatch;
use super::enter;
use super::shared::Shared;
use crate::base::Parker;
use crate::base::stack::{self, Stack};
use crate::cell::{self, Id, Notified, Ran};
use crate::coop::capture;
use crate::shim::sync::{Arc, Mutex};
use crate::shim::thread;

/// What a dump waits for at most, since a task came by last: those that its scheduler doesn't get to by then are left out.
const LIMIT: Duration = Duration::from_secs(1);

/// The requests under way.
pub(crate) struct Captures(Mutex<Vec<Arc<Request>>>);

struct Request {
    progress: Mutex<Progress>,
    deadline: Parker,
}

#[derive(Default)]
struct Progress {
    /// Those that waited, and aren't captured yet.
    wanted: HashSet<Id>,
    /// How many others there are.
    others: usize,
    /// Those that were polled at that moment: captured if they come by.
    busy: HashSet<Id>,
    seen: HashSet<Id>,
    /// Those that are captured and woken, and have yet to go on.
    to_go_on: HashSet<Id>,
    captured: Vec<(Id, Vec<Stack>)>,
    /// How often one came by, for the deadline.
    came_by: u64,
    waker: Option<Waker>,
    over: bool,
}

impl Progress {
    fn wants(&self, id: Id) -> bool {
        let known = self.wanted.contains(&id) || self.busy.contains(&id);
        known || (self.others > 0 && !self.seen.contains(&id))
    }

    fn is_complete(&self) -> bool {
        self.wanted.is_empty() && self.others == 0 && self.to_go_on.is_empty()
    }
}

impl Request {
    /// Notes what was found out; wakes who asked when that was the last task.
    fn put(&self, id: Id, stacks: Option<Vec<Stack>>, woken: bool) {
        let mut progress = self.progress.lock();
        if !progress.seen.insert(id) {
            return;
        }
        progress.came_by += 1;
        if !progress.wanted.remove(&id) && !progress.busy.remove(&id) {
            progress.others = progress.others.saturating_sub(1);
        }
        if woken {
            progress.to_go_on.insert(id);
        }
        progress.captured.extend(stacks.map(|stacks| (id, stacks)));
        if progress.is_complete() {
            drop(progress);
            self.end();
        }
    }

    /// A task that was captured has gone on.
    fn went_on(&self, id: Id) {
        let mut progress = self.progress.lock();
        if progress.to_go_on.remove(&id) {
            progress.came_by += 1;
            if progress.is_complete() {
                drop(progress);
                self.end();
            }
        }
    }

    fn end(&self) {
        let mut progress = self.progress.lock();
        progress.over = true;
        let waker = progress.waker.take();
        drop(progress);
        self.deadline.unpark();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Captures {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn that_want(&self, id: Id) -> Vec<Arc<Request>> {
        self.those(|progress| progress.wants(id))
    }

    fn that_await(&self, id: Id) -> Vec<Arc<Request>> {
        self.those(|progress| progress.to_go_on.contains(&id))
    }

    fn those(&self, which: impl Fn(&Progress) -> bool) -> Vec<Arc<Request>> {
        let requests = self.0.lock();
        requests.iter().filter(|request| which(&request.progress.lock())).cloned().collect()
    }

    /// Polls a task; captures it if somebody wants that.
    pub(super) fn poll(&self, task: Notified) -> Ran {
        let id = task.id();
        let requests = self.that_want(id);
        if requests.is_empty() {
            let requests = self.that_await(id);
            let ran = task.run();
            requests.iter().for_each(|request| request.went_on(id));
            return ran;
        }
        let (mut stacks, mut woken) = (Vec::new(), false);
        let root = task.poll_function();
        let ran = capture::capture(
            &mut |leaf| {
                stacks.push(stack::between(leaf.leaf, leaf.root));
                woken |= leaf.wakes;
            },
            || capture::with_root(root, || task.run_blocking()),
        );
        for request in requests {
            request.put(id, Some(stacks.clone()), woken);
        }
        ran
    }

    /// A task has ended.
    pub(super) fn ended(&self, id: Id) {
        for request in self.that_want(id) {
            request.put(id, None, false);
        }
        self.that_await(id).iter().for_each(|request| request.went_on(id));
    }
}

/// Takes a request back when it is dropped.
struct UnderWay<'a>(&'a Shared, Arc<Request>);

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

    /// Where the tasks wait that nobody polls at this moment.
    pub(crate) async fn capture_tasks(&self) -> Vec<(Id, Vec<Stack>)> {
        let request =
            Arc::new(Request { progress: Mutex::new(Progress::default()), deadline: Parker::new() });
        let under_way = UnderWay(self, request.clone());
        let all = self.registry.all();
        {
            let mut progress = request.progress.lock();
            // Who asks is being polled, and can't come by before it has its answer.
            let asks = cell::try_id().filter(|_| self.is_entered());
            progress.others = self.alive_tasks().saturating_sub(all.len());
            if asks.is_some_and(|id| !all.iter().any(|(other, _)| *other == id)) {
                progress.others = progress.others.saturating_sub(1);
            }
            let (wanted, busy): (Vec<_>, Vec<_>) = all.iter().partition(|(_, waker)| waker.is_some());
            progress.wanted = wanted.into_iter().map(|(id, _)| *id).collect();
            progress.busy = busy.into_iter().map(|(id, _)| *id).filter(|id| Some(*id) != asks).collect();
        }
        {
            let mut requests = self.captures.0.lock();
            requests.push(request.clone());
            self.set_looked_at(true);
        }
        for waker in all.into_iter().filter_map(|(_, waker)| waker) {
            waker.wake();
        }
        if request.progress.lock().is_complete() {
            request.end();
        } else {
            watch_deadline(&request);
        }
        poll_fn(|cx| {
            // Wakers are the user's code: made before the lock, and dropped behind it.
            let waker = cx.waker().clone();
            let mut progress = request.progress.lock();
            if progress.over {
                return Poll::Ready(());
            }
            let before = progress.waker.replace(waker);
            drop(progress);
            drop(before);
            Poll::Pending
        })
        .await;
        drop(under_way);
        std::mem::take(&mut request.progress.lock().captured)
    }
}

/// Ends the request when nothing has come of it for too long. Without a thread to be had, it ends at once.
fn watch_deadline(request: &Arc<Request>) {
    let watched = request.clone();
    let watch = move || {
        let (mut since, mut seen) = (Stopwatch::start(), 0);
        loop {
            let progress = watched.progress.lock();
            let (over, now) = (progress.over, progress.came_by);
            drop(progress);
            if over {
                return;
            }
            if now != seen {
                (since, seen) = (Stopwatch::start(), now);
            }
            let left = LIMIT.saturating_sub(since.elapsed());
            if left.is_zero() {
                return watched.end();
            }
            watched.deadline.park_timeout(left);
        }
    };
    if thread::Builder::new().name("rt-dump".into()).stack_size(256 << 10).spawn(watch).is_err() {
        request.end();
    }
}
