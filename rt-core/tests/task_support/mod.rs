//! What becomes of tasks: panics that say nothing, and values that must stay on their thread.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

/// A panic that says nothing, so that thousands of them don't fill the screen.
pub(crate) fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("quiet"))
}

/// What a panic said.
pub(crate) fn message(result: thread::Result<()>) -> String {
    let payload = result.unwrap_err();
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast_ref::<&str>().unwrap().to_string(),
    }
}

/// Not to be dropped on another thread; counts its drops.
pub(crate) struct Stays(Rc<Cell<usize>>, thread::ThreadId);

impl Stays {
    pub(crate) fn new(drops: &Rc<Cell<usize>>) -> Self {
        Self(drops.clone(), thread::current().id())
    }
}

impl Drop for Stays {
    fn drop(&mut self) {
        assert_eq!(self.1, thread::current().id());
        self.0.set(self.0.get() + 1);
    }
}
