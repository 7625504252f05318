//! The server as Gopher readers meet it, in the open: the same limits, the same ends as over TLS.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

use maquis::server::Limits;
use maquis::server::probe::{self, Versions};
use maquis::site::{Part, Stored};

use crate::fixture::{Server, Store, file};
use crate::limits::{ask_from, connect_from, strict};
use crate::server::{LARGE, SOON, pattern, rest, with_large_file, with_pages};

fn asked(server: &Server, selector: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(server.gopher).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    tcp.write_all(format!("{selector}\r\n").as_bytes()).unwrap();
    tcp
}

fn ask(server: &Server, selector: &str) -> Vec<u8> {
    rest(asked(server, selector))
}

#[test]
fn bodies_of_every_kind_arrive_whole() {
    let source = tempfile::tempdir().unwrap();
    let mut store = Store::new();
    let mut pages = Vec::new();
    let sizes = [0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 1_000_003];
    for size in sizes {
        fs::write(source.path().join(format!("{size}.bin")), pattern(size)).unwrap();
        pages.push((format!("/bytes/{size}"), vec![Part::Bytes(pattern(size).into())]));
        pages.push((format!("/stored/{size}"), vec![store.add(&pattern(size))]));
        pages.push((format!("/file/{size}"), vec![file(&format!("{size}.bin"))]));
    }
    pages.push(("/parts/0".into(), vec![store.add(&pattern(3)), file("1000003.bin"), Part::Bytes(pattern(9).into())]));
    let paths: Vec<String> = pages.iter().map(|(path, _)| path.clone()).collect();
    let pages = pages.iter_mut().map(|(path, parts)| (path.as_str(), std::mem::take(parts))).collect();
    let server = Server::start(with_pages(pages, store, source.path(), Limits::default()));
    for path in &paths {
        let size = path.rsplit('/').next().unwrap().parse().unwrap();
        let expected = match path.as_str() {
            "/parts/0" => [pattern(3), pattern(1_000_003), pattern(9)].concat(),
            _ => pattern(size),
        };
        assert!(ask(&server, path) == expected, "{path}");
    }
}

#[test]
fn what_is_no_file_or_cannot_be_read_is_an_error_in_a_menu() {
    let place = Part::Stored(Stored { offset: 1 << 40, len: 10 });
    let pages = vec![("/lost", vec![place]), ("/missing", vec![file("missing")])];
    let server = Server::start(with_pages(pages, Store::new(), Path::new("."), Limits::default()));
    let not_found = b"3nothing is here\t\terror.host\t1\r\n.\r\n";
    assert_eq!(ask(&server, "/missing"), not_found);
    let unread = b"3This cannot be read just now; please come back.\t\terror.host\t1\r\n.\r\n";
    assert_eq!(ask(&server, "/lost"), unread);
}

#[test]
fn who_asks_nothing_in_time_is_left_without_a_byte() {
    let server = Server::with(Limits { request: SOON, ..Limits::default() });
    for begun in ["", "/a.txt", "\r"] {
        let mut tcp = TcpStream::connect(server.gopher).unwrap();
        tcp.write_all(begun.as_bytes()).unwrap();
        assert_eq!(rest(tcp), b"", "{begun:?}");
    }
}

#[test]
fn an_idle_reader_keeps_nobody_waiting() {
    let server = Server::with(Limits::default());
    let mut idle = TcpStream::connect(server.gopher).unwrap();
    idle.write_all(b"/a").unwrap();
    assert_eq!(ask(&server, "/a.txt"), b"hello\r\n");
    idle.write_all(b".txt\n").unwrap();
    assert_eq!(rest(idle), b"hello\r\n");
}

#[test]
fn a_reader_who_sends_no_more_gets_the_whole_reply() {
    let server = Server::with(Limits::default());
    let tcp = asked(&server, "/a.txt");
    tcp.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(tcp), b"hello\r\n");
}

#[test]
fn who_reads_too_little_is_left_and_can_tell() {
    let (_source, server) = with_large_file(Limits { reply: SOON, connections: 1, ..Limits::default() });
    let mut stalled = asked(&server, "/large");
    assert_eq!(stalled.peek(&mut [0]).unwrap(), 1);
    // The only place is taken by an exchange, which does not give way: this is answered when the other was left.
    assert_eq!(ask(&server, "/a.txt"), b"hello\r\n");
    let mut bytes = Vec::new();
    assert_eq!(stalled.read_to_end(&mut bytes).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(bytes.len() < LARGE);
}

#[test]
fn over_tls_there_is_the_certificate_of_the_capsule_and_a_clean_end() {
    let server = Server::with(Limits::default());
    for versions in [Versions::Tls12, Versions::Tls13] {
        let mut tls = probe::connect(server.gopher, Some("capsule.example"), probe::config(versions).unwrap()).unwrap();
        tls.write_all(b"/a.txt\r\n").unwrap();
        let answer = probe::read_answer(tls).unwrap();
        assert_eq!(answer.bytes, b"hello\r\n");
        assert!(answer.closed_cleanly);
        let gemini = probe::fetch(server.address, Some("capsule.example"), "gemini://capsule.example/").unwrap();
        assert_eq!(answer.certificate_der, gemini.certificate_der);
    }
}

#[test]
fn both_protocols_share_the_places() {
    let server = Server::with(Limits { connections: 1, ..Limits::default() });
    let idle = TcpStream::connect(server.gopher).unwrap();
    // The two sockets are accepted from in no order: where the idle connection came second, a first try gave way.
    let fetch = |_| probe::fetch(server.address, Some("localhost"), "gemini://localhost/a.txt").ok();
    let answer = (0..100).filter_map(fetch).find(|answer| !answer.body.is_empty()).unwrap();
    assert_eq!(answer.body, b"hello\n");
    assert_eq!(rest(idle), b"");
}

#[test]
fn who_asks_too_fast_is_told_so_over_both_protocols() {
    let server = Server::with(Limits { burst: 1, requests_per_second: 1, ..strict() });
    let dig = || {
        let mut tcp = connect_from(2, server.gopher);
        tcp.write_all(b"/a.txt\r\n").unwrap();
        rest(tcp)
    };
    // A slow machine may have earned a token meanwhile.
    let refused = std::iter::repeat_with(dig).find(|answer| answer != b"hello\r\n").unwrap();
    assert_eq!(
        refused.escape_ascii().to_string(),
        "3Too many requests; please come back in 1 s.\\t\\terror.host\\t1\\r\\n\
         1Home\\t/\\tlocalhost\\t7070\\r\\n.\\r\\n"
    );
    // What was asked of one is asked of both.
    let gemini = || ask_from(2, server.address, "/a.txt").unwrap().head;
    assert!(std::iter::repeat_with(gemini).any(|head| head == "44 1"));
    let mut tcp = connect_from(3, server.gopher);
    tcp.write_all(b"/a.txt\r\n").unwrap();
    assert_eq!(rest(tcp), b"hello\r\n", "another prefix is welcome");
}
