//! One request: the tasks that it wants, and where each of them stands.
//!
//! ```text
//!             come_by (1)                put (2), woken             went_on (3)
//!   WANTED ───────────────▶ IN_CAPTURE ─────────────────▶ TO_GO_ON ─────────────▶ DONE
//!      ▲                      ▲   │                                                ▲
//!      │ know, look_again (4) │   └──────────────── put (2), not woken ────────────┘
//!   unknown ──────────────────┘
//!               come_by (1), while others are wanted
//!   any of them ───▶ ENDED: ended (5)
//! ```
//!
//! Who polls a task asks first (1). What it is told to capture is its own to capture: whoever polls the task next, perhaps
//! elsewhere and before the first has put (2) what it saw, finds that somebody has. It is woken after that, and so polled
//! once more (3), or it has ended.
//!
//! Tasks that never waited aren't registered anywhere. Of those a request knows the number (`others`), and takes as many as
//! come by. That number, and the list of those that are registered, are taken while tasks are on the move: see
//! [`Request::know`] for why none is missed, and [`Request::look_again`] for what is put right later.
//!
//! A request is over when it has captured all that it wants, and those have gone on: been polled once more, as they would
//! be anyway. So one dump after the other doesn't keep tasks from going on.
#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::task::{Context, Poll, Waker};

use crate::base::Parker;
use crate::cell::Id;
use crate::shim::sync::Mutex;

/// A request for the traces `T` of tasks.
pub(super) struct Request<T> {
    progress: Mutex<Progress<T>>,
    /// Where the thread waits that lets the one who asks look at how things stand.
    pub(super) ticker: Parker,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// It was woken, and will come by.
    Wanted,
    /// Somebody polls it and captures it, or has, and is about to put down what it saw.
    InCapture,
    /// It is captured and woken.
    ToGoOn,
    /// There is nothing to wait for any more, but it is alive.
    Done,
    Ended,
}

/// What is to be done with a task that is about to be polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum ComeBy {
    /// Capture it, and [`put`](Request::put) what comes of it.
    Capture,
    /// Say so when it [went on](Request::went_on).
    GoesOn,
    /// The request has no interest in it.
    Passes,
}

struct Progress<T> {
    stands: HashMap<Id, Stand>,
    /// How many have been wanted or captured, and aren't done.
    open: usize,
    /// How many have ended.
    ended: usize,
    /// How many more are wanted that aren't known.
    others: usize,
    /// Whether it is known what there is.
    knows: bool,
    captured: Vec<(Id, T)>,
    /// How often one has taken a step.
    steps: u64,
    /// How often the ticker ticked.
    ticks: u64,
    waker: Option<Waker>,
    over: bool,
}

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) steps: u64,
    pub(super) ticks: u64,
}

impl<T> Progress<T> {
    /// How many tasks may be there that aren't known: never too few. Whoever isn't known to have ended is counted as alive.
    fn unknown(&self, alive: usize) -> usize {
        alive.saturating_sub(self.stands.len() - self.ended)
    }

    fn is_complete(&self) -> bool {
        self.knows && self.open == 0 && self.others == 0
    }

    /// Moves a task.
    fn step(&mut self, id: Id, to: Stand) {
        self.steps += 1;
        self.ended += usize::from(to == Stand::Ended);
        let before = self.stands.insert(id, to);
        let is_open = |stand| !matches!(stand, None | Some(Stand::Done | Stand::Ended));
        self.open += usize::from(is_open(Some(to)));
        self.open -= usize::from(is_open(before));
    }
}

impl<T> Request<T> {
    pub(super) fn new() -> Self {
        let progress = Progress {
            stands: HashMap::new(),
            open: 0,
            ended: 0,
            others: 0,
            knows: false,
            captured: Vec::new(),
            steps: 0,
            ticks: 0,
            waker: None,
            over: false,
        };
        Self { progress: Mutex::new(progress), ticker: Parker::new() }
    }

    /// Tells what there is: the tasks that are registered, how many are alive, and who asks. (4)
    ///
    /// - The caller lists the registered ones when the request can be seen, and wakes all of them afterwards. So whoever polls
    ///   one after that wake sees the request.
    /// - A task that ends is reported before it ceases to be counted as alive. So whoever isn't known to have ended is in the
    ///   count that is read here, under the lock: what remains isn't too few.
    pub(super) fn know(&self, registered: &[Id], alive: impl FnOnce() -> usize, asks: Option<Id>) {
        self.update(|progress| {
            for id in registered {
                // One that is known has ended meanwhile.
                if !progress.stands.contains_key(id) {
                    progress.step(*id, Stand::Wanted);
                }
            }
            // Who asks is being polled, and can't go on before it has its answer.
            if let Some(asks) = asks {
                progress.step(asks, Stand::Done);
            }
            progress.others = progress.unknown(alive());
            progress.knows = true;
        });
    }

    /// Looks whether one of the tasks that are registered isn't known yet, since it hadn't waited before: these are wanted
    /// as well, and returned, to be woken. Those that are no longer registered have ended unseen, before they could see that
    /// there is a request; and so have some of the unknown, when there are more of them than can be. (4, 5)
    pub(super) fn look_again(&self, registered: &HashSet<Id>, alive: impl FnOnce() -> usize) -> Vec<Id> {
        self.update(|progress| {
            let mut unknown = Vec::new();
            for id in registered.iter().filter(|id| !progress.stands.contains_key(id)) {
                if progress.others > unknown.len() {
                    unknown.push(*id);
                }
            }
            let is_gone = |(id, stand): (&Id, &Stand)| {
                (*stand == Stand::Wanted && !registered.contains(id)).then_some(*id)
            };
            let gone: Vec<_> = progress.stands.iter().filter_map(is_gone).collect();
            for id in gone {
                progress.step(id, Stand::Ended);
            }
            for id in &unknown {
                progress.others -= 1;
                progress.step(*id, Stand::Wanted);
            }
            progress.others = progress.others.min(progress.unknown(alive()));
            unknown
        })
    }

    /// A task is about to be polled. (1)
    pub(super) fn come_by(&self, id: Id) -> ComeBy {
        let mut progress = self.progress.lock();
        match progress.stands.get(&id) {
            Some(Stand::Wanted) => {}
            None if progress.others > 0 => progress.others -= 1,
            Some(Stand::ToGoOn) => return ComeBy::GoesOn,
            Some(Stand::InCapture | Stand::Done | Stand::Ended) | None => return ComeBy::Passes,
        }
        progress.step(id, Stand::InCapture);
        ComeBy::Capture
    }

    /// Notes what was found out of a task that was to be captured, and whether it will be woken for it. (2)
    pub(super) fn put(&self, id: Id, trace: T, woken: bool) {
        self.update(|progress| {
            // Else it has ended.
            if progress.stands.get(&id) == Some(&Stand::InCapture) {
                progress.captured.push((id, trace));
                progress.step(id, if woken { Stand::ToGoOn } else { Stand::Done });
            }
        });
    }

    /// A task of which [`come_by`](Self::come_by) said that it goes on was polled. (3)
    pub(super) fn went_on(&self, id: Id) {
        self.update(|progress| {
            if progress.stands.get(&id) == Some(&Stand::ToGoOn) {
                progress.step(id, Stand::Done);
            }
        });
    }

    /// A task has ended, and is still counted as alive. (5)
    pub(super) fn ended(&self, id: Id) {
        self.update(|progress| {
            if !progress.stands.contains_key(&id) {
                progress.others = progress.others.saturating_sub(1);
            }
            progress.step(id, Stand::Ended);
        });
    }

    /// Ready when it is over; else leaves the waker, and tells how things stand.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Sight> {
        // Wakers are the user's code: made before the lock, and dropped behind it.
        let waker = cx.waker().clone();
        let mut progress = self.progress.lock();
        let sight = Sight { steps: progress.steps, ticks: progress.ticks };
        if progress.over {
            return Poll::Ready(sight);
        }
        let before = progress.waker.replace(waker);
        drop(progress);
        drop(before);
        Poll::Pending
    }

    /// How things stand.
    pub(super) fn sight(&self) -> Sight {
        let progress = self.progress.lock();
        Sight { steps: progress.steps, ticks: progress.ticks }
    }

    /// Lets who asks have a look. False when it is over.
    pub(super) fn tick(&self) -> bool {
        let mut progress = self.progress.lock();
        progress.ticks += 1;
        let (over, waker) = (progress.over, progress.waker.take());
        drop(progress);
        if let Some(waker) = waker {
            waker.wake();
        }
        !over
    }

    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        self.progress.lock().over
    }

    /// Ends it: it wants nothing any more.
    pub(super) fn end(&self) {
        let mut progress = self.progress.lock();
        progress.over = true;
        let waker = progress.waker.take();
        drop(progress);
        self.ticker.unpark();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What it has captured.
    pub(super) fn take_captured(&self) -> Vec<(Id, T)> {
        std::mem::take(&mut self.progress.lock().captured)
    }

    /// Makes a change, after which it may be over.
    fn update<R>(&self, change: impl FnOnce(&mut Progress<T>) -> R) -> R {
        let mut progress = self.progress.lock();
        let result = change(&mut progress);
        let ends = progress.is_complete() && !progress.over;
        drop(progress);
        if ends {
            self.end();
        }
        result
    }
}
