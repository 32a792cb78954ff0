//! Updates as events.

use super::Update;

macro_rules! tell {
    ($($field:ident).+ = $value:expr, $($op:ident).+ = $how:literal) => {
        tracing::trace!(
            target: "runtime::resource::state_update",
            $($field).+ = $value,
            $($op).+ = $how,
        )
    };
}

impl Update {
    pub(super) fn tell(&self) {
        match *self {
            Self::Size(size) => {
                tracing::trace!(target: "runtime::resource::state_update", size = size as u64);
            }
            Self::Arrived(arrived) => {
                tracing::trace!(target: "runtime::resource::state_update", arrived);
            }
            Self::Locked(locked) => tracing::trace!(target: "runtime::resource::state_update", locked),
            Self::MaxReaders(max) => {
                tracing::trace!(target: "runtime::resource::state_update", max_readers = u64::from(max));
            }
            Self::WriteLocked(write_locked) => {
                tracing::trace!(target: "runtime::resource::state_update", write_locked);
            }
            Self::Readers(current_readers) => {
                tracing::trace!(target: "runtime::resource::state_update", current_readers);
            }
            Self::Permits(permits) => tell!(permits = permits as u64, permits.op = "override"),
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
