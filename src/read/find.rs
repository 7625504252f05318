//! The walk over a text that finds what Markdown does not know: shortcodes, template tags and expressions,
//! components, formulas between a generator's own marks, notes written in place.
//!
//! One pass, forwards, before the parser sees the text; code shows what it contains. What each thing means is
//! decided in `effect`; what takes whole lines is found in `lines`. Marks that are no templates and MDX have files of their own.

mod addresses;
mod inside;
pub(super) mod marks;
mod mdx;
mod template;
mod within;

use std::collections::HashMap;
use std::iter::Peekable;
use std::ops::Range;
use std::slice::Iter;

use memchr::memchr;

use super::dialect::{Delimiters, Dialect, Generator, Math};
use super::effect::{self, Effect};
use super::tag::{Fence, Tag};
use super::variables::Variables;
use crate::text::search;

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
        let marks = ["{{", "{%", "{# ", "{:", "){", "`{", "*{", "]{", "}{"];
        (memchr(b'{', text.as_bytes()).is_some() && (self.mdx || holds(text, &marks)))
            || search::holds(text, "^[")
            || (self.dialect.marks && search::holds(text, "=="))
            || self.delimiters().iter().any(|pair| search::holds(text, &pair.open))
            || (self.mdx && memchr(b'<', text.as_bytes()).is_some())
            || self.guillemets(text)
            || addresses::may_be_in(text)
            || within::may_be_in(text)
            || inside::may_be_in(text, self.dialect.generator)
            || self.lines_may_be_in(text)
    }

    /// The same, of what takes whole lines.
    pub(super) fn lines_may_be_in(&self, text: &str) -> bool {
        let line = |start: &str| text.starts_with(&start[1..]) || search::holds(text, start);
        (memchr(b'{', text.as_bytes()).is_some()
            && holds(text, &["{:", "{.", "{#", "=\"", "={", "{toc", "{{toc", "{{ toc"]))
            || holds(text, &["|-", "| -", "|:-", "| :-"])
            || holds(text, &[":::", "*[", "toc]", "TOC]", "_]]", "<--"])
            || (self.dialect.definitions && line("\n:"))
            || (self.takes_admonitions() && holds(text, &["!!! ", "??? ", "???+ "]))
            || (self.dialect.generator == Generator::Jekyll && search::holds(text, "\\\\"))
            || (self.mdx && (line("\nimport ") || line("\nexport ")))
    }

    /// `!!! note`: Python-Markdown's.
    pub(super) fn takes_admonitions(&self) -> bool {
        match self.dialect.generator {
            Generator::Plain | Generator::Pelican => true,
            Generator::Hugo | Generator::Zola | Generator::Jekyll | Generator::Eleventy | Generator::Astro => false,
        }
    }

    /// `{: .note }` on a line of its own: kramdown's.
    pub(super) fn takes_attribute_lines(&self) -> bool {
        match self.dialect.generator {
            Generator::Plain | Generator::Jekyll => true,
            Generator::Hugo | Generator::Zola | Generator::Pelican | Generator::Eleventy | Generator::Astro => false,
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
        self.dialect.generator == Generator::Jekyll && self.dialect.smart && search::holds(text, "<<")
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
    marks.iter().any(|mark| search::holds(text, mark))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    All,
    Known,
    None,
}

/// Whether elements are looked for whose inside is Markdown.
pub(super) fn pairs_elements(source: &str, wanted: Wanted<'_, '_>) -> bool {
    inside::may_be_in(source, wanted.dialect.generator)
}

/// Everything in a text; addresses and references last, the others in order. `code` are the ranges that show what they contain, ascending.
pub(super) fn find<'a>(source: &'a str, code: &[Range<usize>], wanted: Wanted<'_, 'a>) -> Vec<Found<'a>> {
    let mut walk = Walk::over(source, code, wanted);
    while walk.step() {}
    walk.finish(code);
    walk.found
}

struct Walk<'t, 'a> {
    source: &'a str,
    /// How far it has looked.
    at: usize,
    code: Peekable<Iter<'t, Range<usize>>>,
    wanted: Wanted<'t, 'a>,
    /// With what byte anything may begin, and whether braces are all there is.
    triggers: [bool; 256],
    braces_only: bool,
    found: Vec<Found<'a>>,
    /// For a tag whose inside is raw, where its next closing tag stands, if anywhere.
    closes: HashMap<&'a str, Option<Range<usize>>>,
}

impl<'t, 'a> Walk<'t, 'a> {
    fn over(source: &'a str, code: &'t [Range<usize>], wanted: Wanted<'t, 'a>) -> Walk<'t, 'a> {
        let mut triggers = [false; 256];
        triggers[usize::from(b'<')] = wanted.mdx || wanted.guillemets(source);
        triggers[usize::from(b'^')] = wanted.notes() && search::holds(source, "^[");
        triggers[usize::from(b'=')] = wanted.dialect.marks && search::holds(source, "==");
        for pair in wanted.delimiters() {
            triggers[usize::from(pair.open.as_bytes()[0])] = true;
        }
        let braces_only = !triggers.contains(&true);
        triggers[usize::from(b'{')] = true;
        let code = code.iter().peekable();
        Walk { source, at: 0, code, wanted, triggers, braces_only, found: Vec::new(), closes: HashMap::new() }
    }

    /// Looks at the next place where something may begin; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = &self.source.as_bytes()[self.at..];
        let next = match self.braces_only {
            true => memchr(b'{', rest),
            false => rest.iter().position(|&byte| self.triggers[usize::from(byte)]),
        };
        let Some(start) = next.map(|next| self.at + next) else { return false };
        while self.code.next_if(|range| range.end <= start).is_some() {}
        let in_code = self.code.peek().is_some_and(|range| range.start <= start);
        let end = match in_code {
            true => self.in_code(start),
            false => self.in_prose(start),
        };
        self.at = end.unwrap_or(start + 1);
        true
    }

    /// Adds what does not begin with a trigger.
    fn finish(&mut self, code: &[Range<usize>]) {
        addresses::find(self.source, code, &mut self.found);
        within::find(self.source, code, &mut self.found);
        inside::find(self.source, code, self.wanted.dialect.generator, &mut self.found);
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
                None => self.effect(range.clone(), Effect::Source(template::uncommented(&self.source[range]))),
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
            // Indented lines of HTML are no code to these generators.
            _ if !self.source[self.code.peek()?.start..].starts_with(['`', '~']) => self.liquid(start),
            // It shows how templates are written; what the generator would have run there, half of it would show wrongly.
            _ => None,
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
}

/// What stands between two marks at the beginning of a text, and where it ends.
fn enclosed<'a>(text: &'a str, open: &str, close: &str) -> Option<(usize, &'a str)> {
    let inner = text.strip_prefix(open)?;
    let begins = |bytes: &[u8]| bytes.starts_with(b"{%") || bytes.starts_with(b"{{");
    let end = Fence { close, quotes: b"\"'", begins }.end(inner)?;
    Some((open.len() + end + close.len(), &inner[..end]))
}
