//! A stand-in for systemd: it holds the sockets, passes them on at each start, and listens to what it is told.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use maquis::server::endpoint::Endpoint;
use maquis::server::probe;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::served::{Served, folder, maquis, run, write};

const PATIENCE: Duration = Duration::from_secs(60);

/// Sockets, a way to be told, and the program's folders.
struct Manager {
    gemini: TcpListener,
    gopher: TcpListener,
    told: UnixDatagram,
    folder: TempDir,
    state: TempDir,
}

impl Manager {
    fn new() -> Manager {
        let [gemini, gopher] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let config = format!(
            "[[capsule]]\n[gemini]\nlisten = [\"{}\"]\n[gopher]\nlisten = [\"{}\"]\n",
            gemini.local_addr().unwrap(),
            gopher.local_addr().unwrap()
        );
        let folder = folder(&[("capsule/a.md", "# A\n"), ("config.toml", &config)]);
        let state = TempDir::new().unwrap();
        let told = UnixDatagram::bind(state.path().join("notify")).unwrap();
        told.set_read_timeout(Some(PATIENCE)).unwrap();
        Manager { gemini, gopher, told, folder, state }
    }

    fn address(&self) -> SocketAddr {
        self.gemini.local_addr().unwrap()
    }

    /// Starts the program with both sockets, as descriptors 3 and 4.
    fn start(&self, variables: &[(&str, &str)]) -> Child {
        let passed = |listener: &TcpListener| Stdio::from(OwnedFd::from(listener.try_clone().unwrap()));
        let mut command = Command::new("/bin/sh");
        // Both come in as standard streams, since nothing else is inherited; the shell puts them where they belong.
        let script = "exec 3<&0 4>&1 0</dev/null 1>/dev/null; LISTEN_PID=$$ LISTEN_FDS=2 exec \"$@\"";
        command
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_maquis"), "serve"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("STATE_DIRECTORY", self.state.path())
            .env("NOTIFY_SOCKET", self.state.path().join("notify"))
            .envs(variables.iter().copied())
            .stdin(passed(&self.gemini))
            .stdout(passed(&self.gopher));
        command.spawn().unwrap()
    }

    /// What is told next that begins so.
    fn hear(&self, beginning: &str) -> String {
        let mut bytes = [0; 2048];
        let mut heard = Vec::new();
        loop {
            let count = self.told.recv(&mut bytes).unwrap_or_else(|_| panic!("no {beginning} among {heard:?}"));
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            if text.starts_with(beginning) {
                return text;
            }
            heard.push(text);
        }
    }

    fn page(&self, path: &str) -> String {
        let answer = probe::fetch(self.address(), Some("localhost"), &format!("gemini://localhost{path}")).unwrap();
        assert!(answer.head.starts_with("20 "), "{}", answer.head);
        String::from_utf8(answer.body).unwrap()
    }
}

fn stop(mut child: Child) {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_sockets_that_are_passed_are_served_and_the_manager_is_told() {
    let manager = Manager::new();
    let program = manager.start(&[]);
    assert_eq!(manager.hear("READY=1"), "READY=1\nSTATUS=0 posts, 1 page");
    assert!(manager.page("/a/").starts_with("# A"));
    let gopher = {
        use std::io::{Read, Write};
        let mut tcp = std::net::TcpStream::connect(manager.gopher.local_addr().unwrap()).unwrap();
        tcp.write_all(b"\r\n").unwrap();
        let mut menu = String::new();
        tcp.read_to_string(&mut menu).unwrap();
        menu
    };
    assert!(gopher.ends_with(".\r\n") && gopher.contains("\t/a"), "{gopher}");

    write(manager.folder.path(), "capsule/b.md", "# B\n");
    assert_eq!(manager.hear("STATUS="), "STATUS=0 posts, 2 pages");
    let pid = Pid::from_child(&program);
    kill_process(pid, Signal::HUP).unwrap();
    assert!(manager.hear("RELOADING=1").contains("\nMONOTONIC_USEC="));
    assert_eq!(manager.hear("READY=1"), "READY=1\nSTATUS=0 posts, 2 pages");
    let config = std::fs::read_to_string(manager.folder.path().join("config.toml")).unwrap();
    write(manager.folder.path(), "config.toml", &format!("titel = 1\n{config}"));
    kill_process(pid, Signal::HUP).unwrap();
    manager.hear("RELOADING=1");
    let status = manager.hear("READY=1");
    assert!(status.starts_with("READY=1\nSTATUS=reload failed, the old state serves on:"), "{status}");
    stop(program);
    manager.hear("STOPPING=1");
}

#[test]
fn case_130_the_watchdog_hears_that_all_workers_work() {
    let manager = Manager::new();
    let program = manager.start(&[("WATCHDOG_USEC", "300000")]);
    manager.hear("READY=1");
    for _ in 0..4 {
        assert_eq!(manager.hear("WATCHDOG"), "WATCHDOG=1");
    }
    stop(program);
}

#[test]
fn an_upgrade_with_the_sockets_held_turns_no_reader_away() {
    let manager = Arc::new(Manager::new());
    let first = manager.start(&[]);
    manager.hear("READY=1");
    let (done, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (manager, done, served) = (Arc::clone(&manager), Arc::clone(&done), Arc::clone(&served));
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    assert!(manager.page("/a/").starts_with("# A"));
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let wait_for = |more: usize| {
        let goal = served.load(Ordering::Relaxed) + more;
        while served.load(Ordering::Relaxed) < goal {
            assert!(!readers.iter().any(|reader| reader.is_finished()), "a reader was turned away");
            std::thread::yield_now();
        }
    };
    let mut program = first;
    for _ in 0..3 {
        wait_for(20);
        stop(program);
        program = manager.start(&[]);
        manager.hear("READY=1");
    }
    wait_for(20);
    done.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    stop(program);
}

/// Starts it with one socket, which is not what the configuration wants.
fn refused(passed: impl Into<OwnedFd>, folder: &Path, expected: i32) -> String {
    let state = TempDir::new().unwrap();
    let mut command = Command::new("/bin/sh");
    let script = "exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";
    command
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_maquis"), "serve"])
        .current_dir(folder)
        .env_clear()
        .env("STATE_DIRECTORY", state.path())
        .stdin(Stdio::from(passed.into()));
    let (code, _, error) = run(command);
    assert_eq!(code, expected, "{error}");
    error
}

#[test]
fn sockets_that_are_not_those_that_are_needed_are_named() {
    let manager = Manager::new();
    let folder = manager.folder.path();
    let error = refused(UnixDatagram::unbound().unwrap(), folder, 1);
    assert!(error.contains("socket 1 of those passed is none to accept connections on"), "{error}");
    let error = refused(manager.gopher.try_clone().unwrap(), folder, 78);
    assert!(error.contains(&format!("add ListenStream={} to maquis.socket", manager.address())), "{error}");
    let error = refused(manager.gemini.try_clone().unwrap(), folder, 78);
    assert!(error.contains("no socket was passed for 127.0.0.1:"), "{error}");
}

#[test]
fn a_socket_in_the_file_system_is_passed_like_any_other() {
    let run = TempDir::new().unwrap();
    let path = run.path().join("gemini.sock");
    let socket = UnixListener::bind(&path).unwrap();
    let config = |name: &str| format!("[gemini]\nlisten = [\"unix:{}\"]\n", run.path().join(name).display());
    let folder = folder(&[("capsule/a.md", "# A\n"), ("config.toml", &config("gemini.sock"))]);
    let state = TempDir::new().unwrap();
    let mut command = Command::new("/bin/sh");
    let script = "exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";
    command
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_maquis"), "serve"])
        .current_dir(folder.path())
        .env_clear()
        .env("STATE_DIRECTORY", state.path())
        .stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
    let served = Served::start(command);
    let stream = probe::dial::dial(&Endpoint::Unix(path), PATIENCE).unwrap();
    let answer = probe::fetch_over(stream, Some("localhost"), "gemini://localhost/a/").unwrap();
    assert!(answer.head.starts_with("20 "), "{}", answer.head);
    drop(served);

    write(folder.path(), "config.toml", &config("other.sock"));
    let error = refused(socket, folder.path(), 78);
    let other = run.path().join("other.sock").display().to_string();
    assert!(error.contains(&format!("no socket was passed for unix:{other}: add ListenStream={other} to")), "{error}");
}

#[test]
fn what_a_start_has_done_is_said_though_it_fails_afterwards() {
    let folder = folder(&[("capsule/a.md", "# A\n"), ("config.toml", "[gemini]\nlisten = [\"127.0.0.1:0\"]\n")]);
    let state = TempDir::new().unwrap();
    std::fs::write(state.path().join("store"), "in the way").unwrap();
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(folder.path());
    let (code, out, error) = run(command);
    assert_eq!(code, 1, "{error}");
    assert!(out.contains("localhost: made a new key pair; keep a copy"), "{out}");
}

#[test]
fn a_manager_that_cannot_be_told_is_an_error() {
    let folder = folder(&[("a.md", "# A\n")]);
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(folder.path()).env("NOTIFY_SOCKET", "/nonexistent/notify");
    let (code, _, error) = run(command);
    assert_eq!(code, 1);
    assert!(error.contains("the service manager's socket (/nonexistent/notify) cannot be reached"), "{error}");
}
