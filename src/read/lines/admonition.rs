//! `!!! note "Title"` and `??? note`, with what is indented under them (Python-Markdown's admonitions).
//!
//! Their lines lose the indent, and the pair of tags that a container is stands around them.

use std::ops::Range;

use super::Lines;
use crate::read::effect::{self, Around, Effect};
use crate::read::find::{Found, What};
use crate::read::tag::{Form, Syntax, Tag};

/// What belongs to an admonition is indented by so much.
const INDENT: &str = "    ";

/// The admonition that begins on a line, if one does; returns where it ends.
pub(super) fn find<'a>(
    source: &'a str,
    line: Range<usize>,
    content: &'a str,
    pair: usize,
    lines: &mut Lines<'a>,
) -> Option<usize> {
    let (around, body) = (head(content)?, line.end);
    let margin = &source[line.start..line.start + (line.len() - source[line.clone()].trim_start().len())];
    let indent = format!("{margin}{INDENT}");
    let mut indents = Vec::new();
    let (mut at, mut end) = (body, body);
    for text in source[body..].split_inclusive('\n') {
        if text.starts_with(&indent) || text.starts_with(&format!("{margin}\t")) {
            let width = if text.starts_with(&indent) { INDENT.len() } else { 1 };
            indents.push(at + margin.len()..at + margin.len() + width);
            end = at + text.trim_end_matches(['\n', '\r']).len();
        } else if !text.trim().is_empty() {
            break;
        }
        at += text.len();
    }
    if indents.is_empty() {
        return None;
    }
    let start = line.start + margin.len();
    let open = Effect::Open { pair, around: around.clone() };
    push(lines, start..start + content.len(), open);
    indents.into_iter().for_each(|range| push(lines, range, Effect::Source(String::new())));
    // A blank line after it is where it ends.
    let after = source[end..].find('\n').map_or(end, |length| end + length + 1);
    let blank = source[after..].lines().next().is_some_and(|line| line.trim().is_empty());
    let close = if blank { after } else { end };
    push(lines, close..close, Effect::Close { pair, around });
    Some(close)
}

/// `!!! note "Title"`: an empty title hides the word.
fn head(content: &str) -> Option<Around> {
    let rest = ["!!! ", "???+ ", "??? "].iter().find_map(|mark| content.strip_prefix(mark))?;
    let (name, rest) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    let quoted = rest.find('"').map(|at| rest[at + 1..].trim_end().trim_end_matches('"'));
    if !name.chars().all(|c| c.is_alphanumeric() || c == '-') {
        return None;
    }
    let arguments = quoted.filter(|title| !title.is_empty()).map(|title| (Some("title"), title.into()));
    let name = if effect::is_alert(name) { name } else { "note" };
    let tag = Tag { name, arguments: arguments.into_iter().collect(), form: Form::Open, syntax: Syntax::Container };
    Some(effect::around(&tag))
}

fn push(lines: &mut Lines<'_>, range: Range<usize>, effect: Effect) {
    lines.found.push(Found { range, what: What::Effect(effect) });
}
