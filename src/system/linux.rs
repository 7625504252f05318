//! Linux: each of these is one of its system calls. Kernels without `openat2` (before 5.6) say so, and the way
//! component by component is taken; the man page of each call is its specification.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use rustix::fs::{CWD, FallocateFlags, Mode, OFlags, RenameFlags, ResolveFlags, fallocate, openat2, renameat_with};
use rustix::io::{Errno, ReadWriteFlags, preadv2};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with, sockopt};

use super::Patience;

/// Holds a folder to look beneath, without opening it for anything else: the right to search it is enough.
pub const HANDLE: OFlags = OFlags::PATH;

/// Opens a path beneath a folder: a link inside it is followed, one that leads out is refused.
pub fn open_beneath(folder: BorrowedFd<'_>, path: &str, flags: OFlags, patience: Patience) -> Result<OwnedFd, Errno> {
    let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let resolve = match patience {
        Patience::Wait => beneath,
        Patience::AtHand => beneath | ResolveFlags::CACHED,
    };
    openat2(folder, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
}

/// Fills the buffer from a file if the kernel has all of it in memory; whether it had.
pub fn read_at_hand(file: &File, offset: u64, into: &mut [u8]) -> bool {
    let len = into.len();
    preadv2(file, &mut [IoSliceMut::new(into)], offset, ReadWriteFlags::NOWAIT) == Ok(len)
}

/// Gives the disk back a range of a file, which keeps its size.
pub fn give_back(file: &File, range: &Range<u64>) -> io::Result<()> {
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    Ok(fallocate(file, flags, range.start, range.end - range.start)?)
}

/// Exchanges the names of two files or folders, in one step.
pub fn exchange(one: &Path, other: &Path) -> Result<(), Errno> {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
}

/// Hands some of a file to a socket, without a copy of it; `at` is where it begins, and then where it ended.
pub fn send_file(socket: impl AsFd, file: &File, at: &mut u64, count: usize) -> io::Result<usize> {
    Ok(rustix::fs::sendfile(socket, file, Some(at), count)?)
}

/// A name in the kernel's own space, where service managers may listen.
pub fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(name)
}

/// A stream socket that never blocks and that no program inherits.
pub fn stream_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
}

/// Whether connections can be accepted on a socket that somebody else has made.
pub fn listens(socket: BorrowedFd<'_>) -> Result<bool, Errno> {
    sockopt::socket_acceptconn(socket)
}
