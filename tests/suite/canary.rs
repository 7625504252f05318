//! The canary: readers who can be told apart come by, some politely and some not. Then everything that is left
//! of the visit is looked through, and nothing of them may be in it.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use maquis::server::probe::{self, Versions};
use rustix::net::{AddressFamily, SocketType};
use rustix::process::Signal;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{ClientConnection, SignatureScheme, StreamOwned};

use crate::served::{Served, folder, maquis};

/// In every path, query and name that the readers send.
const TOKEN: &str = "canary7f3a9c";
/// Nobody is exempt: the tables that hold prefixes are in use.
const CONFIGURATION: &str = "[[capsule]]\n[gemini]\nlisten = [\"127.0.0.1:0\"]\n[gopher]\nlisten = [\"127.0.0.1:0\"]\n\
    [limits]\nexempt = []\nburst = 3\nrequests_per_second = 1\nconnections_per_prefix = 8\n";
/// How the readers' own addresses begin.
const SOURCE: [u8; 2] = [127, 66];

/// Notes whether the server asked for a certificate, which readers would see as a prompt.
#[derive(Debug)]
struct NeverAsked(AtomicBool);

impl ResolvesClientCert for NeverAsked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// A connection from an address of the reader's own.
fn connect(to: SocketAddr, last: u8) -> TcpStream {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let from = SocketAddrV4::new(Ipv4Addr::new(SOURCE[0], SOURCE[1], 0, last), 0);
    rustix::net::bind(&socket, &from).unwrap();
    rustix::net::connect(&socket, &to).unwrap();
    TcpStream::from(socket)
}

/// One visit; whatever comes back is read to its end.
fn visit(served: &Served, last: u8, name: &str, request: &[u8], asked: &Arc<NeverAsked>) -> Vec<u8> {
    visit_at(served.address, last, name, request, asked)
}

fn visit_at(at: SocketAddr, last: u8, name: &str, request: &[u8], asked: &Arc<NeverAsked>) -> Vec<u8> {
    let mut config = probe::config(Versions::Any).unwrap();
    config.client_auth_cert_resolver = Arc::<NeverAsked>::clone(asked);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut tls = StreamOwned::new(session, connect(at, last));
    tls.write_all(request).unwrap();
    let mut bytes = Vec::new();
    match tls.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof),
    }
    bytes
}

/// Every file of a folder with its bytes.
fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], token: &[u8]) -> bool {
    bytes.windows(token.len()).any(|window| window == token)
}

/// Visits to the gopherhole, in the open and over TLS.
fn dig(served: &Served, asked: &Arc<NeverAsked>) {
    let at = served.gopher.unwrap();
    let selectors = [
        format!("/posts/a.txt\t{TOKEN}\r\n"),
        format!("/{TOKEN}\r\n"),
        format!("{TOKEN} \x1b[31m\r\n"),
        format!("URL:https://{TOKEN}.example/\r\n"),
        format!("URL:javascript:{TOKEN}\r\n"),
        format!("{}\r\n", TOKEN.repeat(200)),
        format!("GET /{TOKEN} HTTP/1.1\r\n"),
    ];
    for (last, selector) in (50..).zip(&selectors) {
        let mut plain = connect(at, last);
        plain.write_all(selector.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A reply to what is too long may end in a reset: more was sent than was read.
        let _end = plain.read_to_end(&mut answer);
        assert!(answer.len() > 3, "{selector:?}");
        assert!(visit_at(at, last, "localhost", selector.as_bytes(), asked).len() > 3, "{selector:?}");
    }
    let mut broken = connect(at, 97);
    broken.write_all(TOKEN.as_bytes()).unwrap();
}

/// Somebody who asks again and again, until the server has remembered the prefix long enough to say so, on both
/// protocols and for connections that say nothing.
fn hurry(served: &Served, asked: &Arc<NeverAsked>) {
    let request = format!("gemini://localhost/?{TOKEN}\r\n");
    let slow_down = |_: &u8| visit(served, 200, "localhost", request.as_bytes(), asked).starts_with(b"44 ");
    assert!((0..100).any(|number| slow_down(&number)), "the limit was reached");
    let silent: Vec<TcpStream> = (0..40).map(|_| connect(served.address, 201)).collect();
    let refused = |mut tcp: &TcpStream| {
        tcp.set_nonblocking(true).unwrap();
        matches!(tcp.read(&mut [0]), Ok(0))
    };
    let latest = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !silent.iter().any(refused) {
        assert!(std::time::Instant::now() < latest, "too many connections of one prefix");
        std::thread::yield_now();
    }
}

#[test]
fn nothing_of_a_reader_is_left() {
    let blog = folder(&[
        ("capsule/posts/a.md", "---\ntitle: A\ndate: 2024-01-02\n---\nText.\n"),
        ("capsule/x.txt", "x\n"),
        ("config.toml", CONFIGURATION),
    ]);
    let state = tempfile::TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(blog.path());
    let mut served = Served::start(command);
    served.state = Some(state);
    let asked = Arc::new(NeverAsked(AtomicBool::new(false)));
    let sni = format!("{TOKEN}.example");
    let requests = [
        format!("gemini://localhost/posts/a/?{TOKEN}\r\n"),
        format!("gemini://localhost/{TOKEN}\r\n"),
        format!("gemini://localhost/{TOKEN}/../posts/a/\r\n"),
        format!("gemini://{TOKEN}.example/\r\n"),
        format!("gemini://{TOKEN}@localhost/\r\n"),
        format!("gemini://localhost/#{TOKEN}\r\n"),
        format!("{TOKEN} \x1b[31m\r\n"),
        format!("titan://localhost/{TOKEN};size=3;token={TOKEN}\r\nabc"),
        format!("gemini://localhost/{}\r\n", TOKEN.repeat(200)),
        format!("gemini://localhost/%{TOKEN}\u{202e}\r\n"),
    ];
    for (last, request) in (1..).zip(&requests) {
        let answer = visit(&served, last, "localhost", request.as_bytes(), &asked);
        assert!(answer.len() > 3, "{request:?}");
        visit(&served, last, &sni, request.as_bytes(), &asked);
    }
    // Somebody with a web browser, and somebody who breaks off.
    let mut plain = connect(served.address, 99);
    plain.write_all(format!("GET /{TOKEN} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(plain.read(&mut [0; 16]).unwrap_or(0), 0);
    let mut broken = connect(served.address, 98);
    broken.write_all(format!("\x16\x03\x01\x00\x40{TOKEN}").as_bytes()).unwrap();
    drop(broken);
    dig(&served, &asked);
    hurry(&served, &asked);
    assert!(!asked.0.load(Ordering::Relaxed), "a reader was asked for a certificate");

    let mut left = Vec::new();
    for entry in fs::read_dir(format!("/proc/{}/fd", served.id())).unwrap() {
        // Some are closed before they are looked at.
        let Ok(path) = fs::read_link(entry.unwrap().path()) else { continue };
        left.push((format!("open file {}", path.display()), path.display().to_string().into_bytes()));
    }
    let state = served.state.take().unwrap();
    files(state.path(), &mut left);
    assert!(
        left.iter().any(|(name, bytes)| name.ends_with("pages") && holds(bytes, b"Text.")),
        "the store is looked at"
    );
    served.signal(Signal::TERM);
    let said = served.lines_until(|line| line == "stopping");
    left.push(("output".into(), [served.said.clone(), said].concat().join("\n").into_bytes()));
    for (name, bytes) in &left {
        assert!(!holds(bytes, TOKEN.as_bytes()), "{name} holds a reader's words");
        assert!(!holds(bytes, b"127.66."), "{name} holds a reader's address");
    }
}
