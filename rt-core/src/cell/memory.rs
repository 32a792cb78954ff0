//! Where cells come from, and where they go.
//!
//! Tasks come and go by the thousand, and few sizes serve them all. Each thread keeps the cells that were freed
//! on it, by size, for the next that are made there: no lock, no read-modify-write, and still warm in the cache.
//! What a thread keeps is bounded ([`KEPT_BYTES`] a size); the rest goes back to the allocator.
//!
//! Debug builds keep nothing, so that tools which watch the allocator see each cell come and go.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::{self, NonNull};

use crate::shim;
use crate::shim::cell::UnsafeCell;

/// Cells are kept by size, rounded up to a multiple of this.
const STEP: usize = 32;

/// Sizes that are kept: up to 1 KiB.
const SIZES: usize = 32;

/// What is kept of one size, at most: a thousand small cells.
const KEPT_BYTES: usize = 96 << 10;

/// The strictest alignment that the allocator gives unasked.
const ALIGN: usize = 16;

const KEEP: bool = !cfg!(debug_assertions);

/// A free cell, linked to the next of its size.
struct Free {
    next: *mut Free,
}

/// A thread's free cells.
struct Kept {
    free: [*mut Free; SIZES],
    bytes: [usize; SIZES],
}

shim::thread_slot! {
    static KEPT: UnsafeCell<Kept> =
        UnsafeCell::new(Kept { free: [ptr::null_mut(); SIZES], bytes: [0; SIZES] })
}

/// Gives `f` the thread's free cells, unless the thread is ending.
#[inline]
fn with_kept<R>(f: impl FnOnce(&mut Kept) -> R) -> Option<R> {
    // SAFETY: only this thread reaches its slot, and `f`, one of the two below, doesn't come here again.
    KEPT.try_with(|kept| kept.with_mut(|kept| f(unsafe { &mut *kept }))).ok()
}

/// The class of cells with this layout, and the layout that all of them have.
#[inline]
const fn class_of(layout: Layout) -> Option<(usize, Layout)> {
    let class = layout.size().div_ceil(STEP);
    if !KEEP || class == 0 || class > SIZES || layout.align() > ALIGN {
        return None;
    }
    match Layout::from_size_align(class * STEP, ALIGN) {
        Ok(layout) => Some((class - 1, layout)),
        Err(_) => None,
    }
}

/// Memory for a `T`.
#[inline]
pub(super) fn allocate<T>() -> NonNull<T> {
    let Some((class, layout)) = (const { class_of(Layout::new::<T>()) }) else {
        return fresh(Layout::new::<T>()).cast();
    };
    let kept = with_kept(|kept| {
        let cell = NonNull::new(kept.free[class])?;
        // SAFETY: a cell in the list is free memory that holds a link.
        kept.free[class] = unsafe { cell.as_ref().next };
        kept.bytes[class] -= layout.size();
        Some(cell)
    });
    match kept {
        Some(Some(cell)) => cell.cast(),
        _ => fresh(layout).cast(),
    }
}

#[cold]
fn fresh(layout: Layout) -> NonNull<u8> {
    // SAFETY: a cell has a header, so the size isn't zero.
    NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Takes memory back that [`allocate`] gave for a `T`.
///
/// # Safety
///
/// `cell` came from `allocate::<T>`, and isn't used any more.
#[inline]
pub(super) unsafe fn free<T>(cell: NonNull<T>) {
    let Some((class, layout)) = (const { class_of(Layout::new::<T>()) }) else {
        // SAFETY: without a class, `allocate` took this very layout.
        unsafe { dealloc(cell.cast().as_ptr(), Layout::new::<T>()) };
        return;
    };
    let kept = with_kept(|kept| {
        if kept.bytes[class] + layout.size() > KEPT_BYTES {
            return false;
        }
        let cell = cell.cast::<Free>();
        // SAFETY: the memory is ours now, large enough for a link, and aligned for it.
        unsafe { cell.write(Free { next: kept.free[class] }) };
        kept.free[class] = cell.as_ptr();
        kept.bytes[class] += layout.size();
        true
    });
    if kept != Some(true) {
        // SAFETY: cells of a class are allocated with its layout.
        unsafe { dealloc(cell.cast().as_ptr(), layout) };
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for (class, free) in self.free.iter_mut().enumerate() {
            let layout =
                Layout::from_size_align((class + 1) * STEP, ALIGN).expect("small and a power of two");
            while let Some(cell) = NonNull::new(*free) {
                // SAFETY: a cell in the list is free memory that holds a link, allocated with its class's layout.
                unsafe {
                    *free = cell.as_ref().next;
                    dealloc(cell.cast().as_ptr(), layout);
                }
            }
        }
    }
}
