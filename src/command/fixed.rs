//! What a reload cannot change: the sandbox allows what was there at the start, and no socket or key can be made any
//! more. Such a key keeps its old value, and a notice names it.

use crate::config::Settings;
use crate::content::Dates;
use crate::notice::{Notice, Notices};
use crate::server::{Limits, certificate};

/// Puts back what only a restart can change: sockets, folders, and hosts that would need a new key.
pub(super) fn hold(settings: &mut Settings, old: &Settings, notices: &Notices) {
    let restart = |key: &str| notices.say(Notice::RestartToApply { key: key.to_owned() });
    if settings.gemini.listen.endpoints() != old.gemini.listen.endpoints() {
        restart("gemini.listen");
        settings.gemini.listen = old.gemini.listen.clone();
    }
    let folders =
        |settings: &Settings| settings.capsules.iter().map(|capsule| capsule.source.clone()).collect::<Vec<_>>();
    // First, so that every capsule below stands beside its own past.
    if folders(settings) != folders(old) {
        restart("capsule.source");
        settings.capsules.clone_from(&old.capsules);
    }
    let gopher = |settings: &Settings| {
        let shared = settings.gopher.as_ref().map(|gopher| gopher.listen.endpoints().to_vec());
        (shared, settings.capsules.iter().map(|capsule| capsule.gopher.clone()).collect::<Vec<_>>())
    };
    if gopher(settings) != gopher(old) {
        restart("gopher.listen");
        match (&mut settings.gopher, &old.gopher) {
            (Some(gopher), Some(old)) => gopher.listen.clone_from(&old.listen),
            (gopher, old) => gopher.clone_from(old),
        }
        for (capsule, old) in settings.capsules.iter_mut().zip(&old.capsules) {
            capsule.gopher.clone_from(&old.gopher);
        }
    }
    if settings.gemini.certificates != old.gemini.certificates {
        restart("gemini.certificates");
        settings.gemini.certificates.clone_from(&old.gemini.certificates);
    }
    for (capsule, old) in settings.capsules.iter_mut().zip(&old.capsules) {
        if capsule.layout != old.layout {
            restart("capsule.layout");
            capsule.layout = old.layout;
        }
        // Git can be asked no more.
        if capsule.dates != old.dates && capsule.dates == Dates::Git {
            restart("capsule.dates");
            capsule.dates = old.dates;
        }
    }
    let folder = settings.gemini.certificates.clone();
    let mut hosts = settings.capsules.iter().flat_map(|capsule| &capsule.hosts);
    if hosts.any(|host| !certificate::is_there(&folder, host)) {
        restart("capsule.hosts");
        // All or none: a host may have moved from one capsule to another.
        for (capsule, old) in settings.capsules.iter_mut().zip(&old.capsules) {
            capsule.hosts.clone_from(&old.hosts);
        }
    }
    if settings.user != old.user {
        restart("user");
        settings.user.clone_from(&old.user);
    }
    if settings.sandbox != old.sandbox {
        restart("sandbox");
        settings.sandbox = old.sandbox;
    }
    if settings.limits.connections != old.limits.connections {
        restart("limits.connections");
        settings.limits = Limits { connections: old.limits.connections, ..settings.limits.clone() };
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::{Overrides, Surroundings};

    fn load(folder: &Path, text: &str) -> Settings {
        let path = folder.join("config.toml");
        fs::write(&path, text).unwrap();
        let around = Surroundings { home: None, state: None, user: rustix::process::geteuid().as_raw() };
        Settings::load(&path, &Overrides::default(), &around).unwrap()
    }

    fn house() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["one", "two"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        for host in ["a.example", "b.example"] {
            certificate::load_or_make(&folder.path().join("certs"), host).unwrap();
        }
        folder
    }

    /// What is in force after a reload, and the keys that wait for a restart.
    fn held(before: &str, after: &str) -> (Settings, Vec<String>) {
        let house = house();
        let (notices, said) = Notices::collected();
        let old = load(house.path(), before);
        let mut settings = load(house.path(), after);
        hold(&mut settings, &old, &notices);
        let key = |notice| match notice {
            Notice::RestartToApply { key } => key,
            other => panic!("{other}"),
        };
        (settings, said.try_iter().map(key).collect())
    }

    fn two(first: &str, second: &str) -> String {
        format!(
            "[[capsule]]\nsource = \"one\"\nhosts = [\"{first}.example\"]\n\
             [[capsule]]\nsource = \"two\"\nhosts = [\"{second}.example\"]\n"
        )
    }

    #[test]
    fn no_host_is_left_with_two_capsules() {
        let (settings, keys) = held(&two("a", "b"), &two("b", "c"));
        let hosts: Vec<&str> =
            settings.capsules.iter().flat_map(|capsule| &capsule.hosts).map(String::as_str).collect();
        assert_eq!((hosts, keys), (vec!["a.example", "b.example"], vec!["capsule.hosts".to_owned()]));
    }

    #[test]
    fn git_is_asked_at_the_start_alone() {
        let dated =
            |dates: &str| format!("[[capsule]]\nsource = \"one\"\nhosts = [\"a.example\"]\ndates = \"{dates}\"\n");
        let (settings, keys) = held(&dated("file"), &dated("git"));
        assert_eq!((settings.capsules[0].dates, keys), (Dates::File, vec!["capsule.dates".to_owned()]));
        let (settings, keys) = held(&dated("git"), &dated("file"));
        assert_eq!((settings.capsules[0].dates, keys), (Dates::File, Vec::new()));
    }

    #[test]
    fn a_new_capsule_is_no_change_of_gopher_and_gopher_keeps_the_rest_of_its_table() {
        let one = "[[capsule]]\nsource = \"one\"\nhosts = [\"a.example\"]\n";
        let (_, keys) = held(one, &two("a", "b"));
        assert_eq!(keys, ["capsule.source"]);
        let gopher =
            |port: u16, width: u16| format!("{one}[gopher]\nlisten = [\"127.0.0.1:{port}\"]\nwidth = {width}\n");
        let (settings, keys) = held(&gopher(7070, 67), &gopher(7071, 50));
        assert_eq!(keys, ["gopher.listen"]);
        let gopher = settings.gopher.unwrap();
        assert_eq!((gopher.listen.endpoints()[0].port(), gopher.width), (Some(7070), 50));
    }
}
