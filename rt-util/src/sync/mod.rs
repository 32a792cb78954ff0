//! Synchronization between tasks.

mod cancellation_token;
mod poll_semaphore;
mod poll_sender;
mod reusable_box;

pub use cancellation_token::CancellationToken;
pub use cancellation_token::guard::{DropGuard, DropGuardRef};
pub use cancellation_token::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
pub use poll_semaphore::PollSemaphore;
pub use poll_sender::{PollSendError, PollSender};
pub use reusable_box::ReusableBoxFuture;
