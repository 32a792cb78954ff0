//! A block of slots: one allocation that holds a header, a state per slot and a place per value.
//!
//! Blocks differ in the number of their slots, so that a channel starts small. A pointer to a block has its
//! [`TAG_BITS`] low bits free.

use std::alloc::{self, Layout};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use crate::shim;
use crate::shim::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;

/// Blocks are aligned to `1 << TAG_BITS`, a cache line.
pub(super) const TAG_BITS: u32 = 6;

/// The most slots of a block: their count must fit beside a flag into the free bits of a pointer.
const MOST: usize = (1 << (TAG_BITS - 1)) - 1;

/// Nothing is in the slot yet.
pub(super) const EMPTY: u8 = 0;
/// As EMPTY, and the receiver sleeps until that changes.
pub(super) const WAITING: u8 = 1;
/// A value is in the slot.
pub(super) const READY: u8 = 2;
/// Nothing will come: the last sender has gone.
pub(super) const END: u8 = 3;

/// The header; states and values follow it in the same allocation.
pub(super) struct Block<T> {
    /// The block after it: null, one of the two marks below, or a block.
    pub(super) next: AtomicPtr<Block<T>>,
    /// The position of its first slot, relative to other blocks of the channel; 0 until it is known.
    pub(super) start: AtomicUsize,
    slots: usize,
}

/// In `next`: the receiver sleeps until there is a block.
pub(super) fn waiting_mark<T>() -> *mut Block<T> {
    ptr::without_provenance_mut(1 << TAG_BITS)
}

/// In `next`: no block will come.
pub(super) fn end_mark<T>() -> *mut Block<T> {
    ptr::without_provenance_mut(2 << TAG_BITS)
}

/// The block that a `next` names, if it names one.
pub(super) fn as_block<T>(next: *mut Block<T>) -> Option<NonNull<Block<T>>> {
    NonNull::new(next).filter(|&next| next.as_ptr() != waiting_mark() && next.as_ptr() != end_mark())
}

impl<T> Block<T> {
    /// Slots of a channel's first block: about two cache lines of values.
    pub(super) const FIRST: usize = Self::slots_for(128, shim::scaled(2, 1), shim::scaled(16, 1));
    /// Slots of each further block: about half a kilobyte of values.
    pub(super) const FURTHER: usize = Self::slots_for(512, shim::scaled(4, 2), shim::scaled(MOST, 2));

    const fn slots_for(bytes: usize, least: usize, most: usize) -> usize {
        let size = if size_of::<T>() == 0 { 1 } else { size_of::<T>() };
        let slots = bytes / size;
        if slots < least {
            least
        } else if slots > most {
            most
        } else {
            slots
        }
    }

    /// Where the states begin.
    const STATES: usize = size_of::<Self>().next_multiple_of(align_of::<AtomicU8>());

    /// Where the values begin.
    #[inline]
    const fn values(slots: usize) -> usize {
        (Self::STATES + slots * size_of::<AtomicU8>()).next_multiple_of(align_of::<Value<T>>())
    }

    fn layout(slots: usize) -> Layout {
        let size = Self::values(slots) + slots * size_of::<Value<T>>();
        let align = align_of::<Value<T>>().max(1 << TAG_BITS);
        Layout::from_size_align(size, align).expect("message type too large")
    }

    /// A block with so many empty slots.
    pub(super) fn allocate(slots: usize) -> NonNull<Self> {
        debug_assert!(slots > 0 && slots <= MOST);
        let layout = Self::layout(slots);
        // SAFETY: the header alone makes the size more than zero.
        let memory = unsafe { alloc::alloc(layout) };
        let Some(block) = NonNull::new(memory.cast::<Self>()) else { alloc::handle_alloc_error(layout) };
        let header = Self { next: AtomicPtr::new(ptr::null_mut()), start: AtomicUsize::new(0), slots };
        // SAFETY: header, states and values lie within the allocation, aligned, and nobody else has it.
        unsafe {
            block.write(header);
            for slot in 0..slots {
                memory.add(Self::STATES).cast::<AtomicU8>().add(slot).write(AtomicU8::new(EMPTY));
                let value = Value::new(MaybeUninit::uninit());
                memory.add(Self::values(slots)).cast::<Value<T>>().add(slot).write(value);
            }
        }
        block
    }

    /// # Safety
    ///
    /// It was made by `allocate`, nobody uses it any more, and no value is in it.
    pub(super) unsafe fn free(block: NonNull<Self>) {
        // SAFETY: live until it is freed below.
        let slots = unsafe { block.as_ref() }.slots;
        let layout = Self::layout(slots);
        // SAFETY: the states were written by `allocate`; values need no drop, and the layout is the same.
        unsafe {
            for slot in 0..slots {
                block.cast::<u8>().add(Self::STATES).cast::<AtomicU8>().add(slot).drop_in_place();
            }
            block.drop_in_place();
            alloc::dealloc(block.as_ptr().cast(), layout);
        }
    }

    /// Makes the position of `block` known, if that of the one before it is; the first is at 1.
    ///
    /// # Safety
    ///
    /// Both are live.
    pub(super) unsafe fn follow(block: NonNull<Self>, before: Option<NonNull<Self>>) {
        // Relaxed: only for the count, and who doesn't see it counts another way.
        let start = before.map_or(1, |before| {
            // SAFETY: live.
            let before = unsafe { before.as_ref() };
            let start = before.start.load(Ordering::Relaxed);
            // Wrapping, since only differences matter.
            if start == 0 { 0 } else { start.wrapping_add(before.slots) }
        });
        if start != 0 {
            // SAFETY: live.
            unsafe { block.as_ref() }.start.store(start, Ordering::Relaxed);
        }
    }

    /// How many slots there are from the first of `from` to the first of `to`, if that is known.
    ///
    /// # Safety
    ///
    /// Both are live, and `to` isn't before `from`.
    pub(super) unsafe fn distance(from: Option<NonNull<Self>>, to: NonNull<Self>) -> Option<usize> {
        let from = from?;
        if from == to {
            return Some(0);
        }
        // SAFETY: live.
        let (from, to) = unsafe { (from.as_ref(), to.as_ref()) };
        // Relaxed: a number that is 0 until it is known, and only counts what is queued.
        let (from, to) = (from.start.load(Ordering::Relaxed), to.start.load(Ordering::Relaxed));
        (from != 0 && to != 0).then(|| to.wrapping_sub(from))
    }

    /// How many slots it has.
    ///
    /// # Safety
    ///
    /// The block is live.
    #[inline]
    pub(super) unsafe fn slots(block: NonNull<Self>) -> usize {
        // SAFETY: live.
        unsafe { block.as_ref() }.slots
    }

    /// The state of a slot.
    ///
    /// # Safety
    ///
    /// The block is live for `'a`, and has that slot.
    #[inline]
    pub(super) unsafe fn state<'a>(block: NonNull<Self>, slot: usize) -> &'a AtomicU8 {
        // SAFETY: states begin there, and there are more of them than `slot`.
        unsafe { block.cast::<u8>().add(Self::STATES).cast::<AtomicU8>().add(slot).as_ref() }
    }

    /// The place of a value.
    ///
    /// # Safety
    ///
    /// The block is live for `'a`, and has that slot.
    #[inline]
    pub(super) unsafe fn value<'a>(block: NonNull<Self>, slot: usize) -> &'a Value<T> {
        // SAFETY: live. Values begin there, and there are more of them than `slot`.
        unsafe {
            let values = Self::values(block.as_ref().slots);
            block.cast::<u8>().add(values).cast::<Value<T>>().add(slot).as_ref()
        }
    }
}

/// The place of a value: the sender's until READY, and then the receiver's.
pub(super) type Value<T> = UnsafeCell<MaybeUninit<T>>;
