//! The limits of each network prefix, with addresses of 127.0.0.0/8 as readers from different places.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use maquis::server::probe::{self, Answer, Versions};
use maquis::server::{Exempt, Limits};
use rustix::net::{AddressFamily, SocketType};
use rustls::ClientConnection;

use crate::fixture::{self, Server};

/// The defaults, with loopback as far away as everybody else.
pub(crate) fn strict() -> Limits {
    Limits { exempt: Vec::new(), ..Limits::default() }
}

/// A connection from another address of loopback.
pub(crate) fn connect_from(host: u8, server: SocketAddr) -> TcpStream {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, host)), 0)).unwrap();
    rustix::net::connect(&socket, &server).unwrap();
    TcpStream::from(socket)
}

/// What a reader at another address of loopback gets.
pub(crate) fn ask_from(host: u8, server: SocketAddr, path: &str) -> std::io::Result<Answer> {
    let config = probe::config(Versions::Any)?;
    let mut tls = probe::over(connect_from(host, server), Some("localhost"), config)?;
    tls.write_all(format!("gemini://localhost{path}\r\n").as_bytes())?;
    probe::read_answer(tls)
}

fn ends_without_a_byte(tcp: TcpStream) -> bool {
    crate::server::rest(tcp).is_empty()
}

#[test]
fn case_065_half_open_handshakes_of_one_prefix_wait_for_each_other_and_keep_nobody_else() {
    let server = Server::with(Limits { handshake: std::time::Duration::from_secs(60), ..strict() });
    let half_open: Vec<TcpStream> = (0..31)
        .map(|_| {
            let mut tcp = connect_from(2, server.address);
            // The beginning of a ClientHello that never ends.
            tcp.write_all(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]).unwrap();
            tcp
        })
        .collect();
    assert_eq!(ask_from(3, server.address, "/a.txt").unwrap().body, b"hello\n", "another prefix is not kept");
    // The last place of the prefix: it waits for its turn, and the next is refused.
    let mut waiting = connect_from(2, server.address);
    waiting.write_all(&[0x16, 3, 1]).unwrap();
    assert!(ends_without_a_byte(connect_from(2, server.address)), "the 33rd connection is closed at once");
    drop(waiting);
    drop(half_open);
    assert_eq!(until_served(2, server.address).body, b"hello\n", "all is free again");
}

/// Asks again while the server still counts connections that are closed on our side.
fn until_served(host: u8, server: SocketAddr) -> Answer {
    loop {
        if let Ok(answer) = ask_from(host, server, "/a.txt") {
            return answer;
        }
    }
}

#[test]
fn handshakes_of_one_prefix_beyond_its_share_wait_and_are_served() {
    let server = Server::with(Limits { handshakes_per_prefix: 1, ..strict() });
    let half_open = half_a_handshake(connect_from(2, server.address));
    let address = server.address;
    let answer = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ask_from(2, address, "/a.txt").unwrap());
        // Another prefix has its own turn, and its whole reply arrives meanwhile.
        assert_eq!(ask_from(3, server.address, "/a.txt").unwrap().body, b"hello\n");
        assert!(!waiting.is_finished());
        drop(half_open);
        waiting.join().unwrap()
    });
    assert_eq!(answer.body, b"hello\n");
}

/// A handshake in which the server has said its part, and the client never says its last.
pub(crate) fn half_a_handshake(mut tcp: TcpStream) -> TcpStream {
    let config = Arc::new(probe::config(Versions::Any).unwrap());
    let mut session = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    session.write_tls(&mut tcp).unwrap();
    assert_eq!(tcp.peek(&mut [0]).unwrap(), 1);
    tcp
}

#[test]
fn who_asks_too_fast_is_told_for_how_long_to_wait() {
    let server = Server::with(Limits { burst: 3, requests_per_second: 1, ..strict() });
    let heads: Vec<String> = (0..4).map(|_| ask_from(2, server.address, "/a.txt").unwrap().head).collect();
    // A slow machine may have earned a token meanwhile; the burst is answered in any case.
    assert!(heads[..3].iter().all(|head| head.starts_with("20 ")), "{heads:?}");
    let refused = std::iter::repeat_with(|| ask_from(2, server.address, "/a.txt").unwrap())
        .find(|answer| answer.head.starts_with("44"))
        .unwrap();
    assert_eq!((refused.head.as_str(), refused.body.len(), refused.closed_cleanly), ("44 1", 0, true));
    assert!(ask_from(3, server.address, "/a.txt").unwrap().head.starts_with("20 "), "another prefix is welcome");
}

#[test]
fn the_shipped_burst_of_sixty_is_reached() {
    let server = Server::with(Limits { requests_per_second: 1, ..strict() });
    let answers = std::iter::repeat_with(|| ask_from(2, server.address, "/a.txt").unwrap().head);
    let welcome = answers.take_while(|head| head.starts_with("20 ")).count();
    assert!(welcome >= 60, "{welcome}");
}

#[test]
fn loopback_has_no_limits_of_its_own_by_default() {
    assert_eq!(Limits::default().exempt, [Exempt::Loopback]);
    let limits = Limits { connections_per_prefix: 1, handshakes_per_prefix: 1, burst: 1, ..Limits::default() };
    let server = Server::with(limits);
    let _half_open = connect_from(1, server.address);
    for _ in 0..3 {
        assert!(ask_from(1, server.address, "/a.txt").unwrap().head.starts_with("20 "));
    }
}

#[test]
fn a_reload_changes_the_pace() {
    let server = Server::with(Limits { burst: 1, requests_per_second: 1, ..strict() });
    while !ask_from(2, server.address, "/a.txt").unwrap().head.starts_with("44") {}
    let faster = Limits { burst: 1_000_000, ..strict() };
    server.snapshots.send_replace(Arc::new(fixture::snapshot(
        fixture::site(),
        fixture::Store::new(),
        std::path::Path::new("."),
        faster,
    )));
    assert!(ask_from(2, server.address, "/a.txt").unwrap().head.starts_with("20 "));
}
