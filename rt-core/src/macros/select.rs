//! `select!`.

/// Waits for several futures at once, runs the handler of the first that is done, and drops the others.
///
/// # Syntax
///
/// Any number of branches, then at most one `else`:
///
/// ```text
/// select! {
///     biased;                                             // optional
///     <pattern> = <future> (, if <condition>)? => <handler>,
///     else => <handler>,                                  // optional
/// }
/// ```
///
/// A handler is an expression. After a block the comma may be left out, and so it may at the end. The handlers
/// all have one type, that of the `select!`. It works inside async functions and blocks only. A future may also
/// be anything that implements [`IntoFuture`].
///
/// # What happens
///
/// 1. All conditions are evaluated. A branch whose condition is false is *disabled*: for this one `select!`;
///    the next one, in a loop perhaps, starts afresh.
/// 2. All futures are evaluated, those of disabled branches too, but these are never polled.
/// 3. With all branches disabled, `else` runs; without an `else`, `select!` panics.
/// 4. The futures of the other branches are polled, on the current task, until one is done.
/// 5. If its output matches its pattern, all futures are dropped, and the handler runs. If it doesn't match,
///    the branch is disabled, and it goes on at step 3.
///
/// As the futures are gone when a handler runs, the handler may use what they had borrowed. It belongs to the
/// enclosing function: `?`, `return`, `break`, `continue` and `.await` in it mean what they mean there.
///
/// # Fairness
///
/// Which branch is polled first is random, and the others follow in the order written, so that none starves in
/// a loop where several are always ready. With `biased;` they are polled from top to bottom. That is a little
/// faster, and allows for priorities; then it's up to you that a branch that is always ready, say a socket under
/// load, isn't above one that must have its turn, say a shutdown signal.
///
/// In a task of a runtime, `select!` returns to the scheduler when the task's [budget] is used up.
///
/// [budget]: crate::task::coop
///
/// # Cancel safety
///
/// The futures of the branches that lost are dropped where they stand. In a loop, use futures whose operation
/// can be taken up again: receiving from a channel, accepting a connection, a `Sleep` that is pinned outside.
/// Each function of this crate says under this heading whether it can. A future that must not start over
/// is pinned outside of the loop, and a reference to it is used as the branch: `output = &mut future`.
///
/// # Panics
///
/// When all branches are disabled and there is no `else`.
///
/// # Examples
///
/// The first one wins:
///
/// ```
/// # futures::executor::block_on(async {
/// use std::future::{pending, ready};
///
/// let winner = rt_core::select! {
///     never = pending::<u32>() => never,
///     answer = ready(42) => answer,
/// };
/// assert_eq!(winner, 42);
/// # });
/// ```
///
/// Two sources, until both are exhausted. A pattern that doesn't match disables its branch, and `else` runs
/// when no branch is left:
///
/// ```
/// # futures::executor::block_on(async {
/// use futures::stream::{self, StreamExt};
///
/// let mut evens = stream::iter([2, 4]);
/// let mut odds = stream::iter([1, 3]);
/// let mut seen = vec![];
/// loop {
///     rt_core::select! {
///         Some(even) = evens.next() => seen.push(even),
///         Some(odd) = odds.next() => seen.push(odd),
///         else => break,
///     }
/// }
/// seen.sort();
/// assert_eq!(seen, [1, 2, 3, 4]);
/// # });
/// ```
///
/// A future that goes on over several rounds. It must not be polled after its end, which a condition ensures:
///
/// ```
/// # futures::executor::block_on(async {
/// use futures::stream::{self, StreamExt};
///
/// let sum = async { 1 + 1 };
/// rt_core::pin!(sum);
/// let mut result = None;
/// let mut ticks = stream::iter(0..3);
/// loop {
///     rt_core::select! {
///         biased;
///         Some(_tick) = ticks.next() => {}
///         output = &mut sum, if result.is_none() => result = Some(output),
///         else => break,
///     }
/// }
/// assert_eq!(result, Some(2));
/// # });
/// ```
#[macro_export]
macro_rules! select {
    ($($input:tt)*) => {
        $crate::macros::select! { $crate; $($input)* }
    };
}
