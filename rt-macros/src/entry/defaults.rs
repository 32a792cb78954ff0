//! What is known before the options are read.

/// What the name of the attribute decides.
pub(crate) struct Defaults {
    pub(crate) kind: Kind,
    pub(crate) features: Features,
    /// The path of the runtime crate.
    pub(crate) krate: &'static str,
}

/// Which attribute it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `#[main]`
    Main,
    /// `#[test]`
    Test,
}

/// Which runtimes the runtime crate has been compiled with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Features {
    /// None: without feature `rt`.
    None,
    /// Feature `rt`.
    CurrentThread,
    /// Feature `rt-multi-thread`.
    MultiThread,
}
