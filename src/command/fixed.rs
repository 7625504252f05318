//! What a reload cannot change: the sandbox allows what was there at the start, and no socket or key can be made any
//! more. Such a key keeps its old value, and a notice names it.

use crate::config::Settings;
use crate::notice::{Notice, Notices};
use crate::server::{Limits, certificate};

/// Puts back what only a restart can change: sockets, folders, and hosts that would need a new key.
pub(super) fn hold(settings: &mut Settings, old: &Settings, notices: &Notices) {
    let restart = |key: &str| notices.say(Notice::RestartToApply { key: key.to_owned() });
    if settings.gemini.listen.addresses() != old.gemini.listen.addresses() {
        restart("gemini.listen");
        settings.gemini.listen = old.gemini.listen.clone();
    }
    let gopher = |settings: &Settings| {
        let shared = settings.gopher.as_ref().map(|gopher| gopher.listen.addresses().to_vec());
        (shared, settings.capsules.iter().map(|capsule| capsule.gopher.clone()).collect::<Vec<_>>())
    };
    if gopher(settings) != gopher(old) {
        restart("gopher.listen");
        settings.gopher.clone_from(&old.gopher);
        for (capsule, old) in settings.capsules.iter_mut().zip(&old.capsules) {
            capsule.gopher.clone_from(&old.gopher);
        }
    }
    if settings.gemini.certificates != old.gemini.certificates {
        restart("gemini.certificates");
        settings.gemini.certificates.clone_from(&old.gemini.certificates);
    }
    let folders =
        |settings: &Settings| settings.capsules.iter().map(|capsule| capsule.source.clone()).collect::<Vec<_>>();
    if folders(settings) != folders(old) {
        restart("capsule.source");
        settings.capsules.clone_from(&old.capsules);
    }
    for (capsule, old) in settings.capsules.iter_mut().zip(&old.capsules) {
        if capsule.layout != old.layout {
            restart("capsule.layout");
            capsule.layout = old.layout;
        }
    }
    let folder = settings.gemini.certificates.clone();
    for (capsule, old) in settings.capsules.iter_mut().zip(&old.capsules) {
        if capsule.hosts.iter().any(|host| !certificate::is_there(&folder, host)) {
            restart("capsule.hosts");
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
