//! Wire transcripts: what each request is answered with, to the byte; and the four properties of a step.
//!
//! The transcripts are files (`tests/wire/README.md`). Each is tried in one piece, cut up at every byte, and over
//! real TLS, where every reply must end with close_notify.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};

use maquis::protocol::{Exchange, Protocol, Reply, Step, Verdict};
use maquis::server::{Limits, probe};
use maquis::site::{Part, Site};
use proptest::prelude::*;

use crate::fixture::{self, Server};

/// The bound port in transcripts.
const PORT: &str = ":7800";

/// One request and its answer.
struct Case {
    protocol: Protocol,
    place: String,
    name: Option<String>,
    verdict: Verdict,
    request: Vec<u8>,
    /// `None` where more bytes are needed.
    reply: Option<Vec<u8>>,
}

#[test]
fn every_transcript_is_answered_to_the_byte() {
    let site = fixture::site();
    for case in Protocol::ALL.into_iter().flat_map(cases) {
        let exchange = case.exchange(&site);
        let answer = case.step(&case.request, &exchange);
        assert_eq!(shown(answer.as_deref()), shown(case.reply.as_deref()), "{}", case.place);
        for cut in 0..case.request.len() {
            if let Some(early) = case.step(&case.request[..cut], &exchange) {
                assert_eq!(shown(Some(&early)), shown(case.reply.as_deref()), "{}, cut at {cut}", case.place);
            }
        }
    }
}

#[test]
fn every_transcript_is_answered_over_tls_and_closed_with_close_notify() {
    let server = Server::with(Limits::default());
    let port = format!(":{}", server.address.port());
    for case in cases(Protocol::Gemini).into_iter().filter(|case| matches!(case.verdict, Verdict::Welcome)) {
        let request = replaced(&case.request, PORT.as_bytes(), port.as_bytes());
        let config = probe::config(probe::Versions::Any).unwrap();
        let mut tls = probe::connect(server.address, case.name.as_deref(), config).unwrap();
        tls.write_all(&request).unwrap();
        if case.reply.is_none() {
            // Nothing more will come: the server ends without a reply.
            tls.conn.send_close_notify();
            tls.flush().unwrap();
        }
        let answer = probe::read_answer(tls).unwrap();
        assert_eq!(shown(Some(&answer.bytes)), shown(Some(&case.reply.unwrap_or_default())), "{}", case.place);
        assert!(answer.closed_cleanly, "{}: no close_notify", case.place);
    }
}

#[test]
fn every_gopher_transcript_is_answered_in_the_open_and_over_tls() {
    let server = Server::with(Limits::default());
    for case in cases(Protocol::Gopher).into_iter().filter(|case| matches!(case.verdict, Verdict::Welcome)) {
        let expected = case.reply.clone().unwrap_or_default();
        let mut tcp = TcpStream::connect(server.gopher).unwrap();
        tcp.write_all(&case.request).unwrap();
        if case.reply.is_none() {
            tcp.shutdown(Shutdown::Write).unwrap();
        }
        let mut answer = Vec::new();
        tcp.read_to_end(&mut answer).unwrap();
        assert_eq!(shown(Some(&answer)), shown(Some(&expected)), "{}", case.place);
        let config = probe::config(probe::Versions::Any).unwrap();
        let mut tls = probe::connect(server.gopher, Some("localhost"), config).unwrap();
        tls.write_all(&case.request).unwrap();
        if case.reply.is_none() {
            tls.conn.send_close_notify();
            tls.flush().unwrap();
        }
        let answer = probe::read_answer(tls).unwrap();
        assert_eq!(shown(Some(&answer.bytes)), shown(Some(&expected)), "{}, over TLS", case.place);
        assert!(answer.closed_cleanly, "{}: no close_notify", case.place);
    }
}

#[test]
fn heads_are_within_the_specification() {
    for reply in cases(Protocol::Gemini).into_iter().filter_map(|case| case.reply) {
        let end = reply.windows(2).position(|pair| pair == b"\r\n").expect("a head ends with CRLF");
        let head = str::from_utf8(&reply[..end]).unwrap();
        assert!(well_formed(head), "{head:?}");
        assert!(head.starts_with("20 ") || reply.len() == end + 2, "{head:?} has a body");
    }
}

fn well_formed(head: &str) -> bool {
    let (status, meta) = head.split_at(2);
    let known = ["20", "30", "31", "40", "44", "51", "52", "53", "59"].contains(&status);
    let separated = meta.is_empty() || (meta.starts_with(' ') && meta.len() > 1);
    known && separated && meta.len() <= 1025 && !meta.contains(char::is_control)
}

impl Case {
    fn exchange<'a>(&'a self, site: &'a Site) -> Exchange<'a> {
        Exchange { site, server_name: self.name.as_deref(), ports: [7800, 1965], capsule: 0, verdict: self.verdict }
    }

    fn step(&self, input: &[u8], exchange: &Exchange<'_>) -> Option<Vec<u8>> {
        match self.protocol.step(input, exchange) {
            Step::NeedMore => None,
            Step::Reply(reply) => Some(sent(&reply)),
        }
    }
}

fn sent(reply: &Reply) -> Vec<u8> {
    let mut bytes = reply.head.clone().into_bytes();
    for part in reply.body.iter().flat_map(|body| body.iter()) {
        match part {
            Part::Bytes(part) => bytes.extend_from_slice(part),
            Part::Stored(_) | Part::File(_) => panic!("the fixed site is in memory"),
        }
    }
    bytes
}

fn shown(reply: Option<&[u8]>) -> String {
    reply.map_or("(need more)".into(), |bytes| bytes.escape_ascii().to_string())
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match bytes.windows(from.len()).position(|window| window == from) {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

fn cases(protocol: Protocol) -> Vec<Case> {
    let name = match protocol {
        Protocol::Gemini => "gemini",
        Protocol::Gopher => "gopher",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| read(protocol, file)).collect()
}

fn read(protocol: Protocol, file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut cases = Vec::new();
    let mut line_number = 1;
    for block in text.split("\n\n") {
        let place = format!("{}:{line_number}", file.display());
        line_number += block.matches('\n').count() + 2;
        if block.lines().any(|line| line.starts_with("C>")) {
            cases.push(case(protocol, block, place));
        }
    }
    assert!(!cases.is_empty(), "{} holds no case", file.display());
    cases
}

fn case(protocol: Protocol, block: &str, place: String) -> Case {
    let mut case = Case { protocol, place, name: None, verdict: Verdict::Welcome, request: Vec::new(), reply: None };
    let mut answered = false;
    for line in block.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (mark, rest) = line.split_once("> ").unwrap_or_else(|| panic!("{}: {line:?}", case.place));
        match mark {
            "N" => case.name = Some(rest.to_owned()),
            "V" => case.verdict = Verdict::SlowDown { seconds: rest.parse().unwrap() },
            "C" => case.request.extend(unescaped(rest)),
            "S" if rest == "(need more)" => answered = true,
            "S" => {
                answered = true;
                case.reply.get_or_insert_default().extend(unescaped(rest));
            }
            _ => panic!("{}: {line:?}", case.place),
        }
    }
    assert!(answered, "{}: a case needs an answer", case.place);
    case
}

/// `\r`, `\n`, `\t`, `\\`, `\xHH`, and `\{3*ab}` for `ababab`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.extend(plain.bytes());
        let (kind, after) = escape.split_at(1);
        rest = after;
        match kind {
            "r" => out.push(b'\r'),
            "n" => out.push(b'\n'),
            "t" => out.push(b'\t'),
            "\\" => out.push(b'\\'),
            "x" => {
                out.push(u8::from_str_radix(&after[..2], 16).unwrap());
                rest = &after[2..];
            }
            "{" => {
                let (repeat, after) = after.split_once('}').unwrap();
                let (count, what) = repeat.split_once('*').unwrap();
                out.extend(what.repeat(count.parse().unwrap()).bytes());
                rest = after;
            }
            other => panic!("unknown escape \\{other}"),
        }
    }
    out.extend(rest.bytes());
    out
}

/// Bytes as readers send them: nonsense, and what nearly is a request.
fn requests() -> impl Strategy<Value = Vec<u8>> {
    let nonsense = prop::collection::vec(any::<u8>(), 0..1100);
    let nearly = "(gemini|GEMINI|http|titan|)(://|:/|:|//)(localhost|LOCALHOST.|u@localhost|other.example|[%a-z.\\[\\]:0-9]{0,9})\
                  (:7800|:1965|:0|:|:99999|)(/|/\\.\\./|/%2e%2e/|/%2[fF]|/%00|/a.txt|/dir|/[%0-9a-f./é\r]{0,12}){0,4}(\\?q|#f|)(\r\n|\r|\n|)(rest)?"
        .prop_map(String::into_bytes);
    prop_oneof![nonsense, nearly]
}

fn names() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![Just("localhost".to_owned()), Just("other.example".to_owned()), "[a-z.]{1,9}"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Total: any bytes give a step. Bounded: at the limit it is a reply. Stable: more bytes after the reply, or
    /// fewer before it, change nothing. Silent: all it is given is borrowed and immutable; a reply is one line.
    #[test]
    fn a_step_is_total_bounded_stable_and_silent(input in requests(), after in requests(), name in names()) {
        let site = fixture::site();
        let exchange =
            Exchange { site: &site, server_name: name.as_deref(), ports: [7800, 1965], capsule: 0, verdict: Verdict::Welcome };
        for protocol in Protocol::ALL {
            let mut padded = input.clone();
            padded.resize(input.len().max(protocol.limit()), b'x');
            prop_assert!(matches!(protocol.step(&padded, &exchange), Step::Reply(_)));
            if let Step::Reply(reply) = protocol.step(&input, &exchange) {
                match protocol {
                    Protocol::Gemini => {
                        let line = reply.head.strip_suffix("\r\n").unwrap();
                        prop_assert!(well_formed(line), "{:?}", reply.head);
                    }
                    // No head: the body says it all.
                    Protocol::Gopher => prop_assert!(reply.head.is_empty() && !sent(&reply).is_empty()),
                }
                let longer = [input.as_slice(), &after].concat();
                let Step::Reply(again) = protocol.step(&longer, &exchange) else {
                    return Err(TestCaseError::fail("a reply was taken back"));
                };
                prop_assert_eq!(sent(&again), sent(&reply));
                let first = (0..=input.len()).find_map(|cut| match protocol.step(&input[..cut], &exchange) {
                    Step::Reply(reply) => Some(reply),
                    Step::NeedMore => None,
                });
                prop_assert_eq!(first.map(|first| sent(&first)), Some(sent(&reply)));
            }
        }
    }
}
