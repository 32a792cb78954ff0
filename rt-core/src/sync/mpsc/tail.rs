//! The word that senders and receiver meet at: the tail's position, the room there is, and what either side must know.
//!
//! ```text
//!   63          32 31       5    4        3       2     1      0
//!   │  position   │  room  │ EXTENDING ASLEEP ENDED  LINE  CLOSED │
//!
//!   slots:     { n } ─ claim (1) ▶ { n + 1 } ... { FULL } ─ rewind (2) ▶ { next lap, 0 }
//!                                      └─ extend (3) ▶ { FULL, EXTENDING } ─ extended (4) ▶ { next lap, 0 }
//!   receiver:  awake ─ sleep (5) ▶ ASLEEP ─ claim (1), rise (6), end (7) ▶ awake: who cleared it has the waker
//!   senders:   ─ end (7) ▶ ENDED, final        room, LINE and CLOSED: see `sync::permits`, whose word this is, too
//! ```
//!
//! - A position is a lap and the slot in it; a lap is one pass through a block. All slots claimed is the slot FULL, and
//!   takes one more bit. With S slots, lap * S + slot is the number of messages claimed so far.
//! - A claim (1) takes a slot, the room for a message unless a permit has taken it before, and the receiver's
//!   mark, in one exchange. Whoever wins it has that slot: no sender waits for another here.
//! - The receiver may sleep (5) only at a position where all that was claimed has been received. So it is the next claim
//!   that wakes it, and no other sender has to look for the mark.
//! - EXTENDING locks the name of the last block, for the few instructions that put another in its place. Only senders
//!   that come in between wait for it.
//! - A position has 32 bits, so that an exchange that was delayed for two thousand million messages, to the message, and meets the
//!   same room again, could mistake the lap. `len` counts modulo as many.
//!
//! E1: `rewind`, `extended` Release -> `load`, `claim` Acquire (through other exchanges, too): the slots are empty, the
//! receiver is done with what was in them, and the last block's name is the one that belongs to this lap.
//! E2: `sleep` Release -> `claim`, `rise`, `end` Acquire: the waker is there.
//! E3: `WakerCell::take` Release -> `WakerCell::put` Acquire: the waker has been taken.
//! E4: `end` Release -> `load`, `sleep` Acquire: nothing is claimed after it.
//! E5: `rouse` Release -> `sleep` Acquire: what the receiver is roused for is seen when it looks once more.
//!
//! `tests_loom.rs` of the folder models it.

use std::ptr;
use std::task::{RawWakerVTable, Waker};

use crate::base::contain;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::sync::permits::{AcquireAt, CLOSED, LINE, PermitsAt};

const ENDED: u64 = 1 << 2;
const ASLEEP: u64 = 1 << 3;
const EXTENDING: u64 = 1 << 4;
const ROOM_SHIFT: u32 = 5;
const ROOM_BITS: u32 = 27;
const ROOM: u64 = (1 << (ROOM_SHIFT + ROOM_BITS)) - (1 << ROOM_SHIFT);
const PLACE_SHIFT: u32 = 32;
const PLACE: u64 = 1 << PLACE_SHIFT;

/// The most room that fits into the word.
pub(super) const MOST_ROOM: usize = (1 << ROOM_BITS) - 1;

/// The room of the word, as permits with a line.
pub(super) type Room = PermitsAt<ROOM_SHIFT, ROOM_BITS>;

/// Waits for [`Room`].
pub(super) type AcquireRoom<'a> = AcquireAt<'a, ROOM_SHIFT, ROOM_BITS>;

/// How a message comes by its room, and what keeps it from being sent.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    room: u64,
    stop: u64,
}

impl Terms {
    /// It takes room, after those who wait.
    pub(super) const TAKE: Self = Self { room: 1 << ROOM_SHIFT, stop: CLOSED | LINE };
    /// It has taken room before, which is good even if the channel has been closed since.
    pub(super) const HAS: Self = Self { room: 0, stop: 0 };
    /// There is room for all.
    pub(super) const NONE: Self = Self { room: 0, stop: CLOSED };
}

/// A value of the word.
#[derive(Clone, Copy)]
pub(super) struct View(u64);

impl View {
    /// How many messages were claimed so far, modulo 2^31; a block has `1 << bits` slots.
    pub(super) fn count(self, bits: u32) -> u32 {
        let place = (self.0 >> PLACE_SHIFT) as u32;
        let slot = place & ((2 << bits) - 1);
        (((place - slot) >> 1) + slot) & COUNT
    }

    /// The slot that a claim takes.
    #[inline]
    pub(super) fn slot(self, bits: u32) -> usize {
        (self.0 >> PLACE_SHIFT) as usize & ((1 << bits) - 1)
    }

    /// Whether its lap is an odd one.
    #[inline]
    pub(super) fn is_odd(self, bits: u32) -> bool {
        (self.0 >> (PLACE_SHIFT + bits + 1)) & 1 == 1
    }

    /// Whether a message on these terms gets a slot now.
    #[inline]
    pub(super) fn allows(self, terms: Terms, bits: u32) -> bool {
        self.0 & (terms.stop | EXTENDING | PLACE << bits) == 0 && self.has_room(terms)
    }

    #[inline]
    fn has_room(self, terms: Terms) -> bool {
        terms.room == 0 || self.0 & ROOM != 0
    }

    /// Whether a message on these terms is refused, for want of room or for good.
    pub(super) fn refuses(self, terms: Terms) -> bool {
        self.0 & terms.stop != 0 || !self.has_room(terms)
    }

    pub(super) fn is_full(self, bits: u32) -> bool {
        self.0 & (PLACE << bits) != 0
    }

    pub(super) fn is_extending(self) -> bool {
        self.0 & EXTENDING != 0
    }

    pub(super) fn is_asleep(self) -> bool {
        self.0 & ASLEEP != 0
    }

    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) fn has_ended(self) -> bool {
        self.0 & ENDED != 0
    }

    /// Room that nobody holds.
    pub(super) fn room(self) -> usize {
        ((self.0 & ROOM) >> ROOM_SHIFT) as usize
    }
}

/// Counts of messages have so many bits.
pub(super) const COUNT: u32 = u32::MAX >> 1;

/// What identifies a waker without borrowing it.
pub(super) type WakerIdentity = (*const (), *const RawWakerVTable);

pub(super) fn identity(waker: &Waker) -> WakerIdentity {
    (waker.data(), ptr::from_ref(waker.vtable()))
}

/// The receiver's waker. It is the receiver's, or the sender's that cleared ASLEEP, until it has taken it.
struct WakerCell {
    lent: AtomicBool,
    waker: UnsafeCell<Option<Waker>>,
}

impl WakerCell {
    /// Puts a waker in, and lends the cell to the sender that clears ASLEEP; false if one has it still.
    ///
    /// # Safety
    ///
    /// The caller is the receiver, and awake.
    unsafe fn put(&self, waker: &Waker) -> bool {
        if self.lent.load(Ordering::Acquire) {
            return false; // E3
        }
        let waker = waker.clone();
        // SAFETY: it isn't lent, and so it is the receiver's.
        self.waker.with_mut(|slot| unsafe { *slot = Some(waker) });
        // Relaxed: it is published by ASLEEP (E2).
        self.lent.store(true, Ordering::Relaxed);
        true
    }

    /// Takes the waker out, and gives the cell back to the receiver.
    ///
    /// # Safety
    ///
    /// The caller has cleared ASLEEP, or is the receiver that hasn't set it.
    unsafe fn take(&self) -> Option<Waker> {
        // SAFETY: who cleared ASLEEP has the cell.
        let waker = self.waker.with_mut(|slot| unsafe { (*slot).take() });
        self.lent.store(false, Ordering::Release); // E3
        waker
    }
}

/// What [`Tail::sleep`] did.
#[must_use]
pub(super) enum Sleep {
    /// The receiver is marked as asleep, or was already.
    Asleep,
    /// A sender is about to wake the waker of before: it is between two instructions.
    Busy,
    /// The word isn't such that the receiver may sleep.
    Changed,
}

/// See the module's documentation.
#[repr(C)]
pub(super) struct Tail {
    room: Room,
    /// What senders write is kept off the lines that the receiver writes, by distance rather than by alignment, since
    /// aligned allocations are slow.
    _apart: [u64; 8],
    waker: WakerCell,
}

// SAFETY: the waker's cell belongs to one thread at a time, by the rules above; the rest may be shared.
unsafe impl Send for Tail {}
// SAFETY: as above.
unsafe impl Sync for Tail {}

impl Tail {
    /// With so much room, and no slots yet.
    pub(super) fn new(room: usize, bits: u32) -> Self {
        let room = Room::new(room);
        // Relaxed: nobody else has it yet.
        room.word().fetch_or(PLACE << bits, Ordering::Relaxed);
        Self {
            room,
            _apart: [0; 8],
            waker: WakerCell { lent: AtomicBool::new(false), waker: UnsafeCell::new(None) },
        }
    }

    pub(super) fn room(&self) -> &Room {
        &self.room
    }

    #[inline]
    pub(super) fn load(&self) -> View {
        View(self.room.word().load(Ordering::Acquire)) // E1 E4
    }

    #[inline]
    fn exchange(&self, now: View, next: u64, success: Ordering) -> Result<(), View> {
        self.room
            .word()
            .compare_exchange_weak(now.0, next, success, Ordering::Acquire) // E1
            .map(|_| ())
            .map_err(View)
    }

    /// Takes the slot that `now` names, on terms that it allows. If `now` is asleep, the caller has to
    /// [wake](Self::wake_receiver) the receiver when the message is there. (1)
    #[inline]
    pub(super) fn claim(&self, now: View, terms: Terms) -> Result<(), View> {
        self.exchange(now, (now.0 + PLACE - terms.room) & !ASLEEP, Ordering::Acquire) // E1 E2
    }

    /// Starts the block of a full tail again, all of which was received. (2)
    pub(super) fn rewind(&self, now: View, bits: u32) -> Result<(), View> {
        self.exchange(now, now.0.wrapping_add(PLACE << bits), Ordering::Release) // E1
    }

    /// Locks the name of the last block of a full tail. (3)
    pub(super) fn extend(&self, now: View) -> Result<(), View> {
        self.exchange(now, now.0 | EXTENDING, Ordering::Acquire) // E1
    }

    /// Another block is the last: goes to its first slot. (4)
    pub(super) fn extended(&self, bits: u32) {
        // Relaxed isn't enough: it publishes the name of the block.
        self.room.word().fetch_add((PLACE << bits) - EXTENDING, Ordering::Release); // E1
    }

    /// The last sender has gone; wakes the receiver. (7)
    pub(super) fn end(&self) {
        let mut now = self.load();
        loop {
            match self.exchange(now, (now.0 | ENDED) & !ASLEEP, Ordering::AcqRel) {
                Ok(()) => break, // E2 E4
                Err(actual) => now = actual,
            }
        }
        if now.is_asleep() {
            // Contained: the sender is being dropped, perhaps by a panic.
            // SAFETY: we have cleared ASLEEP.
            contain(|| unsafe { self.wake_receiver() });
        }
    }

    /// Wakes the receiver if it sleeps, for something else than a message. (6)
    #[cold]
    pub(super) fn rouse(&self) {
        if let Some(waker) = self.rise() {
            contain(|| waker.wake());
        }
    }

    /// Takes the waker of a sleeping receiver, which is awake then. (6)
    pub(super) fn rise(&self) -> Option<Waker> {
        // An exchange in any case: so either it sees that the receiver sleeps, or the receiver, when it goes to sleep,
        // sees what was done before.
        let before = View(self.room.word().fetch_and(!ASLEEP, Ordering::AcqRel)); // E2 E5
        if !before.is_asleep() {
            return None;
        }
        // SAFETY: we have cleared ASLEEP.
        unsafe { self.waker.take() }
    }

    /// Wakes the receiver. Should its waker panic, that is the sender's to know; the message is sent.
    ///
    /// # Safety
    ///
    /// The caller has cleared ASLEEP, and hasn't called this since.
    #[cold]
    pub(super) unsafe fn wake_receiver(&self) {
        // SAFETY: the caller's promise.
        if let Some(waker) = unsafe { self.waker.take() } {
            waker.wake();
        }
    }

    /// Has the receiver woken by `waker` when somebody claims a slot, as long as `may` allows it. (5)
    ///
    /// # Safety
    ///
    /// The caller is the receiver, alone for the length of the call, and awake.
    pub(super) unsafe fn sleep(&self, mut now: View, waker: &Waker, may: impl Fn(View) -> bool) -> Sleep {
        // SAFETY: the caller is the receiver, and awake.
        if !unsafe { self.waker.put(waker) } {
            return Sleep::Busy;
        }
        while may(now) {
            // Acquire, too: what it is roused for later is looked at after this.
            match self.exchange(now, now.0 | ASLEEP, Ordering::AcqRel) {
                Ok(()) => return Sleep::Asleep, // E2 E5
                Err(actual) => now = actual,
            }
        }
        // SAFETY: ASLEEP wasn't set, and so the cell is still ours.
        drop(unsafe { self.waker.take() });
        Sleep::Changed
    }
}
