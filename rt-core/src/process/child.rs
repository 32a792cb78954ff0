//! A child process.
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::io;
use std::process::{self, ExitStatus, Output};
use std::task::Poll;

use super::collect::Collect;
use super::exit::Exit;
use super::pipes::{ChildStderr, ChildStdin, ChildStdout};

/// A child process, made by [`Command::spawn`](super::Command::spawn).
///
/// Dropping it leaves the process running, unless it was spawned with
/// [`kill_on_drop`](super::Command::kill_on_drop). A process that was left so is reaped when it exits; see the
/// [module](super)'s documentation.
///
/// # Examples
///
/// ```
/// use rt_core::process::Command;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn()?;
/// assert_eq!(child.wait().await?.code(), Some(3));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Child {
    exit: Exit,

    /// The end of the child's standard input that is written, if it's [piped](std::process::Stdio::piped).
    ///
    /// `child.stdin.take()` gives it without taking the child apart.
    pub stdin: Option<ChildStdin>,

    /// The end of the child's standard output that is read, if it's [piped](std::process::Stdio::piped).
    pub stdout: Option<ChildStdout>,

    /// The end of the child's standard error that is read, if it's [piped](std::process::Stdio::piped).
    pub stderr: Option<ChildStderr>,
}

impl Child {
    #[track_caller]
    pub(super) fn new(mut child: process::Child, kill_on_drop: bool) -> io::Result<Self> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // First of all, so that an error leaves no zombie behind.
        let exit = Exit::new(child, kill_on_drop);
        // Not in closures, whose panics would name this file rather than the caller.
        let stdin = match stdin {
            Some(stdin) => Some(ChildStdin::from_std(stdin)?),
            None => None,
        };
        let stdout = match stdout {
            Some(stdout) => Some(ChildStdout::from_std(stdout)?),
            None => None,
        };
        let stderr = match stderr {
            Some(stderr) => Some(ChildStderr::from_std(stderr)?),
            None => None,
        };
        Ok(Self { exit, stdin, stdout, stderr })
    }

    /// The number that the system gave the process. `None` once its exit has been seen, by [`wait`](Self::wait) or
    /// [`try_wait`](Self::try_wait): the number may be another's then.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut child = rt_core::process::Command::new("true").spawn()?;
    /// assert!(child.id().is_some());
    /// child.wait().await?;
    /// assert_eq!(child.id(), None);
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> Option<u32> {
        self.exit.id()
    }

    /// Makes the process end, without waiting until it has: by `SIGKILL`. One that has ended already is left in peace.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Examples
    ///
    /// See [`kill`](Self::kill).
    pub fn start_kill(&mut self) -> io::Result<()> {
        self.exit.kill()
    }

    /// Makes the process end, and waits until it has: [`start_kill`](Self::start_kill), then [`wait`](Self::wait).
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Cancel safety
    ///
    /// Once it has been polled the process is bound to end, also if this is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut child = rt_core::process::Command::new("sleep").arg("1000").spawn()?;
    /// child.kill().await?;
    /// assert!(!child.wait().await?.success());
    /// # Ok(()) }
    /// ```
    pub async fn kill(&mut self) -> io::Result<()> {
        self.start_kill()?;
        self.wait().await.map(drop)
    }

    /// Waits until the process has exited, and says how. It can be called again, and says the same.
    ///
    /// First it drops `stdin`, so that a child which reads its input to the end doesn't wait for it while
    /// this waits for the child. Who wants to write on takes it out before.
    ///
    /// # Errors
    ///
    /// What the system says, and when the runtime shuts down. It can be called again then, in another runtime.
    ///
    /// # Panics
    ///
    /// When it has to wait outside of a runtime that has I/O, and never waited inside of one.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing but `stdin`: a later call gives the status, even when the process has exited meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Stdio;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// // `cat` ends with its input.
    /// let mut child = rt_core::process::Command::new("cat").stdin(Stdio::piped()).spawn()?;
    /// assert!(child.wait().await?.success());
    /// # Ok(()) }
    /// ```
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.stdin = None;
        poll_fn(|cx| self.exit.poll(cx)).await
    }

    /// How the process has exited, if it has. It doesn't wait, and leaves `stdin` alone.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut child = rt_core::process::Command::new("sleep").arg("1000").kill_on_drop(true).spawn()?;
    /// assert!(child.try_wait()?.is_none());
    /// # Ok(()) }
    /// ```
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.exit.try_wait()
    }

    /// Waits until the process has exited, and meanwhile reads all of its output: of those of `stdout` and `stderr`
    /// that are there, which they are when they are piped. `stdin` is dropped first.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait), and when reading fails.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// It isn't cancel safe: dropping it drops the child and what was read of its output.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Stdio;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let child = rt_core::process::Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
    /// let output = child.wait_with_output().await?;
    /// assert_eq!(output.stdout, b"hello\n");
    /// # Ok(()) }
    /// ```
    pub async fn wait_with_output(self) -> io::Result<Output> {
        let Self { mut exit, stdin, stdout, stderr } = self;
        drop(stdin);
        let (mut stdout, mut stderr) = (Collect::new(stdout), Collect::new(stderr));
        let status = poll_fn(|cx| {
            // Each is polled until all are ready; an error of one ends all.
            let (out, err, exit) = (stdout.poll(cx)?, stderr.poll(cx)?, exit.poll(cx)?);
            match (out, err, exit) {
                (Poll::Ready(()), Poll::Ready(()), Poll::Ready(status)) => {
                    Poll::Ready(io::Result::Ok(status))
                }
                _ => Poll::Pending,
            }
        })
        .await?;
        Ok(Output { status, stdout: stdout.into_bytes(), stderr: stderr.into_bytes() })
    }
}
