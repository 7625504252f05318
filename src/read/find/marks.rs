//! Marks within a line that are no template: attributes, formulas between a generator's own marks, notes in place.

use std::ops::Range;

use super::{Walk, Wanted};
use crate::read::dialect::{Generator, Place};
use crate::read::effect::Effect;
use crate::read::lines;
use crate::read::shortcode::{self, MAX_MARGIN};
use crate::read::tag::MAX_TAG;
use crate::text::search;

impl Walk<'_, '_> {
    /// `{: .class}`, `{:toc}`, `{::comment}`, `{:/}` of kramdown, in a line.
    pub(super) fn kramdown(&mut self, start: usize) -> Option<usize> {
        let takes = match self.wanted.dialect.generator {
            Generator::Jekyll | Generator::Plain | Generator::Pelican => true,
            Generator::Hugo | Generator::Zola | Generator::Eleventy | Generator::Astro => false,
        };
        if !takes {
            return None;
        }
        let line = line(&self.source[start..]);
        let end = line.find('}')?;
        let inner = &line[2..end];
        let fits =
            inner.is_empty() || inner.starts_with([' ', '.', '#', ':', '/']) || inner == "toc" || is_assignment(inner);
        if !fits || inner.contains('{') {
            return None;
        }
        // Of what makes a notice of its block, `lines` knows the block.
        let is_alone =
            search::short_line(&self.source[..start], MAX_MARGIN).is_some_and(|before| before.trim().is_empty());
        if is_alone && self.wanted.takes_attribute_lines() && lines::is_notice(line.trim_end()) {
            return None;
        }
        if inner == ":comment"
            && let Some(close) = self.source[start..].find("{:/")
            && let Some(last) = self.source[start + close..].find('}')
        {
            return self.effect(start..start + close + last + 1, Effect::Source(String::new()));
        }
        // The space before it separates nothing.
        let before = self.source[..start].trim_end_matches([' ', '\t']).len();
        let start = if self.source[..before].ends_with('\n') { start } else { before };
        self.effect(
            start..self.source.len().min(start + (self.source[start..].find('}')? + 1)),
            Effect::Source(String::new()),
        )
    }

    /// `![a](b){width=50%}`, `` `x`{.js} ``: attributes directly after an inline, as pandoc and markdown-it read them.
    pub(super) fn attributes(&mut self, start: usize) -> Option<usize> {
        let takes = match self.wanted.dialect.generator {
            Generator::Eleventy | Generator::Plain | Generator::Pelican | Generator::Jekyll => true,
            Generator::Hugo | Generator::Zola | Generator::Astro => false,
        };
        let before = &self.source[..start];
        // Hugo's own behind a shortcode.
        if !before.ends_with("}}") && (!takes || !before.ends_with([')', ']', '`', '*'])) {
            return None;
        }
        let line = line(&self.source[start..]);
        let end = line.find('}')?;
        let inner = &line[1..end];
        let inner = inner.trim_start();
        let fits = inner.starts_with(['.', '#']) && inner.len() > 1 || is_assignment(inner);
        (fits && !inner.contains('{')).then(|| self.effect(start..start + end + 1, Effect::Source(String::new())))?
    }

    pub(super) fn formula(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start..];
        let pair = self.wanted.delimiters().iter().find(|pair| rest.starts_with(&pair.open))?;
        if self.source[..start].ends_with('\\') {
            return None;
        }
        let inner = &rest[pair.open.len()..];
        let mut reach = inner.len().min(MAX_TAG);
        while !inner.is_char_boundary(reach) {
            reach -= 1;
        }
        let length = inner[..reach].find(&pair.close).filter(|&length| length > 0)?;
        if pair.open == "$" && is_price(inner, length) {
            return None;
        }
        let text = inner[..length].trim();
        let end = start + pair.open.len() + length + pair.close.len();
        let alone = is_alone(self.source, &(start..end));
        let block = match pair.place {
            Place::Block => true,
            Place::Inline => false,
            Place::Either => alone,
        };
        if text.is_empty() || (!block && text.contains("\n\n")) {
            return None;
        }
        self.effect(start..end, Effect::Math { text: text.to_owned(), block })
    }

    /// `<<x`, which would be a tag behind a sign.
    pub(super) fn guillemet(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start + 2..];
        let opens = rest.starts_with(|c: char| c.is_alphanumeric() || c == ' ') && line(rest).contains(">>");
        opens.then(|| self.effect(start..start + 2, Effect::Literal("«".to_owned())))?
    }

    /// `==marked==`, at the edges of words: what is between stays.
    pub(super) fn marked(&mut self, start: usize) -> Option<usize> {
        let before = self.source[..start].chars().next_back();
        let inner = &self.source[start + 2..];
        let opens = before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '=' | '\\' | '!' | '<' | '>'))
            && inner.chars().next().is_some_and(|c| !c.is_whitespace() && c != '=');
        if !opens {
            return None;
        }
        let length = line(inner).find("==").filter(|&length| {
            let after = inner[length + 2..].chars().next();
            !inner[..length].ends_with(char::is_whitespace) && after.is_none_or(|c| !c.is_alphanumeric() && c != '=')
        })?;
        let close = start + 2 + length;
        self.effect(close..close + 2, Effect::Source(String::new()));
        self.effect(start..start + 2, Effect::Source(String::new()))
    }

    /// `^[a note]`.
    pub(super) fn note(&mut self, start: usize) -> Option<usize> {
        if self.source[..start].ends_with(['\\', '[']) {
            return None;
        }
        let inner = &self.source[start + 2..];
        let length = bracketed(inner).filter(|&length| length > 0)?;
        let lines = inner[..length].split('\n').map(|line| line.trim_start_matches([' ', '\t', '>']).trim_end());
        let note = &lines.collect::<Vec<_>>().join(" ");
        let wanted = Wanted { depth: self.wanted.depth + 1, ..self.wanted };
        let prepared = shortcode::prepare(note, shortcode::find(note, &[], wanted), wanted);
        self.effect(start..start + 2 + length + 1, Effect::Note(Box::new(prepared)))
    }
}

/// What stands between two dollars that are no marks of a formula: they stand apart from it, or a number follows.
fn is_price(inner: &str, length: usize) -> bool {
    let space = char::is_whitespace;
    let number = inner[length + 1..].starts_with(|c: char| c.is_ascii_digit());
    inner.starts_with(space) || inner[..length].ends_with(space) || number || inner[..length].contains("\n\n")
}

/// The rest of a line, as far as a tag may reach.
fn line(text: &str) -> &str {
    let mut reach = text.len().min(MAX_TAG);
    while !text.is_char_boundary(reach) {
        reach -= 1;
    }
    text[..reach].split('\n').next().unwrap_or("")
}

fn is_assignment(inner: &str) -> bool {
    let key = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
    key > 0 && inner.as_bytes().get(key) == Some(&b'=')
}

/// Whether something has its lines for itself.
pub(in crate::read) fn is_alone(text: &str, range: &Range<usize>) -> bool {
    is_line_start(text, range.start) && is_line_end(text, range.end)
}

fn is_line_start(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t', '>']);
    before.is_empty() || before.ends_with('\n')
}

fn is_line_end(text: &str, at: usize) -> bool {
    let after = text[at..].trim_start_matches([' ', '\t', '\r']);
    after.is_empty() || after.starts_with('\n')
}

/// Where the bracket closes that was opened before a text; within a paragraph, code and escapes left out.
fn bracketed(text: &str) -> Option<usize> {
    let (mut depth, mut bytes) = (0_usize, text.bytes().enumerate().take(MAX_TAG));
    let mut last = 0;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'[' => depth += 1,
            b']' if depth == 0 => return Some(at),
            b']' => depth -= 1,
            b'\n' if last == b'\n' => return None,
            b'`' => {
                let close = text[at + 1..].bytes().take(MAX_TAG).position(|byte| byte == b'`');
                if let Some(close) = close {
                    bytes.nth(close);
                }
            }
            _ => {}
        }
        last = byte;
    }
    None
}
