//! Bare addresses whose signs Markdown would take for stress or formulas: `https://x.org/_a_/*b*`.
//!
//! GFM ("Autolinks (extension)") and goldmark take an address whole before they look for anything else in it; our
//! parser knows no bare addresses, so these are taken out of its sight.

use std::ops::Range;

use memchr::memmem;

use super::{Found, What};
use crate::read::effect::Effect;
use crate::read::inline;

/// No address is looked at further than this, in bytes.
const MAX_ADDRESS: usize = 2048;

/// Adds the addresses outside code that hold such signs.
pub(super) fn find(source: &str, code: &[Range<usize>], found: &mut Vec<Found<'_>>) {
    let shows = |at: usize| {
        let next = code.partition_point(|range| range.end <= at);
        code.get(next).is_some_and(|range| range.start <= at)
    };
    for range in signed(source).filter(|range| !shows(range.start)) {
        let text = source[range.clone()].replace("&amp;", "&");
        found.push(Found { range, what: What::Effect(Effect::Address(text)) });
    }
}

/// Whether a text holds any.
pub(super) fn may_be_in(source: &str) -> bool {
    signed(source).next().is_some()
}

fn signed(source: &str) -> impl Iterator<Item = Range<usize>> {
    // Nearly every post is looked through.
    let full = memmem::find_iter(source.as_bytes(), "://").filter_map(|at| {
        let start = inline::scheme_start(&source[..at])?;
        Some((start, at + 3))
    });
    let short = memmem::find_iter(source.as_bytes(), "www.").map(|at| (at, at + 4));
    let may_be_signed = |rest: usize| {
        let word = source.as_bytes()[rest..].iter().take(MAX_ADDRESS).take_while(|byte| !byte.is_ascii_whitespace());
        word.clone().any(|byte| matches!(byte, b'*' | b'~' | b'$' | b'_'))
    };
    let signed = full.chain(short).filter(move |&(_, rest)| may_be_signed(rest));
    signed.filter(|&(start, _)| is_bare(source, start)).filter_map(|(start, rest)| {
        let range = start..end(source, start, rest);
        (range.end > rest && is_signed(&source[range.clone()])).then_some(range)
    })
}

/// Whether nothing before an address says that it stands in a link's destination, an attribute or a word.
fn is_bare(source: &str, start: usize) -> bool {
    let before = &source[..start];
    let last = before.chars().next_back();
    !before.ends_with("](")
        && last.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '<' | '"' | '\'' | '=' | '/' | '.' | '-' | '@'))
}

/// As GFM has it; but marks at the end that stand at the beginning of the last part of the path too belong to it.
fn end(source: &str, start: usize, rest: usize) -> usize {
    let mut reach = source.len().min(rest + MAX_ADDRESS);
    while !source.is_char_boundary(reach) {
        reach -= 1;
    }
    // A cell of a table ends there, or code begins.
    let ends = |c: char| c.is_whitespace() || matches!(c, '|' | '`');
    let reach = source[rest..reach].find(ends).map_or(reach, |end| rest + end);
    let end = inline::url_end(&source[..reach], rest);
    let part = source[rest..end].rsplit('/').next().unwrap_or("");
    let Some(mark) = part.chars().next().filter(|c| matches!(c, '_' | '*' | '~')) else { return end };
    if source[..start].ends_with(mark) {
        return end;
    }
    let run = |text: &str| text.chars().take_while(|c| *c == mark).count();
    let (opens, closes) = (run(part), run(&source[end..reach]));
    if opens == closes { end + closes } else { end }
}

/// Whether the parser would see more in an address than its letters. What the author escaped is left to it.
fn is_signed(url: &str) -> bool {
    if url.contains('\\') {
        return false;
    }
    let bytes = url.as_bytes();
    let word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'*' | b'~' | b'$' => true,
        b'_' => !word(at.checked_sub(1)) || !word(Some(at + 1)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<&str> {
        signed(source).map(|range| &source[range]).collect()
    }

    #[test]
    fn signs_in_addresses_belong_to_them() {
        assert_eq!(found("see https://x.org/*a*/b, *https://x.org/c*."), ["https://x.org/*a*/b"]);
        assert_eq!(
            found("https://x.org/__init__ and *https://x.org/*a*"),
            ["https://x.org/__init__", "https://x.org/*a"]
        );
        assert_eq!(found("(www.x.org/~a~) | https://x.org/$a$|b"), ["https://x.org/$a$", "www.x.org/~a~"]);
    }

    #[test]
    fn others_are_left_to_the_parser() {
        for source in [
            "https://x.org/a_b_c",
            "[a](https://x.org/_a_)",
            "<https://x.org/_a_>",
            "<a href=\"https://x.org/*a*\">",
            "https://x.org/a\\_",
            "https://",
        ] {
            assert_eq!(found(source), [] as [&str; 0], "{source}");
        }
    }
}
