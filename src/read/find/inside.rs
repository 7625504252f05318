//! Markdown inside HTML (`<div markdown="1">`), as kramdown and Python-Markdown's `md_in_html` read it.
//!
//! To CommonMark a block of HTML goes on to the next blank line; so blank lines are put around what is inside. One
//! pass over the tags; only those that begin a line count.

use std::ops::Range;

use super::{Found, What};
use crate::read::dialect::Generator;
use crate::read::effect::Effect;
use crate::read::tag::MAX_TAG;
use crate::text::search;

/// More open elements than this are not remembered.
const MAX_OPEN: usize = 128;

/// An element that is open, and whether its inside is Markdown: the place of its attribute, and where its tag ends.
struct Open<'a> {
    name: &'a str,
    markdown: Option<(Range<usize>, usize)>,
}

/// Adds the line ends that the parser needs.
pub(super) fn find(source: &str, code: &[Range<usize>], generator: Generator, found: &mut Vec<Found<'_>>) {
    if !may_be_in(source, generator) {
        return;
    }
    let mut open: Vec<Open<'_>> = Vec::new();
    for (at, _) in source.match_indices('<') {
        let next = code.partition_point(|code| code.end <= at);
        if code.get(next).is_some_and(|code| code.start <= at && !source[code.clone()].starts_with('<')) {
            continue;
        }
        let rest = &source[at + 1..];
        let closes = rest.starts_with('/');
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = &rest[..rest.bytes().take_while(u8::is_ascii_alphanumeric).count()];
        let Some(length) = rest.bytes().take(MAX_TAG).position(|byte| byte == b'>').filter(|_| !name.is_empty()) else {
            continue;
        };
        let end = at + 1 + usize::from(closes) + length + 1;
        if !closes && open.len() < MAX_OPEN {
            let attribute = attribute(&source[at..end]).map(|range| (at + range.start..at + range.end, end));
            open.push(Open { name, markdown: attribute.filter(|_| is_line_start(source, at)) });
        } else if let Some(last) = open.iter().rposition(|open| closes && open.name == name) {
            let markdown = open.swap_remove(last).markdown;
            open.truncate(last);
            if let Some((attribute, begins)) = markdown {
                replace(found, attribute, "");
                replace(found, begins..begins, "\n\n");
                apart(source, begins..at, found);
                replace(found, at..at, "\n\n");
            }
        }
    }
}

/// Whether a text may hold any, and the generator reads it.
pub(super) fn may_be_in(source: &str, generator: Generator) -> bool {
    match generator {
        Generator::Jekyll | Generator::Pelican | Generator::Plain => search::holds(source, " markdown="),
        Generator::Hugo | Generator::Zola | Generator::Eleventy | Generator::Astro => false,
    }
}

/// Within Markdown an element ends with its line, and a paragraph may follow at once.
fn apart(source: &str, inside: Range<usize>, found: &mut Vec<Found<'_>>) {
    let mut end = inside.start;
    for line in source[inside.clone()].split_inclusive('\n') {
        end += line.len();
        let next = source[end.min(inside.end)..inside.end].lines().next().unwrap_or("").trim();
        let ends = line.ends_with('\n') && line.trim_end().ends_with('>') && line.contains("</");
        if ends && !next.is_empty() && !next.starts_with('<') {
            replace(found, end..end, "\n");
        }
    }
}

/// `markdown="1"`, `markdown="block"` or `"span"`, with the blank before it.
fn attribute(tag: &str) -> Option<Range<usize>> {
    let start = tag.find(" markdown=")?;
    let value = &tag[start + " markdown=".len()..];
    let length = value.find([' ', '>', '/']).unwrap_or(value.len());
    let on = matches!(value[..length].trim_matches(['"', '\'']), "1" | "block" | "span" | "true");
    on.then(|| start..start + " markdown=".len() + length)
}

fn is_line_start(source: &str, at: usize) -> bool {
    let before = source[..at].trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with(['\n', '>'])
}

fn replace(found: &mut Vec<Found<'_>>, range: Range<usize>, with: &str) {
    found.push(Found { range, what: What::Effect(Effect::Source(with.to_owned())) });
}
