//! Channels whose values are for all, against sequential models: with waits that go on, senders that come and go,
//! and an end. Who must be woken is, once, and nobody else.
#![cfg(feature = "sync")]

mod sync_support;

use std::task::Poll;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use sync_support::Wait;

mod watch_channel {
    use super::*;
    use rt_core::sync::watch::{Receiver, Sender};

    #[derive(Debug, Clone)]
    enum Step {
        Send(u8),
        Replace(u8),
        Modify(u8),
        Keep(u8),
        CloneSender,
        DropSender,
        Subscribe,
        CloneReceiver(usize),
        Leave(usize),
        Changed(usize),
        WaitFor(usize, u8),
        PollOrCancel(usize, bool),
        Closed,
        PollOrCancelClosed(usize, bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        let index = || 0_usize..8;
        let value = || 0_u8..4;
        let cancel = || prop::bool::weighted(0.3);
        prop_oneof![
            3 => value().prop_map(Step::Send),
            1 => value().prop_map(Step::Replace),
            1 => value().prop_map(Step::Modify),
            1 => value().prop_map(Step::Keep),
            1 => Just(Step::CloneSender),
            1 => Just(Step::DropSender),
            2 => Just(Step::Subscribe),
            1 => index().prop_map(Step::CloneReceiver),
            1 => index().prop_map(Step::Leave),
            3 => index().prop_map(Step::Changed),
            3 => (index(), value()).prop_map(|(nth, value)| Step::WaitFor(nth, value)),
            5 => (index(), cancel()).prop_map(|(nth, cancel)| Step::PollOrCancel(nth, cancel)),
            1 => Just(Step::Closed),
            1 => (index(), cancel()).prop_map(|(nth, cancel)| Step::PollOrCancelClosed(nth, cancel)),
        ]
    }

    /// The receiver comes back with what it was told: the value, or that it is over.
    type Told = (Receiver<u8>, Option<u8>);

    struct Waiting {
        wait: Wait<'static, Told>,
        wanted: Option<u8>,
        /// How often it was woken before its last poll.
        woken: usize,
        due: bool,
    }

    struct Run {
        value: u8,
        senders: Vec<Sender<u8>>,
        /// With whether it has seen the value.
        receivers: Vec<(Receiver<u8>, bool)>,
        waiting: Vec<Waiting>,
        /// Each has a sender of its own.
        closing: Vec<Wait<'static, ()>>,
    }

    impl Run {
        fn senders(&self) -> usize {
            self.senders.len() + self.closing.len()
        }

        fn receivers(&self) -> usize {
            self.receivers.len() + self.waiting.len()
        }

        fn changed(&mut self, value: u8) {
            self.value = value;
            self.receivers.iter_mut().for_each(|receiver| receiver.1 = false);
            self.waiting.iter_mut().for_each(|waiting| waiting.due = true);
        }

        fn send(&mut self, step: &Step) -> TestCaseResult {
            let Some(sender) = self.senders.last() else { return Ok(()) };
            match *step {
                Step::Send(value) => {
                    let sent = sender.send(value);
                    prop_assert_eq!(sent.is_ok(), self.receivers() > 0);
                    if sent.is_ok() {
                        self.changed(value);
                    }
                }
                Step::Replace(value) => {
                    prop_assert_eq!(sender.send_replace(value), self.value);
                    self.changed(value);
                }
                Step::Modify(value) => {
                    sender.send_modify(|held| *held = value);
                    self.changed(value);
                }
                Step::Keep(value) => {
                    let told = sender.send_if_modified(|held| std::mem::replace(held, value) > value);
                    prop_assert_eq!(told, self.value > value);
                    self.value = value;
                    if told {
                        self.changed(value);
                    }
                }
                _ => {}
            }
            Ok(())
        }

        /// What one who waits is told, if anything.
        fn news(&self, wanted: Option<u8>, seen: bool) -> Option<Option<u8>> {
            let tells = wanted.map_or(!seen, |wanted| wanted == self.value);
            if tells { Some(Some(self.value)) } else { (self.senders() == 0).then_some(None) }
        }

        fn told(&mut self, told: Told, expected: Option<Option<u8>>) -> TestCaseResult {
            prop_assert_eq!(Some(told.1), expected);
            self.receivers.push((told.0, true));
            Ok(())
        }

        fn wait(&mut self, nth: usize, wanted: Option<u8>) -> TestCaseResult {
            let nth = nth % self.receivers.len();
            let (mut receiver, seen) = self.receivers.swap_remove(nth);
            let expected = self.news(wanted, seen);
            let begun = Wait::begin(async move {
                let told = match wanted {
                    Some(wanted) => {
                        receiver.wait_for(|value| *value == wanted).await.ok().map(|value| *value)
                    }
                    None => receiver.changed().await.ok().map(|()| *receiver.borrow()),
                };
                (receiver, told)
            });
            match begun {
                Ok(told) => self.told(told, expected)?,
                Err(wait) => {
                    prop_assert_eq!(expected, None);
                    self.waiting.push(Waiting { wait, wanted, woken: 0, due: false });
                }
            }
            Ok(())
        }

        fn poll_or_cancel(&mut self, nth: usize, cancel: bool) -> TestCaseResult {
            let nth = nth % self.waiting.len();
            if cancel {
                // Along with its receiver.
                drop(self.waiting.swap_remove(nth));
                return Ok(());
            }
            let (wanted, due) = (self.waiting[nth].wanted, self.waiting[nth].due);
            // It looks at a value that nobody was told of only when it is woken for another reason.
            let looks = due || self.senders() == 0;
            let expected = if looks { self.news(wanted, !due) } else { None };
            match self.waiting[nth].wait.poll() {
                Poll::Ready(told) => {
                    drop(self.waiting.swap_remove(nth));
                    self.told(told, expected)?;
                }
                Poll::Pending => {
                    prop_assert_eq!(expected, None);
                    let waiting = &mut self.waiting[nth];
                    (waiting.woken, waiting.due) = (waiting.wait.woken(), false);
                }
            }
            Ok(())
        }

        fn step(&mut self, step: &Step) -> TestCaseResult {
            match *step {
                Step::Send(_) | Step::Replace(_) | Step::Modify(_) | Step::Keep(_) => self.send(step)?,
                Step::CloneSender => self.senders.extend(self.senders.first().cloned()),
                Step::DropSender => drop(self.senders.pop()),
                Step::Subscribe => {
                    self.receivers.extend(self.senders.last().map(|tx| (tx.subscribe(), true)))
                }
                Step::CloneReceiver(nth) if !self.receivers.is_empty() => {
                    let clone = self.receivers[nth % self.receivers.len()].clone();
                    self.receivers.push(clone);
                }
                Step::Leave(nth) if !self.receivers.is_empty() => {
                    drop(self.receivers.swap_remove(nth % self.receivers.len()));
                }
                Step::Changed(nth) if !self.receivers.is_empty() => self.wait(nth, None)?,
                Step::WaitFor(nth, wanted) if !self.receivers.is_empty() => self.wait(nth, Some(wanted))?,
                Step::PollOrCancel(nth, cancel) if !self.waiting.is_empty() => {
                    self.poll_or_cancel(nth, cancel)?
                }
                Step::Closed => {
                    let Some(sender) = self.senders.first().cloned() else { return Ok(()) };
                    match Wait::begin(async move { sender.closed().await }) {
                        Ok(()) => prop_assert_eq!(self.receivers(), 0),
                        Err(wait) => {
                            prop_assert!(self.receivers() > 0);
                            self.closing.push(wait);
                        }
                    }
                }
                Step::PollOrCancelClosed(nth, cancel) if !self.closing.is_empty() => {
                    let nth = nth % self.closing.len();
                    let woken = self.closing[nth].woken() > 0;
                    let over = !cancel && self.closing[nth].poll().is_ready();
                    // One that wasn't woken waits.
                    prop_assert!(woken || !over);
                    if over || cancel {
                        drop(self.closing.swap_remove(nth));
                    }
                }
                _ => {}
            }
            self.check()
        }

        fn check(&self) -> TestCaseResult {
            let over = self.senders() == 0;
            for waiting in &self.waiting {
                let woken = waiting.wait.woken() > waiting.woken;
                prop_assert_eq!(woken, waiting.due || over, "wanted: {:?}", waiting.wanted);
                prop_assert!(waiting.wait.woken() <= waiting.woken + 1, "woken again and again");
            }
            if self.receivers() == 0 {
                prop_assert!(self.closing.iter().all(|wait| wait.woken() > 0));
            }
            if let Some(sender) = self.senders.last() {
                prop_assert_eq!(*sender.borrow(), self.value);
                prop_assert_eq!(
                    (sender.sender_count(), sender.receiver_count()),
                    (self.senders(), self.receivers())
                );
                prop_assert_eq!(sender.is_closed(), self.receivers() == 0);
                prop_assert!(sender.same_channel(&self.senders[0]));
            }
            for (receiver, seen) in &self.receivers {
                prop_assert_eq!(*receiver.borrow(), self.value);
                prop_assert_eq!(receiver.has_changed().ok(), (!over).then_some(!seen));
                prop_assert_eq!(receiver.is_closed(), over);
                prop_assert!(receiver.same_channel(&self.receivers[0].0));
            }
            Ok(())
        }
    }

    fn run(steps: &[Step]) -> TestCaseResult {
        let senders = vec![Sender::new(0)];
        let mut run =
            Run { value: 0, senders, receivers: Vec::new(), waiting: Vec::new(), closing: Vec::new() };
        steps.iter().try_for_each(|step| run.step(step))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(steps in prop::collection::vec(step(), 1..80)) {
            run(&steps)?;
        }
    }
}

mod broadcast_channel {
    use super::*;
    use rt_core::sync::broadcast::error::{RecvError, TryRecvError};
    use rt_core::sync::broadcast::{Receiver, Sender, WeakSender};

    #[derive(Debug, Clone)]
    enum Step {
        Send,
        CloneSender,
        DropSender,
        Downgrade,
        DropWeak,
        Upgrade,
        Subscribe,
        Resubscribe(usize),
        Leave(usize),
        TryRecv(usize),
        Recv(usize),
        PollOrCancel(usize, bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        let index = || 0_usize..8;
        prop_oneof![
            6 => Just(Step::Send),
            1 => Just(Step::CloneSender),
            1 => Just(Step::DropSender),
            1 => Just(Step::Downgrade),
            1 => Just(Step::DropWeak),
            1 => Just(Step::Upgrade),
            2 => Just(Step::Subscribe),
            1 => index().prop_map(Step::Resubscribe),
            1 => index().prop_map(Step::Leave),
            3 => index().prop_map(Step::TryRecv),
            5 => index().prop_map(Step::Recv),
            5 => (index(), prop::bool::weighted(0.3)).prop_map(|(nth, cancel)| Step::PollOrCancel(nth, cancel)),
        ]
    }

    type Got = (Receiver<u64>, Result<u64, RecvError>);

    struct Run {
        capacity: u64,
        sent: u64,
        senders: Vec<Sender<u64>>,
        weak: Vec<WeakSender<u64>>,
        /// With the position of the next value.
        receivers: Vec<(Receiver<u64>, u64)>,
        waiting: Vec<(Wait<'static, Got>, u64)>,
    }

    impl Run {
        /// What one finds that is at `next`, and where it is then.
        fn look(&self, next: u64) -> (Result<u64, TryRecvError>, u64) {
            let oldest = self.sent.saturating_sub(self.capacity);
            if next == self.sent {
                let none = if self.senders.is_empty() { TryRecvError::Closed } else { TryRecvError::Empty };
                (Err(none), next)
            } else if next < oldest {
                (Err(TryRecvError::Lagged(oldest - next)), oldest)
            } else {
                (Ok(next), next + 1)
            }
        }

        /// As `look`, for one who waits when there is nothing.
        fn news(&self, next: u64) -> Option<(Result<u64, RecvError>, u64)> {
            let (found, next) = self.look(next);
            let found = match found {
                Ok(value) => Ok(value),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Err(TryRecvError::Closed) => Err(RecvError::Closed),
                Err(TryRecvError::Empty) => return None,
            };
            Some((found, next))
        }

        fn got(&mut self, got: Got, expected: Option<(Result<u64, RecvError>, u64)>) -> TestCaseResult {
            let Some((found, next)) = expected else {
                prop_assert!(false, "{:?} out of nothing", got.1);
                return Ok(());
            };
            prop_assert_eq!(got.1, found);
            self.receivers.push((got.0, next));
            Ok(())
        }

        fn receive(&mut self, nth: usize) -> TestCaseResult {
            let nth = nth % self.receivers.len();
            let (mut receiver, next) = self.receivers.swap_remove(nth);
            let expected = self.news(next);
            let begun = Wait::begin(async move {
                let got = receiver.recv().await;
                (receiver, got)
            });
            match begun {
                Ok(got) => self.got(got, expected)?,
                Err(wait) => {
                    prop_assert_eq!(expected, None);
                    self.waiting.push((wait, next));
                }
            }
            Ok(())
        }

        fn step(&mut self, step: &Step) -> TestCaseResult {
            match *step {
                Step::Send => {
                    let Some(sender) = self.senders.last() else { return Ok(()) };
                    let receivers = self.receivers.len() + self.waiting.len();
                    match sender.send(self.sent) {
                        Ok(told) => {
                            prop_assert!(told > 0 && told == receivers);
                            self.sent += 1;
                        }
                        Err(error) => prop_assert_eq!((error.0, receivers), (self.sent, 0)),
                    }
                }
                Step::CloneSender => self.senders.extend(self.senders.first().cloned()),
                Step::DropSender => drop(self.senders.pop()),
                Step::Downgrade => self.weak.extend(self.senders.first().map(Sender::downgrade)),
                Step::DropWeak => drop(self.weak.pop()),
                Step::Upgrade => {
                    let Some(weak) = self.weak.last() else { return Ok(()) };
                    let upgraded = weak.upgrade();
                    prop_assert_eq!(upgraded.is_some(), !self.senders.is_empty());
                    self.senders.extend(upgraded);
                }
                Step::Subscribe => {
                    self.receivers.extend(self.senders.last().map(|tx| (tx.subscribe(), self.sent)));
                }
                Step::Resubscribe(nth) if !self.receivers.is_empty() => {
                    let other = self.receivers[nth % self.receivers.len()].0.resubscribe();
                    self.receivers.push((other, self.sent));
                }
                Step::Leave(nth) if !self.receivers.is_empty() => {
                    drop(self.receivers.swap_remove(nth % self.receivers.len()));
                }
                Step::TryRecv(nth) if !self.receivers.is_empty() => {
                    let nth = nth % self.receivers.len();
                    let (expected, next) = self.look(self.receivers[nth].1);
                    prop_assert_eq!(self.receivers[nth].0.try_recv(), expected);
                    self.receivers[nth].1 = next;
                }
                Step::Recv(nth) if !self.receivers.is_empty() => self.receive(nth)?,
                Step::PollOrCancel(nth, cancel) if !self.waiting.is_empty() => {
                    let (mut wait, next) = self.waiting.swap_remove(nth % self.waiting.len());
                    if cancel {
                        // Along with its receiver.
                        drop(wait);
                        return self.check();
                    }
                    match wait.poll() {
                        Poll::Ready(got) => {
                            drop(wait);
                            self.got(got, self.news(next))?;
                        }
                        Poll::Pending => {
                            prop_assert_eq!(self.news(next), None);
                            self.waiting.push((wait, next));
                        }
                    }
                }
                _ => {}
            }
            self.check()
        }

        fn check(&self) -> TestCaseResult {
            for (wait, next) in &self.waiting {
                prop_assert_eq!(wait.woken(), usize::from(self.news(*next).is_some()));
            }
            let counts = (self.senders.len(), self.weak.len());
            for (receiver, next) in &self.receivers {
                prop_assert_eq!(receiver.len() as u64, self.sent - next);
                prop_assert_eq!(receiver.is_empty(), self.sent == *next);
                prop_assert_eq!(receiver.is_closed(), self.senders.is_empty());
                prop_assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), counts);
                prop_assert!(receiver.same_channel(&self.receivers[0].0));
            }
            if let Some(sender) = self.senders.last() {
                prop_assert_eq!((sender.strong_count(), sender.weak_count()), counts);
                prop_assert_eq!(sender.receiver_count(), self.receivers.len() + self.waiting.len());
                prop_assert!(sender.same_channel(&self.senders[0]));
            }
            if let Some(weak) = self.weak.last() {
                prop_assert_eq!((weak.strong_count(), weak.weak_count()), counts);
            }
            Ok(())
        }
    }

    fn run(capacity: usize, steps: &[Step]) -> TestCaseResult {
        let mut run = Run {
            capacity: capacity.next_power_of_two() as u64,
            sent: 0,
            senders: vec![Sender::new(capacity)],
            weak: Vec::new(),
            receivers: Vec::new(),
            waiting: Vec::new(),
        };
        steps.iter().try_for_each(|step| run.step(step))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(capacity in 1_usize..6, steps in prop::collection::vec(step(), 1..80)) {
            run(capacity, &steps)?;
        }
    }
}
