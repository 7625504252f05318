//! Any text as a post with front matter: read, or refused with a line that is there.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use maquis::read::front_matter::{self, Flavour};

fuzz_target!(|text: &str| {
    match front_matter::read("post.md", text, &TimeZone::UTC, Flavour::Usual) {
        Ok((_, body_start, _)) => assert!(text.is_char_boundary(body_start), "the body begins inside a letter"),
        Err(problem) => assert!(!problem.to_string().contains('\n'), "{problem}"),
    }
});
