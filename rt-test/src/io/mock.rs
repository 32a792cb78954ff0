//! Plays a script.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use rt_core::io::{AsyncRead, AsyncWrite, ReadBuf};
use rt_core::time::{Sleep, sleep};

use super::script::{Action, Script, Shared, Side, unshare};

/// A reader and writer that follows a script: see the [module](super).
///
/// Reads are played in the order of the script: a read is pending while a write, or a wait, comes first. A write
/// needn't wait for the reads before it, as little as a socket's does: it's the next write of the script, unless a wait
/// comes first. While there is none, but something to be read, it's pending. At the script's end there's nothing left to
/// read: a read returns zero bytes.
///
/// # Panics
///
/// Writing panics when the bytes aren't those of the script, and at the end of the script. Dropping the mock
/// panics when the script has bytes left to be read or written, unless the thread is panicking already.
pub struct Mock {
    name: String,
    player: Player,
}

/// Goes from action to action.
struct Player {
    shared: Arc<Shared>,
    /// The timer of the wait that the script is at.
    wait: Option<Pin<Box<Sleep>>>,
}

impl Mock {
    pub(super) fn new(name: String, shared: Arc<Shared>) -> Self {
        let name = if name.is_empty() { "mock".to_owned() } else { format!("mock `{name}`") };
        Self { name, player: Player { shared, wait: None } }
    }
}

impl AsyncRead for Mock {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        self.player.poll_step(Side::Reader, cx, |script| read(script, buf))
    }
}

impl AsyncWrite for Mock {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let Self { name, player } = &mut *self;
        player.poll_step(Side::Writer, cx, |script| write(script, name, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let script = self.player.shared.end();
        if thread::panicking() {
            return;
        }
        let name = &self.name;
        for action in script {
            match action {
                Action::Read(bytes) if !bytes.is_empty() => {
                    panic!("{name}: `{}` was never read", escape(&bytes))
                }
                Action::Write(bytes) if !bytes.is_empty() => {
                    panic!("{name}: `{}` was never written", escape(&bytes))
                }
                _ => {}
            }
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Player {
    /// Takes a step of the script for one side, or has it woken when there may be one to take.
    fn poll_step<R>(
        &mut self,
        side: Side,
        cx: &Context<'_>,
        mut step: impl FnMut(&mut Script) -> Option<R>,
    ) -> Poll<R> {
        loop {
            // Before the timer is polled, which may go off in between.
            self.shared.lock().register(side, cx);
            if let Some(wait) = &mut self.wait {
                // Both sides may wait for it, so it wakes both.
                let waker = Waker::from(self.shared.clone());
                ready!(wait.as_mut().poll(&mut Context::from_waker(&waker)));
                self.wait = None;
            }
            let mut script = self.shared.lock();
            if let Some(Action::Wait(duration)) = script.actions.front() {
                self.wait = Some(Box::pin(sleep(*duration)));
                script.actions.pop_front();
                continue;
            }
            let left = script.actions.len();
            let Some(result) = step(&mut script) else { return Poll::Pending };
            let has_advanced = script.actions.len() < left;
            drop(script);
            if has_advanced {
                // It may be the other side's turn.
                self.shared.change(|_| ());
            }
            return Poll::Ready(result);
        }
    }
}

/// Reads what the script has next; `None` if it isn't at a read.
fn read(script: &mut Script, buf: &mut ReadBuf<'_>) -> Option<io::Result<()>> {
    match script.actions.front_mut() {
        Some(Action::Read(bytes)) => {
            let len = bytes.len().min(buf.remaining());
            bytes.drain(..len).for_each(|byte| buf.put_slice(&[byte]));
            if bytes.is_empty() {
                script.actions.pop_front();
            }
            Some(Ok(()))
        }
        Some(Action::ReadError(error)) => {
            let error = error.clone();
            script.actions.pop_front();
            Some(Err(unshare(error)))
        }
        None if !script.is_open => Some(Ok(())),
        _ => None,
    }
}

/// Writes what the script has to be written next, as much of it as there is in one go; `None` if there is nothing.
fn write(script: &mut Script, name: &str, buf: &[u8]) -> Option<io::Result<usize>> {
    let mut written = 0;
    while let Some((at, Action::Write(bytes))) = next_write(&mut script.actions) {
        let actual = &buf[written..];
        let len = bytes.len().min(actual.len());
        let actual = &actual[..len];
        let expected: VecDeque<u8> = bytes.drain(..len).collect();
        assert!(
            expected == actual,
            "{name}: expected `{}` to be written, but `{}` was",
            escape(&expected),
            actual.escape_ascii()
        );
        written += len;
        if !bytes.is_empty() {
            break;
        }
        script.actions.remove(at);
    }
    if written > 0 {
        return Some(Ok(written));
    }
    match script.actions.front() {
        Some(Action::WriteError(error)) => {
            let error = error.clone();
            script.actions.pop_front();
            Some(Err(unshare(error)))
        }
        None if !script.is_open => {
            panic!("{name}: nothing more was to be written, but `{}` was", buf.escape_ascii())
        }
        _ => None,
    }
}

/// The first action that isn't a read: reads may be played after it.
fn next_write(actions: &mut VecDeque<Action>) -> Option<(usize, &mut Action)> {
    let is_read = |action: &Action| matches!(action, Action::Read(_) | Action::ReadError(_));
    actions.iter_mut().enumerate().find(|(_, action)| !is_read(action))
}

/// Bytes, readable if they are text.
fn escape(bytes: &VecDeque<u8>) -> String {
    bytes.iter().map(|byte| byte.escape_ascii().to_string()).collect()
}
