//! Counts of reads: off unless asked for, of pages and of nobody, and nothing exact of them is ever released.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maquis::server::counts::{Counts, Names};
use maquis::server::{Counting, Limits, Snapshot, probe};
use tempfile::TempDir;

use crate::fixture::{Server, Store, site, snapshot};
use crate::served::{Served, folder, maquis, run, write};

fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

/// The fixed site, counted.
fn counted() -> (Server, Arc<Counts>) {
    let counts = Arc::<Counts>::default();
    let plain = snapshot(site(), Store::new(), Path::new("."), Limits::default());
    let names = Names::of(&plain.site);
    let counting = Some(Counting { counts: Arc::clone(&counts), names });
    (Server::start(Snapshot { counting, ..plain }), counts)
}

fn read(server: &Server, url: &str, times: usize) {
    for _ in 0..times {
        probe::fetch(server.address, Some("localhost"), url).unwrap();
    }
}

#[test]
fn pages_are_counted_in_tens_once_the_day_is_over_and_nothing_of_readers_is() {
    let (server, counts) = counted();
    let start = today();
    assert_eq!(counts.released(start), [], "so it begins");
    for number in 0..25 {
        read(&server, &format!("gemini://localhost/?reader-{number}"), 1);
    }
    read(&server, "gemini://localhost/no-such-page-of-a-reader", 30);
    read(&server, "gemini://localhost/../above", 12);
    read(&server, "gemini://elsewhere.example/", 12);
    assert_eq!(counts.released(start), [], "not before the day is over");
    let over = counts.released(start.checked_add(2.days()).unwrap());
    let lines: Vec<String> =
        over.iter().flat_map(|day| &day.reads).map(|(page, count)| format!("{page} {count}")).collect();
    assert_eq!(lines, ["gemini://localhost/ 20"]);
    assert_eq!(counts.released(start.checked_add(3.days()).unwrap()), [], "it is told once");
}

#[test]
fn fewer_than_ten_reads_leave_nothing() {
    let (server, counts) = counted();
    assert_eq!(counts.released(today()), []);
    read(&server, "gemini://localhost/", 9);
    assert_eq!(counts.released(today().checked_add(2.days()).unwrap()), []);
}

#[test]
fn a_day_that_runs_is_written_nowhere() {
    let house = folder(&[
        ("capsule/a.md", "# A\n"),
        ("config.toml", "[[capsule]]\n[gemini]\nlisten = [\"127.0.0.1:0\"]\n[counts]\nreads = true\n"),
    ]);
    let state = TempDir::new().unwrap();
    let command = |arguments: &[&str]| {
        let mut command = maquis(state.path());
        command.args(arguments).current_dir(house.path());
        command
    };
    let served = Served::start(command(&["serve"]));
    (0..30).for_each(|_| assert!(served.page("/a/").starts_with("# A")));
    assert!(!state.path().join("store/counts").exists());
    let (code, out, error) = run(command(&["counts"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(error.contains("nothing is counted yet") && error.contains("reads = true"), "{error}");
    drop(served);
    assert!(!state.path().join("store/counts").exists(), "a restart loses the day");
    write(state.path(), "store/counts", "2030-06-01\t20\tgemini://localhost/a/\n");
    assert_eq!(run(command(&["counts"])).1, "2030-06-01\n      20  gemini://localhost/a/\n");
    let elsewhere = TempDir::new().unwrap();
    let mut chart = maquis(elsewhere.path());
    chart.args(["counts", "--chart", "--state"]).arg(state.path());
    let (code, out, _) = run(chart);
    assert!(code == 0 && out.contains("█") && out.contains("gemini://localhost/a/"), "{out}");
    write(house.path(), "config.toml", "[[capsule]]\n[counts]\nreads = \"yes\"\n");
    let (code, _, error) = run(command(&["check"]));
    assert!(code == 78 && error.contains("config.toml:3: "), "{error}");
}
