//! What takes whole lines and is no Markdown: containers (`::: note`), lines of attributes (`{.wide}`), marks for a
//! table of contents, abbreviations, the imports of MDX.
//!
//! Part of the pre-pass, beside `find`. Containers: markdown-it, Docusaurus, pandoc ("Divs and Spans"); attributes:
//! goldmark, kramdown ("Inline Attribute Lists"), Python-Markdown.

mod admonition;
mod boxed;
mod table;

use std::collections::HashMap;
use std::ops::Range;

use self::boxed::Block;
use super::dialect::{Dialect, Generator};
use super::effect::{self, Around, Effect};
use super::find::{Found, Wanted, What};
use super::tag::{Form, Syntax, Tag, liquid_arguments};
use super::variables::Variables;
use crate::text::search;

/// Pairs of containers are numbered from here, so that they are no pair of tags.
const FIRST_PAIR: usize = 1 << 40;
/// More abbreviations than this are not looked for.
const MAX_ABBREVIATIONS: usize = 200;

/// Lines that stand for a table of contents, which a page of gemtext has in its client.
const CONTENTS: [&str; 10] = [
    "[toc]",
    "[[toc]]",
    "[[_toc_]]",
    "@[toc]",
    "${toc}",
    "{toc}",
    "{{toc}}",
    "{{ toc }}",
    "[[_table_of_contents_]]",
    "{:toc}",
];

/// What stands on lines of its own, in order, and the abbreviations that were defined.
#[derive(Default)]
pub(super) struct Lines<'a> {
    pub(super) found: Vec<Found<'a>>,
    pub(super) abbreviations: Vec<(String, String)>,
    /// What is wrong, and where.
    pub(super) slips: Vec<(usize, String)>,
}

/// Whether a line of attributes makes a notice of the block that it stands with.
pub(super) fn is_notice(content: &str) -> bool {
    boxed::alert(content).is_some()
}

/// A line, where it begins, and what stands before its text: white space and marks of quotes.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    /// Without its end.
    text: &'a str,
    margin: usize,
}

impl<'a> Line<'a> {
    fn content(&self) -> &'a str {
        self.text[self.margin..].trim_end()
    }

    /// Where its text stands.
    fn inner(&self) -> Range<usize> {
        self.start + self.margin..self.start + self.margin + self.content().len()
    }
}

/// Looks at every line that is not code.
pub(super) fn find<'a>(source: &'a str, code: &[Range<usize>], wanted: &Wanted<'_, 'a>) -> Lines<'a> {
    let mut lines = Lines::default();
    let mut open: Vec<(usize, usize, Around)> = Vec::new();
    let mut pairs = FIRST_PAIR;
    let mut code = code.iter().peekable();
    let mut previous: Option<Line<'a>> = None;
    let mut block: Option<Block<'a>> = None;
    let mut before_previous_blank = true;
    let mut import: Option<usize> = None;
    let mut in_table = false;
    let (mut start, mut skipped) = (0, 0);
    for text in search::lines(source) {
        let bare = text.trim_end_matches(['\n', '\r']);
        let margin = bare.len() - bare.trim_start_matches([' ', '\t', '>']).len();
        let line = Line { start, text: bare, margin };
        start += text.len();
        while code.next_if(|range| range.end <= line.start + margin).is_some() {}
        if code.peek().is_some_and(|range| range.start <= line.start + margin) {
            previous = None;
            block = None;
            in_table = false;
            before_previous_blank = false;
            continue;
        }
        let content = line.content();
        let next = &source[start..];
        if start <= skipped {
            // Within an admonition; its lines are read as they are.
        } else if let Some(effect) = colon(content, wanted.dialect) {
            lines.found.push(Found {
                range: line.start + margin..line.start + margin + effect.1,
                what: What::Effect(effect.0),
            });
        } else if wanted.takes_admonitions()
            && let Some(end) = admonition::find(source, line.start..start, content, pairs + 1, &mut lines)
        {
            pairs += 1;
            skipped = end;
        } else if content.ends_with("\\\\") && wanted.dialect.generator == Generator::Jekyll {
            // kramdown's hard break.
            let end = line.inner().end;
            lines.remove(end - 1..end);
        } else if wanted.mdx && (import.is_some() || is_import(bare, previous)) {
            import = match content.is_empty() {
                true => None,
                false => {
                    lines.remove(line.start..start);
                    Some(start)
                }
            };
        } else if table::is_delimiter(content) {
            if let Some(head) = previous.filter(|head| !in_table && head.margin == margin) {
                table::mend(&mut lines, head, line);
            }
            in_table = true;
        } else if matches!(content, "<--->" | "<-->") {
            // What parts two columns is a paragraph's end where they stand under each other.
            lines.found.push(Found { range: line.inner(), what: What::Effect(Effect::Nothing) });
        } else if content.starts_with(":::") {
            container(&mut lines, &mut open, &mut pairs, line);
        } else if is_contents(content) {
            let placeholder =
                previous.filter(|line| is_item(line.text) && before_previous_blank && content == "{:toc}");
            lines.remove(placeholder.map_or(line.start, |line| line.start)..start);
        } else if wanted.takes_attribute_lines()
            && let Some(alert) = boxed::alert(content)
            && boxed::notice(&mut lines, source, line, start, block, (alert, pairs + 1))
        {
            pairs += 1;
        } else if is_attributes(content) {
            let goes_on = !next.trim_start_matches([' ', '\t', '>']).starts_with(['\n', '\r']) && !is_item(next);
            match goes_on || line.text[..margin].contains('>') {
                true => lines.remove(line.inner()),
                false => lines.remove(line.start..start),
            }
        } else if let Some(attributes) = attributes_of_heading(content) {
            let at = line.start + margin;
            lines.remove(at + attributes.start..at + attributes.end);
        } else if let Some((short, long)) = abbreviation(bare)
            && lines.abbreviations.len() < MAX_ABBREVIATIONS
        {
            lines.abbreviations.push((short.to_owned(), long.to_owned()));
            lines.remove(line.start..start);
        }
        in_table &= content.starts_with('|');
        block = Block::with(block, line);
        before_previous_blank = previous.is_none_or(|line| line.content().is_empty());
        previous = Some(line);
    }
    // What nothing closes goes on to the end; its mark says nothing.
    for (index, ..) in open {
        lines.found[index].what = What::Effect(Effect::Nothing);
    }
    lines
}

impl Lines<'_> {
    fn remove(&mut self, range: Range<usize>) {
        self.found.push(Found { range, what: What::Effect(Effect::Source(String::new())) });
    }
}

/// `::: name …` opens, `:::` closes the innermost.
fn container<'a>(lines: &mut Lines<'a>, open: &mut Vec<(usize, usize, Around)>, pairs: &mut usize, line: Line<'a>) {
    let says = line.content().trim_matches(':').trim();
    let range = line.inner();
    let effect = if says.is_empty() {
        match open.pop() {
            Some((_, pair, around)) => Effect::Close { pair, around },
            None => Effect::Nothing,
        }
    } else {
        let around = around(says);
        *pairs += 1;
        open.push((lines.found.len(), *pairs, around.clone()));
        Effect::Open { pair: *pairs, around }
    };
    lines.found.push(Found { range, what: What::Effect(effect) });
}

/// `note`, `note[A title]`, `note A title`, `{.note #id}`, `{note}`, `tip{title="x"}`.
fn around(says: &str) -> Around {
    let (head, braces) = match says.split_once('{') {
        Some((head, rest)) => (head, rest.trim_end_matches('}')),
        None => (says, ""),
    };
    let none = Variables::none();
    let mut arguments = liquid_arguments(braces, &none);
    let class = braces.split_whitespace().map(|word| word.trim_start_matches('.')).next().unwrap_or("");
    let end = head.find(|c: char| c.is_whitespace() || c == '[').unwrap_or(head.len());
    let (name, title) = head.split_at(end);
    let name = if name.is_empty() { class } else { name };
    let title = title.trim();
    let title = title.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(title);
    arguments.retain(|(key, _)| key.is_some());
    if !title.is_empty() {
        arguments.push((Some("title"), title.into()));
    }
    let tag = Tag { name, arguments, form: Form::Open, syntax: Syntax::Container };
    match effect::around(&tag) {
        Around::Nothing if !title.is_empty() => Around::Summary(title.to_owned()),
        around => around,
    }
}

/// A line that begins with `:name:` defines nothing: goldmark and kramdown want a blank behind the colon. What the sign
/// or the picture is, and how long.
fn colon(content: &str, dialect: &Dialect) -> Option<(Effect, usize)> {
    let rest = content.strip_prefix(':').filter(|_| dialect.definitions)?;
    // What else begins so is a row of a table (`:--|:--`) or no word.
    if !rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let name = rest.find(':').map(|end| &rest[..end]);
    let picture = name.filter(|_| dialect.emoji).and_then(|name| Some((emojis::get_by_shortcode(name)?, name.len())));
    Some(match picture {
        Some((picture, length)) => (Effect::Literal(picture.as_str().to_owned()), length + 2),
        None => (Effect::Literal(":".to_owned()), 1),
    })
}

/// A line of block attributes: `{.note}`, `{: #id}`, `{class="x"}`.
fn is_attributes(content: &str) -> bool {
    let inner = content.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    inner.is_some_and(|inner| {
        let key = inner.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'-').count();
        let named = key > 0 && inner.as_bytes().get(key) == Some(&b'=');
        let marked = inner.len() > 1 && inner.starts_with([':', '.', '#']);
        (marked || named) && !inner.contains(['{', '}'])
    })
}

/// `## Heading {#id} ##`: the parser knows attributes at the very end only.
fn attributes_of_heading(content: &str) -> Option<Range<usize>> {
    let bare = content.strip_suffix('#').filter(|_| content.starts_with('#'))?.trim_end_matches('#').trim_end();
    let start = bare.rfind('{').filter(|_| bare.ends_with('}'))?;
    is_attributes(&bare[start..]).then_some(start..bare.len())
}

fn is_contents(content: &str) -> bool {
    content.starts_with(['[', '@', '$', '{']) && CONTENTS.iter().any(|mark| content.eq_ignore_ascii_case(mark))
}

fn is_item(text: &str) -> bool {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.starts_with("* ")
        || text.starts_with("- ")
        || text.starts_with("+ ")
        || digits > 0 && text[digits..].starts_with(". ")
}

/// `*[HTML]: Hypertext Markup Language`.
fn abbreviation(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start_matches(' ');
    let inner = rest.strip_prefix("*[").filter(|_| line.len() - rest.len() < 4)?;
    let (short, long) = inner.split_once("]:")?;
    (!short.trim().is_empty() && !short.contains('[')).then(|| (short.trim(), long.trim()))
}

/// `import x from 'y'` and `export …`, at the beginning of a block.
fn is_import(line: &str, previous: Option<Line<'_>>) -> bool {
    let begins = previous.is_none_or(|line| line.content().is_empty());
    let import = line.starts_with("import ") && line.contains(['\'', '"']) || line.starts_with("import {");
    begins && (import || line.starts_with("export "))
}

/// What a text imports from files: `import photo from './photo.jpg'`.
pub(super) fn imports(body: &str) -> HashMap<&str, &str> {
    let one = |line| -> Option<(&str, &str)> {
        let (name, rest) = str::strip_prefix(line, "import ")?.split_once(" from ")?;
        let path = rest.trim().trim_end_matches(';').trim_matches(['"', '\'']);
        Some((name.trim(), path)).filter(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
    };
    body.lines().filter_map(one).collect()
}
