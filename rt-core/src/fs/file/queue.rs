//! How a file is written to.
#![forbid(unsafe_code)]

use std::fs;
use std::io::{self, Seek, SeekFrom, Write};

use super::super::offload::failed;
use crate::io::write_queue::{Target, WriteQueue};

/// A file, and what it is to write.
pub(super) type Queue = WriteQueue<fs::File>;

impl Target for fs::File {
    fn write(&self, bytes: &[u8], ahead: u64) -> io::Result<()> {
        let mut file = self;
        if ahead > 0 {
            // A buffer's length fits.
            file.seek(SeekFrom::Current(-(ahead as i64)))?;
        }
        file.write_all(bytes)
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    fn kept_back() -> io::Error {
        failed()
    }
}
