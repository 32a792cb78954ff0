//! Workloads that run on rt-core and on the published tokio alike.
