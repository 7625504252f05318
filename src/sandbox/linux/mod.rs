//! The sandbox of Linux: privileges are given up, then files are confined by Landlock and calls by seccomp, and then it
//! is tried what of that holds.

mod calls;
mod files;
mod probe;
mod rehearsal;

pub(super) use rehearsal::rehearse;

use super::{Confinement, Needs};

/// What makes it hold.
pub(super) const REMEDY: &str = "maquis needs Linux 5.13 or later with Landlock in its `lsm=` list, and no container or unit \
     that forbids the calls (maquis doctor tells which). To serve all the same, set sandbox = \"prefer\" in the configuration";

pub(super) const DUMPS: &str = "no core dumps, not dumpable";

/// Enters it, and tries it.
pub(super) fn enter(needs: &Needs) -> Confinement {
    let probe = probe::Probe::before(needs);
    calls::give_up_privileges();
    files::restrict(needs);
    calls::restrict();
    probe.after()
}

/// What is open says itself what is missing.
pub(super) fn said(open: &str) -> String {
    open.to_owned()
}
