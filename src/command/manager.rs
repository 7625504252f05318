//! The service manager, as systemd is: what maquis tells it, and when.
//!
//! sd_notify(3): datagrams of `NAME=value` lines to the socket that `NOTIFY_SOCKET` names. No socket can be made in the
//! sandbox, so it is connected before and kept. sd_watchdog_enabled(3) for the rest. Nothing of a reader is told: what
//! is said are the notices' own words.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::Error;
use crate::server::heart::Heart;
use crate::system;

/// The way to the manager, where there is one. Telling never blocks and never fails.
#[derive(Clone, Default)]
pub(super) struct Manager {
    socket: Option<Arc<UnixDatagram>>,
    /// How often it wants to hear that all is well.
    watchdog: Option<Duration>,
}

impl Manager {
    /// As the environment says.
    pub(super) fn connect() -> Result<Manager, Error> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Manager::from(variable)
    }

    fn from(variable: impl Fn(&str) -> Option<OsString>) -> Result<Manager, Error> {
        let Some(name) = variable("NOTIFY_SOCKET") else { return Ok(Manager::default()) };
        let socket = connect(&name).map_err(|source| Error::Io {
            what: format!(
                "the service manager's socket ({}) cannot be reached: set NotifyAccess=main in the unit, or unset NOTIFY_SOCKET",
                name.display()
            ),
            source,
        })?;
        let number = |name: &str| variable(name)?.to_str()?.parse::<u64>().ok();
        let for_us = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let watchdog = number("WATCHDOG_USEC").filter(|every| *every > 0 && for_us).map(Duration::from_micros);
        Ok(Manager { socket: Some(Arc::new(socket)), watchdog })
    }

    /// How often it is told, so that none comes late by chance.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog.map(|every| every / 2)
    }

    /// It serves, and this is what.
    pub(super) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// What is served now, or why not something newer.
    pub(super) fn status(&self, status: &str) {
        self.tell(&format!("STATUS={}", one_line(status)));
    }

    /// It reads everything again; [`Manager::ready`] follows, whatever comes of it.
    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let microseconds = now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1000);
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}\nSTATUS=reading everything again"));
    }

    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=answering those who have asked");
    }

    /// Says that all is well, while it is; where nobody wants to know, it ends at once.
    pub(super) async fn watch(self, heart: Arc<Heart>) {
        while let Some(every) = self.watchdog() {
            if heart.beats() {
                self.tell("WATCHDOG=1");
            }
            tokio::time::sleep(every).await;
        }
    }

    fn tell(&self, state: &str) {
        if let Some(socket) = &self.socket {
            // A manager that does not listen is no reason to stop serving.
            let _told = socket.send(state.as_bytes());
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A path, or with `@` a name in the kernel's own space.
fn connect(name: &OsString) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    match name.as_bytes() {
        [b'@', abstract_name @ ..] => socket.connect_addr(&system::abstract_address(abstract_name)?)?,
        [b'/', ..] => socket.connect(name)?,
        _ => return Err(io::Error::other("it is neither a path nor an abstract name")),
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(variables: &[(&str, &str)]) -> Result<Manager, Error> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Manager::from(find)
    }

    fn heard(socket: &UnixDatagram) -> String {
        let mut bytes = [0; 512];
        let count = socket.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    #[test]
    fn both_kinds_of_names_are_reached() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let by_path = UnixDatagram::bind(&path).unwrap();
        let name = format!("maquis-test-{}", std::process::id());
        let by_name = UnixDatagram::bind_addr(&system::abstract_address(name.as_bytes()).unwrap()).unwrap();
        for (socket, written) in [(by_path, path.display().to_string()), (by_name, format!("@{name}"))] {
            let manager = manager(&[("NOTIFY_SOCKET", &written)]).unwrap();
            manager.ready("9 posts\nSTOPPING=1");
            assert_eq!(heard(&socket), "READY=1\nSTATUS=9 posts STOPPING=1");
            manager.reloading();
            let text = heard(&socket);
            assert!(text.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{text}");
            drop(socket);
            manager.stopping();
        }
    }

    #[test]
    fn without_a_manager_nothing_is_told_and_a_wrong_name_is_an_error() {
        manager(&[]).unwrap().ready("x");
        for name in ["/nonexistent/notify", "vsock:2:1"] {
            let error = manager(&[("NOTIFY_SOCKET", name)]).err().unwrap().to_string();
            assert!(error.contains(name) && error.contains("NotifyAccess=main"), "{error}");
        }
    }

    #[test]
    fn the_watchdog_is_ours_or_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let _socket = UnixDatagram::bind(&path).unwrap();
        let name = path.display().to_string();
        let every = |pid: &str, usec: &str| {
            let variables = [("NOTIFY_SOCKET", name.as_str()), ("WATCHDOG_PID", pid), ("WATCHDOG_USEC", usec)];
            manager(&variables).unwrap().watchdog()
        };
        let own = std::process::id().to_string();
        assert_eq!(every(&own, "3000000"), Some(Duration::from_millis(1500)));
        assert_eq!(every("1", "3000000"), None);
        assert_eq!(every(&own, "0"), None);
        assert_eq!(every(&own, "soon"), None);
    }
}
