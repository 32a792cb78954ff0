//! Who has subscribed to what, and the way of a message to them.
//!
//! A publisher never waits for a subscriber. A message is encoded once and each subscriber's
//! [`Mailbox`] takes a reference to it; the subscriber's own task writes it to its socket. A mailbox that
//! holds more than its limit belongs to a client that doesn't read: it takes no more, and the
//! client is disconnected.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use rt_core::sync::Notify;

use crate::glob;
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

/// All subscriptions of the server, by [`Kind`].
#[derive(Debug, Default)]
pub(crate) struct PubSub {
    topics: RwLock<[HashMap<Box<[u8]>, Subscribers>; 2]>,
}

/// By client id: messages go out in the order of arrival.
type Subscribers = BTreeMap<u64, Arc<Mailbox>>;

impl PubSub {
    /// Hands the message to all subscribers of the channel and says how many there are.
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8]) -> usize {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        let [channels, patterns] = &*topics;
        let mut receivers = 0;
        if let Some(subscribers) = channels.get(channel) {
            receivers += deliver(&[b"message", channel, payload], subscribers);
        }
        for (pattern, subscribers) in patterns.iter().filter(|(pattern, _)| glob::matches(pattern, channel)) {
            receivers += deliver(&[b"pmessage", pattern, channel, payload], subscribers);
        }
        receivers
    }

    /// How many channels and patterns have a subscriber.
    pub(crate) fn topics(&self) -> [usize; 2] {
        self.topics.read().unwrap_or_else(PoisonError::into_inner).each_ref().map(HashMap::len)
    }

    fn add(&self, kind: Kind, topic: &[u8], mailbox: &Arc<Mailbox>) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let subscribers = topics[kind as usize].entry(topic.into()).or_default();
        subscribers.insert(mailbox.client, Arc::clone(mailbox));
    }

    fn remove(&self, kind: Kind, topic: &[u8], client: u64) {
        let topics = &mut self.topics.write().unwrap_or_else(PoisonError::into_inner)[kind as usize];
        let Some(subscribers) = topics.get_mut(topic) else { return };
        subscribers.remove(&client);
        if subscribers.is_empty() {
            topics.remove(topic);
        }
    }
}

fn deliver(parts: &[&[u8]], subscribers: &Subscribers) -> usize {
    let mut message = Output::default();
    message.bulks(parts);
    let message = message.bytes.freeze();
    subscribers.values().for_each(|mailbox| mailbox.deliver(message.clone()));
    subscribers.len()
}

/// Where publishers leave messages for one client.
#[derive(Debug)]
struct Mailbox {
    client: u64,
    queue: Mutex<Queue>,
    /// There is a message, or one didn't fit.
    news: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Bytes>,
    /// What `messages` count for: more than [`MAILBOX_LIMIT`] once one didn't fit, for ever.
    cost: usize,
}

impl Mailbox {
    fn deliver(&self, message: Bytes) {
        let mut queue = self.queue();
        queue.cost = queue.cost.saturating_add(cost(&message));
        if queue.cost <= MAILBOX_LIMIT {
            queue.messages.push_back(message);
        } else {
            // The client is going to be disconnected, so what waits for it is of no use.
            *queue = Queue { cost: usize::MAX, ..Queue::default() };
        }
        drop(queue);
        self.news.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a message counts for in a mailbox: its bytes, and its place in the queue.
fn cost(message: &Bytes) -> usize {
    message.len() + size_of::<Bytes>()
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
        let mailbox = Mailbox { client, queue: Mutex::default(), news: Notify::new() };
        Subscriptions { server, mailbox: Arc::new(mailbox), topics: Default::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.iter().map(BTreeSet::len).sum()
    }

    pub(crate) fn names(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        self.topics[kind as usize].iter().map(|name| &**name)
    }

    pub(crate) fn subscribe(&mut self, kind: Kind, topic: &[u8]) {
        if self.topics[kind as usize].insert(topic.into()) {
            self.server.add(kind, topic, &self.mailbox);
        }
    }

    /// After this no message of the topic arrives any more; those that have are still in the mailbox.
    pub(crate) fn unsubscribe(&mut self, kind: Kind, topic: &[u8]) {
        if self.topics[kind as usize].remove(topic) {
            self.server.remove(kind, topic, self.mailbox.client);
        }
    }

    /// Ends all subscriptions, and forgets the messages that have come.
    pub(crate) fn clear(&mut self) {
        for kind in [Kind::Channel, Kind::Pattern] {
            for topic in std::mem::take(&mut self.topics[kind as usize]) {
                self.server.remove(kind, &topic, self.mailbox.client);
            }
        }
        *self.mailbox.queue() = Queue::default();
    }

    /// Waits until something has come since the last time it was waited for. Cancel safe.
    pub(crate) async fn news(&self) {
        self.mailbox.news.notified().await;
    }

    /// The next message that has come.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        let mut queue = self.mailbox.queue();
        let message = queue.messages.pop_front()?;
        queue.cost -= cost(&message);
        Some(message)
    }

    /// Whether messages were lost since too many were waiting.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.mailbox.queue().cost > MAILBOX_LIMIT
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.clear();
    }
}
