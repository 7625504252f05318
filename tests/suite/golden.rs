//! Golden cases: `tests/golden/<case>/post.md` and what each format must make of it, byte for byte.
//!
//! A case is a folder, not code; `tests/golden/README.md` says how to add one. With `MAQUIS_BLESS=1` the test
//! writes what it got over what was expected — and still fails, so that somebody looks at the difference.

use std::fs;
use std::path::{Path, PathBuf};

use maquis::content::document::Target;
use maquis::content::{Address, Head, Language, Moment, gopher};
use maquis::read::markdown::{self, Dialect, Reference, Source};
use maquis::render::gemtext::{self, Base, Options};
use maquis::render::plaintext;
use maquis::render::style::{Emphasis, Links, Notes, Style};
use maquis::text::charset::Charset;

#[test]
fn every_case_comes_out_as_written() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() > 20, "the cases are missing");
    for case in cases {
        let post = fs::read_to_string(case.join("post.md")).unwrap();
        let [gemtext, text] = renderings_of(&post);
        for (name, actual) in [("expected.gmi", gemtext), ("expected.txt", text)] {
            let expected = case.join(name);
            let wanted = fs::read_to_string(&expected).unwrap_or_default();
            if actual != wanted {
                if std::env::var_os("MAQUIS_BLESS").is_some() {
                    fs::write(&expected, &actual).unwrap();
                }
                wrong.push(format!("{}:\n{}", expected.display(), difference(&wanted, &actual)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nMAQUIS_BLESS=1 writes what came out; then read it", wrong.join("\n"));
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn renderings_of(post: &str) -> [String; 2] {
    let (fields, body_start) = fields(post);
    let head = head(&fields);
    let dialect = match value(&fields, "dialect") {
        Some("hugo") => Dialect::hugo(head.language.clone()),
        Some("zola") => Dialect::zola(head.language.clone()),
        Some("jekyll") => Dialect::jekyll(head.language.clone()),
        Some("pelican") => Dialect::pelican(head.language.clone()),
        Some("eleventy") => Dialect::eleventy(head.language.clone()),
        Some("astro") => Dialect::astro(head.language.clone()),
        Some(other) => panic!("no such dialect: {other}"),
        None => Dialect::plain(head.language.clone()),
    };
    let source = Source { path: "post.md", text: post, body_start };
    let reading = markdown::read(&source, &dialect, &mut target).unwrap();
    let options = Options {
        input_len: post.len(),
        base: Base::Path,
        table: gemtext::TABLE,
        style: style(&fields),
        titles: gemtext::Titles::default(),
    };
    let address = &plaintext::address;
    let width = gopher::WIDTH;
    let style = style(&fields);
    let text_options =
        plaintext::Options { input_len: post.len(), width, charset: Charset::Utf8, address, style, menu: None };
    [
        gemtext::document(&head, &reading.document, &options).unwrap(),
        plaintext::document(&head, &reading.document, &text_options).unwrap().text,
    ]
}

fn style(fields: &[(&str, &str)]) -> Style {
    let mut style = Style::default();
    match value(fields, "links") {
        Some("section") => style.links = Links::Section,
        Some("end") => style.links = Links::End,
        _ => {}
    }
    if value(fields, "notes") == Some("section") {
        style.notes = Notes::Section;
    }
    if value(fields, "emphasis") == Some("drop") {
        style.emphasis = Emphasis::Drop;
    }
    if value(fields, "emphasis") == Some("markers") {
        style.emphasis = Emphasis::Markers;
    }
    style
}

/// The head of a case is `key: value` lines between two lines of dashes, no more.
fn fields(post: &str) -> (Vec<(&str, &str)>, usize) {
    let Some(rest) = post.strip_prefix("---\n") else { return (Vec::new(), 0) };
    let (head, _) = rest.split_once("---\n").expect("the head is closed");
    let fields = head.lines().map(|line| line.split_once(": ").expect("key: value")).collect();
    (fields, 4 + head.len() + 4)
}

fn value<'a>(fields: &[(&str, &'a str)], key: &str) -> Option<&'a str> {
    fields.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
}

fn head(fields: &[(&str, &str)]) -> Head {
    let list = |key| value(fields, key).map_or(Vec::new(), |text| text.split(", ").map(str::to_owned).collect());
    let moment = |key| {
        value(fields, key)
            .map(|day| Moment { instant: format!("{day}T00:00:00Z").parse().unwrap(), day: day.parse().unwrap() })
    };
    Head {
        title: value(fields, "title").unwrap_or("Title").to_owned(),
        subtitle: value(fields, "subtitle").map(str::to_owned),
        date: moment("date"),
        updated: moment("updated"),
        authors: list("authors"),
        tags: list("tags"),
        language: Language::parse(value(fields, "lang").unwrap_or("en")).unwrap(),
    }
}

/// Paths lead to pages, or to files of 84 kB where they have an extension.
fn target(reference: &Reference<'_>) -> Target {
    let destination = reference.destination;
    if destination.is_empty()
        || destination.starts_with('#')
        || destination.starts_with("javascript:")
        || destination.starts_with("data:")
    {
        return Target::Nowhere;
    }
    if destination.contains("://") || destination.starts_with("mailto:") {
        return Target::Elsewhere(destination.replace(' ', "%20").into());
    }
    let address = Address::parse("/posts/case/").unwrap().join(destination).unwrap();
    if address.name().contains('.') { Target::File(address, 84_000) } else { Target::Page(address) }
}

/// The first line that differs, with what is around it.
fn difference(wanted: &str, actual: &str) -> String {
    let same = wanted.lines().zip(actual.lines()).take_while(|(wanted, actual)| wanted == actual).count();
    let from = same.saturating_sub(2);
    let lines = |text: &str, sign: &str| {
        text.lines().skip(from).take(6).map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    format!("line {}\n{}{}", same + 1, lines(wanted, "-"), lines(actual, "+"))
}
