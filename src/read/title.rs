//! A title of front matter as text: themes print it as HTML, and so authors write references, tags and stress in it.
//!
//! Front matter keeps it as written, since addresses are made of it; the plan shows what this makes of it. A mark
//! without its partner is the author's own sign.

use std::borrow::Cow;

use super::html;

/// A title longer than this is left as it is, in bytes.
const MAX_TITLE: usize = 1024;

/// Elements that change how words look, and nothing else.
const INLINE: [&str; 18] = [
    "em", "strong", "code", "span", "sup", "sub", "small", "del", "ins", "mark", "abbr", "cite", "kbd", "i", "b", "q",
    "s", "u",
];

/// The title without what only a browser understands.
pub fn plain(title: &str) -> Cow<'_, str> {
    if title.len() > MAX_TITLE || !title.contains(['<', '&', '*']) {
        return Cow::Borrowed(title);
    }
    let mut text = title.to_owned();
    INLINE.iter().for_each(|name| without_element(&mut text, name));
    without_breaks(&mut text);
    without_stress(&mut text, "**");
    without_stress(&mut text, "*");
    let decoded = if text.contains('&') && text.contains(';') { html::decoded(&text) } else { text };
    Cow::Owned(decoded.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

/// Takes `<name …>` and its `</name>` out, and leaves what is between.
fn without_element(text: &mut String, name: &str) {
    let close = format!("</{name}>");
    let mut from = 0;
    while let Some(start) = text[from..].find(&format!("<{name}")).map(|at| from + at) {
        let rest = &text[start + 1 + name.len()..];
        let end = rest.find('>').filter(|_| rest.starts_with(['>', ' '])).map(|end| start + 1 + name.len() + end + 1);
        let partner = end.and_then(|end| text[end..].find(&close).map(|at| (end, end + at)));
        match partner {
            Some((end, at)) => {
                text.replace_range(at..at + close.len(), "");
                text.replace_range(start..end, "");
            }
            None => from = start + 1,
        }
    }
}

/// `a<br>b` is two lines; a `<br>` that stands like a word is spoken of.
fn without_breaks(text: &mut String) {
    for tag in ["<br>", "<br/>", "<br />"] {
        while let Some(at) = text.find(tag) {
            let is_word = text[..at].ends_with(' ') && text[at + tag.len()..].starts_with(' ');
            if is_word {
                return;
            }
            text.replace_range(at..at + tag.len(), " ");
        }
    }
}

/// `*x*`, where its marks stand at the edges of words.
fn without_stress(text: &mut String, mark: &str) {
    let mut from = 0;
    while let Some(start) = text[from..].find(mark).map(|at| from + at) {
        let inner = start + mark.len();
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '*');
        let opens = edge(text[..start].chars().next_back())
            && text[inner..].chars().next().is_some_and(|c| !c.is_whitespace() && c != '*');
        let close = text[inner..].find(mark).map(|at| inner + at).filter(|&at| {
            let before = text[..at].chars().next_back();
            before.is_some_and(|c| !c.is_whitespace()) && edge(text[at + mark.len()..].chars().next())
        });
        match close.filter(|_| opens) {
            Some(close) => {
                text.replace_range(close..close + mark.len(), "");
                text.replace_range(start..inner, "");
                from = close - mark.len();
            }
            None => from = inner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_text() {
        for (written, shown) in [
            ("The *Best* &amp; <em class=\"x\">Brightest</em>", "The Best & Brightest"),
            ("**Bold** and *both*, “*x*”", "Bold and both, “x”"),
            ("One<br>two<br/> three", "One two three"),
            ("L&rsquo;&eacute;t&eacute;", "L’été"),
        ] {
            assert_eq!(plain(written), shown);
        }
    }

    #[test]
    fn signs_without_a_partner_stay() {
        for title in [
            "2 * 3 * 4",
            "*args and **kwargs",
            "*.rs and *.toml",
            "The <b> element",
            "The <br> tag",
            "Vec<String> & co",
            "a__init__b `x` C*",
        ] {
            assert_eq!(plain(title), title);
        }
    }
}
