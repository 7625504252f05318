//! Landlock: which files the process may still read and write. <https://docs.kernel.org/userspace-api/landlock.html>

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};

use crate::sandbox::Needs;

/// The newest version of Landlock that is asked for; older kernels give what they have.
const NEWEST: ABI = ABI::V6;

/// Where the time zones are, which a reload may need.
const ZONES: [&str; 3] = ["/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone"];

/// Restricts this thread and those it will start. What comes of it is for the probe to find out.
pub(super) fn restrict(needs: &Needs) {
    let _found_out_by_the_probe = try_restrict(needs);
}

/// The same, and what the kernel says of it.
pub(super) fn try_restrict(needs: &Needs) -> Result<RestrictionStatus, RulesetError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let write =
        read | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::Refer;
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(&needs.read, read))?
        .add_rules(path_beneath_rules(ZONES, read))?
        .add_rules(path_beneath_rules(&needs.write, write))?
        .restrict_self()
}
