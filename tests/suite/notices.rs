//! What is printed while serving, and that serving does not depend on anybody reading it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use maquis::notice::{Notice, Notices};
use maquis::publish::Tally;

const SAYING: &str = "MAQUIS_TEST_SAYING";

/// Not a test of its own: a process that says a great deal once its standard input ends, and a panic in between.
#[test]
fn talking_process() {
    let Some(what) = std::env::var_os(SAYING) else { return };
    println!("\nready");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    let (notices, waiting) = Notices::waiting();
    let printer = waiting.start().unwrap();
    if what == "panic" {
        notices.take_over_panics();
        let panicked = std::thread::spawn(|| panic!("gemini://localhost/secret")).join();
        assert!(panicked.is_err());
        drop(std::panic::take_hook());
    } else {
        for post in 0..20_000 {
            notices.say(Notice::Published { pages: Tally { posts: post, others: 0 }, problems: 0 });
        }
    }
    drop(notices);
    printer.finish();
    // Not back to the test harness, which would itself wait for a reader.
    std::process::exit(0);
}

fn start(what: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "notices::talking_process", "--nocapture"])
        .env(SAYING, what)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line != "ready\n" {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0);
    }
    (child, out)
}

#[test]
fn nobody_reads_and_the_process_goes_on_and_ends() {
    let (mut child, unread) = start("much");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    drop(unread);
}

#[test]
fn a_closed_output_hurts_nothing() {
    let (mut child, out) = start("much");
    drop(out);
    drop(child.stderr.take());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_fault_is_told_by_its_place_and_never_in_its_words() {
    let (mut child, mut out) = start("panic");
    let mut stderr = child.stderr.take().unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    out.read_to_string(&mut said).unwrap();
    assert!(said.contains("a fault in maquis at tests/suite/notices.rs:"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}
