use super::*;
use crate::base::gone;

const LIMIT: usize = 64;

/// Takes no more than some bytes, and keeps them to itself until it's flushed.
#[derive(Default)]
struct Memory {
    room: Option<usize>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    buffer: Vec<u8>,
    written: Vec<u8>,
    flushes: usize,
}

impl Target for Memory {
    fn write(&self, bytes: &[u8], ahead: u64) -> io::Result<()> {
        assert_eq!(ahead, 0, "nothing was read");
        let mut state = self.state.lock();
        let room = self.room.map_or(bytes.len(), |room| room - state.buffer.len());
        state.buffer.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if room < bytes.len() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn flush(&self) -> io::Result<()> {
        let state = &mut *self.state.lock();
        state.flushes += 1;
        state.written.append(&mut state.buffer);
        Ok(())
    }

    fn kept_back() -> io::Error {
        gone()
    }
}

fn queue(room: Option<usize>) -> Arc<WriteQueue<Memory>> {
    Arc::new(WriteQueue::new(Memory { room, ..Default::default() }))
}

/// Offers bytes, of which there may be so many.
fn write(queue: &WriteQueue<Memory>, bytes: &[u8]) -> Poll<io::Result<Accepted>> {
    let cx = Context::from_waker(Waker::noop());
    queue.poll_accept(&cx, &[IoSlice::new(bytes)], 0, |held| LIMIT.saturating_sub(held))
}

/// As [`write`], where an errand is to be sent.
fn begin(queue: &Arc<WriteQueue<Memory>>, bytes: &[u8]) -> Errand<Memory> {
    match write(queue, bytes) {
        Poll::Ready(Ok(Accepted::SendErrand(n))) if n == bytes.len() => Errand::new(queue),
        other => panic!("{other:?}"),
    }
}

fn flush(queue: &WriteQueue<Memory>) -> Poll<io::Result<()>> {
    queue.poll_clean(&Context::from_waker(Waker::noop()))
}

#[test]
fn writes_are_gathered_while_there_is_room() {
    let queue = queue(None);
    let errand = begin(&queue, b"a");
    assert!(matches!(write(&queue, b"bc"), Poll::Ready(Ok(Accepted::Expected(2)))));
    assert!(
        matches!(write(&queue, &[b'x'; LIMIT]), Poll::Ready(Ok(Accepted::Expected(n))) if n == LIMIT - 3)
    );
    assert!(write(&queue, b"d").is_pending());
    assert!(flush(&queue).is_pending());
    errand.run();
    let state = queue.target.state.lock();
    assert_eq!(state.written.len(), LIMIT);
    assert_eq!(&state.written[..4], b"abcx");
    assert_eq!(state.flushes, 1);
    assert!(matches!(flush(&queue), Poll::Ready(Ok(()))));
    drop(begin(&queue, b"d"));
}

#[test]
fn parts_are_accepted_in_their_order_as_far_as_there_is_room() {
    let queue = queue(None);
    let parts = [b"ab".as_slice(), b"", b"cde", b"f"].map(IoSlice::new);
    let cx = Context::from_waker(Waker::noop());
    let accepted = queue.poll_accept(&cx, &parts, 0, |held| 4 - held);
    assert!(matches!(accepted, Poll::Ready(Ok(Accepted::SendErrand(4)))));
    Errand::new(&queue).run();
    assert_eq!(queue.target.state.lock().written, b"abcd");
}

#[test]
fn nothing_accepted_sends_nobody() {
    let queue = queue(None);
    assert!(matches!(write(&queue, b""), Poll::Ready(Ok(Accepted::Expected(0)))));
    assert!(matches!(flush(&queue), Poll::Ready(Ok(()))));
}

#[test]
fn an_error_is_told_once_and_ends_what_was_begun() {
    let queue = queue(Some(2));
    begin(&queue, b"abc").run();
    assert_eq!(queue.target.state.lock().flushes, 0, "what failed isn't flushed");
    let Poll::Ready(Err(error)) = write(&queue, b"d") else { panic!("the error is told") };
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert!(matches!(flush(&queue), Poll::Ready(Ok(()))), "told once");
    queue.target.state.lock().buffer.clear();
    begin(&queue, b"d").run();
    assert_eq!(queue.target.state.lock().written, b"d");
}

#[test]
fn an_errand_that_never_runs_leaves_an_error() {
    let queue = queue(None);
    drop(begin(&queue, b"a"));
    assert!(matches!(flush(&queue), Poll::Ready(Err(error)) if is_gone(&error)));
    assert!(matches!(flush(&queue), Poll::Ready(Ok(()))));
}
