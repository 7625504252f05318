//! The sandbox tried on a thread that ends: for `doctor`, which wants to know what would hold and must go on.
//!
//! Landlock and seccomp bind the thread that asks and those it starts, so the rest of the process stays as it is, but
//! for core dumps, which are off from then on.

use std::fmt;

use landlock::{LandlockStatus, RestrictionStatus};

use super::{calls, files, probe};
use crate::sandbox::{Needs, Rehearsal};

/// What the kernel has of Landlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Landlock {
    /// Not built in.
    Absent,
    /// Built in, and not in the `lsm=` list.
    Disabled,
    Version(u32),
}

impl fmt::Display for Landlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Landlock::Absent => f.write_str("the kernel has no Landlock"),
            Landlock::Disabled => f.write_str("the kernel has Landlock, and it is not switched on"),
            Landlock::Version(version) => {
                let what = match version {
                    0 | 1 => "reading, writing and making files",
                    2 => "files, moving them between folders included",
                    3 => "files, cutting them short included",
                    4 => "files, and TCP connections",
                    5 => "files, devices, and TCP connections",
                    _ => "files, devices, TCP connections, and signals to other programs",
                };
                write!(f, "Landlock {version}, which can confine {what}")
            }
        }
    }
}

impl Landlock {
    fn remedy(self) -> &'static str {
        match self {
            Landlock::Absent => {
                "a kernel from 5.13 on that has Landlock (Debian 12, Ubuntu 22.04, Fedora 35 and later)"
            }
            Landlock::Disabled => "add landlock to the lsm= list of the kernel's command line",
            Landlock::Version(_) => "see whether a container or a unit forbids the calls, as SystemCallFilter does",
        }
    }
}

/// What the kernel has, and what was tried and refused; nothing where no thread can be started.
pub(in crate::sandbox) fn rehearse(needs: &Needs) -> Option<Rehearsal> {
    std::thread::scope(|scope| {
        let rehearsal = std::thread::Builder::new().spawn_scoped(scope, || {
            let probe = probe::Probe::before(needs);
            calls::give_up_privileges();
            let landlock = files::try_restrict(needs).map_or(Landlock::Absent, landlock);
            calls::restrict();
            Rehearsal { kernel: landlock.to_string(), remedy: landlock.remedy(), confinement: probe.after() }
        });
        rehearsal.ok()?.join().ok()
    })
}

fn landlock(status: RestrictionStatus) -> Landlock {
    match status.landlock {
        LandlockStatus::NotEnabled => Landlock::Disabled,
        LandlockStatus::NotImplemented => Landlock::Absent,
        LandlockStatus::Available { effective_abi, kernel_abi } => {
            let known = effective_abi as u32;
            Landlock::Version(kernel_abi.and_then(|version| u32::try_from(version).ok()).unwrap_or(known))
        }
    }
}
