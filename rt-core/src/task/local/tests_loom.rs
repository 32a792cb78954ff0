//! Models: a wake from another thread is never lost, and a set's futures are dropped on its thread, whatever other
//! threads are about to do with their tasks.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Poll, Waker};

use loom::thread;

use super::tasks::Tasks;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::block_on;
use crate::shim::sync::{Arc, Mutex};

/// Something that a task waits for and another thread brings about.
#[derive(Default)]
struct Event {
    happened: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Event {
    fn happen(&self) {
        self.happened.store(true, Ordering::Release);
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn wait(&self) {
        poll_fn(|cx| {
            *self.waker.lock() = Some(cx.waker().clone());
            if self.happened.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Not to be dropped elsewhere: says when it was.
struct Stays(Rc<Cell<usize>>, thread::ThreadId);

impl Stays {
    fn new(drops: &Rc<Cell<usize>>) -> Self {
        Self(drops.clone(), thread::current().id())
    }
}

impl Drop for Stays {
    fn drop(&mut self) {
        assert_eq!(self.1, thread::current().id());
        self.0.set(self.0.get() + 1);
    }
}

async fn run(tasks: &Rc<Tasks>) {
    poll_fn(|cx| {
        tasks.turn(cx.waker(), || None::<()>);
        if tasks.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn spawn<F: Future<Output = ()> + 'static>(tasks: &Tasks, future: F) {
    drop(tasks.spawn(future, Location::caller()));
}

#[test]
fn a_wake_from_another_thread_is_never_lost() {
    loom::model(|| {
        let (tasks, drops) = (Tasks::new(), Rc::default());
        let event = Arc::new(Event::default());
        let (theirs, stays) = (event.clone(), Stays::new(&drops));
        spawn(&tasks, async move {
            let _stays = stays;
            theirs.wait().await;
        });
        let thread = thread::spawn(move || event.happen());
        block_on(run(&tasks));
        assert_eq!(drops.get(), 1);
        thread.join().unwrap();
        tasks.close();
    });
}

#[test]
fn two_tasks_are_woken_by_two_threads() {
    loom::model(|| {
        let tasks = Tasks::new();
        let events = [(); 2].map(|()| Arc::new(Event::default()));
        for event in events.clone() {
            spawn(&tasks, async move { event.wait().await });
        }
        let threads = events.map(|event| thread::spawn(move || event.happen()));
        block_on(run(&tasks));
        for thread in threads {
            thread.join().unwrap();
        }
        tasks.close();
    });
}

#[test]
fn a_set_goes_while_its_task_is_woken() {
    loom::model(|| {
        let (tasks, drops) = (Tasks::new(), Rc::default());
        let event = Arc::new(Event::default());
        let (theirs, stays) = (event.clone(), Stays::new(&drops));
        spawn(&tasks, async move {
            let _stays = stays;
            theirs.wait().await;
        });
        tasks.turn(Waker::noop(), || None::<()>);
        let thread = thread::spawn(move || event.happen());
        tasks.close();
        assert_eq!(drops.get(), 1);
        drop(tasks);
        thread.join().unwrap();
    });
}

#[test]
fn a_set_goes_while_its_task_is_aborted() {
    loom::model(|| {
        let (tasks, drops) = (Tasks::new(), Rc::default());
        let stays = Stays::new(&drops);
        let wait = async move {
            let _stays = stays;
            std::future::pending::<()>().await;
        };
        let handle = tasks.spawn(wait, Location::caller());
        tasks.turn(Waker::noop(), || None::<()>);
        let thread = thread::spawn(move || handle.abort());
        tasks.close();
        assert_eq!(drops.get(), 1);
        drop(tasks);
        thread.join().unwrap();
    });
}
