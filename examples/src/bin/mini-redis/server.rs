//! The server: a listener, a limit on its connections, and the way it stops.

use std::future::Future;
use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rt_core::net::{TcpListener, TcpStream};
use rt_core::time::{Instant, sleep, timeout};
use rt_util::sync::CancellationToken;
use rt_util::task::TaskTracker;

use crate::connection::{self, GRACE, QUIET};
use crate::keyspace::Keyspace;
use crate::pubsub::PubSub;
use crate::session::Session;

pub(crate) struct Config {
    pub(crate) addr: String,
    pub(crate) max_clients: usize,
    /// A client that sends and takes nothing for so long is closed, unless this is zero. Subscribers are exempt.
    pub(crate) idle_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let addr = "127.0.0.1:6379".to_owned();
        Config { addr, max_clients: 10_000, idle_timeout: Duration::from_secs(300) }
    }
}

/// Clients that may be told at once that there is no place; those beyond are dropped without a word.
const REFUSALS_AT_ONCE: usize = 64;

/// Why a connection can be lost before it's accepted, which says nothing about the next one.
const LOST: [ErrorKind; 4] = [ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted];

/// How long no connection is accepted after an error that isn't one of a single connection, as when no
/// file descriptor is free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What all connections share.
pub(crate) struct Server {
    pub(crate) config: Config,
    pub(crate) addr: SocketAddr,
    pub(crate) started: Instant,
    pub(crate) keyspace: Keyspace,
    pub(crate) pubsub: Arc<PubSub>,
    /// The order to stop.
    pub(crate) stop: CancellationToken,
    /// The connections of clients that are served, and of those that are refused.
    pub(crate) clients: TaskTracker,
    refusals: TaskTracker,
    // Counters that nothing depends on: relaxed.
    pub(crate) connections: AtomicU64,
    pub(crate) requests: AtomicU64,
}

impl Server {
    /// A server, and the listener for it to [`run`](Self::run) with.
    pub(crate) async fn bind(config: Config) -> io::Result<(Arc<Self>, TcpListener)> {
        let listener = TcpListener::bind(&config.addr).await?;
        let server = Server {
            config,
            addr: listener.local_addr()?,
            started: Instant::now(),
            keyspace: Keyspace::new(),
            pubsub: Arc::default(),
            stop: CancellationToken::new(),
            clients: TaskTracker::new(),
            refusals: TaskTracker::new(),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        };
        Ok((Arc::new(server), listener))
    }

    /// Serves until `until` is ready. Then no connection is accepted any more, each client is answered
    /// what it has sent by then, and all are closed. Gives the number of requests that were served.
    pub(crate) async fn run(self: &Arc<Self>, listener: TcpListener, until: impl Future<Output = ()>) -> u64 {
        let mut until = pin!(until);
        loop {
            rt_core::select! {
                biased;
                () = &mut until => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.admit(stream),
                    Err(error) if LOST.contains(&error.kind()) => {}
                    Err(error) => {
                        eprintln!("mini-redis: can't accept connections: {error}");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        // The system has made connections already whose clients may have sent requests.
        while let Ok(Ok((stream, _))) = timeout(QUIET, listener.accept()).await {
            self.admit(stream);
        }
        drop(listener);
        self.stop.cancel();
        self.clients.close();
        // Connections keep to the grace period themselves; the margin is for a machine too busy to run them.
        if timeout(GRACE * 2, self.clients.wait()).await.is_err() {
            eprintln!("mini-redis: {} connections did not close in time", self.clients.len());
        }
        self.requests.load(Ordering::Relaxed)
    }

    /// Serves a client, or tells it that there is no place.
    fn admit(self: &Arc<Self>, stream: TcpStream) {
        // Replies go out in whole batches, so there is nothing to wait for before a segment is sent.
        let _ = stream.set_nodelay(true);
        let mut session = Session::new(Arc::clone(self));
        if self.clients.len() < self.config.max_clients {
            self.clients.spawn(connection::serve(stream, session));
        } else if self.refusals.len() < REFUSALS_AT_ONCE {
            session.refuse("max number of clients reached");
            self.refusals.spawn(connection::serve(stream, session));
        }
    }
}
