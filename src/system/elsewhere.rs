//! Systems other than Linux: the same with what POSIX has. What cannot be had is said to be missing, as an older Linux
//! says it, and the callers go the way they have for that: files beneath a folder component by component, a store that
//! is written again instead of given back in part, two steps instead of an exchange.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketType};

use super::{BACKLOG, Patience};

/// Holds a folder to look beneath; it must be one that may be read.
pub const HANDLE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK);

/// What is copied to a socket at once.
const STEP_BYTES: usize = 64 * 1024;

/// No kernel that is known opens a path beneath a folder in one step as Linux does.
pub fn open_beneath(_: BorrowedFd<'_>, _: &str, _: OFlags, _: Patience) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

/// Nobody can tell whether reading would wait for a disk.
pub fn read_at_hand(_: &File, _: u64, _: &mut [u8]) -> bool {
    false
}

/// There is no one call for it: the store is written again as a whole instead.
pub fn give_back(_: &File, _: &Range<u64>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Two names cannot be exchanged in one step.
pub fn exchange(_: &Path, _: &Path) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

/// Copies some of a file to a socket; `at` is where it begins, and then where it ended.
pub fn send_file(socket: impl AsFd, file: &File, at: &mut u64, count: usize) -> io::Result<usize> {
    let mut bytes = vec![0; count.min(STEP_BYTES)];
    let read = file.read_at(&mut bytes, *at)?;
    let sent = rustix::io::write(socket, &bytes[..read])?;
    *at += sent as u64;
    Ok(sent)
}

/// Only Linux has names outside the file system.
pub fn abstract_address(_: &[u8]) -> io::Result<SocketAddr> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux has abstract names"))
}

/// A stream socket that never blocks and that no program inherits: there is one thread, and none is started between.
pub fn stream_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// Whether connections can be accepted on a socket that somebody else has made. Not every kernel can say it: one that
/// listens may be told so again, and one that is connected may not.
pub fn listens(socket: BorrowedFd<'_>) -> Result<bool, Errno> {
    Ok(rustix::net::listen(socket, BACKLOG).is_ok())
}
