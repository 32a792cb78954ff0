use super::*;
use crate::cell::{Id, JoinHandle, Ran, Schedule, Shard, Task, TaskRef, new_task};
use std::panic::Location;

/// A scheduler whose tasks complete in their first poll.
struct Never;

impl Schedule for Never {
    fn schedule(&self, task: Notified) {
        task.cancel();
    }

    fn yield_now(&self, task: Notified) {
        task.cancel();
    }

    fn register(&self, _: &TaskRef) -> Option<Shard> {
        None
    }

    fn release(&self, _: &TaskRef) -> Option<Task> {
        None
    }
}

static NEVER: Never = Never;

fn task() -> (Notified, JoinHandle<()>) {
    // SAFETY: the scheduler is a static, and the future is `Send`.
    unsafe { new_task(async {}, &NEVER, Id::next(), Location::caller()) }
}

fn run_all(mut tasks: TaskList) -> usize {
    let mut n = 0;
    while let Some(task) = tasks.pop_front() {
        assert!(matches!(task.run(), Ran::Completed { panicked: false }));
        n += 1;
    }
    n
}

/// Two threads push while a worker pops: when all have ended, nothing is left behind an empty mask.
#[test]
fn pushes_and_pops() {
    loom::model(|| {
        let inject = crate::shim::sync::Arc::new(Inject::new(2));
        let pusher = {
            let inject = inject.clone();
            loom::thread::spawn(move || inject.push(task().0).is_ok())
        };
        assert!(inject.push(task().0).is_ok());
        let mut ran = run_all(inject.pop(0, 4));
        assert!(pusher.join().unwrap());
        while !inject.is_empty() {
            ran += run_all(inject.pop(0, 4));
        }
        assert_eq!(ran, 2);
        assert_eq!(inject.len(), 0);
    });
}

/// A push meets the close: the task is in what `close` returns, or comes back.
#[test]
fn push_and_close() {
    loom::model(|| {
        let inject = crate::shim::sync::Arc::new(Inject::new(1));
        let pusher = {
            let inject = inject.clone();
            loom::thread::spawn(move || match inject.push(task().0) {
                Ok(()) => true,
                Err(task) => {
                    task.cancel();
                    false
                }
            })
        };
        let rest = inject.close().len();
        assert_eq!(rest == 1, pusher.join().unwrap());
        assert_eq!(inject.len(), 0);
    });
}
