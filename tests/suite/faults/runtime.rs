//! H. What goes wrong around a running server: full disks, closed pipes, resets, panics, signals.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use maquis::notice::Notice;
use maquis::server::probe::{self, Connection, Versions};
use maquis::server::{Limits, certificate};
use rustix::process::Signal;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, crypto::aws_lc_rs};
use tempfile::TempDir;

use super::good_reader;
use crate::fixture::{self, Server, Store};
use crate::served::{Served, folder, maquis, write};
use crate::server::{asked, open, wait_until_busy, with_large_file};

/// Some hundred megabytes that take no room.
fn with_big_file() -> (TempDir, Served) {
    let blog = folder(&[("post.md", "# Post\n")]);
    fs::File::create(blog.path().join("big.bin")).unwrap().set_len(512 << 20).unwrap();
    let served = Served::folder(blog.path());
    (blog, served)
}

fn asks(served: &Served, path: &str) -> Connection {
    let config = probe::config(Versions::Any).unwrap();
    let mut tls = probe::connect(served.address, Some("localhost"), config).unwrap();
    tls.write_all(format!("gemini://localhost{path}\r\n").as_bytes()).unwrap();
    tls
}

/// Serves good readers until as few files are open as before: each reply is a sign that the server has gone on.
fn until_files_are_back_to(served: &Served, base: usize) {
    for _ in 0..10_000 {
        if served.open_files() <= base {
            return;
        }
        served.page("/post/");
    }
    panic!("{} files are open, {base} at first", served.open_files());
}

#[test]
fn case_022_and_058_readers_who_vanish_leave_nothing_behind() {
    let (_blog, served) = with_big_file();
    served.page("/post/");
    let base = served.open_files();
    for _ in 0..20 {
        let mut reset = asks(&served, "/big.bin");
        reset.read_exact(&mut [0; 1000]).unwrap();
        rustix::net::sockopt::set_socket_linger(&reset.sock, Some(Duration::ZERO)).unwrap();
        // A close without close_notify, in the middle of the reply.
        let mut closed = asks(&served, "/big.bin");
        closed.read_exact(&mut [0; 1000]).unwrap();
    }
    until_files_are_back_to(&served, base);
    served.signal(Signal::TERM);
    let said = served.lines_until(|line| line == "stopping");
    assert_eq!(said, ["stopping"], "nothing is said of readers");
}

#[test]
fn readers_who_stop_reading_cost_a_bounded_piece_of_memory() {
    let (_blog, served) = with_big_file();
    served.page("/post/");
    let before = served.memory_kib();
    let stalled: Vec<Connection> = (0..100)
        .map(|_| {
            let tls = asks(&served, "/big.bin");
            wait_until_busy(&tls);
            tls
        })
        .collect();
    (0..5).for_each(|_| assert!(served.page("/post/").starts_with("# Post")));
    let each = served.memory_kib().saturating_sub(before) / stalled.len();
    // 64 KiB of text, as much of records, and the connection itself.
    assert!(each < 400, "{each} KiB each");
}

#[test]
fn five_thousand_idle_connections_keep_nobody_waiting() {
    let (_blog, served) = with_big_file();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let room = limit.maximum.map_or(5_000, |files| usize::try_from(files / 4).unwrap()).min(5_000);
    served.page("/post/");
    let before = served.memory_kib();
    let idle: Vec<TcpStream> = (0..room).map(|_| TcpStream::connect(served.address).unwrap()).collect();
    (0..5).for_each(|_| assert!(served.page("/post/").starts_with("# Post")));
    let grown = served.memory_kib().saturating_sub(before);
    assert!(grown < room * 6, "{grown} KiB for {room} connections without a byte");
    drop(idle);
}

/// A folder on a file system with this much room; `None`, aloud, where none can be mounted.
fn small_disk(kib: u32) -> Option<SmallDisk> {
    let folder = TempDir::new().unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={kib}k,mode=0700"), "tmpfs"])
        .arg(folder.path())
        .stderr(Stdio::null())
        .status();
    if mount.is_ok_and(|status| status.success()) {
        return Some(SmallDisk(folder));
    }
    skip!("no file system can be mounted here");
    None
}

struct SmallDisk(TempDir);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn case_117_a_full_disk_keeps_the_old_state_served_and_recovers() {
    let Some(disk) = small_disk(256) else { return };
    let state = disk.0.path();
    let blog = folder(&[("post.md", "# Post\n\nFirst words.\n")]);
    let mut command = maquis(state);
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(blog.path());
    let served = Served::start(command);
    let filler = state.join("filler");
    let mut full = fs::File::create(&filler).unwrap();
    while full.write(&[0; 4096]).is_ok() {}
    write(blog.path(), "post.md", &format!("# Post\n\nSecond words. {}\n", "More. ".repeat(5_000)));
    let said = served.lines_until(|line| line.contains("the old state serves on")).pop().unwrap();
    assert!(said.contains("make room"), "{said}");
    assert!(served.page("/post/").contains("First words."));
    fs::remove_file(&filler).unwrap();
    write(blog.path(), "post.md", "# Post\n\nThird words.\n");
    served.lines_until(|line| line.starts_with("content changed"));
    assert!(served.page("/post/").contains("Third words."));
}

#[test]
fn case_117_what_a_full_disk_held_up_is_published_once_there_is_room_and_said_once() {
    let Some(disk) = small_disk(256) else { return };
    let state = disk.0.path();
    let blog = folder(&[("post.md", "# Post\n\nFirst words.\n")]);
    let start = || {
        let mut command = maquis(state);
        command.args(["serve", "--listen", "127.0.0.1:0"]).arg(blog.path());
        Served::start(command)
    };
    let served = start();
    let filler = state.join("filler");
    let mut full = fs::File::create(&filler).unwrap();
    while full.write(&[0; 512]).is_ok() {}
    let more = "More. ".repeat(5_000);
    write(blog.path(), "post.md", &format!("# Post\n\nSecond words. {more}\n"));
    served.lines_until(|line| line.contains("the old state serves on"));
    // Another change while there is no room is no news.
    write(blog.path(), "other.md", &format!("# Other\n\n{more}\n"));
    assert!(served.page("/post/").contains("First words."));
    drop(full);
    fs::remove_file(&filler).unwrap();
    let said = served.lines_until(|line| line.starts_with("content changed"));
    assert!(!said.iter().any(|line| line.contains("serves on")), "{said:?}");
    assert!(served.page("/post/").contains("Second words.") && served.page("/other/").contains("More."));
    drop(served);
    assert!(start().page("/post/").contains("Second words."), "what was stored is whole");
}

#[test]
fn case_117_a_store_never_fills_the_disk_with_what_it_has_replaced() {
    let Some(disk) = small_disk(384) else { return };
    let blog = folder(&[("post.md", "# Post\n\nFirst words.\n")]);
    let mut command = maquis(disk.0.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(blog.path());
    let served = Served::start(command);
    // More than fits, in all; and a second file beside the first would not fit either.
    for number in 0..20 {
        write(blog.path(), "post.md", &format!("# Post\n\nVersion {number}. {}\n", "More. ".repeat(10_000)));
        served.lines_until(|line| line.starts_with("content changed"));
        assert!(served.page("/post/").contains(&format!("Version {number}.")));
    }
}

#[test]
fn case_117_a_disk_that_is_full_at_the_start_is_said_with_its_remedy() {
    let Some(disk) = small_disk(64) else { return };
    let state = disk.0.path();
    let blog = folder(&[("post.md", &format!("# Post\n\n{}\n", "Words. ".repeat(50_000)))]);
    let mut command = maquis(state);
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(blog.path());
    let (code, _, error) = crate::served::run(command);
    assert_eq!(code, 1);
    assert!(error.lines().any(|line| line.contains("make room")), "{error}");
}

#[test]
fn case_123_a_stop_with_fifty_slow_readers_is_in_time_and_clean() {
    let (_source, mut server) = with_large_file(Limits::default());
    let address = server.address;
    let mut idle: Vec<Connection> = (0..48).map(|_| open(&server)).collect();
    idle.iter_mut().for_each(|tls| tls.write_all(b"gemini://local").unwrap());
    let running = [asked(&server, "/large"), asked(&server, "/large")];
    running.iter().for_each(wait_until_busy);
    server.ask_to_stop();
    assert_eq!(server.notices.recv().unwrap(), Notice::Stopping);
    for tls in idle {
        assert!(probe::read_answer(tls).unwrap().bytes.is_empty());
    }
    for tls in running {
        assert!(probe::read_answer(tls).unwrap().closed_cleanly, "what was begun is finished");
    }
    server.wait();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn case_123_the_process_ends_with_success() {
    let (_blog, served) = with_big_file();
    let slow: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(served.address).unwrap()).collect();
    served.page("/post/");
    served.signal(Signal::TERM);
    assert_eq!(served.ended().code(), Some(0));
    drop(slow);
}

#[test]
fn case_124_a_thousand_connections_stay_within_little_memory() {
    let (_blog, served) = with_big_file();
    served.page("/post/");
    let before = served.memory_kib();
    let shaken: Vec<Connection> = (0..256)
        .map(|_| asks(&served, "/post/"))
        .map(|mut tls| {
            // Whole replies, and connections that stay open on the reader's side.
            tls.read_to_end(&mut Vec::new()).unwrap();
            tls
        })
        .collect();
    let idle: Vec<TcpStream> = (0..1024).map(|_| TcpStream::connect(served.address).unwrap()).collect();
    served.page("/post/");
    let grown = served.memory_kib().saturating_sub(before);
    assert!(grown < 24 * 1024, "{grown} KiB");
    drop((shaken, idle));
}

#[test]
fn case_125_serving_goes_on_when_nobody_reads_what_is_said() {
    let blog = folder(&[("post.md", "# Post\n")]);
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg(blog.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("gemini://localhost").trim_end_matches('/');
    let address = format!("127.0.0.1{address}").parse().unwrap();
    // Both ends of what it says are closed.
    drop((out, child.stderr.take()));
    let pid = rustix::process::Pid::from_child(&child);
    let page = || {
        let answer = probe::fetch(address, Some("localhost"), "gemini://localhost/post/").unwrap();
        String::from_utf8(answer.body).unwrap()
    };
    // Once it has answered it knows what to do at a signal.
    assert!(page().starts_with("# Post\n"));
    for words in ["First", "Second", "Third"] {
        write(blog.path(), "post.md", &format!("# Post\n\n{words}\n"));
        rustix::process::kill_process(pid, Signal::HUP).unwrap();
        // What is said of the change cannot be said, and the change is served.
        assert!((0..100_000).any(|_| page().contains(words)), "{words}");
    }
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A certificate for every name but one, whose readers meet a fault of ours.
#[derive(Debug)]
struct Faulty(Arc<CertifiedKey>);

impl ResolvesServerCert for Faulty {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        assert_ne!(hello.server_name(), Some("fault.example"), "gemini://fault.example/secret");
        Some(self.0.clone())
    }
}

fn faulty_server() -> Server {
    let folder = TempDir::new().unwrap();
    let identity = certificate::load_or_make(folder.path(), "localhost").unwrap().0;
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Faulty(identity.certified)));
    let mut snapshot = fixture::snapshot(fixture::site(), Store::new(), Path::new("."), Limits::default());
    snapshot.tls = Arc::new(tls);
    Server::start(snapshot)
}

const FAULTY: &str = "MAQUIS_TEST_FAULTY";

/// Not a test of its own: the process in which a panic is let loose, for its hook is the whole process's.
#[test]
fn faulty_process() {
    if std::env::var_os(FAULTY).is_none() {
        return;
    }
    let (notices, said) = maquis::notice::Notices::collected();
    notices.take_over_panics();
    let server = faulty_server();
    let open_before = open(&server);
    for _ in 0..3 {
        let config = probe::config(Versions::Any).unwrap();
        let error = probe::connect(server.address, Some("fault.example"), config);
        assert!(error.is_err(), "its connection is closed");
        good_reader(&server);
    }
    let mut tls = open_before;
    tls.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
    assert_eq!(probe::read_answer(tls).unwrap().body, b"hello\n", "who was there before is served");
    let said: Vec<String> = said.try_iter().map(|notice| notice.to_string()).collect();
    println!("\nsaid {said:?}");
}

#[test]
fn case_127_a_panic_in_one_exchange_ends_that_one_and_is_told_by_its_place() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::runtime::faulty_process", "--nocapture"])
        .env(FAULTY, "yes")
        .output()
        .unwrap();
    let out = String::from_utf8(child.stdout).unwrap();
    assert!(child.status.success(), "{out}");
    let said = out.lines().find_map(|line| line.strip_prefix("said ")).unwrap();
    assert_eq!(said.matches("a fault in maquis at tests/suite/faults/runtime.rs").count(), 3, "{said}");
    assert!(!said.contains("secret") && !said.contains("fault.example"), "{said}");
}

#[test]
fn case_120_the_server_reads_no_clock_that_can_jump() {
    let mut folders = vec![super::project("src/server")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // Validity in certificates is wall time by its nature, and is only warned about.
                folders.extend((!path.ends_with("certificate")).then_some(path));
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            files += 1;
            for clock in ["SystemTime", "Timestamp::now", "Zoned::now"] {
                assert!(!text.contains(clock), "{} reads {clock}", path.display());
            }
        }
    }
    assert!(files > 5);
}
