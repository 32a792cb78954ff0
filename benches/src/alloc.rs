//! The allocator of the benchmark: the system's, which counts while it is asked to.
//!
//! Counting is off while speeds are measured, so that both sides pay no more than one relaxed load.
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);

/// What was requested of the allocator, by all threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) bytes: u64,
    /// Bytes given back, of whatever was requested before or since.
    pub(crate) freed: u64,
}

/// Starts counting from zero.
pub(crate) fn start() {
    CALLS.store(0, Relaxed);
    BYTES.store(0, Relaxed);
    FREED.store(0, Relaxed);
    ON.store(true, Relaxed);
}

/// Stops counting and returns what was counted.
pub(crate) fn stop() -> Counts {
    ON.store(false, Relaxed);
    Counts { calls: CALLS.load(Relaxed), bytes: BYTES.load(Relaxed), freed: FREED.load(Relaxed) }
}

/// The system's allocator with counters.
pub(crate) struct Counting;

impl Counting {
    #[inline]
    fn note(&self, size: usize) {
        if ON.load(Relaxed) {
            CALLS.fetch_add(1, Relaxed);
            BYTES.fetch_add(size as u64, Relaxed);
        }
    }

    #[inline]
    fn note_freed(&self, size: usize) {
        if ON.load(Relaxed) {
            FREED.fetch_add(size as u64, Relaxed);
        }
    }
}

// SAFETY: every method hands its arguments to `System` unchanged and returns what that returns; the
// counters are statics that don't allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.note(layout.size());
        // SAFETY: the caller's promise about `layout` is the one `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.note(layout.size());
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.note_freed(layout.size());
        // SAFETY: the caller got `block` from this allocator, thus from `System`, with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        self.note(new_size);
        self.note_freed(layout.size());
        // SAFETY: as in `dealloc`; the caller vouches for `new_size`.
        unsafe { System.realloc(block, layout, new_size) }
    }
}
