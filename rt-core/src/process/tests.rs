//! Where the system has no descriptor that tells of an exit.

use std::future::poll_fn;
use std::process::{Command, Stdio};

use super::exit::Exit;
use crate::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn sh(script: &str) -> Exit {
    Exit::by_signal(Command::new("sh").args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap())
}

#[test]
fn exits_are_heard_of_by_signal() {
    runtime().block_on(async {
        let mut tasks: Vec<_> = (0..40)
            .map(|code| {
                crate::spawn(async move {
                    let mut exit = sh(&format!("exit {code}"));
                    (poll_fn(|cx| exit.poll(cx)).await.unwrap().code(), code)
                })
            })
            .collect();
        for task in tasks.drain(..) {
            let (got, code) = task.await.unwrap();
            assert_eq!(got, Some(code));
        }
    });
}

#[test]
fn one_that_exits_while_another_is_waited_for_is_not_missed() {
    runtime().block_on(async {
        let mut late = Exit::by_signal(Command::new("sleep").arg("1000").spawn().unwrap());
        assert!(futures::poll!(poll_fn(|cx| late.poll(cx))).is_pending());
        let mut early = sh("exit 5");
        assert_eq!(poll_fn(|cx| early.poll(cx)).await.unwrap().code(), Some(5));
        late.kill().unwrap();
        assert_eq!(poll_fn(|cx| late.poll(cx)).await.unwrap().code(), None);
        assert_eq!(late.id(), None);
    });
}

#[test]
fn a_child_that_is_heard_of_by_signal_moves_to_another_runtime() {
    let mut exit = Exit::by_signal(Command::new("sleep").arg("1000").spawn().unwrap());
    runtime().block_on(async { assert!(futures::poll!(poll_fn(|cx| exit.poll(cx))).is_pending()) });
    exit.kill().unwrap();
    let status = runtime().block_on(poll_fn(|cx| exit.poll(cx))).unwrap();
    assert!(!status.success());
}
