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
        Kind::Link { target, title } => ("a", format!("<{}>{}", target_name(target), titled(document.text(*title)))),
        Kind::Image { target, title } => ("img", format!("<{}>{}", target_name(target), titled(document.text(*title)))),
        Kind::Heading { level } => ("h", level.to_string()),
        Kind::List { start } => ("list", start.map_or_else(String::new, |start| start.to_string())),
        Kind::Item { task } => ("item", task.map_or_else(String::new, |task| format!("[{task}]"))),
        Kind::Quote { alert } => ("quote", alert.map_or_else(String::new, |alert| format!("{alert:?}"))),
        Kind::Cell { alignment } => ("cell", format!("{alignment:?}").chars().take(1).collect()),
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
        Target::Page(address) | Target::File(address) => address.to_string(),
        Target::Elsewhere(url) => url.to_string(),
        Target::Nowhere => "-".to_owned(),
    }
}
