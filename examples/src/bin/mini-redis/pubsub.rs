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

use crate::glob;
use crate::keyspace::lock;
use crate::reply::Output;

#[cfg(test)]
mod tests;

/// Bytes that may wait for one subscriber.
pub(crate) const MAILBOX_LIMIT: usize = 8 << 20;

/// Whether a subscription names one channel, or all that match a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Channel,
    Pattern,
}

/// Who has subscribed to each channel and to each pattern, by [`Kind`].
type Topics = [HashMap<Box<[u8]>, Subscribers>; 2];

/// By client id: messages go out in the order of arrival.
type Subscribers = BTreeMap<u64, Arc<Mailbox>>;

/// All subscriptions of the server.
#[derive(Debug, Default)]
pub(crate) struct PubSub(Mutex<Topics>);

impl PubSub {
    /// Hands the message to all subscribers of the channel and says how many there are.
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8]) -> usize {
        let [channels, patterns] = &*lock(&self.0);
        let mut receivers = 0;
        if let Some(subscribers) = channels.get(channel) {
            receivers += deliver(&[b"message", channel, payload], subscribers);
        }
        for (pattern, subscribers) in patterns.iter().filter(|(pattern, _)| glob::matches(pattern, channel)) {
            receivers += deliver(&[b"pmessage", pattern, channel, payload], subscribers);
        }
        receivers
    }
}

fn deliver(parts: &[&[u8]], subscribers: &Subscribers) -> usize {
    let mut message = Output::default();
    message.bulks(parts);
    subscribers.values().for_each(|mailbox| mailbox.put(&message.bytes));
    subscribers.len()
}

/// Where publishers leave messages for one client.
#[derive(Debug)]
struct Mailbox {
    client: u64,
    /// As they are sent, one after the other; `None` once there were too many.
    messages: Mutex<Option<BytesMut>>,
    news: Notify,
}

impl Mailbox {
    fn put(&self, message: &[u8]) {
        let mut messages = lock(&self.messages);
        *messages = messages.take().filter(|waiting| waiting.len() + message.len() <= MAILBOX_LIMIT);
        if let Some(waiting) = &mut *messages {
            waiting.extend_from_slice(message);
        }
        drop(messages);
        self.news.notify_one();
    }
}

/// What one client has subscribed to, by [`Kind`], and the messages that wait for it. Dropping it ends all
/// of its subscriptions.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    server: Arc<PubSub>,
    mailbox: Arc<Mailbox>,
    topics: [BTreeSet<Box<[u8]>>; 2],
}

impl Subscriptions {
    pub(crate) fn new(server: Arc<PubSub>, client: u64) -> Self {
        let mailbox = Mailbox { client, messages: Mutex::new(Some(BytesMut::new())), news: Notify::new() };
        Subscriptions { server, mailbox: Arc::new(mailbox), topics: Default::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.iter().map(BTreeSet::len).sum()
    }

    pub(crate) fn names(&self, kind: Kind) -> Vec<Box<[u8]>> {
        self.topics[kind as usize].iter().cloned().collect()
    }

    pub(crate) fn subscribe(&mut self, kind: Kind, topic: &[u8]) {
        if self.topics[kind as usize].insert(topic.into()) {
            let mut topics = lock(&self.server.0);
            let subscribers = topics[kind as usize].entry(topic.into()).or_default();
            subscribers.insert(self.mailbox.client, Arc::clone(&self.mailbox));
        }
    }

    /// After this no message of the topic arrives any more; those that have are still in the mailbox.
    pub(crate) fn unsubscribe(&mut self, kind: Kind, topic: &[u8]) {
        self.topics[kind as usize].remove(topic);
        let topics = &mut lock(&self.server.0)[kind as usize];
        let Some(subscribers) = topics.get_mut(topic) else { return };
        subscribers.remove(&self.mailbox.client);
        if subscribers.is_empty() {
            topics.remove(topic);
        }
    }

    /// Ends all subscriptions, and forgets the messages that have come.
    pub(crate) fn clear(&mut self) {
        for kind in [Kind::Channel, Kind::Pattern] {
            self.names(kind).iter().for_each(|topic| self.unsubscribe(kind, topic));
        }
        *lock(&self.mailbox.messages) = Some(BytesMut::new());
    }

    /// Waits until something has come since the last time it was waited for. Cancel safe.
    pub(crate) async fn news(&self) {
        self.mailbox.news.notified().await;
    }

    /// Whether messages were lost, since too many were waiting.
    pub(crate) fn are_cut_off(&self) -> bool {
        lock(&self.mailbox.messages).is_none()
    }

    /// The messages that have come; `None` if some were lost.
    pub(crate) fn take(&self) -> Option<BytesMut> {
        lock(&self.mailbox.messages).as_mut().map(mem::take)
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.clear();
    }
}
