//! What locks and semaphores hand out, against sequential models: guards of a part, guards made less of, permits that
//! are split, merged and forgotten.
#![cfg(feature = "sync")]

mod sync_support;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rt_core::sync::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard,
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard, Semaphore, SemaphorePermit,
};
use sync_support::Wait;

type Pair = (u32, u32);

/// A guard of either lock, of the whole or a part.
enum Guard<'a> {
    Lock(MutexGuard<'a, Pair>),
    LockPart(MappedMutexGuard<'a, u32>),
    OwnedLock(OwnedMutexGuard<Pair>),
    OwnedLockPart(OwnedMappedMutexGuard<Pair, u32>),
    Read(RwLockReadGuard<'a, Pair>),
    ReadPart(RwLockReadGuard<'a, u32>),
    OwnedRead(OwnedRwLockReadGuard<Pair>),
    OwnedReadPart(OwnedRwLockReadGuard<Pair, u32>),
    Write(RwLockWriteGuard<'a, Pair>),
    WritePart(RwLockMappedWriteGuard<'a, u32>),
    OwnedWrite(OwnedRwLockWriteGuard<Pair>),
    OwnedWritePart(OwnedRwLockMappedWriteGuard<Pair, u32>),
}

impl<'a> Guard<'a> {
    fn is_write(&self) -> bool {
        !matches!(self, Self::Read(_) | Self::ReadPart(_) | Self::OwnedRead(_) | Self::OwnedReadPart(_))
    }

    /// Counts up what it guards, if it may; what it reads then, of the first or the second.
    fn touch(&mut self) -> u32 {
        match self {
            Self::Lock(guard) => count(&mut guard.0),
            Self::LockPart(guard) => count(guard),
            Self::OwnedLock(guard) => count(&mut guard.0),
            Self::OwnedLockPart(guard) => count(guard),
            Self::Write(guard) => count(&mut guard.0),
            Self::WritePart(guard) => count(guard),
            Self::OwnedWrite(guard) => count(&mut guard.0),
            Self::OwnedWritePart(guard) => count(guard),
            Self::Read(guard) => guard.0,
            Self::ReadPart(guard) => **guard,
            Self::OwnedRead(guard) => guard.0,
            Self::OwnedReadPart(guard) => **guard,
        }
    }

    /// A guard of the first of the two; one of a part stays. With `fails` the way that may fail is tried first.
    fn map(self, fails: bool) -> Self {
        macro_rules! part {
            ($guard:expr, $type:ident, $part:ident) => {{
                let mut guard = $guard;
                if fails {
                    guard = $type::try_map(guard, |_| None::<&mut u32>).unwrap_err();
                }
                Self::$part($type::map(guard, |both| &mut both.0))
            }};
        }
        match self {
            Self::Lock(guard) => part!(guard, MutexGuard, LockPart),
            Self::OwnedLock(guard) => part!(guard, OwnedMutexGuard, OwnedLockPart),
            Self::Write(guard) => part!(guard, RwLockWriteGuard, WritePart),
            Self::OwnedWrite(guard) => part!(guard, OwnedRwLockWriteGuard, OwnedWritePart),
            Self::Read(guard) => Self::ReadPart(RwLockReadGuard::map(guard, |both| &both.0)),
            Self::OwnedRead(guard) => Self::OwnedReadPart(OwnedRwLockReadGuard::map(guard, |both| &both.0)),
            Self::LockPart(guard) => Self::LockPart(MappedMutexGuard::map(guard, |part| part)),
            Self::OwnedLockPart(guard) => Self::OwnedLockPart(OwnedMappedMutexGuard::map(guard, |part| part)),
            Self::WritePart(guard) => Self::WritePart(RwLockMappedWriteGuard::map(guard, |part| part)),
            Self::OwnedWritePart(guard) => {
                Self::OwnedWritePart(OwnedRwLockMappedWriteGuard::map(guard, |part| part))
            }
            part => part,
        }
    }

    /// A writer of the whole becomes a reader, of the whole or of a part; others stay.
    fn downgrade(self, part: bool) -> Self {
        match (self, part) {
            (Self::Write(guard), false) => Self::Read(guard.downgrade()),
            (Self::OwnedWrite(guard), false) => Self::OwnedRead(guard.downgrade()),
            (Self::Write(guard), true) => {
                Self::ReadPart(RwLockWriteGuard::downgrade_map(guard, |both| &both.0))
            }
            (Self::OwnedWrite(guard), true) => {
                Self::OwnedReadPart(OwnedRwLockWriteGuard::downgrade_map(guard, |both| &both.0))
            }
            (guard, _) => guard,
        }
    }
}

fn count(value: &mut u32) -> u32 {
    *value += 1;
    *value
}

#[derive(Debug, Clone)]
enum Step {
    /// To read or to write, with a guard that owns the lock or one that borrows it.
    Ask(bool, bool),
    Try(bool, bool),
    PollOrCancel(usize, bool),
    Touch(usize),
    Map(usize, bool),
    Downgrade(usize, bool),
    Release(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let flag = any::<bool>;
    let index = || 0_usize..8;
    prop_oneof![
        6 => (flag(), flag()).prop_map(|(writes, owns)| Step::Ask(writes, owns)),
        2 => (flag(), flag()).prop_map(|(writes, owns)| Step::Try(writes, owns)),
        5 => (index(), prop::bool::weighted(0.3)).prop_map(|(nth, cancel)| Step::PollOrCancel(nth, cancel)),
        3 => index().prop_map(Step::Touch),
        2 => (index(), flag()).prop_map(|(nth, fails)| Step::Map(nth, fails)),
        2 => (index(), flag()).prop_map(|(nth, part)| Step::Downgrade(nth, part)),
        6 => index().prop_map(Step::Release),
    ]
}

/// Either lock.
struct Locks {
    /// Which of the two is meant; for the mutex all that asks to read asks to write.
    is_mutex: bool,
    mutex: Arc<Mutex<Pair>>,
    rwlock: Arc<RwLock<Pair>>,
}

impl Locks {
    async fn ask(&self, writes: bool, owns: bool) -> Guard<'_> {
        match (self.is_mutex, writes, owns) {
            (true, _, false) => Guard::Lock(self.mutex.lock().await),
            (true, _, true) => Guard::OwnedLock(self.mutex.clone().lock_owned().await),
            (false, false, false) => Guard::Read(self.rwlock.read().await),
            (false, false, true) => Guard::OwnedRead(self.rwlock.clone().read_owned().await),
            (false, true, false) => Guard::Write(self.rwlock.write().await),
            (false, true, true) => Guard::OwnedWrite(self.rwlock.clone().write_owned().await),
        }
    }

    fn try_to(&self, writes: bool, owns: bool) -> Option<Guard<'_>> {
        match (self.is_mutex, writes, owns) {
            (true, _, false) => self.mutex.try_lock().ok().map(Guard::Lock),
            (true, _, true) => self.mutex.clone().try_lock_owned().ok().map(Guard::OwnedLock),
            (false, false, false) => self.rwlock.try_read().ok().map(Guard::Read),
            (false, false, true) => self.rwlock.clone().try_read_owned().ok().map(Guard::OwnedRead),
            (false, true, false) => self.rwlock.try_write().ok().map(Guard::Write),
            (false, true, true) => self.rwlock.clone().try_write_owned().ok().map(Guard::OwnedWrite),
        }
    }
}

/// A lock is `most` permits, of which a reader takes one and a writer all.
#[derive(Default)]
struct Model {
    free: usize,
    line: VecDeque<(usize, usize)>,
    granted: Vec<(usize, usize)>,
}

impl Model {
    fn give(&mut self, n: usize) {
        self.free += n;
        while let Some(&(id, need)) = self.line.front() {
            if self.free < need {
                break;
            }
            self.free -= need;
            self.line.pop_front();
            self.granted.push((id, need));
        }
    }

    fn take(&mut self, n: usize) -> bool {
        let taken = self.free >= n && (self.line.is_empty() || n == 0);
        self.free -= if taken { n } else { 0 };
        taken
    }

    fn fetch(&mut self, id: usize) -> Option<usize> {
        let at = self.granted.iter().position(|granted| granted.0 == id)?;
        Some(self.granted.swap_remove(at).1)
    }

    fn leave(&mut self, id: usize) {
        let back = self.fetch(id).unwrap_or(0);
        self.line.retain(|waiting| waiting.0 != id);
        self.give(back);
    }
}

struct LockRun<'a> {
    locks: &'a Locks,
    most: usize,
    model: Model,
    guards: Vec<Guard<'a>>,
    waiting: Vec<(usize, Wait<'a, Guard<'a>>)>,
    written: u32,
}

impl LockRun<'_> {
    fn need(&self, writes: bool) -> usize {
        if writes || self.locks.is_mutex { self.most } else { 1 }
    }

    fn ask(&mut self, id: usize, step: &Step) -> TestCaseResult {
        match *step {
            Step::Ask(writes, owns) => match Wait::begin(self.locks.ask(writes, owns)) {
                Ok(guard) => {
                    prop_assert!(self.model.take(self.need(writes)));
                    self.guards.push(guard);
                }
                Err(wait) => {
                    prop_assert!(!self.model.take(self.need(writes)));
                    self.model.line.push_back((id, self.need(writes)));
                    self.waiting.push((id, wait));
                }
            },
            Step::Try(writes, owns) => {
                let guard = self.locks.try_to(writes, owns);
                prop_assert_eq!(guard.is_some(), self.model.take(self.need(writes)));
                self.guards.extend(guard);
            }
            Step::PollOrCancel(nth, cancel) if !self.waiting.is_empty() => {
                let (id, mut wait) = self.waiting.swap_remove(nth % self.waiting.len());
                if cancel {
                    drop(wait);
                    self.model.leave(id);
                } else if let Poll::Ready(guard) = wait.poll() {
                    prop_assert!(self.model.fetch(id).is_some());
                    self.guards.push(guard);
                } else {
                    prop_assert!(self.model.fetch(id).is_none());
                    self.waiting.push((id, wait));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hold(&mut self, step: &Step) -> TestCaseResult {
        let held = self.guards.len();
        match *step {
            Step::Touch(nth) if held > 0 => {
                let guard = &mut self.guards[nth % held];
                self.written += u32::from(guard.is_write());
                prop_assert_eq!(guard.touch(), self.written);
            }
            Step::Map(nth, fails) if held > 0 => {
                let guard = self.guards.swap_remove(nth % held);
                self.guards.push(guard.map(fails));
            }
            Step::Downgrade(nth, part) if held > 0 => {
                let guard = self.guards.swap_remove(nth % held);
                let wrote = guard.is_write();
                let guard = guard.downgrade(part);
                if wrote && !guard.is_write() {
                    self.model.give(self.most - 1);
                }
                self.guards.push(guard);
            }
            Step::Release(nth) if held > 0 => {
                let guard = self.guards.swap_remove(nth % held);
                let back = self.need(guard.is_write());
                drop(guard);
                self.model.give(back);
            }
            _ => {}
        }
        Ok(())
    }

    fn check(&self) -> TestCaseResult {
        for (id, wait) in &self.waiting {
            let granted = self.model.granted.iter().any(|granted| granted.0 == *id);
            prop_assert_eq!(wait.woken(), usize::from(granted));
        }
        Ok(())
    }
}

fn run_locks(is_mutex: bool, most: usize, steps: &[Step]) -> TestCaseResult {
    let locks = &Locks {
        is_mutex,
        mutex: Arc::new(Mutex::new((0, 0))),
        rwlock: Arc::new(RwLock::with_max_readers((0, 0), most as u32)),
    };
    let most = if is_mutex { 1 } else { most };
    let model = Model { free: most, ..Model::default() };
    let mut run = LockRun { locks, most, model, guards: Vec::new(), waiting: Vec::new(), written: 0 };
    for (id, step) in steps.iter().enumerate() {
        run.ask(id, step)?;
        run.hold(step)?;
        run.check()?;
    }
    drop((run.guards, run.waiting));
    prop_assert!(locks.try_to(true, false).is_some(), "all of it came back");
    Ok(())
}

#[derive(Debug, Clone)]
enum Taking {
    Ask(u32, bool),
    Try(u32, bool),
    PollOrCancel(usize, bool),
    Drop(usize),
    Forget(usize),
    Split(usize, usize),
    Merge(usize, usize),
    Add(usize),
    ForgetFree(usize),
}

fn taking() -> impl Strategy<Value = Taking> {
    let index = || 0_usize..8;
    let flag = any::<bool>;
    prop_oneof![
        5 => (0_u32..5, flag()).prop_map(|(n, owns)| Taking::Ask(n, owns)),
        2 => (0_u32..5, flag()).prop_map(|(n, owns)| Taking::Try(n, owns)),
        5 => (index(), prop::bool::weighted(0.3)).prop_map(|(nth, cancel)| Taking::PollOrCancel(nth, cancel)),
        4 => index().prop_map(Taking::Drop),
        1 => index().prop_map(Taking::Forget),
        3 => (index(), 0_usize..5).prop_map(|(nth, n)| Taking::Split(nth, n)),
        3 => (index(), index()).prop_map(|(nth, other)| Taking::Merge(nth, other)),
        2 => (0_usize..5).prop_map(Taking::Add),
        1 => (0_usize..5).prop_map(Taking::ForgetFree),
    ]
}

enum Permit<'a> {
    Borrowed(SemaphorePermit<'a>),
    Owned(OwnedSemaphorePermit),
}

impl Permit<'_> {
    fn count(&self) -> usize {
        match self {
            Self::Borrowed(permit) => permit.num_permits(),
            Self::Owned(permit) => permit.num_permits(),
        }
    }

    fn forget(self) {
        match self {
            Self::Borrowed(permit) => permit.forget(),
            Self::Owned(permit) => permit.forget(),
        }
    }

    fn split(&mut self, n: usize) -> Option<Self> {
        match self {
            Self::Borrowed(permit) => permit.split(n).map(Self::Borrowed),
            Self::Owned(permit) => permit.split(n).map(Self::Owned),
        }
    }

    /// Takes the other's, if both are of a kind; otherwise it comes back.
    fn merge(&mut self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Borrowed(permit), Self::Borrowed(other)) => permit.merge(other),
            (Self::Owned(permit), Self::Owned(other)) => permit.merge(other),
            (_, other) => return Some(other),
        }
        None
    }
}

async fn ask(semaphore: &Arc<Semaphore>, n: u32, owns: bool) -> Permit<'_> {
    match (n, owns) {
        (1, false) => Permit::Borrowed(semaphore.acquire().await.unwrap()),
        (1, true) => Permit::Owned(semaphore.clone().acquire_owned().await.unwrap()),
        (_, false) => Permit::Borrowed(semaphore.acquire_many(n).await.unwrap()),
        (_, true) => Permit::Owned(semaphore.clone().acquire_many_owned(n).await.unwrap()),
    }
}

fn try_to(semaphore: &Arc<Semaphore>, n: u32, owns: bool) -> Option<Permit<'_>> {
    match (n, owns) {
        (1, false) => semaphore.try_acquire().ok().map(Permit::Borrowed),
        (1, true) => semaphore.clone().try_acquire_owned().ok().map(Permit::Owned),
        (_, false) => semaphore.try_acquire_many(n).ok().map(Permit::Borrowed),
        (_, true) => semaphore.clone().try_acquire_many_owned(n).ok().map(Permit::Owned),
    }
}

struct PermitRun<'a> {
    semaphore: &'a Arc<Semaphore>,
    model: Model,
    permits: Vec<Permit<'a>>,
    waiting: Vec<(usize, Wait<'a, Permit<'a>>)>,
    /// What was there from the start, and what was added, less what was forgotten.
    all: usize,
}

impl PermitRun<'_> {
    fn ask(&mut self, id: usize, step: &Taking) -> TestCaseResult {
        match *step {
            Taking::Ask(n, owns) => match Wait::begin(ask(self.semaphore, n, owns)) {
                Ok(permit) => {
                    prop_assert!(self.model.take(n as usize));
                    self.permits.push(permit);
                }
                Err(wait) => {
                    prop_assert!(!self.model.take(n as usize));
                    self.model.line.push_back((id, n as usize));
                    self.waiting.push((id, wait));
                }
            },
            Taking::Try(n, owns) => {
                let permit = try_to(self.semaphore, n, owns);
                prop_assert_eq!(permit.is_some(), self.model.take(n as usize));
                self.permits.extend(permit);
            }
            Taking::PollOrCancel(nth, cancel) if !self.waiting.is_empty() => {
                let (id, mut wait) = self.waiting.swap_remove(nth % self.waiting.len());
                if cancel {
                    drop(wait);
                    self.model.leave(id);
                } else if let Poll::Ready(permit) = wait.poll() {
                    prop_assert_eq!(self.model.fetch(id), Some(permit.count()));
                    self.permits.push(permit);
                } else {
                    prop_assert!(self.model.fetch(id).is_none());
                    self.waiting.push((id, wait));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hold(&mut self, step: &Taking) -> TestCaseResult {
        let held = self.permits.len();
        match *step {
            Taking::Drop(nth) if held > 0 => {
                let permit = self.permits.swap_remove(nth % held);
                let back = permit.count();
                drop(permit);
                self.model.give(back);
            }
            Taking::Forget(nth) if held > 0 => {
                let permit = self.permits.swap_remove(nth % held);
                self.all -= permit.count();
                permit.forget();
            }
            Taking::Split(nth, n) if held > 0 => {
                let permit = &mut self.permits[nth % held];
                let before = permit.count();
                let part = permit.split(n);
                prop_assert_eq!(part.is_some(), n <= before);
                prop_assert_eq!(part.as_ref().map_or(n, Permit::count), n);
                prop_assert_eq!(permit.count(), before - part.as_ref().map_or(0, Permit::count));
                self.permits.extend(part);
            }
            Taking::Merge(nth, other) if held > 1 => {
                let other = self.permits.swap_remove(other % held);
                let permit = &mut self.permits[nth % (held - 1)];
                let sum = permit.count() + other.count();
                let back = permit.merge(other);
                prop_assert_eq!(permit.count() + back.as_ref().map_or(0, Permit::count), sum);
                self.permits.extend(back);
            }
            Taking::Add(n) => {
                self.semaphore.add_permits(n);
                self.all += n;
                self.model.give(n);
            }
            Taking::ForgetFree(n) => {
                let there = if self.model.line.is_empty() { n.min(self.model.free) } else { 0 };
                prop_assert_eq!(self.semaphore.forget_permits(n), there);
                self.model.free -= there;
                self.all -= there;
            }
            _ => {}
        }
        Ok(())
    }

    fn check(&self) -> TestCaseResult {
        for (id, wait) in &self.waiting {
            let granted = self.model.granted.iter().any(|granted| granted.0 == *id);
            prop_assert_eq!(wait.woken(), usize::from(granted));
        }
        let available = if self.model.line.is_empty() { self.model.free } else { 0 };
        prop_assert_eq!(self.semaphore.available_permits(), available);
        Ok(())
    }
}

fn run_permits(start: usize, steps: &[Taking]) -> TestCaseResult {
    let semaphore = &Arc::new(Semaphore::new(start));
    let model = Model { free: start, ..Model::default() };
    let mut run = PermitRun { semaphore, model, permits: Vec::new(), waiting: Vec::new(), all: start };
    for (id, step) in steps.iter().enumerate() {
        run.ask(id, step)?;
        run.hold(step)?;
        run.check()?;
    }
    drop((run.permits, run.waiting));
    prop_assert_eq!(semaphore.available_permits(), run.all);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_mutex_behaves_as_the_model(steps in prop::collection::vec(step(), 1..80)) {
        run_locks(true, 1, &steps)?;
    }

    #[test]
    fn a_rwlock_behaves_as_the_model(most in 1_usize..4, steps in prop::collection::vec(step(), 1..80)) {
        run_locks(false, most, &steps)?;
    }

    #[test]
    fn a_semaphore_behaves_as_the_model(start in 0_usize..5, steps in prop::collection::vec(taking(), 1..80)) {
        run_permits(start, &steps)?;
    }
}
