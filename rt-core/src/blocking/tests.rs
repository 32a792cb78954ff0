use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::time::Duration;

use futures::executor::block_on;

use super::*;

fn config(cap: usize) -> Config {
    Config {
        cap,
        keep_alive: Duration::from_secs(10),
        thread_name: Arc::new(|| "blocking".to_owned()),
        stack_size: None,
        on_start: None,
        on_stop: None,
    }
}

fn pool(cap: usize) -> Arc<Pool> {
    Pool::new(config(cap))
}

fn spawn<R: Send + 'static>(
    pool: &Arc<Pool>,
    f: impl FnOnce() -> R + Send + 'static,
) -> crate::cell::JoinHandle<R> {
    pool.spawn(f, std::panic::Location::caller())
}

#[test]
fn closures_return_and_panic() {
    let pool = pool(2);
    assert_eq!(block_on(spawn(&pool, || 7)).unwrap(), 7);
    let error = block_on(spawn(&pool, || panic!("of course"))).unwrap_err();
    assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"of course"));
    assert_eq!(block_on(spawn(&pool, || 8)).unwrap(), 8, "the pool goes on");
    assert!(pool.shutdown(None));
    assert_eq!(pool.num_threads(), 0);
}

#[test]
fn closures_that_wait_for_each_other_get_a_thread_each() {
    const N: usize = 20;
    let pool = pool(N);
    for _ in 0..20 {
        let barrier = Arc::new(Barrier::new(N));
        let all: Vec<_> = (0..N)
            .map(|_| {
                let barrier = barrier.clone();
                spawn(&pool, move || barrier.wait().is_leader())
            })
            .collect();
        let leaders = all.into_iter().map(|one| block_on(one).unwrap());
        assert_eq!(leaders.filter(|leader| *leader).count(), 1);
    }
    assert!(pool.num_threads() <= N);
    assert!(pool.shutdown(None));
}
