//! What a client of the load asks, and what it has to be answered.

use std::io::Write;

/// Requests that are sent together, and the bytes that have to come back.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) requests: Vec<u8>,
    pub(super) replies: Vec<u8>,
    count: u64,
}

impl Batch {
    pub(super) fn clear(&mut self) {
        self.requests.clear();
        self.replies.clear();
        self.count = 0;
    }

    pub(super) fn requests(&self) -> u64 {
        self.count
    }

    /// A request and its reply.
    pub(super) fn push(&mut self, request: &[&[u8]], reply: &[u8]) {
        self.request(request);
        self.replies.extend_from_slice(reply);
    }

    /// An array of bulk strings has to come, asked for or not.
    pub(super) fn expect_array(&mut self, parts: &[&[u8]]) {
        array(&mut self.replies, parts);
    }

    fn request(&mut self, parts: &[&[u8]]) {
        array(&mut self.requests, parts);
        self.count += 1;
    }

    fn integer(&mut self, request: &[&[u8]], reply: i64) {
        self.request(request);
        line(&mut self.replies, ':', reply);
    }

    fn bulk(&mut self, request: &[&[u8]], reply: Option<&[u8]>) {
        self.request(request);
        bulk(&mut self.replies, reply);
    }
}

fn line(out: &mut Vec<u8>, kind: char, number: i64) {
    // Writing to memory doesn't fail.
    let _ = write!(out, "{kind}{number}\r\n");
}

fn bulk(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return out.extend_from_slice(b"$-1\r\n") };
    line(out, '$', bytes.len() as i64);
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

fn array(out: &mut Vec<u8>, parts: &[&[u8]]) {
    line(out, '*', parts.len() as i64);
    for part in parts {
        bulk(out, Some(part));
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
    expires: bool,
}

impl Key {
    fn set(&mut self, value: &[u8], expires: bool) {
        self.value = Some(value.to_vec());
        self.expires = expires;
    }
}

impl Workload {
    /// The same client asks the same in every run.
    pub(super) fn new(client: usize) -> Self {
        let key = |number| Key {
            name: format!("demo:{client}:{number}").into_bytes(),
            value: None,
            expires: false,
        };
        Workload {
            rng: fastrand::Rng::with_seed(client as u64),
            keys: (0..KEYS).map(key).collect(),
            counter: format!("demo:{client}:counter").into_bytes(),
            count: 0,
        }
    }

    /// A single request or a pipeline of sixteen.
    pub(super) fn fill(&mut self, batch: &mut Batch) {
        batch.clear();
        let requests = if self.rng.bool() { 16 } else { 1 };
        while batch.requests() < requests {
            self.push(batch);
        }
    }

    fn push(&mut self, batch: &mut Batch) {
        let len = self.rng.usize(0..64);
        let text: Vec<u8> = (0..len).map(|_| self.rng.u8(..)).collect();
        let other = self.rng.usize(..KEYS);
        let action = self.rng.u8(..20);
        let by = i64::from(self.rng.i16(..));
        let which = self.rng.usize(..KEYS);
        let key = &mut self.keys[which];
        match action {
            0..6 => batch.bulk(&[b"GET", &key.name], key.value.as_deref()),
            6..11 => {
                batch.push(&[b"SET", &key.name, &text], b"+OK\r\n");
                key.set(&text, false);
            }
            11 => {
                batch.push(&[b"SET", &key.name, &text, b"EX", b"1000"], b"+OK\r\n");
                key.set(&text, true);
            }
            12 => {
                self.count += 1;
                batch.integer(&[b"INCR", &self.counter], self.count);
            }
            13 => {
                self.count += by;
                batch.integer(&[b"INCRBY", &self.counter, by.to_string().as_bytes()], self.count);
            }
            14 => {
                batch.integer(&[b"DEL", &key.name], key.value.is_some().into());
                key.value = None;
                key.expires = false;
            }
            15 => {
                // Long values are cut short again now and then, by the next SET.
                let value = key.value.get_or_insert_default();
                value.extend_from_slice(&text);
                batch.integer(&[b"APPEND", &key.name, &text], value.len() as i64);
            }
            16 => {
                let len = key.value.as_ref().map_or(0, Vec::len);
                batch.integer(&[b"STRLEN", &key.name], len as i64);
            }
            17 => {
                batch.integer(&[b"PERSIST", &key.name], key.expires.into());
                key.expires = false;
            }
            18 => self.push_mset(batch, which, other, &text),
            _ => self.push_mget(batch, which, other),
        }
    }

    fn push_mset(&mut self, batch: &mut Batch, first: usize, second: usize, text: &[u8]) {
        let (one, two) = (&self.keys[first].name, &self.keys[second].name);
        batch.push(&[b"MSET", one, text, two, b"second"], b"+OK\r\n");
        // In this order, for they may be the same key.
        self.keys[first].set(text, false);
        self.keys[second].set(b"second", false);
    }

    fn push_mget(&mut self, batch: &mut Batch, first: usize, second: usize) {
        let (one, two) = (&self.keys[first], &self.keys[second]);
        batch.request(&[b"MGET", &one.name, &two.name]);
        line(&mut batch.replies, '*', 2);
        bulk(&mut batch.replies, one.value.as_deref());
        bulk(&mut batch.replies, two.value.as_deref());
    }
}
