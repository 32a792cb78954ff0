//! A block of slots: one allocation that holds the name of the next block, a mark per slot and a place per value.
//!
//! A slot is full when its mark is that of the lap: laps alternate between two marks, so that a block whose values have
//! all been taken is ready for another lap as it is.

use std::alloc::{self, Layout};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use crate::shim;
use crate::shim::atomic::{AtomicPtr, AtomicU8};
use crate::shim::cell::UnsafeCell;

/// The place of a value: the sender's that claimed the slot until it is marked, and then the receiver's.
pub(super) type Value<T> = UnsafeCell<MaybeUninit<T>>;

/// The mark of a slot that is full in an odd lap, or in an even one. A new slot has neither.
#[inline]
pub(super) const fn mark(odd: bool) -> u8 {
    1 + odd as u8
}

/// The most slots of a block.
const MOST: usize = shim::scaled(32, 2);

/// The header; values follow it in the same allocation.
pub(super) struct Block<T> {
    /// The block after it, if there is one.
    pub(super) next: AtomicPtr<Block<T>>,
    marks: [AtomicU8; MOST],
}

impl<T> Block<T> {
    /// A block has `1 << BITS` slots: about four cache lines of values.
    pub(super) const BITS: u32 = {
        let size = if size_of::<T>() == 0 { 1 } else { size_of::<T>() };
        let slots = shim::scaled(256, 8) / size;
        let least = shim::scaled(2, 1);
        if slots < least {
            least.ilog2()
        } else if slots > MOST {
            MOST.ilog2()
        } else {
            slots.ilog2()
        }
    };

    pub(super) const SLOTS: usize = 1 << Self::BITS;

    /// Where the values begin.
    const VALUES: usize = size_of::<Self>().next_multiple_of(align_of::<Value<T>>());

    fn layout() -> Layout {
        let size =
            size_of::<Value<T>>().checked_mul(Self::SLOTS).and_then(|size| size.checked_add(Self::VALUES));
        let align = align_of::<Value<T>>().max(align_of::<Self>());
        size.and_then(|size| Layout::from_size_align(size, align).ok()).expect("message type too large")
    }

    /// A block of empty slots.
    pub(super) fn allocate() -> NonNull<Self> {
        let layout = Self::layout();
        // SAFETY: the header alone makes the size more than zero.
        let memory = unsafe { alloc::alloc(layout) };
        let Some(block) = NonNull::new(memory.cast::<Self>()) else { alloc::handle_alloc_error(layout) };
        // SAFETY: header and values lie within the allocation, aligned, and nobody else has it.
        unsafe {
            block.write(Self::empty());
            for slot in 0..Self::SLOTS {
                let value = Value::new(MaybeUninit::uninit());
                memory.add(Self::VALUES).cast::<Value<T>>().add(slot).write(value);
            }
        }
        block
    }

    /// Empties a block that nobody else has, and whose values were taken.
    pub(super) fn reset(&mut self) {
        *self = Self::empty();
    }

    /// The header of a new block.
    fn empty() -> Self {
        Self { next: AtomicPtr::new(ptr::null_mut()), marks: std::array::from_fn(|_| AtomicU8::new(0)) }
    }

    /// # Safety
    ///
    /// It was made by `allocate`, nobody uses it any more, and no value is in it.
    pub(super) unsafe fn free(block: NonNull<Self>) {
        // SAFETY: values need no drop, and the layout is the same.
        unsafe {
            block.drop_in_place();
            alloc::dealloc(block.as_ptr().cast(), Self::layout());
        }
    }

    /// The mark of a slot.
    ///
    /// # Safety
    ///
    /// The block is live for `'a`, and has that slot.
    #[inline]
    pub(super) unsafe fn mark<'a>(block: NonNull<Self>, slot: usize) -> &'a AtomicU8 {
        // SAFETY: the caller's promise.
        unsafe { (*block.as_ptr()).marks.get_unchecked(slot) }
    }

    /// The place of a value.
    ///
    /// # Safety
    ///
    /// The block is live for `'a`, and has that slot.
    #[inline]
    pub(super) unsafe fn value<'a>(block: NonNull<Self>, slot: usize) -> &'a Value<T> {
        // SAFETY: values begin there, and there are more of them than `slot`.
        unsafe { block.cast::<u8>().add(Self::VALUES).cast::<Value<T>>().add(slot).as_ref() }
    }
}
