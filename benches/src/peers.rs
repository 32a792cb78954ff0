//! The channels of other crates beside ours, all on rt-core: `--peers` compares them.
//!
//! A workload is generic over the channel, and a row runs it over a peer's and over ours.
//!
//! What a channel promises is part of what it costs. Two things that ours promises, and that show in the rows:
//!
//! - **A task gives way.** Operations of kanal and flume spend no budget, so that a task which always finds a message, or
//!   room, keeps its worker: with room for 1,000 messages it goes on for 1,000. The rows `kanal-fair-*` are kanal with the
//!   budget, by `coop::cooperative`, as a task needs it that mustn't hold up others.
//! - **What was cancelled wasn't sent.** Receivers of kanal and flume take the message out of the future that waits for
//!   room, and a `send` that is dropped after that has sent it. With room for one message that makes several messages for
//!   each switch between the tasks, where ours and async-channel's have the sender run for each.
use std::fmt::Debug;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Instant;

use crate::case::{Case, Workload};
use crate::cli::Side;
use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::mpsc;
use rt_core::task::coop::cooperative;

const CAPACITY: usize = 1_000;

/// A bounded channel of many senders and one receiver.
trait Channel: 'static {
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver);
    /// The channel's own future, without one of ours around it.
    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = Result<(), impl Debug>> + Send;
    /// The same. Of what it gives there is one message, or none at the end.
    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output: IntoIterator<Item = u64>> + Send;
}

struct Ours;

impl Channel for Ours {
    type Sender = mpsc::Sender<u64>;
    type Receiver = mpsc::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        mpsc::channel(capacity)
    }

    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = Result<(), impl Debug>> + Send {
        sender.send(message)
    }

    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output: IntoIterator<Item = u64>> + Send {
        receiver.recv()
    }
}

struct Flume;

impl Channel for Flume {
    type Sender = flume::Sender<u64>;
    type Receiver = flume::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        flume::bounded(capacity)
    }

    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = Result<(), impl Debug>> + Send {
        sender.send_async(message)
    }

    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output: IntoIterator<Item = u64>> + Send {
        receiver.recv_async()
    }
}

struct AsyncChannel;

impl Channel for AsyncChannel {
    type Sender = async_channel::Sender<u64>;
    type Receiver = async_channel::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        async_channel::bounded(capacity)
    }

    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = Result<(), impl Debug>> + Send {
        sender.send(message)
    }

    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output: IntoIterator<Item = u64>> + Send {
        receiver.recv()
    }
}

struct Kanal;

impl Channel for Kanal {
    type Sender = kanal::AsyncSender<u64>;
    type Receiver = kanal::AsyncReceiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        kanal::bounded_async(capacity)
    }

    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = Result<(), impl Debug>> + Send {
        sender.send(message)
    }

    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output: IntoIterator<Item = u64>> + Send {
        receiver.recv()
    }
}

/// A peer whose operations spend budget.
struct Fair<C>(PhantomData<C>);

impl<C: Channel> Channel for Fair<C> {
    type Sender = C::Sender;
    type Receiver = C::Receiver;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        C::bounded(capacity)
    }

    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = Result<(), impl Debug>> + Send {
        cooperative(C::send(sender, message))
    }

    fn receive(receiver: &mut Self::Receiver) -> impl Future<Output: IntoIterator<Item = u64>> + Send {
        cooperative(C::receive(receiver))
    }
}

/// Not behind a peer by more than a tenth.
const BAR: f64 = 0.9;

/// The rows of a peer; on our side the same rows over our channel.
macro_rules! rows {
    ($peer:ty, $side:expr, $one_task:literal, $one:literal, $five:literal, $single:literal) => {{
        match $side {
            Side::Ours => rows!(@ Ours, $one_task, $one, $five, $single),
            Side::Tokio => rows!(@ $peer, $one_task, $one, $five, $single),
        }
    }};
    (@ $channel:ty, $one_task:literal, $one:literal, $five:literal, $single:literal) => {
        [
            Case::speed($one_task, "send and receive in one task", BAR, one_task::<$channel>),
            Case::speed($one, "bounded to 1,000: one sending task", BAR, || producers::<$channel>(1, CAPACITY)),
            Case::speed($five, "bounded to 1,000: five sending tasks", BAR, || {
                producers::<$channel>(5, CAPACITY)
            }),
            Case::speed($single, "bounded to 1: one sending task", BAR, || producers::<$channel>(1, 1)),
        ]
    };
}

/// All rows, over the peers' channels or over ours.
pub(crate) fn cases(side: Side) -> Vec<Case> {
    [
        rows!(
            Flume,
            side,
            "flume-one-task/ct",
            "flume-1-producer/mt",
            "flume-5-producers/mt",
            "flume-capacity-1/mt"
        ),
        rows!(
            AsyncChannel,
            side,
            "async-channel-one-task/ct",
            "async-channel-1-producer/mt",
            "async-channel-5-producers/mt",
            "async-channel-capacity-1/mt"
        ),
        rows!(
            Kanal,
            side,
            "kanal-one-task/ct",
            "kanal-1-producer/mt",
            "kanal-5-producers/mt",
            "kanal-capacity-1/mt"
        ),
        rows!(
            Fair<Kanal>,
            side,
            "kanal-fair-one-task/ct",
            "kanal-fair-1-producer/mt",
            "kanal-fair-5-producers/mt",
            "kanal-fair-capacity-1/mt"
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn one_task<C: Channel>() -> Workload {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = C::bounded(CAPACITY);
            let start = Instant::now();
            for nth in 0..operations {
                C::send(&sender, nth).await.unwrap();
                assert_eq!(next(C::receive(&mut receiver).await), Some(nth));
            }
            start.elapsed().as_nanos() as f64
        })
    })
}

fn producers<C: Channel>(producers: u64, capacity: usize) -> Workload {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = C::bounded(capacity);
            let start = Instant::now();
            for producer in 0..producers {
                let sender = sender.clone();
                // The first ones take what doesn't divide evenly.
                let share = operations / producers + u64::from(producer < operations % producers);
                rt_core::spawn(async move {
                    for nth in 0..share {
                        C::send(&sender, nth).await.unwrap();
                    }
                });
            }
            drop(sender);
            let mut received = 0;
            while next(C::receive(&mut receiver).await).is_some() {
                received += 1;
            }
            assert_eq!(received, operations);
            start.elapsed().as_nanos() as f64
        })
    })
}

fn next(received: impl IntoIterator<Item = u64>) -> Option<u64> {
    received.into_iter().next()
}

fn on_worker<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    runtime.block_on(runtime.spawn(future)).expect("the workload didn't panic")
}

#[cfg(test)]
mod tests;
