//! Synchronization between tasks.

mod cancellation_token;
mod poll_semaphore;

pub use cancellation_token::CancellationToken;
pub use cancellation_token::guard::{DropGuard, DropGuardRef};
pub use cancellation_token::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
pub use poll_semaphore::PollSemaphore;
