//! Descriptors of any kind.
#![cfg(all(feature = "net", feature = "rt"))]
#![allow(deprecated, reason = "the functions that ask for nothing are to be sound, too")]

mod net_support;

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::task::Poll;

use net_support::{current_thread, poll_once};
use rt_core::io::unix::AsyncFd;
use rt_core::io::{Interest, Ready};

fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
    let (one, other) = UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    // SAFETY: the socket has its descriptor to itself, and closes it when it's dropped.
    (unsafe { AsyncFd::register(one) }.unwrap(), other)
}

/// Those that came before: the event that this waits for is the last.
async fn all_events_are_handled() {
    let (fd, mut other) = pair();
    other.write_all(b"x").unwrap();
    fd.readable().await.unwrap().retain_ready();
}

#[test]
fn a_guard_keeps_or_takes_back_readiness() {
    current_thread().block_on(async {
        let (mut fd, mut other) = pair();
        assert!(poll_once(fd.readable()).is_pending());
        other.write_all(b"ab").unwrap();
        let mut buf = [0; 1];
        let mut guard = fd.readable().await.unwrap();
        assert_eq!(guard.try_io(|fd| fd.get_ref().read(&mut buf)).unwrap().unwrap(), 1);
        guard.retain_ready();
        // An error of another kind leaves it ready.
        let outcome: Result<io::Result<()>, _> = guard.try_io(|_| Err(ErrorKind::Other.into()));
        assert!(outcome.unwrap().is_err());
        let Poll::Ready(Ok(mut guard)) = poll_once(fd.readable_mut()) else { panic!("it's ready") };
        assert_eq!(guard.try_io(|fd| fd.get_mut().read(&mut buf)).unwrap().unwrap(), 1);
        guard.try_io(|fd| fd.get_mut().read(&mut buf)).unwrap_err();
        assert!(guard.ready().is_empty());
        assert!(poll_once(fd.readable()).is_pending());
        other.write_all(b"c").unwrap();
        fd.readable().await.unwrap().clear_ready();
        assert!(poll_once(fd.readable()).is_pending());
    });
}

#[test]
fn an_event_that_comes_after_the_wait_isnt_taken_back() {
    current_thread().block_on(async {
        let (fd, mut other) = pair();
        other.write_all(b"a").unwrap();
        let mut old = fd.readable().await.unwrap();
        other.write_all(b"b").unwrap();
        all_events_are_handled().await;
        old.clear_ready();
        assert!(poll_once(fd.readable()).is_ready());
    });
}

#[test]
fn directions_are_apart() {
    current_thread().block_on(async {
        let (fd, mut other) = pair();
        other.write_all(b"a").unwrap();
        fd.readable().await.unwrap().retain_ready();
        let mut guard = fd.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap();
        assert_eq!(guard.ready(), Ready::READABLE | Ready::WRITABLE);
        guard.clear_ready_matching(Ready::WRITABLE);
        assert_eq!(guard.ready(), Ready::READABLE);
        assert!(poll_once(poll_fn(|cx| fd.poll_write_ready(cx))).is_pending());
        assert!(poll_once(poll_fn(|cx| fd.poll_read_ready(cx))).is_ready());
        assert_eq!(fd.try_io(Interest::WRITABLE, |_| Ok(())).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn operations_wait_and_are_cancelled_without_loss() {
    current_thread().block_on(async {
        let (mut fd, mut other) = pair();
        let mut buf = [0; 8];
        for round in 0..20_u8 {
            let mut reading = Box::pin(fd.async_io(Interest::READABLE, |mut socket| socket.read(&mut buf)));
            assert!(poll_once(reading.as_mut()).is_pending());
            other.write_all(&[round]).unwrap();
            drop(reading);
            assert_eq!(fd.async_io_mut(Interest::READABLE, |socket| socket.read(&mut buf)).await.unwrap(), 1);
            assert_eq!(buf[0], round);
        }
    });
}

#[test]
fn a_descriptor_that_is_always_ready_leaves_others_their_turn() {
    current_thread().block_on(async {
        let (fd, _other) = pair();
        let spinning = rt_core::spawn(async move {
            loop {
                fd.writable().await.unwrap().retain_ready();
            }
        });
        // Each yield comes back, with the other at work in between.
        for _ in 0..10 {
            rt_core::task::yield_now().await;
        }
        spinning.abort();
        assert!(spinning.await.unwrap_err().is_cancelled());
    });
}

/// What is tried in vain is known after one yield, whenever it came: at the time of the turn that told of something else,
/// or between two.
async fn a_yield_is_followed_by_a_look() {
    let would_block = |fd: &AsyncFd<UnixStream>| {
        let tried = fd.try_io(Interest::READABLE, |socket| (&mut &*socket).read(&mut [0; 4]));
        match tried {
            Ok(read) => {
                assert_eq!(read, 1);
                false
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                true
            }
        }
    };
    for polls_before in 0..8 {
        let (fd, mut other) = pair();
        rt_core::task::yield_now().await;
        let tried = fd.try_io(Interest::WRITABLE, |_| Ok(()));
        tried.expect("a fresh one is known to be writable after a yield");
        for _ in 0..polls_before {
            rt_core::task::yield_now().await;
        }
        for _ in 0..6 {
            assert!(would_block(&fd));
            other.write_all(b"x").unwrap();
            rt_core::task::yield_now().await;
            assert!(!would_block(&fd), "after {polls_before} polls");
            // Readiness that a guard takes back was asked for in vain, too.
            if let Poll::Ready(guard) = poll_once(fd.readable()) {
                guard.unwrap().clear_ready();
            }
        }
    }
}

#[test]
fn the_driver_has_its_turn_when_a_main_future_yields() {
    current_thread().block_on(a_yield_is_followed_by_a_look());
}

#[test]
fn the_driver_has_its_turn_when_a_lone_task_yields() {
    let runtime = current_thread();
    runtime.block_on(async { rt_core::spawn(a_yield_is_followed_by_a_look()).await.unwrap() });
    runtime.block_on(rt_core::task::LocalSet::new().run_until(a_yield_is_followed_by_a_look()));
}

#[test]
fn the_driver_has_its_turn_when_one_of_two_tasks_yields() {
    current_thread().block_on(async {
        let other = rt_core::spawn(async {
            loop {
                rt_core::task::yield_now().await;
            }
        });
        rt_core::spawn(a_yield_is_followed_by_a_look()).await.unwrap();
        other.abort();
    });
}

#[test]
fn what_was_taken_over_comes_back() {
    struct Bad;
    impl AsRawFd for Bad {
        fn as_raw_fd(&self) -> RawFd {
            -1
        }
    }
    current_thread().block_on(async {
        let (fd, mut other) = pair();
        let mut socket = fd.into_inner();
        socket.write_all(b"x").unwrap();
        assert_eq!(other.read(&mut [0; 4]).unwrap(), 1);
        AsyncFd::new(socket).unwrap();

        // SAFETY: the event queue refuses it.
        let (Bad, cause) = unsafe { AsyncFd::register(Bad) }.err().unwrap().into_parts();
        assert_eq!(cause.raw_os_error(), Some(libc::EBADF));
        let file = std::fs::File::open("/proc/self/exe").unwrap();
        let error: io::Error = AsyncFd::try_new(file).unwrap_err().into();
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));
    });
}

#[test]
fn a_descriptor_may_be_closed_and_named_anew_under_way() {
    current_thread().block_on(async {
        for _ in 0..50 {
            let (original, mut other) = UnixStream::pair().unwrap();
            let duplicate = original.try_clone().unwrap();
            let fd = AsyncFd::with_interest(original.as_raw_fd(), Interest::READABLE).unwrap();
            drop(OwnedFd::from(original));
            // Takes the number over, most likely.
            let (stranger, mut peer) = pair();
            drop(fd);
            // What is left in the queue goes on to report events, for nobody.
            other.write_all(b"x").unwrap();
            all_events_are_handled().await;
            peer.write_all(b"y").unwrap();
            assert_ne!(stranger.as_raw_fd(), duplicate.as_raw_fd());
        }
    });
}

#[test]
fn who_waits_learns_that_the_runtime_is_gone() {
    let runtime = current_thread();
    let (fd, _other) = runtime.block_on(async { pair() });
    let mut waiting = Box::pin(fd.readable());
    assert!(poll_once(waiting.as_mut()).is_pending());
    drop(runtime);
    assert!(matches!(poll_once(waiting.as_mut()), Poll::Ready(Err(_))));
    assert!(matches!(poll_once(fd.writable()), Poll::Ready(Err(_))));
}
