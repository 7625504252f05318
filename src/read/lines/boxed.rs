//! A paragraph or quotation that is a notice by its attributes, as kramdown has it: `{: .note }` on a line before or after.
//!
//! A paragraph gets the pair of tags around it that a container is; a quotation gets the first line of an alert.

use super::{Line, Lines, is_item};
use crate::content::document::Alert;
use crate::read::effect::{self, Around, Effect};
use crate::read::find::{Found, What};

/// The block that a line may belong to: where its text begins, and what its first line is.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) start: usize,
    pub(super) first: &'a str,
}

impl<'a> Block<'a> {
    /// The block that a line begins or goes on with.
    pub(super) fn with(block: Option<Block<'a>>, line: Line<'a>) -> Option<Block<'a>> {
        match line.content().is_empty() {
            true => None,
            false => block.or(Some(Block { start: line.start, first: line.text })),
        }
    }
}

/// The notice that a line of attributes makes of what it stands with.
pub(super) fn alert(content: &str) -> Option<Alert> {
    let inner = content.strip_prefix("{:").and_then(|rest| rest.strip_suffix('}'))?;
    let classes = inner.split_whitespace().filter_map(|word| word.strip_prefix('.'));
    effect::notice(&classes.collect::<Vec<_>>().join(" "))
}

/// Makes a notice of the block around a line of attributes, which is the last of `block` or the first of what follows in
/// `source` from `next` on. False where that is neither a paragraph nor a quotation.
pub(super) fn notice<'a>(
    lines: &mut Lines<'a>,
    source: &'a str,
    line: Line<'a>,
    next: usize,
    block: Option<Block<'a>>,
    (alert, pair): (Alert, usize),
) -> bool {
    let after = Block { start: next, first: source[next..].lines().next().unwrap_or("") };
    let of = block.unwrap_or(after);
    let around = Around::Quote { alert: Some(alert), title: String::new(), author: String::new() };
    let mut push = |range, effect| lines.found.push(Found { range, what: What::Effect(effect) });
    if of.first.starts_with('>') {
        push(line.start..next, Effect::Source(String::new()));
        push(of.start..of.start, Effect::Source(format!("> [!{}]\n", effect::alert_name(alert))));
        return true;
    }
    if !is_paragraph(of.first) {
        return false;
    }
    let (open, close) = (Effect::Open { pair, around: around.clone() }, Effect::Close { pair, around });
    match block {
        Some(block) => {
            push(block.start..block.start, open);
            push(line.inner(), close);
        }
        None => {
            push(line.inner(), open);
            let end = end(source, next);
            push(end..end, close);
        }
    }
    true
}

/// Where the block ends that begins here: at the beginning of the blank line behind it.
fn end(source: &str, start: usize) -> usize {
    let mut at = start;
    for line in source[start..].split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    at
}

fn is_paragraph(first: &str) -> bool {
    !first.trim().is_empty() && !first.starts_with([' ', '\t', '#', '|', '<', '{', '`', '~', '=']) && !is_item(first)
}
