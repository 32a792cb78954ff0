//! Types of rt-core as streams.

#[cfg(feature = "sync")]
mod again;
#[cfg(feature = "sync")]
mod broadcast;
#[cfg(feature = "sync")]
pub mod errors;
#[cfg(feature = "time")]
mod interval;
#[cfg(feature = "rt")]
mod join_set;
#[cfg(feature = "io-util")]
mod lines;
#[cfg(feature = "fs")]
mod read_dir;
mod receiver;
#[cfg(feature = "signal")]
mod signal_unix;
#[cfg(feature = "io-util")]
mod split;
#[cfg(feature = "net")]
mod tcp_listener;
mod unbounded_receiver;
#[cfg(feature = "net")]
mod unix_listener;
#[cfg(feature = "sync")]
mod watch;

#[cfg(feature = "sync")]
pub use broadcast::BroadcastStream;
#[cfg(feature = "time")]
pub use interval::IntervalStream;
#[cfg(feature = "rt")]
pub use join_set::JoinSetStream;
#[cfg(feature = "io-util")]
pub use lines::LinesStream;
#[cfg(feature = "fs")]
pub use read_dir::ReadDirStream;
pub use receiver::ReceiverStream;
#[cfg(feature = "signal")]
pub use signal_unix::SignalStream;
#[cfg(feature = "io-util")]
pub use split::SplitStream;
#[cfg(feature = "net")]
pub use tcp_listener::TcpListenerStream;
pub use unbounded_receiver::UnboundedReceiverStream;
#[cfg(feature = "net")]
pub use unix_listener::UnixListenerStream;
#[cfg(feature = "sync")]
pub use watch::WatchStream;
