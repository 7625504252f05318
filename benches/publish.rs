//! Publishing blogs of a hundred, a thousand and ten thousand posts of 10 KiB: the first start, a restart with nothing
//! changed, one touched post, and what is then held in memory.
//!
//!     cargo bench --bench publish [-- POSTS…]

mod report;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use maquis::publish::{CapsuleSource, Publisher};
use maquis::store::Store;
use report::line;

const WORDS: &str = "The server listens quietly on a small port while [readers](https://example.org/) arrive one by one, \
                     each asking for *a single page* of plain text.\n\n- an item\n- another\n\n## A heading\n\n";

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for count in if given.is_empty() { vec![100, 1_000, 10_000] } else { given } {
        measure(count);
    }
}

fn measure(count: usize) {
    let (blog, state) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    (0..count).for_each(|number| write(blog.path(), number, "2024-01-02"));
    let publisher = || {
        let store = Store::open(&state.path().join("pages"), 1).expect("a store");
        Publisher::new(vec![source(blog.path())], store).expect("a blog")
    };
    let timed = |publisher: &mut Publisher| {
        let started = Instant::now();
        let published = publisher.publish(Timestamp::now(), &|_, _| {}).expect("published");
        assert_eq!(published.tally().posts + published.tally().others, count);
        (started.elapsed(), published)
    };
    let started = Instant::now();
    let mut first = publisher();
    drop(timed(&mut first));
    let start = started.elapsed();
    drop(first);
    let started = Instant::now();
    let mut again = publisher();
    drop(timed(&mut again));
    let restart = started.elapsed();
    let unchanged = median(5, || timed(&mut again).0);
    let mut touches = 0;
    let touched = median(5, || {
        touches += 1;
        write(blog.path(), count / 2, &format!("2024-02-{:02}", touches + 1));
        timed(&mut again).0
    });
    let (_, published) = timed(&mut again);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    println!("{count} posts");
    for (what, time) in [
        ("start", start),
        ("restart, nothing changed", restart),
        ("looked at again", unchanged),
        ("one post touched", touched),
    ] {
        line(what, &[(time.as_secs_f64() * 1e3, "ms"), (each(time), "µs/post")]);
    }
    let index = count as f64;
    line("held in memory", &[(anonymous_kib() / 1024.0, "MiB"), (anonymous_kib() * 1024.0 / index, "B/post")]);
    drop(published);
}

fn median(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| run()).collect();
    times.sort();
    times[runs / 2]
}

/// Anonymous memory of this process; the converter's threads are gone, and what they left is in it.
fn anonymous_kib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

fn write(blog: &Path, number: usize, date: &str) {
    let folder = blog.join(format!("posts/{:02}", number % 100));
    fs::create_dir_all(&folder).expect("a folder");
    let tags = ["privacy", "gemini", "rust", "gardens", "letters"];
    let mut text = format!(
        "---\ntitle: Post number {number}\ndate: {date}\ntags: [{}, {}]\n---\n",
        tags[number % 5],
        tags[number / 5 % 5]
    );
    text.push_str(&format!("On to [the next](/posts/{:02}/p{}/).\n\n", (number + 1) % 100, number + 1));
    while text.len() < 10 * 1024 {
        text.push_str(WORDS);
    }
    fs::write(folder.join(format!("p{number}.md")), text).expect("a post");
}

fn source(folder: &Path) -> CapsuleSource {
    CapsuleSource {
        title: Some("Bench".into()),
        ..CapsuleSource::new(folder.to_owned(), vec!["localhost".to_owned()], 1965)
    }
}
