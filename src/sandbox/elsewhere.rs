//! The sandbox where there is none: no kernel but Linux's is asked to confine maquis. Its memory is kept from the disk;
//! all else stays open, is never said to hold, and is the operator's to decide.

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{Confinement, Needs, Rehearsal};

pub(super) const REMEDY: &str = "the kernel of this system does not confine maquis, only that of Linux does. To serve all the \
     same, write sandbox = \"off\" in the configuration, and run maquis as a user who can read nothing but the capsule, or \
     in a jail";

pub(super) const DUMPS: &str = "no core dumps";

/// A crash writes nothing of a reader's to disk; there is nothing else to enter, and nothing to try.
pub(super) fn enter(_: &Needs) -> Confinement {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _refused = setrlimit(Resource::Core, none);
    Confinement::NONE
}

/// Who reads only what is open would look for the fault on this machine.
pub(super) fn said(open: &str) -> String {
    format!("the kernel of this system does not confine maquis, only that of Linux does: {open}")
}

pub(super) fn rehearse(_: &Needs) -> Option<Rehearsal> {
    Some(Rehearsal {
        kernel: "the kernel of this system does not confine maquis, only that of Linux does".to_owned(),
        remedy: "sandbox = \"off\" serves all the same: then as a user who can read nothing but the capsule, or in a jail",
        confinement: Confinement::NONE,
    })
}
