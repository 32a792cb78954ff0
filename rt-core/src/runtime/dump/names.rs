//! The names of functions, each looked up once for all tasks of a dump.
#![forbid(unsafe_code)]

use std::collections::HashMap;

use super::backtrace::BacktraceSymbol;
use crate::shim::sync::{Arc, Mutex};

/// The functions at an address: several when some are inlined into the last.
pub(super) type Symbols = Arc<[BacktraceSymbol]>;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<usize, Symbols>>);

impl Names {
    /// The functions at `ip`, an address behind a call.
    pub(super) fn at(&self, ip: usize) -> Symbols {
        if let Some(known) = self.0.lock().get(&ip) {
            return known.clone();
        }
        // Two that look for the same at once find the same.
        let mut symbols = Vec::new();
        backtrace::resolve(std::ptr::without_provenance_mut(ip), |symbol| {
            symbols.push(BacktraceSymbol::new(symbol));
        });
        let symbols = Symbols::from(symbols);
        self.0.lock().insert(ip, symbols.clone());
        symbols
    }
}
