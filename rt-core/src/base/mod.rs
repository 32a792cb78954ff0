//! Small building blocks without a policy of their own.
