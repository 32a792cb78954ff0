//! Assertions about polls and results. All take a message at the end, with arguments as in `format!`.

/// Asserts that a [`Poll`](std::task::Poll) is ready, and returns what is in it.
///
/// # Examples
///
/// ```
/// use std::task::Poll;
///
/// assert_eq!(rt_test::assert_ready!(Poll::Ready(5)), 5);
/// ```
#[macro_export]
macro_rules! assert_ready {
    ($poll:expr $(,)?) => {
        match $poll {
            ::core::task::Poll::Ready(output) => output,
            ::core::task::Poll::Pending => ::core::panic!("expected ready, is pending"),
        }
    };
    ($poll:expr, $($message:tt)+) => {
        match $poll {
            ::core::task::Poll::Ready(output) => output,
            ::core::task::Poll::Pending => {
                ::core::panic!("expected ready, is pending: {}", ::core::format_args!($($message)+))
            }
        }
    };
}

/// Asserts that a [`Poll`](std::task::Poll) is ready with `Ok`, and returns what is in it.
///
/// # Examples
///
/// ```
/// use std::task::Poll;
///
/// let poll = Poll::Ready(Ok::<_, ()>(5));
/// assert_eq!(rt_test::assert_ready_ok!(poll), 5);
/// ```
#[macro_export]
macro_rules! assert_ready_ok {
    ($poll:expr $(, $($message:tt)*)?) => {{
        let output = $crate::assert_ready!($poll $(, $($message)*)?);
        $crate::assert_ok!(output $(, $($message)*)?)
    }};
}

/// Asserts that a [`Poll`](std::task::Poll) is ready with `Err`, and returns the error.
///
/// # Examples
///
/// ```
/// use std::task::Poll;
///
/// let poll = Poll::Ready(Err::<(), _>("no"));
/// assert_eq!(rt_test::assert_ready_err!(poll), "no");
/// ```
#[macro_export]
macro_rules! assert_ready_err {
    ($poll:expr $(, $($message:tt)*)?) => {{
        let output = $crate::assert_ready!($poll $(, $($message)*)?);
        $crate::assert_err!(output $(, $($message)*)?)
    }};
}

/// Asserts that a [`Poll`](std::task::Poll) is ready, with a certain value.
///
/// # Examples
///
/// ```
/// use std::task::Poll;
///
/// rt_test::assert_ready_eq!(Poll::Ready(5), 5);
/// rt_test::assert_ready_eq!(Poll::Ready(5), 5, "in round {}", 1);
/// ```
#[macro_export]
macro_rules! assert_ready_eq {
    ($poll:expr, $expected:expr $(,)?) => {
        ::core::assert_eq!($crate::assert_ready!($poll), $expected)
    };
    ($poll:expr, $expected:expr, $($message:tt)+) => {
        ::core::assert_eq!($crate::assert_ready!($poll, $($message)+), $expected, $($message)+)
    };
}

/// Asserts that a [`Poll`](std::task::Poll) is pending.
///
/// # Examples
///
/// ```
/// use std::task::Poll;
///
/// rt_test::assert_pending!(Poll::<()>::Pending);
/// ```
#[macro_export]
macro_rules! assert_pending {
    ($poll:expr $(,)?) => {
        if let ::core::task::Poll::Ready(output) = $poll {
            ::core::panic!("expected pending, is ready with {:?}", output)
        }
    };
    ($poll:expr, $($message:tt)+) => {
        if let ::core::task::Poll::Ready(output) = $poll {
            ::core::panic!("expected pending, is ready with {:?}: {}", output, ::core::format_args!($($message)+))
        }
    };
}

/// Asserts that a [`Result`] is `Ok`, and returns what is in it.
///
/// # Examples
///
/// ```
/// let number: i32 = rt_test::assert_ok!("12".parse());
/// assert_eq!(number, 12);
/// ```
#[macro_export]
macro_rules! assert_ok {
    ($result:expr $(,)?) => {
        match $result {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(error) => ::core::panic!("expected `Ok`, is `Err({:?})`", error),
        }
    };
    ($result:expr, $($message:tt)+) => {
        match $result {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(error) => {
                ::core::panic!("expected `Ok`, is `Err({:?})`: {}", error, ::core::format_args!($($message)+))
            }
        }
    };
}

/// Asserts that a [`Result`] is `Err`, and returns the error.
///
/// # Examples
///
/// ```
/// let error = rt_test::assert_err!("twelve".parse::<i32>());
/// assert!(error.to_string().contains("invalid digit"));
/// ```
#[macro_export]
macro_rules! assert_err {
    ($result:expr $(,)?) => {
        match $result {
            ::core::result::Result::Ok(value) => ::core::panic!("expected `Err`, is `Ok({:?})`", value),
            ::core::result::Result::Err(error) => error,
        }
    };
    ($result:expr, $($message:tt)+) => {
        match $result {
            ::core::result::Result::Ok(value) => {
                ::core::panic!("expected `Err`, is `Ok({:?})`: {}", value, ::core::format_args!($($message)+))
            }
            ::core::result::Result::Err(error) => error,
        }
    };
}

/// Asserts that a time span has passed since an instant, and at most a millisecond more.
///
/// That much is what a timer may be late by. For use with a paused clock, where time passes only as told. The
/// instant is an `Instant` of rt-core or of the standard library.
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, Instant, pause, sleep};
///
/// rt_test::block_on(async {
///     pause();
///     let start = Instant::now();
///     sleep(Duration::from_millis(10)).await;
///     rt_test::assert_elapsed!(start, Duration::from_millis(10));
/// });
/// ```
#[macro_export]
macro_rules! assert_elapsed {
    ($start:expr, $expected:expr $(,)?) => {{
        let elapsed: ::core::time::Duration = $start.elapsed();
        let expected: ::core::time::Duration = $expected;
        let latest = expected + ::core::time::Duration::from_millis(1);
        ::core::assert!(
            expected <= elapsed && elapsed <= latest,
            "expected {:?} to have passed, is {:?}",
            expected,
            elapsed
        );
    }};
}
