//! What happens when the process has no descriptors left. In a process of its own, as it lowers a limit.
#![cfg(all(feature = "net", feature = "rt"))]

mod net_support;

use std::fs::File;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use net_support::{current_thread, runtimes};
use rt_core::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use rt_core::runtime::Builder;

#[test]
fn a_tcp_listener_survives_that_there_are_no_descriptors_left() {
    let _turn = turn();
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            // Connected before there are none left; the system has accepted it for us.
            let client = TcpStream::connect(addr).await.unwrap();
            let shortage = Shortage::begin();
            // Twice: the error doesn't end the listener, and it isn't forgotten that someone is there.
            for _ in 0..2 {
                is_of_shortage(listener.accept().await);
            }
            is_of_shortage(TcpStream::connect(addr).await);
            drop(shortage);
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, client.local_addr().unwrap());
        });
    }
}

#[test]
fn a_unix_listener_survives_that_there_are_no_descriptors_left() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    for (number, runtime) in runtimes().into_iter().enumerate() {
        runtime.block_on(async {
            let path = dir.path().join(number.to_string());
            let listener = UnixListener::bind(&path).unwrap();
            let client = UnixStream::connect(&path).await.unwrap();
            client.try_write(b"here").unwrap();
            let shortage = Shortage::begin();
            for _ in 0..2 {
                is_of_shortage(listener.accept().await);
            }
            is_of_shortage(UnixStream::connect(&path).await);
            is_of_shortage(UnixStream::pair());
            drop(shortage);
            let (server, _) = listener.accept().await.unwrap();
            server.readable().await.unwrap();
            let mut buf = [0; 8];
            assert_eq!(server.try_read(&mut buf).unwrap(), 4);
            assert_eq!(&buf[..4], b"here");
        });
    }
}

/// A runtime needs descriptors, too.
#[test]
fn without_descriptors_there_is_no_runtime() {
    let _turn = turn();
    let shortage = Shortage::begin();
    is_of_shortage(Builder::new_current_thread().enable_all().build());
    drop(shortage);
    current_thread();
}

#[track_caller]
fn is_of_shortage<T>(outcome: io::Result<T>) {
    assert_eq!(outcome.err().expect("there are descriptors").raw_os_error(), Some(libc::EMFILE));
}

/// A test waits here for its turn: what it does to the process would end another one.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time in which the process has no descriptors left.
struct Shortage {
    hoard: Vec<File>,
    former: libc::rlimit,
}

impl Shortage {
    fn begin() -> Self {
        let mut former = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure outlives the call.
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut former) }, 0);
        let mut shortage = Shortage { hoard: Vec::new(), former };
        set_limit(libc::rlimit { rlim_cur: 64, ..former });
        let full = loop {
            match File::open("/dev/null") {
                Ok(file) => shortage.hoard.push(file),
                Err(error) => break Err::<(), _>(error),
            }
        };
        is_of_shortage(full);
        shortage
    }
}

impl Drop for Shortage {
    fn drop(&mut self) {
        self.hoard.clear();
        set_limit(self.former);
    }
}

fn set_limit(limit: libc::rlimit) {
    // SAFETY: the structure outlives the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
}
