//! Channels against sequential models, with waits that go on: who must be woken is, who has nothing to do isn't, and
//! whoever is dropped on the way takes nothing along.
#![cfg(feature = "sync")]

mod sync_support;

use std::sync::Arc;
use std::task::{Poll, Waker};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use sync_support::{Count, Wait};

/// The bounded channel with room for many at once, and with all that counts as a sender.
mod bounded {
    use super::*;
    use rt_core::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
    use rt_core::sync::mpsc::{self, OwnedPermit, PermitIterator, Receiver, Sender, WeakSender};
    use std::collections::VecDeque;

    #[derive(Debug, Clone)]
    enum Step {
        Send,
        TrySend,
        ReserveOwned,
        TryReserveOwned,
        ReserveMany(usize),
        TryReserveMany(usize),
        PollOrCancel(usize, bool),
        UseOwned(usize, bool),
        UseMany(usize, bool),
        Clone,
        DropSender,
        Downgrade,
        DropWeak,
        Upgrade,
        TryRecv,
        PollRecv,
        RecvMany(usize),
        Close,
    }

    fn step() -> impl Strategy<Value = Step> {
        let index = || 0_usize..8;
        prop_oneof![
            3 => Just(Step::Send),
            2 => Just(Step::TrySend),
            2 => Just(Step::ReserveOwned),
            1 => Just(Step::TryReserveOwned),
            4 => (0_usize..5).prop_map(Step::ReserveMany),
            2 => (0_usize..5).prop_map(Step::TryReserveMany),
            5 => (index(), prop::bool::weighted(0.3)).prop_map(|(i, cancel)| Step::PollOrCancel(i, cancel)),
            3 => (index(), any::<bool>()).prop_map(|(i, send)| Step::UseOwned(i, send)),
            5 => (index(), any::<bool>()).prop_map(|(i, send)| Step::UseMany(i, send)),
            1 => Just(Step::Clone),
            1 => Just(Step::DropSender),
            1 => Just(Step::Downgrade),
            1 => Just(Step::DropWeak),
            1 => Just(Step::Upgrade),
            5 => Just(Step::TryRecv),
            4 => Just(Step::PollRecv),
            2 => (0_usize..5).prop_map(Step::RecvMany),
            1 => Just(Step::Close),
        ]
    }

    enum Got<'a> {
        Sent,
        Owned(OwnedPermit<usize>),
        Many(PermitIterator<'a, usize>),
    }

    struct Waiting<'a> {
        id: usize,
        need: usize,
        sends: bool,
        /// Whether it has a sender of its own.
        owns: bool,
        wait: Wait<'a, Result<Got<'a>, SendError<usize>>>,
    }

    #[derive(Default)]
    struct Model {
        room: usize,
        queue: VecDeque<usize>,
        line: VecDeque<(usize, usize)>,
        granted: Vec<(usize, usize)>,
        /// What lay there for the first in line when it was closed, and who has it until it learns.
        part: Option<(usize, usize)>,
        closed: bool,
    }

    impl Model {
        fn free(&mut self, n: usize) {
            self.room += n;
            while let Some(&(id, need)) = self.line.front() {
                if self.room < need {
                    break;
                }
                self.room -= need;
                self.line.pop_front();
                self.granted.push((id, need));
            }
        }

        fn take(&mut self, n: usize) -> Result<(), bool> {
            if self.closed {
                return Err(true);
            }
            if self.room < n || (n > 0 && !self.line.is_empty()) {
                return Err(false);
            }
            self.room -= n;
            Ok(())
        }

        /// Whether it was granted what it waited for.
        fn fetch(&mut self, id: usize) -> Option<usize> {
            let at = self.granted.iter().position(|granted| granted.0 == id)?;
            Some(self.granted.swap_remove(at).1)
        }

        /// It goes, with what it has.
        fn leave(&mut self, id: usize) {
            let mut back = self.fetch(id).unwrap_or(0);
            back += self.part.take_if(|part| part.0 == id).map_or(0, |part| part.1);
            self.line.retain(|waiting| waiting.0 != id);
            self.free(back);
        }

        fn close(&mut self) {
            self.closed = true;
            if let Some((id, need)) = self.line.pop_front() {
                let part = need.min(self.room);
                self.room -= part;
                self.part = Some((id, part));
            }
            self.line.clear();
        }
    }

    struct Run<'a> {
        capacity: usize,
        anchor: Option<&'a Sender<usize>>,
        senders: Vec<Sender<usize>>,
        weak: Vec<WeakSender<usize>>,
        rx: Receiver<usize>,
        /// Whether the receiver waits, and how often it was woken.
        asleep: Option<usize>,
        woken: Arc<Count>,
        waker: Waker,
        model: Model,
        waiting: Vec<Waiting<'a>>,
        owned: Vec<OwnedPermit<usize>>,
        many: Vec<PermitIterator<'a, usize>>,
    }

    impl<'a> Run<'a> {
        fn senders(&self) -> usize {
            let owning = self.waiting.iter().filter(|waiting| waiting.owns).count();
            self.senders.len() + self.owned.len() + owning + usize::from(self.anchor.is_some())
        }

        fn is_over(&self) -> bool {
            self.senders() == 0 || (self.model.closed && self.model.room == self.capacity)
        }

        fn ask(&mut self, id: usize, need: usize, step: &Step) -> TestCaseResult {
            let (sends, owns) = (matches!(step, Step::Send), !matches!(step, Step::ReserveMany(_)));
            let begun = match *step {
                Step::ReserveMany(n) => {
                    let Some(anchor) = self.anchor else { return Ok(()) };
                    Wait::begin(async move {
                        anchor.reserve_many(n).await.map(Got::Many).map_err(|_| SendError(id))
                    })
                }
                _ => {
                    let Some(tx) = self.senders.first().cloned() else { return Ok(()) };
                    Wait::begin(async move {
                        if sends {
                            return tx.send(id).await.map(|()| Got::Sent);
                        }
                        tx.reserve_owned().await.map(Got::Owned).map_err(|_| SendError(id))
                    })
                }
            };
            if need > self.capacity {
                prop_assert!(matches!(begun, Ok(Err(_))), "there will never be so much room");
                return Ok(());
            }
            match (begun, self.model.take(need)) {
                (Ok(Ok(got)), Ok(())) => self.keep(id, got),
                (Ok(Err(SendError(kept))), Err(true)) => prop_assert_eq!(kept, id),
                (Err(wait), Err(false)) => {
                    self.model.line.push_back((id, need));
                    self.waiting.push(Waiting { id, need, sends, owns, wait });
                }
                (_, expected) => prop_assert!(false, "not as expected: {expected:?}"),
            }
            Ok(())
        }

        fn keep(&mut self, id: usize, got: Got<'a>) {
            match got {
                Got::Sent => self.model.queue.push_back(id),
                Got::Owned(permit) => self.owned.push(permit),
                Got::Many(permits) => self.many.push(permits),
            }
        }

        fn poll_or_cancel(&mut self, nth: usize, cancel: bool) -> TestCaseResult {
            let nth = nth % self.waiting.len();
            let Waiting { id, need, sends, owns, mut wait } = self.waiting.swap_remove(nth);
            if cancel {
                drop(wait);
                self.model.leave(id);
                return Ok(());
            }
            match wait.poll() {
                Poll::Ready(Ok(got)) => {
                    prop_assert!(!self.model.closed);
                    prop_assert_eq!(self.model.fetch(id), Some(need));
                    drop(wait);
                    self.keep(id, got);
                }
                Poll::Ready(Err(SendError(kept))) => {
                    prop_assert!(self.model.closed);
                    prop_assert_eq!(kept, id);
                    self.model.leave(id);
                }
                Poll::Pending => {
                    prop_assert!(!self.model.closed);
                    self.waiting.push(Waiting { id, need, sends, owns, wait });
                }
            }
            Ok(())
        }

        fn use_many(&mut self, id: usize, nth: usize, send: bool) -> TestCaseResult {
            let nth = nth % self.many.len();
            let left = self.many[nth].len();
            prop_assert_eq!(self.many[nth].size_hint(), (left, Some(left)));
            if !send {
                drop(self.many.swap_remove(nth));
                self.model.free(left);
                return Ok(());
            }
            match self.many[nth].next() {
                Some(permit) => {
                    prop_assert!(left > 0);
                    permit.send(id);
                    self.model.queue.push_back(id);
                }
                None => {
                    prop_assert_eq!(left, 0);
                    drop(self.many.swap_remove(nth));
                }
            }
            Ok(())
        }

        fn try_to(&mut self, id: usize, step: &Step) -> TestCaseResult {
            let got = match *step {
                Step::TryReserveMany(n) => {
                    let Some(anchor) = self.anchor else { return Ok(()) };
                    anchor
                        .try_reserve_many(n)
                        .map(Got::Many)
                        .map_err(|error| error == TrySendError::Closed(()))
                }
                _ => {
                    let Some(tx) = self.senders.last() else { return Ok(()) };
                    match step {
                        Step::TrySend => match tx.try_send(id) {
                            Ok(()) => Ok(Got::Sent),
                            Err(error) => {
                                let closed = matches!(error, TrySendError::Closed(_));
                                prop_assert_eq!(error.into_inner(), id);
                                Err(closed)
                            }
                        },
                        _ => match tx.clone().try_reserve_owned() {
                            Ok(permit) => {
                                prop_assert!(permit.same_channel_as_sender(tx));
                                Ok(Got::Owned(permit))
                            }
                            Err(error) => Err(matches!(error, TrySendError::Closed(_))),
                        },
                    }
                }
            };
            let need = if let Step::TryReserveMany(n) = *step { n } else { 1 };
            match (got, self.model.take(need)) {
                (Ok(got), Ok(())) => self.keep(id, got),
                (Err(closed), expected) => prop_assert_eq!(Err(closed), expected),
                (Ok(_), expected) => prop_assert!(false, "got it, rather than {expected:?}"),
            }
            Ok(())
        }

        fn receive(&mut self, step: &Step) -> TestCaseResult {
            let over = self.is_over();
            match *step {
                Step::TryRecv => {
                    let none = if over { TryRecvError::Disconnected } else { TryRecvError::Empty };
                    let expected = self.model.queue.pop_front().ok_or(none);
                    prop_assert_eq!(self.rx.try_recv(), expected);
                    self.model.free(usize::from(expected.is_ok()));
                }
                Step::RecvMany(limit) => {
                    let mut buffer = Vec::new();
                    let mut cx = std::task::Context::from_waker(&self.waker);
                    let got = self.rx.poll_recv_many(&mut cx, &mut buffer, limit);
                    let taken: Vec<_> = self.model.queue.drain(..limit.min(self.model.queue.len())).collect();
                    let waits = taken.is_empty() && limit > 0 && !over;
                    prop_assert_eq!(got, if waits { Poll::Pending } else { Poll::Ready(taken.len()) });
                    self.asleep = waits.then(|| self.woken.of());
                    self.model.free(taken.len());
                    prop_assert_eq!(buffer, taken);
                }
                _ => {
                    let mut cx = std::task::Context::from_waker(&self.waker);
                    let got = self.rx.poll_recv(&mut cx);
                    let expected = match self.model.queue.pop_front() {
                        None if !over => Poll::Pending,
                        message => Poll::Ready(message),
                    };
                    prop_assert_eq!(got, expected);
                    self.asleep = got.is_pending().then(|| self.woken.of());
                    self.model.free(usize::from(matches!(got, Poll::Ready(Some(_)))));
                }
            }
            Ok(())
        }

        fn step(&mut self, id: usize, step: &Step) -> TestCaseResult {
            match *step {
                Step::Send | Step::ReserveOwned => self.ask(id, 1, step)?,
                Step::ReserveMany(n) => self.ask(id, n, step)?,
                Step::TrySend | Step::TryReserveOwned | Step::TryReserveMany(_) => self.try_to(id, step)?,
                Step::PollOrCancel(nth, cancel) if !self.waiting.is_empty() => {
                    self.poll_or_cancel(nth, cancel)?;
                }
                Step::UseOwned(nth, send) if !self.owned.is_empty() => {
                    let permit = self.owned.swap_remove(nth % self.owned.len());
                    if send {
                        self.senders.push(permit.send(id));
                        self.model.queue.push_back(id);
                    } else {
                        self.senders.push(permit.release());
                        self.model.free(1);
                    }
                }
                Step::UseMany(nth, send) if !self.many.is_empty() => self.use_many(id, nth, send)?,
                Step::Clone => self.senders.extend(self.senders.first().cloned()),
                Step::DropSender => drop(self.senders.pop()),
                Step::Downgrade => self.weak.extend(self.senders.first().map(Sender::downgrade)),
                Step::DropWeak => drop(self.weak.pop()),
                Step::Upgrade => {
                    let Some(weak) = self.weak.last() else { return Ok(()) };
                    let upgraded = weak.upgrade();
                    prop_assert_eq!(upgraded.is_some(), self.senders() > 0);
                    self.senders.extend(upgraded);
                }
                Step::TryRecv | Step::PollRecv | Step::RecvMany(_) => self.receive(step)?,
                Step::Close => {
                    self.rx.close();
                    self.model.close();
                    // It is the receiver itself that closes, and it looks again.
                    self.asleep = None;
                }
                _ => {}
            }
            self.check()
        }

        fn check(&mut self) -> TestCaseResult {
            // Those that were given what they wait for, or refused it, were woken: once, and no others.
            for waiting in &self.waiting {
                let due =
                    self.model.closed || self.model.granted.iter().any(|granted| granted.0 == waiting.id);
                prop_assert_eq!(waiting.wait.woken(), usize::from(due), "of {}", waiting.id);
            }
            let news = !self.model.queue.is_empty() || self.is_over();
            if let Some(before) = self.asleep.filter(|_| news) {
                prop_assert!(self.woken.of() > before, "the receiver sleeps over something");
            }
            let (rx, queued) = (&self.rx, self.model.queue.len());
            prop_assert_eq!((rx.len(), rx.is_empty()), (queued, queued == 0));
            let capacity = if self.model.line.is_empty() { self.model.room } else { 0 };
            prop_assert_eq!((rx.capacity(), rx.max_capacity()), (capacity, self.capacity));
            prop_assert_eq!(rx.is_closed(), self.model.closed || self.senders() == 0);
            prop_assert_eq!(
                (rx.sender_strong_count(), rx.sender_weak_count()),
                (self.senders(), self.weak.len())
            );
            if let Some(tx) = self.senders.last() {
                prop_assert_eq!((tx.capacity(), tx.max_capacity()), (capacity, self.capacity));
                prop_assert_eq!((tx.strong_count(), tx.weak_count()), (self.senders(), self.weak.len()));
                prop_assert_eq!(tx.is_closed(), self.model.closed);
                prop_assert!(tx.same_channel(&self.senders[0]));
            }
            if let Some(weak) = self.weak.last() {
                prop_assert_eq!((weak.strong_count(), weak.weak_count()), (self.senders(), self.weak.len()));
            }
            Ok(())
        }
    }

    fn run(capacity: usize, anchored: bool, steps: &[Step]) -> TestCaseResult {
        let (tx, rx) = mpsc::channel(capacity);
        let other = mpsc::channel::<usize>(1).0;
        prop_assert!(!tx.same_channel(&other));
        let anchor = anchored.then(|| tx.clone());
        let (woken, waker) = Count::waker();
        let mut run = Run {
            capacity,
            anchor: anchor.as_ref(),
            senders: vec![tx],
            weak: Vec::new(),
            rx,
            asleep: None,
            woken,
            waker,
            model: Model { room: capacity, ..Model::default() },
            waiting: Vec::new(),
            owned: Vec::new(),
            many: Vec::new(),
        };
        for (id, step) in steps.iter().enumerate() {
            run.step(id, step)?;
        }
        // All goes but the receiver: what was sent is received, and then it is over, with all room back.
        let Run { mut rx, model, waiting, owned, many, senders, .. } = run;
        drop((waiting, owned, many, senders));
        rx.close();
        for message in model.queue {
            prop_assert_eq!(rx.try_recv(), Ok(message));
        }
        prop_assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
        prop_assert_eq!(rx.capacity(), capacity);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(
            capacity in prop_oneof![1_usize..5, 8_usize..14],
            anchored in prop::bool::weighted(0.7),
            steps in prop::collection::vec(step(), 1..90),
        ) {
            run(capacity, anchored, &steps)?;
        }
    }
}
