//! A source folder held open by its descriptor: files are opened beneath it and nowhere else.
//!
//! `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS`: a symbolic link inside the folder is followed, one
//! that leads out of it is refused. Where the kernel has no `openat2`, `beneath` does the same. Only regular files are
//! opened, and never in a way that blocks.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::beneath;
use crate::content::source::Stamp;
use crate::system::{HANDLE, Patience, open_beneath};

/// How files are opened: never in a way that blocks.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// A folder, kept open.
pub struct Root {
    folder: OwnedFd,
    way: Way,
}

/// How paths beneath it are opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `openat2`, by the kernel.
    AtOnce,
    /// Where the kernel has no `openat2`.
    ByComponent,
}

impl Root {
    /// Opens the folder; later changes of its path do not matter.
    pub fn open(folder: &Path) -> io::Result<Root> {
        let flags = HANDLE | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(folder, flags, Mode::empty())?;
        // Containers that do not know the call forbid it.
        let way = match open_beneath(folder.as_fd(), ".", flags, Patience::Wait) {
            Err(Errno::NOSYS | Errno::PERM) => Way::ByComponent,
            Ok(_) | Err(_) => Way::AtOnce,
        };
        Ok(Root { folder, way })
    }

    /// Whether the folder now at this path is another one: a deployment may have swapped it.
    pub fn was_replaced(&self, folder: &Path) -> bool {
        let here = rustix::fs::fstat(&self.folder);
        match (here, rustix::fs::stat(folder)) {
            (Ok(here), Ok(there)) => (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino),
            // It is being swapped, or is gone: what we hold is still whole.
            _ => false,
        }
    }

    /// Opens a regular file beneath the folder for reading.
    pub fn file(&self, path: &str) -> io::Result<File> {
        regular(self.beneath(path, FILE, Patience::Wait)?)
    }

    /// The same, if it can be done without waiting for a disk: else the error is [`io::ErrorKind::WouldBlock`].
    pub fn file_at_hand(&self, path: &str) -> io::Result<File> {
        regular(self.beneath(path, FILE, Patience::AtHand)?)
    }

    /// Opens a folder beneath this one; an empty path is the folder itself.
    pub fn folder(&self, path: &str) -> io::Result<OwnedFd> {
        self.beneath(if path.is_empty() { "." } else { path }, OFlags::RDONLY | OFlags::DIRECTORY, Patience::Wait)
    }

    /// The bytes of a file, of which at most `limit` are read: one more byte than that tells that it is larger.
    pub fn read(&self, path: &str, limit: usize) -> io::Result<Vec<u8>> {
        self.read_stamped(path, limit).map(|(bytes, _)| bytes)
    }

    /// The bytes of a file and the state they are of, as [`Root::read`] gives them.
    pub fn read_stamped(&self, path: &str, limit: usize) -> io::Result<(Vec<u8>, Stamp)> {
        let file = self.file(path)?;
        let stamp = stamp(&rustix::fs::fstat(&file)?);
        let expected = usize::try_from(stamp.size).unwrap_or(limit).min(limit);
        let mut bytes = Vec::with_capacity(expected + 1);
        file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        Ok((bytes, stamp))
    }

    fn beneath(&self, path: &str, flags: OFlags, patience: Patience) -> io::Result<OwnedFd> {
        match self.way {
            Way::AtOnce => self.at_once(path, flags, patience),
            // Nobody can tell whether that waits for a disk.
            Way::ByComponent if patience == Patience::AtHand => Err(io::ErrorKind::WouldBlock.into()),
            Way::ByComponent => Ok(beneath::open(self.folder.as_fd(), path, flags)?),
        }
    }

    fn at_once(&self, path: &str, flags: OFlags, patience: Patience) -> io::Result<OwnedFd> {
        loop {
            match open_beneath(self.folder.as_fd(), path, flags, patience) {
                // The kernel gives up when a folder on the way is being renamed: ask again.
                Err(Errno::AGAIN) if patience == Patience::Wait => {}
                Err(Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }
}

/// What tells one state of a file from another.
pub(super) fn stamp(stat: &Stat) -> Stamp {
    let modified = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
    Stamp { size: stat.st_size.unsigned_abs(), modified, inode: stat.st_ino }
}

/// The state an open file is in now.
pub fn stamp_of(file: &File) -> io::Result<Stamp> {
    Ok(stamp(&rustix::fs::fstat(file)?))
}

fn regular(descriptor: OwnedFd) -> io::Result<File> {
    let stat = rustix::fs::fstat(&descriptor)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(File::from(descriptor)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

impl AsFd for Root {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }
}
