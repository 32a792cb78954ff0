//! What happens when the process has no descriptors left. In a process of its own, as it lowers a limit.
#![cfg(all(feature = "net", feature = "rt"))]

use std::fs::File;

use rt_core::net::{TcpListener, TcpStream};

#[test]
fn a_listener_survives_that_there_are_no_descriptors_left() {
    for runtime in [
        rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        #[cfg(feature = "rt-multi-thread")]
        rt_core::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ] {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            // Connected before there are none left; the system has accepted it for us.
            let client = TcpStream::connect(addr).await.unwrap();
            let former = lower_limit(64);
            let mut hoard = Vec::new();
            let full = loop {
                match File::open("/dev/null") {
                    Ok(file) => hoard.push(file),
                    Err(error) => break error,
                }
            };
            assert_eq!(full.raw_os_error(), Some(libc::EMFILE));

            // Twice: the error doesn't end the listener, and it isn't forgotten that someone is there.
            for _ in 0..2 {
                let error = listener.accept().await.unwrap_err();
                assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
            }
            let error = TcpStream::connect(addr).await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE));

            // A runtime needs descriptors, too.
            let other = rt_core::runtime::Builder::new_current_thread().enable_all().build();
            assert_eq!(other.unwrap_err().raw_os_error(), Some(libc::EMFILE));

            drop(hoard);
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, client.local_addr().unwrap());
            set_limit(former);
        });
    }
}

fn lower_limit(open_files: u64) -> libc::rlimit {
    let mut former = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure outlives the call.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut former) }, 0);
    set_limit(libc::rlimit { rlim_cur: open_files, ..former });
    former
}

fn set_limit(limit: libc::rlimit) {
    // SAFETY: the structure outlives the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
}
