//! The methods to call on readers and writers, and the futures that they give.

mod buf_read;
mod chain;
mod lines;
mod number;
mod read;
mod read_futures;
mod read_to_end;
mod read_until;
mod seek;
mod split;
mod take;
mod write;
mod write_futures;

pub use buf_read::AsyncBufReadExt;
pub use chain::Chain;
pub use lines::Lines;
pub use read::AsyncReadExt;
pub use seek::AsyncSeekExt;
pub use split::Split;
pub use take::Take;
pub use write::AsyncWriteExt;
