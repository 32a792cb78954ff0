//! Commands of publishers and subscribers.

use std::sync::Arc;

use super::Fault;
use crate::pubsub::{Kind, Subscriptions};
use crate::reply::Output;
use crate::resp::Request;
use crate::session::Session;

pub(super) fn publish(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let receivers = session.server.pubsub.publish(request.arg(1), request.arg(2));
    session.out.count(receivers);
    Ok(())
}

pub(super) fn subscribe(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    add(session, request, Kind::Channel, "subscribe")
}

pub(super) fn psubscribe(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    add(session, request, Kind::Pattern, "psubscribe")
}

pub(super) fn unsubscribe(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    remove(session, request, Kind::Channel, "unsubscribe")
}

pub(super) fn punsubscribe(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    remove(session, request, Kind::Pattern, "punsubscribe")
}

fn add(session: &mut Session, request: &Request<'_>, kind: Kind, verb: &str) -> Result<(), Fault> {
    let (server, id) = (&session.server, session.id);
    let subscriptions = session
        .subscriptions
        .get_or_insert_with(|| Box::new(Subscriptions::new(Arc::clone(&server.pubsub), id)));
    for topic in request.args_from(1) {
        subscriptions.subscribe(kind, topic);
        let count = subscriptions.len();
        confirm(&mut session.out, verb, Some(topic), count);
    }
    Ok(())
}

fn remove(session: &mut Session, request: &Request<'_>, kind: Kind, verb: &str) -> Result<(), Fault> {
    let named = request.args_from(1);
    let topics: Vec<Box<[u8]>> = match &session.subscriptions {
        Some(subscriptions) if named.len() == 0 => subscriptions.names(kind).map(Box::from).collect(),
        _ => named.map(Box::from).collect(),
    };
    for topic in &topics {
        if let Some(subscriptions) = &mut session.subscriptions {
            subscriptions.unsubscribe(kind, topic);
        }
        // What was published before this comes before it.
        session.take_deliveries(usize::MAX);
        let count = session.subscriptions.as_ref().map_or(0, |all| all.len());
        confirm(&mut session.out, verb, Some(topic), count);
    }
    if topics.is_empty() {
        let count = session.subscriptions.as_ref().map_or(0, |all| all.len());
        confirm(&mut session.out, verb, None, count);
    }
    Ok(())
}

fn confirm(out: &mut Output, verb: &str, topic: Option<&[u8]>, count: usize) {
    out.array(3);
    out.bulk(verb.as_bytes());
    out.bulk_or_nil(topic);
    out.count(count);
}
