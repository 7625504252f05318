//! Opening beneath a folder where the kernel has no `openat2` (Linux before 5.6, a container that forbids it, every
//! other system): component by component, each opened without following a link, and links read and walked by ourselves.
//!
//! It keeps what `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS` promises: `..` goes back to the folder that was walked
//! through, whatever has been renamed since, and never above the first; what is absolute is refused. What was looked at
//! may have been exchanged by the time it is opened: as nothing is opened through a link, that is an error and no way out.

use std::collections::VecDeque;
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;

use crate::system::HANDLE;

/// As many links as the kernel follows.
const MOST_LINKS: usize = 40;

/// A folder on the way, and no link to one.
const FOLDER: OFlags = HANDLE.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Opens a path beneath a folder.
pub(super) fn open(root: BorrowedFd<'_>, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let mut ahead = components(path.as_bytes())?;
    let mut walked: Vec<OwnedFd> = Vec::new();
    let mut links = 0;
    while let Some(name) = ahead.pop_front() {
        if name.as_bytes() == b".." {
            walked.pop().ok_or(Errno::XDEV)?;
            continue;
        }
        let here = walked.last().map_or(root, AsFd::as_fd);
        match FileType::from_raw_mode(statat(here, &name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode) {
            FileType::Symlink => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::LOOP);
                }
                let target = readlinkat(here, &name, Vec::new())?;
                let mut onward = components(target.as_bytes())?;
                onward.append(&mut ahead);
                ahead = onward;
            }
            FileType::Directory => walked.push(openat(here, &name, FOLDER, Mode::empty())?),
            _ if ahead.is_empty() => {
                return openat(here, &name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
            }
            _ => return Err(Errno::NOTDIR),
        }
    }
    let folder = walked.last().map_or(root, AsFd::as_fd);
    openat(folder, c".", flags | OFlags::CLOEXEC, Mode::empty())
}

/// The names of a relative path; an absolute one leads out.
fn components(path: &[u8]) -> Result<VecDeque<CString>, Errno> {
    if path.first() == Some(&b'/') {
        return Err(Errno::XDEV);
    }
    let names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
    names.map(|name| CString::new(name).map_err(|_| Errno::INVAL)).collect()
}
