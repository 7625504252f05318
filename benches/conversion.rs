//! Conversion of the sample capsule and the golden posts: from Markdown to gemtext, and to gemtext and Gopher's text
//! from one parse, set against the bare parse.
//!
//!     cargo bench --bench conversion [-- FOLDER]
//!
//! With a folder, its Markdown files are converted instead.

mod report;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use maquis::content::document::Target;
use maquis::content::{Head, Language};
use maquis::read::front_matter::{self, Flavour};
use maquis::read::markdown::{self, Dialect, Reading, Reference, Source};
use maquis::render::gemtext::{self, Options};
use maquis::render::plaintext;
use maquis::render::style::Style;
use maquis::text::charset::Charset;
use pulldown_cmark::Parser;
use report::{line, mb_per_second, time};

/// Enough to measure: the posts are taken again and again until there are so many bytes.
const ENOUGH: usize = 4 << 20;

struct Post {
    text: String,
    body_start: usize,
}

fn main() {
    // cargo gives `--bench` to every benchmark.
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let posts = posts(folder.as_deref());
    let bytes: usize = posts.iter().map(|post| post.text.len()).sum();
    println!("{} posts, {:.1} KiB each on average", posts.len(), bytes as f64 / posts.len() as f64 / 1024.0);
    let parse = time(|| posts.iter().map(|post| parse(&post.text[post.body_start..])).sum::<usize>());
    let read = time(|| posts.iter().map(|post| read(post).document.len()).sum::<usize>());
    let gemtext = time(|| posts.iter().map(|post| convert(post).len()).sum::<usize>());
    let both = time(|| posts.iter().map(convert_to_both).sum::<usize>());
    for (what, time) in [
        ("bare parse", parse),
        ("Markdown to document", read),
        ("Markdown to gemtext", gemtext),
        ("Markdown to gemtext and text", both),
    ] {
        let ratio = time.as_secs_f64() / parse.as_secs_f64();
        line(what, &[(mb_per_second(bytes, time), "MB/s"), (ratio, "x parse")]);
    }
    println!("one long post");
    let long: String = posts.iter().map(|post| &post.text[post.body_start..]).collect::<Vec<_>>().join("\n\n");
    for kib in [16, 64, 256, 1024] {
        let end = long.floor_char_boundary(kib * 1024);
        let post = Post { text: long[..end].to_owned(), body_start: 0 };
        let taken = time(|| convert(&post).len());
        line(&format!("{kib} KiB to gemtext"), &[(mb_per_second(end, taken), "MB/s")]);
    }
}

fn parse(body: &str) -> usize {
    let options = pulldown_cmark::Options::ENABLE_TABLES
        | pulldown_cmark::Options::ENABLE_STRIKETHROUGH
        | pulldown_cmark::Options::ENABLE_TASKLISTS
        | pulldown_cmark::Options::ENABLE_GFM
        | pulldown_cmark::Options::ENABLE_FOOTNOTES;
    Parser::new_ext(body, options).count()
}

fn read(post: &Post) -> Reading {
    let source = Source { path: "post.md", text: &post.text, body_start: post.body_start };
    let mut elsewhere = |reference: &Reference<'_>| Target::Elsewhere(reference.destination.into());
    markdown::read(&source, &Dialect::hugo(Language::english()), &mut elsewhere).expect("within the budget")
}

fn head() -> Head {
    Head::titled("Title", Language::english())
}

fn convert(post: &Post) -> String {
    let reading = read(post);
    gemtext::document(&head(), &reading.document, &Options::inside(post.text.len())).expect("within the budget")
}

fn convert_to_both(post: &Post) -> usize {
    let reading = read(post);
    let input_len = post.text.len();
    let gemtext =
        gemtext::document(&head(), &reading.document, &Options::inside(input_len)).expect("within the budget");
    let address = &plaintext::address;
    let options = plaintext::Options {
        input_len,
        width: 70,
        charset: Charset::Utf8,
        address,
        style: Style::default(),
        menu: None,
    };
    let text = plaintext::document(&head(), &reading.document, &options).expect("within the budget");
    gemtext.len() + text.text.len()
}

fn posts(folder: Option<&str>) -> Vec<Post> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = folder
        .map_or_else(|| vec![root.join("capsule"), root.join("tests/golden")], |folder| vec![PathBuf::from(folder)]);
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                texts.extend(fs::read_to_string(path));
            }
        }
    }
    assert!(!texts.is_empty(), "no Markdown is there");
    let zone = TimeZone::UTC;
    let mut posts: Vec<Post> = Vec::new();
    let mut bytes = 0;
    while bytes < ENOUGH {
        for text in &texts {
            let Ok((_, body_start, _)) = front_matter::read("post.md", text, &zone, Flavour::Usual) else { continue };
            bytes += text.len();
            posts.push(Post { text: text.clone(), body_start });
        }
    }
    posts
}
