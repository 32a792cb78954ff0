//! Stacks with names.
#![forbid(unsafe_code)]

use std::ffi::c_void;
use std::path::{Path, PathBuf};

use super::names::{Names, Symbols};
use crate::base::stack::{Frame, Stack};

/// A stack, from the inside out.
#[derive(Debug, Clone)]
pub struct Backtrace {
    frames: Box<[BacktraceFrame]>,
}

impl Backtrace {
    /// Finds the names, which reads the program's debug information and takes its time.
    pub(super) fn resolve(stack: &Stack, names: &Names) -> Self {
        Self { frames: stack.iter().map(|frame| BacktraceFrame::resolve(frame, names)).collect() }
    }

    /// The frames, from the inside out.
    pub fn frames(&self) -> impl Iterator<Item = &BacktraceFrame> {
        self.frames.iter()
    }
}

/// A function that was under way.
#[derive(Debug, Clone)]
pub struct BacktraceFrame {
    ip: usize,
    symbol_address: usize,
    symbols: Symbols,
}

impl BacktraceFrame {
    fn resolve(frame: &Frame, names: &Names) -> Self {
        Self { ip: frame.ip, symbol_address: frame.function, symbols: names.at(frame.ip) }
    }

    /// Where in the program it was.
    pub fn ip(&self) -> *mut c_void {
        std::ptr::without_provenance_mut(self.ip)
    }

    /// Where the function begins.
    pub fn symbol_address(&self) -> *mut c_void {
        std::ptr::without_provenance_mut(self.symbol_address)
    }

    /// The function, and before it those that were inlined into it. Empty when the program doesn't tell.
    pub fn symbols(&self) -> impl Iterator<Item = &BacktraceSymbol> {
        self.symbols.iter()
    }
}

/// A function, as the program's debug information names it.
#[derive(Debug, Clone)]
pub struct BacktraceSymbol {
    name: Option<Box<[u8]>>,
    demangled: Option<Box<str>>,
    addr: Option<usize>,
    filename: Option<PathBuf>,
    lineno: Option<u32>,
    colno: Option<u32>,
}

impl BacktraceSymbol {
    pub(super) fn new(symbol: &backtrace::Symbol) -> Self {
        let name = symbol.name();
        Self {
            name: name.as_ref().map(|name| name.as_bytes().into()),
            demangled: name.map(|name| format!("{name:#}").into()),
            addr: symbol.addr().map(|addr| addr.addr()),
            filename: symbol.filename().map(Path::to_owned),
            lineno: symbol.lineno(),
            colno: symbol.colno(),
        }
    }

    /// The name as the linker knows it.
    pub fn name_raw(&self) -> Option<&[u8]> {
        self.name.as_deref()
    }

    /// The name as it is in the source, without its hash.
    pub fn name_demangled(&self) -> Option<&str> {
        self.demangled.as_deref()
    }

    /// Where it begins.
    pub fn addr(&self) -> Option<*mut c_void> {
        self.addr.map(std::ptr::without_provenance_mut)
    }

    /// The file that it is in.
    pub fn filename(&self) -> Option<&Path> {
        self.filename.as_deref()
    }

    /// The line of the call, from 1.
    pub fn lineno(&self) -> Option<u32> {
        self.lineno
    }

    /// The column of the call, from 1.
    pub fn colno(&self) -> Option<u32> {
        self.colno
    }
}
