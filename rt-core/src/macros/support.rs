//! What the expansions of `select!` and `join!` call. Not for anyone else: it may change in any version.

pub use std::future::poll_fn;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::{base, coop};

/// Which of up to 64 branches are still to be polled.
#[derive(Debug, Clone, Copy)]
pub struct Branches(u64);

impl Branches {
    /// All of `count` branches.
    #[inline(always)]
    pub const fn all(count: usize) -> Self {
        debug_assert!(0 < count && count <= 64);
        Self(u64::MAX >> (64 - count))
    }

    /// Takes a branch out.
    #[inline(always)]
    pub const fn remove(&mut self, index: usize) {
        self.0 &= !(1 << index);
    }

    /// Whether a branch is still to be polled.
    #[inline(always)]
    pub const fn contains(&self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }

    /// Those in the set: first the ones from the number `start` on, then the others.
    #[inline(always)]
    pub const fn starting_at(&self, start: usize) -> Turns {
        let late = u64::MAX << start;
        Turns { now: self.0 & late, later: self.0 & !late }
    }
}

impl Branches {
    /// The set itself.
    #[inline(always)]
    pub const fn unpack(self) -> Self {
        self
    }
}

/// [`Branches`] of which there are at most 8, as they are kept between polls.
#[derive(Debug, Clone, Copy)]
pub struct FewBranches(u8);

impl FewBranches {
    /// All of `count` branches.
    #[inline(always)]
    pub const fn all(count: usize) -> Self {
        debug_assert!(0 < count && count <= 8);
        Self(u8::MAX >> (8 - count))
    }

    /// Takes a branch out.
    #[inline(always)]
    pub const fn remove(&mut self, index: usize) {
        self.0 &= !(1 << index);
    }

    /// The set in a register.
    #[inline(always)]
    pub const fn unpack(self) -> Branches {
        Branches(self.0 as u64)
    }
}

impl From<Branches> for FewBranches {
    #[inline(always)]
    fn from(branches: Branches) -> Self {
        debug_assert!(branches.0 <= u64::from(u8::MAX));
        Self(branches.0 as u8)
    }
}

/// Branches in two groups, one after the other: see [`Branches::starting_at`].
#[derive(Debug)]
pub struct Turns {
    now: u64,
    later: u64,
}

impl Turns {
    /// Whether a branch is in the present group.
    #[inline(always)]
    pub const fn contains(&self, index: usize) -> bool {
        self.now & (1 << index) != 0
    }

    /// Goes on to the other group; false if there's nothing in it, or nothing any more.
    #[inline(always)]
    pub const fn go_on(&mut self) -> bool {
        self.now = self.later;
        self.later = 0;
        self.now != 0
    }
}

/// [`Branches`], for more than 64 of them.
#[derive(Debug, Clone, Copy)]
pub struct ManyBranches<const WORDS: usize> {
    words: [u64; WORDS],
}

impl<const WORDS: usize> ManyBranches<WORDS> {
    /// All of `count` branches.
    pub const fn all(count: usize) -> Self {
        let mut all = Self { words: [0; WORDS] };
        let mut index = 0;
        while index < count {
            all.words[index / 64] |= 1 << (index % 64);
            index += 1;
        }
        all
    }

    /// Takes a branch out.
    pub const fn remove(&mut self, index: usize) {
        self.words[index / 64] &= !(1 << (index % 64));
    }

    /// Whether a branch is still to be polled.
    pub const fn contains(&self, index: usize) -> bool {
        self.words[index / 64] & (1 << (index % 64)) != 0
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The set itself.
    pub const fn unpack(self) -> Self {
        self
    }

    /// Those in the set: first the ones from the number `start` on, then the others.
    pub const fn starting_at(&self, start: usize) -> ManyTurns<WORDS> {
        let (mut now, mut later) = ([0; WORDS], self.words);
        let mut word = start / 64;
        let mut late = u64::MAX << (start % 64);
        while word < WORDS {
            now[word] = self.words[word] & late;
            later[word] &= !late;
            late = u64::MAX;
            word += 1;
        }
        ManyTurns { now: Self { words: now }, later: Self { words: later } }
    }
}

/// [`Turns`], for more than 64 branches.
#[derive(Debug)]
pub struct ManyTurns<const WORDS: usize> {
    now: ManyBranches<WORDS>,
    later: ManyBranches<WORDS>,
}

impl<const WORDS: usize> ManyTurns<WORDS> {
    /// Whether a branch is in the present group.
    pub const fn contains(&self, index: usize) -> bool {
        self.now.contains(index)
    }

    /// Goes on to the other group; false if there's nothing in it, or nothing any more.
    pub fn go_on(&mut self) -> bool {
        self.now = mem::replace(&mut self.later, ManyBranches { words: [0; WORDS] });
        !self.now.is_empty()
    }
}

/// Turns of numbered futures: first those from a certain one on, then the others.
#[derive(Debug)]
pub struct Rotation {
    start: u32,
    has_wrapped: bool,
}

impl Rotation {
    /// All of them, the first one being `start`.
    #[inline(always)]
    pub const fn starting_at(start: u32) -> Self {
        Self { start, has_wrapped: false }
    }

    /// Whether a future is among those whose turn it is.
    #[inline(always)]
    pub const fn contains(&self, index: u32) -> bool {
        (index < self.start) == self.has_wrapped
    }

    /// Goes on to the others; false if there are none, or none any more.
    #[inline(always)]
    pub const fn go_on(&mut self) -> bool {
        let is_over = self.has_wrapped || self.start == 0;
        self.has_wrapped = true;
        !is_over
    }
}

/// A random number below `n`, from the calling thread's generator.
pub fn thread_rng_n(n: u32) -> u32 {
    base::thread_rng_n(n)
}

/// The branch to poll first, of `count`.
#[inline]
pub fn random_start(count: u32) -> usize {
    base::thread_turn(count) as usize
}

/// Returns `Pending`, and has the task polled again, when it has used up its share of this turn.
///
/// Spends nothing itself: what the branches do counts.
#[inline]
pub fn poll_budget(cx: &mut Context<'_>) -> Poll<()> {
    if coop::has_budget_remaining() { Poll::Ready(()) } else { coop::poll_proceed(cx).map(drop) }
}

/// What `select!` without `else` does when no branch is left.
#[cold]
#[track_caller]
pub fn all_branches_disabled() -> ! {
    panic!("all branches are disabled and there is no else branch");
}

pin_project_lite::pin_project! {
    /// A future of a `join!`, then its output: `T`, which for `try_join!` is what is in the `Ok`.
    // The tag may be a niche of the future's: what is written once a future counts for more than what is compared.
    #[project = JoinedState]
    #[project_replace = JoinedBefore]
    #[derive(Debug)]
    pub enum Joined<F, T> {
        /// Not done.
        Running {
            #[pin]
            future: F,
        },
        /// Done; the future has been dropped.
        Done {
            output: T,
        },
        /// The output has been taken.
        Taken,
    }
}

/// What `join!` makes of each future.
#[inline]
pub fn joined<I: IntoFuture>(future: I) -> Joined<I::IntoFuture, I::Output> {
    Joined::Running { future: future.into_future() }
}

/// The type of error that the futures of a `try_join!` share. It has no other purpose than to let the compiler
/// point at a future with another one.
#[derive(Debug)]
pub struct SharedError<E>(PhantomData<fn() -> E>);

impl<E> SharedError<E> {
    /// A type that the first future decides.
    #[inline]
    #[allow(clippy::new_without_default)] // A `Default` would never be used.
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// What `try_join!` makes of each future.
    #[inline]
    pub fn joined<I, T>(&self, future: I) -> Joined<I::IntoFuture, T>
    where
        I: IntoFuture<Output = Result<T, E>>,
    {
        Joined::Running { future: future.into_future() }
    }
}

impl<F, T> Joined<F, T> {
    /// Whether it isn't done.
    #[inline(always)]
    pub fn is_running(self: Pin<&mut Self>) -> bool {
        matches!(*self, Self::Running { .. })
    }

    fn poll_running(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output>
    where
        F: Future,
    {
        match self.project() {
            JoinedState::Running { future } => future.poll(cx),
            _ => unreachable!("a future that is done is not polled"),
        }
    }

    /// Takes the output, when there is one.
    pub fn take_output(self: Pin<&mut Self>) -> T {
        match self.project_replace(Self::Taken) {
            JoinedBefore::Done { output } => output,
            _ => unreachable!("outputs are taken once, when all are there"),
        }
    }
}

/// Polls a future that isn't done, and keeps its output.
#[inline]
pub fn poll_joined<F: Future>(mut joined: Pin<&mut Joined<F, F::Output>>, cx: &mut Context<'_>) -> Poll<()> {
    let output = ready!(joined.as_mut().poll_running(cx));
    joined.set(Joined::Done { output });
    Poll::Ready(())
}

/// Polls a future that isn't done, and keeps what is in its `Ok`, or returns its error.
#[inline]
pub fn poll_try_joined<F, T, E>(
    mut joined: Pin<&mut Joined<F, T>>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), E>>
where
    F: Future<Output = Result<T, E>>,
{
    let output = ready!(joined.as_mut().poll_running(cx)?);
    joined.set(Joined::Done { output });
    Poll::Ready(Ok(()))
}

#[cfg(all(test, not(loom)))]
mod tests;
