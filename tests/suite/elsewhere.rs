//! Systems other than Linux: maquis serves there, and says that nothing confines it. On Linux these are compiled with
//! `.ci/elsewhere` only; what is not said here holds everywhere, and the other tests show it with that too.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run};

const NOT_CONFINED: &str = "the kernel of this system does not confine maquis, only that of Linux does";

fn configured(top: &str) -> (TempDir, TempDir) {
    let config = format!("{top}[[capsule]]\n[gemini]\nlisten = [\"127.0.0.1:0\"]\n");
    (folder(&[("capsule/a.md", "# A\n"), ("config.toml", &config)]), TempDir::new().unwrap())
}

#[test]
fn it_serves_and_says_that_it_is_not_confined() {
    let blog = folder(&[("a.md", "# A\n")]);
    let served = Served::folder(blog.path());
    assert!(served.page("/a/").starts_with("# A"));
    served.hear(&[&format!("not confined: {NOT_CONFINED}: other files can be read")]);
}

#[test]
fn what_is_required_is_refused_and_only_an_author_can_do_without() {
    let (house, state) = configured("sandbox = \"require\"\n");
    let mut serve = maquis(state.path());
    serve.arg("serve").current_dir(house.path());
    let (code, _, error) = run(serve);
    assert_eq!(code, 1, "{error}");
    assert!(error.contains(NOT_CONFINED) && error.contains("write sandbox = \"off\""), "{error}");
    let (house, state) = configured("sandbox = \"off\"\n");
    let mut serve = maquis(state.path());
    serve.arg("serve").current_dir(house.path());
    let served = Served::start(serve);
    assert!(served.page("/a/").starts_with("# A"));
    served.hear(&["not confined: everything, because sandbox = \"off\""]);
}

#[test]
fn the_doctor_says_what_is_to_be_expected() {
    let (house, state) = configured("sandbox = \"require\"\n");
    let mut doctor = maquis(state.path());
    doctor.arg("doctor").current_dir(house.path());
    let (code, out, error) = run(doctor);
    let said = out + &error;
    assert_eq!(code, 1, "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(NOT_CONFINED) && said.contains("maquis will not start"), "{said}");
}

#[test]
fn a_file_over_gopher_is_read_and_written() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let blog = folder(&[("a.md", "# A\n")]);
    fs::write(blog.path().join("large.bin"), &bytes).unwrap();
    let served = Served::gopherhole(blog.path());
    assert!(served.gopher("/large.bin") == bytes, "it comes whole and as it is");
}

#[test]
fn a_socket_that_is_connected_is_none_to_accept_on() {
    let (connected, _other) = UnixStream::pair().unwrap();
    let socket = std::os::unix::net::UnixListener::from(OwnedFd::from(connected));
    assert!(maquis::server::socket::Socket::Unix(socket).adopt().unwrap().is_none());
    let folder = TempDir::new().unwrap();
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(maquis::server::socket::Socket::Unix(socket).adopt().unwrap().is_some());
}

/// FreeBSD and OpenBSD can; macOS and NetBSD are what `.ci/elsewhere` takes Linux for.
#[cfg(maquis_elsewhere)]
#[test]
fn root_is_not_given_up_by_halves() {
    if !rustix::process::geteuid().is_root() {
        skip!("only root can become another user");
        return;
    }
    let (house, state) = configured("user = \"nobody\"\n");
    let mut serve = maquis(state.path());
    serve.arg("serve").current_dir(house.path());
    let (code, _, error) = run(serve);
    assert_eq!(code, 78, "{error}");
    assert!(error.contains("start it as nobody (sudo -u nobody maquis serve …)"), "{error}");
}
