//! A box whose memory serves one future after another.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A boxed future that can be replaced by another one, in the same memory if that has the same size and alignment.
///
/// It's for `poll` functions that start an `async fn` again and again: all futures of one `async fn` are of one size.
///
/// # Examples
///
/// ```
/// use rt_util::sync::ReusableBoxFuture;
///
/// async fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// # futures::executor::block_on(async {
/// let mut future = ReusableBoxFuture::new(double(1));
/// assert_eq!((&mut future).await, 2);
/// // It takes the place of the first, without allocating.
/// future.set(double(2));
/// assert_eq!(future.await, 4);
/// # });
/// ```
pub struct ReusableBoxFuture<'a, T> {
    boxed: Boxed<'a, T>,
}

impl<'a, T> ReusableBoxFuture<'a, T> {
    /// Boxes a future.
    pub fn new<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'a,
    {
        Self { boxed: Box::pin(future) }
    }

    /// Drops the future, and puts another one in its place. It allocates if their sizes or alignments differ.
    ///
    /// # Panics
    ///
    /// When dropping the former future does. The other one is in place then.
    pub fn set<F>(&mut self, future: F)
    where
        F: Future<Output = T> + Send + 'a,
    {
        if let Err(future) = self.try_set(future) {
            // The former one is dropped once the other one is in place.
            let _former = std::mem::replace(self, Self::new(future));
        }
    }

    /// As [`set`](Self::set), if that needs no allocation.
    ///
    /// # Errors
    ///
    /// Gives the future back when its size or alignment isn't that of the one that is there, which stays.
    ///
    /// # Panics
    ///
    /// When dropping the former future does. The other one is in place then.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_util::sync::ReusableBoxFuture;
    ///
    /// let mut future = ReusableBoxFuture::new(std::future::ready([0_u8; 4]));
    /// assert!(future.try_set(std::future::ready([1_u8; 4])).is_ok());
    /// let larger = [0_u8; 500];
    /// assert!(future.try_set(async move { [larger[0]; 4] }).is_err());
    /// # assert_eq!(futures::executor::block_on(future), [1; 4]);
    /// ```
    pub fn try_set<F>(&mut self, future: F) -> Result<(), F>
    where
        F: Future<Output = T> + Send + 'a,
    {
        if Layout::for_value(&*self.boxed) != Layout::new::<F>() {
            return Err(future);
        }
        // SAFETY: `boxed` is read once and then overwritten without being dropped. Nothing between can unwind: a panic of the
        // future's drop is caught, and raised again only afterwards.
        let former = unsafe { ptr::read(&self.boxed) };
        // SAFETY: the pinned future isn't moved: it's dropped where it lies, and its memory isn't used for anything else before.
        let former = Box::into_raw(unsafe { Pin::into_inner_unchecked(former) });
        // SAFETY: the pointer comes from a box that owned a valid future; it isn't used as that any more.
        let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { ptr::drop_in_place(former) }));
        let place = former.cast::<F>();
        // SAFETY: the place has the layout of `F`, as was checked, and is free, even if the drop panicked. It was
        // allocated by a box with that layout (or, of size zero, is aligned for it), so a box of `F` may own it.
        let boxed: Boxed<'a, T> = unsafe {
            place.write(future);
            Box::into_pin(Box::from_raw(place))
        };
        // SAFETY: see above: what is overwritten was read, and must not be dropped.
        unsafe { ptr::write(&mut self.boxed, boxed) };
        if let Err(panic) = dropped {
            resume_unwind(panic);
        }
        Ok(())
    }

    /// The future, pinned.
    pub fn get_pin(&mut self) -> Pin<&mut (dyn Future<Output = T> + Send)> {
        self.boxed.as_mut()
    }

    /// Polls the future.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        self.get_pin().poll(cx)
    }
}

impl<T> Future for ReusableBoxFuture<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.get_pin().poll(cx)
    }
}

// SAFETY: a shared reference gives no access to the future: each method that does takes `&mut self`.
unsafe impl<T> Sync for ReusableBoxFuture<'_, T> {}

impl<T> fmt::Debug for ReusableBoxFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReusableBoxFuture").finish_non_exhaustive()
    }
}
