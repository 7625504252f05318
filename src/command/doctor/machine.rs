//! The machine: what the kernel confines, what it allows, and what a service manager hides.

use std::net::TcpListener;
use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::finding::{Finding, Section};
use super::unit::Unit;
use crate::command::Asked;
use crate::config::{Settings, Surroundings};
use crate::sandbox::{Needs, Policy, rehearse};
use crate::server::endpoint::Endpoint;

pub(super) fn sandbox(settings: &Settings, asked: &Asked, around: &Surroundings) -> Section {
    let mut section = Section::new("sandbox");
    let mut read: Vec<_> = settings.capsules.iter().map(|capsule| capsule.source.clone()).collect();
    read.push(settings.gemini.certificates.clone());
    read.extend(asked.config_folder());
    let needs = Needs { read, write: around.state.iter().cloned().collect() };
    let Some(tried) = rehearse(&needs) else { return section };
    let (kernel, remedy, open) = (tried.kernel, tried.remedy, tried.confinement.open().join(", "));
    match settings.sandbox {
        Policy::Off => section.add(Finding::Note("sandbox = \"off\": nothing is confined".into())),
        Policy::Require | Policy::Prefer if open.is_empty() => {
            section.add(Finding::Good(format!("it was tried and holds: {kernel}")));
        }
        Policy::Require => section.add(Finding::bad(format!("{kernel}; open: {open}; maquis will not start"), remedy)),
        Policy::Prefer => section.add(Finding::Note(format!("{kernel}; open: {open}; for more: {remedy}"))),
    }
    section
}

/// A store needs room for the pages, and more for the old beside the new.
const ROOM: u64 = 64 * 1024 * 1024;

pub(super) fn resources(settings: &Settings, around: &Surroundings) -> Section {
    let mut section = Section::new("machine");
    let most = getrlimit(Resource::Nofile).maximum;
    let wanted = settings.limits.connections as u64;
    match most.map(|most| most / 4) {
        Some(connections) if connections < wanted => section.add(Finding::Note(format!(
            "{connections} connections at once, not {wanted}: the limit of open files is {}; in a unit, LimitNOFILE={}",
            most.unwrap_or_default(),
            wanted * 4
        ))),
        Some(_) | None => section.add(Finding::Good(format!("open files suffice for {wanted} connections at once"))),
    }
    let wants_v6 = settings.gemini.listen.endpoints().iter().filter_map(Endpoint::net).any(|address| address.is_ipv6());
    match TcpListener::bind("[::1]:0") {
        Ok(_) => section.add(Finding::Good("IPv6 is there".into())),
        Err(_) if wants_v6 => section.add(Finding::Note("no IPv6: only readers with IPv4 can come".into())),
        Err(_) => {}
    }
    match &around.state {
        None => section.add(Finding::bad(
            "no folder to keep key pairs and pages in",
            "set STATE_DIRECTORY, XDG_STATE_HOME or HOME; a unit does with StateDirectory=maquis",
        )),
        Some(folder) => section.add(room(folder)),
    }
    section
}

/// The state folder, or what is there of the way to it.
fn room(folder: &Path) -> Finding {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let shown = folder.display();
    if there != folder && folder.starts_with("/var/lib") {
        return Finding::Note(format!(
            "{shown} is not there yet: systemd makes it at the first start (StateDirectory)"
        ));
    }
    if rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_err() {
        return Finding::Note(format!(
            "{shown} cannot be written by you: as the user who serves, for instance: sudo -u maquis maquis doctor"
        ));
    }
    let free = rustix::fs::statvfs(there).map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize));
    match free {
        Ok(free) if free < ROOM => Finding::bad(
            format!("{shown}: {} MiB are free on its disk", free / (1024 * 1024)),
            "make room: pages are kept there, and a change that cannot be written is not published",
        ),
        Ok(_) | Err(_) => Finding::Good(format!("{shown} can be written, and has room")),
    }
}

pub(super) fn service(settings: &Settings, unit: Option<&Unit>) -> Section {
    let mut section = Section::new("service");
    let Some(unit) = unit else { return section };
    let user = Some(unit.value("User")).filter(|user| !user.is_empty()).unwrap_or("root");
    section.add(Finding::Good(format!("systemd starts it as {user}")));
    let home = unit.value("ProtectHome");
    let hides = matches!(home, "yes" | "true" | "on" | "1" | "tmpfs");
    let in_home = |path: &Path| ["/home", "/root", "/run/user"].iter().any(|home| path.starts_with(home));
    let folders = settings.capsules.iter().map(|capsule| &capsule.source).chain([&settings.gemini.certificates]);
    for folder in folders.filter(|folder| hides && in_home(folder)) {
        section.add(Finding::bad(
            format!("systemd hides {} from the service (ProtectHome={home})", folder.display()),
            "move it out of the home folders, for instance to /srv/maquis; or set ProtectHome=read-only in the unit",
        ));
    }
    section
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::Overrides;

    fn said(source: &str, files: &[(&str, &str)]) -> Vec<Finding> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let around = Surroundings { home: None, state: Some("/var/lib/maquis".into()), user: 0 };
        let mut settings = Settings::for_folder(root.path(), &Overrides::default(), &around).unwrap();
        settings.capsules[0].source = source.into();
        service(&settings, Unit::find(root.path()).as_ref()).findings
    }

    #[test]
    fn a_home_that_the_unit_hides_is_named() {
        let unit = ("usr/lib/systemd/system/maquis.service", "[Service]\nUser=maquis\nProtectHome=yes\n");
        assert_eq!(said("/home/ada/blog", &[]), [], "no unit, nothing to say");
        let good = Finding::Good("systemd starts it as maquis".into());
        assert_eq!(said("/srv/blog", &[unit]), std::slice::from_ref(&good));
        let hidden = said("/home/ada/blog", &[unit]);
        assert!(matches!(&hidden[1], Finding::Bad { what, .. } if what.contains("hides /home/ada/blog")), "{hidden:?}");
        let drop_in = ("etc/systemd/system/maquis.service.d/home.conf", "[Service]\nProtectHome=read-only\n");
        assert_eq!(said("/home/ada/blog", &[unit, drop_in]), [good]);
    }
}
