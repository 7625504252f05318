//! Started as root: whom it becomes, when, and whom it serves otherwise. Only root can try most of this.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;

use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run, write};

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skip!("only root can become another user");
    }
    root
}

/// A capsule that anybody may read, and a state folder of nobody's.
fn house(top: &str, gemini: &str) -> (TempDir, TempDir) {
    let config = format!("{top}[[capsule]]\n[gemini]\n{gemini}\n");
    let (house, state) = (folder(&[("capsule/a.md", "# A\n"), ("config.toml", &config)]), TempDir::new().unwrap());
    for path in [house.path(), state.path()] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    chown(state.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    (house, state)
}

fn serve(house: &Path, state: &Path) -> std::process::Command {
    let mut command = maquis(state);
    command.arg("serve").current_dir(house);
    command
}

const HERE: &str = "listen = [\"127.0.0.1:0\"]";

#[test]
fn it_becomes_the_user_wholly_and_for_good() {
    if !is_root() {
        return;
    }
    let (house, state) = house("", HERE);
    let keys = state.path().join("keys");
    let config = format!("user = \"nobody\"\n[[capsule]]\n[gemini]\n{HERE}\ncertificates = \"{}\"\n", keys.display());
    write(house.path(), "config.toml", &config);
    let served = Served::start(serve(house.path(), state.path()));
    assert!(served.page("/a/").starts_with("# A"));
    for thread in fs::read_dir(format!("/proc/{}/task", served.id())).unwrap() {
        let status = fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        let ids = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.split_whitespace().map(|id| id.parse::<u32>().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!((ids("Uid:"), ids("Gid:")), (vec![NOBODY; 4], vec![NOBODY; 4]), "{status}");
        assert!(!ids("Groups:").contains(&0), "{status}");
    }
    // What it made is the user's: it was made afterwards.
    for path in [keys.join("localhost.key"), state.path().join("store/pages")] {
        assert_eq!(fs::metadata(&path).unwrap().uid(), NOBODY, "{}", path.display());
    }
}

#[test]
fn keys_are_read_as_the_user_and_not_as_root() {
    if !is_root() {
        return;
    }
    let (house, state) = house("user = \"nobody\"\n", HERE);
    maquis::server::certificate::load_or_make(&house.path().join("certs"), "localhost").unwrap();
    let (code, _, error) = run(serve(house.path(), state.path()));
    assert_eq!(code, 1);
    assert!(error.contains("cannot be read: let the user who runs maquis read it"), "{error}");
}

#[test]
fn as_root_it_serves_this_machine_alone() {
    if !is_root() {
        return;
    }
    let (house, state) = house("", HERE);
    let served = Served::start(serve(house.path(), state.path()));
    served.hear(&["it runs as root, and serves this machine alone"]);
    drop(served);
    write(house.path(), "config.toml", "[[capsule]]\n[gemini]\nlisten = [\"127.0.0.1:0\", \"0.0.0.0:0\"]\n");
    let (code, _, error) = run(serve(house.path(), state.path()));
    assert_eq!(code, 78);
    assert!(error.contains("as root, maquis serves this machine alone"), "{error}");
    assert!(error.contains("write user = \"maquis\""), "{error}");
}

#[test]
fn a_user_that_cannot_be_is_said_with_the_remedy() {
    for (name, words) in [
        ("nobody-of-that-name", "there is no user `nobody-of-that-name`: make it with useradd"),
        ("root", "config.toml:1: `user = \"root\"` gives up nothing"),
        ("", "config.toml:1: no user is named"),
    ] {
        let (house, state) = match is_root() {
            true => house(&format!("user = \"{name}\"\n"), HERE),
            false => return,
        };
        let (code, _, error) = run(serve(house.path(), state.path()));
        assert!(code != 0 && error.contains(words), "{name}: {error}");
    }
}

#[test]
fn whoever_is_not_root_becomes_nobody_else() {
    if !is_root() {
        return;
    }
    let (house, state) = house("user = \"daemon\"\n", HERE);
    let mut command = serve(house.path(), state.path());
    command.uid(NOBODY).gid(NOBODY);
    let (code, _, error) = run(command);
    assert_eq!(code, 1);
    assert!(error.contains("only root can become `daemon`: start maquis as root, or as daemon"), "{error}");
}
