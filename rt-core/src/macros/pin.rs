//! `pin!`.

/// Pins futures to the stack.
///
/// Takes variables, each of which becomes a [`Pin<&mut T>`](std::pin::Pin) of the same name; or `let` statements,
/// which declare such variables. For a single expression there's also [`std::pin::pin!`].
///
/// What an `async fn` returns can't be moved any more once it has been polled. To poll it by reference, for
/// instance in several rounds of a loop with [`select!`](crate::select), it must be pinned.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// async fn answer() -> u32 {
///     42
/// }
///
/// let future = answer();
/// rt_core::pin!(future);
/// assert_eq!((&mut future).await, 42);
///
/// rt_core::pin! {
///     let first = answer();
///     let second = answer();
/// }
/// assert_eq!(first.await + second.await, 84);
/// # });
/// ```
#[macro_export]
macro_rules! pin {
    ($($name:ident),* $(,)?) => {$(
        // What was bound to the name is moved, and from here on the name means only the pinned reference.
        let mut $name = ::core::pin::pin!($name);
    )*};
    ($(let $name:ident = $future:expr;)*) => {$(
        let mut $name = ::core::pin::pin!($future);
    )*};
}
