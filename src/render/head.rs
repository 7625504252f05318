//! What a page begins with, whatever its format: the line of facts under the title, and how deep its headings go.

use super::inline::Inline;
use super::words::{self, Word};
use crate::content::document::{Kind, NodeId};
use crate::content::{Document, Head, Language};
use crate::text::clean;

/// More words than this are no name for an alert.
const MAX_ALERT_WORDS: usize = 4;

/// Date, authors and tags, on one line: only what there is.
pub(super) fn facts(head: &Head) -> String {
    let facts = [dates(head), clean::one_line(&head.authors.join(", ")), clean::one_line(&head.tags.join(", "))];
    let facts: Vec<&str> = facts.iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
    facts.join(" · ")
}

/// `2021-03-01`, and the day of the last change where it is another.
fn dates(head: &Head) -> String {
    let updated = head.updated.filter(|updated| head.date.is_none_or(|date| date.day != updated.day));
    let word = words::word(&head.language, Word::Updated);
    match (head.date, updated) {
        (Some(date), Some(updated)) => format!("{}, {word} {}", date.day, updated.day),
        (Some(date), None) => date.day.to_string(),
        (None, Some(updated)) => format!("{word} {}", updated.day),
        (None, None) => String::new(),
    }
}

/// The first heading, if it says the title again: whatever their quotation marks, dashes and markup. A picture or a
/// line may stand before it.
pub(super) fn repeats_title(inline: &mut Inline<'_>, document: &Document, head: &Head) -> Option<NodeId> {
    let mut blocks = document.children(document.root());
    let first = blocks.find(|&block| matches!(document.kind(block), Kind::Heading { .. }))?;
    inline.read(first);
    let text = clean::one_line(&inline.text);
    let (own, title) = (signs(&text), signs(&head.title));
    let same = if title.is_empty() { text == clean::one_line(&head.title) } else { own == title };
    same.then_some(first)
}

/// What tells one title from another: letters, digits, and what stands in the names of languages.
fn signs(text: &str) -> String {
    clean::composed(text).chars().filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#')).collect()
}

/// Whether the body ends with the author's own heading for the notes, and nothing under it. Leaves its content in
/// `inline`.
pub(super) fn announces_notes(inline: &mut Inline<'_>, document: &Document, language: &Language) -> bool {
    let Some(last) = document.children(document.root()).last() else { return false };
    if !matches!(document.kind(last), Kind::Heading { .. }) {
        return false;
    }
    inline.read(last);
    let text = clean::one_line(&inline.text).to_lowercase();
    text.trim_end_matches([':', ' ', '\u{a0}']) == words::word(language, Word::Notes).to_lowercase()
}

/// Whether an alert's text begins with the word that maquis would put before it. Leaves its content in `inline`.
pub(super) fn names_alert(inline: &mut Inline<'_>, document: &Document, alert: NodeId, word: &str) -> bool {
    let Some(first) = document.children(alert).next() else { return false };
    if !matches!(document.kind(first), Kind::Paragraph | Kind::Plain) {
        return false;
    }
    // The author's own: `**Gotcha**: …`.
    let mut inlines = document.children(first);
    if let Some(strong) = inlines.next().filter(|&child| matches!(document.kind(child), Kind::Strong)) {
        inline.read(strong);
        let rest = inlines.next().map(|next| document.kind(next));
        let colon = matches!(rest, Some(Kind::Text(slice)) if document.text(*slice).trim_start().starts_with(':'));
        let is_word = inline.text.split_whitespace().count() <= MAX_ALERT_WORDS;
        if is_word && (colon || inline.text.trim_end().ends_with(':')) {
            return true;
        }
    }
    inline.read(first);
    let text = inline.text.trim_start_matches(['*', '_']).to_lowercase();
    let rest = text.strip_prefix(&word.to_lowercase());
    rest.is_some_and(|rest| rest.trim_start_matches(['*', '_', ' ', '\u{a0}']).starts_with(':'))
}

/// An image alone on its line, and a line of nothing but stressed words under it: its caption.
pub(super) fn captioned(document: &Document, paragraph: NodeId) -> Option<(NodeId, NodeId)> {
    let mut inlines = document.children(paragraph);
    let (image, line, caption) = (inlines.next()?, inlines.next()?, inlines.next()?);
    let fits = matches!(document.kind(image), Kind::Image { .. })
        && matches!(document.kind(line), Kind::SoftBreak | Kind::HardBreak)
        && matches!(document.kind(caption), Kind::Emphasis)
        && inlines.next().is_none();
    fits.then_some((image, caption))
}

/// The level of the shallowest heading. Headings in quotes are text and do not count.
pub(super) fn shallowest_heading(document: &Document, node: NodeId, except: Option<NodeId>) -> u8 {
    let blocks = document.children(node).filter(|&child| Some(child) != except);
    let levels = blocks.filter_map(|child| {
        let kind = document.kind(child);
        if let Kind::Heading { level } = kind {
            return Some(*level);
        }
        let holds_headings =
            matches!(kind, Kind::List { .. } | Kind::Item { .. } | Kind::Definitions | Kind::Definition | Kind::Figure);
        holds_headings.then(|| shallowest_heading(document, child, except))
    });
    levels.min().unwrap_or(u8::MAX)
}
