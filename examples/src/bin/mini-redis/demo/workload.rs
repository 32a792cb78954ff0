//! What a client of the load asks, and what it has to be answered.

use crate::reply::Output;

/// Requests that are sent together, and the replies that have to come back.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) requests: Output,
    pub(super) replies: Output,
    pub(super) count: u64,
}

impl Batch {
    /// Adds a request, whose reply the caller writes.
    pub(super) fn ask(&mut self, request: &[&[u8]]) -> &mut Output {
        self.count += 1;
        self.requests.bulks(request);
        &mut self.replies
    }
}

const KEYS: usize = 32;

/// A client's keys and what they hold.
pub(super) struct Workload {
    rng: fastrand::Rng,
    keys: Vec<Key>,
    counter: Vec<u8>,
    count: i64,
}

struct Key {
    name: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl Workload {
    /// The same client asks the same in every run.
    pub(super) fn new(client: usize) -> Self {
        let key = |number| Key { name: format!("demo:{client}:{number}").into_bytes(), value: None };
        Workload {
            rng: fastrand::Rng::with_seed(client as u64),
            keys: (0..KEYS).map(key).collect(),
            counter: format!("demo:{client}:counter").into_bytes(),
            count: 0,
        }
    }

    /// A single request or a pipeline of sixteen.
    pub(super) fn fill(&mut self, batch: &mut Batch) {
        batch.requests.bytes.clear();
        batch.replies.bytes.clear();
        batch.count = 0;
        for _ in 0..if self.rng.bool() { 16 } else { 1 } {
            self.ask(batch);
        }
    }

    fn ask(&mut self, batch: &mut Batch) {
        let len = self.rng.usize(0..64);
        let text: Vec<u8> = (0..len).map(|_| self.rng.u8(..)).collect();
        let [which, other] = [self.rng.usize(..KEYS), self.rng.usize(..KEYS)];
        let by = i64::from(self.rng.i16(..));
        let action = self.rng.u8(..20);
        let Key { name, value } = &mut self.keys[which];
        match action {
            0..6 => drop(batch.ask(&[b"GET", name]).bulk_or_nil(value.as_ref())),
            6..11 => {
                batch.ask(&[b"SET", name, &text]).ok();
                *value = Some(text);
            }
            11 => {
                batch.ask(&[b"SET", name, &text, b"EX", b"1000"]).ok();
                *value = Some(text);
            }
            12 => {
                self.count += 1;
                batch.ask(&[b"INCR", &self.counter]).integer(self.count);
            }
            13 => {
                self.count += by;
                batch.ask(&[b"INCRBY", &self.counter, by.to_string().as_bytes()]).integer(self.count);
            }
            14 => drop(batch.ask(&[b"DEL", name]).integer(u8::from(value.take().is_some()))),
            15 => {
                // Long values are cut short again now and then, by the next SET.
                let value = value.get_or_insert_default();
                value.extend_from_slice(&text);
                batch.ask(&[b"APPEND", name, &text]).integer(value.len());
            }
            16 => drop(batch.ask(&[b"STRLEN", name]).integer(value.as_ref().map_or(0, Vec::len))),
            17 | 18 => {
                let [one, two] = [which, other].map(|key| &self.keys[key].name);
                batch.ask(&[b"MSET", one, &text, two, b"second"]).ok();
                // In this order, for they may be the same key.
                self.keys[which].value = Some(text);
                self.keys[other].value = Some(b"second".to_vec());
            }
            _ => {
                let (one, two) = (&self.keys[which], &self.keys[other]);
                let replies = batch.ask(&[b"MGET", &one.name, &two.name]);
                replies.array(2);
                replies.bulk_or_nil(one.value.as_ref());
                replies.bulk_or_nil(two.value.as_ref());
            }
        }
    }
}
