//! What a pair of tags puts around its inner content: quotations, notices, summaries, links.

use super::Around;
use crate::content::document::Alert;
use crate::read::tag::{Syntax, Tag};

/// The kind of alert that goes by a name.
fn alert(name: &str) -> Option<Alert> {
    match name.to_ascii_lowercase().as_str() {
        "tip" | "hint" | "success" => Some(Alert::Tip),
        "important" => Some(Alert::Important),
        "warning" | "warn" | "attention" => Some(Alert::Warning),
        "danger" | "caution" | "error" | "alert" | "bug" | "failure" => Some(Alert::Caution),
        "note" | "info" | "notice" | "admonition" | "callout" | "aside" | "seealso" | "todo" => Some(Alert::Note),
        _ => None,
    }
}

/// The name that [`callout`] knows a kind by.
pub(in crate::read) fn alert_name(alert: Alert) -> &'static str {
    match alert {
        Alert::Note => "NOTE",
        Alert::Tip => "TIP",
        Alert::Important => "IMPORTANT",
        Alert::Warning => "WARNING",
        Alert::Caution => "CAUTION",
    }
}

/// Whether a tag of this name is a notice.
pub(in crate::read) fn is_alert(name: &str) -> bool {
    alert(name).is_some()
}

/// As [`alert`], for callouts, whose names are freer.
pub(in crate::read) fn callout(name: &str) -> Alert {
    alert(name).unwrap_or(Alert::Note)
}

/// The notice that an element is by its class: `note`, `alert alert-warning`.
pub(in crate::read) fn notice(class: &str) -> Option<Alert> {
    let plain = |word: &&str| matches!(*word, "alert" | "admonition" | "callout" | "notice" | "prompt");
    let words = || class.split([' ', '-', '_']).filter(|word| !word.is_empty());
    let begins = |word: &&str| word.split('-').next().is_some_and(|start| is_alert(start) || plain(&start));
    let first = class.split(' ').find(begins)?;
    // `alert` says nothing of what it alerts to; `note-list` is no notice; and of two the one that says more counts.
    let kinds = || words().filter(|word| !plain(word)).filter_map(alert);
    let known = kinds().find(|kind| *kind != Alert::Note).or_else(|| kinds().next());
    let marked = first.split('-').next().is_some_and(|word| plain(&word)) || is_alert(first.trim_end_matches("-title"));
    marked.then(|| known.unwrap_or(Alert::Note))
}

pub(in crate::read) fn around(tag: &Tag<'_>) -> Around {
    let title = || tag.named(&["title", "summary", "header"]).or_else(|| tag.positional(0)).unwrap_or_default();
    match tag.name.to_ascii_lowercase().as_str() {
        "details" | "expand" | "collapse" | "collapsible" | "spoiler" => Around::Summary(title()),
        "tab" | "tabitem" | "tab-item" | "panel" | "accordion" | "accordion-item" | "accordionitem" | "step" => {
            Around::Summary(
                tag.named(&["label", "title", "name", "header"]).or_else(|| tag.positional(0)).unwrap_or_default(),
            )
        }
        "quote" | "blockquote" | "pullquote" => {
            Around::Quote { alert: None, title: String::new(), author: attribution(tag) }
        }
        name if alert(name).is_some() => {
            let named = tag.named(&["type", "level", "color", "context", "variant"]);
            let positional = tag.positional(0).filter(|word| alert(word).is_some());
            // `alert` says nothing of what it alerts to.
            let name = if name == "alert" { "note" } else { name };
            let kind = named.or(positional).unwrap_or_else(|| name.to_owned());
            let title = tag.named(&["title", "header"]).unwrap_or_default();
            Around::Quote { alert: Some(callout(&kind)), title, author: String::new() }
        }
        "gallery" | "figure" => Around::Gallery(tag.named(&["caption", "title"]).unwrap_or_default()),
        _ if tag.syntax == Syntax::Container => Around::Nothing,
        _ => match (address(tag), tag.named(&["title", "label", "summary"])) {
            (Some(url), None) => Around::Link(url),
            (Some(url), Some(title)) => Around::Linked { url, title },
            (None, Some(title)) if tag.syntax == Syntax::Component => Around::Summary(title),
            (None, _) => super::in_words(tag).map_or(Around::Nothing, Around::Summary),
        },
    }
}

/// Where a tag leads.
fn address(tag: &Tag<'_>) -> Option<String> {
    let sure = tag.named(&["href", "url", "link", "to"]);
    let leads = |value: &String| value.contains("://") || value.starts_with(['/', '.', '#']);
    sure.or_else(|| tag.named(&["target", "src", "file"]).filter(leads))
}

/// Who said it, and where, as Markdown.
fn attribution(tag: &Tag<'_>) -> String {
    let author = tag.markdown(&["author", "attribution", "name"]);
    let source = tag.markdown(&["source", "cite", "title", "book"]);
    let url = tag.named(&["url", "link", "href", "sourceurl", "source_url"]);
    let linked = |text: &str| url.as_ref().map_or_else(|| text.to_owned(), |url| format!("[{text}](<{url}>)"));
    match (author.is_empty(), source.is_empty()) {
        (true, true) => url.clone().unwrap_or_default(),
        (false, true) => linked(&author),
        (true, false) => linked(&source),
        (false, false) => format!("{author}, {}", linked(&source)),
    }
}
