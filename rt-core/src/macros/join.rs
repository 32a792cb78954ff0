//! `join!`.

/// Waits for several futures at once, until all are done, and returns all outputs.
///
/// The outputs come as a tuple, in the order in which the futures are written: `join!(a, b)` is `(A, B)`,
/// `join!(a)` is `(A,)`. It works inside async functions and blocks only. A future may also be anything that
/// implements [`IntoFuture`]. Outputs that are [`Result`]s are outputs like others;
/// [`try_join!`](crate::try_join) ends at the first error.
///
/// All futures run on the current task: concurrently, but not in parallel. Nothing is allocated. A future is
/// dropped as soon as it's done.
///
/// # Fairness
///
/// Each time the task is woken, another future is polled first, so that none can use up the task's budget ahead
/// of the others all the time. With `biased;` in front they are polled in the order written, each time; then it's
/// up to you that an early one leaves something to those after it.
///
/// # Cancel safety
///
/// When the `join!` is dropped, so are all its futures, and the outputs that were already there.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// async fn double(x: u32) -> u32 {
///     2 * x
/// }
///
/// let (six, name) = rt_core::join!(double(3), async { "rt" });
/// assert_eq!((six, name), (6, "rt"));
///
/// let in_order = rt_core::join!(biased; double(1), double(2));
/// assert_eq!(in_order, (2, 4));
/// # });
/// ```
#[macro_export]
macro_rules! join {
    ($($input:tt)*) => {
        $crate::macros::join! { $crate; $($input)* }
    };
}
