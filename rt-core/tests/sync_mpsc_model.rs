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

    fn take(&mut self) -> Result<(), bool> {
        if self.closed {
            return Err(true);
        }
        if self.room == 0 || !self.line.is_empty() {
            return Err(false);
        }
        self.room -= 1;
        Ok(())
    }
}

fn run(capacity: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (tx, mut rx) = mpsc::channel(capacity);
    let mut cx = Context::from_waker(Waker::noop());
    let mut model = Model {
        room: capacity,
        queue: VecDeque::new(),
        line: VecDeque::new(),
        granted: Vec::new(),
        closed: false,
    };
    let mut waiting: Vec<(usize, Waiting)> = Vec::new();
    let mut permits: Vec<OwnedPermit<usize>> = Vec::new();
    for (id, step) in steps.into_iter().enumerate() {
        // All that is held: messages, permits, and room that was granted. What is left must be free.
        let held = model.queue.len() + permits.len() + model.granted.len();
        prop_assert_eq!(model.room + held, capacity);
        let over = model.closed && held == 0;
        match step {
            Step::Send | Step::Reserve => {
                let tx = tx.clone();
                let mut future = match step {
                    Step::Send => Waiting::Send(Box::pin(async move { tx.send(id).await })),
                    _ => Waiting::Reserve(Box::pin(tx.reserve_owned())),
                };
                let expected = model.take();
                match (&mut future, expected) {
                    (Waiting::Send(send), Ok(())) => {
                        prop_assert_eq!(send.as_mut().poll(&mut cx), Poll::Ready(Ok(())));
                        model.queue.push_back(id);
                    }
                    (Waiting::Reserve(reserve), Ok(())) => match reserve.as_mut().poll(&mut cx) {
                        Poll::Ready(Ok(permit)) => permits.push(permit),
                        other => prop_assert!(false, "{other:?}"),
                    },
                    (Waiting::Send(send), Err(true)) => {
                        prop_assert_eq!(send.as_mut().poll(&mut cx), Poll::Ready(Err(SendError(id))));
                    }
                    (Waiting::Reserve(reserve), Err(true)) => {
                        prop_assert!(matches!(reserve.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
                    }
                    (Waiting::Send(send), Err(false)) => {
                        prop_assert!(send.as_mut().poll(&mut cx).is_pending())
                    }
                    (Waiting::Reserve(reserve), Err(false)) => {
                        prop_assert!(reserve.as_mut().poll(&mut cx).is_pending());
                    }
                }
                if expected == Err(false) {
                    model.line.push_back(id);
                    waiting.push((id, future));
                }
            }
            Step::TrySend => match (tx.try_send(id), model.take()) {
                (Ok(()), Ok(())) => model.queue.push_back(id),
                (Err(TrySendError::Closed(_)), Err(true)) | (Err(TrySendError::Full(_)), Err(false)) => {}
                (got, expected) => prop_assert!(false, "{got:?} rather than {expected:?}"),
            },
            Step::PollOrCancel(i, cancel) if !waiting.is_empty() => {
                let (id, mut future) = waiting.swap_remove(i % waiting.len());
                if cancel {
                    drop(future);
                    model.line.retain(|&waiter| waiter != id);
                    if let Some(Ok(())) = model.look(id) {
                        model.free(1);
                    }
                    continue;
                }
                let expected = model.look(id);
                match (&mut future, expected) {
                    (Waiting::Send(send), Some(Ok(()))) => {
                        prop_assert_eq!(send.as_mut().poll(&mut cx), Poll::Ready(Ok(())));
                        model.queue.push_back(id);
                    }
                    (Waiting::Reserve(reserve), Some(Ok(()))) => match reserve.as_mut().poll(&mut cx) {
                        Poll::Ready(Ok(permit)) => permits.push(permit),
                        other => prop_assert!(false, "{other:?}"),
                    },
                    (Waiting::Send(send), Some(Err(()))) => {
                        prop_assert_eq!(send.as_mut().poll(&mut cx), Poll::Ready(Err(SendError(id))));
                    }
                    (Waiting::Reserve(reserve), Some(Err(()))) => {
                        prop_assert!(matches!(reserve.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
                    }
                    (Waiting::Send(send), None) => prop_assert!(send.as_mut().poll(&mut cx).is_pending()),
                    (Waiting::Reserve(reserve), None) => {
                        prop_assert!(reserve.as_mut().poll(&mut cx).is_pending());
                    }
                }
                if expected.is_none() {
                    waiting.push((id, future));
                }
            }
            Step::UsePermit(i, send) if !permits.is_empty() => {
                let permit = permits.swap_remove(i % permits.len());
                if send {
                    drop(permit.send(id));
                    model.queue.push_back(id);
                } else {
                    drop(permit);
                    model.free(1);
                }
            }
            Step::PollOrCancel(..) | Step::UsePermit(..) => {}
            Step::TryRecv => {
                let expected = model.queue.pop_front().ok_or(if over {
                    TryRecvError::Disconnected
                } else {
                    TryRecvError::Empty
                });
                prop_assert_eq!(rx.try_recv(), expected);
                model.free(usize::from(expected.is_ok()));
            }
            Step::PollRecv => {
                let expected = match model.queue.pop_front() {
                    Some(value) => Poll::Ready(Some(value)),
                    None if over => Poll::Ready(None),
                    None => Poll::Pending,
                };
                prop_assert_eq!(rx.poll_recv(&mut cx), expected);
                model.free(usize::from(matches!(expected, Poll::Ready(Some(_)))));
            }
            Step::RecvMany(limit) => {
                let mut buffer = Vec::new();
                let got = rx.poll_recv_many(&mut cx, &mut buffer, limit);
                let taken: Vec<_> = model.queue.drain(..limit.min(model.queue.len())).collect();
                match taken.len() {
                    0 if limit > 0 && !over => prop_assert_eq!(got, Poll::Pending),
                    n => prop_assert_eq!(got, Poll::Ready(n)),
                }
                model.free(taken.len());
                prop_assert_eq!(buffer, taken);
            }
            Step::Close => {
                rx.close();
                model.closed = true;
                model.line.clear();
            }
        }
        prop_assert_eq!(rx.len(), model.queue.len());
        prop_assert_eq!(tx.capacity(), if model.line.is_empty() { model.room } else { 0 });
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn behaves_as_the_model(capacity in prop_oneof![1_usize..5, 8_usize..14], steps in prop::collection::vec(step(), 1..100)) {
        run(capacity, steps)?;
    }
}
