//! A source folder held open by its descriptor: files are opened beneath it and nowhere else.
//!
//! `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS`: a symbolic link inside the folder is followed, one
//! that leads out of it is refused. Only regular files are opened, and never in a way that blocks.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};

/// A folder, kept open.
pub struct Root(OwnedFd);

impl Root {
    /// Opens the folder; later changes of its path do not matter.
    pub fn open(folder: &Path) -> io::Result<Root> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Root(rustix::fs::open(folder, flags, Mode::empty())?))
    }

    /// Opens a regular file beneath the folder for reading.
    pub fn file(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let descriptor = rustix::fs::openat2(&self.0, path, flags, Mode::empty(), resolve)?;
        let stat = rustix::fs::fstat(&descriptor)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Ok(File::from(descriptor)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }
}
