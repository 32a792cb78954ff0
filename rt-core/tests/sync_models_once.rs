//! What tells tasks to go on, and what is there once for all, against sequential models: notifications, barriers, and
//! values that are set once. With waits that go on, in another task at times, and waits that are dropped wherever they
//! stand. Who must be woken is, once, and nobody else.
#![cfg(feature = "sync")]

mod sync_support;

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use sync_support::{Task, Wait};

/// One that is given out with it is dropped with it.
type Token = Rc<()>;

/// A number, of which none is lost and none is there twice.
struct Value(usize, #[expect(dead_code, reason = "it is counted")] Token);

/// As many at once, now and then, as aren't woken in one go.
fn many() -> impl Strategy<Value = usize> {
    prop_oneof![20 => 1_usize..4, 1 => 30_usize..70]
}

fn cancels() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.3)
}

mod notify {
    use super::*;
    use rt_core::sync::Notify;
    use rt_core::sync::futures::{Notified, OwnedNotified};
    use std::sync::Arc;

    #[derive(Debug, Clone)]
    enum Step {
        /// So many futures, which own it or borrow it.
        Create(usize, bool),
        Enable(usize),
        Poll(usize),
        /// All, the last first.
        PollAll,
        Drop(usize),
        One,
        Last,
        All,
    }

    fn step() -> impl Strategy<Value = Step> {
        let index = || 0_usize..8;
        prop_oneof![
            3 => (many(), any::<bool>()).prop_map(|(many, owns)| Step::Create(many, owns)),
            2 => index().prop_map(Step::Enable),
            5 => index().prop_map(Step::Poll),
            1 => Just(Step::PollAll),
            3 => index().prop_map(Step::Drop),
            3 => Just(Step::One),
            2 => Just(Step::Last),
            1 => Just(Step::All),
        ]
    }

    enum Future<'a> {
        Borrows(Pin<Box<Notified<'a>>>),
        Owns(Pin<Box<OwnedNotified>>),
    }

    /// Where a future stands.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Stage {
        New,
        InLine,
        /// As the first or the last in line; it hasn't looked yet.
        ToldAlone(Who),
        /// With all; it hasn't looked yet.
        ToldWithAll,
        /// It has looked, and may be asked again.
        Done,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Who {
        First,
        Last,
    }

    struct Wait<'a> {
        id: usize,
        future: Future<'a>,
        task: Task,
        stage: Stage,
        /// Whether it has a waker, since it was polled in the line.
        sleeps: bool,
        /// How often it was woken before its last poll, and whether it must be since.
        woken: usize,
        due: bool,
    }

    impl Wait<'_> {
        fn poll(&mut self) -> bool {
            match &mut self.future {
                Future::Borrows(future) => self.task.poll(future.as_mut()),
                Future::Owns(future) => self.task.poll(future.as_mut()),
            }
            .is_ready()
        }

        fn enable(&mut self) -> bool {
            match &mut self.future {
                Future::Borrows(future) => future.as_mut().enable(),
                Future::Owns(future) => future.as_mut().enable(),
            }
        }

        fn told(&mut self, stage: Stage) {
            self.due = self.sleeps;
            self.stage = stage;
        }
    }

    struct Run<'a> {
        notify: &'a Arc<Notify>,
        permit: bool,
        line: VecDeque<usize>,
        waits: Vec<Wait<'a>>,
    }

    impl<'a> Run<'a> {
        fn create(&mut self, id: usize, owns: bool) {
            let future = if owns {
                Future::Owns(Box::pin(self.notify.clone().notified_owned()))
            } else {
                Future::Borrows(Box::pin(self.notify.notified()))
            };
            let (task, stage) = (Task::new(), Stage::New);
            self.waits.push(Wait { id, future, task, stage, sleeps: false, woken: 0, due: false });
        }

        fn look(&mut self, nth: usize, polls: bool) -> TestCaseResult {
            let wait = &mut self.waits[nth];
            let told = match wait.stage {
                Stage::New => std::mem::take(&mut self.permit),
                stage => stage != Stage::InLine,
            };
            prop_assert_eq!(if polls { wait.poll() } else { wait.enable() }, told);
            if polls {
                (wait.woken, wait.due) = (wait.task.woken(), false);
            }
            if told {
                wait.stage = Stage::Done;
                return Ok(());
            }
            if wait.stage == Stage::New {
                wait.stage = Stage::InLine;
                self.line.push_back(wait.id);
            }
            wait.sleeps |= polls;
            Ok(())
        }

        fn one(&mut self, who: Who) {
            let chosen = match who {
                Who::First => self.line.pop_front(),
                Who::Last => self.line.pop_back(),
            };
            match self.waits.iter_mut().find(|wait| Some(wait.id) == chosen) {
                Some(wait) => wait.told(Stage::ToldAlone(who)),
                None => self.permit = true,
            }
        }

        fn leave(&mut self, nth: usize) {
            let wait = self.waits.swap_remove(nth);
            self.line.retain(|id| *id != wait.id);
            drop(wait.future);
            if let Stage::ToldAlone(who) = wait.stage {
                self.one(who);
            }
        }

        fn step(&mut self, id: usize, step: &Step) -> TestCaseResult {
            let there = self.waits.len();
            match *step {
                Step::Create(many, owns) => (0..many).for_each(|nth| self.create(100 * id + nth, owns)),
                Step::Enable(nth) if there > 0 => self.look(nth % there, false)?,
                Step::Poll(nth) if there > 0 => self.look(nth % there, true)?,
                Step::PollAll => (0..there).rev().try_for_each(|nth| self.look(nth, true))?,
                Step::Drop(nth) if there > 0 => self.leave(nth % there),
                Step::One => {
                    self.notify.notify_one();
                    self.one(Who::First);
                }
                Step::Last => {
                    self.notify.notify_last();
                    self.one(Who::Last);
                }
                Step::All => {
                    self.notify.notify_waiters();
                    self.line.clear();
                    let meant = |wait: &&mut Wait<'_>| matches!(wait.stage, Stage::New | Stage::InLine);
                    self.waits.iter_mut().filter(meant).for_each(|wait| wait.told(Stage::ToldWithAll));
                }
                _ => {}
            }
            for wait in &self.waits {
                let woken = wait.task.woken() - wait.woken;
                prop_assert_eq!(woken, usize::from(wait.due), "{} is {:?}", wait.id, wait.stage);
            }
            Ok(())
        }
    }

    fn run(steps: &[Step]) -> TestCaseResult {
        let notify = &Arc::new(Notify::new());
        let mut run = Run { notify, permit: false, line: VecDeque::new(), waits: Vec::new() };
        for (id, step) in steps.iter().enumerate() {
            run.step(id, step)?;
        }
        // Whoever is left goes, and what was only for them is there for the next.
        while !run.waits.is_empty() {
            run.leave(0);
        }
        for permit in [run.permit, false] {
            prop_assert_eq!(super::Wait::begin(notify.notified()).is_ok(), permit);
        }
        prop_assert_eq!(Arc::strong_count(notify), 1);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(steps in prop::collection::vec(step(), 1..80)) {
            run(&steps)?;
        }
    }
}

mod barrier {
    use super::*;
    use rt_core::sync::Barrier;

    #[derive(Debug, Clone)]
    enum Step {
        Arrive(usize),
        /// It hasn't arrived before it is polled.
        DropUnpolled,
        PollOrCancel(usize, bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => many().prop_map(Step::Arrive),
            1 => Just(Step::DropUnpolled),
            6 => (0_usize..50, cancels()).prop_map(|(nth, cancel)| Step::PollOrCancel(nth, cancel)),
        ]
    }

    struct Run<'a> {
        barrier: &'a Barrier,
        size: usize,
        arrived: usize,
        round: usize,
        /// With the round that each came in.
        waiting: Vec<(Wait<'a, bool>, usize)>,
    }

    impl Run<'_> {
        fn arrive(&mut self) -> TestCaseResult {
            let barrier = self.barrier;
            let begun = Wait::begin(async move { barrier.wait().await.is_leader() });
            self.arrived += 1;
            let last = self.arrived == self.size;
            match begun {
                Ok(leads) => prop_assert!(last && leads),
                Err(wait) => {
                    prop_assert!(!last);
                    self.waiting.push((wait, self.round));
                }
            }
            if last {
                (self.arrived, self.round) = (0, self.round + 1);
            }
            Ok(())
        }

        fn poll_or_cancel(&mut self, nth: usize, cancel: bool) -> TestCaseResult {
            let (mut wait, round) = self.waiting.swap_remove(nth);
            if cancel {
                // It stays counted.
                return Ok(());
            }
            match wait.poll() {
                Poll::Ready(leads) => prop_assert!(round < self.round && !leads),
                Poll::Pending => {
                    prop_assert_eq!(round, self.round);
                    self.waiting.push((wait, round));
                }
            }
            Ok(())
        }

        fn step(&mut self, step: &Step) -> TestCaseResult {
            let there = self.waiting.len();
            match *step {
                Step::Arrive(many) => (0..many).try_for_each(|_| self.arrive())?,
                Step::DropUnpolled => drop(self.barrier.wait()),
                Step::PollOrCancel(nth, cancel) if there > 0 => self.poll_or_cancel(nth % there, cancel)?,
                Step::PollOrCancel(..) => {}
            }
            for (wait, round) in &self.waiting {
                prop_assert_eq!(wait.woken(), usize::from(*round < self.round));
            }
            Ok(())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(
            size in prop_oneof![0_usize..6, 30_usize..70],
            steps in prop::collection::vec(step(), 1..80),
        ) {
            let barrier = &Barrier::new(size);
            let size = size.max(1);
            let mut run = Run { barrier, size, arrived: 0, round: 0, waiting: Vec::new() };
            steps.iter().try_for_each(|step| run.step(step))?;
        }
    }
}

mod set_once {
    use super::*;
    use rt_core::sync::{SetOnce, SetOnceError};

    #[derive(Debug, Clone)]
    enum Step {
        Wait(usize),
        PollOrCancel(usize, bool),
        Set,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => many().prop_map(Step::Wait),
            8 => (0_usize..50, cancels()).prop_map(|(nth, cancel)| Step::PollOrCancel(nth, cancel)),
            1 => Just(Step::Set),
        ]
    }

    struct Run<'a> {
        once: &'a SetOnce<Value>,
        token: &'a Token,
        set: Option<usize>,
        waiting: Vec<Wait<'a, usize>>,
    }

    impl Run<'_> {
        fn step(&mut self, id: usize, step: &Step) -> TestCaseResult {
            let (once, there) = (self.once, self.waiting.len());
            match *step {
                Step::Wait(many) => {
                    for _ in 0..many {
                        match Wait::begin(async move { once.wait().await.0 }) {
                            Ok(value) => prop_assert_eq!(Some(value), self.set),
                            Err(wait) => {
                                prop_assert_eq!(self.set, None);
                                self.waiting.push(wait);
                            }
                        }
                    }
                }
                Step::PollOrCancel(nth, cancel) if there > 0 => {
                    let mut wait = self.waiting.swap_remove(nth % there);
                    if cancel {
                        drop(wait);
                        return self.check();
                    }
                    match wait.poll() {
                        Poll::Ready(value) => prop_assert_eq!(Some(value), self.set),
                        Poll::Pending => {
                            prop_assert_eq!(self.set, None);
                            self.waiting.push(wait);
                        }
                    }
                }
                Step::Set => match once.set(Value(id, self.token.clone())) {
                    Ok(()) => prop_assert_eq!(self.set.replace(id), None),
                    Err(SetOnceError(late)) => prop_assert!(late.0 == id && self.set.is_some()),
                },
                Step::PollOrCancel(..) => {}
            }
            self.check()
        }

        fn check(&self) -> TestCaseResult {
            let once = self.once;
            prop_assert!(self.waiting.iter().all(|wait| wait.woken() == usize::from(self.set.is_some())));
            prop_assert_eq!(once.get().map(|value| value.0), self.set);
            prop_assert_eq!(once.initialized(), self.set.is_some());
            prop_assert_eq!(Rc::strong_count(self.token), 1 + usize::from(self.set.is_some()));
            Ok(())
        }
    }

    fn run(once: &SetOnce<Value>, token: &Token, steps: &[Step]) -> Result<Option<usize>, TestCaseError> {
        let mut run = Run { once, token, set: None, waiting: Vec::new() };
        for (id, step) in steps.iter().enumerate() {
            run.step(id, step)?;
        }
        Ok(run.set)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn behaves_as_the_model(steps in prop::collection::vec(step(), 1..60)) {
            let (once, token) = (SetOnce::new(), Rc::new(()));
            let set = run(&once, &token, &steps)?;
            prop_assert_eq!(once.into_inner().map(|value| value.0), set);
            prop_assert_eq!(Rc::strong_count(&token), 1);
        }
    }
}

mod once_cell {
    use super::*;
    use futures::channel::oneshot;
    use rt_core::sync::{OnceCell, SetError};
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    #[derive(Debug, Clone)]
    enum Step {
        /// One wants the value, and makes one that may fail, or panics when it does; perhaps it knows already how it ends.
        Want(bool, Option<bool>),
        /// One learns how it ends, in the line or at work.
        Answer(usize, bool),
        PollOrCancel(usize, bool),
        Set,
    }

    fn step() -> impl Strategy<Value = Step> {
        let index = || 0_usize..8;
        // It takes some failures until a line has been served.
        let answer = || prop::bool::weighted(0.3);
        prop_oneof![
            6 => (any::<bool>(), prop::option::weighted(0.2, answer()))
                .prop_map(|(fails, answer)| Step::Want(fails, answer)),
            4 => (index(), answer()).prop_map(|(nth, answer)| Step::Answer(nth, answer)),
            8 => (index(), cancels()).prop_map(|(nth, cancel)| Step::PollOrCancel(nth, cancel)),
            1 => Just(Step::Set),
        ]
    }

    /// The value, or who has failed to make it; the panic of one who has.
    type End = Result<Result<usize, usize>, usize>;

    struct Waiting<'a> {
        id: usize,
        fails: bool,
        answer: Option<bool>,
        tell: Option<oneshot::Sender<bool>>,
        wait: Wait<'a, Result<usize, usize>>,
        /// Whether it has begun to make a value.
        works: bool,
        /// How often it was woken before its last poll, and whether it must be since.
        woken: usize,
        due: bool,
    }

    struct Run<'a> {
        cell: &'a OnceCell<Value>,
        token: &'a Token,
        set: Option<usize>,
        /// Who has the turn, whether he knows or not.
        turn: Option<usize>,
        line: VecDeque<usize>,
        waiting: Vec<Waiting<'a>>,
    }

    async fn want(
        (cell, token): (&OnceCell<Value>, &Token),
        id: usize,
        fails: bool,
        told: oneshot::Receiver<bool>,
    ) -> Result<usize, usize> {
        let make = || async { if told.await.unwrap() { Ok(Value(id, token.clone())) } else { Err(id) } };
        if fails {
            return cell.get_or_try_init(make).await.map(|value| value.0);
        }
        // It doesn't say so to the world as `panic!` does.
        let make = || async { make().await.unwrap_or_else(|id| resume_unwind(Box::new(id))) };
        Ok(cell.get_or_init(make).await.0)
    }

    fn caught<T>(poll: impl FnOnce() -> T) -> Result<T, usize> {
        catch_unwind(AssertUnwindSafe(poll)).map_err(|panic| *panic.downcast().unwrap())
    }

    impl Run<'_> {
        /// It polls, or comes: what it gets, if it has an end.
        fn expect(&mut self, id: usize, fails: bool, answer: Option<bool>) -> Option<End> {
            if let Some(value) = self.set {
                return Some(Ok(Ok(value)));
            }
            if self.turn != Some(id) {
                return None;
            }
            match answer? {
                true => {
                    self.set = Some(id);
                    self.turn = None;
                    let line = &self.line;
                    self.waiting.iter_mut().for_each(|waiting| waiting.due |= line.contains(&waiting.id));
                    self.line.clear();
                    Some(Ok(Ok(id)))
                }
                false => {
                    self.pass_on();
                    Some(if fails { Ok(Err(id)) } else { Err(id) })
                }
            }
        }

        fn pass_on(&mut self) {
            self.turn = self.line.pop_front();
            let mut waiting = self.waiting.iter_mut();
            if let Some(next) = waiting.find(|waiting| Some(waiting.id) == self.turn) {
                next.due = true;
            }
        }

        fn want(&mut self, id: usize, fails: bool, answer: Option<bool>) -> TestCaseResult {
            if self.set.is_none() {
                match self.turn {
                    None => self.turn = Some(id),
                    Some(_) => self.line.push_back(id),
                }
            }
            let (tell, told) = oneshot::channel();
            let tell = match answer {
                Some(answer) => tell.send(answer).map(|()| None).unwrap(),
                None => Some(tell),
            };
            let (cell, works) = ((self.cell, self.token), self.turn == Some(id));
            let begun = caught(|| Wait::begin(want(cell, id, fails, told)));
            let expected = self.expect(id, fails, answer);
            let wait = match begun {
                Ok(Err(wait)) => wait,
                Ok(Ok(end)) => {
                    prop_assert_eq!(Some(Ok(end)), expected);
                    return Ok(());
                }
                Err(panic) => {
                    prop_assert_eq!(Some(Err(panic)), expected);
                    return Ok(());
                }
            };
            prop_assert_eq!(expected, None);
            self.waiting.push(Waiting { id, fails, answer, tell, wait, works, woken: 0, due: false });
            Ok(())
        }

        fn answer(&mut self, nth: usize, answer: bool) {
            let waiting = &mut self.waiting[nth];
            if let Some(tell) = waiting.tell.take() {
                tell.send(answer).unwrap();
                waiting.answer = Some(answer);
                waiting.due |= waiting.works;
            }
        }

        fn poll_or_cancel(&mut self, nth: usize, cancel: bool) -> TestCaseResult {
            let mut polled = self.waiting.swap_remove(nth);
            if cancel {
                drop(polled.wait);
                self.line.retain(|id| *id != polled.id);
                if self.turn == Some(polled.id) {
                    self.pass_on();
                }
                return Ok(());
            }
            let expected = self.expect(polled.id, polled.fails, polled.answer);
            let end = match caught(|| polled.wait.poll()) {
                Ok(Poll::Ready(end)) => Ok(end),
                Err(panic) => Err(panic),
                Ok(Poll::Pending) => {
                    prop_assert_eq!(expected, None);
                    polled.works = self.turn == Some(polled.id);
                    (polled.woken, polled.due) = (polled.wait.woken(), false);
                    self.waiting.push(polled);
                    return Ok(());
                }
            };
            prop_assert_eq!(Some(end), expected);
            Ok(())
        }

        fn step(&mut self, id: usize, step: &Step) -> TestCaseResult {
            let there = self.waiting.len();
            match *step {
                Step::Want(fails, answer) => self.want(id, fails, answer)?,
                Step::Answer(nth, answer) if there > 0 => self.answer(nth % there, answer),
                Step::PollOrCancel(nth, cancel) if there > 0 => self.poll_or_cancel(nth % there, cancel)?,
                Step::Set => match self.cell.set(Value(id, self.token.clone())) {
                    Ok(()) => {
                        prop_assert_eq!((self.set, self.turn), (None, None));
                        self.set = Some(id);
                    }
                    Err(SetError::AlreadyInitializedError(late)) => {
                        prop_assert!(late.0 == id && self.set.is_some());
                    }
                    Err(SetError::InitializingError(late)) => {
                        prop_assert!(late.0 == id && self.set.is_none() && self.turn.is_some());
                    }
                },
                _ => {}
            }
            for waiting in &self.waiting {
                let woken = waiting.wait.woken() - waiting.woken;
                prop_assert_eq!(woken, usize::from(waiting.due), "of {}", waiting.id);
            }
            prop_assert_eq!(self.cell.get().map(|value| value.0), self.set);
            prop_assert_eq!(self.cell.initialized(), self.set.is_some());
            prop_assert_eq!(Rc::strong_count(self.token), 1 + usize::from(self.set.is_some()));
            Ok(())
        }
    }

    fn run(cell: &OnceCell<Value>, token: &Token, steps: &[Step]) -> Result<Option<usize>, TestCaseError> {
        let (line, waiting) = (VecDeque::new(), Vec::new());
        let mut run = Run { cell, token, set: None, turn: None, line, waiting };
        for (id, step) in steps.iter().enumerate() {
            run.step(id, step)?;
        }
        Ok(run.set)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        /// With values that are taken out now and then, after which it begins anew.
        #[test]
        fn behaves_as_the_model(lives in prop::collection::vec(prop::collection::vec(step(), 1..40), 1..4)) {
            let (mut cell, token) = (OnceCell::new(), Rc::new(()));
            for steps in lives {
                let set = run(&cell, &token, &steps)?;
                prop_assert_eq!(cell.take().map(|value| value.0), set);
                prop_assert_eq!(Rc::strong_count(&token), 1);
            }
        }
    }
}
