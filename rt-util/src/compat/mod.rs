//! Between the I/O traits of [`rt_core::io`] and those of [`futures_io`].
//!
//! Import the trait whose name begins with what you have, and call its method: the [`Compat`] that it gives has the other
//! ones. With a reader of `futures_io` it's [`FuturesAsyncReadCompatExt::compat`].

mod ext;
mod read;
mod seek;
mod wrapper;
mod write;

pub use ext::{
    FuturesAsyncReadCompatExt, FuturesAsyncWriteCompatExt, TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt,
};
pub use wrapper::Compat;
