//! console-subscriber, as published, attached to our tokio: a client such as tokio-console connects to it, and finds the
//! tasks of this program, what they wait for, and each wait, with what is to be known of them.
#![forbid(unsafe_code)]

mod seen;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use console_api::instrument::InstrumentRequest;
use console_api::instrument::instrument_client::InstrumentClient;
use console_subscriber::ConsoleLayer;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{Barrier, Mutex, RwLock, Semaphore, oneshot};
use tokio::task::{self, LocalSet};
use tokio::time::{interval, sleep, timeout};
use tokio_stream::StreamExt;
use tracing_subscriber::prelude::*;

use seen::{Resource, Seen};

/// How often what is at work does something.
const PAUSE: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let builder = ConsoleLayer::builder().server_addr(([127, 0, 0, 1], port));
    let (layer, server) = builder.publish_interval(Duration::from_millis(50)).build();
    tracing_subscriber::registry().with(layer).init();
    tokio::spawn(async move { server.serve().await.unwrap() });

    let blocked = tasks_of_all_kinds();
    holders_and_waiters().await;

    let mut seen = Seen::default();
    if timeout(Duration::from_secs(20), watch(port, &mut seen)).await.is_err() {
        let (tasks, waits) = (seen.tasks.values(), seen.waits.values());
        eprintln!("{:#?}\n{:#?}", tasks.collect::<Vec<_>>(), waits.take(100).collect::<Vec<_>>());
        panic!("the console doesn't see {}", missing(&seen).unwrap_or_default());
    }
    println!(
        "OK: the console sees {} tasks, {} resources and {} waits, and what becomes of them",
        seen.tasks.len(),
        seen.resources.len(),
        seen.waits.len(),
    );
    drop(blocked);
}

/// Tasks that wake up again and again, and one whose closure blocks a thread until what is returned is dropped.
fn tasks_of_all_kinds() -> std::sync::mpsc::Sender<()> {
    async fn at_work() {
        loop {
            sleep(PAUSE).await;
        }
    }

    task::Builder::new().name("worker").spawn(at_work()).unwrap();
    let (blocked, unblocked) = std::sync::mpsc::channel();
    task::Builder::new().name("closure").spawn_blocking(move || unblocked.recv().is_err()).unwrap();
    std::thread::spawn(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let set = LocalSet::new();
        task::Builder::new().name("in a set").spawn_local_on(at_work(), &set).unwrap();
        set.block_on(&runtime, at_work());
    });
    std::thread::spawn(|| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().build_local(LocalOptions::default()).unwrap();
        runtime.block_on(async {
            task::Builder::new().name("on its thread").spawn_local(at_work()).unwrap();
            at_work().await;
        });
    });
    blocked
}

/// Whoever has something keeps it, and somebody else waits for it.
async fn holders_and_waiters() {
    let semaphore = Arc::new(Semaphore::new(5));
    let mutex = Arc::new(Mutex::new(()));
    let lock = Arc::new(RwLock::new(()));
    let barrier = Arc::new(Barrier::new(3));
    let (sender, receiver) = oneshot::channel::<()>();
    semaphore.acquire_many(4).await.unwrap().forget();
    std::mem::forget((mutex.clone().lock_owned().await, lock.clone().read_owned().await, sender));

    task::Builder::new()
        .name("takes two")
        .spawn(async move { drop(semaphore.acquire_many(2).await) })
        .unwrap();
    task::Builder::new().name("locks").spawn(async move { drop(mutex.lock().await) }).unwrap();
    task::Builder::new().name("writes").spawn(async move { drop(lock.write().await) }).unwrap();
    task::Builder::new().name("meets").spawn(async move { drop(barrier.wait().await) }).unwrap();
    task::Builder::new().name("expects").spawn(async move { drop(receiver.await) }).unwrap();
    let ticks = async {
        let mut interval = interval(PAUSE);
        loop {
            interval.tick().await;
        }
    };
    task::Builder::new().name("ticks").spawn(ticks).unwrap();
}

/// Watches until nothing is missing any more.
async fn watch(port: u16, seen: &mut Seen) {
    let mut client = loop {
        match InstrumentClient::connect(format!("http://127.0.0.1:{port}")).await {
            Ok(client) => break client,
            Err(_) => sleep(PAUSE).await,
        }
    };
    let mut updates = client.watch_updates(InstrumentRequest {}).await.unwrap().into_inner();
    while missing(seen).is_some() {
        seen.learn(updates.next().await.expect("the stream goes on").unwrap());
    }
}

/// The first thing that should be seen and isn't.
fn missing(seen: &Seen) -> Option<String> {
    missing_task(seen)
        .or_else(|| missing_wait(seen))
        .or_else(|| missing_part(seen))
        .map(|missing| format!("{missing:?} as it is"))
}

fn missing_task(seen: &Seen) -> Option<&'static str> {
    let expected = [
        ("worker", "task", 2),
        ("closure", "blocking", 1),
        ("in a set", "local", 2),
        ("on its thread", "local", 2),
        // Both of those run in one.
        ("", "block_on", 2),
        ("ticks", "task", 3),
        ("locks", "task", 1),
    ];
    let is_seen = |(name, kind, polls): &(&str, &str, u64)| {
        seen.tasks.values().any(|task| {
            task.fields["task.name"] == *name
                && task.fields["kind"] == *kind
                && task.polls >= *polls
                // What a thread runs by itself has no waker that would tell of itself.
                && (*kind == "block_on" || *polls < 2 || task.wakes > 0)
                && task.fields.contains_key("fn") == (*kind == "blocking")
                && task.fields.contains_key("size.bytes")
                && task.line > 0
        })
    };
    expected.iter().find(|expected| !is_seen(expected)).map(|(name, ..)| *name)
}

/// Names and values that are to be among those seen.
type Attributes = &'static [(&'static str, &'static str)];

/// A task that waits, by which method, for what, and what is known of either.
struct Waiting {
    task: &'static str,
    source: &'static str,
    asks: Attributes,
    resource: &'static str,
    is: Attributes,
}

const WAITS: [Waiting; 5] = [
    Waiting {
        task: "takes two",
        source: "Semaphore::acquire_many",
        asks: &[("permits_requested", "2")],
        resource: "Semaphore",
        is: &[],
    },
    Waiting {
        task: "locks",
        source: "Mutex::lock",
        asks: &[("permits_requested", "1")],
        resource: "Mutex",
        is: &[("locked", "true")],
    },
    Waiting {
        task: "writes",
        source: "RwLock::write",
        asks: &[("permits_requested", "536870911")],
        resource: "RwLock",
        is: &[("write_locked", "false"), ("current_readers", "1"), ("max_readers", "536870911")],
    },
    Waiting {
        task: "meets",
        source: "Barrier::wait",
        asks: &[],
        resource: "Barrier",
        is: &[("size", "3"), ("arrived", "1")],
    },
    Waiting {
        task: "expects",
        source: "Receiver::await",
        asks: &[],
        resource: "Sender|Receiver",
        is: &[("value_sent", "false"), ("tx_dropped", "false"), ("rx_dropped", "false")],
    },
];

fn missing_wait(seen: &Seen) -> Option<&'static str> {
    let has = |attributes: &HashMap<String, String>, wanted: Attributes| {
        wanted.iter().all(|(name, value)| attributes.get(*name).is_some_and(|seen| seen == value))
    };
    let is_task = |id: Option<u64>, name: &str| {
        id.and_then(|id| seen.tasks.get(&id)).is_some_and(|task| task.fields["task.name"] == name)
    };
    let is_resource = |id: u64, wanted: &Waiting| {
        seen.resources.get(&id).is_some_and(|resource| {
            resource.concrete_type == wanted.resource
                && resource.kind == "Sync"
                && !resource.is_internal
                && resource.line > 0
                && has(&resource.attributes, wanted.is)
        })
    };
    let is_seen = |wanted: &Waiting| {
        seen.waits.values().any(|wait| {
            wait.source == wanted.source
                && wait.polls >= 1
                && has(&wait.attributes, wanted.asks)
                && is_task(wait.task, wanted.task)
                && is_resource(wait.resource, wanted)
        })
    };
    WAITS.iter().find(|wanted| !is_seen(wanted)).map(|wanted| wanted.task)
}

/// What is inside of a resource, and timers.
fn missing_part(seen: &Seen) -> Option<&'static str> {
    let parts = |of: &str, concrete_type: &str| -> Vec<&Resource> {
        let is_parent = |parent: &u64| seen.resources.get(parent).is_some_and(|it| it.concrete_type == of);
        let is_part = |part: &&Resource| part.parent.as_ref().is_some_and(is_parent);
        let parts = seen.resources.values().filter(is_part);
        parts.filter(|part| part.concrete_type == concrete_type).collect()
    };
    for of in ["Semaphore", "Mutex", "RwLock"] {
        let has_permits = |part: &&Resource| {
            part.is_internal && part.attributes.get("permits").is_some_and(|permits| permits == "0")
        };
        // Those that somebody waits for have none for others.
        if !parts(of, "Semaphore").iter().any(has_permits) {
            return Some(of);
        }
    }
    let sleep = parts("Interval", "Sleep");
    if !sleep.iter().any(|sleep| sleep.kind == "timer" && sleep.attributes.contains_key("duration")) {
        return Some("Interval");
    }
    let ticked = seen.waits.values().any(|wait| {
        wait.source == "Interval::tick"
            && wait.polls >= 1
            && seen.resources.get(&wait.resource).is_some_and(|resource| resource.concrete_type == "Interval")
    });
    (!ticked).then_some("Interval::tick")
}
