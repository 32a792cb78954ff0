//! Synchronization between tasks.

mod cancellation_token;

pub use cancellation_token::CancellationToken;
pub use cancellation_token::guard::{DropGuard, DropGuardRef};
pub use cancellation_token::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
