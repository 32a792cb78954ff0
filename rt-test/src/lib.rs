//! Testing tools for code built on rt-core.
