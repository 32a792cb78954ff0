//! Commands of publishers and subscribers.

use crate::args::Args;
use crate::pubsub::Kind;
use crate::reply::{Outcome, Reply};
use crate::session::Session;

pub(super) fn publish(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let (channel, payload) = (args.word()?, args.word()?);
    Ok(Reply::count(session.server.pubsub.publish(channel, payload)))
}

pub(super) fn subscribe(session: &mut Session, topics: Args<'_>, kind: Kind) -> Outcome {
    for topic in topics {
        session.subscriptions.subscribe(kind, topic);
        confirm(session, ["subscribe", "psubscribe"][kind as usize], Some(topic));
    }
    Ok(Reply::Written)
}

pub(super) fn unsubscribe(session: &mut Session, topics: Args<'_>, kind: Kind) -> Outcome {
    let verb = ["unsubscribe", "punsubscribe"][kind as usize];
    let topics: Vec<Box<[u8]>> = match topics.len() {
        0 => session.subscriptions.names(kind).map(Box::from).collect(),
        _ => topics.map(Box::from).collect(),
    };
    for topic in &topics {
        session.subscriptions.unsubscribe(kind, topic);
        // What was published before this comes before it.
        session.take_messages(usize::MAX);
        confirm(session, verb, Some(topic));
    }
    if topics.is_empty() {
        confirm(session, verb, None);
    }
    Ok(Reply::Written)
}

fn confirm(session: &mut Session, verb: &str, topic: Option<&[u8]>) {
    session.out.array(3);
    session.out.bulk(verb);
    session.out.bulk_or_nil(topic);
    session.out.integer(session.subscriptions.len() as i64);
}
