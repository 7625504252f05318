//! How fast posts become gemtext: `cargo bench --bench corpora`.
//!
//! Prints megabytes a second, the ratio to a bare parse by pulldown-cmark and to lowdown (where Debian's package is
//! installed) over the corpora, and what twice as much of each hostile input costs. Nothing is asserted: figures
//! taken on a busy machine are figures of a busy machine. Each figure is the best of several rounds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot run should stop")]

#[macro_use]
#[path = "../tests/suite/skip.rs"]
mod skip;

#[path = "../tests/suite/corpora.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod corpora;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use maquis::content::document::Target;
use maquis::content::{Head, Language};
use maquis::read::markdown::{self, Dialect, Reference, Source};
use maquis::render::gemtext::{self, Options};
use maquis::render::plaintext;
use maquis::render::style::Style;
use maquis::text::charset::Charset;
use pulldown_cmark::Parser;

const ROUNDS: usize = 5;

/// Hostile beginnings, each repeated.
const UNITS: &[&str] = &[
    "[",
    "![[]()",
    "*a _b",
    "[^",
    "<a \n",
    "<b>x\n\n",
    "{{< a >}}\n",
    "{{< a >}} `b` <i> ~~~",
    "{{< \n\n```\n\n- ~~~ <i>",
    "{{< \"",
    "{% a %}",
    "^[a] ",
    "::: a\n",
    "\"'",
    "`a",
    "a@",
    "www.",
    "> a\n\n",
    "- a\n",
    "| a |\n",
    "[a](/b) ",
    "x[^1]\n\n[^1]: y\n\n",
    "a\\\n",
];

fn main() {
    // `cargo test --benches` runs it for its compilation only.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // Names of corpora, or `doubled`: only these.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    for corpus in corpora::NAMES.into_iter().filter(|name| is_wanted(name)) {
        let posts = corpora::posts(corpus);
        if !posts.is_empty() {
            one_corpus(corpus, &posts);
        }
    }
    if is_wanted("doubled") {
        doubled();
    }
}

fn one_corpus(name: &str, posts: &[corpora::Post]) {
    let bytes: usize = posts.iter().map(|post| post.text.len()).sum();
    // For a profiler: the conversion and nothing else.
    if std::env::args().any(|argument| argument == "profile") {
        return println!("{name} {:?}", best(|| posts.iter().filter_map(convert_twice).sum()));
    }
    let whole = best(|| posts.iter().filter_map(|post| Some(convert(post)?.len())).sum());
    let both = best(|| posts.iter().filter_map(convert_twice).sum());
    let read = best(|| posts.iter().filter_map(|post| Some(read(post)?.len())).sum());
    let bare = best(|| posts.iter().map(|post| Parser::new_ext(post.body(), options()).count()).sum());
    let speed = |time: Duration| bytes as f64 / time.as_secs_f64() / 1e6;
    print!(
        "{name:10} {:6.2} MB  gemtext {:6.1} MB/s  and text {:6.1} MB/s  reading {:6.1} MB/s  bare parse {:6.1} MB/s  ratio {:.2}",
        bytes as f64 / 1e6,
        speed(whole),
        speed(both),
        speed(read),
        speed(bare),
        whole.as_secs_f64() / bare.as_secs_f64(),
    );
    match lowdown(posts) {
        Some(time) => println!(
            "  lowdown {:6.1} MB/s  {:.1} times as fast",
            speed(time),
            time.as_secs_f64() / whole.as_secs_f64()
        ),
        None => println!("  lowdown is not installed"),
    }
}

fn options() -> pulldown_cmark::Options {
    use pulldown_cmark::Options;
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES
}

fn target(reference: &Reference<'_>) -> Target {
    Target::Elsewhere(reference.destination.into())
}

fn read(post: &corpora::Post) -> Option<maquis::content::Document> {
    let source = Source { path: &post.path, text: &post.text, body_start: post.body_start };
    Some(markdown::read(&source, &post.dialect, &mut { target }).ok()?.document)
}

fn convert(post: &corpora::Post) -> Option<String> {
    gemtext::document(&post.head, &read(post)?, &Options::inside(post.text.len())).ok()
}

/// Gemtext and Gopher text from one parse.
fn convert_twice(post: &corpora::Post) -> Option<usize> {
    let document = read(post)?;
    let gemtext = gemtext::document(&post.head, &document, &Options::inside(post.text.len())).ok()?;
    let options = plaintext::Options {
        input_len: post.text.len(),
        width: 70,
        charset: Charset::default(),
        style: Style::default(),
        address: &plaintext::address,
        menu: None,
    };
    Some(gemtext.len() + plaintext::document(&post.head, &document, &options).ok()?.text.len())
}

/// The shortest of several rounds.
fn best(work: impl Fn() -> usize) -> Duration {
    let round = |_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}

/// One process, all bodies in one text: what it costs to start is not counted, being taken off.
fn lowdown(posts: &[corpora::Post]) -> Option<Duration> {
    let all: String = posts.iter().map(|post| format!("{}\n\n", post.body())).collect();
    let run = |text: &str| -> Option<Duration> {
        let start = Instant::now();
        let mut child = Command::new("lowdown")
            .args(["-tgemini"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(text.as_bytes()).ok();
        child.wait().ok()?;
        Some(start.elapsed())
    };
    let best = |text: &str| (0..ROUNDS).filter_map(|_| run(text)).min();
    Some(best(&all)?.saturating_sub(best("")?))
}

/// What twice the input costs: 2.0 is linear.
fn doubled() {
    let head = Head::titled("Title", Language::english());
    let dialect = Dialect::plain(Language::english());
    let time = |text: &str| {
        best(|| {
            let source = Source { path: "x.md", text, body_start: 0 };
            let Ok(reading) = markdown::read(&source, &dialect, &mut { target }) else { return 0 };
            gemtext::document(&head, &reading.document, &Options::inside(text.len())).map_or(0, |text| text.len())
        })
    };
    for unit in UNITS {
        let (once, twice) = (unit.repeat(100_000 / unit.len()), unit.repeat(200_000 / unit.len()));
        let (once, twice) = (time(&once), time(&twice));
        let ratio = twice.as_secs_f64() / once.as_secs_f64();
        println!("{unit:20?} 100 KB {:8.2} ms  doubled {ratio:.2}", once.as_secs_f64() * 1e3);
    }
}
