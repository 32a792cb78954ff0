use loom::future::block_on;

use super::*;
use crate::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn who_waits_for_room_or_for_bytes_is_woken() {
    loom::model(|| {
        // Room for one byte: each side waits for the other at least once.
        let (mut one, mut other) = duplex(1);
        let writer = loom::thread::spawn(move || {
            block_on(async {
                one.write_all(b"ab").await.unwrap();
                // Dropping it is the end.
            });
        });
        let mut all = Vec::new();
        block_on(other.read_to_end(&mut all)).unwrap();
        assert_eq!(all, b"ab");
        writer.join().unwrap();
    });
}

#[test]
fn a_writer_learns_that_the_reader_is_gone() {
    loom::model(|| {
        let (mut one, other) = duplex(1);
        let reader = loom::thread::spawn(move || drop(other));
        let written = block_on(async {
            let mut written = 0;
            while one.write(b"x").await.is_ok() {
                written += 1;
            }
            written
        });
        assert!(written <= 1, "there is room for one byte");
        reader.join().unwrap();
    });
}

#[test]
fn a_reader_learns_of_a_shutdown() {
    loom::model(|| {
        let (mut one, mut other) = duplex(1);
        let writer = loom::thread::spawn(move || {
            block_on(one.shutdown()).unwrap();
            one
        });
        assert_eq!(block_on(other.read(&mut [0])).unwrap(), 0);
        writer.join().unwrap();
    });
}
