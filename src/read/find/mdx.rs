//! What MDX adds to Markdown: expressions in braces, components, and elements whose attributes hold expressions.

use super::Walk;
use crate::read::effect::Effect;
use crate::read::find::What;
use crate::read::tag::{Argument, Form, MAX_TAG, Syntax, Tag, liquid_arguments};
use crate::read::variables::Variables;

impl<'a> Walk<'_, 'a> {
    /// `{frontmatter.title}`, `{/* comment */}`, `{"text"}`.
    pub(super) fn mdx_expression(&mut self, start: usize) -> Option<usize> {
        if self.source[..start].ends_with('\\') {
            return None;
        }
        let end = balanced(&self.source[start..])?;
        let inner = self.source[start + 1..start + end - 1].trim();
        let effect = match self.wanted.variables.expression(inner) {
            _ if inner.starts_with("/*") || inner.is_empty() => Effect::Source(String::new()),
            Some(text) => Effect::Literal(text),
            None => Effect::Unknown {
                name: format!("the expression {{{}}}", inner.lines().next().unwrap_or("")),
                value: String::new(),
                alone: String::new(),
            },
        };
        self.effect(start..start + end, effect)
    }

    /// `<Figure src="x" />`, `<Note>`, `</Note>`, `<>`; and `<div style={…}>`, whose attributes no HTML parser reads.
    pub(super) fn component(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start + 1..];
        if rest.starts_with('>') || rest.starts_with("/>") {
            let end = start + 1 + rest.find('>')? + 1;
            return self.effect(start..end, Effect::Nothing);
        }
        let closing = rest.starts_with('/');
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let named = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        let name = &rest[..rest.find(|c| !named(c)).unwrap_or(rest.len())];
        let is_component = name.starts_with(|c: char| c.is_ascii_uppercase());
        if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let (attributes, length) = jsx_attributes(&rest[name.len()..])?;
        let end = start + 1 + usize::from(closing) + name.len() + length;
        if !is_component {
            let braces = attributes.contains("={") || attributes.contains("{...");
            return braces.then(|| {
                let tag = html_tag(name, attributes, self.wanted.variables);
                self.effect(start..end, Effect::Source(tag))
            })?;
        }
        let alone = attributes.trim_end().ends_with('/');
        let form = if closing {
            Form::Close
        } else if alone {
            Form::Alone
        } else {
            Form::Open
        };
        let arguments = liquid_arguments_of_jsx(attributes.trim_end().trim_end_matches('/'), self.wanted.variables);
        self.push(start..end, What::Tag(Tag { name, arguments, form, syntax: Syntax::Component }))
    }
}

/// Where the brace closes that a text begins with; strings hide braces.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, byte) in text.bytes().enumerate().take(MAX_TAG) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'`') if depth > 0 => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// The attributes of an element up to its `>`, and how long they are with it.
fn jsx_attributes(text: &str) -> Option<(&str, usize)> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, byte) in text.bytes().enumerate().take(MAX_TAG) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return Some((&text[..at], at + 1)),
            (None, b'<') if depth == 0 => return None,
            (None, _) => {}
        }
    }
    None
}

/// `a="b" c={d} {...e} f`.
fn liquid_arguments_of_jsx<'a>(text: &'a str, variables: &Variables<'a>) -> Vec<Argument<'a>> {
    let mut arguments = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return arguments;
        }
        if rest.starts_with('{') {
            let end = balanced(rest).unwrap_or(rest.len());
            rest = &rest[end..];
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len()).max(1);
        let end = (end..=rest.len()).find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
        let key = &rest[..end];
        let after = rest[end..].trim_start();
        let Some(value) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        if value.starts_with('{') {
            let end = balanced(value).unwrap_or(value.len());
            let inner = value[..end].trim_start_matches('{').trim_end_matches('}');
            arguments.push((Some(key), variables.expression(inner).unwrap_or_default().into()));
            rest = &value[end..];
        } else {
            let mut one = liquid_arguments(value, variables);
            let length = match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                Some(quote) => value[1..].find(quote).map_or(value.len(), |at| at + 2),
                None => value.find(char::is_whitespace).unwrap_or(value.len()),
            };
            if !one.is_empty() {
                arguments.push((Some(key), one.swap_remove(0).1));
            }
            rest = &value[length..];
        }
    }
}

/// An element with the attributes that an HTML parser can read.
fn html_tag(name: &str, attributes: &str, variables: &Variables<'_>) -> String {
    let end = if attributes.trim_end().ends_with('/') { " /" } else { "" };
    let mut tag = format!("<{name}");
    for (key, value) in liquid_arguments_of_jsx(attributes.trim_end().trim_end_matches('/'), variables) {
        if let Some(key) = key.filter(|_| !value.is_empty()) {
            tag.push_str(&format!(" {key}=\"{}\"", value.replace('"', "&quot;").replace('\n', " ")));
        }
    }
    tag + end + ">"
}
