//! The walk over a text that finds what Markdown does not know: shortcodes, template tags and expressions,
//! components, formulas between a generator's own marks, notes written in place.
//!
//! One pass, forwards, before the parser sees the text; code shows what it contains. What each thing means is
//! decided in `effect`; what takes whole lines is found in `lines`. Marks that are no templates and MDX have files of their own.

mod addresses;
mod inside;
pub(super) mod marks;
mod mdx;
mod within;

use std::borrow::Cow;
use std::collections::HashMap;
use std::iter::Peekable;
use std::ops::Range;
use std::slice::Iter;

use super::dialect::{Delimiters, Dialect, Generator, Math};
use super::effect::{self, Effect};
use super::tag::{Fence, Form, Syntax, Tag};
use super::variables::Variables;

/// Notes in notes in notes are looked for no deeper.
const MAX_NOTES_WITHIN: usize = 4;

/// What is found, and where.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) range: Range<usize>,
    pub(super) what: What<'a>,
}

#[derive(Debug)]
pub(super) enum What<'a> {
    /// Its effect depends on its partner.
    Tag(Tag<'a>),
    Effect(Effect),
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'t, 'a> {
    pub(super) dialect: &'t Dialect,
    /// Expressions and components.
    pub(super) mdx: bool,
    pub(super) variables: &'t Variables<'a>,
    pub(super) depth: usize,
}

impl<'a> Wanted<'_, 'a> {
    /// Whether a text can hold anything that is looked for; it is cheap, and mostly `false`.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        let marks = ["{{", "{%", "{# ", "{:", "){", "`{", "*{", "]{"];
        (text.contains('{') && (self.mdx || holds(text, &marks)))
            || text.contains("^[")
            || (self.dialect.marks && text.contains("=="))
            || self.delimiters().iter().any(|pair| text.contains(&pair.open))
            || (self.mdx && text.contains('<'))
            || self.guillemets(text)
            || addresses::may_be_in(text)
            || within::may_be_in(text)
            || inside::may_be_in(text, self.dialect.generator)
            || self.lines_may_be_in(text)
    }

    /// The same, of what takes whole lines.
    pub(super) fn lines_may_be_in(&self, text: &str) -> bool {
        let line = |start: &str| text.starts_with(start) || text.contains(&format!("\n{start}"));
        (text.contains('{') && holds(text, &["{:", "{.", "{#", "=\"", "={", "{toc", "{{toc", "{{ toc"]))
            || holds(text, &[":::", "*[", "toc]", "TOC]", "_]]"])
            || (self.dialect.definitions && line(":"))
            || (self.takes_admonitions() && holds(text, &["!!! ", "??? ", "???+ "]))
            || (self.dialect.generator == Generator::Jekyll && text.contains("\\\\"))
            || (self.mdx && (line("import ") || line("export ")))
    }

    /// `!!! note`: Python-Markdown's.
    pub(super) fn takes_admonitions(&self) -> bool {
        match self.dialect.generator {
            Generator::Plain | Generator::Pelican => true,
            Generator::Hugo | Generator::Zola | Generator::Jekyll | Generator::Eleventy | Generator::Astro => false,
        }
    }

    fn delimiters(&self) -> &[Delimiters] {
        match &self.dialect.math {
            Math::Delimited(pairs) => pairs,
            Math::None | Math::Dollars => &[],
        }
    }

    fn hugo(&self) -> bool {
        matches!(self.dialect.generator, Generator::Hugo | Generator::Plain)
    }

    /// `<<x>>` is quoted, as kramdown has it.
    fn guillemets(&self, text: &str) -> bool {
        self.dialect.generator == Generator::Jekyll && self.dialect.smart && text.contains("<<")
    }

    /// `{% x %}`: whether tags of any name are taken, or known ones, or none.
    fn liquid(&self) -> Names {
        match self.dialect.generator {
            Generator::Jekyll | Generator::Eleventy => Names::All,
            Generator::Plain | Generator::Pelican => Names::Known,
            Generator::Hugo | Generator::Zola | Generator::Astro => Names::None,
        }
    }

    /// Whether template tags mean something in code too.
    pub(super) fn templates_in_code(&self) -> bool {
        self.liquid() == Names::All
    }

    /// `^[` notes written in place, as pandoc and markdown-it read them.
    fn notes(&self) -> bool {
        self.depth < MAX_NOTES_WITHIN
    }
}

fn holds(text: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| text.contains(mark))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    All,
    Known,
    None,
}

/// Everything in a text; addresses and references last, the others in order. `code` are the ranges that show what they contain, ascending.
pub(super) fn find<'a>(source: &'a str, code: &[Range<usize>], wanted: Wanted<'_, 'a>) -> Vec<Found<'a>> {
    let mut walk = Walk { source, code: code.iter().peekable(), wanted, found: Vec::new(), closes: HashMap::new() };
    walk.run();
    addresses::find(source, code, &mut walk.found);
    within::find(source, code, &mut walk.found);
    inside::find(source, code, wanted.dialect.generator, &mut walk.found);
    walk.found
}

struct Walk<'t, 'a> {
    source: &'a str,
    code: Peekable<Iter<'t, Range<usize>>>,
    wanted: Wanted<'t, 'a>,
    found: Vec<Found<'a>>,
    /// For a tag whose inside is raw, where its next closing tag stands, if anywhere.
    closes: HashMap<&'a str, Option<Range<usize>>>,
}

impl<'a> Walk<'_, 'a> {
    fn run(&mut self) {
        let source = self.source;
        let bytes = source.as_bytes();
        let mut triggers = [false; 256];
        triggers[usize::from(b'{')] = true;
        triggers[usize::from(b'<')] = self.wanted.mdx || self.wanted.guillemets(source);
        triggers[usize::from(b'^')] = self.wanted.notes();
        triggers[usize::from(b'=')] = self.wanted.dialect.marks && source.contains("==");
        for pair in self.wanted.delimiters() {
            triggers[usize::from(pair.open.as_bytes()[0])] = true;
        }
        let braces_only = triggers.iter().filter(|trigger| **trigger).count() == 1;
        let next = |at: usize| match braces_only {
            true => source[at..].find('{'),
            false => bytes[at..].iter().position(|&byte| triggers[usize::from(byte)]),
        };
        let mut at = 0;
        while let Some(found) = next(at) {
            let start = at + found;
            while self.code.next_if(|range| range.end <= start).is_some() {}
            let in_code = self.code.peek().is_some_and(|range| range.start <= start);
            let end = match in_code {
                true => self.in_code(start),
                false => self.in_prose(start),
            };
            at = end.unwrap_or(start + 1);
        }
    }

    fn push(&mut self, range: Range<usize>, what: What<'a>) -> Option<usize> {
        let end = range.end;
        self.found.push(Found { range, what });
        Some(end)
    }

    fn effect(&mut self, range: Range<usize>, effect: Effect) -> Option<usize> {
        self.push(range, What::Effect(effect))
    }

    /// Code shows what it contains, but for what the generator takes out of it too.
    fn in_code(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start..];
        if self.wanted.hugo()
            && let Some((end, tag)) = self.hugo_tag(start)
        {
            let range = start..end;
            return match tag {
                None => self.effect(range.clone(), Effect::Source(uncommented(&self.source[range]))),
                // Hugo itself looks for its shortcodes in code too.
                Some(tag) if self.wanted.dialect.generator == Generator::Hugo => {
                    let text = effect::text_in_code(&tag, self.wanted.variables)?;
                    self.effect(range, Effect::Source(text))
                }
                Some(_) => None,
            };
        }
        if self.wanted.liquid() != Names::All {
            return None;
        }
        if let Some((end, inner)) = enclosed(rest, "{{", "}}") {
            let inner = inner.trim_matches('-').trim();
            let literal = inner.starts_with(['"', '\'']).then(|| self.wanted.variables.expression(inner)).flatten()?;
            return self.effect(start..start + end, Effect::Source(literal));
        }
        let (end, inner) = enclosed(rest, "{%", "%}")?;
        match inner.trim_matches('-').trim() {
            "raw" => self.raw(start, start + end),
            // What is not kept raw is a template to these generators, code or not.
            _ => self.liquid(start),
        }
    }

    fn in_prose(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start..];
        let bytes = rest.as_bytes();
        if let Some(end) = self.formula(start) {
            return Some(end);
        }
        match (bytes[0], bytes.get(1)) {
            (b'{', Some(b'{' | b'%')) => self.template(start),
            (b'{', Some(b'#')) if rest.starts_with("{# ") => self.comment(start),
            (b'{', Some(b':')) => self.kramdown(start),
            (b'{', _) if self.wanted.mdx => self.mdx_expression(start),
            (b'{', _) => self.attributes(start),
            (b'<', Some(b'<')) if !self.wanted.mdx => self.guillemet(start),
            (b'<', _) => self.component(start),
            (b'^', Some(b'[')) => self.note(start),
            (b'=', Some(b'=')) => self.marked(start),
            _ => None,
        }
    }

    // --- Hugo, Zola, Liquid

    fn template(&mut self, start: usize) -> Option<usize> {
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
    fn hugo_tag(&self, start: usize) -> Option<(usize, Option<Tag<'a>>)> {
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

    fn zola(&mut self, start: usize) -> Option<usize> {
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
    fn expression(&mut self, start: usize) -> Option<usize> {
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
            None => effect::shortcode_in_braces(bare, self.wanted.variables)
                .unwrap_or_else(|| Effect::Unknown { name: format!("{{{{ {bare} }}}}"), value: String::new() }),
        };
        self.effect(start..start + end, effect)
    }

    fn liquid(&mut self, start: usize) -> Option<usize> {
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
    fn raw(&mut self, start: usize, end: usize) -> Option<usize> {
        let close = self.next_close("raw", end, Syntax::Liquid)?;
        self.effect(start..end, Effect::Source(String::new()));
        self.effect(close, Effect::Source(String::new()))
    }

    /// A tag; where its inside is code, with its inside and its end.
    fn tag(&mut self, range: Range<usize>, tag: Tag<'a>, syntax: Syntax) -> Option<usize> {
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

    fn is_custom(&self, name: &str) -> bool {
        self.wanted.dialect.conversion.shortcodes.contains_key(name)
    }

    /// The next tag from `from` on that closes `name`.
    fn next_close(&mut self, name: &'a str, from: usize, syntax: Syntax) -> Option<Range<usize>> {
        if let Some(known) = self.closes.get(name)
            && known.as_ref().is_none_or(|range| range.start >= from)
        {
            return known.clone();
        }
        let close = self.look_for_close(name, from, syntax);
        self.closes.insert(name, close.clone());
        close
    }

    fn look_for_close(&self, name: &str, from: usize, syntax: Syntax) -> Option<Range<usize>> {
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
    fn comment(&mut self, start: usize) -> Option<usize> {
        if self.wanted.dialect.generator != Generator::Eleventy {
            return None;
        }
        let (end, _) = enclosed(&self.source[start..], "{#", "#}")?;
        self.effect(start..start + end, Effect::Source(String::new()))
    }
}

/// What stands on a line before something that begins there: white space and marks of quotes, or nothing.
fn margin(before: &str) -> &str {
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
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

/// `{{</* x */>}}` shows `{{< x >}}`.
fn uncommented(tag: &str) -> String {
    let parts = tag.split_once("/*").and_then(|(start, rest)| Some((start, rest.rsplit_once("*/")?)));
    parts.map_or_else(|| tag.to_owned(), |(start, (inner, end))| format!("{start}{inner}{end}"))
}

/// Looked at before the end is looked for, so that no piece of text is searched twice.
fn begins_with_name(inner: &str) -> bool {
    let inner = inner.trim_start_matches([' ', '\t']);
    let name = inner.strip_prefix('/').unwrap_or(inner).trim_start_matches([' ', '\t']);
    name.starts_with(char::is_alphanumeric) || inner.starts_with("/*") || name.starts_with(['_', '\r', '\n'])
}

/// What stands between two marks at the beginning of a text, and where it ends.
fn enclosed<'a>(text: &'a str, open: &str, close: &str) -> Option<(usize, &'a str)> {
    let inner = text.strip_prefix(open)?;
    let begins = |bytes: &[u8]| bytes.starts_with(b"{%") || bytes.starts_with(b"{{");
    let end = Fence { close, quotes: b"\"'", begins }.end(inner)?;
    Some((open.len() + end + close.len(), &inner[..end]))
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
