//! Shortcodes, taken out before the Markdown parser sees them: `{{< name args >}}` and `{{% name args %}}`.
//!
//! Each one outside code becomes a placeholder, a word of private-use characters that the source does not
//! contain; what it stands for is kept beside, and so is the way from an offset in the prepared text back to the
//! file. Tags of other generators (Liquid, Tera) will be found by the same walk. Hugo's lexer is the grammar:
//! `hugolib/shortcode.go`, `parser/pageparser/pagelexer_shortcode.go`.

use std::collections::HashMap;
use std::ops::Range;

use super::effect::{self, Effect};

/// A shortcode's tag is no longer than this, in bytes.
const MAX_TAG: usize = 4096;
/// A line's margin, and the line before it, are looked at no further back than this, in bytes.
const MAX_MARGIN: usize = 256;

/// A text ready for the parser.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) text: String,
    /// From offsets in `text` to offsets in the source, ascending.
    map: Vec<(usize, usize)>,
    mark: char,
    tokens: Vec<Token>,
}

#[derive(Debug)]
struct Token {
    source: Range<usize>,
    original: String,
    effect: Effect,
}

/// A shortcode as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<(Option<&'a str>, &'a str)>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Open,
    Close,
    /// Ends with `/`: it has no inner content.
    Alone,
}

/// A piece of text between placeholders.
#[derive(Debug)]
pub(super) enum Part<'a> {
    Text(Range<usize>),
    Placeholder(usize, &'a Effect),
}

/// A tag in the source; `/* */` ones stand for themselves.
struct Found<'a> {
    range: Range<usize>,
    tag: Option<Tag<'a>>,
    in_code: bool,
}

/// Replaces the shortcodes of `source`. `code` are the ranges that show what they contain, ascending.
pub(super) fn prepare(source: &str, code: &[Range<usize>]) -> Prepared {
    let mark = unused(source);
    let mut prepared =
        Prepared { text: String::with_capacity(source.len()), map: vec![(0, 0)], mark, tokens: Vec::new() };
    let found = find(source, code);
    let effects = effect::effects(
        source,
        &found.iter().map(|one| (one.range.clone(), one.tag.as_ref(), one.in_code)).collect::<Vec<_>>(),
    );
    let mut done = 0;
    for (one, effect) in found.iter().zip(effects) {
        let Some((effect, end)) = effect.filter(|_| one.range.start >= done) else { continue };
        prepared.copy(source, done..one.range.start);
        match effect {
            Effect::Literal(text) if one.in_code => prepared.push(&text, one.range.start),
            effect => prepared.place(source, one.range.start..end, effect),
        }
        done = end;
        prepared.map.push((prepared.text.len(), done));
    }
    prepared.copy(source, done..source.len());
    prepared
}

/// A source in which nothing is replaced.
pub(super) fn untouched(source: &str) -> Prepared {
    Prepared { text: source.to_owned(), map: vec![(0, 0)], mark: unused(source), tokens: Vec::new() }
}

impl Prepared {
    /// The offset in the source of an offset in the text.
    pub(super) fn original(&self, at: usize) -> usize {
        let index = self.map.partition_point(|&(text, _)| text <= at).saturating_sub(1);
        let (text, source) = self.map[index];
        let next = self.map.get(index + 1).map_or(usize::MAX, |&(_, source)| source);
        (source + (at - text)).min(next)
    }

    /// The text between placeholders, and these.
    pub(super) fn parts<'a>(&'a self, text: &str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut begun = 0;
        while let Some((range, index)) = self.next_placeholder(text, begun) {
            if begun < range.start {
                parts.push(Part::Text(begun..range.start));
            }
            if let Some(token) = self.tokens.get(index) {
                parts.push(Part::Placeholder(index, &token.effect));
            }
            begun = range.end;
        }
        if begun < text.len() {
            parts.push(Part::Text(begun..text.len()));
        }
        parts
    }

    fn next_placeholder(&self, text: &str, from: usize) -> Option<(Range<usize>, usize)> {
        if self.tokens.is_empty() {
            return None;
        }
        let start = from + text[from..].find(self.mark)?;
        let digits = start + self.mark.len_utf8();
        let length = text[digits..].find(self.mark)?;
        let index = text[digits..digits + length].parse().ok()?;
        Some((start..digits + length + self.mark.len_utf8(), index))
    }

    /// A placeholder's place in the source.
    pub(super) fn source(&self, index: usize) -> Range<usize> {
        self.tokens.get(index).map_or(0..0, |token| token.source.clone())
    }

    /// Text that turned out to be code: what the author wrote.
    pub(super) fn restore(&self, text: &str) -> String {
        self.rewrite(text, |token| &token.original)
    }

    /// Text within something that shows text only, or within an address.
    pub(super) fn plain(&self, text: &str) -> String {
        self.rewrite(text, |token| token.effect.as_text())
    }

    /// Whether an address contains a `ref`.
    pub(super) fn refers(&self, text: &str) -> bool {
        self.parts(text).iter().any(|part| matches!(part, Part::Placeholder(_, Effect::Reference(_))))
    }

    fn rewrite<'a>(&'a self, text: &str, with: impl Fn(&'a Token) -> &'a str) -> String {
        let mut out = String::with_capacity(text.len());
        for part in self.parts(text) {
            match part {
                Part::Text(range) => out.push_str(&text[range]),
                Part::Placeholder(index, _) => out.push_str(self.tokens.get(index).map_or("", &with)),
            }
        }
        out
    }

    fn copy(&mut self, source: &str, range: Range<usize>) {
        self.push(&source[range.clone()], range.start);
    }

    fn push(&mut self, text: &str, from: usize) {
        self.map.push((self.text.len(), from));
        self.text.push_str(text);
    }

    /// A placeholder. One that is a block and has its line for itself gets blank lines around it, within the same
    /// quote or item, so that it is neither a row of the table above nor the first line of what follows.
    fn place(&mut self, source: &str, range: Range<usize>, effect: Effect) {
        let after = source[range.end..].trim_start_matches([' ', '\t', '\r']);
        let line_ends = after.is_empty() || after.starts_with('\n');
        let margin = match line_ends && effect.is_block() {
            true => margin(&self.text),
            false => None,
        };
        if let Some(Margin { text, blank_before: false }) = &margin {
            self.text.truncate(self.text.len() - text.len());
            self.push(&format!("{}\n{text}", text.trim_end()), range.start.saturating_sub(text.len()));
        }
        let token = format!("{}{}{}", self.mark, self.tokens.len(), self.mark);
        self.push(&token, range.start);
        if let Some(Margin { text, .. }) = &margin
            && !after.is_empty()
        {
            self.push(&format!("\n{}", text.trim_end()), range.end);
        }
        let original = source[range.clone()].to_owned();
        self.tokens.push(Token { source: range, original, effect });
    }
}

/// What stands on a line before a placeholder that has the line for itself.
struct Margin {
    text: String,
    blank_before: bool,
}

/// The margin at the end of a text; `None` if something stands on the line, or it is very long.
fn margin(text: &str) -> Option<Margin> {
    let mut start = text.len().saturating_sub(MAX_MARGIN);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let near = &text[start..];
    let line = near.rfind('\n').map(|at| at + 1).or((start == 0).then_some(0))?;
    let margin = &near[line..];
    let is_margin = |text: &str| text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '>'));
    let before = near[..line].strip_suffix('\n').unwrap_or("");
    let blank_before = match before.rfind('\n') {
        Some(at) => is_margin(&before[at + 1..]),
        None => start == 0 && is_margin(before),
    };
    is_margin(margin).then(|| Margin { text: margin.to_owned(), blank_before })
}

/// A private-use character that does not occur.
fn unused(source: &str) -> char {
    let mut seen = [false; 256];
    for character in source.chars() {
        if let Some(index) = (character as u32).checked_sub(0x10_FE00)
            && let Some(seen) = seen.get_mut(index as usize)
        {
            *seen = true;
        }
    }
    let index = seen.iter().position(|seen| !seen).unwrap_or(0);
    char::from_u32(0x10_FE00 + index as u32).unwrap_or('\u{10FE00}')
}

fn find<'a>(source: &'a str, code: &[Range<usize>]) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut code = code.iter().peekable();
    while let Some(start) = source[from..].find("{{").map(|at| from + at) {
        while code.next_if(|range| range.end <= start).is_some() {}
        let in_code = code.peek().is_some_and(|range| range.start <= start);
        match tag_at(source, start) {
            Some((end, tag)) => {
                found.push(Found { range: start..end, tag, in_code });
                from = end;
            }
            None => from = start + 2,
        }
    }
    found
}

/// The tag that begins here: its end, and what it says; `None` within for a commented one.
fn tag_at(source: &str, start: usize) -> Option<(usize, Option<Tag<'_>>)> {
    let rest = &source[start + 2..];
    let close = match rest.as_bytes().first()? {
        b'<' => ">}}",
        b'%' => "%}}",
        _ => return None,
    };
    let inner = &rest[1..];
    let mut reach = inner.len().min(MAX_TAG);
    while !inner.is_char_boundary(reach) {
        reach -= 1;
    }
    let inner = &inner[..reach];
    if !begins_with_name(inner) {
        return None;
    }
    let end = quoted_end(inner, close).or_else(|| unquoted_end(inner, close))?;
    let content = &inner[..end];
    let whole = start + 3 + end + close.len();
    if content.trim_start().starts_with("/*") {
        return content.trim_end().ends_with("*/").then_some((whole, None));
    }
    Some((whole, Some(parse(content)?)))
}

/// Looked at before the end is looked for, so that no piece of text is searched twice.
fn begins_with_name(inner: &str) -> bool {
    let inner = inner.trim_start_matches([' ', '\t']);
    let name = inner.strip_prefix('/').unwrap_or(inner).trim_start_matches([' ', '\t']);
    name.starts_with(char::is_alphanumeric) || inner.starts_with("/*") || name.starts_with(['_', '\r', '\n'])
}

/// The end of a tag, where quotation marks hide its own.
fn quoted_end(inner: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(b'"'), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'`') => quote = Some(byte),
            (None, _) if inner.as_bytes()[at..].starts_with(close.as_bytes()) => return Some(at),
            (None, b'{') if begins_tag(&inner.as_bytes()[at..]) => return None,
            _ => {}
        }
    }
    None
}

/// The end of a tag whose quotation marks do not match: before the next tag begins.
fn unquoted_end(inner: &str, close: &str) -> Option<usize> {
    let next = inner.match_indices("{{").map(|(at, _)| at).find(|&at| begins_tag(&inner.as_bytes()[at..]));
    inner[..next.unwrap_or(inner.len())].find(close)
}

fn begins_tag(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{{<") || bytes.starts_with(b"{{%")
}

fn parse(content: &str) -> Option<Tag<'_>> {
    let mut rest = content.trim();
    let mut form = Form::Open;
    if let Some(name) = rest.strip_prefix('/') {
        form = Form::Close;
        rest = name.trim_start();
    } else if let Some(start) = rest.strip_suffix('/') {
        form = Form::Alone;
        rest = start.trim_end();
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let fits = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'));
    fits.then(|| Tag { name, arguments: arguments(rest), form })
}

fn arguments(mut rest: &str) -> Vec<(Option<&str>, &str)> {
    let mut arguments = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return arguments;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '`')).unwrap_or(rest.len());
        let key = match rest[end..].strip_prefix('=') {
            Some(value) if end > 0 => {
                let key = &rest[..end];
                rest = value;
                Some(key)
            }
            _ => None,
        };
        let (value, after) = value(rest);
        arguments.push((key, value));
        rest = after;
    }
}

/// A value and what follows it.
fn value(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`'));
    let Some(quote) = quote else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return text.split_at(end);
    };
    let inner = &text[1..];
    let mut escaped = false;
    for (at, character) in inner.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            return (&inner[..at], &inner[at + 1..]);
        }
    }
    (inner, "")
}

impl Tag<'_> {
    pub(super) fn closes(&self) -> bool {
        self.form == Form::Close
    }

    pub(super) fn opens(&self) -> bool {
        self.form == Form::Open
    }

    /// A named argument, unescaped.
    pub(super) fn named(&self, names: &[&str]) -> Option<String> {
        let matches = |key: &str| names.iter().any(|name| name.eq_ignore_ascii_case(key));
        let found = self.arguments.iter().find(|(key, value)| key.is_some_and(matches) && !value.is_empty());
        found.map(|(_, value)| unescape(value))
    }

    /// An argument without a name.
    pub(super) fn positional(&self, index: usize) -> Option<String> {
        self.arguments.iter().filter(|(key, _)| key.is_none()).nth(index).map(|(_, value)| unescape(value))
    }
}

fn unescape(value: &str) -> String {
    value.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// For each tag that has one, the index of the tag that closes it.
pub(super) fn pairs(tags: &[Option<&Tag<'_>>]) -> Vec<Option<usize>> {
    let mut partner = vec![None; tags.len()];
    let mut open: Vec<usize> = Vec::new();
    let mut waiting: HashMap<&str, usize> = HashMap::new();
    for (index, tag) in tags.iter().enumerate() {
        let Some(tag) = tag else { continue };
        if tag.opens() {
            open.push(index);
            *waiting.entry(tag.name).or_default() += 1;
        } else if tag.closes() && waiting.get(tag.name).is_some_and(|&count| count > 0) {
            while let Some(last) = open.pop() {
                let name = tags[last].map_or("", |tag| tag.name);
                waiting.entry(name).and_modify(|count| *count -= 1);
                if name == tag.name {
                    partner[last] = Some(index);
                    partner[index] = Some(last);
                    break;
                }
            }
        }
    }
    partner
}
