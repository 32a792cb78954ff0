//! Writes scripts.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::Mock;
use super::script::{Action, Shared};

/// Makes a [`Mock`] from a script: see the [module](super).
///
/// Each method adds one action at the end. An action begins when the one before it is done.
///
/// # Examples
///
/// ```
/// let mock = rt_test::io::Builder::new().write(b"ping").read(b"pong").build();
/// # std::mem::forget(mock);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    name: String,
    actions: VecDeque<Action>,
}

impl Builder {
    /// An empty script: at once at its end, and nothing may be written.
    ///
    /// # Examples
    ///
    /// ```
    /// drop(rt_test::io::Builder::new().build());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes to be read. They may be read in several pieces; what comes after them is read apart from them.
    /// Without any bytes, it's a read that returns zero bytes, as at the end.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mock =
    /// rt_test::io::Builder::new().read(b"hello ").read(b"world").build();
    /// # std::mem::forget(mock);
    /// ```
    pub fn read(&mut self, buf: &[u8]) -> &mut Self {
        self.add(Action::Read(buf.iter().copied().collect()))
    }

    /// Adds an error for whoever reads next.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// # let mock =
    /// rt_test::io::Builder::new().read_error(ErrorKind::ConnectionReset.into()).build();
    /// # std::mem::forget(mock);
    /// ```
    pub fn read_error(&mut self, error: io::Error) -> &mut Self {
        self.add(Action::ReadError(Arc::new(error)))
    }

    /// Adds bytes that must be written. They may be written in several pieces.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mock =
    /// rt_test::io::Builder::new().write(b"hello").build();
    /// # std::mem::forget(mock);
    /// ```
    pub fn write(&mut self, buf: &[u8]) -> &mut Self {
        self.add(Action::Write(buf.iter().copied().collect()))
    }

    /// Adds an error for whoever writes next.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// # let mock =
    /// rt_test::io::Builder::new().write_error(ErrorKind::BrokenPipe.into()).build();
    /// # std::mem::forget(mock);
    /// ```
    pub fn write_error(&mut self, error: io::Error) -> &mut Self {
        self.add(Action::WriteError(Arc::new(error)))
    }

    /// Adds a time in which there's nothing to read, and nothing can be written.
    ///
    /// It begins when somebody first reads or writes after the action before it. It's a timer of the runtime: with
    /// a paused clock it takes no time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let mock =
    /// rt_test::io::Builder::new().wait(Duration::from_secs(1)).read(b"hello").build();
    /// # std::mem::forget(mock);
    /// ```
    pub fn wait(&mut self, duration: Duration) -> &mut Self {
        self.add(Action::Wait(duration))
    }

    /// Names the mock, for its panics.
    ///
    /// # Examples
    ///
    /// ```
    /// drop(rt_test::io::Builder::new().name("client").build());
    /// ```
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        self.name = name.into();
        self
    }

    /// A mock that plays the script. The builder keeps it, and can make another one.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// let mut builder = rt_test::io::Builder::new();
    /// builder.write(b"hello");
    /// for mut mock in [builder.build(), builder.build()] {
    ///     mock.write_all(b"hello").await.unwrap();
    /// }
    /// # });
    /// ```
    pub fn build(&mut self) -> Mock {
        Mock::new(self.name.clone(), Shared::new(self.actions.clone(), false))
    }

    /// A mock that plays the script, and a handle that adds to it while it's being played.
    ///
    /// As long as the handle lives, the end of the script is a pause, not the end of what can be read.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use rt_core::io::AsyncReadExt;
    ///
    /// let (mut mock, mut handle) = rt_test::io::Builder::new().build_with_handle();
    /// handle.read(b"hello");
    /// drop(handle);
    /// let mut read = String::new();
    /// mock.read_to_string(&mut read).await.unwrap();
    /// assert_eq!(read, "hello");
    /// # });
    /// ```
    pub fn build_with_handle(&mut self) -> (Mock, Handle) {
        let shared = Shared::new(self.actions.clone(), true);
        (Mock::new(self.name.clone(), shared.clone()), Handle { shared })
    }

    fn add(&mut self, action: Action) -> &mut Self {
        self.actions.push_back(action);
        self
    }
}

/// Adds to the script of a [`Mock`] while it's being played: see [`Builder::build_with_handle`].
///
/// # Panics
///
/// The methods panic when the mock is gone: nobody would play what they add.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// use std::io::ErrorKind;
///
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut mock, mut handle) = rt_test::io::Builder::new().build_with_handle();
/// handle.read(b"a").read_error(ErrorKind::ConnectionReset.into());
/// handle.write(b"b").write_error(ErrorKind::BrokenPipe.into());
///
/// assert_eq!(mock.read_u8().await?, b'a');
/// assert!(mock.read_u8().await.is_err());
/// mock.write_all(b"b").await?;
/// assert!(mock.write_all(b"c").await.is_err());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    /// Adds bytes to be read, as [`Builder::read`] does.
    #[track_caller]
    pub fn read(&mut self, buf: &[u8]) -> &mut Self {
        self.add(Action::Read(buf.iter().copied().collect()))
    }

    /// Adds an error for whoever reads next.
    #[track_caller]
    pub fn read_error(&mut self, error: io::Error) -> &mut Self {
        self.add(Action::ReadError(Arc::new(error)))
    }

    /// Adds bytes that must be written, as [`Builder::write`] does.
    #[track_caller]
    pub fn write(&mut self, buf: &[u8]) -> &mut Self {
        self.add(Action::Write(buf.iter().copied().collect()))
    }

    /// Adds an error for whoever writes next.
    #[track_caller]
    pub fn write_error(&mut self, error: io::Error) -> &mut Self {
        self.add(Action::WriteError(Arc::new(error)))
    }

    #[track_caller]
    fn add(&mut self, action: Action) -> &mut Self {
        let is_over = self.shared.change(|script| {
            script.actions.push_back(action);
            script.is_over
        });
        assert!(!is_over, "the mock that this handle belongs to has been dropped");
        self
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.change(|script| script.is_open = false);
    }
}
