//! The reader-writer lock, the one-shot channel and the unbounded channel against sequential models, with futures
//! dropped wherever they stand. The models of the others lie beside their tests.
#![cfg(feature = "sync")]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rt_core::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, mpsc, oneshot};

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

mod rwlock {
    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Read,
        Write,
        TryRead,
        TryWrite,
        PollOrCancel(usize, bool),
        Release(usize),
        Downgrade(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Read),
            3 => Just(Step::Write),
            2 => Just(Step::TryRead),
            1 => Just(Step::TryWrite),
            5 => (0_usize..8, prop::bool::weighted(0.3)).prop_map(|(i, cancel)| Step::PollOrCancel(i, cancel)),
            5 => (0_usize..8).prop_map(Step::Release),
            2 => (0_usize..8).prop_map(Step::Downgrade),
        ]
    }

    /// Who has the lock, and who was given it and hasn't looked yet; who waits, and for what.
    struct Model {
        most: usize,
        readers: usize,
        writer: bool,
        line: VecDeque<(usize, bool)>,
        granted: Vec<usize>,
    }

    impl Model {
        fn is_free(&self, writes: bool) -> bool {
            if writes { self.readers == 0 && !self.writer } else { !self.writer && self.readers < self.most }
        }

        fn take(&mut self, writes: bool) -> bool {
            let free = self.line.is_empty() && self.is_free(writes);
            if free {
                self.enter(writes);
            }
            free
        }

        fn enter(&mut self, writes: bool) {
            if writes { self.writer = true } else { self.readers += 1 }
        }

        fn leave(&mut self, writes: bool) {
            if writes {
                self.writer = false
            } else {
                self.readers -= 1
            }
            self.serve();
        }

        fn serve(&mut self) {
            while let Some(&(id, writes)) = self.line.front() {
                if !self.is_free(writes) {
                    break;
                }
                self.enter(writes);
                self.line.pop_front();
                self.granted.push(id);
            }
        }

        fn look(&mut self, id: usize) -> bool {
            let granted = self.granted.iter().position(|&granted| granted == id);
            granted.map(|at| self.granted.swap_remove(at)).is_some()
        }
    }

    enum Guard {
        Read(OwnedRwLockReadGuard<usize>),
        Write(OwnedRwLockWriteGuard<usize>),
    }

    type Asking = Pin<Box<dyn Future<Output = Guard>>>;

    struct Run {
        lock: Arc<RwLock<usize>>,
        model: Model,
        guards: Vec<Guard>,
        asking: Vec<(usize, bool, Asking)>,
    }

    impl Run {
        fn new(most: usize) -> Self {
            let model = Model { most, readers: 0, writer: false, line: VecDeque::new(), granted: Vec::new() };
            let lock = Arc::new(RwLock::with_max_readers(0, most as u32));
            Self { lock, model, guards: Vec::new(), asking: Vec::new() }
        }

        fn step(&mut self, id: usize, step: &Step) -> TestCaseResult {
            match *step {
                Step::Read => self.ask(id, false)?,
                Step::Write => self.ask(id, true)?,
                Step::TryRead => {
                    let guard = self.lock.clone().try_read_owned();
                    prop_assert_eq!(guard.is_ok(), self.model.take(false));
                    self.guards.extend(guard.map(Guard::Read));
                }
                Step::TryWrite => {
                    let guard = self.lock.clone().try_write_owned();
                    prop_assert_eq!(guard.is_ok(), self.model.take(true));
                    self.guards.extend(guard.map(Guard::Write));
                }
                Step::PollOrCancel(nth, true) if !self.asking.is_empty() => self.cancel(nth),
                Step::PollOrCancel(nth, false) if !self.asking.is_empty() => self.poll(nth)?,
                Step::Release(nth) if !self.guards.is_empty() => self.release(nth),
                Step::Downgrade(nth) if !self.guards.is_empty() => self.downgrade(nth),
                _ => {}
            }
            let held = self.guards.len() + self.model.granted.len();
            prop_assert_eq!(held, self.model.readers + usize::from(self.model.writer));
            Ok(())
        }

        fn ask(&mut self, id: usize, writes: bool) -> TestCaseResult {
            let lock = self.lock.clone();
            let mut future: Asking = if writes {
                Box::pin(async move { Guard::Write(lock.write_owned().await) })
            } else {
                Box::pin(async move { Guard::Read(lock.read_owned().await) })
            };
            match poll(future.as_mut()) {
                Poll::Ready(guard) => {
                    prop_assert!(self.model.take(writes));
                    self.guards.push(guard);
                }
                Poll::Pending => {
                    prop_assert!(!self.model.take(writes));
                    self.model.line.push_back((id, writes));
                    self.asking.push((id, writes, future));
                }
            }
            Ok(())
        }

        fn cancel(&mut self, nth: usize) {
            let (id, writes, _) = self.asking.remove(nth % self.asking.len());
            if self.model.look(id) {
                self.model.leave(writes);
            } else {
                self.model.line.retain(|waiting| waiting.0 != id);
                self.model.serve();
            }
        }

        fn poll(&mut self, nth: usize) -> TestCaseResult {
            let nth = nth % self.asking.len();
            let (id, _, future) = &mut self.asking[nth];
            match poll(future.as_mut()) {
                Poll::Ready(guard) => {
                    prop_assert!(self.model.look(*id));
                    self.guards.push(guard);
                    drop(self.asking.remove(nth));
                }
                Poll::Pending => prop_assert!(!self.model.look(*id)),
            }
            Ok(())
        }

        fn release(&mut self, nth: usize) {
            let guard = self.guards.swap_remove(nth % self.guards.len());
            self.model.leave(matches!(guard, Guard::Write(_)));
            match guard {
                Guard::Read(guard) => drop(guard),
                Guard::Write(mut guard) => *guard += 1,
            }
        }

        fn downgrade(&mut self, nth: usize) {
            let guard = match self.guards.swap_remove(nth % self.guards.len()) {
                Guard::Write(guard) => {
                    (self.model.writer, self.model.readers) = (false, 1);
                    self.model.serve();
                    guard.downgrade()
                }
                Guard::Read(guard) => guard,
            };
            self.guards.push(Guard::Read(guard));
        }
    }

    fn run(most: usize, steps: &[Step]) -> TestCaseResult {
        let mut run = Run::new(most);
        for (id, step) in steps.iter().enumerate() {
            run.step(id, step)?;
        }
        let Run { lock, guards, asking, .. } = run;
        drop((guards, asking));
        prop_assert!(lock.try_write().is_ok(), "all of it came back");
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(most in 1_usize..4, steps in prop::collection::vec(step(), 1..80)) {
            run(most, &steps)?;
        }
    }
}

mod oneshot_channel {
    use super::*;
    use rt_core::sync::oneshot::error::TryRecvError;

    #[derive(Debug, Clone)]
    enum Step {
        Send,
        DropSender,
        PollClosed,
        PollRecv,
        TryRecv,
        Close,
        DropReceiver,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Send),
            1 => Just(Step::DropSender),
            4 => Just(Step::PollClosed),
            4 => Just(Step::PollRecv),
            3 => Just(Step::TryRecv),
            2 => Just(Step::Close),
            1 => Just(Step::DropReceiver),
        ]
    }

    fn run(steps: Vec<Step>) -> TestCaseResult {
        let (tx, rx) = oneshot::channel();
        let (mut tx, mut rx) = (Some(tx), Some(rx));
        // Of the model: what is in the channel, and whether the receiver takes no more.
        let (mut value, mut closed) = (None, false);
        for (id, step) in steps.into_iter().enumerate() {
            match step {
                Step::Send => {
                    let Some(tx) = tx.take() else { continue };
                    let expected = if closed { Err(id) } else { Ok(()) };
                    prop_assert_eq!(tx.send(id), expected);
                    value = (!closed).then_some(id);
                }
                Step::DropSender => drop(tx.take()),
                Step::PollClosed => {
                    let Some(tx) = &mut tx else { continue };
                    // Dropped right away: a cancelled wait.
                    prop_assert_eq!(poll(pin!(tx.closed())).is_ready(), closed);
                    prop_assert_eq!(tx.is_closed(), closed);
                }
                Step::PollRecv => {
                    let Some(receiver) = &mut rx else { continue };
                    let over = tx.is_none() || closed;
                    let expected = match value.take() {
                        Some(value) => Poll::Ready(Ok(value)),
                        None if over => Poll::Ready(Err(())),
                        None => Poll::Pending,
                    };
                    prop_assert_eq!(poll(pin!(&mut *receiver)).map_err(drop), expected);
                    if expected.is_ready() {
                        // It isn't to be polled again.
                        rx = None;
                        closed = true;
                    }
                }
                Step::TryRecv => {
                    let Some(receiver) = &mut rx else { continue };
                    let over = tx.is_none() || closed;
                    let expected = match value.take() {
                        Some(value) => Ok(value),
                        None if over => Err(TryRecvError::Closed),
                        None => Err(TryRecvError::Empty),
                    };
                    prop_assert_eq!(&receiver.try_recv(), &expected);
                    if expected != Err(TryRecvError::Empty) {
                        rx = None;
                        closed = true;
                    }
                }
                Step::Close => {
                    if let Some(rx) = &mut rx {
                        rx.close();
                        closed = true;
                    }
                }
                Step::DropReceiver => {
                    if rx.take().is_some() {
                        closed = true;
                        value = None;
                    }
                }
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(steps in prop::collection::vec(step(), 1..15)) {
            run(steps)?;
        }
    }
}

mod unbounded_channel {
    use super::*;
    use rt_core::sync::mpsc::error::{SendError, TryRecvError};

    #[derive(Debug, Clone)]
    enum Step {
        /// So many messages: enough to get past the end of a block.
        Send(usize),
        Clone,
        Downgrade,
        Upgrade,
        DropSender,
        TryRecv,
        PollRecv,
        RecvMany(usize),
        Close,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (1_usize..60).prop_map(Step::Send),
            1 => Just(Step::Clone),
            1 => Just(Step::Downgrade),
            1 => Just(Step::Upgrade),
            2 => Just(Step::DropSender),
            5 => Just(Step::TryRecv),
            5 => Just(Step::PollRecv),
            5 => (0_usize..80).prop_map(Step::RecvMany),
            1 => Just(Step::Close),
        ]
    }

    fn run(steps: Vec<Step>) -> TestCaseResult {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let (mut senders, mut weak) = (vec![tx], Vec::new());
        let (mut queue, mut next, mut closed) = (VecDeque::new(), 0, false);
        for step in steps {
            let over = closed || senders.is_empty();
            match step {
                Step::Send(many) => {
                    let Some(tx) = senders.last() else { continue };
                    for _ in 0..many {
                        let expected = if closed { Err(SendError(next)) } else { Ok(()) };
                        prop_assert_eq!(tx.send(next), expected);
                        queue.extend((!closed).then_some(next));
                        next += 1;
                    }
                }
                Step::Clone => {
                    if let Some(tx) = senders.first() {
                        let tx = tx.clone();
                        senders.push(tx);
                    }
                }
                Step::Downgrade => weak.extend(senders.first().map(mpsc::UnboundedSender::downgrade)),
                Step::Upgrade => {
                    let Some(weak) = weak.last() else { continue };
                    let upgraded: Option<mpsc::UnboundedSender<usize>> = weak.upgrade();
                    prop_assert_eq!(upgraded.is_some(), !senders.is_empty());
                    senders.extend(upgraded);
                }
                Step::DropSender => drop(senders.pop()),
                Step::TryRecv => {
                    let none = if over { TryRecvError::Disconnected } else { TryRecvError::Empty };
                    prop_assert_eq!(rx.try_recv(), queue.pop_front().ok_or(none));
                }
                Step::PollRecv => {
                    let expected = match queue.pop_front() {
                        Some(message) => Poll::Ready(Some(message)),
                        None if over => Poll::Ready(None),
                        None => Poll::Pending,
                    };
                    // Dropped right away: a cancelled wait.
                    prop_assert_eq!(poll(pin!(rx.recv())), expected);
                }
                Step::RecvMany(limit) => {
                    let expected: Vec<_> = queue.drain(..limit.min(queue.len())).collect();
                    let mut buffer = Vec::new();
                    let result = poll(pin!(rx.recv_many(&mut buffer, limit)));
                    let pending = expected.is_empty() && limit > 0 && !over;
                    prop_assert_eq!(
                        result,
                        if pending { Poll::Pending } else { Poll::Ready(expected.len()) }
                    );
                    prop_assert_eq!(buffer, expected);
                }
                Step::Close => {
                    rx.close();
                    closed = true;
                }
            }
            prop_assert_eq!(rx.len(), queue.len());
            prop_assert_eq!(rx.is_closed(), closed || senders.is_empty());
            prop_assert_eq!((rx.sender_strong_count(), rx.sender_weak_count()), (senders.len(), weak.len()));
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(steps in prop::collection::vec(step(), 1..80)) {
            run(steps)?;
        }
    }
}
