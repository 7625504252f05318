//! Becoming another user, where no safe call sets the groups or all three of a process's users (macOS, NetBSD): it is
//! not done by halves, and who starts maquis as root is told to start it as that user.

use nix::errno::Errno;
use nix::unistd::User;

/// It cannot be done: `ENOSYS`.
pub fn become_user(_: &User) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}
