//! The server: a listener, a limit on its connections, and the way it stops.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rt_core::net::{TcpListener, TcpStream};
use rt_core::sync::Semaphore;
use rt_core::time::{Instant, sleep, timeout};
use rt_util::sync::CancellationToken;

use crate::connection;
use crate::keyspace::Keyspace;
use crate::pubsub::PubSub;
use crate::session::Session;

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) addr: String,
    pub(crate) max_clients: u32,
    /// A client that sends and takes nothing for so long is closed. Subscribers are exempt.
    pub(crate) idle_timeout: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            addr: "127.0.0.1:6379".to_owned(),
            max_clients: 10_000,
            idle_timeout: Some(Duration::from_secs(300)),
        }
    }
}

/// Refusals that are under way at once; clients beyond that are dropped without a word.
const REFUSALS_AT_ONCE: usize = 64;

/// How long no connection is accepted after an error that isn't one of a single connection, as when no
/// file descriptor is free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) addr: SocketAddr,
    pub(crate) started: Instant,
    pub(crate) keyspace: Keyspace,
    pub(crate) pubsub: Arc<PubSub>,
    /// The order to stop.
    pub(crate) stop: CancellationToken,
    // Counters that nothing depends on: relaxed.
    pub(crate) connections: AtomicU64,
    pub(crate) requests: AtomicU64,
    /// A permit for each client that may be served.
    places: Arc<Semaphore>,
    /// A permit for each client that may be told that there is no place.
    refusals: Arc<Semaphore>,
}

impl Shared {
    /// How many clients are connected.
    pub(crate) fn clients(&self) -> usize {
        self.config.max_clients as usize - self.places.available_permits()
    }
}

/// A listening server that doesn't serve yet.
pub(crate) struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    pub(crate) async fn bind(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(&config.addr).await?;
        let shared = Shared {
            addr: listener.local_addr()?,
            started: Instant::now(),
            keyspace: Keyspace::new(),
            pubsub: Arc::default(),
            stop: CancellationToken::new(),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            places: Arc::new(Semaphore::new(config.max_clients as usize)),
            refusals: Arc::new(Semaphore::new(REFUSALS_AT_ONCE)),
            config,
        };
        Ok(Server { listener, shared: Arc::new(shared) })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.shared.addr
    }

    /// Serves until `until` is ready. Then no connection is accepted any more, each client is answered
    /// what it has sent by then, and all are closed. Gives the number of requests that were served.
    pub(crate) async fn run(self, until: impl Future<Output = ()>) -> u64 {
        let Server { listener, shared } = self;
        let mut until = pin!(until);
        loop {
            rt_core::select! {
                biased;
                () = &mut until => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => admit(stream, &shared),
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => {
                        eprintln!("mini-redis: can't accept connections: {error}");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        // The system has made connections already whose clients may have sent requests.
        while let Ok(Ok((stream, _))) = timeout(connection::QUIET, listener.accept()).await {
            admit(stream, &shared);
        }
        drop(listener);
        shared.stop.cancel();
        // Each connection holds a place until it's closed: all places are free when all are closed. They
        // keep to the grace period themselves; the margin is for a machine too busy to run them.
        let all_closed = shared.places.acquire_many(shared.config.max_clients);
        if timeout(connection::GRACE * 2, all_closed).await.is_err() {
            eprintln!("mini-redis: {} connections did not close in time", shared.clients());
        }
        shared.requests.load(Ordering::Relaxed)
    }
}

/// Whether the connection was lost before it was accepted, which says nothing about the next one.
fn is_of_one_connection(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Serves a client, or tells it that there is no place.
fn admit(stream: TcpStream, shared: &Arc<Shared>) {
    // Replies go out in whole batches, so there is nothing to wait for before a segment is sent.
    let _ = stream.set_nodelay(true);
    let id = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
    let mut session = Session::new(Arc::clone(shared), id);
    let mut permit = Arc::clone(&shared.places).try_acquire_owned();
    if permit.is_err() {
        session.out.error("max number of clients reached");
        session.is_closing = true;
        permit = Arc::clone(&shared.refusals).try_acquire_owned();
    }
    if let Ok(permit) = permit {
        rt_core::spawn(async move {
            connection::serve(stream, session).await;
            drop(permit);
        });
    }
}
