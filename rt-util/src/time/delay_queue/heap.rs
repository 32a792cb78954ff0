//! A heap of deadlines whose members know their places.

use std::time::Duration;

use rt_core::time::Instant;

/// A point in time: nanoseconds, from some 146 years before a queue was made. What is earlier or later counts as if
/// it were then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticks(u64);

impl Ticks {
    /// When the queue was made.
    pub(super) const START: Self = Self(1 << 62);

    pub(super) fn new(instant: Instant, start: Instant) -> Self {
        match instant.checked_duration_since(start) {
            Some(since) => Self::START.plus(since),
            None => Self(Self::START.0.saturating_sub(nanos(start.duration_since(instant)))),
        }
    }

    /// Whether this is more than `ahead` after another.
    pub(super) fn is_after(self, other: Self, ahead: Duration) -> bool {
        self > other.plus(ahead)
    }

    fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Four children lie side by side, in one or two cache lines: with them the heap is half as deep as with two, and it's the
/// lines that cost.
const CHILDREN: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Node {
    due: Ticks,
    /// Which member it is.
    index: u32,
}

/// The members by their deadlines: no node is due before its parent.
#[derive(Debug)]
pub(super) struct Heap {
    nodes: Vec<Node>,
    /// Where the members are, by their indices. They lie here rather than with the members since each step of a
    /// node's way through the heap writes one.
    places: Vec<u32>,
}

impl Heap {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { nodes: Vec::with_capacity(capacity), places: Vec::with_capacity(capacity) }
    }

    /// The member that is due first, and when.
    pub(super) fn first(&self) -> Option<(Ticks, u32)> {
        self.nodes.first().map(|node| (node.due, node.index))
    }

    /// Whether a member is the first.
    pub(super) fn is_first(&self, index: u32) -> bool {
        self.places[index as usize] == 0
    }

    /// Adds a member, whose index is a free one or the next.
    pub(super) fn push(&mut self, due: Ticks, index: u32) {
        if index as usize == self.places.len() {
            self.places.push(0);
        }
        let place = self.nodes.len();
        // There are fewer than 2³⁰ members.
        self.places[index as usize] = place as u32;
        self.nodes.push(Node { due, index });
        self.rise(place);
    }

    /// Removes a member.
    pub(super) fn remove(&mut self, index: u32) {
        let place = self.places[index as usize] as usize;
        let last = self.nodes.pop().expect("there is a member");
        if place < self.nodes.len() {
            self.put(place, last);
            self.settle(place);
        }
    }

    /// Gives a member another deadline.
    pub(super) fn change(&mut self, index: u32, due: Ticks) {
        let place = self.places[index as usize] as usize;
        self.nodes[place].due = due;
        self.settle(place);
    }

    /// A member is called otherwise now, by an index that no other one has.
    pub(super) fn rename(&mut self, from: u32, to: u32) {
        let place = self.places[from as usize];
        self.places[to as usize] = place;
        self.nodes[place as usize].index = to;
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.places.clear();
    }

    /// Makes room for more members, whose indices follow those that are taken.
    pub(super) fn reserve(&mut self, additional: usize) {
        self.nodes.reserve(additional);
        self.places.reserve((self.nodes.len() + additional).saturating_sub(self.places.len()));
    }

    /// Gives back memory; no member has an index from `end` on.
    pub(super) fn shrink_to_fit(&mut self, end: usize) {
        self.nodes.shrink_to_fit();
        self.places.truncate(end);
        self.places.shrink_to_fit();
    }

    fn settle(&mut self, place: usize) {
        if self.rise(place) == place {
            self.sink(place);
        }
    }

    /// Moves a node up past those that are due later; gives where it got.
    fn rise(&mut self, from: usize) -> usize {
        let node = self.nodes[from];
        let mut place = from;
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if self.nodes[parent].due <= node.due {
                break;
            }
            self.put(place, self.nodes[parent]);
            place = parent;
        }
        if place != from {
            self.put(place, node);
        }
        place
    }

    /// Moves a node down past those that are due before.
    fn sink(&mut self, from: usize) {
        let node = self.nodes[from];
        let mut place = from;
        loop {
            let first = CHILDREN * place + 1;
            let children = first..(first + CHILDREN).min(self.nodes.len());
            let Some(child) = children.min_by_key(|&child| self.nodes[child].due) else { break };
            let first = self.nodes[child];
            if node.due <= first.due {
                break;
            }
            self.put(place, first);
            place = child;
        }
        if place != from {
            self.put(place, node);
        }
    }

    fn put(&mut self, place: usize, node: Node) {
        self.nodes[place] = node;
        self.places[node.index as usize] = place as u32;
    }
}
