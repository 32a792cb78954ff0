//! Without a runtime: a driver that is turned by hand, and pairs of Unix sockets.

use std::future::Future;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::{Pin, pin};
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

use super::*;
use crate::driver::{Clock, Config, enter};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: StdArc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn waker() -> (StdArc<Self>, Waker) {
        let count = StdArc::new(Self::default());
        (count.clone(), Waker::from(count))
    }

    fn so_far(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn driver_of(runtime: u64) -> Arc<Driver> {
    let config = Config {
        io: true,
        time: true,
        fires_at_shutdown: false,
        io_events_per_turn: 64,
        io_events_per_busy_turn: 64,
        clock: Arc::new(Clock::new(false, false)),
        runtime,
    };
    Driver::new(&config).unwrap()
}

/// A runtime's number that no other test has.
fn fresh() -> u64 {
    static NEXT: AtomicUsize = AtomicUsize::new(1 << 32);
    NEXT.fetch_add(1, Ordering::Relaxed) as u64
}

fn driver() -> Arc<Driver> {
    driver_of(fresh())
}

/// One end is tied to the calling thread's driver, the other is plain.
struct Pair {
    registration: Registration,
    ours: UnixStream,
    theirs: UnixStream,
}

impl Pair {
    fn new() -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let registration = Registration::new(ours.as_raw_fd()).unwrap();
        Self { registration, ours, theirs }
    }

    fn read(&self) -> io::Result<usize> {
        (&self.ours).read(&mut [0; 16])
    }

    fn poll_read(&self, waker: &Waker) -> Poll<io::Result<usize>> {
        self.registration.poll_read_io(&mut Context::from_waker(waker), || self.read())
    }

    fn poll_fill(&self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.registration.poll_io(Direction::Write, cx, || self.fill().map(Attempt::Done))
    }

    fn fill(&self) -> io::Result<usize> {
        while (&self.ours).write(&[0; 4_096])? > 0 {}
        Ok(0)
    }
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn a_resource_is_attached_only_when_it_would_block() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    pair.theirs.write_all(b"early").unwrap();
    assert!(matches!(pair.poll_read(Waker::noop()), Poll::Ready(Ok(5))));
    assert!(!driver.has_sources());
    let (count, waker) = Count::waker();
    assert!(pair.poll_read(&waker).is_pending());
    assert!(driver.has_sources());
    pair.theirs.write_all(b"late").unwrap();
    assert!(driver.turn());
    assert_eq!(count.so_far(), 1);
    assert!(matches!(pair.poll_read(&waker), Poll::Ready(Ok(4))));
    drop(pair);
    assert!(!driver.has_sources());
    driver.shutdown();
}

#[test]
fn park_returns_for_an_event_and_for_an_unpark() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    let (count, waker) = Count::waker();
    assert!(pair.poll_read(&waker).is_pending());
    std::thread::scope(|scope| {
        scope.spawn(|| pair.theirs.write_all(b"x").unwrap());
        while count.so_far() == 0 {
            driver.park(None, || ());
        }
        scope.spawn(|| driver.unpark());
        driver.park(None, || ());
    });
    // An unpark that comes first isn't lost, and is used up.
    driver.unpark();
    driver.park(None, || ());
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_millis(2) {
        driver.park(Some(Duration::from_millis(2)), || ());
    }
    driver.shutdown();
}

#[test]
fn reading_and_writing_wait_apart() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    let (reads, read_waker) = Count::waker();
    let (writes, write_waker) = Count::waker();
    assert!(pair.poll_read(&read_waker).is_pending());
    let mut cx = Context::from_waker(&write_waker);
    assert!(pair.poll_fill(&mut cx).is_pending());
    driver.turn();
    let (reads_before, writes_before) = (reads.so_far(), writes.so_far());
    assert!(pair.poll_read(&read_waker).is_pending());
    assert!(pair.poll_fill(&mut cx).is_pending());
    // Room is made: the writer is woken.
    let mut buffer = vec![0; 1 << 20];
    let _ = pair.theirs.read(&mut buffer).unwrap();
    driver.turn();
    assert!(writes.so_far() > writes_before);
    assert_eq!(reads.so_far(), reads_before);
    pair.theirs.write_all(b"x").unwrap();
    driver.turn();
    assert!(reads.so_far() > reads_before);
    driver.shutdown();
}

#[test]
fn a_short_read_saves_the_next_try_and_loses_nothing() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    let (count, waker) = Count::waker();
    let tries = AtomicUsize::new(0);
    let poll_read = |pair: &Pair| {
        pair.registration.poll_io(Direction::Read, &mut Context::from_waker(&waker), || {
            tries.fetch_add(1, Ordering::Relaxed);
            pair.read().map(Attempt::Drained)
        })
    };
    for round in 1..10 {
        pair.theirs.write_all(b"abc").unwrap();
        driver.turn();
        assert!(matches!(poll_read(&pair), Poll::Ready(Ok(3))));
        assert!(poll_read(&pair).is_pending());
        assert_eq!(tries.load(Ordering::Relaxed), round, "the second call tried");
    }
    // The end is told, and stays so.
    drop(pair.theirs);
    driver.turn();
    assert_eq!(count.so_far(), 9);
    for _ in 0..3 {
        let read = pair.registration.poll_io(Direction::Read, &mut Context::from_waker(&waker), || {
            (&pair.ours).read(&mut [0; 16]).map(Attempt::Drained)
        });
        assert!(matches!(read, Poll::Ready(Ok(0))));
    }
    driver.shutdown();
}

#[test]
fn any_number_of_futures_may_wait_and_leave() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let pair = Pair::new();
    assert!(pair.poll_read(Waker::noop()).is_pending());
    driver.turn();
    let (count, waker) = Count::waker();
    let wait = || Box::pin(pair.registration.readiness(Interest::READABLE));
    let mut waiting: Vec<_> = (0..100).map(|_| wait()).collect();
    for future in &mut waiting {
        assert!(poll(future.as_mut(), &waker).is_pending());
    }
    // Some leave: the first, the last, some in the middle.
    for gone in [99, 50, 49, 0] {
        drop(waiting.remove(gone));
    }
    (&pair.theirs).write_all(b"x").unwrap();
    driver.turn();
    assert_eq!(count.so_far(), 96);
    for future in &mut waiting {
        let Poll::Ready(Ok(event)) = poll(future.as_mut(), &waker) else { panic!("still waiting") };
        assert!(event.ready().is_readable());
    }
    drop(waiting);
    drop(pair);
    driver.shutdown();
}

#[test]
fn a_waiter_for_one_thing_is_not_woken_for_another() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    assert!(pair.poll_read(Waker::noop()).is_pending());
    let write = pair.poll_fill(&mut Context::from_waker(Waker::noop()));
    assert!(write.is_pending());
    driver.turn();
    let write = pair.poll_fill(&mut Context::from_waker(Waker::noop()));
    assert!(write.is_pending());
    let (count, waker) = Count::waker();
    let mut writable = Box::pin(pair.registration.readiness(Interest::WRITABLE));
    assert!(poll(writable.as_mut(), &waker).is_pending());
    (&pair.theirs).write_all(b"x").unwrap();
    driver.turn();
    // Linux reports all that holds with each event: then it is writable no more than before.
    assert_eq!(count.so_far(), 0);
    drop(writable);
    pair.theirs.read_exact(&mut vec![0; 4_096]).unwrap();
    drop(pair);
    driver.shutdown();
}

#[test]
fn trying_without_waiting() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    // Not attached: always tried.
    for _ in 0..2 {
        let error = pair.registration.try_io(Interest::READABLE, || pair.read()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    pair.theirs.write_all(b"x").unwrap();
    assert_eq!(pair.registration.try_io(Interest::READABLE, || pair.read()).unwrap(), 1);
    // Attached: not tried until there is an event.
    assert!(pair.poll_read(Waker::noop()).is_pending());
    let untried = || -> io::Result<()> { panic!("tried") };
    let error = pair.registration.try_io(Interest::READABLE, untried).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    pair.theirs.write_all(b"x").unwrap();
    driver.turn();
    assert_eq!(pair.registration.try_io(Interest::READABLE, || pair.read()).unwrap(), 1);
    driver.shutdown();
}

#[test]
fn an_operation_waits_and_goes_on() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let mut pair = Pair::new();
    let (_, waker) = Count::waker();
    {
        let mut read = pin!(pair.registration.async_io(Interest::READABLE, || pair.read()));
        assert!(poll(read.as_mut(), &waker).is_pending());
        (&pair.theirs).write_all(b"xyz").unwrap();
        driver.turn();
        assert!(matches!(poll(read, &waker), Poll::Ready(Ok(3))));
    }
    pair.theirs.write_all(b"").unwrap();
    driver.shutdown();
}

#[test]
fn a_closed_peer_is_told_apart() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let pair = Pair::new();
    assert!(pair.poll_read(Waker::noop()).is_pending());
    driver.turn();
    assert!(!pair.registration.source.event().ready().is_read_closed());
    pair.theirs.shutdown(std::net::Shutdown::Write).unwrap();
    driver.turn();
    let ready = pair.registration.source.event().ready();
    assert!(ready.is_read_closed() && !ready.is_write_closed(), "{ready:?}");
    drop(pair.theirs);
    driver.turn();
    let ready = pair.registration.source.event().ready();
    assert!(ready.is_read_closed() && ready.is_write_closed(), "{ready:?}");
    // What is final isn't cleared.
    pair.registration.clear(pair.registration.source.event(), Ready::ALL);
    assert_eq!(pair.registration.source.event().ready(), Ready::READ_CLOSED | Ready::WRITE_CLOSED);
    driver.shutdown();
}

#[test]
fn what_is_not_for_the_queue_is_refused_at_once() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let file = std::fs::File::open("/proc/self/status").or_else(|_| std::fs::File::open("/")).unwrap();
    let error = Registration::with_interest(file.as_raw_fd(), Interest::READABLE);
    if let Err(error) = error {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(!driver.has_sources());
    }
    driver.shutdown();
}

#[test]
fn after_the_shutdown_everything_fails() {
    let driver = driver();
    let entered = enter(Some(driver.clone()));
    let waiting = Pair::new();
    let late = Pair::new();
    let (count, waker) = Count::waker();
    assert!(waiting.poll_read(&waker).is_pending());
    let mut listed = Box::pin(waiting.registration.readiness(Interest::READABLE));
    assert!(poll(listed.as_mut(), &waker).is_pending());
    driver.shutdown();
    assert_eq!(count.so_far(), 2);
    assert!(matches!(poll(listed.as_mut(), &waker), Poll::Ready(Err(_))));
    drop(listed);
    assert!(matches!(waiting.poll_read(&waker), Poll::Ready(Err(error)) if error.kind() == ErrorKind::Other));
    assert!(matches!(late.poll_read(&waker), Poll::Ready(Err(error)) if error.kind() == ErrorKind::Other));
    drop(entered);
    assert!(matches!(late.poll_read(&waker), Poll::Ready(Err(_))));
    drop((waiting, late));
}

#[test]
fn it_goes_to_the_driver_of_the_thread_that_waits() {
    let runtime = fresh();
    let (first, second, stranger) = (driver_of(runtime), driver_of(runtime), driver());
    let entered = enter(Some(first.clone()));
    let pairs = [Pair::new(), Pair::new(), Pair::new()];
    drop(entered);
    {
        let _entered = enter(Some(second.clone()));
        assert!(pairs[0].poll_read(Waker::noop()).is_pending());
    }
    assert!(second.has_sources() && !first.has_sources());
    {
        // Another runtime's thread: back home.
        let _entered = enter(Some(stranger.clone()));
        assert!(pairs[1].poll_read(Waker::noop()).is_pending());
    }
    assert!(!stranger.has_sources());
    // No runtime's thread.
    assert!(pairs[2].poll_read(Waker::noop()).is_pending());
    drop(pairs);
    assert!(!first.has_sources() && !second.has_sources());
    for driver in [first, second, stranger] {
        driver.shutdown();
    }
}

#[test]
fn dropping_while_events_are_in_flight_is_sound() {
    let driver = driver();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        // The owner sleeps and handles events; another thread attaches, lets events come, and drops.
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                driver.park(Some(Duration::from_millis(1)), || ());
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let _entered = enter(Some(driver.clone()));
                for round in 0..3_000 {
                    let mut pair = Pair::new();
                    assert!(pair.poll_read(Waker::noop()).is_pending());
                    pair.theirs.write_all(b"x").unwrap();
                    if round % 3 == 0 {
                        driver.turn();
                    }
                    drop(pair);
                }
                done.store(true, Ordering::Relaxed);
            });
        }
    });
    assert!(!driver.has_sources());
    driver.turn();
    driver.shutdown();
}

#[test]
fn wakers_may_drop_resources_and_panic() {
    struct Drops(crate::shim::sync::Mutex<Option<Pair>>);
    impl Wake for Drops {
        fn wake(self: StdArc<Self>) {
            drop(self.0.lock().take());
            panic!("waker");
        }
    }
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let victim = Pair::new();
    assert!(victim.poll_read(Waker::noop()).is_pending());
    let bad = Waker::from(StdArc::new(Drops(crate::shim::sync::Mutex::new(Some(victim)))));
    let (count, waker) = Count::waker();
    let pairs: Vec<_> = (0..50).map(|_| Pair::new()).collect();
    for (nth, pair) in pairs.iter().enumerate() {
        assert!(pair.poll_read(if nth == 7 { &bad } else { &waker }).is_pending());
    }
    for pair in &pairs {
        (&pair.theirs).write_all(b"x").unwrap();
    }
    driver.turn();
    assert_eq!(count.so_far(), 49);
    driver.turn();
    drop(pairs);
    assert!(!driver.has_sources());
    driver.shutdown();
}

#[test]
fn one_turn_handles_so_many_events_and_the_next_the_rest() {
    let driver = driver();
    let _entered = enter(Some(driver.clone()));
    let (count, waker) = Count::waker();
    let pairs: Vec<_> = (0..100).map(|_| Pair::new()).collect();
    for pair in &pairs {
        assert!(pair.poll_read(&waker).is_pending());
    }
    // Attaching reports that they are writable.
    driver.turn();
    driver.turn();
    for pair in &pairs {
        (&pair.theirs).write_all(b"x").unwrap();
    }
    driver.turn();
    assert_eq!(count.so_far(), 64);
    driver.turn();
    assert_eq!(count.so_far(), 100);
    driver.shutdown();
}

#[test]
#[should_panic(expected = "no runtime here")]
fn outside_of_a_runtime_it_panics() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let _ = Registration::new(ours.as_raw_fd());
}

/// Waits on the thread's driver until the registration has moved there.
fn settle(pair: &Pair, waker: &Waker) {
    for _ in 0..STRAYS {
        assert!(pair.poll_read(waker).is_pending());
    }
}

#[test]
fn a_resource_follows_the_waits_to_another_driver_of_its_runtime() {
    let runtime = fresh();
    let (a, b) = (driver_of(runtime), driver_of(runtime));
    let mut pair = {
        let _entered = enter(Some(a.clone()));
        let pair = Pair::new();
        assert!(pair.poll_read(Waker::noop()).is_pending());
        pair
    };
    assert!(a.has_sources() && !b.has_sources());
    let _entered = enter(Some(b.clone()));
    let (count, waker) = Count::waker();
    for _ in 1..STRAYS {
        assert!(pair.poll_read(&waker).is_pending());
    }
    assert!(a.has_sources(), "too few waits to move for");
    assert!(pair.poll_read(&waker).is_pending());
    assert!(!a.has_sources() && b.has_sources());
    pair.theirs.write_all(b"x").unwrap();
    a.turn();
    assert_eq!(count.so_far(), 0);
    b.turn();
    assert_eq!(count.so_far(), 1);
    assert!(matches!(pair.poll_read(&waker), Poll::Ready(Ok(1))));
    // The shutdown of the driver that it left is nothing to it.
    a.shutdown();
    assert!(pair.poll_read(&waker).is_pending());
    b.shutdown();
    assert!(matches!(pair.poll_read(&waker), Poll::Ready(Err(_))));
}

#[test]
fn waits_in_another_runtime_move_nothing() {
    let (home, other) = (driver(), driver());
    let pair = {
        let _entered = enter(Some(home.clone()));
        let pair = Pair::new();
        assert!(pair.poll_read(Waker::noop()).is_pending());
        pair
    };
    let _entered = enter(Some(other.clone()));
    settle(&pair, Waker::noop());
    assert!(home.has_sources() && !other.has_sources());
    drop(pair);
    home.shutdown();
    other.shutdown();
}

#[test]
fn a_driver_may_leave_its_resources_to_another() {
    let runtime = fresh();
    let (a, b) = (driver_of(runtime), driver_of(runtime));
    let _entered = enter(Some(a.clone()));
    let old = Pair::new();
    assert!(old.poll_read(Waker::noop()).is_pending());
    a.leave_to(Some(&b));
    let new = Pair::new();
    assert!(new.poll_read(Waker::noop()).is_pending());
    assert!(a.has_sources() && b.has_sources());
    settle(&old, Waker::noop());
    assert!(!a.has_sources());
    a.leave_to(None);
    settle(&old, Waker::noop());
    settle(&new, Waker::noop());
    assert!(!b.has_sources());
    drop((old, new));
    a.shutdown();
    b.shutdown();
}

#[test]
fn a_move_loses_no_event_and_frees_nothing_too_early() {
    let runtime = fresh();
    let drivers = [driver_of(runtime), driver_of(runtime)];
    let (count, waker) = Count::waker();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for driver in &drivers {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    driver.park(Some(Duration::from_millis(1)), || ());
                }
            });
        }
        for _ in 0..5 {
            let mut pair = {
                let _entered = enter(Some(drivers[0].clone()));
                Pair::new()
            };
            for round in 0..100 {
                let _entered = enter(Some(drivers[round % 2].clone()));
                let so_far = count.so_far();
                // Every other round the byte comes while it moves.
                for _ in 0..STRAYS - 1 {
                    assert!(pair.poll_read(&waker).is_pending());
                }
                std::thread::scope(|scope| {
                    scope.spawn(|| pair.theirs.write_all(b"x").unwrap());
                    while pair
                        .registration
                        .poll_read_io(&mut Context::from_waker(&waker), || (&pair.ours).read(&mut [0; 16]))
                        .is_pending()
                    {
                        while count.so_far() == so_far {
                            std::thread::yield_now();
                        }
                    }
                });
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    for driver in &drivers {
        driver.shutdown();
    }
}
