use loom::future::block_on;

use super::*;
use crate::io::{AsyncReadExt, AsyncWriteExt, SimplexStream, simplex};

#[test]
fn halves_in_two_threads_share_one_stream() {
    loom::model(|| {
        let (mut reader, mut writer) = simplex(1);
        let writing = loom::thread::spawn(move || {
            block_on(writer.write_all(b"ab")).unwrap();
            writer
        });
        let mut received = [0; 2];
        block_on(reader.read_exact(&mut received)).unwrap();
        assert_eq!(&received, b"ab");
        let writer = writing.join().unwrap();
        let _stream: SimplexStream = reader.unsplit(writer);
    });
}

#[test]
fn the_last_half_drops_the_stream() {
    loom::model(|| {
        let (one, mut other) = crate::io::duplex(1);
        let (reader, writer) = split(one);
        let thread = loom::thread::spawn(move || drop(reader));
        drop(writer);
        thread.join().unwrap();
        assert_eq!(block_on(other.read(&mut [0])).unwrap(), 0, "its end is the end for the other side");
    });
}
