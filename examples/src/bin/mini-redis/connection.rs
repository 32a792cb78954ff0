//! One client's connection: a task, a buffer of what it sent, a session that says what it's to be sent.
//!
//! The task answers all requests that are in the buffer, sends the replies with one system call, and
//! waits for more. Nothing is spawned, locked or allocated for a request as such.
//!
//! **What bounds a connection's memory.** Requests are carried out only while the output has room, and nothing is
//! read before it's sent, so a client that doesn't read is soon held up by its own socket. Messages
//! that are published to it wait in a mailbox with a limit, over which the client is disconnected.
//!
//! **How a connection ends.** Closing a socket that holds unread bytes resets the connection, and a reset
//! destroys replies that are on their way. So the end is always the same ([`Connection::close`]): send what is
//! owed, say that nothing follows, read and forget what still comes until the client closes too or a
//! short time has passed.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use rt_core::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};
use rt_core::net::TcpStream;
use rt_core::task::yield_now;
use rt_core::time::{Instant, sleep_until, timeout};

use crate::resp::{LIMITS, Parser};
use crate::session::Session;

#[cfg(test)]
mod tests;

/// How much room a read gets, and by how much the buffer grows at once for a long bulk string.
const READ_ROOM: usize = 16 << 10;
const READ_ROOM_MAX: usize = 1 << 20;

/// A buffer that needed more than this gives its memory back when it's empty.
const KEPT: usize = 128 << 10;

/// The patience with clients when no idle timeout is set: longer than a server runs.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// When the server stops: what has come has been seen when nothing new shows for so long.
pub(crate) const QUIET: Duration = Duration::from_millis(20);

/// How long clients may take to be sent their last replies when the server stops.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// How long a client that was told the end may take to close its side.
const LINGER: Duration = Duration::from_millis(500);

struct Connection {
    stream: TcpStream,
    input: BytesMut,
    parser: Parser,
    session: Session,
}

/// Serves a client until it goes, is to be closed, or the server stops and has answered it.
pub(crate) async fn serve(stream: TcpStream, session: Session) {
    let patience = Some(session.server.config.idle_timeout).filter(|timeout| !timeout.is_zero());
    let stop = session.subscriptions.mailbox.stop.clone();
    let mut connection = Connection { stream, input: BytesMut::new(), parser: Parser::new(LIMITS), session };
    let served = match stop.run_until_cancelled(connection.run(patience.unwrap_or(FOREVER))).await {
        Some(served) => served,
        // What the client has sent until now is still answered.
        None => timeout(GRACE / 2, connection.run(QUIET)).await.unwrap_or(Ok(())),
    };
    // An error is one of the socket: there is nobody to tell.
    if served.is_ok() {
        let _ = timeout(GRACE, connection.close()).await;
    }
}

impl Connection {
    /// Answers what the client sends, until for as long as `patience` it has sent, or taken, nothing. Cancel safe: what
    /// was read, and what is owed, is there for the next run.
    async fn run(&mut self, patience: Duration) -> io::Result<()> {
        let Connection { stream, input, parser, session } = self;
        // Armed once and not anew for each request: when it fires, it's seen how long the client was idle.
        let mut idle = pin!(sleep_until(Instant::now() + patience));
        loop {
            session.now = Instant::now();
            let executed = session.execute(parser, input);
            take(input, executed);
            let was_held_up = !session.out.has_room();
            let is_sent = send(stream, &mut session.out.bytes, patience).await?;
            if !is_sent || session.is_closing {
                return Ok(());
            }
            if was_held_up {
                // There may be more requests in the input, with replies as long as these: others have a turn first.
                yield_now().await;
                continue;
            }
            input.reserve(parser.missing_bytes(input.len()).clamp(READ_ROOM, READ_ROOM_MAX));
            // Subscribers are silent by nature.
            let is_impatient = !session.is_subscriber() || session.server.stop.is_cancelled();
            loop {
                rt_core::select! {
                    biased;
                    read = stream.read_buf(input) => match read? {
                        0 => return Ok(()),
                        _ => break,
                    },
                    () = session.subscriptions.mailbox.news.notified(), if session.is_subscriber() => break,
                    () = &mut idle, if is_impatient => {
                        if session.now.elapsed() >= patience {
                            return Ok(());
                        }
                        idle.as_mut().reset(session.now + patience);
                    }
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        // Its place among the subscribers is free from now on, and messages to it end here.
        self.session.subscriptions.clear();
        self.stream.write_all_buf(&mut self.session.out.bytes).await?;
        self.stream.shutdown().await?;
        let _ = timeout(LINGER, copy(&mut self.stream, &mut sink())).await;
        Ok(())
    }
}

/// Sends all of `out`, or gives false when for as long as `patience` nothing of it was taken.
async fn send<W: AsyncWrite + Unpin>(to: &mut W, out: &mut BytesMut, patience: Duration) -> io::Result<bool> {
    while !out.is_empty() {
        match timeout(patience, to.write(out)).await {
            Ok(sent) => take(out, sent?),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Takes `len` bytes off the front. A buffer that is empty then is used again from its beginning, unless it's
/// too large to be kept.
fn take(buffer: &mut BytesMut, len: usize) {
    if len < buffer.len() {
        return buffer.advance(len);
    }
    buffer.clear();
    if buffer.try_reclaim(KEPT) {
        *buffer = BytesMut::new();
    }
}
