//! What is queued, and which thread will take it.
//!
//! A thread of the pool is in one of three conditions:
//!
//! ```text
//!                    submit, next: recruit (1)                  next (2)
//!   (new) ─────────────────────────────────────▶ HUNTING ──────────────────▶ WORKING
//!   IDLE  ─────────────────────────────────────▶   │ ▲                         │
//!     ▲ │                                          │ └─────────────────────────┤
//!     │ │ retire (5)                       next (3)│     next: looks around (4)│
//!     │ ▼                                          │                           │
//!     │ (gone)                                     │                           │
//!     └────────────────────────────────────────────┴───────────────────────────┘
//! ```
//!
//! Invariant J: whenever the lock is free and something is queued, a thread is HUNTING, or all the threads
//! that there may be are WORKING. Who is hunting takes a task soon; so a submission wakes a thread only when
//! none hunts, and a thread that turns to work recruits another if more is queued (1). So wakes come one after
//! the other, each beside the work rather than before it, and closures that are over at once are all run by a
//! few threads. When no closure has come to its end since the last recruit, closures block: then each thread that
//! arrives recruits two, so that a hundred of them have a thread each after seven rounds.
//!
//! All is done under one lock, so there is no ordering to argue about, but for `pending`, a hint for a
//! thread that looks around before it sleeps (4): it hunts meanwhile, and takes the lock before it gives up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::patience::{Look, Patience};
use crate::base::Parker;
use crate::cell::{Notified, TaskList};
use crate::shim::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::shim::sync::{Arc, Condvar, Mutex};
use crate::shim::thread::JoinHandle;

/// See the module's documentation.
pub(super) struct Roster {
    lists: Mutex<Lists>,
    /// How many tasks are queued: written under the lock, read without it.
    pending: AtomicUsize,
    /// Whether the pool is shut down: as `pending`.
    closed: AtomicBool,
    /// Signalled when a thread goes.
    gone: Condvar,
    cap: usize,
}

#[derive(Default)]
struct Lists {
    tasks: TaskList,
    /// Tasks that a shutdown doesn't cancel.
    mandatory: TaskList,
    /// The threads that sleep; the one that worked last is woken first.
    idle: Vec<Arc<Parker>>,
    hunting: usize,
    /// Closures that came to their end, and how many had when a thread was last recruited.
    finished: usize,
    finished_at_recruit: usize,
    patience: Patience,
    /// Threads that work, hunt or are idle.
    threads: usize,
    /// As `threads`, and those that are about to be gone: a shutdown waits for them too.
    alive: usize,
    closed: bool,
    handles: BTreeMap<ThreadKey, JoinHandle<()>>,
    /// Threads that were gone before their handle was known.
    early: BTreeSet<ThreadKey>,
    next_key: usize,
}

/// Names a thread within its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ThreadKey(usize);

/// Which thread must take care of what is queued.
#[must_use]
pub(super) enum Recruit {
    /// One is on its way, or there may be no more.
    Nobody,
    /// This one, by an unpark.
    Idle(Arc<Parker>),
    /// A new one, to be started.
    New(ThreadKey),
}

/// What a thread did before it asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// It worked.
    Work,
    /// It was recruited.
    Hunt,
    /// It looked around.
    Looked(Look),
}

/// What a thread is to do.
#[must_use]
pub(super) enum Next {
    Run(Notified, [Recruit; 2]),
    /// Look whether something comes, and ask again as one who hunts.
    LookAround,
    /// Park.
    Sleep,
    /// The pool is shut down.
    Exit,
}

impl Roster {
    pub(super) fn new(cap: usize) -> Self {
        Self {
            lists: Mutex::new(Lists::default()),
            pending: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            gone: Condvar::new(),
            cap,
        }
    }

    /// Queues a task, unless the pool is shut down.
    pub(super) fn submit(&self, task: Notified, mandatory: bool) -> Result<Recruit, Notified> {
        let mut lists = self.lists.lock();
        if lists.closed {
            return Err(task);
        }
        let list = if mandatory { &mut lists.mandatory } else { &mut lists.tasks };
        list.push_back(task);
        self.publish(&lists);
        Ok(if lists.hunting == 0 { lists.recruit(self.cap) } else { Recruit::Nobody })
    }

    /// What a thread does next. (2, 3, 4)
    pub(super) fn next(&self, from: From, parker: &Arc<Parker>) -> Next {
        let mut lists = self.lists.lock();
        match from {
            From::Hunt => lists.hunting -= 1,
            From::Looked(look) => {
                lists.hunting -= 1;
                lists.patience.learn(look);
            }
            From::Work => lists.finished = lists.finished.wrapping_add(1),
        }
        if let Some(task) = lists.pop() {
            self.publish(&lists);
            return Next::Run(task, lists.recruit_after(from, self.cap));
        }
        if lists.closed {
            lists.threads -= 1;
            return Next::Exit;
        }
        // One that looks around is enough; and who has done so in vain sleeps.
        if from == From::Work && lists.hunting == 0 && lists.patience.allows_a_look() {
            lists.hunting += 1;
            return Next::LookAround;
        }
        lists.idle.push(parker.clone());
        Next::Sleep
    }

    /// A thread has slept long enough. False when it was recruited meanwhile: it is being unparked. (5)
    #[must_use]
    pub(super) fn retire(&self, parker: &Arc<Parker>) -> bool {
        let mut lists = self.lists.lock();
        let place = lists.idle.iter().position(|idle| Arc::ptr_eq(idle, parker));
        if let Some(place) = place {
            lists.idle.remove(place);
            // From here on nobody counts on this thread.
            lists.threads -= 1;
        }
        place.is_some()
    }

    /// Whether something is queued, to the best of one's knowledge.
    pub(super) fn is_pending(&self) -> bool {
        // Relaxed: a hint, see the module's documentation.
        self.pending.load(Ordering::Relaxed) > 0
    }

    /// Whether the pool is shut down, to the best of one's knowledge.
    pub(super) fn is_closed(&self) -> bool {
        // Relaxed: a hint. Who needs to be sure submits a task.
        self.closed.load(Ordering::Relaxed)
    }

    fn publish(&self, lists: &Lists) {
        self.pending.store(lists.len(), Ordering::Relaxed);
    }

    /// A thread was started. When it is gone already, its handle isn't kept.
    pub(super) fn started(&self, key: ThreadKey, handle: JoinHandle<()>) {
        let mut lists = self.lists.lock();
        if !lists.early.remove(&key) {
            lists.handles.insert(key, handle);
        }
    }

    /// A thread couldn't be started. When it would have been the only one, nobody will run what is queued:
    /// it is returned, to be cancelled. (Otherwise the others get to it when their closures are over.)
    pub(super) fn start_failed(&self) -> Option<[TaskList; 2]> {
        let mut lists = self.lists.lock();
        lists.hunting -= 1;
        lists.threads -= 1;
        lists.alive -= 1;
        self.gone.notify_all();
        if lists.threads > 0 {
            return None;
        }
        let all = [std::mem::take(&mut lists.tasks), std::mem::take(&mut lists.mandatory)];
        self.publish(&lists);
        Some(all)
    }

    /// A thread goes.
    pub(super) fn exited(&self, key: ThreadKey) {
        let mut lists = self.lists.lock();
        lists.alive -= 1;
        // A shutdown joins the threads; any other end is nobody's business.
        if !lists.closed && lists.handles.remove(&key).is_none() {
            lists.early.insert(key);
        }
        self.gone.notify_all();
    }

    /// Takes no more tasks, lets the threads go, and returns what is queued, to be cancelled: but for what the threads
    /// that hunt were woken or started for, since how far they have come is a matter of chance.
    pub(super) fn close(&self) -> TaskList {
        let mut lists = self.lists.lock();
        lists.closed = true;
        // Relaxed: a hint, see `is_closed`.
        self.closed.store(true, Ordering::Relaxed);
        let mut tasks = std::mem::take(&mut lists.tasks);
        for task in std::iter::from_fn(|| tasks.pop_front()).take(lists.hunting) {
            lists.tasks.push_back(task);
        }
        self.publish(&lists);
        let idle = std::mem::take(&mut lists.idle);
        lists.hunting += idle.len();
        drop(lists);
        for parker in idle {
            parker.unpark();
        }
        tasks
    }

    /// Waits until no more than `left` threads are there, at most until the deadline, and returns the handles
    /// of those that are gone; `None` when there are still more.
    pub(super) fn wait_gone(
        &self,
        left: usize,
        deadline: Option<Instant>,
    ) -> Option<BTreeMap<ThreadKey, JoinHandle<()>>> {
        let mut lists = self.lists.lock();
        while lists.alive > left {
            match deadline {
                None => lists = self.gone.wait(lists),
                Some(deadline) => {
                    // std: the real time, as in `shutdown`.
                    let rest = deadline.saturating_duration_since(Instant::now());
                    if rest == Duration::ZERO {
                        return None;
                    }
                    lists = self.gone.wait_timeout(lists, rest).0;
                }
            }
        }
        Some(std::mem::take(&mut lists.handles))
    }

    /// How many threads there are, and how many of them sleep.
    pub(super) fn threads(&self) -> (usize, usize) {
        let lists = self.lists.lock();
        (lists.alive, lists.idle.len())
    }

    /// How many tasks are queued.
    pub(super) fn depth(&self) -> usize {
        // Relaxed: a statistic here.
        self.pending.load(Ordering::Relaxed)
    }
}

impl Lists {
    fn len(&self) -> usize {
        self.tasks.len() + self.mandatory.len()
    }

    fn pop(&mut self) -> Option<Notified> {
        self.mandatory.pop_front().or_else(|| self.tasks.pop_front())
    }

    /// Keeps invariant J when a thread turns to work. (1)
    fn recruit_after(&mut self, from: From, cap: usize) -> [Recruit; 2] {
        let stuck = from == From::Hunt && self.finished == self.finished_at_recruit;
        [0, 1].map(|place| {
            if self.hunting == 0 && place == 0 || stuck && self.hunting < self.len() {
                self.recruit(cap)
            } else {
                Recruit::Nobody
            }
        })
    }

    /// Finds one more thread for what is queued.
    fn recruit(&mut self, cap: usize) -> Recruit {
        if self.len() == 0 {
            return Recruit::Nobody;
        }
        self.finished_at_recruit = self.finished;
        if let Some(parker) = self.idle.pop() {
            self.hunting += 1;
            return Recruit::Idle(parker);
        }
        if self.threads == cap {
            return Recruit::Nobody;
        }
        self.hunting += 1;
        self.threads += 1;
        self.alive += 1;
        self.next_key += 1;
        Recruit::New(ThreadKey(self.next_key))
    }
}
