//! Why a task has no output.

use std::any::Any;
use std::fmt;
use std::io;

use super::header::Failure;
use super::id::Id;

/// The task didn't run to its end: it panicked, or was cancelled.
///
/// # Examples
///
/// ```
/// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = rt_core::spawn(std::future::pending::<()>());
/// task.abort();
/// assert!(task.await.unwrap_err().is_cancelled());
/// # });
/// ```
pub struct JoinError {
    id: Id,
    cause: Cause,
}

enum Cause {
    Cancelled,
    Panic(Payload),
}

/// What a task panicked with.
struct Payload(Box<dyn Any + Send>);

// SAFETY: a shared reference gives access to the payload only through `message`, which looks at its type (a
// constant of the vtable) and then at types that are `Sync`.
unsafe impl Sync for Payload {}

impl Payload {
    fn message(&self) -> Option<&str> {
        let payload = &*self.0;
        payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
    }
}

impl JoinError {
    pub(super) fn new(id: Id, failure: Failure) -> Self {
        Self { id, cause: failure.map_or(Cause::Cancelled, |payload| Cause::Panic(Payload(payload))) }
    }

    /// Whether the task was cancelled: aborted, or its runtime shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// task.abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn is_cancelled(&self) -> bool {
        matches!(self.cause, Cause::Cancelled)
    }

    /// Whether the task panicked: while it was polled, or while its future was dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(async { panic!("of course") });
    /// assert!(task.await.unwrap_err().is_panic());
    /// # });
    /// ```
    pub fn is_panic(&self) -> bool {
        matches!(self.cause, Cause::Panic(_))
    }

    /// What the task panicked with, for [`std::panic::resume_unwind`] or to look at.
    ///
    /// # Panics
    ///
    /// When the task didn't panic: see [`is_panic`](Self::is_panic), or
    /// [`try_into_panic`](Self::try_into_panic), which doesn't panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(async { panic!("of course") });
    /// let payload = task.await.unwrap_err().into_panic();
    /// assert_eq!(*payload.downcast::<&str>().unwrap(), "of course");
    /// # });
    /// ```
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        self.try_into_panic().expect("`JoinError` reason is not a panic.")
    }

    /// What the task panicked with, or the error itself when the task was cancelled.
    ///
    /// # Errors
    ///
    /// The error itself, when the task didn't panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// task.abort();
    /// let error = task.await.unwrap_err().try_into_panic().unwrap_err();
    /// assert!(error.is_cancelled());
    /// # });
    /// ```
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, JoinError> {
        match self.cause {
            Cause::Panic(payload) => Ok(payload.0),
            Cause::Cancelled => Err(self),
        }
    }

    /// Which task it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// let id = task.id();
    /// task.abort();
    /// assert_eq!(task.await.unwrap_err().id(), id);
    /// # });
    /// ```
    pub fn id(&self) -> Id {
        self.id
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match &self.cause {
            Cause::Cancelled => write!(f, "task {id} was cancelled"),
            Cause::Panic(payload) => match payload.message() {
                Some(message) => write!(f, "task {id} panicked with message {message:?}"),
                None => write!(f, "task {id} panicked"),
            },
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match &self.cause {
            Cause::Cancelled => write!(f, "JoinError::Cancelled({id:?})"),
            Cause::Panic(payload) => match payload.message() {
                Some(message) => write!(f, "JoinError::Panic({id:?}, {message:?}, ...)"),
                None => write!(f, "JoinError::Panic({id:?}, ...)"),
            },
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> io::Error {
        io::Error::other(match error.cause {
            Cause::Cancelled => "task was cancelled",
            Cause::Panic(_) => "task panicked",
        })
    }
}
