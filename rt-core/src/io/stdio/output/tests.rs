use std::task::Waker;

use super::*;
use crate::base::is_gone;

fn write(output: &Output, bytes: &[u8]) -> Accepted {
    output.poll_write(Waker::noop(), bytes)
}

fn flush(output: &Output) -> Poll<io::Result<()>> {
    output.poll_flush(Waker::noop())
}

#[test]
fn writes_are_gathered_while_there_is_room() {
    let output = Output::new();
    let Accepted::NeedsWriter(1, writer) = write(&output, b"a") else { panic!("a writer is needed") };
    assert!(matches!(write(&output, b"bc"), Accepted::Ready(Ok(2))));
    assert!(matches!(write(&output, &vec![b'x'; FULL]), Accepted::Ready(Ok(FULL))));
    assert!(matches!(write(&output, b"d"), Accepted::Full));
    assert!(flush(&output).is_pending());
    let mut all = Vec::new();
    writer.run(&mut all);
    assert_eq!(all.len(), FULL + 3);
    assert_eq!(&all[..4], b"abcx");
    assert!(matches!(flush(&output), Poll::Ready(Ok(()))));
    assert!(matches!(write(&output, b"d"), Accepted::NeedsWriter(1, _)));
}

#[test]
fn a_long_write_is_accepted_in_part() {
    let output = Output::new();
    let long = vec![0; AT_ONCE + 1];
    assert!(matches!(write(&output, &long), Accepted::NeedsWriter(AT_ONCE, _)));
}

/// Takes no more than some bytes.
struct Broken(usize);

impl Write for Broken {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.0);
        self.0 -= n;
        if n == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(n) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_is_told_once() {
    let output = Output::new();
    let Accepted::NeedsWriter(3, writer) = write(&output, b"abc") else { panic!("a writer is needed") };
    writer.run(Broken(2));
    let Accepted::Ready(Err(error)) = write(&output, b"d") else { panic!("the error is told") };
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert!(matches!(flush(&output), Poll::Ready(Ok(()))), "told once");
    let Accepted::NeedsWriter(1, writer) = write(&output, b"d") else { panic!("a writer is needed") };
    let mut all = Vec::new();
    writer.run(&mut all);
    assert_eq!(all, b"d");
}

#[test]
fn a_writer_that_never_runs_leaves_an_error() {
    let output = Output::new();
    drop(write(&output, b"a"));
    assert!(matches!(flush(&output), Poll::Ready(Err(error)) if is_gone(&error)));
    assert!(matches!(flush(&output), Poll::Ready(Ok(()))));
}
