//! What a file accepts isn't lost, and errors are told once.
#![cfg(feature = "full")]

use std::future::Future;
use std::io::{Read, Write};
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use rt_core::fs::{self, File};
use rt_core::io::{AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt, SeekFrom};
use rt_core::runtime::{Builder, Runtime};

fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_current_thread().max_blocking_threads(1).build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

fn on_each(test: impl AsyncFn(&Path)) {
    for runtime in runtimes() {
        let dir = tempfile::tempdir().unwrap();
        runtime.block_on(test(dir.path()));
    }
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A FIFO, and both its ends. Its end for reading is there, so opening it for writing doesn't wait.
fn fifo(dir: &Path) -> (std::fs::File, File) {
    let path = dir.join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let both = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    let other = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    (both, File::from_std(other))
}

/// Bytes that fill a FIFO, so that writing more waits for a reader.
const FIFO_ROOM: usize = 64 << 10;

#[test]
fn many_small_writes_come_in_order() {
    on_each(async |dir| {
        let path = dir.join("file");
        let mut file = File::create(&path).await.unwrap();
        let mut expected = Vec::new();
        for i in 0..2_000_u32 {
            file.write_all(&i.to_be_bytes()).await.unwrap();
            expected.extend_from_slice(&i.to_be_bytes());
        }
        file.flush().await.unwrap();
        assert!(std::fs::read(&path).unwrap() == expected);
    });
}

#[test]
fn a_tiny_buffer_takes_everything_in_order() {
    on_each(async |dir| {
        let path = dir.join("file");
        let mut file = File::create(&path).await.unwrap();
        file.set_max_buf_size(3);
        let text = b"the quick brown fox jumps over the lazy dog".repeat(5);
        file.write_all(&text).await.unwrap();
        file.shutdown().await.unwrap();
        assert!(std::fs::read(&path).unwrap() == text);
    });
}

#[test]
fn what_was_accepted_is_written_when_the_file_and_the_runtime_are_gone() {
    for runtime in runtimes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let text = vec![7; 1_000_000];
        runtime.block_on(async {
            let mut file = File::create(&path).await.unwrap();
            file.write_all(&text).await.unwrap();
            file.write_all(b"end").await.unwrap();
        });
        // Joins the pool.
        drop(runtime);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 1_000_003);
    }
}

#[test]
fn an_error_is_told_once() {
    on_each(async |_| {
        let mut full = File::options().write(true).open("/dev/full").await.unwrap();
        let by_flush = async |file: &mut File| file.flush().await;
        full.write_all(b"x").await.unwrap();
        assert_eq!(by_flush(&mut full).await.unwrap_err().raw_os_error(), Some(28));
        by_flush(&mut full).await.expect("it was told");

        full.write_all(b"x").await.unwrap();
        assert_eq!(full.sync_all().await.unwrap_err().raw_os_error(), Some(28));
        full.flush().await.expect("it was told");

        full.write_all(b"x").await.unwrap();
        assert_eq!(full.seek(SeekFrom::Start(0)).await.unwrap_err().raw_os_error(), Some(28));
        full.flush().await.expect("it was told");

        full.write_all(b"x").await.unwrap();
        let told = loop {
            if let Err(error) = full.write_all(b"x").await {
                break error;
            }
            rt_core::task::yield_now().await;
        };
        assert_eq!(told.raw_os_error(), Some(28));
    });
}

#[test]
fn a_write_waits_for_room_and_a_flush_for_all() {
    on_each(async |dir| {
        let (mut reader, mut file) = fifo(dir);
        file.set_max_buf_size(FIFO_ROOM);
        // One buffer is being written and doesn't go in, as the FIFO is full; the other one is full too.
        let text = vec![1; 3 * FIFO_ROOM];
        let mut accepted = 0;
        while accepted < text.len() {
            match Pin::new(&mut file).poll_write(&mut Context::from_waker(Waker::noop()), &text[accepted..]) {
                Poll::Ready(n) => accepted += n.unwrap(),
                Poll::Pending => rt_core::task::yield_now().await,
            }
        }
        assert!(poll_once(file.flush()).is_pending());
        assert!(poll_once(file.write(b"x")).is_pending(), "no room");
        // Not on the pool, which may have one thread, and that one is writing.
        let reading = std::thread::spawn(move || {
            let mut all = vec![0; text.len() + 1];
            reader.read_exact(&mut all).unwrap();
            all
        });
        file.write_all(b"x").await.unwrap();
        file.flush().await.unwrap();
        let all = reading.join().unwrap();
        assert!(all.ends_with(b"\x01x"));
    });
}

#[test]
fn a_cancelled_read_loses_nothing() {
    on_each(async |dir| {
        let (mut writer, mut file) = fifo(dir);
        let mut part = [0; 10];
        assert!(poll_once(file.read(&mut part)).is_pending());
        assert!(poll_once(file.read(&mut part)).is_pending());
        writer.write_all(b"0123456789").unwrap();
        // The read that was begun had room for ten; whoever asks for less gets that, and then the rest.
        assert_eq!(file.read(&mut part[..4]).await.unwrap(), 4);
        assert_eq!(part[..4], *b"0123");
        assert_eq!(file.read(&mut part).await.unwrap(), 6);
        assert_eq!(part[..6], *b"456789");
    });
}

#[test]
fn what_a_cancelled_read_took_is_given_back_to_the_position() {
    on_each(async |dir| {
        let path = dir.join("file");
        for then in ["write", "seek", "take"] {
            fs::write(&path, "0123456789").await.unwrap();
            let mut std = std::fs::File::options().read(true).write(true).open(&path).unwrap();
            // A clone isn't read on this thread, so that there is something to cancel.
            let mut file = File::from_std(std.try_clone().unwrap()).try_clone().await.unwrap();
            let mut part = [0; 10];
            // It may have been read by the time it's looked for.
            while poll_once(file.read(&mut part)).is_ready() {
                file.rewind().await.unwrap();
            }
            file.read_exact(&mut part[..2]).await.unwrap();
            match then {
                "write" => {
                    file.write_all(b"xy").await.unwrap();
                    file.flush().await.unwrap();
                    assert_eq!(std::fs::read(&path).unwrap(), b"01xy456789");
                }
                "seek" => assert_eq!(file.seek(SeekFrom::Current(1)).await.unwrap(), 3),
                _ => {
                    file.into_std().await;
                    let mut rest = String::new();
                    std.read_to_string(&mut rest).unwrap();
                    assert_eq!(rest, "23456789");
                }
            }
        }
    });
}

#[test]
fn seeking_needs_what_was_begun_to_be_over() {
    on_each(async |dir| {
        let (mut writer, mut file) = fifo(dir);
        let mut part = [0; 1];
        assert!(poll_once(file.read(&mut part)).is_pending());
        let error = rt_core::io::AsyncSeek::start_seek(Pin::new(&mut file), SeekFrom::Start(0)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::Other);
        let file = file.try_into_std().unwrap_err();
        writer.write_all(b"x").unwrap();
        drop(file.into_std().await);
    });
}

#[test]
fn std_gets_the_file_after_the_writes() {
    on_each(async |dir| {
        for _ in 0..50 {
            let path = dir.join("file");
            let mut file = File::create(&path).await.unwrap();
            file.write_all(b"one").await.unwrap();
            assert!(poll_once(file.sync_all()).is_pending());
            let mut std = file.into_std().await;
            std.write_all(b"two").unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"onetwo");
        }
    });
}

#[test]
fn on_a_runtime_that_is_shut_down_everything_fails() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, "text").unwrap();
    for runtime in runtimes() {
        let handle = runtime.handle().clone();
        let mut file = runtime.block_on(async {
            fs::read(&path).await.unwrap();
            File::options().read(true).write(true).open(&path).await.unwrap()
        });
        drop(runtime);
        let _entered = handle.enter();
        futures::executor::block_on(async {
            let kind = std::io::ErrorKind::Other;
            assert_eq!(fs::read(&path).await.unwrap_err().kind(), kind);
            assert_eq!(fs::metadata(&path).await.unwrap_err().kind(), kind);
            assert_eq!(fs::write(&path, "").await.unwrap_err().kind(), kind);
            assert_eq!(file.read(&mut [0; 8]).await.unwrap_err().kind(), kind);
            assert_eq!(file.write(b"x").await.unwrap_err().kind(), kind);
            assert_eq!(file.seek(SeekFrom::Start(0)).await.unwrap_err().kind(), kind);
            file.flush().await.expect("there is nothing to be flushed");
            assert_eq!(file.set_len(0).await.unwrap_err().kind(), kind);
        });
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"text");
}
