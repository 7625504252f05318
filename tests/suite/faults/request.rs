//! A. The line of a request.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use maquis::server::{Limits, probe};

use super::{answer, answer_of, good_reader, refused};
use crate::fixture::Server;
use crate::server::{SOON, ask, asked, open};

refused! {
    case_001_an_empty_line: ["\r\n"] => "59 ";
    case_002_a_path_alone: ["/\r\n", "/a.txt\r\n"] => "59 ";
    case_003_a_host_without_a_scheme: ["//localhost/\r\n"] => "59 ";
    case_004_a_sentence: ["Hello Gemini!\r\n"] => "59 ";
    case_014_nul_in_the_middle: ["gemini://localhost/a\0b\r\n"] => "59 ";
    case_015_invalid_utf_8: [b"gemini://localhost/\xdc\r\n"] => "59 ";
    case_016_a_byte_order_mark: ["\u{feff}gemini://localhost/\r\n"] => "59 ";
    case_017_white_space_around: [" gemini://localhost/\r\n", "gemini://localhost/ \r\n", "gemini://localhost/\t\r\n"] => "59 ";
    case_018_raw_controls_and_direction_marks: ["gemini://localhost/\x1b[31m\r\n", "gemini://localhost/\u{202e}gpj\r\n"] => "59 ";
    case_018_encoded_controls_and_direction_marks: ["gemini://localhost/%1b%5B31m\r\n", "gemini://localhost/%E2%80%AEgpj\r\n"] => "51 ";
    case_019_user_information: ["gemini://u:p@localhost/\r\n", "gemini://@localhost/\r\n"] => "59 ";
    case_020_a_fragment: ["gemini://localhost/a.txt#x\r\n"] => "59 ";
}

#[test]
fn case_007_exactly_1024_bytes_are_a_request() {
    let longest = format!("gemini://localhost/a.txt?{}", "q".repeat(999));
    assert_eq!(longest.len(), 1024);
    assert_eq!(answer(format!("{longest}\r\n").as_bytes()).body, b"hello\n");
    assert!(answer(format!("gemini://localhost/{}\r\n", "a".repeat(1005)).as_bytes()).head.starts_with("51 "));
}

#[test]
fn case_008_1025_bytes_are_refused() {
    let request = format!("gemini://localhost/a.txt?{}\r\n", "q".repeat(1000));
    assert_eq!(request.len(), 1027);
    assert!(answer(request.as_bytes()).head.starts_with("59 "));
}

#[test]
fn case_009_a_mebibyte_without_an_end_is_refused_at_1026_bytes() {
    let server = Server::with(Limits::default());
    let mut tls = open(&server);
    tls.write_all(&[b'x'; 1026]).unwrap();
    // The answer is whole before any more is sent.
    let mut answer = Vec::new();
    tls.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"59 ") && answer.ends_with(b"\r\n"));
    // What comes after it is thrown away up to a bound, and then no longer taken.
    let refused = (0..1 << 20).find_map(|_| tls.sock.write_all(&[b'x'; 1024]).err());
    assert!(refused.is_some(), "a gibibyte was taken");
}

#[test]
fn case_010_one_byte_after_another_is_cut_off_in_time() {
    let server = Server::with(Limits { request: SOON, ..Limits::default() });
    let mut slow = open(&server);
    slow.sock.set_nonblocking(true).unwrap();
    // A good reader is served between any two of its bytes.
    let sent = (0..1000)
        .take_while(|_| {
            let _cut_off = slow.write(b"x");
            good_reader(&server);
            matches!(slow.read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
        })
        .count();
    assert!(sent < 1000, "never cut off");
}

#[test]
fn case_012_ten_megabytes_after_the_request_are_not_taken() {
    let server = Server::with(Limits { close: Duration::from_secs(60), ..Limits::default() });
    let mut tls = asked(&server, "/a.txt");
    let mut answer = Vec::new();
    tls.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(b"hello\n"));
    let refused = (0..10_000).find_map(|_| tls.sock.write_all(&[7; 1024]).err()).expect("ten megabytes were taken");
    assert!(matches!(refused.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{refused}");
    good_reader(&server);
}

#[test]
fn case_013_of_two_requests_the_first_is_answered() {
    let answer = answer(b"gemini://localhost/a.txt\r\ngemini://localhost/dir/\r\n");
    assert_eq!(answer.bytes, b"20 text/plain; charset=utf-8\r\nhello\n");
}

#[test]
fn case_018_nothing_of_a_request_is_printed() {
    let server = Server::with(Limits::default());
    // `answer_of` looks at what is said.
    for path in ["%1b%5B31m", "%E2%80%AE", "\x1b[31m", "\u{202e}"] {
        answer_of(&server, format!("gemini://localhost/{path}\r\n").as_bytes());
    }
}

#[test]
fn a_hundred_slow_requests_keep_nobody_waiting() {
    let server = Server::with(Limits::default());
    let mut slow: Vec<probe::Connection> = (0..100).map(|_| open(&server)).collect();
    slow.iter_mut().for_each(|tls| tls.write_all(b"gemini://local").unwrap());
    for _ in 0..5 {
        assert_eq!(ask(&server, "/a.txt").body, b"hello\n");
    }
    for tls in &mut slow {
        tls.write_all(b"host/a.txt\r\n").unwrap();
    }
    for tls in slow {
        assert_eq!(probe::read_answer(tls).unwrap().body, b"hello\n", "each of them was still open");
    }
}
