//! One client's side of the server: what it has set, what it has subscribed to, what it's to be sent.
//! Requests go in, replies are in [`Session::out`]; the socket is somewhere else.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rt_core::time::Instant;

use crate::command::{self, Fault};
use crate::pubsub::Subscriptions;
use crate::reply::Output;
use crate::resp::Request;
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
    pub(crate) closing: bool,
    /// Present once the client has subscribed to something.
    pub(crate) subscriptions: Option<Box<Subscriptions>>,
    /// Requests that the server's count doesn't have yet.
    uncounted: u64,
}

impl Session {
    pub(crate) fn new(server: Arc<Shared>, id: u64) -> Self {
        Session {
            server,
            id,
            name: Box::default(),
            out: Output::default(),
            now: Instant::now(),
            closing: false,
            subscriptions: None,
            uncounted: 0,
        }
    }

    /// Carries one request out and appends its reply.
    pub(crate) fn execute(&mut self, request: &Request<'_>) {
        if request.len() == 0 {
            return;
        }
        self.uncounted += 1;
        if let Err(fault) = self.try_execute(request) {
            self.out.error(&fault);
        }
    }

    fn try_execute(&mut self, request: &Request<'_>) -> Result<(), Fault> {
        let command = command::find(request.arg(0)).ok_or_else(|| command::unknown(request))?;
        if !command.takes(request.len()) {
            return Err(Fault::arity(command.name));
        }
        if self.is_subscriber() && !command.is_for_subscribers() {
            return Err(Fault::from(format!(
                "Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
                 are allowed in this context",
                command.name
            )));
        }
        (command.run)(self, request)
    }

    /// Disconnects the client without sending what it's owed.
    pub(crate) fn give_up(&mut self) {
        self.out.clear();
        self.closing = true;
    }

    /// In RESP2 a client with subscriptions is sent messages, and may ask for little else.
    pub(crate) fn is_subscriber(&self) -> bool {
        self.subscriptions.as_ref().is_some_and(|all| all.len() > 0)
    }

    /// Adds what was executed to the server's count: once a batch, since all connections share it.
    pub(crate) fn count_requests(&mut self) {
        let executed = std::mem::take(&mut self.uncounted);
        if executed > 0 {
            self.server.stats.requests.fetch_add(executed, Ordering::Relaxed);
        }
    }

    /// Something was published to this client; never, if it has no subscriptions. Cancel safe.
    pub(crate) async fn news(&self) {
        match &self.subscriptions {
            Some(subscriptions) => subscriptions.news().await,
            None => std::future::pending().await,
        }
    }

    /// Whether messages to this client were lost since it doesn't read them.
    pub(crate) fn has_lost_messages(&self) -> bool {
        self.subscriptions.as_ref().is_some_and(|all| all.has_overflowed())
    }

    /// Moves messages that are waiting to `out`, as long as that is below `limit` bytes.
    pub(crate) fn take_deliveries(&mut self, limit: usize) {
        let Some(subscriptions) = &mut self.subscriptions else { return };
        while self.out.len() < limit {
            let Some(message) = subscriptions.take() else { return };
            self.out.raw(&message);
        }
    }
}
