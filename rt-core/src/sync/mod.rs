//! Synchronization between tasks: locks, permits, notifications and channels.
//!
//! Everything here works on any executor: it needs wakers, and no runtime. What tasks wait for in line
//! (permits, locks, capacity of a channel) is handed out in the order in which it was asked for.
//!
//! | to | use |
//! |---|---|
//! | send many values to one task | [`mpsc`] |
//! | send one value once | [`oneshot`] |
//! | send each value to each of many receivers | [`broadcast`] |
//! | let many see the latest value | [`watch`] |
//! | let one task at a time at a value | [`Mutex`] |
//! | let many read a value, or one write it | [`RwLock`] |
//! | let a number of tasks in | [`Semaphore`] |
//! | tell a task to look | [`Notify`] |
//! | have tasks wait for each other | [`Barrier`] |
//! | initialize a value when it is first wanted | [`OnceCell`] |
//! | wait for a value that is set once | [`SetOnce`] |

mod barrier;
mod error;
mod mutex;
mod notify;
mod once_cell;
mod permits;
mod positions;
mod rwlock;
mod semaphore;
mod set_once;
mod waiter;
mod write_once;

pub mod broadcast;
pub mod futures;
pub mod mpsc;
pub mod oneshot;
pub mod watch;

pub use barrier::{Barrier, BarrierWaitResult};
pub use error::{AcquireError, TryAcquireError, TryLockError};
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use notify::Notify;
pub use once_cell::{OnceCell, SetError};
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard,
};
pub use semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
pub use set_once::{SetOnce, SetOnceError};
