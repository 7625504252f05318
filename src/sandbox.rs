//! The sandbox's place in the start-up: after sockets, keys and folders are open, before any thread starts.
//!
//! Nothing is confined yet: Landlock and seccomp come with their own release. What must already hold is the
//! order, because Landlock binds the calling thread and those it starts: nothing before [`enter`] starts one.

/// How far this process is confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// By nothing but its user's rights.
    None,
}

/// Enters the sandbox.
pub fn enter() -> Confinement {
    Confinement::None
}
