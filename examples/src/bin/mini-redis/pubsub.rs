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

/// Bytes that may wait for one subscriber.
pub(crate) const MAILBOX_LIMIT: usize = 8 << 20;

/// All subscriptions of the server.
#[derive(Debug, Default)]
pub(crate) struct PubSub {
    topics: RwLock<Topics>,
}

#[derive(Debug, Default)]
struct Topics {
    channels: Topic,
    patterns: Topic,
}

/// A channel's (or a pattern's) subscribers, by client id: messages go out in the order of arrival.
type Topic = HashMap<Box<[u8]>, BTreeMap<u64, Arc<Mailbox>>>;

/// Whether a subscription names one channel, or all that match a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Channel,
    Pattern,
}

impl Topics {
    fn of(&mut self, kind: Kind) -> &mut Topic {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
        }
    }
}

impl PubSub {
    /// Hands the message to all subscribers of the channel and says how many there are.
    pub(crate) fn publish(&self, channel: &[u8], payload: &[u8]) -> usize {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        let mut receivers = 0;
        if let Some(subscribers) = topics.channels.get(channel) {
            let message = encode(&[b"message", channel, payload]);
            receivers += deliver(&message, subscribers);
        }
        for (pattern, subscribers) in &topics.patterns {
            if glob::matches(pattern, channel) {
                let message = encode(&[b"pmessage", pattern, channel, payload]);
                receivers += deliver(&message, subscribers);
            }
        }
        receivers
    }

    /// How many channels and patterns have a subscriber.
    pub(crate) fn topics(&self) -> (usize, usize) {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        (topics.channels.len(), topics.patterns.len())
    }

    fn add(&self, kind: Kind, topic: &[u8], mailbox: &Arc<Mailbox>) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.of(kind).entry(topic.into()).or_default().insert(mailbox.client, Arc::clone(mailbox));
    }

    fn remove(&self, kind: Kind, topic: &[u8], client: u64) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let all = topics.of(kind);
        let Some(subscribers) = all.get_mut(topic) else { return };
        subscribers.remove(&client);
        if subscribers.is_empty() {
            all.remove(topic);
        }
    }
}

fn encode(parts: &[&[u8]]) -> Bytes {
    let mut message = Output::default();
    message.array(parts.len());
    for part in parts {
        message.bulk(part);
    }
    message.into_bytes()
}

fn deliver(message: &Bytes, subscribers: &BTreeMap<u64, Arc<Mailbox>>) -> usize {
    for mailbox in subscribers.values() {
        mailbox.deliver(message.clone());
    }
    subscribers.len()
}

/// Where publishers leave messages for one client.
#[derive(Debug)]
struct Mailbox {
    client: u64,
    queue: Mutex<Queue>,
    /// There is a message, or the queue has overflowed.
    news: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Bytes>,
    /// What `messages` count for, at most [`MAILBOX_LIMIT`].
    cost: usize,
    /// A message didn't fit; none is taken any more.
    has_overflowed: bool,
}

impl Mailbox {
    fn deliver(&self, message: Bytes) {
        let mut queue = self.queue();
        let cost = queue.cost + cost(&message);
        if cost > MAILBOX_LIMIT {
            // The client is going to be disconnected, so what waits for it is of no use.
            *queue = Queue { has_overflowed: true, ..Queue::default() };
        } else if !queue.has_overflowed {
            queue.cost = cost;
            queue.messages.push_back(message);
        }
        drop(queue);
        self.news.notify_one();
    }

    fn take(&self) -> Option<Bytes> {
        let mut queue = self.queue();
        let message = queue.messages.pop_front()?;
        queue.cost -= cost(&message);
        Some(message)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a message counts for in a mailbox: its bytes, and its place in the queue.
fn cost(message: &Bytes) -> usize {
    message.len() + size_of::<Bytes>()
}

/// What one client has subscribed to, and the messages that wait for it. Dropping it ends all of its
/// subscriptions.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    server: Arc<PubSub>,
    mailbox: Arc<Mailbox>,
    channels: BTreeSet<Box<[u8]>>,
    patterns: BTreeSet<Box<[u8]>>,
}

impl Subscriptions {
    pub(crate) fn new(server: Arc<PubSub>, client: u64) -> Self {
        let mailbox = Mailbox { client, queue: Mutex::default(), news: Notify::new() };
        Subscriptions {
            server,
            mailbox: Arc::new(mailbox),
            channels: BTreeSet::new(),
            patterns: BTreeSet::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }

    pub(crate) fn names(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        let topics = match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
        };
        topics.iter().map(|name| &**name)
    }

    pub(crate) fn subscribe(&mut self, kind: Kind, topic: &[u8]) {
        if self.set(kind).insert(topic.into()) {
            self.server.add(kind, topic, &self.mailbox);
        }
    }

    /// After this no message of the topic arrives any more; those that have are still in the mailbox.
    pub(crate) fn unsubscribe(&mut self, kind: Kind, topic: &[u8]) {
        if self.set(kind).remove(topic) {
            self.server.remove(kind, topic, self.mailbox.client);
        }
    }

    /// Waits until something has come since the last time it was waited for. Cancel safe.
    pub(crate) async fn news(&self) {
        self.mailbox.news.notified().await;
    }

    /// The next message that has come.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        self.mailbox.take()
    }

    /// Whether messages were lost since too many were waiting.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.mailbox.queue().has_overflowed
    }

    fn set(&mut self, kind: Kind) -> &mut BTreeSet<Box<[u8]>> {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
        }
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        for (kind, topics) in [(Kind::Channel, &self.channels), (Kind::Pattern, &self.patterns)] {
            for topic in topics {
                self.server.remove(kind, topic, self.mailbox.client);
            }
        }
    }
}
