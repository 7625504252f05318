//! What each kernel does in its own way, behind functions that every system has: `linux` asks its kernel, `elsewhere`
//! does the same with what POSIX has, or says that it cannot be done.
//!
//! Beside every layer that does IO, above none. The choice is made here; the sandbox makes its own, in the same way.
//! With `--cfg maquis_elsewhere` (see `.ci/elsewhere`) Linux is taken for another system, so that both are tested.

#[cfg(any(not(target_os = "linux"), maquis_elsewhere))]
mod elsewhere;
#[cfg(all(target_os = "linux", not(maquis_elsewhere)))]
mod linux;
#[cfg(any(not(any(target_os = "linux", target_os = "freebsd", target_os = "openbsd")), maquis_elsewhere))]
mod no_users;
#[cfg(all(any(target_os = "linux", target_os = "freebsd", target_os = "openbsd"), not(maquis_elsewhere)))]
mod users;

#[cfg(any(not(target_os = "linux"), maquis_elsewhere))]
pub use elsewhere::*;
#[cfg(all(target_os = "linux", not(maquis_elsewhere)))]
pub use linux::*;
#[cfg(any(not(any(target_os = "linux", target_os = "freebsd", target_os = "openbsd")), maquis_elsewhere))]
pub use no_users::become_user;
#[cfg(all(any(target_os = "linux", target_os = "freebsd", target_os = "openbsd"), not(maquis_elsewhere)))]
pub use users::become_user;

/// Connections the kernel keeps for us in a burst; a short queue costs the unlucky ones seconds.
pub const BACKLOG: i32 = 4096;

/// Whether a way may lead over a disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    Wait,
    /// Only what the kernel has in memory; else the error is `EAGAIN`.
    AtHand,
}
