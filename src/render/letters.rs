//! The letters of links in plain text: `text [a]`, and the list of them at the end (conversion.md, "inline link").
//!
//! Base 26, for one document; an address keeps its letter. One that stands in the text already gets none.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::target::{Key, key};
use crate::content::document::Target;

/// The links of a document that have letters, in their order.
#[derive(Default)]
pub(super) struct Letters<'a> {
    pub(super) targets: Vec<&'a Target>,
    known: HashMap<Key<'a>, usize>,
}

impl<'a> Letters<'a> {
    /// Puts a link's letter behind its text, which begins at `start`.
    pub(super) fn mark(&mut self, text: &mut String, start: usize, target: &'a Target) {
        if shows(text[start..].trim(), target) {
            return;
        }
        let index = match self.known.entry(key(target)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                self.targets.push(target);
                *vacant.insert(self.targets.len() - 1)
            }
        };
        let letter = letter(index);
        // An image in a link to itself has it already.
        let marked = text[start..].strip_suffix(']').and_then(|text| text.strip_suffix(letter.as_str()));
        if marked.is_some_and(|text| text.ends_with('[')) {
            return;
        }
        let before = text.chars().next_back();
        if before.is_some_and(|c| !c.is_whitespace()) {
            text.push(' ');
        }
        for part in ["[", &letter, "]"] {
            text.push_str(part);
        }
    }
}

/// `a` to `z`, `aa` to `zz`, and on.
pub(super) fn letter(mut index: usize) -> String {
    let mut letters = String::with_capacity(4);
    loop {
        letters.insert(0, char::from(b'a' + u8::try_from(index % 26).unwrap_or(0)));
        match index / 26 {
            0 => return letters,
            rest => index = rest - 1,
        }
    }
}

/// Whether a link's text is its very address, so that a reader can copy it.
fn shows(text: &str, target: &Target) -> bool {
    let Target::Elsewhere(url) = target else { return false };
    let bare = |address: &str| address.trim_end_matches('/').trim_start_matches("mailto:").to_owned();
    let scheme = text.contains("://") || url.starts_with("mailto:");
    let web = text.starts_with("www.") && url.split_once("://").is_some_and(|(_, rest)| bare(rest) == bare(text));
    let decoded = || crate::content::address::percent_decode(url);
    web || (scheme && (bare(text) == bare(url) || decoded().is_some_and(|url| bare(&url) == bare(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_past_z() {
        let named: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(letter).into();
        assert_eq!(named, ["a", "z", "aa", "az", "ba", "zz", "aaa"]);
    }

    #[test]
    fn an_address_in_the_text_needs_no_letter() {
        let elsewhere = |url: &str| Target::Elsewhere(url.into());
        for (text, url) in [
            ("https://x.org/a/", "https://x.org/a"),
            ("https://x.org/é", "https://x.org/%C3%A9"),
            ("www.x.org", "https://www.x.org/"),
            ("me@x.org", "mailto:me@x.org"),
        ] {
            assert!(shows(text, &elsewhere(url)), "{text}");
        }
        assert!(!shows("https://y.org", &elsewhere("https://x.org")));
        assert!(!shows("x.org", &elsewhere("gemini://x.org")));
    }
}
