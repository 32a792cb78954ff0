//! Sending with a limit to the wait.
#![cfg(feature = "full")]
#![cfg(feature = "test-util")]

mod sync_support;

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Poll;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::mpsc::error::{SendTimeoutError, TryRecvError};
use rt_core::sync::mpsc::{self, Receiver, Sender};
use rt_core::time::{Duration, Instant, advance, sleep};
use sync_support::Wait;

const MS: Duration = Duration::from_millis(1);

#[rt_core::test(start_paused = true)]
async fn what_finds_room_in_time_is_sent() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send_timeout(1, Duration::ZERO).await.unwrap();
    let receiving = rt_core::spawn(async move {
        sleep(5 * MS).await;
        (rx.recv().await, rx.recv().await)
    });
    let start = Instant::now();
    tx.send_timeout(2, 10 * MS).await.unwrap();
    assert_eq!(start.elapsed(), 5 * MS);
    assert_eq!(receiving.await.unwrap(), (Some(1), Some(2)));
}

#[rt_core::test(start_paused = true)]
async fn what_does_not_comes_back_and_its_place_in_the_line_is_free() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    let start = Instant::now();
    let error = tx.send_timeout(2, 10 * MS).await.unwrap_err();
    assert_eq!(start.elapsed(), 10 * MS);
    assert_eq!(error, SendTimeoutError::Timeout(2));
    assert_eq!(format!("{error:?}"), "Timeout(..)");
    assert_eq!(error.into_inner(), 2);
    assert_eq!(rx.recv().await, Some(1));
    assert_eq!(tx.capacity(), 1);
}

#[rt_core::test(start_paused = true)]
async fn who_waits_learns_that_the_channel_is_closed() {
    let (tx, rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    let closing = rt_core::spawn(async move {
        sleep(5 * MS).await;
        drop(rx);
    });
    let start = Instant::now();
    assert_eq!(tx.send_timeout(2, 10 * MS).await, Err(SendTimeoutError::Closed(2)));
    assert_eq!(start.elapsed(), 5 * MS);
    assert_eq!(tx.send_timeout(3, Duration::ZERO).await, Err(SendTimeoutError::Closed(3)));
    closing.await.unwrap();
}

/// What happens to a full channel, for whose room some wait.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// One comes, and waits for so many milliseconds at most.
    Come(u64),
    /// So many milliseconds go by.
    Pass(u64),
    Receive,
    /// One that waits polls. Each second time it's in another task, which is the one to wake from then on.
    Poll(usize),
    Cancel(usize),
    Close,
}

/// A message, of which none is lost and none is there twice.
#[derive(Debug)]
struct Message(usize, #[expect(dead_code, reason = "it is counted")] Rc<()>);

struct Waiting {
    id: usize,
    deadline: u64,
    wait: Wait<'static, Result<(), SendTimeoutError<Message>>>,
    /// Whether there is room for it, which it hasn't fetched.
    granted: bool,
    /// How often it was woken before its last poll, and how often it must be since.
    woken: usize,
    due: usize,
}

struct Run<'a> {
    runtime: &'a Runtime,
    tx: Sender<Message>,
    rx: Receiver<Message>,
    token: Rc<()>,
    capacity: usize,
    now: u64,
    /// Of the model: what was sent, who waits in the order in which they came, and whether it is closed.
    queue: VecDeque<usize>,
    waiting: Vec<Waiting>,
    closed: bool,
}

impl<'a> Run<'a> {
    /// A channel that is full.
    fn new(runtime: &'a Runtime, capacity: usize) -> Self {
        let (tx, rx) = mpsc::channel(capacity);
        let (token, queue, waiting) = (Rc::new(()), VecDeque::new(), Vec::new());
        let mut run = Self { runtime, tx, rx, token, capacity, now: 0, queue, waiting, closed: false };
        for nth in 0..capacity {
            run.tx.try_send(Message(nth, run.token.clone())).unwrap();
            run.queue.push_back(nth);
        }
        run
    }

    /// Room that nobody has.
    fn room(&self) -> usize {
        self.capacity - self.queue.len() - self.waiting.iter().filter(|waiting| waiting.granted).count()
    }

    /// Room goes to those who wait, the first first.
    fn serve(&mut self) {
        while self.room() > 0 && !self.closed {
            let Some(first) = self.waiting.iter_mut().find(|waiting| !waiting.granted) else { return };
            (first.granted, first.due) = (true, first.due + 1);
        }
    }

    /// What one that comes, or looks, is told.
    fn news(&self, granted: bool, deadline: u64) -> Option<Result<(), SendTimeoutError<()>>> {
        match granted {
            _ if self.closed => Some(Err(SendTimeoutError::Closed(()))),
            true => Some(Ok(())),
            false => (deadline <= self.now).then_some(Err(SendTimeoutError::Timeout(()))),
        }
    }

    fn told(
        &mut self,
        id: usize,
        told: Result<(), SendTimeoutError<Message>>,
        expected: Option<Result<(), SendTimeoutError<()>>>,
    ) -> TestCaseResult {
        let (told, back) = match told {
            Ok(()) => (Ok(()), None),
            Err(SendTimeoutError::Timeout(message)) => (Err(SendTimeoutError::Timeout(())), Some(message)),
            Err(SendTimeoutError::Closed(message)) => (Err(SendTimeoutError::Closed(())), Some(message)),
        };
        prop_assert_eq!(Some(told), expected);
        prop_assert!(back.is_none_or(|back| back.0 == id));
        if told.is_ok() {
            self.queue.push_back(id);
        }
        Ok(())
    }

    fn come(&mut self, id: usize, limit: u64) -> TestCaseResult {
        let (tx, message) = (self.tx.clone(), Message(id, self.token.clone()));
        let (deadline, at_once) = (self.now + limit, self.room() > 0);
        let expected = self.news(at_once, deadline);
        let limit = Duration::from_millis(limit);
        match Wait::begin(async move { tx.send_timeout(message, limit).await }) {
            Ok(told) => self.told(id, told, expected),
            Err(wait) => {
                prop_assert_eq!(expected, None);
                self.waiting.push(Waiting { id, deadline, wait, granted: false, woken: 0, due: 0 });
                Ok(())
            }
        }
    }

    fn poll(&mut self, nth: usize) -> TestCaseResult {
        let waiting = &mut self.waiting[nth];
        let told = waiting.wait.poll();
        let (id, expected) = (waiting.id, self.news(self.waiting[nth].granted, self.waiting[nth].deadline));
        let Poll::Ready(told) = told else {
            prop_assert_eq!(expected, None);
            let waiting = &mut self.waiting[nth];
            (waiting.woken, waiting.due) = (waiting.wait.woken(), 0);
            return Ok(());
        };
        drop(self.waiting.remove(nth));
        self.told(id, told, expected)
    }

    fn step(&mut self, id: usize, step: Step) -> TestCaseResult {
        let there = self.waiting.len();
        match step {
            Step::Come(limit) => self.come(id, limit)?,
            Step::Pass(ms) => {
                self.runtime.block_on(advance(Duration::from_millis(ms)));
                let (before, now) = (self.now, self.now + ms);
                self.now = now;
                let ended = |waiting: &&mut Waiting| (before + 1..=now).contains(&waiting.deadline);
                self.waiting.iter_mut().filter(ended).for_each(|waiting| waiting.due += 1);
            }
            Step::Receive => {
                let over = self.closed && self.room() == self.capacity;
                let none = if over { TryRecvError::Disconnected } else { TryRecvError::Empty };
                let expected = self.queue.pop_front().ok_or(none);
                prop_assert_eq!(self.rx.try_recv().map(|message| message.0), expected);
            }
            Step::Poll(nth) if there > 0 => self.poll(nth % there)?,
            Step::Cancel(nth) if there > 0 => drop(self.waiting.remove(nth % there)),
            Step::Close if !self.closed => {
                self.rx.close();
                self.closed = true;
                let unaware = self.waiting.iter_mut().filter(|waiting| !waiting.granted);
                unaware.for_each(|waiting| waiting.due += 1);
            }
            _ => {}
        }
        self.serve();
        self.check()
    }

    fn check(&self) -> TestCaseResult {
        for waiting in &self.waiting {
            let woken = waiting.wait.woken() - waiting.woken;
            prop_assert_eq!(woken, waiting.due, "of {}", waiting.id);
        }
        let waits = self.waiting.iter().any(|waiting| !waiting.granted) && !self.closed;
        prop_assert_eq!(self.tx.capacity(), if waits { 0 } else { self.room() });
        prop_assert_eq!(self.rx.len(), self.queue.len());
        prop_assert_eq!(Rc::strong_count(&self.token), 1 + self.queue.len() + self.waiting.len());
        Ok(())
    }

    /// All who wait go, and what was sent is received.
    fn end(mut self) -> TestCaseResult {
        self.waiting.clear();
        self.check()?;
        while !self.queue.is_empty() {
            self.step(0, Step::Receive)?;
        }
        prop_assert_eq!(self.tx.capacity(), self.capacity);
        Ok(())
    }
}

fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn run(runtime: &Runtime, capacity: usize, steps: impl IntoIterator<Item = Step>) -> TestCaseResult {
    let mut run = Run::new(runtime, capacity);
    for (id, step) in [Step::Come(10)].into_iter().chain(steps).enumerate() {
        run.step(capacity + id, step)?;
    }
    run.end()
}

/// One waits; what may happen to it and to another in so many steps, all of it in every order.
#[test]
fn wherever_a_wait_ends_nothing_is_lost() {
    const DEPTH: u32 = 5;
    const STEPS: [Step; 8] = [
        Step::Come(5),
        Step::Come(10),
        Step::Pass(5),
        Step::Receive,
        Step::Poll(0),
        Step::Poll(1),
        Step::Cancel(0),
        Step::Close,
    ];
    let runtime = paused();
    let _entered = runtime.enter();
    // Of which the one gives room back at once, and the other by two messages.
    for capacity in [1, 8] {
        for order in 0..STEPS.len().pow(DEPTH) {
            let steps = (0..DEPTH).map(|nth| STEPS[order / STEPS.len().pow(nth) % STEPS.len()]);
            if let Err(error) = run(&runtime, capacity, steps.clone()) {
                panic!("{:?} with room for {capacity}: {error}", steps.collect::<Vec<_>>());
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u64..20).prop_map(Step::Come),
        3 => (1_u64..10).prop_map(Step::Pass),
        4 => Just(Step::Receive),
        6 => (0_usize..8).prop_map(Step::Poll),
        2 => (0_usize..8).prop_map(Step::Cancel),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// With more that wait, and many more steps.
    #[test]
    fn behaves_as_the_model(
        capacity in prop_oneof![1_usize..5, 8_usize..14],
        steps in prop::collection::vec(step(), 1..90),
        closes in any::<bool>(),
    ) {
        let runtime = paused();
        let _entered = runtime.enter();
        let end = [Step::Close].into_iter().filter(|_| closes).chain(steps.clone().into_iter().take(20));
        run(&runtime, capacity, steps.into_iter().chain(end))?;
    }
}
