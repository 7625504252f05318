//! A socket in the file system: for Tor, I2P, or another program of this machine that hands readers on.
//!
//! unix(7): the file is made by bind(2), and stays when the program is gone. One that nobody answers on is therefore
//! removed and made anew; whatever else stands there is somebody's. Who may come to it is decided by its folder.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix};

use super::BindError;
use crate::server::endpoint::Endpoint;
use crate::system::{BACKLOG, stream_socket};

/// Everybody whom the folder lets through may write, as a connection does; nobody may execute what is no program.
const NOT_FOR_ANYBODY: Mode = Mode::from_raw_mode(0o111);

/// Listens on a path.
pub(super) fn bind(path: &Path) -> Result<UnixListener, BindError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let other = |errno: Errno| match errno {
        Errno::NOENT | Errno::NOTDIR => BindError::NoFolder { folder: folder.to_owned() },
        Errno::ACCESS | Errno::PERM | Errno::ROFS => BindError::Forbidden { folder: folder.to_owned() },
        errno => failed(path, errno.into()),
    };
    // Of two instances that start at once, the second sees the socket of the first when that listens.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let locked = rustix::fs::open(folder, flags, Mode::empty()).map_err(other)?;
    match rustix::fs::flock(&locked, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(BindError::Answered { path: path.to_owned() }),
        Err(errno) => return Err(other(errno)),
    }
    make_room(path)?;
    open(path).map_err(other)
}

/// Removes what an earlier run has left.
fn make_room(path: &Path) -> Result<(), BindError> {
    let is_socket = match path.symlink_metadata() {
        Ok(metadata) => metadata.file_type().is_socket(),
        // What is wrong with the folder is said when the socket is made.
        Err(_) => return Ok(()),
    };
    if !is_socket {
        return Err(BindError::Occupied { path: path.to_owned() });
    }
    match knock(path) {
        Err(Errno::CONNREFUSED) => std::fs::remove_file(path).map_err(|error| failed(path, error)),
        Err(Errno::NOENT) => Ok(()),
        // Answered, or too busy to be.
        Ok(()) | Err(Errno::AGAIN) => Err(BindError::Answered { path: path.to_owned() }),
        Err(errno) => Err(failed(path, errno.into())),
    }
}

/// Whether anybody listens.
fn knock(path: &Path) -> Result<(), Errno> {
    rustix::net::connect(&stream_socket(AddressFamily::UNIX)?, &SocketAddrUnix::new(path)?)
}

fn open(path: &Path) -> Result<UnixListener, Errno> {
    let (socket, address) = (stream_socket(AddressFamily::UNIX)?, SocketAddrUnix::new(path)?);
    // The mode is given with the file: changed afterwards, it could be another file's by then. There is one thread.
    let before = rustix::process::umask(NOT_FOR_ANYBODY);
    let bound = rustix::net::bind(&socket, &address);
    rustix::process::umask(before);
    bound?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(UnixListener::from(socket))
}

fn failed(path: &Path, source: io::Error) -> BindError {
    BindError::Other { endpoint: Endpoint::Unix(path.to_owned()), source }
}
