//! The path of a request, decoded to the form the site is keyed by.
//!
//! RFC 3986, 5.2.4: dot segments go first (`%2e` is a dot), then each segment is decoded by itself, so that an
//! encoded separator never separates. What no author's file can be named is no name: nothing is there.

use std::borrow::Cow;

use fluent_uri::pct_enc::EStr;
use fluent_uri::pct_enc::encoder::Path;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Why a path leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoPath {
    /// A `..` climbs above the root.
    AboveRoot,
    /// It holds `%00`.
    Nul,
    /// It is well-formed, and can be the name of nothing.
    NoName,
}

/// The decoded path, in Unicode NFC, beginning with `/`.
pub(super) fn decode(path: &str) -> Result<String, NoPath> {
    let segments = without_dots(path)?;
    if path.contains("%00") {
        return Err(NoPath::Nul);
    }
    let mut decoded = String::with_capacity(path.len() + 1);
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        let name = name(segment).filter(|name| last || !name.is_empty()).ok_or(NoPath::NoName)?;
        decoded.push('/');
        decoded.push_str(&name);
    }
    if is_nfc(&decoded) { Ok(decoded) } else { Ok(decoded.nfc().collect()) }
}

/// The segments once dot segments are gone; the last is empty where the path ends in a slash. Never empty.
fn without_dots(path: &str) -> Result<Vec<&str>, NoPath> {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match dots(segment) {
            0 => kept.push(segment),
            1 => {}
            _ => {
                kept.pop().ok_or(NoPath::AboveRoot)?;
            }
        }
        if last && dots(segment) > 0 {
            kept.push("");
        }
    }
    Ok(kept)
}

/// How many dots a dot segment has; 0 for any other segment.
fn dots(segment: &str) -> usize {
    match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
        "." => 1,
        ".." => 2,
        _ => 0,
    }
}

fn name(segment: &str) -> Option<Cow<'_, str>> {
    let name = EStr::<Path>::new(segment)?.decode().to_string().ok()?;
    (!name.chars().any(is_never_in_a_name)).then_some(name)
}

/// Separators, controls, and the characters that turn the direction of a text (Unicode `Bidi_Control`).
fn is_never_in_a_name(c: char) -> bool {
    matches!(c, '/' | '\\' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_removed_and_never_climb_above_the_root() {
        let cases = [
            ("", "/"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/%2E%2e/b", "/b"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/a//../b", "/a/b"),
            ("/...", "/..."),
        ];
        for (path, expected) in cases {
            assert_eq!(decode(path).as_deref(), Ok(expected), "{path}");
        }
        for path in ["/..", "/../", "/a/../..", "/%2e%2e/etc/passwd", "/./.."] {
            assert_eq!(decode(path), Err(NoPath::AboveRoot), "{path}");
        }
    }

    #[test]
    fn names_that_no_file_has() {
        for path in ["//a", "/a//b", "/a//", "/%2F", "/a%5Cb", "/%1b", "/%E2%80%AE", "/%FF", "/%c0%ae", "/%0d%0a"] {
            assert_eq!(decode(path), Err(NoPath::NoName), "{path}");
        }
        assert_eq!(decode("/a%00"), Err(NoPath::Nul));
    }

    #[test]
    fn both_unicode_forms_are_one_path() {
        assert_eq!(decode("/e%CC%81t%C3%A9/").as_deref(), Ok("/été/"));
        assert_eq!(decode("/%252e%252e").as_deref(), Ok("/%2e%2e"));
    }
}
