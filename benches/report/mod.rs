//! What the benchmarks have in common: medians of repeated runs, and lines that people can read.
//!
//! They report; nothing here fails for being slow. Compare figures of one run with each other, never across machines.

#![allow(dead_code, reason = "each benchmark takes what it needs")]

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one measurement may take in all.
const BUDGET: Duration = Duration::from_secs(1);
const MOST_RUNS: usize = 1000;

/// The median time of a run.
pub(crate) fn time<R>(mut run: impl FnMut() -> R) -> Duration {
    // The first run warms caches up and is not counted.
    black_box(run());
    let started = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || (started.elapsed() < BUDGET && times.len() < MOST_RUNS) {
        let one = Instant::now();
        black_box(run());
        times.push(one.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

/// Megabytes in a second.
pub(crate) fn mb_per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// One line of a table: what it is, and figures with their units.
pub(crate) fn line(what: &str, figures: &[(f64, &str)]) {
    print!("{what:44}");
    for (figure, unit) in figures {
        let digits = if *figure >= 100.0 { 0 } else { 2 };
        print!(" {figure:>10.digits$} {unit:<8}");
    }
    println!();
}
