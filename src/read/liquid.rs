//! Jekyll's Liquid where a link leads: `{% post_url x %}`, `{% link x.md %}`, `{{ site.baseurl }}/x`,
//! `{{ "/x" | relative_url }}`.
//!
//! Only destinations; Liquid in text is not read here. CommonMark ends a destination at the first blank, so
//! [`bracketed`] puts the ones that hold Liquid in `<>` before the text is parsed; what then comes as a destination
//! [`destination`] takes apart.

use std::borrow::Cow;

/// What a destination with Liquid in it means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// A path on the web, from the site's root where it begins with `/`.
    Path(String),
    /// A source, from the site's root.
    Source(String),
    /// A post by its name, with the folders around `_posts`.
    Post(String),
}

/// Takes a destination apart; `None` where its Liquid is anything else.
pub(super) fn destination(text: &str) -> Option<Destination> {
    let mut path = String::new();
    let mut rest = text.trim();
    while let Some(at) = rest.find("{%").into_iter().chain(rest.find("{{")).min() {
        path.push_str(&rest[..at]);
        let close = if rest[at..].starts_with("{%") { "%}" } else { "}}" };
        let (inner, after) = rest[at + 2..].split_once(close)?;
        let words = inner.trim_matches(['-', ' ', '\t']);
        rest = after;
        if close == "%}" {
            let (tag, argument) = words.split_once(char::is_whitespace)?;
            let argument = argument.trim().to_owned();
            return match tag {
                "link" => Some(Destination::Source(argument)),
                "post_url" => Some(Destination::Post(argument)),
                _ => None,
            };
        }
        path.push_str(value(words)?);
    }
    path.push_str(rest);
    Some(Destination::Path(path))
}

/// A literal, whatever filters make it an address; the site's own address is nothing.
fn value(words: &str) -> Option<&str> {
    let mut parts = words.split('|').map(str::trim);
    let value = parts.next()?;
    let known = |filter: &str| {
        matches!(filter, "relative_url" | "absolute_url" | "prepend: site.baseurl" | "prepend: site.url")
    };
    if !parts.all(known) {
        return None;
    }
    match value {
        "site.baseurl" | "site.url" => Some(""),
        _ => {
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            value.strip_prefix(quote)?.strip_suffix(quote)
        }
    }
}

/// Puts destinations that hold Liquid and blanks in `<>`, outside code. Lines stay lines.
pub(super) fn bracketed(body: &str) -> Cow<'_, str> {
    if !body.contains("{%") && !body.contains("{{") {
        return Cow::Borrowed(body);
    }
    let mut out = String::with_capacity(body.len() + 64);
    let mut fence: Option<&str> = None;
    for line in body.split_inclusive('\n') {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        match fence.is_some() || mark.is_some() {
            true => out.push_str(line),
            false => one_line(line, &mut out),
        }
    }
    Cow::Owned(out)
}

fn one_line(line: &str, out: &mut String) {
    let mut rest = line;
    let mut ticks = 0;
    // `[label]: {% link x %}` is a definition.
    let defined = || {
        let label = line.trim_start().strip_prefix('[')?.find("]:")?;
        let at = line.len() - line.trim_start().len() + 1 + label + 2;
        let destination = line[at..].trim();
        let whole = destination.starts_with("{%") && destination.ends_with("%}");
        whole.then(|| format!("{} <{destination}>\n", &line[..at]))
    };
    if let Some(defined) = defined() {
        return out.push_str(&defined);
    }
    while let Some(at) = rest.find("](") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        ticks += before.bytes().filter(|byte| *byte == b'`').count();
        rest = after;
        let Some(end) = end(after).filter(|_| ticks.is_multiple_of(2)) else { continue };
        let destination = &after[..end];
        if destination.contains([' ', '\t']) && !destination.contains(['<', '>']) {
            out.extend(["<", destination, ">"]);
            rest = &after[end..];
        }
    }
    out.push_str(rest);
}

/// Where a destination ends that has Liquid in it: at `)`, or at the blank before a title, outside the Liquid.
fn end(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut liquid = false;
    loop {
        let rest = text.get(at..)?;
        let letter = rest.chars().next()?;
        let close = if rest.starts_with("{%") { "%}" } else { "}}" };
        match letter {
            '\n' => return None,
            ')' | ' ' => return liquid.then_some(at),
            _ if rest.starts_with("{%") || rest.starts_with("{{") => {
                at += rest.find(close)? + 2;
                liquid = true;
            }
            letter => at += letter.len_utf8(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_taken_apart() {
        let path = |path: &str| Some(Destination::Path(path.into()));
        assert_eq!(destination("{{ site.baseurl }}/a"), path("/a"));
        assert_eq!(destination("{{site.url}}{{ site.baseurl }}/a#b"), path("/a#b"));
        assert_eq!(destination("{{ '/a b' | relative_url }}"), path("/a b"));
        assert_eq!(destination("{% link _posts/a.md %}#x"), Some(Destination::Source("_posts/a.md".into())));
        assert_eq!(
            destination("{{ site.baseurl }}{% post_url cat/2020-01-01-a %}"),
            Some(Destination::Post("cat/2020-01-01-a".into()))
        );
        for other in ["{{ page.url }}", "{% include x %}", "{{ 'a' | upcase }}", "{{ x", "{% link"] {
            assert_eq!(destination(other), None, "{other}");
        }
    }

    #[test]
    fn destinations_with_blanks_are_bracketed() {
        for (text, expected) in [
            ("[a]({% link a.md %}) b", "[a](<{% link a.md %}>) b"),
            ("[a]({{ '/a' | relative_url }} \"t\")", "[a](<{{ '/a' | relative_url }}> \"t\")"),
            ("![a]({{ site.baseurl }}/a.png)", "![a](<{{ site.baseurl }}/a.png>)"),
            ("`[a]({% link a.md %})`", "`[a]({% link a.md %})`"),
            ("```\n[a]({% link a.md %})\n```\n", "```\n[a]({% link a.md %})\n```\n"),
            ("[a]: {% link a.md %}\n", "[a]: <{% link a.md %}>\n"),
            ("[a](b c) {% x %}", "[a](b c) {% x %}"),
            ("[é]({%", "[é]({%"),
        ] {
            assert_eq!(bracketed(text), expected);
        }
    }
}
