//! Codecs, cancellation tokens and other utilities for rt-core.
