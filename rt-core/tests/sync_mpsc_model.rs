//! The bounded channel against a sequential model, with futures dropped wherever they stand.
#![cfg(feature = "sync")]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use rt_core::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
use rt_core::sync::mpsc::{self, OwnedPermit};

#[derive(Debug, Clone)]
enum Step {
    Send,
    TrySend,
    Reserve,
    PollOrCancel(usize, bool),
    UsePermit(usize, bool),
    TryRecv,
    PollRecv,
    RecvMany(usize),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Send),
        3 => Just(Step::TrySend),
        2 => Just(Step::Reserve),
        4 => (0_usize..8, prop::bool::weighted(0.3)).prop_map(|(i, cancel)| Step::PollOrCancel(i, cancel)),
        3 => (0_usize..8, any::<bool>()).prop_map(|(i, send)| Step::UsePermit(i, send)),
        4 => Just(Step::TryRecv),
        3 => Just(Step::PollRecv),
        1 => (0_usize..5).prop_map(Step::RecvMany),
        1 => Just(Step::Close),
    ]
}

type Reserving = Pin<Box<dyn Future<Output = Result<OwnedPermit<usize>, SendError<()>>>>>;

enum Waiting {
    Send(Pin<Box<dyn Future<Output = Result<(), SendError<usize>>>>>),
    Reserve(Reserving),
}

#[derive(Default)]
struct Model {
    room: usize,
    queue: VecDeque<usize>,
    /// Who waits for room, and who was given some and hasn't looked yet.
    line: VecDeque<usize>,
    granted: Vec<usize>,
    closed: bool,
}

impl Model {
    fn free(&mut self, n: usize) {
        self.room += n;
        while self.room > 0 {
            let Some(id) = self.line.pop_front() else { break };
            self.room -= 1;
            self.granted.push(id);
        }
    }

    /// What a wait that looks now finds: `None` to wait on.
    fn look(&mut self, id: usize) -> Option<Result<(), ()>> {
        if let Some(at) = self.granted.iter().position(|&granted| granted == id) {
            self.granted.swap_remove(at);
            if self.closed {
                // Closed before it came to fetch it.
                self.free(1);
                return Some(Err(()));
            }
            return Some(Ok(()));
        }
        self.closed.then_some(Err(()))
    }

    /// What who asks for room finds: `None` to wait for it.
    fn take(&mut self) -> Option<Result<(), ()>> {
        if self.closed {
            return Some(Err(()));
        }
        if self.room == 0 || !self.line.is_empty() {
            return None;
        }
        self.room -= 1;
        Some(Ok(()))
    }
}

/// A channel beside its model.
struct Run {
    capacity: usize,
    tx: mpsc::Sender<usize>,
    rx: mpsc::Receiver<usize>,
    cx: Context<'static>,
    model: Model,
    waiting: Vec<(usize, Waiting)>,
    permits: Vec<OwnedPermit<usize>>,
}

impl Run {
    fn new(capacity: usize) -> Self {
        let (tx, rx) = mpsc::channel(capacity);
        let cx = Context::from_waker(Waker::noop());
        let model = Model { room: capacity, ..Model::default() };
        Self { capacity, tx, rx, cx, model, waiting: Vec::new(), permits: Vec::new() }
    }

    /// Messages, permits, and room that was granted.
    fn held(&self) -> usize {
        self.model.queue.len() + self.permits.len() + self.model.granted.len()
    }

    fn is_over(&self) -> bool {
        self.model.closed && self.held() == 0
    }

    fn step(&mut self, id: usize, step: Step) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.model.room + self.held(), self.capacity, "what isn't held is free");
        match step {
            Step::Send => {
                let tx = self.tx.clone();
                self.begin(id, Waiting::Send(Box::pin(async move { tx.send(id).await })))?;
            }
            Step::Reserve => {
                let reserve = self.tx.clone().reserve_owned();
                self.begin(id, Waiting::Reserve(Box::pin(reserve)))?;
            }
            Step::TrySend => match (self.tx.try_send(id), self.model.take()) {
                (Ok(()), Some(Ok(()))) => self.model.queue.push_back(id),
                (Err(TrySendError::Closed(_)), Some(Err(()))) | (Err(TrySendError::Full(_)), None) => {}
                (got, expected) => prop_assert!(false, "{got:?} rather than {expected:?}"),
            },
            Step::PollOrCancel(i, cancel) => self.poll_or_cancel(i, cancel)?,
            Step::UsePermit(i, send) => self.use_permit(id, i, send),
            Step::TryRecv => self.try_recv()?,
            Step::PollRecv => self.poll_recv()?,
            Step::RecvMany(limit) => self.recv_many(limit)?,
            Step::Close => {
                self.rx.close();
                self.model.closed = true;
                self.model.line.clear();
            }
        }
        prop_assert_eq!(self.rx.len(), self.model.queue.len());
        let room = if self.model.line.is_empty() { self.model.room } else { 0 };
        prop_assert_eq!(self.tx.capacity(), room);
        Ok(())
    }

    /// Polls a wait for the first time.
    fn begin(&mut self, id: usize, future: Waiting) -> Result<(), TestCaseError> {
        let expected = self.model.take();
        if expected.is_none() {
            self.model.line.push_back(id);
        }
        self.poll(id, future, expected)
    }

    fn poll_or_cancel(&mut self, i: usize, cancel: bool) -> Result<(), TestCaseError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (id, future) = self.waiting.swap_remove(i % self.waiting.len());
        if !cancel {
            let expected = self.model.look(id);
            return self.poll(id, future, expected);
        }
        drop(future);
        self.model.line.retain(|&waiter| waiter != id);
        if let Some(Ok(())) = self.model.look(id) {
            self.model.free(1);
        }
        Ok(())
    }

    /// Polls a wait, of which `expected` should come; `None` when it is to wait on.
    fn poll(
        &mut self,
        id: usize,
        mut future: Waiting,
        expected: Option<Result<(), ()>>,
    ) -> Result<(), TestCaseError> {
        match &mut future {
            Waiting::Send(send) => {
                let expected = match expected {
                    Some(outcome) => Poll::Ready(outcome.map_err(|()| SendError(id))),
                    None => Poll::Pending,
                };
                prop_assert_eq!(send.as_mut().poll(&mut self.cx), expected);
                self.model.queue.extend(matches!(expected, Poll::Ready(Ok(()))).then_some(id));
            }
            Waiting::Reserve(reserve) => match (reserve.as_mut().poll(&mut self.cx), expected) {
                (Poll::Ready(Ok(permit)), Some(Ok(()))) => self.permits.push(permit),
                (Poll::Ready(Err(_)), Some(Err(()))) | (Poll::Pending, None) => {}
                (got, expected) => prop_assert!(false, "{got:?} rather than {expected:?}"),
            },
        }
        if expected.is_none() {
            self.waiting.push((id, future));
        }
        Ok(())
    }

    fn use_permit(&mut self, id: usize, i: usize, send: bool) {
        if self.permits.is_empty() {
            return;
        }
        let permit = self.permits.swap_remove(i % self.permits.len());
        if send {
            drop(permit.send(id));
            self.model.queue.push_back(id);
        } else {
            drop(permit);
            self.model.free(1);
        }
    }

    fn try_recv(&mut self) -> Result<(), TestCaseError> {
        let none = if self.is_over() { TryRecvError::Disconnected } else { TryRecvError::Empty };
        let expected = self.model.queue.pop_front().ok_or(none);
        prop_assert_eq!(self.rx.try_recv(), expected);
        self.model.free(usize::from(expected.is_ok()));
        Ok(())
    }

    fn poll_recv(&mut self) -> Result<(), TestCaseError> {
        let over = self.is_over();
        let expected = match self.model.queue.pop_front() {
            Some(value) => Poll::Ready(Some(value)),
            None if over => Poll::Ready(None),
            None => Poll::Pending,
        };
        prop_assert_eq!(self.rx.poll_recv(&mut self.cx), expected);
        self.model.free(usize::from(matches!(expected, Poll::Ready(Some(_)))));
        Ok(())
    }

    fn recv_many(&mut self, limit: usize) -> Result<(), TestCaseError> {
        let over = self.is_over();
        let mut buffer = Vec::new();
        let got = self.rx.poll_recv_many(&mut self.cx, &mut buffer, limit);
        let taken: Vec<_> = self.model.queue.drain(..limit.min(self.model.queue.len())).collect();
        match taken.len() {
            0 if limit > 0 && !over => prop_assert_eq!(got, Poll::Pending),
            n => prop_assert_eq!(got, Poll::Ready(n)),
        }
        self.model.free(taken.len());
        prop_assert_eq!(buffer, taken);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn behaves_as_the_model(capacity in prop_oneof![1_usize..5, 8_usize..14], steps in prop::collection::vec(step(), 1..100)) {
        let mut run = Run::new(capacity);
        for (id, step) in steps.into_iter().enumerate() {
            run.step(id, step)?;
        }
    }
}
