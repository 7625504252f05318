//! One shortcode, template tag or component as written: its name, its arguments, whether it opens or closes.
//!
//! Called by `find` where a tag may begin. Grammars: Hugo's lexer (`parser/pageparser/pagelexer_shortcode.go`),
//! Liquid (`{% name a, b: "c" %}`), Zola's calls (`name(a="b")`), JSX elements.

use std::borrow::Cow;

use super::html;
use super::variables::Variables;

/// A tag is no longer than this, in bytes.
pub(super) const MAX_TAG: usize = 4096;

/// A shortcode as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<Argument<'a>>,
    pub(super) form: Form,
    pub(super) syntax: Syntax,
}

/// An argument, with its name where it has one.
pub(super) type Argument<'a> = (Option<&'a str>, Cow<'a, str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Open,
    Close,
    /// It has no inner content.
    Alone,
}

/// Whose tag it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Hugo,
    Liquid,
    /// Zola's.
    Call,
    Component,
    /// `::: name`.
    Container,
}

impl Syntax {
    /// In a sentence: "the shortcode x".
    pub(super) fn noun(self) -> &'static str {
        match self {
            Syntax::Hugo | Syntax::Call => "shortcode",
            Syntax::Liquid => "tag",
            Syntax::Component => "component",
            Syntax::Container => "container",
        }
    }
}

impl<'a> Tag<'a> {
    /// The content of `{{< … >}}`.
    pub(super) fn hugo(content: &'a str) -> Option<Tag<'a>> {
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
        fits.then(|| Tag { name, arguments: hugo_arguments(rest), form, syntax: Syntax::Hugo })
    }

    /// The content of `{% … %}`. An included file is a tag by its own name.
    pub(super) fn liquid(content: &'a str, variables: &Variables<'a>) -> Option<Tag<'a>> {
        let rest = content.trim_matches('-').trim();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        if name.is_empty() {
            return None;
        }
        if matches!(name, "include" | "include_cached" | "render") {
            return Some(included(rest, variables));
        }
        let (name, form) = match name.strip_prefix("end") {
            Some(closed) if !closed.is_empty() => (closed.trim_start_matches('_'), Form::Close),
            _ => (name, Form::Open),
        };
        Some(Tag { name, arguments: liquid_arguments(rest, variables), form, syntax: Syntax::Liquid })
    }

    /// `name(a="b", c=1)`; `end` closes the innermost.
    pub(super) fn call(content: &'a str, form: Form) -> Option<Tag<'a>> {
        let content = content.trim_matches('-').trim();
        if content == "end" {
            return Some(Tag { name: "", arguments: Vec::new(), form: Form::Close, syntax: Syntax::Call });
        }
        let (name, rest) = content.split_once('(')?;
        let arguments = rest.strip_suffix(')')?;
        let name = name.trim_end();
        let name = name.rsplit("::").next().unwrap_or(name);
        let fits = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let arguments = || liquid_arguments(arguments, &Variables::none());
        fits.then(|| Tag { name, arguments: arguments(), form, syntax: Syntax::Call })
    }

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

    /// A named argument that is Markdown, in which a character reference is none of the tag's business.
    pub(super) fn markdown(&self, names: &[&str]) -> String {
        let matches = |key: &str| names.iter().any(|name| name.eq_ignore_ascii_case(key));
        let found = self.arguments.iter().find(|(key, value)| key.is_some_and(matches) && !value.is_empty());
        found.map_or_else(String::new, |(_, value)| unquoted(value))
    }

    /// An argument without a name.
    pub(super) fn positional(&self, index: usize) -> Option<String> {
        self.arguments.iter().filter(|(key, _)| key.is_none()).nth(index).map(|(_, value)| unescape(value))
    }

    /// An argument by its name, or by its place in digits.
    pub(super) fn argument(&self, name: &str) -> Option<String> {
        match name.parse() {
            Ok(index) => self.positional(index),
            Err(_) => self.named(&[name]),
        }
    }
}

/// What an argument says: without escapes, and without the character references that a template passes on.
fn unescape(value: &str) -> String {
    let value = unquoted(value);
    if value.contains('&') && value.contains(';') { html::decoded(&value) } else { value }
}

fn unquoted(value: &str) -> String {
    value.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// `figure.html src="x"`: the tag `figure`.
fn included<'a>(rest: &'a str, variables: &Variables<'a>) -> Tag<'a> {
    let rest = rest.trim_start();
    let end = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
    let (file, rest) = rest.split_at(end);
    let file = file.trim_matches(['"', '\'']);
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.split('.').next().unwrap_or(name);
    Tag { name, arguments: liquid_arguments(rest, variables), form: Form::Alone, syntax: Syntax::Liquid }
}

fn hugo_arguments(mut rest: &str) -> Vec<Argument<'_>> {
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
        let (value, after) = match quoted(rest, &['"', '`']) {
            Some(found) => found,
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        arguments.push((key, Cow::Borrowed(value)));
        rest = after;
    }
}

/// `"a", b: 'c', d=page.e`.
pub(super) fn liquid_arguments<'a>(mut rest: &'a str, variables: &Variables<'a>) -> Vec<Argument<'a>> {
    let mut arguments = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            return arguments;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        let after = rest[end..].trim_start();
        let assigned = after.strip_prefix('=').or_else(|| after.strip_prefix(':'));
        let key = match assigned.filter(|value| end > 0 && !value.starts_with("//")) {
            Some(value) => {
                let key = &rest[..end];
                rest = value.trim_start();
                Some(key)
            }
            None => None,
        };
        match quoted(rest, &['"', '\'', '`']) {
            Some((value, after)) => {
                arguments.push((key, Cow::Borrowed(value)));
                rest = after;
            }
            None => {
                let end = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
                let (value, after) = rest.split_at(end);
                arguments.push((key, variables.argument(value)));
                rest = after;
            }
        }
    }
}

/// A value between quotation marks, and what follows it; an unclosed one goes to the end.
fn quoted<'a>(text: &'a str, quotes: &[char]) -> Option<(&'a str, &'a str)> {
    let quote = text.chars().next().filter(|c| quotes.contains(c))?;
    let inner = &text[1..];
    let mut escaped = false;
    for (at, character) in inner.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote != '`' {
            escaped = true;
        } else if character == quote {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    Some((inner, ""))
}

/// How the content of a tag is read to its end.
#[derive(Clone, Copy)]
pub(super) struct Fence<'a> {
    pub(super) close: &'a str,
    pub(super) quotes: &'a [u8],
    /// What begins another tag, before which an unmatched quotation mark ends.
    pub(super) begins: fn(&[u8]) -> bool,
}

impl Fence<'_> {
    /// Where the closing mark stands in what follows the opening one. Quotation marks hide it; where they do not
    /// match, the end is the one before the next tag begins.
    pub(super) fn end(&self, inner: &str) -> Option<usize> {
        let mut reach = inner.len().min(MAX_TAG);
        while !inner.is_char_boundary(reach) {
            reach -= 1;
        }
        let inner = &inner[..reach];
        self.quoted_end(inner).or_else(|| self.unquoted_end(inner))
    }

    fn quoted_end(&self, inner: &str) -> Option<usize> {
        let mut quote = None;
        let mut escaped = false;
        for (at, byte) in inner.bytes().enumerate() {
            match (quote, byte) {
                _ if escaped => escaped = false,
                (Some(b'"'), b'\\') => escaped = true,
                (Some(open), _) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, _) if self.quotes.contains(&byte) => quote = Some(byte),
                (None, _) if inner.as_bytes()[at..].starts_with(self.close.as_bytes()) => return Some(at),
                (None, b'{') if (self.begins)(&inner.as_bytes()[at..]) => return None,
                (None, _) => {}
            }
        }
        None
    }

    fn unquoted_end(&self, inner: &str) -> Option<usize> {
        let next = inner.match_indices('{').map(|(at, _)| at).find(|&at| (self.begins)(&inner.as_bytes()[at..]));
        inner[..next.unwrap_or(inner.len())].find(self.close)
    }
}

/// For each tag that has one, the index of the tag that closes it. A closing tag without a name closes the innermost.
pub(super) fn pairs(tags: &[Option<&Tag<'_>>]) -> Vec<Option<usize>> {
    let mut partner = vec![None; tags.len()];
    let mut open: Vec<usize> = Vec::new();
    let mut waiting: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for (index, tag) in tags.iter().enumerate() {
        let Some(tag) = tag else { continue };
        if tag.opens() {
            open.push(index);
            *waiting.entry(tag.name).or_default() += 1;
        } else if tag.closes() && (tag.name.is_empty() || waiting.get(tag.name).is_some_and(|&count| count > 0)) {
            while let Some(last) = open.pop() {
                let name = tags[last].map_or("", |tag| tag.name);
                waiting.entry(name).and_modify(|count| *count -= 1);
                if name == tag.name || tag.name.is_empty() {
                    partner[last] = Some(index);
                    partner[index] = Some(last);
                    break;
                }
            }
        }
    }
    partner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments<'a>(tag: &'a Tag<'_>) -> Vec<(Option<&'a str>, &'a str)> {
        tag.arguments.iter().map(|(key, value)| (*key, value.as_ref())).collect()
    }

    #[test]
    fn liquid_tags_have_names_and_arguments() {
        let none = Variables::none();
        let tag = Tag::liquid("- include embed/figure.html src=\"a b.png\" alt='It\\'s' width=3 -", &none).unwrap();
        assert_eq!((tag.name, tag.form), ("figure", Form::Alone));
        assert_eq!(arguments(&tag), [(Some("src"), "a b.png"), (Some("alt"), "It\\'s"), (Some("width"), "3")]);
        let tag = Tag::liquid(" image \"a.png\", \"b\", title: \"c\" ", &none).unwrap();
        assert_eq!(arguments(&tag), [(None, "a.png"), (None, "b"), (Some("title"), "c")]);
        let tag = Tag::liquid(" youtube https://youtu.be/x ", &none).unwrap();
        assert_eq!(arguments(&tag), [(None, "https://youtu.be/x")]);
        assert_eq!(
            Tag::liquid(" endhighlight ", &none).map(|tag| (tag.name, tag.form)),
            Some(("highlight", Form::Close))
        );
        assert_eq!(Tag::liquid(" = 3 ", &none), None);
    }

    #[test]
    fn zolas_calls_have_brackets() {
        let tag = Tag::call(" youtube(id=\"x\", autoplay=true) ", Form::Alone).unwrap();
        assert_eq!((tag.name, arguments(&tag)), ("youtube", vec![(Some("id"), "x"), (Some("autoplay"), "true")]));
        assert_eq!(Tag::call("end", Form::Open).map(|tag| tag.form), Some(Form::Close));
        assert_eq!(Tag::call("closure", Form::Alone), None);
    }
}
