//! The server as readers meet it: over real TLS on loopback, with the limits set small.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use maquis::notice::Notice;
use maquis::server::probe::{self, Answer, Connection, Versions};
use maquis::server::{Limits, Snapshot};
use maquis::site::{Body, Part, Resource};
use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::{CipherSuite, NamedGroup, ProtocolVersion};

use crate::fixture::{self, Server, Store, address, content, file};

/// A limit that a test means to reach.
pub(crate) const SOON: Duration = Duration::from_millis(150);
/// Larger than what two sockets can hold between them.
pub(crate) const LARGE: usize = 48 << 20;

pub(crate) fn open(server: &Server) -> Connection {
    probe::connect(server.address, Some("localhost"), probe::config(Versions::Any).unwrap()).unwrap()
}

pub(crate) fn ask(server: &Server, path: &str) -> Answer {
    probe::fetch(server.address, Some("localhost"), &format!("gemini://localhost{path}")).unwrap()
}

pub(crate) fn asked(server: &Server, path: &str) -> Connection {
    let mut tls = open(server);
    tls.write_all(format!("gemini://localhost{path}\r\n").as_bytes()).unwrap();
    tls
}

/// What a plain socket gives until its end; a reset is an end as well.
pub(crate) fn rest(mut tcp: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match tcp.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    bytes
}

/// The fixed site, and these pages in the first capsule.
pub(crate) fn with_pages(pages: Vec<(&str, Vec<Part>)>, store: Store, source: &Path, limits: Limits) -> Snapshot {
    let mut site = fixture::site();
    for (path, parts) in pages {
        let body: Body = parts.into();
        let first = &mut site.capsules[0];
        first.gopherhole.as_mut().unwrap().resources.insert(address(path), Arc::clone(&body));
        first.resources.insert(address(path), content("application/octet-stream", body));
    }
    fixture::snapshot(site, store, source, limits)
}

/// Bytes in which every place can be told from every other.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

#[test]
fn both_versions_of_tls_with_the_fastest_suite_and_the_strongest_group() {
    let server = Server::with(Limits::default());
    let expected = [
        (Versions::Tls13, ProtocolVersion::TLSv1_3, CipherSuite::TLS13_AES_128_GCM_SHA256),
        (Versions::Tls12, ProtocolVersion::TLSv1_2, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ];
    for (versions, version, suite) in expected {
        let config = probe::config(versions).unwrap();
        let mut tls = probe::connect(server.address, Some("localhost"), config).unwrap();
        tls.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
        let answer = probe::read_answer(tls).unwrap();
        assert_eq!(
            (answer.head.as_str(), answer.body.as_slice()),
            ("20 text/plain; charset=utf-8", b"hello\n".as_slice())
        );
        assert_eq!(answer.version, Some(version));
        // On a machine without AES instructions the other suite comes first.
        assert!(answer.suite == Some(suite) || cfg!(not(target_arch = "x86_64")), "{:?}", answer.suite);
        if version == ProtocolVersion::TLSv1_3 {
            assert_eq!(answer.group, Some(NamedGroup::X25519MLKEM768));
        }
        assert!(answer.closed_cleanly);
    }
}

#[test]
fn case_051_an_old_tls_gets_the_alert_protocol_version() {
    let server = Server::with(Limits::default());
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x13, 1, 0]);
    let mut record = vec![0x16, 3, 1, 0, hello.len() as u8 + 4, 1, 0, 0, hello.len() as u8];
    record.extend(hello);
    let mut tcp = TcpStream::connect(server.address).unwrap();
    tcp.write_all(&record).unwrap();
    assert_eq!(rest(tcp)[3..], [0, 2, 2, 70]);
}

#[test]
fn case_056_random_bytes_that_look_like_tls_get_an_alert_and_hurt_nobody() {
    let server = Server::with(Limits::default());
    let mut tcp = TcpStream::connect(server.address).unwrap();
    let mut record = vec![0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3];
    record.extend(pattern(0x3ffa));
    tcp.write_all(&record).unwrap();
    assert_eq!(rest(tcp)[0], 21);
    assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
}

#[test]
fn case_052_each_name_has_its_certificate_and_none_the_first() {
    let server = Server::with(Limits::default());
    let shown = |name| probe::fetch(server.address, name, "gemini://localhost/").unwrap().fingerprints().unwrap();
    let first = shown(Some("localhost"));
    assert_ne!(shown(Some("other.example")), first);
    assert_ne!(shown(Some("capsule.example")), first);
    assert_eq!(shown(Some("unknown.example")), first);
    assert_eq!(shown(Some("LOCALHOST")), first);
    assert_eq!(shown(None), first);
}

#[test]
fn case_024_and_025_plain_text_is_closed_without_a_byte() {
    let server = Server::with(Limits::default());
    for request in ["gemini://localhost/\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n"] {
        let mut tcp = TcpStream::connect(server.address).unwrap();
        tcp.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        tcp.read_to_end(&mut bytes).expect("an end, not a reset");
        assert_eq!(bytes, b"", "{request:?}");
    }
}

#[test]
fn an_idle_reader_keeps_nobody_waiting() {
    let server = Server::with(Limits::default());
    let mut idle = open(&server);
    idle.write_all(b"gemini://localhost/a").unwrap();
    let silent = TcpStream::connect(server.address).unwrap();
    assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
    idle.write_all(b".txt\r\n").unwrap();
    assert_eq!(probe::read_answer(idle).unwrap().body, b"hello\n");
    drop(silent);
}

#[test]
fn who_does_not_shake_hands_in_time_is_left() {
    let server = Server::with(Limits { handshake: SOON, ..Limits::default() });
    let silent = TcpStream::connect(server.address).unwrap();
    let mut begun = TcpStream::connect(server.address).unwrap();
    begun.write_all(&[0x16, 3, 1]).unwrap();
    assert_eq!(rest(silent), b"");
    assert_eq!(rest(begun), b"");
}

#[test]
fn case_005_006_and_011_an_unfinished_request_ends_with_close_notify_and_no_reply() {
    let server = Server::with(Limits { request: SOON, ..Limits::default() });
    for begun in ["", "gemini://localhost/", "gemini://localhost/\n", "gemini://localhost/\r"] {
        let mut tls = open(&server);
        tls.write_all(begun.as_bytes()).unwrap();
        let answer = probe::read_answer(tls).unwrap();
        assert_eq!(answer.bytes, b"", "{begun:?}");
        assert!(answer.closed_cleanly, "{begun:?}");
    }
}

#[test]
fn case_021_a_reader_who_sends_no_more_gets_the_whole_reply() {
    let server = Server::with(Limits::default());
    let mut tls = asked(&server, "/a.txt");
    tls.flush().unwrap();
    tls.sock.shutdown(Shutdown::Write).unwrap();
    let answer = probe::read_answer(tls).unwrap();
    assert_eq!(answer.body, b"hello\n");
    assert!(answer.closed_cleanly);
}

#[test]
fn bytes_after_the_request_do_not_harm_the_reply() {
    let server = Server::with(Limits::default());
    let mut tls = asked(&server, "/a.txt");
    // The server may close before it has all of this.
    let _sent = tls.write_all(&pattern(40_000));
    let answer = probe::read_answer(tls).unwrap();
    assert_eq!(answer.body, b"hello\n");
    assert!(answer.closed_cleanly);
}

#[test]
fn after_the_reply_the_server_listens_so_that_its_close_is_no_reset() {
    let server = Server::with(Limits { close: Duration::from_secs(60), ..Limits::default() });
    let mut tls = asked(&server, "/a.txt");
    tls.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(tls.sock.read(&mut [0]).unwrap(), 0, "the server has shut its side");
    for _ in 0..2000 {
        tls.sock.write_all(&[7; 10]).unwrap();
    }
    // …but not for ever: past 64 KiB it is the reader's own fault.
    let error = std::iter::repeat_with(|| tls.sock.write_all(&[7; 4096])).find_map(Result::err).unwrap();
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
}

#[test]
fn who_never_closes_is_left() {
    let server = Server::with(Limits { close: SOON, connections: 1, ..Limits::default() });
    let mut open = asked(&server, "/a.txt");
    open.read_to_end(&mut Vec::new()).unwrap();
    // The only place is free when the first was left.
    assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
}

/// Counts what a server gives a client to be recognised by.
#[derive(Debug, Default)]
struct Recognition(AtomicUsize);

impl ClientSessionStore for Recognition {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

#[test]
fn case_067_nothing_is_sent_to_recognise_a_reader_by() {
    let server = Server::with(Limits::default());
    for versions in [Versions::Tls12, Versions::Tls13] {
        let store = Arc::new(Recognition::default());
        let mut config = probe::config(versions).unwrap();
        config.resumption = Resumption::store(store.clone());
        let mut tls = probe::connect(server.address, Some("localhost"), config).unwrap();
        tls.write_all(b"gemini://localhost/\r\n").unwrap();
        assert!(probe::read_answer(tls).unwrap().closed_cleanly);
        assert_eq!(store.0.load(Ordering::Relaxed), 0, "{versions:?}");
    }
}

pub(crate) fn with_large_file(limits: Limits) -> (tempfile::TempDir, Server) {
    let source = tempfile::tempdir().unwrap();
    fs::File::create(source.path().join("large")).unwrap().set_len(LARGE as u64).unwrap();
    let snapshot = with_pages(vec![("/large", vec![file("large")])], Store::new(), source.path(), limits);
    (source, Server::start(snapshot))
}

#[test]
fn case_023_who_reads_too_little_is_left_and_can_tell() {
    let (_source, server) = with_large_file(Limits { reply: SOON, connections: 1, ..Limits::default() });
    let stalled = asked(&server, "/large");
    wait_until_busy(&stalled);
    // The only place is taken by an exchange, which does not give way: this is answered when the other was left.
    assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
    let answer = probe::read_answer(stalled).unwrap();
    assert!(answer.bytes.len() < LARGE && !answer.closed_cleanly);
}

/// The reply has begun to arrive.
pub(crate) fn wait_until_busy(tls: &Connection) {
    assert_eq!(tls.sock.peek(&mut [0]).unwrap(), 1);
}

#[test]
fn when_all_places_are_taken_the_longest_idle_gives_way() {
    let server = Server::with(Limits { connections: 2, ..Limits::default() });
    let oldest = open(&server);
    let mut newer = open(&server);
    assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
    assert_eq!(probe::read_answer(oldest).unwrap().bytes, b"");
    newer.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
    assert_eq!(probe::read_answer(newer).unwrap().body, b"hello\n");
}

#[test]
fn many_readers_at_once_are_all_answered() {
    let server = Server::with(Limits { connections: 16, ..Limits::default() });
    let address = server.address;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || {
                for _ in 0..20 {
                    let answer = probe::fetch(address, None, "gemini://localhost/a.txt").unwrap();
                    assert_eq!(answer.body, b"hello\n");
                }
            });
        }
    });
}

#[test]
fn a_new_snapshot_is_for_new_connections_and_an_open_one_keeps_its_own() {
    let server = Server::with(Limits::default());
    let mut open_before = open(&server);
    let mut site = fixture::site();
    site.capsules[0].resources.insert(address("/a.txt"), Resource::Gone);
    server.snapshots.send_replace(Arc::new(fixture::snapshot(site, Store::new(), Path::new("."), Limits::default())));
    assert_eq!(ask(&server, "/a.txt").head, "52 this page is gone");
    open_before.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
    assert_eq!(probe::read_answer(open_before).unwrap().body, b"hello\n");
}

#[test]
fn a_stop_lets_exchanges_end_and_begins_no_more() {
    let (_source, mut server) = with_large_file(Limits::default());
    let running = asked(&server, "/large");
    let idle = open(&server);
    wait_until_busy(&running);
    server.ask_to_stop();
    assert_eq!(server.notices.recv().unwrap(), Notice::Stopping);
    assert_eq!(probe::read_answer(idle).unwrap().bytes, b"");
    let answer = probe::read_answer(running).unwrap();
    assert_eq!(answer.body.len(), LARGE);
    assert!(answer.closed_cleanly);
    server.wait();
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_stop_waits_no_longer_than_the_grace() {
    let (_source, mut server) = with_large_file(Limits { grace: SOON, ..Limits::default() });
    let stalled = asked(&server, "/large");
    wait_until_busy(&stalled);
    server.ask_to_stop();
    server.wait();
    assert!(!probe::read_answer(stalled).unwrap().closed_cleanly);
}

const STARVED: &str = "MAQUIS_TEST_STARVED";

/// Not a test of its own: a server in a process that has four descriptors left, until its standard input ends.
#[test]
fn starved_process() {
    if std::env::var_os(STARVED).is_none() {
        return;
    }
    let limit = rustix::process::Rlimit { current: Some(64), maximum: Some(64) };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    let server = Server::with(Limits::default());
    // Once it has answered, the server has opened all it needs for itself.
    assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
    let mut taken: Vec<fs::File> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len() - 4);
    println!("\nport {}", server.address.port());
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    drop(taken);
    let said: Vec<Notice> = server.notices.try_iter().collect();
    println!("\nsaid {said:?}");
}

#[test]
fn case_118_a_server_without_descriptors_turns_readers_away_and_recovers() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "server::starved_process", "--nocapture"])
        .env(STARVED, "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.find_map(|line| line.strip_prefix("port ").map(str::to_owned)).unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let idle: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(address).unwrap()).collect();
    // Who comes while all is taken may be turned away, and is answered before long.
    let answered = (0..200).any(|_| match probe::fetch(address, None, "gemini://localhost/a.txt") {
        Ok(answer) => answer.body == b"hello\n",
        Err(_) => false,
    });
    assert!(answered);
    drop(idle);
    drop(child.stdin.take());
    let said = lines.find_map(|line| line.strip_prefix("said ").map(str::to_owned)).unwrap();
    assert!(said.starts_with("[AcceptFailing") && said.matches("AcceptFailing").count() == 1, "{said}");
    assert!(child.wait().unwrap().success());
}
