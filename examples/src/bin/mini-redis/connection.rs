//! One client's connection: a task, a buffer of what it sent, a session that says what it's to be sent.
//!
//! The task answers all requests that are in the buffer, sends the replies with one system call, and
//! waits for more. Nothing is spawned, locked or allocated for a request as such.
//!
//! **What bounds a connection's memory.** Requests are carried out only while the output has room, and nothing is
//! read while it has none, so a client that doesn't read is soon held up by its own socket. Messages
//! that are published to it wait in a mailbox with a limit, over which the client is disconnected.
//!
//! **How a connection ends.** Closing a socket that holds unread bytes resets the connection, and a reset
//! destroys replies that are on their way. So the end is always the same ([`close`]): send what is
//! owed, say that nothing follows, read and forget what still comes until the client closes too or a
//! short time has passed.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use rt_core::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use rt_core::net::TcpStream;
use rt_core::task::yield_now;
use rt_core::time::{Instant, sleep_until, timeout};

use crate::reply::Output;
use crate::resp::{LIMITS, Parser};
use crate::session::Session;

#[cfg(test)]
mod tests;

/// How much room a read gets, and by how much the buffer grows at once for a long bulk string.
const READ_ROOM: usize = 16 << 10;
const READ_ROOM_MAX: usize = 1 << 20;

/// A buffer that needed more than this gives its memory back when it's empty.
const KEPT: usize = 128 << 10;

/// Longer than a server runs.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// When the server stops: what has come has been seen when nothing new shows for so long.
pub(crate) const QUIET: Duration = Duration::from_millis(20);

/// How long clients may take to be sent their last replies when the server stops.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// How long a client that was told the end may take to close its side.
const LINGER: Duration = Duration::from_millis(500);

/// Serves a client until it goes, is to be closed, or the server stops and has answered it.
pub(crate) async fn serve(mut stream: TcpStream, mut session: Session) {
    // An error is one of the socket: there is nobody to tell.
    if run(&mut stream, &mut session).await.is_ok() {
        // Its place among the subscribers is free from now on, and messages to it end here.
        session.subscriptions.clear();
        let _ = timeout(GRACE, close(&mut stream, &mut session.out)).await;
    }
}

async fn run(stream: &mut TcpStream, session: &mut Session) -> io::Result<()> {
    let server = Arc::clone(&session.server);
    let (mut reader, writer) = stream.split();
    let (mut parser, mut input) = (Parser::new(LIMITS), BytesMut::new());
    // A client is closed when it was inactive for so long, and after `latest` whatever it does.
    let mut patience = server.config.idle_timeout.unwrap_or(FOREVER);
    let mut latest = None;
    // Armed once and not anew for each request: when it fires, it's seen how long the client was idle.
    let mut idle = pin!(sleep_until(session.now + patience));
    let mut stop = pin!(server.stop.cancelled());
    loop {
        let executed = session.execute(&mut parser, &input);
        take(&mut input, executed);
        let was_held_up = !session.out.has_room();
        send(&mut session.out.bytes, |bytes| writer.try_write(bytes))?;
        if session.is_closing || latest.is_some_and(|latest| session.now >= latest) {
            return Ok(());
        }
        if was_held_up && session.out.has_room() {
            // There are more requests in the input, with replies as long as these: others have their turn first.
            yield_now().await;
            session.now = Instant::now();
            continue;
        }
        if latest.is_none() && server.stop.is_cancelled() {
            // What the client has sent until now is still answered.
            latest = Some(session.now + GRACE / 2);
            patience = QUIET;
            idle.as_mut().reset(session.now + patience);
        }
        input.reserve(parser.missing_bytes(input.len()).clamp(READ_ROOM, READ_ROOM_MAX));
        rt_core::select! {
            // Whatever is busiest comes first and can't keep the others from their turn: each turn of
            // the loop sends, looks for messages and looks at the order to stop.
            biased;
            read = reader.read_buf(&mut input), if session.out.has_room() => if read? == 0 {
                return Ok(());
            },
            ready = writer.writable(), if !session.out.bytes.is_empty() => ready?,
            () = session.subscriptions.news(), if session.is_subscriber() => {}
            () = &mut stop, if latest.is_none() => {}
            () = &mut idle => {
                let is_exempt = session.is_subscriber() && latest.is_none();
                let now = Instant::now();
                if !is_exempt && now >= session.now + patience {
                    return Ok(());
                }
                let since = if is_exempt { now } else { session.now };
                idle.as_mut().reset(since + patience);
                continue;
            }
        }
        session.now = Instant::now();
    }
}

/// Sends as much of `out` as the socket takes at once.
fn send(out: &mut BytesMut, mut write: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
    if !out.is_empty() {
        match write(out) {
            Ok(sent) => take(out, sent),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Takes `len` bytes off the front. A buffer that is empty then is used again from its beginning, unless it's
/// too large to be kept.
fn take(buffer: &mut BytesMut, len: usize) {
    if len < buffer.len() {
        buffer.advance(len);
    } else {
        buffer.clear();
        if buffer.try_reclaim(KEPT) {
            *buffer = BytesMut::new();
        }
    }
}

async fn close(stream: &mut TcpStream, out: &mut Output) -> io::Result<()> {
    stream.write_all_buf(&mut out.bytes).await?;
    stream.shutdown().await?;
    let _ = timeout(LINGER, copy(stream, &mut sink())).await;
    Ok(())
}
