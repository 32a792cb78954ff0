//! Updates as events.

use super::Update;

// tokio-console wants to know of each number, after the first, how it changes what there was.
macro_rules! tell {
    ($($field:ident).+ = $value:expr, $($op:ident).+ = $how:literal) => {
        tell!(in "runtime::resource::state_update", $($field).+ = $value, $($op).+ = $how)
    };
    (in $target:expr, $($field:ident).+ = $value:expr, $($op:ident).+ = $how:literal) => {
        tracing::trace!(target: $target, $($field).+ = $value, $($op).+ = $how)
    };
}

/// The target of what becomes of a wait, rather than of the resource.
const WAIT: &str = "runtime::resource::async_op::state_update";

impl Update {
    pub(super) fn tell(&self) {
        match *self {
            Self::Size(size) => {
                tracing::trace!(target: "runtime::resource::state_update", size = size as u64);
            }
            Self::Arrived(arrived) => tell!(arrived = arrived, arrived.op = "override"),
            Self::Locked(locked) => tracing::trace!(target: "runtime::resource::state_update", locked),
            Self::MaxReaders(max) => {
                tracing::trace!(target: "runtime::resource::state_update", max_readers = u64::from(max));
            }
            Self::WriteLocked(write_locked) => {
                tracing::trace!(target: "runtime::resource::state_update", write_locked);
            }
            Self::Readers(readers) => tell!(current_readers = readers, current_readers.op = "override"),
            Self::ReaderCame => tell!(current_readers = 1_i64, current_readers.op = "add"),
            Self::ReaderLeft => tell!(current_readers = 1_i64, current_readers.op = "sub"),
            Self::Permits(permits) => tell!(permits = permits as u64, permits.op = "override"),
            Self::Requested(permits) => {
                tell!(in WAIT, permits_requested = permits as u64, permits_requested.op = "override");
            }
            Self::Obtained(permits) => {
                tell!(in WAIT, permits_obtained = permits as u64, permits_obtained.op = "override");
            }
            Self::SenderDropped(dropped) => tell!(tx_dropped = dropped, tx_dropped.op = "override"),
            Self::ReceiverDropped(dropped) => tell!(rx_dropped = dropped, rx_dropped.op = "override"),
            Self::ValueSent(sent) => tell!(value_sent = sent, value_sent.op = "override"),
            Self::ValueReceived(received) => {
                tell!(value_received = received, value_received.op = "override");
            }
            Self::DurationMs(duration) => {
                tracing::trace!(
                    target: "runtime::resource::state_update",
                    duration,
                    duration.unit = "ms",
                    duration.op = "override",
                );
            }
        }
    }
}
