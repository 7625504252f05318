//! How many columns text takes on a terminal: the one door to `unicode-width`.
//!
//! Tables in preformatted blocks are set by it, so that `é`, `日本` and `🙂` stand under their headings.

use unicode_width::UnicodeWidthStr;

/// Columns of a line.
pub fn columns(line: &str) -> usize {
    if line.is_ascii() { line.len() } else { line.width() }
}

/// Whether a text holds characters two columns wide, between which a line may break without a space.
pub fn is_wide(text: &str) -> bool {
    !text.is_ascii() && columns(text) > text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining() {
        assert_eq!((columns("abc"), columns("été"), columns("e\u{301}"), columns("日本")), (3, 3, 1, 4));
        assert!(is_wide("日本") && !is_wide("été"));
    }
}
