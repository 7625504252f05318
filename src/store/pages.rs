//! The bytes of a store, in a file or in memory: what snapshots hold on to and exchanges read from.
//!
//! A place that was given stays what it is for as long as somebody holds the pages: bytes are only ever appended, and a
//! store that is written again has other pages.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, RwLock, Weak};

use crate::site::Stored;
use crate::system;

/// A reading end of a store, kept by a snapshot for as long as it is in use.
#[derive(Clone)]
pub struct Pages {
    backing: Arc<Backing>,
    /// One for all clones; the store sees when the last of them is gone.
    lease: Arc<()>,
}

enum Backing {
    File(File),
    Memory(RwLock<Vec<u8>>),
}

impl Pages {
    /// Pages in memory.
    pub(super) fn memory() -> Pages {
        Pages::over(Arc::new(Backing::Memory(RwLock::new(Vec::new()))))
    }

    /// The reading end of a file of renderings.
    pub fn new(file: File) -> Pages {
        Pages::over(Arc::new(Backing::File(file)))
    }

    fn over(backing: Arc<Backing>) -> Pages {
        Pages { backing, lease: Arc::default() }
    }

    /// A reading end of the same pages, and what tells whether it is still in use.
    pub(super) fn let_out(&self) -> (Pages, Weak<()>) {
        let pages = Pages::over(Arc::clone(&self.backing));
        let lease = Arc::downgrade(&pages.lease);
        (pages, lease)
    }

    /// The bytes at a place, put into `into`, whose length is the place's or less.
    pub fn read(&self, place: Stored, into: &mut [u8]) -> io::Result<()> {
        self.read_at(place.offset, into)
    }

    /// Bytes from an offset on.
    pub fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        match &*self.backing {
            Backing::File(file) => file.read_exact_at(into, offset),
            Backing::Memory(bytes) => {
                let bytes = bytes.read().map_err(|_| io::Error::other("the store in memory is broken"))?;
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let piece = bytes.get(start..).and_then(|rest| rest.get(..into.len()));
                into.copy_from_slice(piece.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }

    /// Bytes from an offset on, if they can be had without waiting for a disk; whether they could.
    pub fn read_at_hand(&self, offset: u64, into: &mut [u8]) -> bool {
        match &*self.backing {
            Backing::File(file) => system::read_at_hand(file, offset, into),
            Backing::Memory(_) => self.read_at(offset, into).is_ok(),
        }
    }

    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match &*self.backing {
            Backing::File(file) => file.write_all_at(bytes, offset),
            Backing::Memory(memory) => {
                let mut memory = memory.write().map_err(|_| io::Error::other("the store in memory is broken"))?;
                memory.truncate(usize::try_from(offset).unwrap_or(usize::MAX));
                memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    pub(super) fn truncate(&self, length: u64) -> io::Result<()> {
        match &*self.backing {
            Backing::File(file) => file.set_len(length),
            Backing::Memory(memory) => {
                let mut memory = memory.write().map_err(|_| io::Error::other("the store in memory is broken"))?;
                memory.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                Ok(())
            }
        }
    }

    /// Gives the disk back what lies in a range, which nobody reads any more.
    pub(super) fn give_back(&self, range: &Range<u64>) -> io::Result<()> {
        match &*self.backing {
            Backing::File(file) => system::give_back(file, range),
            Backing::Memory(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Writes over what is there already.
    pub(super) fn mark(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match &*self.backing {
            Backing::File(file) => file.write_all_at(bytes, offset),
            Backing::Memory(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(super) fn length(&self) -> io::Result<u64> {
        match &*self.backing {
            Backing::File(file) => Ok(file.metadata()?.len()),
            Backing::Memory(memory) => Ok(memory.read().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}
