//! The program over loopback: requests a second and processor time for each, with whole handshakes.
//!
//!     cargo bench --bench loopback
//!
//! Client and server share the machine, and this client is no load generator: the processor time of the server is the
//! figure to look at.

mod report;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use maquis::server::probe;
use report::line;

const FOR: Duration = Duration::from_secs(3);

fn main() {
    let blog = tempfile::tempdir().expect("a folder");
    let text = format!("# Page\n\n{}\n", "Words that are served. ".repeat(175));
    fs::write(blog.path().join("page.gmi"), &text).expect("a page");
    fs::write(blog.path().join("large.bin"), vec![7; 32 << 20]).expect("a file");
    let state = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_maquis"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .arg(blog.path())
        .env("STATE_DIRECTORY", state.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut said = BufReader::new(child.stdout.take().expect("its output"));
    let mut first = String::new();
    said.read_line(&mut first).expect("a line");
    let port = first.trim().trim_end_matches('/').rsplit(':').next().expect("a port");
    let address = format!("127.0.0.1:{port}").parse().expect("an address");
    let served = |path: &str| probe::fetch(address, Some("localhost"), &format!("gemini://localhost{path}"));
    assert!(served("/page.gmi").expect("an answer").head.starts_with("20 "));
    for clients in [1, 4, 16] {
        measure(&child, address, "/page.gmi", clients);
    }
    measure(&child, address, "/large.bin", 1);
    child.kill().expect("its end");
    child.wait().expect("its end");
}

fn measure(server: &Child, address: SocketAddr, path: &str, clients: usize) {
    let (started, before) = (Instant::now(), cpu(server));
    let url = format!("gemini://localhost{path}");
    let requests: usize = std::thread::scope(|scope| {
        let client = || {
            let mut requests = 0;
            while started.elapsed() < FOR {
                let answer = probe::fetch(address, Some("localhost"), &url).expect("an answer");
                assert!(answer.closed_cleanly && answer.head.starts_with("20 "));
                requests += 1;
            }
            requests
        };
        let clients: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        clients.into_iter().map(|client| client.join().expect("a client")).sum()
    });
    let each = (cpu(server) - before).as_secs_f64() * 1e6 / requests as f64;
    let rate = requests as f64 / started.elapsed().as_secs_f64();
    line(&format!("{path}, {clients} at once"), &[(rate, "req/s"), (each, "µs cpu")]);
}

/// Processor time of all its threads that live.
fn cpu(server: &Child) -> Duration {
    let threads = fs::read_dir(format!("/proc/{}/task", server.id())).expect("its threads").flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}
