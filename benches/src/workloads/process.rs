//! Children. Nearly all of it is the kernel's, and the program's that is run.
use std::process::Stdio;
use std::time::Instant;

use super::common::{batches, ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::process::Command;
use rt::runtime::Runtime;

const BATCH: u64 = 16;

pub(super) fn cases() -> Vec<Case> {
    let one = "spawn `true`, wait for it";
    vec![
        Case::speed("process/mt", one, 1.0, || one_by_one(mt())),
        Case::speed("process/ct", one, 1.0, || one_by_one(ct())),
        Case::speed("process-16/mt", "spawn 16 times `true`, wait for all", 1.0, || at_once(mt())),
        Case::speed("process-output/mt", "the output of `echo`", 1.0, || output(mt())),
    ]
}

fn true_() -> Command {
    let mut command = Command::new("/bin/true");
    command.stdin(Stdio::null());
    command
}

fn one_by_one(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                let status = true_().spawn().unwrap().wait().await.unwrap();
                assert!(status.success());
            }
            since(start)
        })
    })
}

fn at_once(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for batch in batches(operations, BATCH) {
                let children: Vec<_> = (0..batch).map(|_| true_().spawn().unwrap()).collect();
                for mut child in children {
                    child.wait().await.unwrap();
                }
            }
            since(start)
        })
    })
}

fn output(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                let output = Command::new("/bin/echo").arg("hello").output().await.unwrap();
                assert_eq!(output.stdout, b"hello\n");
            }
            since(start)
        })
    })
}
