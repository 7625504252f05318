//! What on this machine watches beside maquis, which does not: memory that reaches a disk, and other programs that
//! write things down. Everything is read beneath `root`, the system's own.

mod nginx;
mod programs;

use std::fs;
use std::path::Path;

use super::finding::{Finding, Section};
use super::unit::Unit;
use crate::sandbox::DUMPS;

pub(super) fn sections(root: &Path) -> Vec<Section> {
    vec![memory(root), programs::section(root), names(root)]
}

fn text(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_default()
}

/// Where memory could end on a disk.
fn memory(root: &Path) -> Section {
    let mut section = Section::new("memory");
    let pattern = text(root, "proc/sys/kernel/core_pattern");
    let dumps = match pattern.trim() {
        "" => "nobody knows where memory goes when a program crashes".to_owned(),
        program if program.starts_with('|') => {
            let name = program.trim_start_matches('|').split_whitespace().next().unwrap_or_default();
            format!("when a program crashes, {name} is given its memory")
        }
        file => format!("when a program crashes, its memory may be written to a file ({file})"),
    };
    section.add(Finding::Note(format!("{dumps}; maquis asks to be left out, and is ({DUMPS})")));
    let Ok(swaps) = fs::read_to_string(root.join("proc/swaps")) else {
        section.add(Finding::Note(
            "whether there is swap cannot be seen from here, for this system has no /proc/swaps: ask it yourself (swapctl -l, \
             swapinfo, sysctl vm.swapusage), and encrypt what there is"
                .into(),
        ));
        return section;
    };
    let devices: Vec<&str> = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    if devices.is_empty() {
        section.add(Finding::Good("no swap: memory stays memory".into()));
    }
    let is_kept_out = is_kept_out_of_swap(root);
    for device in devices {
        section.add(match Swap::of(root, device) {
            _ if is_kept_out => Finding::Good(format!("{device} is swap, and the unit keeps maquis out of it")),
            Swap::Memory => Finding::Good(format!("{device} is swap within memory")),
            Swap::Encrypted => Finding::Good(format!("{device} is swap, and encrypted")),
            Swap::Open => Finding::bad(
                format!("{device} is swap that is not encrypted: what readers ask for could reach the disk, and stay there"),
                "sudo swapoff -a, and remove its line from /etc/fstab; or encrypt it with a key of each start (crypttab: swap); \
                 or MemorySwapMax=0 in the unit",
            ),
        });
    }
    section
}

/// Whether the unit's MemorySwapMax=0 holds: as the kernel says while maquis runs, else as the unit does, where the kernel
/// can count memory.
fn is_kept_out_of_swap(root: &Path) -> bool {
    match text(root, "sys/fs/cgroup/system.slice/maquis.service/memory.swap.max").trim() {
        "" => {
            let counts = text(root, "sys/fs/cgroup/cgroup.controllers").split_whitespace().any(|name| name == "memory");
            counts && Unit::find(root).is_some_and(|unit| unit.value("MemorySwapMax") == "0")
        }
        most => most == "0",
    }
}

enum Swap {
    Memory,
    Encrypted,
    Open,
}

impl Swap {
    fn of(root: &Path, device: &str) -> Swap {
        let name = device.rsplit('/').next().unwrap_or(device);
        if name.starts_with("zram") {
            return Swap::Memory;
        }
        // /dev/mapper/x is a link to /dev/dm-N.
        let real = fs::canonicalize(root.join(device.trim_start_matches('/')));
        let name = real.ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned())).unwrap_or(name.to_owned());
        let uuid = text(root, &format!("sys/block/{name}/dm/uuid"));
        if uuid.starts_with("CRYPT-") { Swap::Encrypted } else { Swap::Open }
    }
}

/// Who is asked for names.
fn names(root: &Path) -> Section {
    let mut section = Section::new("name server");
    let resolv = text(root, "etc/resolv.conf");
    let servers: Vec<&str> =
        resolv.lines().filter_map(|line| line.strip_prefix("nameserver ")).map(str::trim).collect();
    let who = if servers.is_empty() { "nobody".to_owned() } else { servers.join(", ") };
    section.add(Finding::Note(format!(
        "this machine asks {who} for names; maquis asks for none while it serves, so no reader shows there"
    )));
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with these files.
    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn said(files: &[(&str, &str)]) -> String {
        let root = machine(files);
        let findings = sections(root.path()).into_iter().flat_map(|section| section.findings);
        let lines = findings.map(|finding| match finding {
            Finding::Good(text) => format!("good {text}\n"),
            Finding::Note(text) => format!("note {text}\n"),
            Finding::Bad { what, remedy } => format!("bad {what} → {remedy}\n"),
        });
        lines.collect()
    }

    const SWAPS: &str = "Filename Type Size Used Priority\n";

    #[test]
    fn swap_is_memory_encrypted_or_open() {
        assert!(said(&[("proc/swaps", SWAPS)]).contains("good no swap"));
        let zram = format!("{SWAPS}/dev/zram0 partition 1 0 100\n");
        assert!(said(&[("proc/swaps", &zram)]).contains("good /dev/zram0 is swap within memory"));
        let mapped = format!("{SWAPS}/dev/dm-1 partition 1 0 -2\n");
        let uuid = ("sys/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
        assert!(
            said(&[("proc/swaps", &mapped), uuid, ("dev/dm-1", "")]).contains("good /dev/dm-1 is swap, and encrypted")
        );
        assert!(
            said(&[("proc/swaps", &mapped), ("dev/dm-1", "")]).contains("bad /dev/dm-1 is swap that is not encrypted")
        );
        let file = format!("{SWAPS}/swapfile file 1 0 -2\n");
        assert!(said(&[("proc/swaps", &file)]).contains("bad /swapfile is swap that is not encrypted"));
    }

    #[test]
    fn what_another_system_does_not_show_is_not_called_good() {
        let said = said(&[]);
        assert!(said.contains("note whether there is swap cannot be seen from here"), "{said}");
        assert!(said.contains("note which programs run cannot be seen from here"), "{said}");
    }

    #[test]
    fn a_unit_that_is_kept_out_of_swap_needs_no_other_remedy() {
        let file = format!("{SWAPS}/swapfile file 1 0 -2\n");
        let swap = ("proc/swaps", file.as_str());
        let good = "good /swapfile is swap, and the unit keeps maquis out of it";
        let unit = ("usr/lib/systemd/system/maquis.service", "[Service]\nMemorySwapMax=0\n");
        let counted = ("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n");
        assert!(said(&[swap, unit, counted]).contains(good));
        assert!(said(&[swap, unit]).contains("bad /swapfile is swap"), "an old kernel does not count");
        let running = |most| ("sys/fs/cgroup/system.slice/maquis.service/memory.swap.max", most);
        assert!(said(&[swap, running("0\n")]).contains(good));
        assert!(said(&[swap, unit, counted, running("max\n")]).contains("bad /swapfile is swap"), "it is not in force");
    }

    #[test]
    fn a_firewall_that_is_off_writes_nothing() {
        let off = ("etc/ufw/ufw.conf", "# ENABLED=yes\nENABLED=no\nLOGLEVEL=medium\n");
        assert!(!said(&[off]).contains("ufw"));
    }

    #[test]
    fn dumps_are_told_with_who_gets_them() {
        let piped = ("proc/sys/kernel/core_pattern", "|/usr/share/apport/apport -p%p\n");
        assert!(said(&[piped]).contains("/usr/share/apport/apport is given its memory"));
        let file = ("proc/sys/kernel/core_pattern", "core\n");
        assert!(said(&[file]).contains("may be written to a file (core)"));
    }

    #[test]
    fn a_proxy_that_logs_is_named_with_the_remedy() {
        let nginx = ("proc/12/comm", "nginx\n");
        assert!(said(&[nginx]).contains("note nginx runs here, and passes nobody on to maquis"));
        let quiet = ("etc/nginx/nginx.conf", "stream { server { proxy_pass 127.0.0.1:1966; } }\n");
        let logs = ("etc/nginx/nginx.conf", "stream { access_log /x; server { proxy_pass 127.0.0.1:1966; } }\n");
        assert!(said(&[nginx, logs]).contains("bad nginx runs here and keeps a log"));
        assert!(said(&[nginx, quiet]).contains("note nginx runs here; where it passes readers on"));
        let haproxy = ("proc/13/comm", "haproxy\n");
        let logs = ("etc/haproxy/haproxy.cfg", "global\n  log /dev/log local0\n");
        assert!(said(&[haproxy, logs]).contains("bad haproxy runs here and keeps a log"));
        assert!(said(&[("proc/self/comm", "nginx\n"), ("proc/1/comm", "init\n")]).contains("good none that is known"));
    }

    #[test]
    fn what_else_writes_things_down_is_named() {
        let said = said(&[
            ("proc/1/comm", "rsyslogd\n"),
            ("proc/2/comm", "auditd\n"),
            ("var/log/journal/x", ""),
            ("etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=medium\n"),
            ("etc/resolv.conf", "# a comment\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n"),
        ]);
        for words in [
            "note a syslog daemon",
            "note auditd runs here",
            "note the journal is kept",
            "bad the firewall (ufw) writes down who connects (logging medium) → sudo ufw logging off",
            "asks 192.0.2.53, 2001:db8::53 for names",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
