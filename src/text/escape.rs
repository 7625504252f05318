//! Tells when a line of text would be read as markup in gemtext, and so needs a space before it.
//!
//! Gemtext specification, "Line orientation": the first characters decide what a line is. The space is what
//! an author types by hand; clients show it as nothing.

/// Whether a text line would be taken for a link, a heading, a list item, a quote or a fence.
/// A `*` counts before any white space: Lagrange is that generous.
pub fn reads_as_markup(line: &str) -> bool {
    match line.as_bytes() {
        [b'#' | b'>', ..] | [b'=', b'>', ..] | [b'`', b'`', b'`', ..] => true,
        [b'*', ..] => line[1..].starts_with(char::is_whitespace),
        _ => false,
    }
}

/// Whether a line inside a preformatted block would close it.
pub fn closes_preformatted(line: &str) -> bool {
    line.starts_with("```")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_type_is_known() {
        for line in ["# a", "#a", "### a", "> a", ">a", "=> a", "=>a", "* a", "*\u{a0}a", "```", "```rust"] {
            assert!(reads_as_markup(line), "{line}");
        }
        for line in ["", " # a", "*a*", "*", "= >", "``a``", "- a", "1. a", "été"] {
            assert!(!reads_as_markup(line), "{line}");
        }
    }
}
