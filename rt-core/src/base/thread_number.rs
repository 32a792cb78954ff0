//! Threads by numbers: to tell them apart, and to spread them over shards.
//!
//! Not modelled: nothing is published by it.

use std::cell::Cell;

use crate::shim;
use crate::shim::atomic::{AtomicUsize, Ordering};

shim::thread_slot! {
    static THREAD_NUMBER: Cell<usize> = Cell::new(0)
}

/// A small number that is the calling thread's own, and no other's ever.
#[inline]
pub(crate) fn thread_number() -> usize {
    THREAD_NUMBER.try_with(|slot| if slot.get() == 0 { number(slot) } else { slot.get() }).unwrap_or(0)
}

#[cold]
fn number(slot: &Cell<usize>) -> usize {
    shim::global! { static NEXT: AtomicUsize = AtomicUsize::new(1); }

    // Relaxed: only the numbers' being different matters.
    slot.set(NEXT.fetch_add(1, Ordering::Relaxed));
    slot.get()
}
