//! Types of rt-core as streams.

#[cfg(feature = "time")]
mod interval;
#[cfg(feature = "io-util")]
mod lines;
#[cfg(feature = "signal")]
mod signal_unix;
#[cfg(feature = "io-util")]
mod split;
#[cfg(feature = "net")]
mod tcp_listener;

#[cfg(feature = "time")]
pub use interval::IntervalStream;
#[cfg(feature = "io-util")]
pub use lines::LinesStream;
#[cfg(feature = "signal")]
pub use signal_unix::SignalStream;
#[cfg(feature = "io-util")]
pub use split::SplitStream;
#[cfg(feature = "net")]
pub use tcp_listener::TcpListenerStream;
