//! What to spawn, and how.

use std::ffi::OsStr;
use std::future::Future;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, ExitStatus, Output, Stdio};

use super::child::Child;
use crate::driver::children;
use crate::driver::io::here;

/// A program to be run, with its arguments, its environment and its standard streams.
///
/// It's a [`std::process::Command`] that spawns a [`Child`] which can be awaited.
///
/// # Examples
///
/// ```
/// use rt_core::process::Command;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut command = Command::new("sh");
/// command.args(["-c", "echo $GREETING"]).env("GREETING", "hello");
/// for _ in 0..2 {
///     assert_eq!(command.output().await?.stdout, b"hello\n");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Command {
    std: process::Command,
    kill_on_drop: bool,
}

impl Command {
    /// A command that runs `program`, found by `PATH` unless it's a path. It has no arguments; environment, working
    /// directory and standard streams are those of this process.
    ///
    /// # Examples
    ///
    /// See [`Command`].
    pub fn new<S: AsRef<OsStr>>(program: S) -> Self {
        process::Command::new(program).into()
    }

    /// The standard library's command that is in it.
    ///
    /// # Examples
    ///
    /// ```
    /// let command = rt_core::process::Command::new("ls");
    /// assert_eq!(command.as_std().get_program(), "ls");
    /// ```
    pub fn as_std(&self) -> &process::Command {
        &self.std
    }

    /// The standard library's command that is in it, to be set up further.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("ls");
    /// command.as_std_mut().arg("-l");
    /// assert_eq!(command.as_std().get_args().count(), 1);
    /// ```
    pub fn as_std_mut(&mut self) -> &mut process::Command {
        &mut self.std
    }

    /// Gives the standard library's command; whether to [kill on drop](Self::kill_on_drop) is forgotten.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("true").into_std();
    /// assert!(command.status()?.success());
    /// # std::io::Result::Ok(())
    /// ```
    pub fn into_std(self) -> process::Command {
        self.std
    }

    /// Adds an argument. It's passed on as it is: no shell looks at it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("ls");
    /// command.arg("-l").arg("a directory");
    /// ```
    pub fn arg<S: AsRef<OsStr>>(&mut self, arg: S) -> &mut Command {
        self.std.arg(arg);
        self
    }

    /// Adds arguments.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("ls");
    /// command.args(["-l", "a directory"]);
    /// ```
    pub fn args<I, S>(&mut self, args: I) -> &mut Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.std.args(args);
        self
    }

    /// Sets a variable of the environment.
    ///
    /// # Examples
    ///
    /// See [`Command`].
    pub fn env<K, V>(&mut self, key: K, val: V) -> &mut Command
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.env(key, val);
        self
    }

    /// Sets variables of the environment.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("env");
    /// command.env_clear().envs([("ONE", "1"), ("TWO", "2")]);
    /// assert_eq!(command.as_std().get_envs().count(), 2);
    /// ```
    pub fn envs<I, K, V>(&mut self, vars: I) -> &mut Command
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.envs(vars);
        self
    }

    /// Takes a variable out of the environment, whether it was inherited or set.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut command = rt_core::process::Command::new("sh");
    /// let output = command.args(["-c", "echo ${HOME-none}"]).env_remove("HOME").output().await?;
    /// assert_eq!(output.stdout, b"none\n");
    /// # Ok(()) }
    /// ```
    pub fn env_remove<K: AsRef<OsStr>>(&mut self, key: K) -> &mut Command {
        self.std.env_remove(key);
        self
    }

    /// Takes all variables out of the environment, also those that are inherited.
    ///
    /// # Examples
    ///
    /// See [`envs`](Self::envs).
    pub fn env_clear(&mut self) -> &mut Command {
        self.std.env_clear();
        self
    }

    /// Sets the child's working directory. Whether a relative path to the program is looked up from there depends on the
    /// system.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let output = rt_core::process::Command::new("pwd").current_dir("/").output().await?;
    /// assert_eq!(output.stdout, b"/\n");
    /// # Ok(()) }
    /// ```
    pub fn current_dir<P: AsRef<Path>>(&mut self, dir: P) -> &mut Command {
        self.std.current_dir(dir);
        self
    }

    /// Sets what the child's standard input is. It's inherited by default.
    ///
    /// # Examples
    ///
    /// See the [module](super)'s documentation.
    pub fn stdin<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.std.stdin(cfg);
        self
    }

    /// Sets what the child's standard output is. It's inherited by default, and always a pipe for [`output`](Self::output).
    ///
    /// # Examples
    ///
    /// See the [module](super)'s documentation.
    pub fn stdout<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.std.stdout(cfg);
        self
    }

    /// Sets what the child's standard error is. It's inherited by default, and always a pipe for [`output`](Self::output).
    ///
    /// # Examples
    ///
    /// As for [`stdout`](Self::stdout); see the [module](super)'s documentation.
    pub fn stderr<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Command {
        self.std.stderr(cfg);
        self
    }

    /// Sets whether a child that is still running is killed when its [`Child`] is dropped. It isn't by default.
    ///
    /// The process that was killed is reaped a moment later; see the [module](super)'s documentation.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let child = rt_core::process::Command::new("sleep").arg("1000").kill_on_drop(true).spawn()?;
    /// drop(child);
    /// # Ok(()) }
    /// ```
    pub fn kill_on_drop(&mut self, kill_on_drop: bool) -> &mut Command {
        self.kill_on_drop = kill_on_drop;
        self
    }

    /// What [`kill_on_drop`](Self::kill_on_drop) was set to.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("ls");
    /// assert!(!command.get_kill_on_drop());
    /// assert!(command.kill_on_drop(true).get_kill_on_drop());
    /// ```
    pub fn get_kill_on_drop(&self) -> bool {
        self.kill_on_drop
    }

    /// Spawns the program, and doesn't wait for it.
    ///
    /// # Errors
    ///
    /// When there is no such program, it can't be run, or the system has no room for another process.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Examples
    ///
    /// See the [module](super)'s documentation.
    #[track_caller]
    pub fn spawn(&mut self) -> io::Result<Child> {
        self.spawn_with(process::Command::spawn)
    }

    /// Spawns the program by a closure: for what [`std::process::Command`] can do beyond its own `spawn`.
    ///
    /// # Errors
    ///
    /// Those of the closure.
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut command = rt_core::process::Command::new("true");
    /// let mut child = command.spawn_with(|command| {
    ///     println!("spawning {:?}", command.get_program());
    ///     command.spawn()
    /// })?;
    /// assert!(child.wait().await?.success());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn spawn_with(
        &mut self,
        with: impl FnOnce(&mut process::Command) -> io::Result<process::Child>,
    ) -> io::Result<Child> {
        // A call that can't work here says so before there is a child.
        let _ = here();
        children::reap_all();
        let child = with(&mut self.std)?;
        Child::new(child, self.kill_on_drop)
    }

    /// Spawns the program, and gives a future that waits until it has exited. Standard streams that are pipes are closed at once.
    ///
    /// The program is spawned by the call, not by the first poll. When the future is dropped the program goes on, unless
    /// [`kill_on_drop`](Self::kill_on_drop) is set.
    ///
    /// # Errors
    ///
    /// The future gives those of [`spawn`](Self::spawn) and of [`Child::wait`].
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let status = rt_core::process::Command::new("false").status().await?;
    /// assert_eq!(status.code(), Some(1));
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        let child = self.spawn();
        async {
            let mut child = child?;
            (child.stdin, child.stdout, child.stderr) = (None, None, None);
            child.wait().await
        }
    }

    /// Spawns the program, and gives a future that reads its output and waits until it has exited.
    ///
    /// Standard output and standard error are pipes, whatever they were set to. Standard input is what it was set to; a
    /// pipe is closed at once. As for [`status`](Self::status), the program is spawned by the call.
    ///
    /// # Errors
    ///
    /// The future gives those of [`spawn`](Self::spawn) and of [`Child::wait_with_output`].
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// See the [module](super)'s documentation.
    #[track_caller]
    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + use<> {
        self.std.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.spawn();
        async { child?.wait_with_output().await }
    }
}

/// What only Unix has.
impl Command {
    /// Sets the user that the child runs as, by number. The system must allow it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut command = rt_core::process::Command::new("id");
    /// command.uid(1000).gid(1000);
    /// ```
    pub fn uid(&mut self, id: u32) -> &mut Command {
        self.std.uid(id);
        self
    }

    /// Sets the group that the child runs as, by number. The system must allow it.
    ///
    /// # Examples
    ///
    /// See [`uid`](Self::uid).
    pub fn gid(&mut self, id: u32) -> &mut Command {
        self.std.gid(id);
        self
    }

    /// Sets what the program is told that it's called, instead of what it was found by.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut command = rt_core::process::Command::new("sh");
    /// let output = command.arg0("me").args(["-c", "echo $0"]).output().await?;
    /// assert_eq!(output.stdout, b"me\n");
    /// # Ok(()) }
    /// ```
    pub fn arg0<S: AsRef<OsStr>>(&mut self, arg: S) -> &mut Command {
        self.std.arg0(arg);
        self
    }

    /// Has a closure run in the child, between `fork` and `exec`. Several are run in their order; an error of one makes `spawn`
    /// fail with it.
    ///
    /// # Safety
    ///
    /// The closure runs in a copy of this process in which no thread but its own is left. It may do only what a
    /// signal handler may: locks may be held by threads that aren't there, so it mustn't allocate, print or
    /// panic. See [`CommandExt::pre_exec`].
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut command = rt_core::process::Command::new("true");
    /// // SAFETY: the closure does nothing but return.
    /// unsafe { command.pre_exec(|| Err(std::io::ErrorKind::PermissionDenied.into())) };
    /// assert!(command.spawn().is_err());
    /// # Ok(()) }
    /// ```
    pub unsafe fn pre_exec<F>(&mut self, f: F) -> &mut Command
    where
        F: FnMut() -> io::Result<()> + Send + Sync + 'static,
    {
        // SAFETY: the closure is fit for it, says the caller.
        unsafe { self.std.pre_exec(f) };
        self
    }

    /// Puts the child into a process group, so that a signal can be sent to all in it; 0 stands for a new one, with the child's
    /// own number. A signal to this process's group, as that of Ctrl-C, doesn't reach it any more.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut child = rt_core::process::Command::new("true").process_group(0).spawn()?;
    /// assert!(child.wait().await?.success());
    /// # Ok(()) }
    /// ```
    pub fn process_group(&mut self, pgroup: i32) -> &mut Command {
        self.std.process_group(pgroup);
        self
    }
}

impl From<process::Command> for Command {
    fn from(std: process::Command) -> Self {
        Self { std, kill_on_drop: false }
    }
}
