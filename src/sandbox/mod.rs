//! The sandbox: after sockets, keys and folders are open, and before any thread starts, the process gives up
//! all it will not need.
//!
//! On Linux: no new privileges and no capabilities; Landlock lets it read the sources, the folders of configuration and
//! keys and the time zones, and write the page store's folder; seccomp takes new sockets, programs, mounts and
//! the like away. What holds is then tried out, never concluded from a return code. Landlock binds the calling
//! thread and those it starts, so nothing before [`enter`] may start one. No other kernel confines maquis, and that is
//! said: see `elsewhere`.

#[cfg(any(not(target_os = "linux"), maquis_elsewhere))]
mod elsewhere;
#[cfg(all(target_os = "linux", not(maquis_elsewhere)))]
mod linux;

#[cfg(any(not(target_os = "linux"), maquis_elsewhere))]
use elsewhere as kernel;
#[cfg(all(target_os = "linux", not(maquis_elsewhere)))]
use linux as kernel;

use std::path::PathBuf;

/// What to do where the kernel confines less than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Do not serve where reads, writes or programs are not confined.
    Require,
    /// Confine what can be, and say what cannot.
    Prefer,
    Off,
}

/// What the process will still need.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Folders and files to read.
    pub read: Vec<PathBuf>,
    /// Folders to read and write.
    pub write: Vec<PathBuf>,
}

/// What was tried and is refused by the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// Files outside the needs cannot be read.
    pub reads: Held,
    /// Nor written.
    pub writes: Held,
    /// No program can be started.
    pub programs: Held,
    /// No socket can be made.
    pub sockets: Held,
}

/// Whether a confinement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Yes,
    No,
}

/// Why the process must not serve.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox does not hold: {what}; {}", kernel::REMEDY)]
pub struct SandboxError {
    what: String,
}

impl Confinement {
    const NONE: Confinement = Confinement { reads: Held::No, writes: Held::No, programs: Held::No, sockets: Held::No };

    /// What is open, in words; empty where all holds.
    pub fn open(&self) -> Vec<&'static str> {
        let all = [
            (self.reads, "other files can be read"),
            (self.writes, "other files can be written"),
            (self.programs, "programs can be started"),
            (self.sockets, "sockets can be made"),
        ];
        all.into_iter().filter(|(held, _)| *held == Held::No).map(|(_, words)| words).collect()
    }

    /// The same as a sentence for the operator, who may be on a system where nothing else can be expected.
    pub fn said(&self) -> String {
        kernel::said(&self.open().join(", "))
    }
}

/// Enters the sandbox, and tries it.
pub fn enter(policy: Policy, needs: &Needs) -> Result<Confinement, SandboxError> {
    match policy {
        Policy::Off => return Ok(Confinement::NONE),
        Policy::Require | Policy::Prefer => {}
    }
    let confinement = kernel::enter(needs);
    let needed = [confinement.reads, confinement.writes, confinement.programs];
    if policy == Policy::Require && needed.contains(&Held::No) {
        return Err(SandboxError { what: confinement.open().join(", ") });
    }
    Ok(confinement)
}

/// What would hold, tried without giving anything up: for `doctor`, which must go on.
pub struct Rehearsal {
    /// What this kernel can confine, in words.
    pub kernel: String,
    /// What to do where that is too little.
    pub remedy: &'static str,
    pub confinement: Confinement,
}

/// Tries the sandbox out; nothing where no thread can be started.
pub fn rehearse(needs: &Needs) -> Option<Rehearsal> {
    kernel::rehearse(needs)
}

/// What a crash leaves of this process, once it serves, in words.
pub const DUMPS: &str = kernel::DUMPS;
