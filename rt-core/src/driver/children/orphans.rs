//! The children that are to be reaped, and the handler that reaps them.
//!
//! They lie in chunks of slots. A chunk that was once needed stays for good, so that a signal handler can walk along them:
//! it loads pointers and words, and allocates and locks nothing.
//!
//! Not modelled: a list to which chunks are only added; what lies in them is, in `slot`.

use std::iter::successors;
use std::sync::OnceLock;

use super::slot::Slot;
use crate::sys::{self, signals};

struct Chunk {
    slots: [Slot; 32],
    next: OnceLock<Box<Chunk>>,
}

static FIRST: Chunk = Chunk::new();

static HANDLER: OnceLock<()> = OnceLock::new();

impl Chunk {
    const fn new() -> Self {
        Self { slots: [const { Slot::new() }; 32], next: OnceLock::new() }
    }
}

/// Has a child reaped when it exits, whose handle has been dropped. If the system refuses the handler of `SIGCHLD`, it's done
/// by the next [`reap_all`].
pub(crate) fn adopt(pid: u32) {
    install();
    let mut chunk = &FIRST;
    let slot = loop {
        match chunk.slots.iter().find(|slot| slot.adopt(pid)) {
            Some(slot) => break slot,
            None => chunk = chunk.next.get_or_init(|| Box::new(Chunk::new())),
        }
    };
    // It may have exited before it was in the slot.
    slot.look(reap);
}

/// Reaps those that have exited. The handler does so as well, unless the program has put its own in its place, or has the
/// signal blocked.
pub(crate) fn reap_all() {
    if HANDLER.get().is_some() {
        look_at_all();
    }
}

fn install() {
    HANDLER.get_or_init(|| {
        // SAFETY: a signal handler may do what the action does: it changes atomic words and makes system calls that are
        // allowed there.
        let _ = unsafe { signal_hook_registry::register(signals::SIGCHLD, look_at_all) };
    });
}

fn look_at_all() {
    let chunks = successors(Some(&FIRST), |chunk| chunk.next.get().map(|next| &**next));
    for slot in chunks.flat_map(|chunk| &chunk.slots) {
        slot.look(reap);
    }
}

fn reap(pid: u32) -> bool {
    // A number that is none is nobody's.
    i32::try_from(pid).map_or(true, sys::reap)
}
