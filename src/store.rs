//! The page store.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::site::Stored;

/// A reading end of the store file.
#[derive(Clone)]
pub struct Pages(Arc<File>);

impl Pages {
    /// The reading end of a file of renderings.
    pub fn new(file: Arc<File>) -> Pages {
        Pages(file)
    }

    /// The bytes at a place, put into `into` (`into.len()` is the place's length).
    pub fn read(&self, place: Stored, into: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(into, place.offset)
    }
}
