//! How many columns text takes on a terminal: the one door to `unicode-width`.
//!
//! Tables in preformatted blocks are set by it, so that `é`, `日本` and `🙂` stand under their headings.

use unicode_width::UnicodeWidthStr;

/// Columns of a line.
pub fn columns(line: &str) -> usize {
    if line.is_ascii() { line.len() } else { one_each(line).unwrap_or_else(|| line.width()) }
}

/// The characters of a line of Latin letters and common punctuation, each of which takes one column.
fn one_each(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut count = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let takes_one = match byte {
            b' '..=b'~' | 0xc3..=0xcb => true,
            0x80..=0xbf => continue,
            // From U+00A0, but for the soft hyphen.
            0xc2 => bytes[at + 1] >= 0xa0 && bytes[at + 1] != 0xad,
            // U+2010 to U+2027: dashes, quotation marks; U+202F: the narrow no-break space.
            0xe2 => bytes[at + 1] == 0x80 && matches!(bytes[at + 2], 0x90..=0xa7 | 0xaf),
            _ => false,
        };
        if !takes_one {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// Whether a text holds characters two columns wide, between which a line may break without a space.
pub fn is_wide(text: &str) -> bool {
    !text.is_ascii() && one_each(text).is_none() && columns(text) > text.chars().count()
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
