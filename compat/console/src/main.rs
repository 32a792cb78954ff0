//! console-subscriber, as published, attached to our tokio: a client such as tokio-console connects to it, and finds the
//! tasks of this program with their names, and that they are polled.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::time::Duration;

use console_api::field::{Name, Value};
use console_api::instrument::InstrumentRequest;
use console_api::instrument::instrument_client::InstrumentClient;
use console_subscriber::ConsoleLayer;
use tokio_stream::StreamExt;
use tracing_subscriber::prelude::*;

const NAMES: [&str; 3] = ["reader", "writer", "janitor"];

#[tokio::main]
async fn main() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let builder = ConsoleLayer::builder().server_addr(([127, 0, 0, 1], port));
    let (layer, server) = builder.publish_interval(Duration::from_millis(50)).build();
    tracing_subscriber::registry().with(layer).init();
    tokio::spawn(async move { server.serve().await.unwrap() });

    for name in NAMES {
        tokio::task::Builder::new()
            .name(name)
            .spawn(async {
                loop {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
            .unwrap();
    }

    let polls = tokio::time::timeout(Duration::from_secs(20), watch(port)).await.expect("the tasks appear");
    for name in NAMES {
        assert!(polls[name] > 0, "{name} is polled");
    }
    println!("OK: the console sees {} tasks by name, and counts their polls", polls.len());
}

/// Watches until each of the named tasks has appeared and been polled; gives how often.
async fn watch(port: u16) -> HashMap<String, u64> {
    let mut client = loop {
        match InstrumentClient::connect(format!("http://127.0.0.1:{port}")).await {
            Ok(client) => break client,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let mut updates = client.watch_updates(InstrumentRequest {}).await.unwrap().into_inner();
    let (mut names, mut polls) = (HashMap::new(), HashMap::new());
    while let Some(update) = updates.next().await {
        let Some(tasks) = update.unwrap().task_update else { continue };
        for task in tasks.new_tasks {
            let name = task.fields.iter().find_map(|field| match (&field.name, &field.value) {
                (Some(Name::StrName(name)), Some(Value::DebugVal(value) | Value::StrVal(value)))
                    if name == "task.name" =>
                {
                    NAMES.iter().find(|name| value.contains(**name))
                }
                _ => None,
            });
            if let (Some(name), Some(id)) = (name, task.id) {
                names.insert(id.id, *name);
            }
        }
        for (id, stats) in tasks.stats_update {
            if let (Some(name), Some(stats)) = (names.get(&id), stats.poll_stats) {
                polls.insert((*name).to_owned(), stats.polls);
            }
        }
        if polls.len() == NAMES.len() && polls.values().all(|polls| *polls > 0) {
            break;
        }
    }
    polls
}
