//! One client's side of the server: what it has set, what it has subscribed to, what it's to be sent.
//! Bytes go in, replies are in [`Session::out`]; the socket is somewhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rt_core::time::Instant;

use crate::command;
use crate::pubsub::Subscriptions;
use crate::reply::Output;
use crate::resp::Parser;
use crate::server::Server;

pub(crate) struct Session {
    pub(crate) server: Arc<Server>,
    pub(crate) id: u64,
    /// What the client calls itself.
    pub(crate) name: Box<[u8]>,
    pub(crate) out: Output,
    /// When the client was last active, and what time it is for its requests: one clock read a batch.
    pub(crate) now: Instant,
    /// Nothing more is read from this client; it's closed when `out` is sent.
    pub(crate) is_closing: bool,
    pub(crate) subscriptions: Subscriptions,
}

impl Session {
    pub(crate) fn new(server: Arc<Server>) -> Self {
        let id = server.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let subscriptions = Subscriptions::new(Arc::clone(&server.pubsub), id, server.stop.child_token());
        let (name, out) = (Box::default(), Output::default());
        Session { server, id, name, out, now: Instant::now(), is_closing: false, subscriptions }
    }

    /// Carries out the requests that are whole in `input`, as long as there is room for their replies, and takes
    /// the messages that came. Gives the length of the requests.
    pub(crate) fn execute(&mut self, parser: &mut Parser, input: &[u8]) -> usize {
        let (mut requests, mut len) = (0, 0);
        while !self.is_closing && self.out.has_room() {
            match parser.parse(&input[len..]) {
                Ok(None) => break,
                Ok(Some((args, frame_len))) => {
                    len += frame_len;
                    requests += u64::from(args.len() > 0);
                    command::execute(self, args);
                }
                Err(fault) => self.refuse(&fault),
            }
        }
        // Once a batch, since all connections share it.
        self.server.requests.fetch_add(requests, Ordering::Relaxed);
        if self.is_subscriber() {
            self.take_messages();
        }
        len
    }

    /// Says why, and nothing more.
    pub(crate) fn refuse(&mut self, why: &str) {
        self.out.error(why);
        self.is_closing = true;
    }

    /// Moves the messages that wait for the client to what it's sent next.
    pub(crate) fn take_messages(&mut self) {
        match self.subscriptions.mailbox.take() {
            Some(messages) => self.out.bytes.unsplit(messages),
            None => self.give_up(),
        }
    }

    /// Disconnects the client without sending what it's owed.
    pub(crate) fn give_up(&mut self) {
        self.out = Output::default();
        self.is_closing = true;
    }

    /// In RESP2 a client with subscriptions is sent messages, and may ask for little else.
    pub(crate) fn is_subscriber(&self) -> bool {
        !self.subscriptions.topics.is_empty()
    }
}
