//! A document as one line of text, for the tests of this folder: what a reader of the tree would see.

use std::fmt::Write;

use crate::content::Document;
use crate::content::document::{Kind, NodeId, Target};

/// The body, and after `|` each note.
pub(super) fn outline(document: &Document) -> String {
    let mut out = children(document, document.root());
    for note in document.notes() {
        let _ = write!(out, " | {}", children(document, note.node));
    }
    out
}

fn children(document: &Document, node: NodeId) -> String {
    document.children(node).map(|child| one(document, child)).collect::<Vec<_>>().join(" ")
}

fn one(document: &Document, node: NodeId) -> String {
    let (name, head) = match document.kind(node) {
        Kind::Text(slice) => return format!("{:?}", document.text(*slice)),
        Kind::CodeSpan(slice) => return format!("`{}`", document.text(*slice)),
        Kind::Math(slice) => return format!("${}$", document.text(*slice)),
        Kind::MathBlock { text } => return format!("$${}$$", document.text(*text)),
        Kind::Code { language, text } => {
            return format!("```{} {:?}```", document.text(*language), document.text(*text));
        }
        Kind::SoftBreak => return "~".to_owned(),
        Kind::HardBreak => return "/".to_owned(),
        Kind::Rule => return "---".to_owned(),
        Kind::NoteReference(index) => return format!("[{}]", index + 1),
        Kind::Embed { medium, provider, title } => {
            return format!("{medium:?} {} {:?}", document.text(*provider), document.text(*title));
        }
        Kind::Link { target, title } => ("a", format!("<{}>{}", target_name(target), titled(document.text(*title)))),
        Kind::Image { target, title } => ("img", format!("<{}>{}", target_name(target), titled(document.text(*title)))),
        Kind::Heading { level } => ("h", level.to_string()),
        Kind::List { start } => ("list", start.map_or_else(String::new, |start| start.to_string())),
        Kind::Item { task } => ("item", task.map_or_else(String::new, |task| format!("[{task}]"))),
        Kind::Quote { alert } => ("quote", alert.map_or_else(String::new, |alert| format!("{alert:?}"))),
        Kind::Cell { covered: true, .. } => ("covered", String::new()),
        Kind::Cell { alignment, .. } => ("cell", format!("{alignment:?}").chars().take(1).collect()),
        kind => {
            let name = match kind {
                Kind::Document => "document",
                Kind::Paragraph => "p",
                Kind::Plain => "plain",
                Kind::Emphasis => "em",
                Kind::Strong => "strong",
                Kind::Strikethrough => "del",
                Kind::Superscript => "sup",
                Kind::Subscript => "sub",
                Kind::Quotation => "q",
                Kind::Definitions => "dl",
                Kind::Definition => "dd",
                Kind::Term => "dt",
                Kind::Note => "note",
                Kind::Figure => "figure",
                Kind::Caption => "caption",
                Kind::Table => "table",
                Kind::TableHead => "head",
                Kind::TableRow => "row",
                _ => "?",
            };
            (name, String::new())
        }
    };
    format!("{name}{head}({})", children(document, node))
}

fn titled(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!("{title:?}") }
}

fn target_name(target: &Target) -> String {
    match target {
        Target::Page(address) | Target::File(address, _) => address.to_string(),
        Target::Elsewhere(url) => url.to_string(),
        Target::Nowhere => "-".to_owned(),
    }
}

/// Cases are files: `tests/read/*.txt`. Each begins with a line that names its dialect and language; then, between
/// lines of `=`, a source, a line of `-`, and its outline, with a line for every problem.
#[test]
fn every_case_reads_as_written() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.len() >= 5, "the cases are missing");
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (head, cases) = text.split_once("\n====\n").expect("a dialect, then cases");
        let mut blessed = head.to_owned();
        for case in cases.trim_end().split("\n====\n") {
            let (source, wanted) = case.split_once("\n----\n").unwrap_or((case, ""));
            let got = read(head, source);
            if got != wanted {
                wrong.push(format!("{}:\n{source}\n- {wanted}\n+ {got}", file.display()));
            }
            blessed += &format!("\n====\n{source}\n----\n{got}");
        }
        if std::env::var_os("MAQUIS_BLESS").is_some() {
            std::fs::write(&file, blessed + "\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}\nMAQUIS_BLESS=1 writes what came out; then read it", wrong.join("\n\n"));
}

/// An outline and the problems under it. Links are shown as they are asked for.
#[cfg(test)]
pub(super) fn read(dialect: &str, text: &str) -> String {
    use super::markdown::{Dialect, Reference, ReferenceKind, Source};
    let (generator, language) = dialect.split_once(' ').unwrap_or((dialect, "en"));
    let language = crate::content::Language::parse(language).unwrap();
    let (generator, ending) = generator.split_once('.').unwrap_or((generator, "md"));
    let dialect = match generator {
        "plain" => Dialect::plain(language),
        "hugo" => Dialect::hugo(language),
        "zola" => Dialect::zola(language),
        "jekyll" => Dialect::jekyll(language),
        "pelican" => Dialect::pelican(language),
        "eleventy" => Dialect::eleventy(language),
        "astro" => Dialect::astro(language),
        other => panic!("no such generator: {other}"),
    };
    let mut links = |reference: &Reference<'_>| match (reference.kind, reference.destination) {
        (_, destination) if destination.starts_with('#') => Target::Nowhere,
        (ReferenceKind::Ref, destination) => Target::Elsewhere(format!("ref {destination}").into()),
        (ReferenceKind::Itself, _) => Target::Elsewhere("itself".into()),
        (ReferenceKind::Link | ReferenceKind::Image, destination) => Target::Elsewhere(destination.into()),
    };
    let zone = jiff::tz::TimeZone::UTC;
    let body_start = super::front_matter::read("x.md", text, &zone, super::front_matter::Flavour::Usual)
        .map_or(0, |(_, body_start, _)| body_start);
    match super::markdown::read(&Source { path: &format!("x.{ending}"), text, body_start }, &dialect, &mut links) {
        Ok(reading) => {
            let problems = reading.problems.iter().map(|problem| format!("\n{problem}"));
            outline(&reading.document) + &problems.collect::<String>()
        }
        Err(exceeded) => exceeded.to_string(),
    }
}
