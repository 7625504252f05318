//! The pre-pass: what Markdown does not know is taken out before the parser sees the text.
//!
//! Each shortcode, tag, component or formula outside code becomes a placeholder, a word of private-use characters
//! that the source does not contain; what it stands for is kept beside, and so is the way from an offset in the
//! prepared text back to the file. `find` and `lines` find them, `effect` says what they mean.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::content::document::Medium;
use crate::text::search;

use super::effect::{self, Effect};
use super::fences;
use super::find::{self, Found, Wanted};
use super::lines::{self, Lines};
use super::way_back::WayBack;

/// A line's margin, and the line before it, are looked at no further back than this, in bytes.
pub(super) const MAX_MARGIN: usize = 256;

/// A text ready for the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) text: String,
    /// Short forms, and what they are at their first use.
    pub(super) abbreviations: Vec<(String, String)>,
    /// What is wrong with the lines, and where in the source.
    pub(super) slips: Vec<(usize, String)>,
    /// From offsets in `text` to offsets in the source.
    way_back: WayBack,
    mark: char,
    tokens: Vec<Token>,
    /// Tags in code are no part of it.
    templates_in_code: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    source: Range<usize>,
    original: String,
    effect: Effect,
}

/// A piece of text between placeholders.
#[derive(Debug)]
pub(super) enum Part<'a> {
    Text(Range<usize>),
    Placeholder(usize, &'a Effect),
}

/// What is to be replaced in a source.
pub(super) struct Findings<'a> {
    found: Vec<Found<'a>>,
    lines: Lines<'a>,
}

impl Findings<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty() && self.has_no_lines()
    }

    fn has_no_lines(&self) -> bool {
        self.lines.found.is_empty() && self.lines.abbreviations.is_empty() && self.lines.slips.is_empty()
    }

    /// Whether it is certain that the same would be found where it is known what is code. What takes whole lines
    /// depends on the lines around it, and what pairs elements on all of them.
    pub(super) fn stand_outside_code(&self, source: &str, wanted: Wanted<'_, '_>) -> bool {
        !wanted.mdx
            && self.has_no_lines()
            && !find::pairs_elements(source, wanted)
            && fences::stand_outside(source, self.found.iter().map(|found| found.range.start))
    }
}

/// Looks for all of it. `code` are the ranges that show what they contain, ascending.
pub(super) fn find<'a>(source: &'a str, code: &[Range<usize>], wanted: Wanted<'_, 'a>) -> Findings<'a> {
    let found = find::find(source, code, wanted);
    let lines = if wanted.lines_may_be_in(source) { lines::find(source, code, &wanted) } else { Lines::default() };
    Findings { found, lines }
}

/// Replaces what was found in `source`.
pub(super) fn prepare<'a>(source: &'a str, findings: Findings<'a>, wanted: Wanted<'_, 'a>) -> Prepared {
    let mut prepared = Prepared { text: String::with_capacity(source.len()), ..untouched("") };
    prepared.mark = unused(source);
    prepared.templates_in_code = wanted.templates_in_code();
    prepared.abbreviations = findings.lines.abbreviations;
    prepared.slips = findings.lines.slips;
    let mut found = findings.found;
    found.extend(findings.lines.found);
    found.sort_by_key(|one| one.range.start);
    let mut done = 0;
    for (range, effect) in effect::effects(found, &wanted) {
        if range.start < done {
            continue;
        }
        prepared.copy(source, done..range.start);
        done = range.end;
        match effect {
            Effect::Source(text) => prepared.push(&text, range.start),
            effect => done = prepared.place(source, range, effect),
        }
        prepared.way_back.push(prepared.text.len(), done);
    }
    prepared.copy(source, done..source.len());
    prepared
}

/// A source in which nothing is replaced.
pub(super) fn untouched(source: &str) -> Prepared {
    Prepared {
        text: source.to_owned(),
        abbreviations: Vec::new(),
        slips: Vec::new(),
        way_back: WayBack::default(),
        mark: '\u{10FEFF}',
        tokens: Vec::new(),
        templates_in_code: false,
    }
}

impl Prepared {
    /// The offset in the source of an offset in the text.
    pub(super) fn original(&self, at: usize) -> usize {
        self.way_back.original(at)
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

    pub(super) fn templates_in_code(&self) -> bool {
        self.templates_in_code
    }

    /// Whether a text holds one.
    pub(super) fn is_in(&self, text: &str) -> bool {
        !self.tokens.is_empty() && search::holds_character(text, self.mark)
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
    pub(super) fn restore<'a>(&'a self, text: &'a str) -> Cow<'a, str> {
        if self.templates_in_code {
            return self.plain(text);
        }
        self.rewrite(text, |token| &token.original)
    }

    /// Text within something that shows text only, or within an address.
    pub(super) fn plain<'a>(&'a self, text: &'a str) -> Cow<'a, str> {
        self.rewrite(text, |token| token.effect.as_text())
    }

    /// Whether an address contains a `ref`.
    pub(super) fn refers(&self, text: &str) -> bool {
        !self.tokens.is_empty()
            && self.parts(text).iter().any(|part| matches!(part, Part::Placeholder(_, Effect::Reference(_))))
    }

    fn rewrite<'a>(&'a self, text: &'a str, with: impl Fn(&'a Token) -> &'a str) -> Cow<'a, str> {
        if !self.is_in(text) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        for part in self.parts(text) {
            match part {
                Part::Text(range) => out.push_str(&text[range]),
                Part::Placeholder(index, _) => out.push_str(self.tokens.get(index).map_or("", &with)),
            }
        }
        Cow::Owned(out)
    }

    fn copy(&mut self, source: &str, range: Range<usize>) {
        self.push(&source[range.clone()], range.start);
    }

    fn push(&mut self, text: &str, from: usize) {
        self.way_back.push(self.text.len(), from);
        self.text.push_str(text);
    }

    /// A placeholder. One that is a block and has its line for itself gets blank lines around it, within the same
    /// quote or item, so that it is neither a row of the table above nor the first line of what follows.
    /// Returns where the source goes on.
    fn place(&mut self, source: &str, mut range: Range<usize>, effect: Effect) -> usize {
        let after = source[range.end..].trim_start_matches([' ', '\t', '\r']);
        let line_ends = after.is_empty() || after.starts_with('\n');
        // A blank line would end the HTML around it, and what is indented after it would be code.
        let in_html =
            effect.shows_nothing() && (after.trim_start().starts_with('<') || self.text.trim_end().ends_with('>'));
        let margin = if line_ends { margin(&self.text) } else { None };
        let in_sentence = margin.is_none() && !self.is_at_a_sign();
        let effect = if margin.is_none() { within_line(effect) } else { effect };
        let effect = if in_sentence { self.in_sentence(effect) } else { in_words(effect) };
        if margin.is_none() && effect.shows_nothing() && effect.as_text().is_empty() {
            range.end += self.close_hole(&source[range.end..]);
        }
        let margin = margin.filter(|_| effect.is_block() && !in_html);
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
        let end = range.end;
        self.tokens.push(Token { source: range, original, effect });
        end
    }

    /// After the end of a sentence a number says something only where it is a version's.
    fn in_sentence(&self, effect: Effect) -> Effect {
        match effect {
            Effect::Unknown { name, value, alone }
                if self.text.trim_end().ends_with(['.', '!', '?']) && !value.contains('.') =>
            {
                Effect::Unknown { name, value: String::new(), alone }
            }
            effect => effect,
        }
    }

    /// Whether nothing but the sign of an item, a definition or a heading stands on the line, or another placeholder.
    fn is_at_a_sign(&self) -> bool {
        if self.text.trim_end_matches(' ').ends_with(self.mark) {
            return true;
        }
        let line = search::short_line(&self.text, MAX_MARGIN);
        line.is_some_and(|line| !line.contains(|c: char| c.is_alphabetic() || self.mark == c))
    }

    /// Where nothing is shown in a sentence, neither does the space before a comma nor an empty pair of brackets; how
    /// much of what follows goes with it.
    fn close_hole(&mut self, after: &str) -> usize {
        let closes = after.starts_with(')') && self.text.trim_end_matches(' ').ends_with('(');
        if closes {
            self.text.truncate(self.text.trim_end_matches(' ').len() - 1);
        }
        let before = self.text.trim_end_matches(' ');
        let is_said = |c: char| c.is_alphanumeric() || ")]`*_\"”’»".contains(c);
        if (closes || after.starts_with([',', '.', ')'])) && before.ends_with(is_said) {
            self.text.truncate(before.len());
        }
        usize::from(closes)
    }
}

/// What an effect is to a line that it does not have for itself.
fn within_line(effect: Effect) -> Effect {
    match effect {
        Effect::File { url, medium: Medium::Page, title: Some(text), caption } if caption.is_empty() => {
            Effect::Link { url, text }
        }
        effect => effect,
    }
}

/// A number alone says something within a sentence only.
fn in_words(effect: Effect) -> Effect {
    match effect {
        Effect::Unknown { name, alone, .. } => Effect::Unknown { name, value: alone, alone: String::new() },
        effect => effect,
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
    // The first byte of these is in no other character that anyone writes.
    if memchr(0xf4, source.as_bytes()).is_none() {
        return '\u{10FEFF}';
    }
    let mut seen = [false; 256];
    for character in source.chars() {
        if let Some(index) = (character as u32).checked_sub(0x10_FE00)
            && let Some(seen) = seen.get_mut(index as usize)
        {
            *seen = true;
        }
    }
    // The last byte of these is rare in other characters, which makes them quick to find.
    let index = seen.iter().rposition(|seen| !seen).unwrap_or(255);
    char::from_u32(0x10_FE00 + index as u32).unwrap_or('\u{10FEFF}')
}
