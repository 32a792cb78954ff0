//! One client's connection: a task, a buffer of what it sent, a buffer of what it's to be sent.
//!
//! The task answers all requests that are in the buffer, sends the replies with one system call, and
//! waits for more. Nothing is spawned, locked or allocated for a request as such.
//!
//! **What bounds a connection's memory.** Requests are carried out only while less than [`OUT_LIMIT`]
//! bytes of replies wait for the client, and nothing is read while that much waits, so a
//! client that doesn't read is soon held up by its own socket. Messages that are published to it wait in a mailbox
//! with a limit, over which the client is disconnected.
//!
//! **How a connection ends.** Closing a socket that holds unread bytes resets the connection, and a reset
//! destroys replies that are on their way. So the end is always the same ([`Connection::finish`]): send
//! what is owed, say that nothing follows, read and forget what still comes until the client closes too
//! or a short time has passed.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::TcpStream;
use rt_core::time::{Instant, sleep_until, timeout};

use crate::reply::Output;
use crate::resp::Parser;
use crate::session::Session;

/// Replies are sent when there are so many bytes of them, or when all requests are answered.
const BATCH: usize = 64 << 10;

/// Bytes of replies that may wait for a client while its further requests are read and answered.
const OUT_LIMIT: usize = 1 << 20;

/// How much room a read gets, and by how much a buffer grows at once for a long bulk string.
const READ_ROOM: usize = 16 << 10;
const READ_ROOM_MAX: usize = 1 << 20;

/// Below this much room a read would be too short.
const READ_ROOM_MIN: usize = 2 << 10;

/// When the server stops: what has come has been seen when nothing new shows for so long.
pub(crate) const QUIET: Duration = Duration::from_millis(20);

/// How long a client that was told the end may take to close its side.
const LINGER: Duration = Duration::from_millis(500);

/// Serves a client until it goes, is to be closed, or the server stops.
pub(crate) async fn serve(mut stream: TcpStream, session: Session) {
    let server = Arc::clone(&session.server);
    let mut connection = Connection {
        parser: Parser::new(server.config.limits),
        input: BytesMut::with_capacity(READ_ROOM),
        input_grew: false,
        session,
    };
    // An error is one of the socket: there is nobody to tell.
    let Ok(end) = connection.run(&mut stream).await else { return };
    let farewell = async {
        if matches!(end, End::ServerStops) {
            connection.drain(&mut stream).await?;
        }
        connection.finish(&mut stream).await
    };
    let _ = timeout(server.config.grace, farewell).await;
}

/// Tells a client why it isn't served.
pub(crate) async fn refuse(mut stream: TcpStream, why: &str) {
    let mut out = Output::default();
    out.error(why);
    let _ = timeout(LINGER, send_and_close(&mut stream, &mut out)).await;
}

/// Why a connection isn't served on.
enum End {
    /// It has sent its last request, it was refused one, or it's not wanted any more.
    Closing,
    ServerStops,
}

struct Connection {
    parser: Parser,
    /// What was received, from the current frame on.
    input: BytesMut,
    /// The buffer was made larger than it should stay.
    input_grew: bool,
    session: Session,
}

impl Connection {
    async fn run(&mut self, stream: &mut TcpStream) -> io::Result<End> {
        let server = Arc::clone(&self.session.server);
        let idle_timeout = server.config.idle_timeout;
        let (mut reader, mut writer) = stream.split();
        let mut stopped = pin!(server.stop.requested());
        // Armed once and not anew for each request: when it fires, it's seen how long the client was idle.
        let mut last_active = self.session.now;
        let mut idle = pin!(sleep_until(last_active + idle_timeout));
        loop {
            self.answer(|bytes| writer.try_write(bytes))?;
            if self.session.closing {
                return Ok(End::Closing);
            }
            if server.stop.is_requested() {
                return Ok(End::ServerStops);
            }
            self.make_room();
            let Connection { input, session, .. } = self;
            let has_output = !session.out.is_empty();
            let has_room = session.out.len() < OUT_LIMIT;
            rt_core::select! {
                // Whatever is busiest comes first and can't keep the others from their turn: each turn of
                // the loop sends, looks for messages and looks at the order to stop.
                biased;
                read = reader.read_buf(input), if has_room => {
                    if read? == 0 {
                        return Ok(End::Closing);
                    }
                    session.now = Instant::now();
                    last_active = session.now;
                }
                sent = writer.write(session.out.unsent()), if has_output => {
                    session.out.mark_sent(sent?);
                    session.now = Instant::now();
                    last_active = session.now;
                }
                () = session.news() => {}
                () = &mut stopped => {}
                () = &mut idle, if !idle_timeout.is_zero() => {
                    let now = Instant::now();
                    if session.is_subscriber() {
                        last_active = now;
                    } else if now >= last_active + idle_timeout {
                        return Ok(End::Closing);
                    }
                    idle.as_mut().reset(last_active + idle_timeout);
                }
            }
        }
    }

    /// Answers the requests that are there and sends the replies, as far as the socket takes them now.
    fn answer(&mut self, mut send: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        // What is left from the last time is left because the socket was full.
        let mut is_full = !self.session.out.is_empty();
        loop {
            let limit = if is_full { OUT_LIMIT } else { BATCH };
            let more = self.execute(limit);
            if is_full {
                return Ok(());
            }
            while !self.session.out.is_empty() && !is_full {
                match send(self.session.out.unsent()) {
                    Ok(sent) => self.session.out.mark_sent(sent),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => is_full = true,
                    Err(error) => return Err(error),
                }
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Carries out the requests that are there until `limit` bytes of replies wait. Says whether it
    /// stopped for that.
    fn execute(&mut self, limit: usize) -> bool {
        let session = &mut self.session;
        while !session.closing && session.out.len() < limit {
            match self.parser.parse(&self.input) {
                Ok(Some(request)) => {
                    session.execute(&request);
                    self.input.advance(request.frame_len());
                }
                Ok(None) => break,
                Err(error) => {
                    session.out.error(&error);
                    session.closing = true;
                }
            }
        }
        session.count_requests();
        session.take_deliveries(limit);
        if session.has_lost_messages() {
            session.give_up();
        }
        !session.closing && session.out.len() >= limit
    }

    /// Sees to it that the next read has room.
    fn make_room(&mut self) {
        if self.input_grew && self.input.is_empty() {
            self.input = BytesMut::with_capacity(READ_ROOM);
            self.input_grew = false;
        }
        if self.input.capacity() - self.input.len() < READ_ROOM_MIN {
            let missing = self.parser.missing_bytes(self.input.len());
            self.input.reserve(missing.clamp(READ_ROOM, READ_ROOM_MAX));
            self.input_grew |= self.input.capacity() > 4 * READ_ROOM;
        }
    }

    /// The server stops: answers what the client has sent until now.
    async fn drain(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        // A client that goes on sending is cut off in time for the farewell.
        let latest = Instant::now() + self.session.server.config.grace / 2;
        loop {
            self.session.now = Instant::now();
            while self.execute(BATCH) {
                send(stream, &mut self.session.out).await?;
            }
            send(stream, &mut self.session.out).await?;
            if self.session.closing || self.session.now >= latest {
                return Ok(());
            }
            self.make_room();
            match timeout(QUIET, stream.read_buf(&mut self.input)).await {
                Ok(Ok(1..)) => {}
                _ => return Ok(()),
            }
        }
    }

    async fn finish(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        // Its place among the subscribers is free from now on, and messages to it end here.
        self.session.subscriptions = None;
        send_and_close(stream, &mut self.session.out).await
    }
}

async fn send(stream: &mut TcpStream, out: &mut Output) -> io::Result<()> {
    while !out.is_empty() {
        let sent = stream.write(out.unsent()).await?;
        out.mark_sent(sent);
    }
    Ok(())
}

async fn send_and_close(stream: &mut TcpStream, out: &mut Output) -> io::Result<()> {
    send(stream, out).await?;
    stream.shutdown().await?;
    let mut rest = vec![0; READ_ROOM];
    let closed = async { while let Ok(1..) = stream.read(&mut rest).await {} };
    let _ = timeout(LINGER, closed).await;
    Ok(())
}
