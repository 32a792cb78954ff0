//! What both ends of a pipe have in common.

/// An end of a pipe: how it comes to be, what it can be turned into, and waiting until it's ready.
///
/// It's open for `$direction`, of which `$check` makes sure, and all its operations are of `$interest`.
macro_rules! pipe_end {
    ($End:ident, $direction:literal, $check:ident, $interest:ident) => {
        impl $End {
            #[track_caller]
            pub(super) fn new(file: File) -> io::Result<$End> {
                let registration = Registration::with_interest(file.as_raw_fd(), Interest::$interest)?;
                Ok($End { registration, file })
            }

            #[doc = concat!("Takes over a file that is a pipe, and open for ", $direction, ". It's made non-blocking.")]
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it isn't, and what the system says.
            ///
            /// # Panics
            ///
            /// Outside of a runtime, and when its I/O isn't enabled.
            #[track_caller]
            pub fn from_file(file: File) -> io::Result<$End> {
                $check(&file)?;
                sys::set_blocking(&file, false)?;
                Self::new(file)
            }

            /// As [`from_file`](Self::from_file), without a look at what it is. It must be non-blocking.
            ///
            /// # Errors
            ///
            /// What the system says, for instance when nothing like it can be waited for.
            ///
            /// # Panics
            ///
            /// Outside of a runtime, and when its I/O isn't enabled.
            #[track_caller]
            pub fn from_file_unchecked(file: File) -> io::Result<$End> {
                Self::new(file)
            }

            /// As [`from_file`](Self::from_file), for a descriptor.
            ///
            /// # Errors
            ///
            /// As [`from_file`](Self::from_file).
            ///
            /// # Panics
            ///
            /// Outside of a runtime, and when its I/O isn't enabled.
            #[track_caller]
            pub fn from_owned_fd(owned_fd: OwnedFd) -> io::Result<$End> {
                Self::from_file(owned_fd.into())
            }

            /// As [`from_file_unchecked`](Self::from_file_unchecked), for a descriptor.
            ///
            /// # Errors
            ///
            /// As [`from_file_unchecked`](Self::from_file_unchecked).
            ///
            /// # Panics
            ///
            /// Outside of a runtime, and when its I/O isn't enabled.
            #[track_caller]
            pub fn from_owned_fd_unchecked(owned_fd: OwnedFd) -> io::Result<$End> {
                Self::new(owned_fd.into())
            }

            /// Gives the descriptor, made to block: as the standard input or output of a child process wants it.
            ///
            /// # Errors
            ///
            /// What the system says.
            pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
                sys::set_blocking(&self.file, true)?;
                self.into_nonblocking_fd()
            }

            /// Gives the descriptor, which doesn't block still.
            ///
            /// # Errors
            ///
            /// None at present.
            pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
                let Self { registration, file } = self;
                drop(registration);
                Ok(file.into())
            }

            /// Waits until an operation of `interest` makes sense, and gives what the pipe is ready for.
            ///
            /// Any number of tasks may wait. A pipe whose other end is closed is ready.
            ///
            /// # Errors
            ///
            /// When the runtime is shut down.
            ///
            /// # Cancel safety
            ///
            /// Cancelling it loses nothing.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                Ok(self.registration.readiness(interest).await?.ready() & interest.mask())
            }

            /// Tries an operation of the caller's own on the pipe.
            ///
            /// It isn't tried when it's known that it would block. When it says so itself, the pipe isn't ready any
            /// more; so the closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the system did.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock), and what the closure returned.
            pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
                self.registration.try_io(Interest::$interest, f)
            }
        }

        impl fmt::Debug for $End {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($End)).field(&self.file).finish()
            }
        }

        impl AsRawFd for $End {
            fn as_raw_fd(&self) -> RawFd {
                self.file.as_raw_fd()
            }
        }

        impl AsFd for $End {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.file.as_fd()
            }
        }
    };
}
pub(super) use pipe_end;
