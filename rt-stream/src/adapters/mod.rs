//! The streams that the methods of [`StreamExt`](crate::StreamExt) return, for code that must name them.

mod chain;
#[cfg(feature = "time")]
mod chunks_timeout;
mod filter;
mod filter_map;
mod fuse;
mod map;
mod map_while;
mod merge;
mod peekable;
mod skip;
mod skip_while;
mod take;
mod take_while;
mod then;
#[cfg(feature = "time")]
mod throttle;
#[cfg(feature = "time")]
mod timeout;

pub use chain::Chain;
#[cfg(feature = "time")]
pub use chunks_timeout::ChunksTimeout;
pub use filter::Filter;
pub use filter_map::FilterMap;
pub use fuse::Fuse;
pub use map::Map;
pub use map_while::MapWhile;
pub use merge::Merge;
pub use peekable::Peekable;
pub use skip::Skip;
pub use skip_while::SkipWhile;
pub use take::Take;
pub use take_while::TakeWhile;
pub use then::Then;
#[cfg(feature = "time")]
pub(crate) use throttle::Throttle;
#[cfg(feature = "time")]
pub use timeout::{Timeout, TimeoutRepeating};
