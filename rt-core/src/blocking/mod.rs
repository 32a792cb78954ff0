//! The pool of threads on which blocking closures run.
