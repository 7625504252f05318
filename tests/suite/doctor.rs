//! `doctor`: what it says of a capsule that is well, and of each that is not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run, write};

/// A port that nobody has, below those that the kernel gives to others in the meantime.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 100) as u16 * 100;
    let ports = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000);
    ports.take(1_000).find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

struct House {
    folder: TempDir,
    state: TempDir,
    gemini: u16,
}

impl House {
    fn new() -> House {
        let (gemini, gopher) = (free_port(), free_port());
        let config = format!(
            "[[capsule]]\n[gemini]\nlisten = [\"127.0.0.1:{gemini}\"]\n[gopher]\nlisten = [\"127.0.0.1:{gopher}\"]\n"
        );
        let folder = folder(&[
            ("capsule/posts/a.md", "---\ntitle: A\ndate: 2024-01-01\n---\nText.\n"),
            ("capsule/file.bin", "\u{1}\u{2}"),
            ("config.toml", &config),
        ]);
        House { folder, state: TempDir::new().unwrap(), gemini }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = maquis(self.state.path());
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    fn doctor(&self) -> (i32, String) {
        let (code, out, error) = run(self.command(&["doctor"]));
        (code, out + &error)
    }
}

#[test]
fn a_capsule_that_is_well_is_visited_on_every_socket() {
    let house = House::new();
    let (code, said) = house.doctor();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("localhost has no key pair yet") && said.contains("nobody listens"), "{said}");
    let _served = Served::start(house.command(&["serve"]));
    let (code, said) = house.doctor();
    assert_eq!(code, 0, "{said}");
    for words in [
        "ok    it can be used: one capsule, localhost",
        "plain layout, 1 post",
        "ok    localhost: key and certificate belong together, valid until 4096-01-01",
        "ok    gemini, 127.0.0.1:",
        ": localhost answers, byte for byte as it should (",
        "ok    gopher, 127.0.0.1:",
        "All is well, as far as can be seen from inside.",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[test]
fn another_certificate_or_an_older_state_is_found_out() {
    let house = House::new();
    let served = Served::start(house.command(&["serve"]));
    let (code, ..) = run(house.command(&["certificate", "extend"]));
    assert_eq!(code, 0);
    let (code, said) = house.doctor();
    assert!(code == 1 && said.contains("it shows another certificate than the one in the folder"), "{said}");
    served.signal(Signal::HUP);
    served.lines_until(|line| line == "configuration reloaded");
    assert_eq!(house.doctor().0, 0);
    // The configuration changed, and the server was not told.
    let config = fs::read_to_string(house.folder.path().join("config.toml")).unwrap();
    write(house.folder.path(), "config.toml", &config.replace("[[capsule]]\n", "[[capsule]]\ntitle = \"Other\"\n"));
    let (code, said) = house.doctor();
    assert!(code == 1 && said.contains("localhost/: the bytes are not what the texts make of it now"), "{said}");
    assert!(said.contains("→ ask again in a moment"), "{said}");
}

#[test]
fn a_certificate_that_ends_soon_is_spoken_of_at_the_start_and_by_the_doctor() {
    let house = House::new();
    drop(Served::start(house.command(&["serve"])));
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let last = today.checked_add(20.days()).unwrap().to_string();
    let (code, out, _) = run(house.command(&["certificate", "extend", "--until", &last]));
    let words = format!("the certificate of localhost ends on {last}: extend it before, with the same key");
    assert!(code == 0 && out.contains(&format!("1975-01-01 to {last}")) && out.contains(&words), "{out}");
    let served = Served::start(house.command(&["serve"]));
    served.hear(&[&words]);
    let (code, said) = house.doctor();
    assert!(code == 1 && said.contains(&format!("BAD   {words}")), "{said}");
    assert_eq!(run(house.command(&["certificate", "extend"])).0, 0);
    served.signal(Signal::HUP);
    served.lines_until(|line| line == "configuration reloaded");
    assert_eq!(house.doctor().0, 0);
}

#[test]
fn another_program_on_the_port_is_no_capsule() {
    let house = House::new();
    let listener = std::net::TcpListener::bind(("127.0.0.1", house.gemini)).unwrap();
    let other = std::thread::spawn(move || {
        // The first is only a knock.
        for _ in 0..2 {
            drop(listener.accept());
        }
    });
    let (code, said) = house.doctor();
    assert!(code == 1 && said.contains("no answer of a Gemini server"), "{said}");
    assert!(said.contains("ss -ltnp"), "{said}");
    other.join().unwrap();
}

#[test]
fn what_is_broken_is_said_with_its_remedy() {
    let house = House::new();
    run(house.command(&["certificate"]));
    drop(Served::start(house.command(&["serve"])));
    let key = house.folder.path().join("certs/localhost.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(house.folder.path().join("certs"), fs::Permissions::from_mode(0o777)).unwrap();
    let (code, said) = house.doctor();
    assert_eq!(code, 1);
    for words in
        ["can be read by others (mode 0644)", "→ chmod 600 ", "can be written by others (mode 0777)", "→ chmod go-w "]
    {
        assert!(said.contains(words), "{words}\n{said}");
    }
    assert!(said.ends_with("2 things to mend.\n"), "{said}");
    fs::remove_dir_all(house.folder.path().join("capsule")).unwrap();
    fs::create_dir(house.folder.path().join("capsule")).unwrap();
    let (code, said) = house.doctor();
    assert!(code == 1 && said.contains("there is no Markdown or gemtext in it"), "{said}");
    write(house.folder.path(), "config.toml", "[[capsule]]\ntitel = \"x\"\n");
    let (code, said) = house.doctor();
    assert!(code == 78 && said.contains("did you mean `title`?"), "{said}");
}

#[test]
fn the_privacy_of_this_very_machine_can_be_looked_at() {
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["doctor", "--privacy"]);
    let (code, said, error) = run(command);
    assert!((0..=1).contains(&code) && error.is_empty(), "{error}");
    for section in ["memory\n", "other programs\n", "name server\n"] {
        assert!(said.contains(section), "{said}");
    }
}
