//! How many columns text takes on a terminal: the one door to `unicode-width`.
//!
//! Tables in preformatted blocks are set by it, so that `é`, `日本` and `🙂` stand under their headings.

use unicode_width::UnicodeWidthStr;

use super::search;

/// Columns of a line.
pub fn columns(line: &str) -> usize {
    if line.is_ascii() {
        line.len()
    } else if is_one_each(line) {
        search::characters(line.as_bytes())
    } else {
        line.width()
    }
}

/// Whether each character takes one column: Latin letters and common punctuation.
pub fn is_one_each(line: &str) -> bool {
    let bytes = line.as_bytes();
    let takes_one = |at: usize| match bytes[at] {
        b' '..=b'~' | 0x80..=0xbf | 0xc3..=0xcb => true,
        // From U+00A0, but for the soft hyphen.
        0xc2 => bytes[at + 1] >= 0xa0 && bytes[at + 1] != 0xad,
        // U+2010 to U+2027: dashes, quotation marks; U+202F: the narrow no-break space.
        0xe2 => bytes[at + 1] == 0x80 && matches!(bytes[at + 2], 0x90..=0xa7 | 0xaf),
        _ => false,
    };
    search::passes(bytes, takes_one)
}

/// How many bytes at the beginning of a text take so many columns, where each character takes one.
pub fn reach(text: &str, columns: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes.len() <= columns {
        return bytes.len();
    }
    let (mut at, mut left) = (0, columns);
    // A piece has no more characters than bytes: as many bytes as there are columns left can be taken at once.
    while left > 0 && at < bytes.len() {
        let end = bytes.len().min(at + left);
        left -= search::characters(&bytes[at..end]);
        at = end;
    }
    while at < bytes.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Whether a text holds characters two columns wide, between which a line may break without a space.
pub fn is_wide(text: &str) -> bool {
    !text.is_ascii() && !is_one_each(text) && text.width() > text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining() {
        assert_eq!((columns("abc"), columns("été"), columns("e\u{301}"), columns("日本")), (3, 3, 1, 4));
        let latin = (' '..='\u{24f}').chain('\u{2000}'..='\u{206f}').filter(|c| !c.is_control());
        latin.for_each(|c| assert_eq!(columns(&format!("é{c}")), format!("é{c}").width(), "{c:?}"));
        assert!(is_wide("日本") && !is_wide("été"));
    }
}
