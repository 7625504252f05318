//! What is taken away for good: privileges, and the system calls that a server of files never makes.
//!
//! A list of what is denied, not of what is allowed: it holds on kernels and C libraries that nobody has tried
//! yet, and Landlock stands beside it. A denied call fails with `EPERM`.

use std::collections::BTreeMap;

use libc::c_long;
use nix::sys::resource::{Resource, setrlimit};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

/// New sockets, programs, other processes, mounts, the kernel itself, its clock, and the large doors for
/// attackers (io_uring, bpf, userfaultfd). `socketpair` stays: the runtime's signals come through one.
const DENIED: [c_long; 71] = [
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kcmp,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    libc::SYS_personality,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    // Landlock has no right for these.
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_utimensat,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_open_by_handle_at,
];

/// On x86-64 every call has a second number, of the x32 interface.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

/// No privilege comes back, none is left, and a crash writes nothing of a reader's to disk. Each step may be
/// impossible for this user or kernel; the probe finds out what matters.
pub(super) fn give_up_privileges() {
    let _refused = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let _refused = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _refused = set_no_new_privs(true);
    let _refused = clear_ambient_capability_set();
    for capability in CapabilitySet::all().iter() {
        let _refused = remove_capability_from_bounding_set(capability);
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    let _refused = set_capabilities(None, none);
}

/// Denies the calls to this thread and those it will start.
pub(super) fn restrict() {
    let _found_out_by_the_probe = try_restrict();
}

fn try_restrict() -> Result<(), seccompiler::Error> {
    let architecture: TargetArch = std::env::consts::ARCH.try_into()?;
    let deny = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let rules: BTreeMap<i64, _> = numbers().map(|number| (number, Vec::new())).collect();
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, deny, architecture)?.try_into()?;
    apply_filter(&filter)
}

/// The older forms of some of them, which newer machines do not have.
#[cfg(target_arch = "x86_64")]
const OLDER: [c_long; 6] =
    [libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown, libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat];

#[cfg(target_arch = "x86_64")]
fn numbers() -> impl Iterator<Item = i64> {
    DENIED.iter().chain(&OLDER).flat_map(|number| [*number, *number | X32])
}

#[cfg(not(target_arch = "x86_64"))]
fn numbers() -> impl Iterator<Item = i64> {
    DENIED.iter().copied()
}
