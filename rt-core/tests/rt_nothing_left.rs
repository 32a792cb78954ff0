//! What is left of a runtime that was dropped. In a process of its own, as it counts for all of it.
#![cfg(feature = "full")]

use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::{Builder, Runtime};
use rt_core::time::sleep;
use std::time::{Duration, Instant};

fn number_of(what: &str) -> usize {
    std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count()
}

/// Lets the runtime open and start whatever it can have.
fn use_it(runtime: &Runtime) {
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let client = rt_core::spawn(async move { TcpStream::connect(addr).await.unwrap() });
        let (server, _) = listener.accept().await.unwrap();
        rt_core::spawn(sleep(Duration::from_micros(10))).await.unwrap();
        rt_core::task::spawn_blocking(|| ()).await.unwrap();
        // Both ends stay open in tasks that wait for what never comes.
        rt_core::spawn(async move {
            let _ends = (server, client.await.unwrap());
            std::future::pending::<()>().await;
        });
    });
}

#[test]
fn no_thread_and_no_descriptor_is_left() {
    let (threads, descriptors) = (number_of("task"), number_of("fd"));
    for round in 0..300 {
        let runtime = match round % 3 {
            0 => Builder::new_current_thread().enable_all().build().unwrap(),
            workers => Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap(),
        };
        use_it(&runtime);
        drop(runtime);
        assert_eq!(number_of("fd"), descriptors, "round {round}");
        // The system shows a thread that was joined for a moment more.
        let begun = Instant::now();
        while number_of("task") > threads {
            assert!(begun.elapsed() < Duration::from_secs(10), "round {round} left a thread");
            std::thread::yield_now();
        }
    }
}
