//! Randomness for scheduling decisions: cheap, per thread, seedable, not for secrets.

use std::cell::Cell;

use crate::shim;

/// A xorshift generator (Marsaglia, "Xorshift RNGs", 2003), 32 bits at a time.
#[derive(Debug, Clone)]
pub(crate) struct FastRng {
    one: u32,
    two: u32,
}

impl FastRng {
    /// A generator that gives the same numbers for the same seed.
    pub(crate) const fn from_seed(seed: u64) -> Self {
        let two = seed as u32;
        // All-zero is the one state that xorshift never leaves.
        Self { one: (seed >> 32) as u32, two: if two == 0 { 1 } else { two } }
    }

    /// The next number.
    pub(crate) const fn next_u32(&mut self) -> u32 {
        let (mut one, two) = (self.one, self.two);
        one ^= one << 17;
        one = one ^ two ^ (one >> 7) ^ (two >> 16);
        (self.one, self.two) = (two, one);
        two.wrapping_add(one)
    }

    /// A number below `n`, by multiplication rather than division (Lemire, "Fast random integer generation
    /// in an interval", 2019; without its correction, whose bias of `n / 2^32` doesn't matter here).
    pub(crate) const fn below(&mut self, n: u32) -> u32 {
        ((self.next_u32() as u64 * n as u64) >> 32) as u32
    }
}

shim::thread_slot! {
    static THREAD_RNG: Cell<u64> = Cell::new(0)
}

/// A number below `n` from the calling thread's generator.
pub(crate) fn thread_rng_n(n: u32) -> u32 {
    THREAD_RNG.with(|state| {
        let mut seed = state.get();
        if seed == 0 {
            seed = fresh_seed();
        }
        let mut rng = FastRng::from_seed(seed);
        let number = rng.below(n);
        state.set((rng.one as u64) << 32 | rng.two as u64);
        number
    })
}

/// Draws from one jump of [`thread_turn`] to the next; a power of two.
const TURNS: u64 = 16;

shim::thread_slot! {
    /// The position of [`thread_turn`] in the upper half, and the draws since the last jump in the lower one.
    static THREAD_TURN: Cell<u64> = Cell::new(0)
}

/// A number below `n` that says whose turn it is: even over time like [`thread_rng_n`], yet cheap to branch on.
///
/// A processor that jumps by a random number mispredicts nearly each time, which costs more (6 ns) than all the
/// rest of a `select!`. So most draws turn a wheel by the golden section: numbers that are spread as evenly as
/// can be, and whose order a branch predictor learns. On its own the wheel could fall into step with a program
/// that lets the outcome decide how often it draws; so each 16th draw sets it to a random position.
#[inline]
pub(crate) fn thread_turn(n: u32) -> u32 {
    const STEP: u64 = 0x9E37_79B9_0000_0001;
    THREAD_TURN.with(|turn| {
        let mut state = turn.get();
        if state % TURNS == 0 {
            state = random_position();
        }
        turn.set(state.wrapping_add(STEP));
        (((state >> 32) * u64::from(n)) >> 32) as u32
    })
}

#[cold]
#[inline(never)]
fn random_position() -> u64 {
    u64::from(thread_rng_n(u32::MAX)) << 32
}

/// Makes the calling thread's numbers follow from `seed`, until it is dropped.
#[derive(Debug)]
pub(crate) struct SeededThread {
    rng: u64,
    turn: u64,
}

impl SeededThread {
    pub(crate) fn enter(seed: u64) -> Self {
        Self {
            // Zero means that there is no seed yet.
            rng: THREAD_RNG.with(|state| state.replace(seed.max(1))),
            // The next turn jumps, and so follows from the seed too.
            turn: THREAD_TURN.with(|turn| turn.replace(0)),
        }
    }
}

impl Drop for SeededThread {
    fn drop(&mut self) {
        let _ = THREAD_RNG.try_with(|state| state.set(self.rng));
        let _ = THREAD_TURN.try_with(|turn| turn.set(self.turn));
    }
}

/// A number that follows from another and looks like no other: the finisher of splitmix64 (Steele and others, "Fast
/// splittable pseudorandom number generators", 2014).
pub(crate) const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A seed that differs from thread to thread and from run to run.
pub(crate) fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8) | 1
}

#[cfg(all(test, not(loom)))]
mod tests;
