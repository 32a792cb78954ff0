//! `try_join!`.

/// Waits for several futures at once, until all are done with `Ok`, or one with `Err`.
///
/// Returns `Ok` of a tuple of what is in each `Ok`, in the order in which the futures are written, or the first
/// error; the other futures are dropped then. The errors of all futures have the same type. It works inside
/// async functions and blocks only. A future may also be anything that implements [`IntoFuture`].
///
/// All futures run on the current task: concurrently, but not in parallel. Nothing is allocated. A future is
/// dropped as soon as it's done.
///
/// # Fairness
///
/// As with [`join!`](crate::join): each time the task is woken, another future is polled first, unless `biased;`
/// is in front.
///
/// # Cancel safety
///
/// When the `try_join!` is dropped, or ends with an error, all its futures are dropped, and the outputs that were
/// already there.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// assert_eq!(rt_core::try_join!(parse("1"), parse("2")), Ok((1, 2)));
/// assert!(rt_core::try_join!(parse("1"), parse("two")).is_err());
/// # });
/// ```
#[macro_export]
macro_rules! try_join {
    ($($input:tt)*) => {
        $crate::macros::try_join! { $crate; $($input)* }
    };
}
