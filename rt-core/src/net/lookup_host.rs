//! Resolving names.

use std::io;
use std::net::SocketAddr;

use super::ToSocketAddrs;

/// Resolves a name to addresses.
///
/// An address is given back as it is, also when it's written as text. A name is looked up by the system on a
/// thread of the blocking pool: nothing is cached here, and no order is imposed.
///
/// # Errors
///
/// When the name can't be resolved, and when the runtime is shut down meanwhile.
///
/// # Panics
///
/// Outside of a runtime, when there is a name to be looked up.
///
/// # Cancel safety
///
/// Cancelling it has no effect that can be seen; a lookup that has begun runs to its end in the background.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// for address in rt_core::net::lookup_host("localhost:3000").await? {
///     println!("{address}");
/// }
/// # Ok(()) }
/// ```
pub async fn lookup_host<T>(host: T) -> io::Result<impl Iterator<Item = SocketAddr>>
where
    T: ToSocketAddrs,
{
    host.resolve().await
}
