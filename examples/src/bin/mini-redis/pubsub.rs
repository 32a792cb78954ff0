//! Who has subscribed to what, and the way of a message to them.
//!
//! A publisher never waits for a subscriber: it leaves the message in each one's [`Mailbox`], from where
//! the subscriber's own task takes it to its socket. A mailbox in which more than [`MAILBOX_LIMIT`] would wait
//! belongs to a client that doesn't read: it's closed for good, and the client is disconnected.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use rt_core::sync::Notify;
use rt_util::sync::CancellationToken;

use crate::glob;
use crate::keyspace::lock;
use crate::reply::Output;

#[cfg(test)]
mod tests;

/// Bytes that may wait for one subscriber.
pub(crate) const MAILBOX_LIMIT: usize = 8 << 20;

/// Whether a subscription names one channel, or all that match a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Channel,
    Pattern,
}

/// Who has subscribed to each channel and to each pattern, by [`Kind`].
type Topics = [HashMap<Box<[u8]>, Subscribers>; 2];

/// By client id: messages go out in the order of arrival.
type Subscribers = BTreeMap<u64, Arc<Mailbox>>;

/// All subscriptions of the server.
#[derive(Default)]
pub(crate) struct PubSub(Mutex<Topics>);

impl PubSub {
    /// Hands the message to all subscribers of the channel and says how many there are.
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8]) -> usize {
        let [channels, patterns] = &*lock(&self.0);
        let named = channels.get(channel).map(|to| deliver(&[b"message", channel, payload], to));
        let matching = patterns.iter().filter(|(pattern, _)| glob::matches(pattern, channel));
        let matched = matching.map(|(pattern, to)| deliver(&[b"pmessage", pattern, channel, payload], to));
        named.unwrap_or(0) + matched.sum::<usize>()
    }
}

fn deliver(parts: &[&[u8]], subscribers: &Subscribers) -> usize {
    let mut message = Output::default();
    message.bulks(parts);
    subscribers.values().for_each(|mailbox| mailbox.put(&message.bytes));
    subscribers.len()
}

/// Where publishers leave messages for one client.
pub(crate) struct Mailbox {
    /// As they are sent, one after the other; `None` once there were too many.
    messages: Mutex<Option<BytesMut>>,
    /// Something has come since the last time it was waited for.
    pub(crate) news: Notify,
    /// The order to stop waiting for the client: from the server, or since messages to it were lost.
    pub(crate) stop: CancellationToken,
}

impl Mailbox {
    fn put(&self, message: &[u8]) {
        let mut messages = lock(&self.messages);
        *messages = messages.take().filter(|waiting| waiting.len() + message.len() <= MAILBOX_LIMIT);
        match &mut *messages {
            Some(waiting) => waiting.extend_from_slice(message),
            None => self.stop.cancel(),
        }
        self.news.notify_one();
    }

    /// The messages that have come; `None` if some were lost.
    pub(crate) fn take(&self) -> Option<BytesMut> {
        lock(&self.messages).as_mut().map(mem::take)
    }
}

/// What one client has subscribed to, and the messages that wait for it. Dropping it ends all of its
/// subscriptions.
pub(crate) struct Subscriptions {
    server: Arc<PubSub>,
    client: u64,
    pub(crate) topics: BTreeSet<(Kind, Box<[u8]>)>,
    pub(crate) mailbox: Arc<Mailbox>,
}

impl Subscriptions {
    pub(crate) fn new(server: Arc<PubSub>, client: u64, stop: CancellationToken) -> Self {
        let mailbox = Mailbox { messages: Mutex::new(Some(BytesMut::new())), news: Notify::new(), stop };
        Subscriptions { server, client, topics: BTreeSet::new(), mailbox: Arc::new(mailbox) }
    }

    pub(crate) fn subscribe(&mut self, kind: Kind, topic: &[u8]) {
        self.topics.insert((kind, topic.into()));
        let subscribers = &mut lock(&self.server.0)[kind as usize];
        subscribers.entry(topic.into()).or_default().insert(self.client, Arc::clone(&self.mailbox));
    }

    /// After this no message of the topic arrives any more; those that have are still in the mailbox.
    pub(crate) fn unsubscribe(&mut self, kind: Kind, topic: &[u8]) {
        self.topics.remove(&(kind, topic.into()));
        let topics = &mut lock(&self.server.0)[kind as usize];
        let Some(subscribers) = topics.get_mut(topic) else { return };
        subscribers.remove(&self.client);
        if subscribers.is_empty() {
            topics.remove(topic);
        }
    }

    /// Ends all subscriptions, and forgets the messages that have come.
    pub(crate) fn clear(&mut self) {
        for (kind, topic) in mem::take(&mut self.topics) {
            self.unsubscribe(kind, &topic);
        }
        self.mailbox.take();
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.clear();
    }
}
