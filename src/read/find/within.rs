//! References to notes within the text of a link or an image: `![alt[^1]](a.png)`.
//!
//! The parser takes the outer brackets for no link then; so these are taken out of its sight.

use std::collections::HashSet;
use std::ops::Range;

use super::{Found, What};
use crate::read::effect::Effect;
use crate::read::label;
use crate::text::search;

/// No text of a link is looked at further than this, in bytes.
const MAX_TEXT: usize = 1024;

/// Adds the references outside code that stand so, where their notes are defined.
pub(super) fn find(source: &str, code: &[Range<usize>], found: &mut Vec<Found<'_>>) {
    let mut labels: Option<HashSet<String>> = None;
    for (range, name) in candidates(source) {
        let next = code.partition_point(|code| code.end <= range.start);
        let shown = code.get(next).is_some_and(|code| code.start <= range.start);
        let labels = labels.get_or_insert_with(|| label::of_markdown(source));
        if !shown && labels.contains(name) {
            found.push(Found { range, what: What::Effect(Effect::NoteReference(name.to_owned())) });
        }
    }
}

/// Whether a text holds any.
pub(super) fn may_be_in(source: &str) -> bool {
    candidates(source).next().is_some()
}

fn candidates(source: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let noted = if search::holds(source, "[^") { source } else { "" };
    noted.match_indices("[^").filter_map(|(at, _)| {
        let rest = &source[at + 2..];
        let length = rest.bytes().take(64).position(|byte| matches!(byte, b']' | b'[' | b'\n'))?;
        let end = at + 2 + length + 1;
        let fits = length > 0 && rest.as_bytes()[length] == b']' && is_in_link(&source[end..]);
        fits.then(|| (at..end, &rest[..length]))
    })
}

/// Whether a bracket that was opened before is closed here, and followed by a destination or a label.
fn is_in_link(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at).filter(|_| at < MAX_TEXT) {
        match byte {
            b'\\' => at += 1,
            b'[' => depth += 1,
            b']' if depth > 0 => depth -= 1,
            b']' => return matches!(bytes.get(at + 1), Some(b'(' | b'[')),
            b'\n' if bytes.get(at + 1) == Some(&b'\n') => return false,
            _ => {}
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_in_a_links_text() {
        let found = |source| candidates(source).map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(found("![a [b] c[^1]](d) and [e[^2] f][g]"), ["1", "2"]);
        assert_eq!(found("a[^1] [b](c) [^2]: [d](e) [f][^3] [g\\][^4"), [] as [&str; 0]);
    }
}
