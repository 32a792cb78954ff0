use std::future::poll_fn;

use loom::future::block_on;

use super::*;

/// What is written, one thread after the other.
#[derive(Clone)]
struct Stream(Arc<Mutex<Vec<u8>>>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_accepted_is_written_in_order_and_who_waits_is_woken() {
    loom::model(|| {
        let output = Output::new();
        let stream = Stream(Arc::new(Mutex::new(Vec::new())));
        let mut writers = Vec::new();
        for byte in [b"a", b"b", b"c"] {
            block_on(poll_fn(|cx| match output.poll_write(cx.waker(), byte) {
                Accepted::Full => Poll::Pending,
                Accepted::Ready(outcome) => Poll::Ready(outcome.unwrap()),
                Accepted::NeedsWriter(n, writer) => {
                    let stream = stream.clone();
                    writers.push(loom::thread::spawn(move || writer.run(stream)));
                    Poll::Ready(n)
                }
            }));
        }
        block_on(poll_fn(|cx| output.poll_flush(cx.waker()))).unwrap();
        assert_eq!(*stream.0.lock(), b"abc");
        for writer in writers {
            writer.join().unwrap();
        }
    });
}

#[test]
fn a_writer_that_is_cancelled_is_noticed() {
    loom::model(|| {
        let output = Output::new();
        let Accepted::NeedsWriter(1, writer) =
            block_on(poll_fn(|cx| Poll::Ready(output.poll_write(cx.waker(), b"a"))))
        else {
            panic!("a writer is needed")
        };
        let pool = loom::thread::spawn(move || drop(writer));
        assert!(block_on(poll_fn(|cx| output.poll_flush(cx.waker()))).is_err());
        pool.join().unwrap();
    });
}
