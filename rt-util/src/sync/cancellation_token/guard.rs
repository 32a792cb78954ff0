//! Guards that cancel a token when they are dropped.

use super::CancellationToken;

/// Cancels its token when it's dropped; made by [`CancellationToken::drop_guard`].
///
/// However a function ends, by return, by `?`, by a panic or by being cancelled, what it started stops.
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels its token at once"]
pub struct DropGuard {
    /// None once disarmed.
    token: Option<CancellationToken>,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// Gives the token back, without cancelling it.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// let guard = CancellationToken::new().drop_guard();
    /// let token = guard.disarm();
    /// assert!(!token.is_cancelled());
    /// ```
    pub fn disarm(mut self) -> CancellationToken {
        self.token.take().expect("only `disarm` takes the token, and it takes the guard as well")
    }

    /// The token.
    pub fn token(&self) -> &CancellationToken {
        self.token.as_ref().expect("only `disarm` takes the token, and it takes the guard as well")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

/// Cancels the token it borrows when it's dropped; made by [`CancellationToken::drop_guard_ref`].
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels its token at once"]
pub struct DropGuardRef<'a> {
    /// None once disarmed.
    token: Option<&'a CancellationToken>,
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// Gives the token back, without cancelling it.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// let token = CancellationToken::new();
    /// assert!(!token.drop_guard_ref().disarm().is_cancelled());
    /// ```
    pub fn disarm(mut self) -> &'a CancellationToken {
        self.token.take().expect("only `disarm` takes the token, and it takes the guard as well")
    }

    /// The token.
    pub fn token(&self) -> &CancellationToken {
        self.token.expect("only `disarm` takes the token, and it takes the guard as well")
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            token.cancel();
        }
    }
}
