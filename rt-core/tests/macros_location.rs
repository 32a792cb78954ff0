#![cfg(feature = "macros")]
//! Where the panics of the macros seem to come from. Alone in its file, as it sets the panic hook.

use std::future::ready;
use std::panic::{self, catch_unwind};
use std::sync::Mutex;

use futures::executor::block_on;

#[test]
fn a_select_without_branches_left_panics_where_it_is_written() {
    static LOCATION: Mutex<Option<(String, u32)>> = Mutex::new(None);
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(|location| (location.file().to_owned(), location.line()));
        *LOCATION.lock().unwrap() = location;
    }));
    let line = line!() + 3;
    let result = catch_unwind(|| {
        block_on(async {
            rt_core::select! {
                Some(()) = ready(None) => {}
            }
        });
    });
    let _ = panic::take_hook();
    assert!(result.is_err());
    assert_eq!(LOCATION.lock().unwrap().take(), Some((file!().to_owned(), line)));
}
