//! Makes an author's text fit to stand in a page: Unicode NFC, no control characters, one line where one is meant.
//!
//! Called by `render` on every piece of text on its way out (conversion.md, "escaping" and "Line endings").
//! Text is composed before anything looks at how a line begins: some characters (U+1FEF) compose to ASCII
//! punctuation and would become markup afterwards.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::search;

/// What becomes of one character of prose.
enum Fate {
    Kept,
    Space,
    Break,
    Dropped,
}

/// Appends running text: runs of white space become one space, U+2028 and U+2029 a line break.
/// No-break spaces are kept; they are the author's typography.
pub fn push_prose(out: &mut String, text: &str) {
    let text = text.strip_prefix(' ').filter(|_| ends_in_space(out)).unwrap_or(text);
    if is_simple(text) {
        out.push_str(text);
        return;
    }
    for character in composed(text).chars() {
        match fate(character) {
            Fate::Kept => out.push(character),
            Fate::Space => push_space(out),
            Fate::Break => push_break(out),
            Fate::Dropped => {}
        }
    }
}

/// Appends one space, unless the text begins here or a space already stands there.
pub fn push_space(out: &mut String) {
    if !ends_in_space(out) {
        out.push(' ');
    }
}

/// Appends a line break; a space before it goes.
pub fn push_break(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// Appends preformatted text: tabs, spaces and line ends stay as they are.
pub fn push_preformatted(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    if search::passes(bytes, |at| matches!(bytes[at], b' '..=b'~' | b'\n' | b'\t')) {
        out.push_str(text);
        return;
    }
    for character in composed(text).chars() {
        match fate(character) {
            Fate::Kept | Fate::Space => out.push(character),
            Fate::Break => out.push('\n'),
            Fate::Dropped => {}
        }
    }
}

/// A title, a label: one line, trimmed. It may come out empty.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_prose(&mut out, text);
    if out.contains('\n') {
        out = out.replace('\n', " ");
    }
    let trimmed = out.trim();
    if trimmed.len() == out.len() { out } else { trimmed.to_owned() }
}

/// The text in NFC.
pub fn composed(text: &str) -> Cow<'_, str> {
    // Below U+0300 nothing composes with anything that stands there too.
    if is_composed(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Whether a quotation mark is all there is: a page on the web has it as an ornament.
pub fn is_quotation_mark(text: &str) -> bool {
    let mut signs = text.chars().filter(|sign| !sign.is_whitespace());
    signs.next().is_some_and(|sign| "“”„«»\"".contains(sign)) && signs.next().is_none()
}

/// Whether a text is in NFC. Most are, and most of these are told by the first bytes of their characters.
pub fn is_composed(text: &str) -> bool {
    let bytes = text.as_bytes();
    search::passes_beyond_ascii(bytes, |at| composes_with_nothing(&bytes[at..])) || is_nfc(text)
}

/// Whether the character that begins here composes with nothing that this is said of; any but the first of its bytes is
/// passed over. Below U+0300 nothing composes with anything that stands there too.
fn composes_with_nothing(bytes: &[u8]) -> bool {
    match bytes {
        [0..=0xcb, ..] => true,
        // U+2002 to U+203F: spaces, dashes, quotation marks.
        [0xe2, 0x80, third, ..] => *third >= 0x82,
        // Arrows, signs of mathematics, lines and boxes.
        [0xe2, second, ..] => matches!(second, 0x85..=0x8b | 0x8d..=0xaa),
        // The sign that asks for a picture, and pictures.
        [0xef, 0xb8, third, ..] => *third == 0x8f,
        [0xf0, second, ..] => *second == 0x9f,
        _ => false,
    }
}

/// Nothing in it is to be changed: no control, no line break, no two spaces, all composed.
fn is_simple(text: &str) -> bool {
    let bytes = text.as_bytes();
    // From U+00A0 to U+02FF, and of U+2000 to U+203F the ones that stay as they are.
    let is_kept = |at: usize| match bytes[at] {
        b' '..=b'~' | 0x80..=0xbf | 0xc3..=0xcb => true,
        0xc2 => bytes[at + 1] >= 0xa0,
        0xe2 if bytes[at + 1] == 0x80 => !matches!(bytes[at + 2], 0x80 | 0x81 | 0xa8 | 0xa9),
        _ => false,
    };
    search::passes(bytes, is_kept) && !search::has_two_spaces(bytes)
}

/// Whether nothing of a line can be seen.
pub fn is_blank(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'))
}

fn ends_in_space(out: &str) -> bool {
    matches!(out.as_bytes().last(), None | Some(b' ' | b'\n'))
}

fn fate(character: char) -> Fate {
    match character {
        ' ' | '\t' | '\n' => Fate::Space,
        '\u{2028}' | '\u{2029}' => Fate::Break,
        '\u{feff}' => Fate::Dropped,
        c if c.is_control() => Fate::Dropped,
        _ => Fate::Kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(parts: &[&str]) -> String {
        let mut out = String::new();
        parts.iter().for_each(|part| push_prose(&mut out, part));
        out
    }

    #[test]
    fn white_space_collapses_and_controls_go() {
        assert_eq!(prose(&["a  b\tc\nd"]), "a b c d");
        assert_eq!(prose(&["a ", " b"]), "a b");
        assert_eq!(prose(&["a\u{0}\u{7}\u{1b}[31m\u{85}b\r"]), "a[31mb");
        assert_eq!(prose(&["a \u{2028}b"]), "a\nb");
    }

    #[test]
    fn french_spaces_stay() {
        assert_eq!(prose(&["«\u{a0}mot\u{a0}» 10\u{202f}000"]), "«\u{a0}mot\u{a0}» 10\u{202f}000");
    }

    #[test]
    fn text_is_composed_before_it_is_looked_at() {
        assert_eq!(prose(&["e\u{301}te\u{301}"]), "été");
        assert_eq!(prose(&["\u{1fef}\u{1fef}\u{1fef}"]), "```");
    }

    #[test]
    fn what_is_told_by_its_first_bytes_composes_with_nothing() {
        use unicode_normalization::char::{canonical_combining_class, compose};
        let told: Vec<char> =
            ('\u{80}'..=char::MAX).filter(|c| composes_with_nothing(c.to_string().as_bytes())).collect();
        assert!(told.len() > 3_000, "{}", told.len());
        for &c in &told {
            assert!(is_nfc(&c.to_string()) && canonical_combining_class(c) == 0, "{c:?}");
        }
        // Nothing composes with what is no mark, but for a few letters that follow letters.
        for &c in told.iter().filter(|c| **c >= '\u{300}') {
            assert!((' '..='\u{2ff}').chain(['\u{2190}', c]).all(|before| compose(before, c).is_none()), "{c:?}");
        }
    }

    #[test]
    fn preformatted_text_keeps_its_shape() {
        let mut out = String::new();
        push_preformatted(&mut out, "\tif  é {\r\n\u{0}  x\u{2028}y");
        assert_eq!(out, "\tif  é {\n  x\ny");
    }

    #[test]
    fn a_label_is_one_line() {
        assert_eq!(one_line(" a\r\n b\u{2029}c "), "a b c");
        assert_eq!(one_line("\u{0} \n"), "");
    }
}
