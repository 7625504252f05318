//! The catalogue of faults (`tests/faults.toml`): bad input and bad luck, each with the test that survives it.
//!
//! The rule for all of them: no panic, no restart, no other reader kept waiting, no file outside the source folder, no
//! line about the reader, a well-formed head, then close_notify. Delays are tested as order: the good reader's whole
//! reply arrives while every bad connection is still open.

mod address;
mod content;
mod files;
mod request;
mod runtime;
mod storms;
mod tls;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use maquis::server::probe::{self, Answer};
use serde::Deserialize;

use crate::fixture::Server;

/// The cases of the catalogue.
const CASES: std::ops::RangeInclusive<u32> = 1..=132;

/// What is said of a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The function that tests it.
    test: Option<String>,
    /// Why there is no test.
    why: Option<String>,
}

#[test]
fn every_case_of_the_catalogue_has_its_test_or_a_reason() {
    let text = fs::read_to_string(project("tests/faults.toml")).unwrap();
    let chapters: BTreeMap<String, BTreeMap<String, Case>> = toml::from_str(&text).unwrap();
    let cases: BTreeMap<u32, &Case> =
        chapters.values().flatten().map(|(number, case)| (number.parse().unwrap(), case)).collect();
    assert_eq!(chapters.values().map(BTreeMap::len).sum::<usize>(), cases.len(), "a number stands twice");
    let numbers: Vec<u32> = cases.keys().copied().collect();
    assert_eq!(numbers, CASES.collect::<Vec<_>>());
    let sources = sources();
    for (number, case) in cases {
        let said = usize::from(case.test.is_some()) + usize::from(case.why.is_some());
        assert_eq!(said, 1, "case {number}: exactly one of test and why");
        if let Some(test) = &case.test {
            let named = |end: char| sources.contains(&format!("{test}{end}"));
            assert!(named('(') || named(':'), "case {number}: there is no test {test}");
            assert!(test.contains(&format!("{number:03}")), "case {number}: {test} does not name it");
        }
    }
}

/// All code that may hold tests.
fn sources() -> String {
    let mut folders = vec![project("src"), project("tests/suite")];
    let mut sources = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("rs") => sources += &fs::read_to_string(path).unwrap(),
                None if path.is_dir() => folders.push(path),
                Some(_) | None => {}
            }
        }
    }
    sources
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What the bytes of a request are answered with over TLS; the connection ended with close_notify and nothing was
/// said about the reader.
fn answer(request: &[u8]) -> Answer {
    answer_of(&Server::with(maquis::server::Limits::default()), request)
}

fn answer_of(server: &Server, request: &[u8]) -> Answer {
    let answer = probe::send(server.address, Some("localhost"), request).unwrap();
    assert!(answer.closed_cleanly, "no close_notify");
    assert!(server.notices.try_recv().is_err(), "something was said about a reader");
    answer
}

/// The good reader: served whole, whatever others do meanwhile.
fn good_reader(server: &Server) {
    let answer = probe::fetch(server.address, Some("localhost"), "gemini://localhost/a.txt").unwrap();
    assert_eq!((answer.body.as_slice(), answer.closed_cleanly), (b"hello\n".as_slice(), true));
}

/// Tests of requests that are refused, as their number, what is asked, and the status and meta of the answer begin.
macro_rules! refused {
    ($($name:ident: $requests:expr => $head:literal;)*) => {
        $(#[test]
        fn $name() {
            for request in $requests {
                let request: &[u8] = request.as_ref();
                let answer = crate::faults::answer(request);
                assert!(answer.head.starts_with($head), "{}: {}", request.escape_ascii(), answer.head);
                assert!(answer.body.is_empty());
            }
        })*
    };
}
use refused;
