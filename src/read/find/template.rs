//! Template tags and expressions: Hugo's shortcodes, Zola's calls, Liquid's and Nunjucks's tags.
//!
//! Where one begins, where it ends, and for those whose inside is code the tag that closes it.

use std::borrow::Cow;
use std::ops::Range;

use super::{Names, Walk, What, enclosed};
use crate::read::dialect::Generator;
use crate::read::effect::{self, Effect};
use crate::read::shortcode::MAX_MARGIN;
use crate::read::tag::{Fence, Form, Syntax, Tag};
use crate::text::search;

impl<'a> Walk<'_, 'a> {
    pub(super) fn template(&mut self, start: usize) -> Option<usize> {
        if self.wanted.hugo()
            && let Some((end, tag)) = self.hugo_tag(start)
        {
            return match tag {
                None => self.effect(start..end, Effect::Literal(uncommented(&self.source[start..end]))),
                Some(tag) => self.tag(start..end, tag, Syntax::Hugo),
            };
        }
        match (self.wanted.dialect.generator, self.source[start..].starts_with("{{")) {
            (Generator::Zola, _) => self.zola(start),
            (_, true) => self.expression(start),
            (_, false) => self.liquid(start),
        }
    }

    /// The tag that begins here: its end, and what it says; `None` within for a commented one.
    pub(super) fn hugo_tag(&self, start: usize) -> Option<(usize, Option<Tag<'a>>)> {
        let rest = self.source[start..].strip_prefix("{{")?;
        let close = match rest.as_bytes().first()? {
            b'<' => ">}}",
            b'%' => "%}}",
            _ => return None,
        };
        let inner = &rest[1..];
        if !begins_with_name(inner) {
            return None;
        }
        let begins = |bytes: &[u8]| bytes.starts_with(b"{{<") || bytes.starts_with(b"{{%");
        let end = Fence { close, quotes: b"\"`", begins }.end(inner)?;
        let content = &inner[..end];
        let whole = start + 3 + end + close.len();
        if content.trim_start().starts_with("/*") {
            return content.trim_end().ends_with("*/").then_some((whole, None));
        }
        Some((whole, Some(Tag::hugo(content)?)))
    }

    pub(super) fn zola(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start..];
        let (close, form) = if rest.starts_with("{{") { ("}}", Form::Alone) } else { ("%}", Form::Open) };
        let inner = &rest[2..];
        let begins = |bytes: &[u8]| bytes.starts_with(b"{{") || bytes.starts_with(b"{%");
        if let Some(comment) = inner.strip_prefix("/*") {
            let end = comment.find("*/").filter(|&end| comment[end + 2..].starts_with(close))?;
            let range = start..start + 4 + end + 2 + close.len();
            let text = format!("{}{}{close}", &rest[..2], &comment[..end]);
            return self.effect(range, Effect::Literal(text));
        }
        if !inner.trim_start_matches(['-', ' ', '\n', '\t']).starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let end = Fence { close, quotes: b"\"'`", begins }.end(inner)?;
        let tag = Tag::call(&inner[..end], form)?;
        self.tag(start..start + 2 + end + 2, tag, Syntax::Call)
    }

    /// `{{ page.title }}`.
    pub(super) fn expression(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start..];
        let begins = rest[2..].trim_start_matches(['-', ' ', '\n', '\t']);
        let taken = match self.wanted.liquid() {
            Names::All => begins.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"' | '\'')),
            Names::Known => ["site.", "page.", "'/", "\"/"].iter().any(|scope| begins.starts_with(scope)),
            Names::None => false,
        };
        if !taken {
            return None;
        }
        let (end, inner) = enclosed(rest, "{{", "}}")?;
        let bare = inner.trim_matches('-').trim();
        let effect = match self.wanted.variables.expression(inner) {
            Some(text) => Effect::Literal(text),
            None => effect::shortcode_in_braces(bare, self.wanted.variables).unwrap_or_else(|| Effect::Unknown {
                name: format!("{{{{ {bare} }}}}"),
                value: String::new(),
                alone: String::new(),
            }),
        };
        self.effect(start..start + end, effect)
    }

    pub(super) fn liquid(&mut self, start: usize) -> Option<usize> {
        let names = self.wanted.liquid();
        if names == Names::None {
            return None;
        }
        let inner = &self.source[start + 2..];
        if !inner.trim_start_matches(['-', ' ', '\n', '\t']).starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let begins = |bytes: &[u8]| bytes.starts_with(b"{%");
        let end = Fence { close: "%}", quotes: b"\"'", begins }.end(inner)?;
        let tag = Tag::liquid(&inner[..end], self.wanted.variables)?;
        let range = start..start + 2 + end + 2;
        if tag.name == "raw" && tag.opens() {
            return self.raw(start, range.end);
        }
        if names == Names::Known && !effect::is_known(tag.name) && !self.is_custom(tag.name) {
            return None;
        }
        self.tag(range, tag, Syntax::Liquid)
    }

    /// `{% raw %} … {% endraw %}`: what is between is no template.
    pub(super) fn raw(&mut self, start: usize, end: usize) -> Option<usize> {
        let close = self.next_close("raw", end, Syntax::Liquid)?;
        self.effect(start..end, Effect::Source(String::new()));
        self.effect(close, Effect::Source(String::new()))
    }

    /// A tag; where its inside is code, with its inside and its end.
    pub(super) fn tag(&mut self, range: Range<usize>, tag: Tag<'a>, syntax: Syntax) -> Option<usize> {
        let name = tag.name;
        if tag.opens()
            && effect::is_raw(name)
            && !self.is_custom(name)
            && let Some(close) = self.next_close(name, range.end, syntax)
        {
            let inner = &self.source[range.end..close.start];
            let inner = without_margin(inner, margin(&self.source[..range.start]));
            let text = match syntax {
                Syntax::Liquid => without_raw(&inner),
                Syntax::Hugo | Syntax::Call | Syntax::Component | Syntax::Container => inner.into_owned(),
            };
            return self.effect(range.start..close.end, effect::code(&tag, &text));
        }
        self.push(range, What::Tag(tag))
    }

    pub(super) fn is_custom(&self, name: &str) -> bool {
        self.wanted.dialect.conversion.shortcodes.contains_key(name)
    }

    /// The next tag from `from` on that closes `name`.
    pub(super) fn next_close(&mut self, name: &'a str, from: usize, syntax: Syntax) -> Option<Range<usize>> {
        if let Some(known) = self.closes.get(name)
            && known.as_ref().is_none_or(|range| range.start >= from)
        {
            return known.clone();
        }
        let close = self.look_for_close(name, from, syntax);
        self.closes.insert(name, close.clone());
        close
    }

    pub(super) fn look_for_close(&self, name: &str, from: usize, syntax: Syntax) -> Option<Range<usize>> {
        let begin = match syntax {
            Syntax::Hugo => "{{",
            Syntax::Liquid | Syntax::Call => "{%",
            Syntax::Component | Syntax::Container => return None,
        };
        for (at, _) in self.source[from..].match_indices(begin) {
            let start = from + at;
            let found = match syntax {
                Syntax::Hugo => self.hugo_tag(start).and_then(|(end, tag)| Some((end, tag?))),
                Syntax::Liquid => enclosed(&self.source[start..], "{%", "%}")
                    .and_then(|(end, inner)| Some((start + end, Tag::liquid(inner, self.wanted.variables)?))),
                Syntax::Call => enclosed(&self.source[start..], "{%", "%}")
                    .and_then(|(end, inner)| Some((start + end, Tag::call(inner, Form::Open)?))),
                Syntax::Component | Syntax::Container => None,
            };
            if let Some((end, tag)) = found
                && tag.closes()
                && (tag.name == name || tag.name.is_empty())
            {
                return Some(start..end);
            }
        }
        None
    }

    /// `{# … #}` of Nunjucks.
    pub(super) fn comment(&mut self, start: usize) -> Option<usize> {
        if self.wanted.dialect.generator != Generator::Eleventy {
            return None;
        }
        let (end, _) = enclosed(&self.source[start..], "{#", "#}")?;
        self.effect(start..start + end, Effect::Source(String::new()))
    }
}

/// `{{</* x */>}}` shows `{{< x >}}`.
pub(super) fn uncommented(tag: &str) -> String {
    let parts = tag.split_once("/*").and_then(|(start, rest)| Some((start, rest.rsplit_once("*/")?)));
    parts.map_or_else(|| tag.to_owned(), |(start, (inner, end))| format!("{start}{inner}{end}"))
}

/// What stands on a line before something that begins there: white space and marks of quotes, or nothing.
fn margin(before: &str) -> &str {
    let line = search::short_line(before, MAX_MARGIN).unwrap_or("");
    if line.trim_start_matches([' ', '\t', '>']).is_empty() { line } else { "" }
}

/// Lines that are indented as the tag around them is are not indented to the author.
fn without_margin<'t>(inner: &'t str, margin: &str) -> Cow<'t, str> {
    if margin.is_empty() {
        return Cow::Borrowed(inner);
    }
    let bare = |line: &'t str| {
        let same = line.bytes().zip(margin.bytes()).take_while(|(own, mark)| own == mark).count();
        &line[same..]
    };
    Cow::Owned(inner.split_inclusive('\n').map(bare).collect())
}

/// Looked at before the end is looked for, so that no piece of text is searched twice.
fn begins_with_name(inner: &str) -> bool {
    let inner = inner.trim_start_matches([' ', '\t']);
    let name = inner.strip_prefix('/').unwrap_or(inner).trim_start_matches([' ', '\t']);
    name.starts_with(char::is_alphanumeric) || inner.starts_with("/*") || name.starts_with(['_', '\r', '\n'])
}

/// Code without the `{% raw %}` that kept it from being a template.
fn without_raw(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{%") {
        out.push_str(&rest[..at]);
        let found = enclosed(&rest[at..], "{%", "%}")
            .filter(|(_, inner)| matches!(inner.trim_matches('-').trim(), "raw" | "endraw"));
        let end = found.map_or(2, |(end, _)| end);
        if found.is_none() {
            out.push_str("{%");
        }
        rest = &rest[at + end..];
    }
    out.push_str(rest);
    out
}
