//! Which footnotes a source defines, known before it is read: for references that stand before their notes, in raw
//! HTML, where the parser does not look for them.
//!
//! Notes of Markdown by their labels (`[^x]: …`), notes of HTML by their ids (`<li id="fn1">`, where something links
//! to `#fn1`).

use std::collections::HashSet;

use memchr::memchr_iter;

use crate::text::search;

/// An element's tag is looked at no further, in bytes.
const MAX_TAG: usize = 256;

/// The labels that `[^x]: …` defines.
pub(super) fn of_markdown(text: &str) -> HashSet<String> {
    let label = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '>', '-', '*', '+']);
        let (label, _) = line.strip_prefix("[^")?.split_once("]:")?;
        (!label.contains(['[', ']'])).then(|| label.to_owned())
    };
    text.lines().filter_map(label).collect()
}

/// The ids of elements that are notes.
pub(super) fn of_html(text: &str) -> HashSet<String> {
    let mut notes = HashSet::new();
    if !search::holds(text, "id=") {
        return notes;
    }
    let referred = referred(text);
    if referred.is_empty() {
        return notes;
    }
    for (at, _) in text.match_indices('<') {
        let tag = &text.as_bytes()[at + 1..text.len().min(at + MAX_TAG)];
        let name = tag.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let holds_notes =
            ["li", "p", "div", "dd", "aside"].iter().any(|known| tag[..name].eq_ignore_ascii_case(known.as_bytes()));
        if !holds_notes {
            continue;
        }
        let tag = String::from_utf8_lossy(tag.split(|byte| *byte == b'>').next().unwrap_or(tag));
        let id = tag.split_once(" id=").map(|(_, rest)| rest);
        let id = id.and_then(|rest| rest.strip_prefix(['"', '\'']).unwrap_or(rest).split(['"', '\'', ' ']).next());
        if let Some(id) = id.filter(|id| referred.contains(*id)) {
            notes.insert(id.to_owned());
        }
    }
    notes
}

/// The notes that links within the page lead to.
fn referred(text: &str) -> HashSet<&str> {
    let is_link = |at: usize| ["href=\"", "href='", "href=", "]("].iter().any(|mark| text[..at].ends_with(mark));
    let id = |at: usize| {
        let rest = &text[at + 1..];
        let end = rest.bytes().take(MAX_TAG).position(|byte| matches!(byte, b'"' | b'\'' | b')' | b'>' | b' '))?;
        Some(&rest[..end])
    };
    let ids = memchr_iter(b'#', text.as_bytes()).filter(|at| is_link(*at)).filter_map(id);
    ids.filter(|id| is_a_notes(id)).collect()
}

/// `fn1`, `footnote-2`, `_ftn3`, `note:4`; not `fnref1`.
fn is_a_notes(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    let bare = id.trim_start_matches('_');
    let named = ["fn", "foot", "note", "ftn", "endnote", "sdfoot", "cite_note", "user-content-fn"];
    let named = named.iter().any(|start| bare.starts_with(start));
    named && id.contains(|c: char| c.is_ascii_digit()) && !id.contains("ref") && !id.contains("back")
}

/// Whether a text is nothing but the sign of a way back from a note to its place.
pub(super) fn is_way_back(text: &str) -> bool {
    let bare =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | '\u{fe0e}' | '\u{fe0f}'));
    !bare.is_empty()
        && bare.chars().all(|c| matches!(c, '↩' | '↑' | '⤴' | '⏎' | '↵' | '⮌' | '⬆' | '\u{fe0e}' | '\u{fe0f}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_told_from_other_targets() {
        let text = "<sup><a href=\"#fn1\" id=\"fnref1\">1</a></sup> [2](#footnote-2) <a href='#top'>\n\
                    <ol><li id=\"fn1\">a</li><LI class=x id='footnote-2'>b</li><p id=\"top\"><li id=\"fn3\">";
        let mut notes: Vec<String> = of_html(text).into_iter().collect();
        notes.sort();
        assert_eq!(notes, ["fn1", "footnote-2"]);
        assert_eq!(of_markdown("x[^a]\n\n> [^a]: b\n[^c\n"), HashSet::from(["a".to_owned()]));
        assert!(is_way_back(" ↩︎ ") && is_way_back("[↑]") && !is_way_back("↩ x") && !is_way_back(""));
    }
}
