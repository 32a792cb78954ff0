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

/// Who is told where the members are.
pub(super) trait Places {
    /// The member is in this place now.
    fn set_place(&mut self, index: u32, place: u32);
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
}

impl Heap {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { nodes: Vec::with_capacity(capacity) }
    }

    /// The member that is due first, and when.
    pub(super) fn first(&self) -> Option<(Ticks, u32)> {
        self.nodes.first().map(|node| (node.due, node.index))
    }

    /// The place behind the last one.
    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.nodes.len()).expect("there are fewer members")
    }

    /// Adds a member that thinks it's at the [`end`](Self::end).
    pub(super) fn push(&mut self, due: Ticks, index: u32, members: &mut impl Places) {
        let place = self.nodes.len();
        self.nodes.push(Node { due, index });
        self.rise(place, members);
    }

    /// Removes the member in a place. It isn't told anything any more.
    pub(super) fn remove(&mut self, place: u32, members: &mut impl Places) {
        let place = place as usize;
        let last = self.nodes.pop().expect("there is a member");
        if place < self.nodes.len() {
            self.put(place, last, members);
            self.settle(place, members);
        }
    }

    /// Gives the member in a place another deadline.
    pub(super) fn change(&mut self, place: u32, due: Ticks, members: &mut impl Places) {
        let place = place as usize;
        self.nodes[place].due = due;
        self.settle(place, members);
    }

    /// The member in a place is called otherwise now.
    pub(super) fn set_index(&mut self, place: u32, index: u32) {
        self.nodes[place as usize].index = index;
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
    }

    pub(super) fn reserve(&mut self, additional: usize) {
        self.nodes.reserve(additional);
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
    }

    fn settle(&mut self, place: usize, members: &mut impl Places) {
        if self.rise(place, members) == place {
            self.sink(place, members);
        }
    }

    /// Moves a node up past those that are due later; gives where it got.
    fn rise(&mut self, from: usize, members: &mut impl Places) -> usize {
        let node = self.nodes[from];
        let mut place = from;
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if self.nodes[parent].due <= node.due {
                break;
            }
            self.put(place, self.nodes[parent], members);
            place = parent;
        }
        if place != from {
            self.put(place, node, members);
        }
        place
    }

    /// Moves a node down past those that are due before.
    fn sink(&mut self, from: usize, members: &mut impl Places) {
        let node = self.nodes[from];
        let mut place = from;
        loop {
            let first = CHILDREN * place + 1;
            let children = first..(first + CHILDREN).min(self.nodes.len());
            let Some(child) = children.min_by_key(|&child| self.nodes[child].due) else { break };
            if node.due <= self.nodes[child].due {
                break;
            }
            self.put(place, self.nodes[child], members);
            place = child;
        }
        if place != from {
            self.put(place, node, members);
        }
    }

    fn put(&mut self, place: usize, node: Node, members: &mut impl Places) {
        self.nodes[place] = node;
        members.set_place(node.index, u32::try_from(place).expect("there are fewer members"));
    }
}
