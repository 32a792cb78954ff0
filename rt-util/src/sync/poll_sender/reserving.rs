//! The wait for a slot.
#![allow(unsafe_code)]

use std::mem::transmute;
use std::task::{Context, Poll};

use rt_core::sync::mpsc::error::SendError;
use rt_core::sync::mpsc::{OwnedPermit, Sender};

use crate::sync::ReusableBoxFuture;

type Outcome<T> = Result<OwnedPermit<T>, SendError<()>>;

/// A wait for a slot of a channel.
///
/// Its type can't name how long a `T` lives, so the box says `'static`. It doesn't get out of here, and `Sender` keeps
/// this from outliving what a `T` borrows.
pub(super) struct Reserving<T> {
    future: ReusableBoxFuture<'static, Outcome<T>>,
}

impl<T: Send> Reserving<T> {
    /// Waits for a slot, in the memory of a former wait.
    pub(super) fn start(former: Option<Self>, sender: Sender<T>) -> Self {
        let reserve = sender.reserve_owned();
        let future = match former {
            Some(former) => {
                // The lifetime is covariant: this shortens it.
                let mut future: ReusableBoxFuture<'_, Outcome<T>> = former.future;
                future.set(reserve);
                future
            }
            None => ReusableBoxFuture::new(reserve),
        };
        // SAFETY: only a lifetime is changed. The future owns a `Sender<T>` and nothing else that borrows, so it's valid
        // for as long as a `T` is. It's polled and dropped as part of a `Reserving<T>`, which isn't
        // used after what `T` borrows: a method of it needs `T` to be valid, and so does its drop, as the
        // compiler takes a trait object's drop to use all that the object's type names, here `T`.
        let future = unsafe {
            transmute::<ReusableBoxFuture<'_, Outcome<T>>, ReusableBoxFuture<'static, Outcome<T>>>(future)
        };
        Self { future }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T>> {
        self.future.poll(cx)
    }
}
