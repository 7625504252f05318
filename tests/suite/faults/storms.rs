//! H. Many things at once: reloads under load, kills in the middle of a rebuild.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use maquis::server::probe;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::served::{Served, folder, maquis, write};

#[test]
fn case_119_a_storm_of_reloads_costs_no_reader_anything() {
    let blog = folder(&[("capsule/post.md", "# Post\n"), ("config.toml", "[gemini]\nlisten = [\"127.0.0.1:0\"]\n")]);
    let state = TempDir::new().unwrap();
    let mut command = maquis(state.path());
    command.arg("serve").current_dir(blog.path());
    let served = Served::start(command);
    served.page("/post/");
    let (files, memory) = (served.open_files(), served.memory_kib());
    let (stop, good) = (AtomicBool::new(false), AtomicUsize::new(0));
    let address = served.address;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let answer = probe::fetch(address, Some("localhost"), "gemini://localhost/post/").unwrap();
                    assert!(answer.head.starts_with("20 ") && answer.closed_cleanly, "{}", answer.head);
                    good.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for storm in 0..1000 {
            served.signal(Signal::HUP);
            if storm % 100 == 0 {
                write(blog.path(), "capsule/post.md", &format!("# Post\n\n{storm}\n"));
            }
        }
        // Readers are served on while it settles.
        let before = good.load(Ordering::Relaxed);
        while good.load(Ordering::Relaxed) < before + 100 {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
    });
    write(blog.path(), "capsule/post.md", "# Post\n\nThe last.\n");
    let mut reloads = 0;
    while !served.page("/post/").contains("The last.") {
        reloads += usize::from(served.lines_until(|_| true).pop().unwrap() == "configuration reloaded");
    }
    assert!(reloads < 1000, "a thousand signals were a thousand reloads");
    let grown = served.memory_kib().saturating_sub(memory);
    assert!(served.open_files() <= files + 2 && grown < 16 * 1024, "{} files, {grown} KiB more", served.open_files());
}

#[test]
fn case_122_a_kill_in_the_middle_of_a_rebuild_loses_neither_identity_nor_pages() {
    let blog = TempDir::new().unwrap();
    let posts = |round: usize| {
        for number in 0..40 {
            write(
                blog.path(),
                &format!("p{number}.md"),
                &format!("# P{number}\n\nRound {round}. {}\n", "Words. ".repeat(100)),
            );
        }
    };
    posts(0);
    let state = TempDir::new().unwrap();
    let start = || {
        let mut command = maquis(state.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]).arg(blog.path());
        Served::start(command)
    };
    let first = start();
    let identity = first.get("/").certificate_der;
    drop(first);
    for round in 1..12 {
        let served = start();
        assert_eq!(served.get("/").certificate_der, identity, "the same identity after {round} kills");
        for number in [0, 20, 39] {
            let page = served.page(&format!("/p{number}/"));
            assert!(page.starts_with(&format!("# P{number}\n")) && page.contains("Words."), "{page}");
        }
        // The rebuild is under way, somewhere, when it is killed: after as many requests as the round has.
        posts(round);
        served.signal(Signal::HUP);
        (0..round).for_each(|_| drop(served.get("/")));
        served.signal(Signal::KILL);
        served.ended();
    }
    let served = start();
    assert!(served.page("/p7/").contains("Round 11."), "what is on disk is what is served");
    let left: Vec<_> = fs::read_dir(state.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.len() <= 2, "a store and a folder of certificates: {left:?}");
}
