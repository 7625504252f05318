//! What `{{ page.title }}`, `{{ site.url }}` and `{{ "/x" | relative_url }}` stand for.
//!
//! Asked by the pre-pass where an expression stands in the text or in an argument. The page's own front matter is
//! read only when something asks for it; the site's values come with the dialect.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use super::front_matter;
use super::value::Value;

/// The values that a text may name.
#[derive(Default)]
pub(super) struct Variables<'a> {
    /// The file up to its body.
    head: &'a str,
    front: OnceCell<Value>,
    site: Option<&'a Value>,
    /// What MDX imports: `import photo from './photo.jpg'`.
    pub(super) imports: HashMap<&'a str, &'a str>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(head: &'a str, site: Option<&'a Value>) -> Variables<'a> {
        Variables { head, site, ..Variables::default() }
    }

    /// No values at all.
    pub(super) fn none() -> Variables<'a> {
        Variables::default()
    }

    /// An argument without quotation marks: a value where it names one, else itself.
    pub(super) fn argument(&self, text: &'a str) -> Cow<'a, str> {
        let named = ["page.", "site.", "include.", "post.", "frontmatter."].iter().any(|scope| text.starts_with(scope));
        match named {
            true => Cow::Owned(self.path(text).unwrap_or_default()),
            false => Cow::Borrowed(text),
        }
    }

    /// A site parameter as Hugo's `param` gives it: the page's first.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let front = self.front();
        let params = format!("params.{name}");
        let found = front.get(name).or_else(|| front.get(&params)).or_else(|| self.site?.get(&params));
        found.and_then(Value::text).filter(|text| !text.is_empty())
    }

    /// Whether the page, or the site, asks for formulas.
    pub(super) fn wants_formulas(&self) -> bool {
        const NAMES: [&str; 5] = ["math", "katex", "mathjax", "latex", "use_math"];
        let named = |map: &Value, scope: &str| {
            NAMES.iter().any(|name| map.get(&format!("{scope}{name}")).and_then(Value::bool) == Some(true))
        };
        let page = || {
            let front = self.front();
            ["", "params.", "extra."].iter().any(|scope| named(front, scope))
        };
        self.site.is_some_and(|site| named(site, "params.") || named(site, "extra."))
            || (NAMES.iter().any(|name| self.head.contains(name)) && page())
    }

    /// The site's address on the web, with a slash at its end; its root where that is not known.
    pub(super) fn base(&self) -> String {
        let base = self.site.and_then(|site| site.get("baseURL")).and_then(Value::text).unwrap_or_default();
        format!("{}/", base.trim_end_matches('/'))
    }

    /// `value | filter: argument | …`; `None` where it has no value here.
    pub(super) fn expression(&self, text: &str) -> Option<String> {
        let mut parts = pipes(text.trim_matches('-').trim()).into_iter();
        let mut value = self.operand(parts.next()?);
        for filter in parts {
            let (name, argument) = filter.split_once([':', '(']).unwrap_or((filter, ""));
            let argument = argument.trim_end_matches(')').trim();
            value = match name.trim() {
                "default" => value.filter(|text| !text.is_empty()).or_else(|| self.operand(argument)),
                "prepend" => Some(self.operand(argument).unwrap_or_default() + &value?),
                "append" => Some(value? + &self.operand(argument).unwrap_or_default()),
                "downcase" | "lower" => Some(value?.to_lowercase()),
                "upcase" | "upper" => Some(value?.to_uppercase()),
                "relative_url" | "absolute_url" | "url" | "safe" | "escape" | "raw" | "strip" | "trim"
                | "xml_escape" | "markdownify" | "asset" | "asset_url" | "uri_escape" | "escape_once" => value,
                _ => None,
            };
        }
        value
    }

    fn operand(&self, text: &str) -> Option<String> {
        let text = text.trim();
        for quote in ['"', '\'', '`'] {
            if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
                return (!inner.contains(quote)).then(|| inner.to_owned());
            }
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !text.is_empty() {
            return Some(text.to_owned());
        }
        if text.contains(" ~ ") || text.contains(" + ") {
            let parts = text.split([' ']).filter(|part| !matches!(*part, "~" | "+" | ""));
            return parts.map(|part| self.operand(part)).collect();
        }
        self.path(text)
    }

    /// `page.title`, `site.author.name`, `title`.
    fn path(&self, path: &str) -> Option<String> {
        let fits = path.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if path.is_empty() || !fits {
            return None;
        }
        if let Some(imported) = self.imports.get(path.strip_suffix(".src").unwrap_or(path)) {
            return Some((*imported).to_owned());
        }
        let found = match path.split_once('.') {
            Some(("page" | "frontmatter" | "post", key)) => self.front().get(key),
            Some(("site" | "config" | "metadata" | "meta", key)) => self.site.and_then(|site| site.get(key)),
            _ => self.front().get(path),
        };
        match (found.and_then(Value::text), path) {
            // Links without them are resolved on the capsule.
            (None, "site.baseurl" | "site.url" | "site.github.url" | "pathPrefix") | (Some(_), "site.baseurl") => {
                Some(String::new())
            }
            (text, _) => text,
        }
    }

    fn front(&self) -> &Value {
        self.front.get_or_init(|| front_matter::value(self.head).unwrap_or(Value::Null))
    }
}

/// Cuts at `|`, but not within quotation marks.
fn pipes(text: &str) -> Vec<&str> {
    let (mut parts, mut begun, mut quote) = (Vec::new(), 0, None);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'|') => {
                parts.push(&text[begun..at]);
                begun = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(&text[begun..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::value::parse_yaml;
    use super::*;

    #[test]
    fn expressions_have_values_or_none() {
        let site = parse_yaml("title: Blog\nbaseurl: /b\nauthor:\n  name: Ada\n").unwrap();
        let variables = Variables::new("---\ntitle: Été\nimage: a.png\n---\n", Some(&site));
        let value = |text: &str| variables.expression(text);
        assert_eq!(value(" page.title ").as_deref(), Some("Été"));
        assert_eq!(value("title | upcase").as_deref(), Some("ÉTÉ"));
        assert_eq!(value("site.author.name").as_deref(), Some("Ada"));
        assert_eq!(value(" '/a|b' | relative_url -").as_deref(), Some("/a|b"));
        assert_eq!(value("\"/x\" | prepend: site.baseurl").as_deref(), Some("/x"));
        assert_eq!(value("page.missing | default: 'none'").as_deref(), Some("none"));
        assert_eq!(value("site.baseurl").as_deref(), Some(""));
        assert_eq!(value("page.missing"), None);
        assert_eq!(value("content | where: 'a', 'b'"), None);
        assert_eq!(variables.argument("page.image"), "a.png");
    }
}
