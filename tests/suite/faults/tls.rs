//! C. TLS: what a client may say before, during and after the handshake.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use maquis::server::probe::{self, Versions};
use maquis::server::{Limits, certificate};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, NamedGroup, ServerConfig, ServerConnection};

use super::good_reader;
use crate::fixture::Server;
use crate::limits::half_a_handshake;
use crate::server::{SOON, asked, open, rest};

const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;

/// An extension of a ClientHello.
fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &(body.len() as u16).to_be_bytes(), body].concat()
}

/// A ClientHello for TLS 1.3 and X25519, with these extensions more.
fn hello(more: &[Vec<u8>]) -> Vec<u8> {
    // The base point: a valid public key of X25519.
    let mut share = vec![0, 36, 0, 29, 0, 32, 9];
    share.extend([0; 31]);
    let usual = [
        extension(43, &[2, 3, 4]),
        extension(10, &[0, 2, 0, 29]),
        extension(13, &[0, 4, 4, 3, 8, 7]),
        extension(51, &share),
    ];
    let extensions = [more.concat(), usual.concat()].concat();
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    // No session; GREASE and TLS_AES_128_GCM_SHA256; no compression.
    body.extend([0, 0, 4, 0x0a, 0x0a, 0x13, 1, 1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut message = vec![1];
    message.extend(&(body.len() as u32).to_be_bytes()[1..]);
    message.extend(body);
    message
}

fn server_name(name: &[u8]) -> Vec<u8> {
    let len = |len: usize| (len as u16).to_be_bytes();
    extension(0, &[&len(name.len() + 3)[..], &[0], &len(name.len()), name].concat())
}

fn record(message: &[u8]) -> Vec<u8> {
    [&[HANDSHAKE, 3, 1][..], &(message.len() as u16).to_be_bytes(), message].concat()
}

/// The first record of the answer to a hello.
fn answered(server: &Server, hello: &[u8]) -> Vec<u8> {
    let mut tcp = TcpStream::connect(server.address).unwrap();
    tcp.write_all(&record(hello)).unwrap();
    let mut head = [0; 5];
    tcp.read_exact(&mut head).unwrap();
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    tcp.read_exact(&mut body).unwrap();
    [&head[..], &body].concat()
}

#[test]
fn case_053_a_name_in_the_handshake_that_the_url_does_not_have() {
    let server = Server::with(Limits::default());
    let answer = probe::fetch(server.address, Some("other.example"), "gemini://localhost/a.txt").unwrap();
    assert!(answer.head.starts_with("53 ") && answer.closed_cleanly, "{}", answer.head);
}

#[test]
fn case_054_names_in_the_handshake_that_are_none() {
    let server = Server::with(Limits::default());
    assert_eq!(answered(&server, &hello(&[server_name(b"localhost")]))[0], HANDSHAKE, "the hello itself is good");
    for name in [&b"local\0host"[..], &[b'a'; 256], b"", b"local host", b"\xff"] {
        let answer = answered(&server, &hello(&[server_name(name)]));
        assert_eq!((answer[0], answer[5]), (ALERT, 2), "{}: {answer:?}", name.escape_ascii());
    }
    // An underscore is no letter of host names, and common all the same: such a name is unknown, not wrong.
    assert_eq!(answered(&server, &hello(&[server_name(b"local_host")]))[0], HANDSHAKE);
    good_reader(&server);
}

#[test]
fn case_055_a_hello_in_records_of_one_byte_is_cut_off_in_time() {
    let server = Server::with(Limits { handshake: SOON, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.address).unwrap();
    tcp.set_nonblocking(true).unwrap();
    let hello = hello(&[extension(0xfafa, &[0; 1000])]);
    // A good reader is served between any two of its bytes.
    let cut_off = hello.iter().any(|byte| {
        let _cut_off = tcp.write_all(&record(&[*byte]));
        good_reader(&server);
        !matches!(tcp.read(&mut [0; 100]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    });
    assert!(cut_off);
}

#[test]
fn case_057_a_flood_of_key_updates_is_bounded() {
    let server = Server::with(Limits::default());
    let config = probe::config(Versions::Tls13).unwrap();
    let mut tls = probe::connect(server.address, Some("localhost"), config).unwrap();
    let flooded = (0..2000).try_for_each(|_| {
        tls.conn.refresh_traffic_keys().map_err(std::io::Error::other)?;
        tls.flush()
    });
    good_reader(&server);
    // Whether it was put up with or cut off, the server lives, and nothing of it is told.
    let answer =
        flooded.and_then(|()| tls.write_all(b"gemini://localhost/a.txt\r\n")).map(|()| probe::read_answer(tls));
    if let Ok(Ok(answer)) = answer {
        assert!(answer.bytes.is_empty() || answer.body == b"hello\n");
    }
    good_reader(&server);
    assert!(server.notices.try_recv().is_err());
}

#[test]
fn case_058_every_end_of_ours_is_a_close_notify_and_none_is_waited_for() {
    let server = Server::with(Limits { connections: 1, ..Limits::default() });
    let requests = [
        "gemini://localhost/a.txt",
        "gemini://localhost/dir",
        "gemini://localhost/none",
        "http://localhost/",
        "nonsense",
    ];
    for request in requests {
        let mut tls = open(&server);
        tls.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        // The reader goes without a close_notify of its own; the only place is free for the next.
        assert!(probe::read_answer(tls).unwrap().closed_cleanly, "{request}");
    }
}

/// A ticket that another server gave to this client for the same name.
fn with_a_ticket_from_elsewhere() -> ClientConfig {
    let folder = tempfile::tempdir().unwrap();
    let identity = certificate::load_or_make(folder.path(), "localhost").unwrap().0;
    let mut elsewhere = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from((*identity.certified).clone())));
    elsewhere.ticketer = aws_lc_rs::Ticketer::new().unwrap();
    let elsewhere = Arc::new(elsewhere);
    let mut config = probe::config(Versions::Tls13).unwrap();
    config.resumption = Resumption::in_memory_sessions(8);
    let config = Arc::new(config);
    assert_eq!(in_memory(&config, &elsewhere), Some(HandshakeKind::Full));
    assert_eq!(in_memory(&config, &elsewhere), Some(HandshakeKind::Resumed), "the ticket is good where it is from");
    Arc::unwrap_or_clone(config)
}

/// A handshake without a socket, and some bytes from the server so that its tickets arrive.
fn in_memory(config: &Arc<ClientConfig>, elsewhere: &Arc<ServerConfig>) -> Option<HandshakeKind> {
    let mut client = ClientConnection::new(config.clone(), "localhost".try_into().unwrap()).unwrap();
    let mut server = ServerConnection::new(elsewhere.clone()).unwrap();
    for _ in 0..4 {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets().unwrap();
        wire.clear();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets().unwrap();
    }
    client.handshake_kind()
}

#[test]
fn case_066_a_ticket_from_elsewhere_leads_to_a_full_handshake() {
    let server = Server::with(Limits::default());
    let config = with_a_ticket_from_elsewhere();
    for _ in 0..2 {
        let mut tls = probe::connect(server.address, Some("localhost"), config.clone()).unwrap();
        assert_eq!(tls.conn.handshake_kind(), Some(HandshakeKind::Full));
        tls.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
        assert_eq!(probe::read_answer(tls).unwrap().body, b"hello\n");
    }
}

#[test]
fn case_068_new_clients_get_the_hybrid_group_and_old_ones_theirs() {
    let server = Server::with(Limits::default());
    let all = aws_lc_rs::default_provider().kx_groups;
    let cases = [
        (vec![NamedGroup::X25519MLKEM768, NamedGroup::X25519], NamedGroup::X25519MLKEM768),
        (vec![NamedGroup::X25519, NamedGroup::secp256r1], NamedGroup::X25519),
        (vec![NamedGroup::secp256r1], NamedGroup::secp256r1),
        // A share of one group and the other only named: the server asks for a share of the better one.
        (vec![NamedGroup::secp256r1, NamedGroup::X25519], NamedGroup::secp256r1),
    ];
    for (offered, expected) in cases {
        let groups =
            offered.iter().filter_map(|name| all.iter().copied().find(|group| group.name() == *name)).collect();
        let mut tls = probe::connect(server.address, Some("localhost"), offering(groups)).unwrap();
        tls.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
        let answer = probe::read_answer(tls).unwrap();
        assert_eq!((answer.group, answer.body.as_slice()), (Some(expected), b"hello\n".as_slice()), "{offered:?}");
    }
}

fn offering(groups: Vec<&'static dyn rustls::crypto::SupportedKxGroup>) -> ClientConfig {
    probe::config_of(rustls::crypto::CryptoProvider { kx_groups: groups, ..aws_lc_rs::default_provider() }).unwrap()
}

#[test]
fn case_069_heartbeat_unknown_extensions_and_grease_are_ignored() {
    let server = Server::with(Limits::default());
    let strange = [extension(15, &[1]), extension(0x0a0a, &[]), extension(0xfafa, &[0]), extension(0x1234, &[1, 2, 3])];
    let answer = answered(&server, &hello(&strange));
    assert_eq!((answer[0], answer[5]), (HANDSHAKE, 2), "a ServerHello: {answer:?}");
}

#[test]
fn who_resets_in_the_middle_of_a_handshake_hurts_nobody() {
    let server = Server::with(Limits::default());
    for _ in 0..50 {
        let tcp = half_a_handshake(TcpStream::connect(server.address).unwrap());
        rustix::net::sockopt::set_socket_linger(&tcp, Some(std::time::Duration::ZERO)).unwrap();
    }
    good_reader(&server);
    assert!(server.notices.try_recv().is_err());
}

#[test]
fn a_second_hello_after_the_handshake_is_refused() {
    let server = Server::with(Limits::default());
    let mut tls = open(&server);
    // Past the client's own TLS: plain records in the middle of encrypted ones.
    tls.sock.write_all(&record(&hello(&[]))).unwrap();
    let answer = rest(tls.sock);
    assert!(answer.is_empty() || answer.len() < 200, "an alert at most");
    drop(asked(&server, "/a.txt"));
    good_reader(&server);
}

/// A reader who would show a certificate and writes down how often one was asked for.
#[derive(Debug, Default)]
struct Willing(std::sync::atomic::AtomicUsize);

impl rustls::client::ResolvesClientCert for Willing {
    fn resolve(
        &self,
        _hints: &[&[u8]],
        _schemes: &[rustls::SignatureScheme],
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What a hostile certificate could do is done where one is read: here none is, whatever the page.
#[test]
fn case_059_060_061_062_063_and_064_no_reader_is_asked_for_a_certificate() {
    let server = Server::with(Limits::default());
    for versions in [Versions::Tls12, Versions::Tls13] {
        let willing = Arc::new(Willing::default());
        let mut config = probe::config(versions).unwrap();
        config.client_auth_cert_resolver = willing.clone();
        let mut tls = probe::connect(server.address, Some("localhost"), config).unwrap();
        tls.write_all(b"gemini://localhost/a.txt\r\n").unwrap();
        assert_eq!(probe::read_answer(tls).unwrap().body, b"hello\n");
        assert_eq!(willing.0.load(std::sync::atomic::Ordering::Relaxed), 0);
    }
}
