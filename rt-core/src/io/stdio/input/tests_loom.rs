use std::future::poll_fn;

use loom::future::block_on;

use super::*;
use crate::shim::sync::Arc;

/// Reads a byte; none at the end. A thread is there.
async fn read(input: &Input, reader: usize) -> Vec<u8> {
    let mut bytes = [0; 1];
    let mut buf = ReadBuf::new(&mut bytes);
    poll_fn(|cx| match input.poll_read(reader, cx.waker(), &mut buf) {
        Fetched::Ready(outcome) => Poll::Ready(outcome.unwrap()),
        Fetched::Pending | Fetched::NeedsThread => Poll::Pending,
    })
    .await;
    buf.filled().to_vec()
}

fn serve(input: &Input, reads: &[&[u8]]) {
    for bytes in reads {
        let _ = input.next(Duration::MAX);
        input.deliver(Ok(bytes));
    }
}

#[test]
fn each_question_is_answered() {
    loom::model(|| {
        let input = Arc::new(Input::new());
        let thread = input.clone();
        let thread = loom::thread::spawn(move || serve(&thread, &[b"ab", b"c", b""]));
        let mut all = Vec::new();
        loop {
            let bytes = block_on(read(&input, 0));
            if bytes.is_empty() {
                break;
            }
            all.extend(bytes);
        }
        assert_eq!(all, b"abc");
        thread.join().unwrap();
    });
}

#[test]
fn two_readers_share_what_comes() {
    loom::model(|| {
        let input = Arc::new(Input::new());
        let thread = input.clone();
        let thread = loom::thread::spawn(move || serve(&thread, &[b"ab"]));
        let other = input.clone();
        let other = loom::thread::spawn(move || block_on(read(&other, 1)));
        let mut all = block_on(read(&input, 0));
        all.extend(other.join().unwrap());
        all.sort_unstable();
        assert_eq!(all, b"ab");
        thread.join().unwrap();
    });
}

#[test]
fn a_reader_that_gives_up_loses_nothing() {
    loom::model(|| {
        let input = Arc::new(Input::new());
        let thread = input.clone();
        let thread = loom::thread::spawn(move || serve(&thread, &[b"a"]));
        let mut first = loom::future::block_on(poll_fn(|cx| {
            let mut bytes = [0; 1];
            let mut buf = ReadBuf::new(&mut bytes);
            // One look, whatever comes of it.
            let _ = input.poll_read(0, cx.waker(), &mut buf);
            Poll::Ready(buf.filled().to_vec())
        }));
        input.forget(0);
        if first.is_empty() {
            first = block_on(read(&input, 1));
        }
        assert_eq!(first, b"a");
        thread.join().unwrap();
    });
}
