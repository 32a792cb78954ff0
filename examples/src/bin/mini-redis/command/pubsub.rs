//! Commands of publishers and subscribers.

use crate::pubsub::Kind;
use crate::reply::{Outcome, Replied};
use crate::resp::Args;
use crate::session::Session;

pub(super) fn publish(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let (channel, payload) = (args.word()?, args.word()?);
    Ok(session.out.count(session.server.pubsub.publish(channel, payload)))
}

/// Begins or ends subscriptions, by the `verb`. One that ends comes without topics for all there are.
pub(super) fn change(session: &mut Session, topics: Args<'_>, kind: Kind, verb: &str) -> Outcome {
    let mut topics: Vec<Box<[u8]>> = topics.map(Box::from).collect();
    if topics.is_empty() {
        topics = session.subscriptions.names(kind);
    }
    let mut reply = None;
    for topic in &topics {
        if verb.ends_with("unsubscribe") {
            session.subscriptions.unsubscribe(kind, topic);
            // What was published before this comes before it.
            session.take_messages();
        } else {
            session.subscriptions.subscribe(kind, topic);
        }
        reply = Some(confirm(session, verb, Some(topic)));
    }
    Ok(reply.unwrap_or_else(|| confirm(session, verb, None)))
}

fn confirm(session: &mut Session, verb: &str, topic: Option<&[u8]>) -> Replied {
    session.out.array(3);
    session.out.bulk(verb);
    session.out.bulk_or_nil(topic);
    session.out.count(session.subscriptions.len())
}
