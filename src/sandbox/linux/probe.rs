//! Trying the sandbox out: what could be done before must fail after.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::execve;
use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketType};

use crate::sandbox::{Confinement, Held, Needs};

/// Files that nearly every system lets anybody read.
const READABLE: [&str; 4] = ["/etc/passwd", "/etc/hostname", "/usr/lib/os-release", "/proc/version"];
/// Folders that nearly every system lets anybody write.
const WRITABLE: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/run"];

/// What was possible before the sandbox, and is none of its needs.
pub(super) struct Probe {
    read: Option<PathBuf>,
    write: Option<PathBuf>,
}

impl Probe {
    /// Finds a file that can be read and a folder that can be written.
    pub(super) fn before(needs: &Needs) -> Probe {
        let all = || needs.read.iter().chain(&needs.write);
        let outside = |path: &&str| !all().any(|needed| Path::new(path).starts_with(needed));
        let find = |paths: [&'static str; 4], possible: fn(&Path) -> bool| {
            paths.into_iter().filter(outside).map(PathBuf::from).find(|path| possible(path))
        };
        Probe { read: find(READABLE, can_read), write: find(WRITABLE, can_write) }
    }

    /// Tries again. Where there was nothing to try, nothing was open.
    pub(super) fn after(&self) -> Confinement {
        let held = |possible: bool| if possible { Held::No } else { Held::Yes };
        Confinement {
            reads: held(self.read.as_deref().is_some_and(can_read)),
            writes: held(self.write.as_deref().is_some_and(can_write)),
            programs: held(!program_is_refused()),
            sockets: held(rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).is_ok()),
        }
    }
}

fn can_read(path: &Path) -> bool {
    File::open(path).is_ok()
}

/// Makes a file without a name, which leaves nothing behind.
fn can_write(folder: &Path) -> bool {
    let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
    rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).is_ok()
}

/// A program that does not exist is refused before the kernel looks for it.
fn program_is_refused() -> bool {
    execve::<&std::ffi::CStr, &std::ffi::CStr>(c"/nonexistent/maquis-probe", &[], &[]) == Err(Errno::EPERM)
}
