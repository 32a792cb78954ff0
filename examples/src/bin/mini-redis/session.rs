//! One client's side of the server: what it has set, what it has subscribed to, what it's to be sent.
//! Bytes go in, replies are in [`Session::out`]; the socket is somewhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rt_core::time::Instant;

use crate::command;
use crate::pubsub::Subscriptions;
use crate::reply::{Output, ROOM};
use crate::resp::Parser;
use crate::server::Shared;

pub(crate) struct Session {
    pub(crate) server: Arc<Shared>,
    pub(crate) id: u64,
    /// What the client calls itself.
    pub(crate) name: Box<[u8]>,
    pub(crate) out: Output,
    /// What time it is for the requests of this batch: one clock read serves them all.
    pub(crate) now: Instant,
    /// Nothing more is read from this client; it's closed when `out` is sent.
    pub(crate) is_closing: bool,
    pub(crate) subscriptions: Subscriptions,
}

impl Session {
    pub(crate) fn new(server: Arc<Shared>, id: u64) -> Self {
        Session {
            id,
            name: Box::default(),
            out: Output::default(),
            now: Instant::now(),
            is_closing: false,
            subscriptions: Subscriptions::new(Arc::clone(&server.pubsub), id),
            server,
        }
    }

    /// Carries out the requests that are whole in `input`, and takes the messages that came, as long as there
    /// is room for more to be sent. Gives the length of the requests.
    pub(crate) fn execute(&mut self, parser: &mut Parser, input: &[u8]) -> usize {
        let (mut requests, mut len) = (0, 0);
        while !self.is_closing && self.out.has_room() {
            match parser.parse(&input[len..]) {
                Ok(None) => break,
                Ok(Some(request)) => {
                    if request.args.len() > 0 {
                        requests += 1;
                        let outcome = command::execute(self, request.args);
                        self.out.outcome(outcome);
                    }
                    len += request.frame_len;
                }
                Err(fault) => {
                    self.out.error(&fault);
                    self.is_closing = true;
                }
            }
        }
        if requests > 0 {
            // Once a batch, since all connections share it.
            self.server.requests.fetch_add(requests, Ordering::Relaxed);
        }
        if self.is_subscriber() {
            self.take_messages(ROOM);
        }
        len
    }

    /// Moves messages that wait for the client to what it's sent next, as long as that is below `limit` bytes.
    pub(crate) fn take_messages(&mut self, limit: usize) {
        while self.out.bytes.len() < limit {
            let Some(message) = self.subscriptions.take() else { break };
            self.out.bytes.extend_from_slice(&message);
        }
        if self.subscriptions.has_overflowed() {
            self.give_up();
        }
    }

    /// Disconnects the client without sending what it's owed.
    pub(crate) fn give_up(&mut self) {
        self.out = Output::default();
        self.is_closing = true;
    }

    /// In RESP2 a client with subscriptions is sent messages, and may ask for little else.
    pub(crate) fn is_subscriber(&self) -> bool {
        self.subscriptions.len() > 0
    }
}
