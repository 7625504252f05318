//! The rules of the house that a program can check: imports go down only, pure layers do no IO, a peer's
//! address stays where it is needed, every file says what it is.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top down; what stands in one line may import each other.
const LAYERS: [&[&str]; 9] = [
    &["main"],
    &["cli", "command"],
    &["config"],
    &["publish", "source", "store", "watch", "sandbox", "memory", "system", "notice", "server"],
    &["protocol"],
    &["site"],
    &["read", "render"],
    &["content"],
    &["text"],
];

/// What does IO, reads a clock or waits.
const IMPURE: [&str; 9] = [
    "std::fs",
    "TcpListener",
    "TcpStream",
    "std::io::std",
    "std::thread",
    "std::env",
    "tokio::",
    "SystemTime",
    "Instant::now",
];

const PURE: [&str; 6] = ["protocol", "site", "read", "render", "content", "text"];

pub(crate) fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                sources.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(sources.len() > 50);
    // A file that is only compiled for tests may use what it likes.
    let tests: Vec<String> = sources
        .iter()
        .flat_map(|(_, text)| text.split("#[cfg(test)]\nmod ").skip(1))
        .filter_map(|rest| rest.split_once(';'))
        .map(|(name, _)| format!("/{name}.rs"))
        .collect();
    sources.retain(|(name, _)| !tests.iter().any(|test| name.ends_with(test)));
    sources
}

/// The room a file is in: `read` for `read/hugo.rs` and for `read.rs`.
fn room(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap()
}

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&room))
}

/// The code without its tests, which may use what they like.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap()
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        if name == "lib.rs" {
            continue;
        }
        let own = layer(room(&name)).unwrap_or_else(|| panic!("{name} is in no layer"));
        for piece in code(&text).split("crate::").skip(1) {
            let imported = piece.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap();
            if layer(imported).is_some_and(|other| other < own) {
                wrong.push(format!("{name} imports {imported}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_layers_do_no_io() {
    let mut wrong = Vec::new();
    for (name, text) in sources().into_iter().filter(|(name, _)| PURE.contains(&room(name))) {
        for line in code(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            let found = IMPURE.iter().find(|word| line.contains(*word)).copied();
            if let Some(word) = found.or(line.contains("Timestamp::now").then_some("Timestamp::now")) {
                wrong.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_peers_address_stays_with_the_listener() {
    let allowed = ["server/listener.rs", "server/limiter.rs", "server/probe.rs", "server/probe/line.rs"];
    // Where it listens itself, and nobody is accepted.
    let own_places = [
        "server/bind.rs",
        "server/bind/unix.rs",
        "server/endpoint.rs",
        "server/socket.rs",
        "server/probe/dial.rs",
        "protocol/gemini/host.rs",
    ];
    for (name, text) in sources() {
        let kept_from =
            matches!(room(&name), "server" | "protocol" | "site" | "notice") && !allowed.contains(&name.as_str());
        let words: &[&str] = match own_places.contains(&name.as_str()) {
            true => &["peer_addr", "peername", "accept("],
            false => &["IpAddr", "SocketAddr", "peer_addr", "peername"],
        };
        let named = words.iter().find(|word| code(&text).contains(*word));
        // A host's name may be an address; that is no peer's.
        let own = name == "server/certificate.rs" || name.starts_with("server/certificate/") || name == "server/tls.rs";
        assert!(!(kept_from && !own && named.is_some()), "{name} names {named:?}");
    }
}

/// What can be printed where a reader's bytes pass: names of protocols and rules, and nothing that came in.
const PRINTABLE: [&str; 6] = ["Protocol", "NoPath", "Speaks", "Limits", "Exempt", "Socket"];

#[test]
fn what_a_reader_sent_cannot_be_printed() {
    let places =
        ["protocol", "server/connection", "server/line", "server/outgoing", "server/stream", "server/listener"];
    let more = ["server/limiter", "server/worker", "server/mod", "server/socket"];
    let (mut looked_at, mut printed) = (0, Vec::new());
    for (name, text) in sources() {
        if !places.iter().chain(&more).any(|place| name.starts_with(place)) {
            continue;
        }
        looked_at += 1;
        let code = code(&text);
        for ways in ["fmt::Debug for", "fmt::Display for", "Debug for ", "Display for ", "dbg!", "println!"] {
            assert!(!code.contains(ways), "{name}: {ways}");
        }
        let derived = code.split("#[derive(").skip(1).filter(|rest| rest.split(')').next().unwrap().contains("Debug"));
        printed.extend(derived.map(|rest| {
            let declared = rest.lines().find(|line| line.contains("enum ") || line.contains("struct ")).unwrap();
            let words: Vec<&str> = declared.split(|c: char| !c.is_alphanumeric()).collect();
            let at = words.iter().position(|word| matches!(*word, "enum" | "struct")).unwrap();
            words[at + 1].to_owned()
        }));
    }
    assert!(looked_at > 10, "the control: {looked_at}");
    printed.sort();
    let mut allowed = PRINTABLE.map(str::to_owned);
    allowed.sort();
    assert_eq!(printed, allowed, "a type that may hold what a reader sent can be printed");
}

#[test]
fn every_file_says_what_it_is() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} has no head comment");
        assert!(!text.contains("unsafe {"), "{name}");
    }
}
