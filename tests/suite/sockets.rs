//! Sockets in the file system, for Tor, I2P and whatever else hands readers on within the machine.

use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use maquis::server::endpoint::Endpoint;
use maquis::server::probe::{self, Answer, dial::dial};
use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run};

const PATIENCE: Duration = Duration::from_secs(60);

/// A capsule that is served in one folder of sockets, and nowhere else.
struct House {
    folder: TempDir,
    state: TempDir,
    run: TempDir,
}

impl House {
    fn new() -> House {
        let run = TempDir::new().unwrap();
        let at = |name: &str| run.path().join(name).display().to_string();
        let config = format!(
            "[[capsule]]\nhosts = [\"abc.onion\"]\n[gemini]\nlisten = [\"unix:{}\"]\n\
             [gopher]\nlisten = [\"unix:{}\"]\n[limits]\nburst = 1\nrequests_per_second = 1\nexempt = []\n",
            at("gemini.sock"),
            at("gopher.sock")
        );
        let large = "0123456789abcdef".repeat(100_000);
        let folder = folder(&[("capsule/a.md", "# A\n"), ("capsule/large.txt", &large), ("config.toml", &config)]);
        House { folder, state: TempDir::new().unwrap(), run }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = maquis(self.state.path());
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    fn socket(&self, name: &str) -> PathBuf {
        self.run.path().join(name)
    }
}

fn gemini(socket: &Path, url: &str) -> Answer {
    let stream = dial(&Endpoint::Unix(socket.to_owned()), PATIENCE).unwrap();
    probe::fetch_over(stream, Some("abc.onion"), url).unwrap()
}

fn gopher(socket: &Path, selector: &str) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("{selector}\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_capsule_is_served_on_sockets_in_the_file_system() {
    let house = House::new();
    let (at_gemini, at_gopher) = (house.socket("gemini.sock"), house.socket("gopher.sock"));
    let served = Served::start(house.command(&["serve"]));
    let said = |socket: &Path, scheme: &str| format!("{scheme}://abc.onion/ on unix:{}", socket.display());
    served.hear(&[&said(&at_gemini, "gemini"), &said(&at_gopher, "gopher")]);
    // No prefix is known of who comes there, so none of its limits holds.
    for _ in 0..40 {
        assert_eq!(gemini(&at_gemini, "gemini://abc.onion/a/").head, "20 text/gemini; lang=en");
    }
    let answer = gemini(&at_gemini, "gemini://abc.onion:1965/large.txt");
    assert!(answer.closed_cleanly && answer.body.len() == 1_600_000, "{}", answer.head);
    assert_eq!(gopher(&at_gopher, "/large.txt").len(), 1_600_000);
    // Readers come to the port that is usual: the network in front leads them here.
    let menu = gopher(&at_gopher, "");
    assert!(menu.contains("\tabc.onion\t70\r\n") && menu.ends_with(".\r\n"), "{menu}");
    let mode = at_gemini.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o666, "the folder decides who may come");

    let (code, out, _) = run(house.command(&["doctor"]));
    assert!(out.contains("answers, byte for byte as it should") && out.contains("gemini, unix:"), "{code} {out}");

    let (code, _, error) = run(house.command(&["serve"]));
    assert!(code == 1 && error.contains("gemini.sock is taken: another program listens there"), "{error}");
    assert!(gemini(&at_gemini, "gemini://abc.onion/").head.starts_with("20 "), "the first goes on");
}

#[test]
fn a_socket_that_is_left_over_is_made_anew_and_nothing_else_is_touched() {
    let house = House::new();
    let socket = house.socket("gemini.sock");
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.metadata().unwrap().file_type().is_socket(), "the control: nobody answers, and the file is there");
    let served = Served::start(house.command(&["serve"]));
    assert!(gemini(&socket, "gemini://abc.onion/").head.starts_with("20 "));
    drop(served);

    std::fs::remove_file(&socket).unwrap();
    std::fs::write(&socket, "an author's").unwrap();
    let (code, _, error) = run(house.command(&["serve"]));
    assert!(code == 1 && error.contains("gemini.sock is there, and is no socket: remove it"), "{error}");
    assert_eq!(std::fs::read_to_string(&socket).unwrap(), "an author's");

    std::fs::remove_file(&socket).unwrap();
    std::os::unix::fs::symlink(house.socket("elsewhere"), &socket).unwrap();
    let (code, _, error) = run(house.command(&["serve"]));
    assert!(code == 1 && error.contains("is no socket"), "a link is not followed: {error}");

    std::fs::remove_dir_all(house.run.path()).unwrap();
    let (code, _, error) = run(house.command(&["serve"]));
    assert!(code == 1 && error.contains("there is no folder") && error.contains("RuntimeDirectory=maquis"), "{error}");
}

#[test]
fn the_command_line_takes_a_socket_too() {
    let house = House::new();
    let mut command = house.command(&["serve", "--host", "abc.onion", "--listen", "unix:here.sock", "capsule"]);
    command.current_dir(house.folder.path());
    let _served = Served::start(command);
    assert!(gemini(&house.folder.path().join("here.sock"), "gemini://abc.onion/a/").head.starts_with("20 "));
}
