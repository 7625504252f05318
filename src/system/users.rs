//! Becoming another user, where all three of a process's users can be set at once: setresuid(2).

use nix::errno::Errno;
use nix::unistd::{Uid, User, initgroups, setresgid, setresuid};

/// The whole process becomes that user, for good. Groups first: afterwards nobody would let us. Real, effective and
/// saved: there is no way back.
pub fn become_user(user: &User) -> Result<(), Errno> {
    let name = std::ffi::CString::new(user.name.as_str()).map_err(|_| Errno::EINVAL)?;
    initgroups(&name, user.gid)?;
    setresgid(user.gid, user.gid, user.gid)?;
    setresuid(user.uid, user.uid, user.uid)?;
    match setresuid(Uid::from_raw(0), Uid::from_raw(0), Uid::from_raw(0)) {
        // The one good end of it.
        Err(Errno::EPERM) => Ok(()),
        Ok(()) | Err(_) => Err(Errno::EINVAL),
    }
}
