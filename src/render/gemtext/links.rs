//! The link lines after a block, and what they say (conversion.md, "inline link", "image", "URLs").
//!
//! Links wait here from the block they stand in to the end of the block they are shown after: the same one, or the
//! list item, quote or table around it. One line for each address, in the order of the text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Base;
use super::inline::{Form, Inline, Mention};
use super::lines::Lines;
use crate::content::document::{Kind, NodeId, Target};
use crate::content::{Document, Language};
use crate::render::words::{self, Word};
use crate::text::clean;

/// No link line holds a longer address: Gemini's requests end there, and clients show such lines as text.
pub(super) const MAX_URL: usize = 1024;

/// Link texts that say nothing of where they lead.
const GENERIC: &[&str] = &[
    "ici",
    "là",
    "lien",
    "ce lien",
    "le lien",
    "cliquez ici",
    "lire la suite",
    "suite",
    "en savoir plus",
    "source",
    "here",
    "this",
    "link",
    "this link",
    "the link",
    "click here",
    "read more",
    "more",
    "↩",
    "↩︎",
    "[…]",
    "…",
];

/// Links that wait for the end of their block.
#[derive(Default)]
pub(super) struct Links {
    waiting: Vec<Waiting>,
    /// The names of all that wait, one after the other.
    names: String,
}

struct Waiting {
    node: NodeId,
    start: usize,
    end: usize,
    source: Name,
}

/// Where a link's name comes from; a caption is better than the title of an image, its alternative text worse.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Text,
    Caption,
}

/// A line to be written.
#[derive(Clone, Copy)]
struct Line<'a> {
    target: &'a Target,
    title: &'a str,
    name: &'a str,
    form: Form,
}

/// What tells addresses apart, whatever their kind.
type Key<'a> = (bool, &'a str);

impl Links {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes the mentions of a paragraph.
    pub(super) fn take(&mut self, inline: &Inline<'_>) {
        self.take_all(inline, None);
    }

    /// Takes them from under a caption, which is the better name for images.
    pub(super) fn take_captioned(&mut self, inline: &Inline<'_>, caption: &str) {
        self.take_all(inline, Some(caption));
    }

    fn take_all(&mut self, inline: &Inline<'_>, caption: Option<&str>) {
        for (index, mention) in inline.mentions.iter().enumerate() {
            let start = self.names.len();
            let mut source = Name::Text;
            match (mention.form, caption) {
                (Form::Link, _) => self.push_link_name(inline, mention, index),
                (Form::Image, None) => self.names.push_str(alternative(&inline.text, mention)),
                (Form::Image, Some(caption)) => {
                    self.names.push_str(caption);
                    source = Name::Caption;
                }
            }
            self.waiting.push(Waiting { node: mention.node, start, end: self.names.len(), source });
        }
    }

    /// A link's text without the images in it; their alternative text where that is all there is.
    fn push_link_name(&mut self, inline: &Inline<'_>, link: &Mention, index: usize) {
        let (start, mut at) = (self.names.len(), link.start);
        let images = || inline.mentions[link.inner..index].iter().filter(|inner| inner.form == Form::Image);
        for image in images() {
            self.names.push_str(&inline.text[at..image.start]);
            at = image.end;
        }
        self.names.push_str(&inline.text[at..link.end]);
        if self.names[start..].trim().is_empty() {
            self.names.truncate(start);
            for image in images() {
                clean::push_space(&mut self.names);
                self.names.push_str(alternative(&inline.text, image));
            }
        }
    }

    /// Writes a line for each address and forgets them all. `prefix` begins every label.
    pub(super) fn flush(
        &mut self,
        to: &mut Lines,
        document: &Document,
        language: &Language,
        base: Base<'_>,
        prefix: &str,
    ) {
        if self.waiting.is_empty() {
            return;
        }
        let lines = self.distinct(document);
        let repeated = Repeated::among(&lines);
        for line in &lines {
            let mut label = prefix.to_owned();
            line.push_label(&mut label, repeated.distinction(line), language);
            write(to, &url(line.target, base), &label);
        }
        self.waiting.clear();
        self.names.clear();
    }

    /// One line for each address; of several names the first that says something.
    fn distinct<'a>(&'a self, document: &'a Document) -> Vec<Line<'a>> {
        let mut lines: Vec<Line<'a>> = Vec::with_capacity(self.waiting.len());
        let mut seen: HashMap<Key<'a>, usize> = HashMap::new();
        for line in self.waiting.iter().filter_map(|waiting| self.line(document, waiting)) {
            if self.waiting.len() == 1 {
                return vec![line];
            }
            match seen.entry(key(line.target)) {
                Entry::Vacant(vacant) => {
                    vacant.insert(lines.len());
                    lines.push(line);
                }
                Entry::Occupied(occupied) => {
                    let first = &mut lines[*occupied.get()];
                    if first.form == line.form && first.says_nothing() {
                        first.name = line.name;
                    }
                }
            }
        }
        lines
    }

    fn line<'a>(&'a self, document: &'a Document, waiting: &Waiting) -> Option<Line<'a>> {
        let name = self.names[waiting.start..waiting.end].trim();
        let kind = document.kind(waiting.node);
        let (Kind::Link { target, title } | Kind::Image { target, title }) = kind else { return None };
        let title = document.text(*title);
        let form = if matches!(kind, Kind::Image { .. }) { Form::Image } else { Form::Link };
        let by_title = form == Form::Image && waiting.source == Name::Text && !title.trim().is_empty();
        Some(Line { target, title, name: if by_title { title } else { name }, form })
    }
}

/// How often names stand for different addresses in one block.
struct Repeated<'a> {
    names: HashMap<(Form, &'a str), u32>,
    qualified: HashMap<(Form, &'a str, &'a str), u32>,
}

/// What has to be said beside a name.
#[derive(Clone, Copy)]
enum Distinction {
    None,
    TitleOrHost,
    Place,
}

impl<'a> Repeated<'a> {
    fn among(lines: &[Line<'a>]) -> Repeated<'a> {
        let mut repeated = Repeated { names: HashMap::new(), qualified: HashMap::new() };
        if lines.len() > 1 {
            for line in lines {
                *repeated.names.entry((line.form, line.name)).or_default() += 1;
                *repeated.qualified.entry((line.form, line.name, line.qualifier())).or_default() += 1;
            }
        }
        repeated
    }

    fn distinction(&self, line: &Line<'a>) -> Distinction {
        let count = |found: Option<&u32>| found.copied().unwrap_or(1);
        if count(self.qualified.get(&(line.form, line.name, line.qualifier()))) > 1 {
            Distinction::Place
        } else if count(self.names.get(&(line.form, line.name))) > 1 || line.is_generic() {
            Distinction::TitleOrHost
        } else {
            Distinction::None
        }
    }
}

impl<'a> Line<'a> {
    fn is_generic(&self) -> bool {
        is_generic(self.name)
    }

    fn says_nothing(&self) -> bool {
        self.name.is_empty() || self.is_generic()
    }

    /// The title, else the host; empty for a page of the capsule without a title.
    fn qualifier(&self) -> &'a str {
        let title = self.title.trim();
        if title.is_empty() || title == self.name { host(self.target) } else { title }
    }

    /// The name, and in brackets what tells it from others and that it is an image.
    fn push_label(&self, out: &mut String, distinction: Distinction, language: &Language) {
        let mut remarks: Vec<Cow<'a, str>> = Vec::new();
        if self.name.is_empty() || is_url(self.name, self.target) {
            out.push_str(&self.unnamed());
        } else {
            out.push_str(self.name);
            match (distinction, self.qualifier()) {
                (Distinction::None, _) => {}
                (Distinction::TitleOrHost, qualifier) if !qualifier.is_empty() => remarks.push(qualifier.into()),
                (Distinction::TitleOrHost | Distinction::Place, _) => remarks.push(self.place()),
            }
        }
        if self.form == Form::Image {
            remarks.push(words::word(language, Word::Image).into());
        }
        if !remarks.is_empty() {
            out.push_str(&format!(" ({})", remarks.join(", ")));
        }
    }

    fn unnamed(&self) -> Cow<'a, str> {
        let title = self.title.trim();
        if title.is_empty() { self.place() } else { Cow::Borrowed(title) }
    }

    /// An image is called by its file's name, anything else by host and path.
    fn place(&self) -> Cow<'a, str> {
        let place = place(self.target);
        match (self.form, &place) {
            (Form::Image, Cow::Borrowed(text)) => Cow::Borrowed(text.rsplit('/').next().unwrap_or(text)),
            (Form::Image, Cow::Owned(text)) => Cow::Owned(text.rsplit('/').next().unwrap_or(text).to_owned()),
            (Form::Link, _) => place,
        }
    }
}

/// A link line; where the address is too long for one, a text line that can at least be copied.
pub(super) fn write(to: &mut Lines, url: &str, label: &str) {
    let label = clean::one_line(label);
    let label = if label.is_empty() { url } else { &label };
    if url.len() <= MAX_URL {
        to.link(url, label);
    } else {
        to.text("", &format!("{label} – {url}"));
    }
}

/// The address as a link line holds it: no white space, no control character, never empty.
pub(super) fn url<'a>(target: &'a Target, base: Base<'_>) -> Cow<'a, str> {
    match (target, base) {
        (Target::Page(address) | Target::File(address), Base::Path) => Cow::Owned(address.encoded()),
        (Target::Page(address) | Target::File(address), Base::Url(prefix)) => {
            Cow::Owned(format!("{prefix}{}", address.encoded()))
        }
        (Target::Elsewhere(url), _) if url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.is_empty() => {
            Cow::Borrowed(url)
        }
        (Target::Elsewhere(url), _) => Cow::Owned(encoded(url)),
        (Target::Nowhere, _) => Cow::Borrowed("/"),
    }
}

fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for character in url.chars() {
        if character.is_whitespace() || character.is_control() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(character);
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

fn key(target: &Target) -> Key<'_> {
    match target {
        Target::Page(address) | Target::File(address) => (false, address.as_str()),
        Target::Elsewhere(url) => (true, url),
        Target::Nowhere => (true, ""),
    }
}

fn alternative<'a>(text: &'a str, image: &Mention) -> &'a str {
    text.get(image.start + 1..image.end.saturating_sub(1)).unwrap_or("")
}

fn is_generic(name: &str) -> bool {
    let bare = name.trim_matches(['(', ')', '.', ':', '!', '[', ']', '→', ' ', '\u{a0}']);
    let number = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c));
    number || (bare.len() < 24 && GENERIC.contains(&bare.to_lowercase().as_str()))
}

/// Whether a link's text is an address itself: a bare URL. An e-mail address reads well as it is.
pub(super) fn is_url(name: &str, target: &Target) -> bool {
    let Target::Elsewhere(url) = target else { return false };
    let scheme = name.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphanumeric()));
    scheme || name.starts_with("www.") || name == url.as_ref()
}

fn host(target: &Target) -> &str {
    match target {
        Target::Page(_) | Target::File(_) | Target::Nowhere => "",
        Target::Elsewhere(url) => {
            let host = without_scheme(url).split(['/', '?', '#']).next().unwrap_or(url);
            host.rsplit('@').next().unwrap_or(host)
        }
    }
}

/// Host and path, for a label: no scheme, no query, no slash at the end. A capsule's own page: its path, decoded.
pub(super) fn place(target: &Target) -> Cow<'_, str> {
    match target {
        Target::Page(address) | Target::File(address) => Cow::Borrowed(address.as_str()),
        Target::Nowhere => Cow::Borrowed(""),
        Target::Elsewhere(url) => {
            let path = without_scheme(url).split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
            match crate::content::address::percent_decode(path) {
                Some(decoded) if path.contains('%') && !decoded.contains(char::is_whitespace) => Cow::Owned(decoded),
                Some(_) | None if path.is_empty() => Cow::Borrowed(url),
                Some(_) | None => Cow::Borrowed(path),
            }
        }
    }
}

fn without_scheme(url: &str) -> &str {
    match url.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => rest.trim_start_matches('/'),
        Some(_) | None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Address;

    fn elsewhere(url: &str) -> Target {
        Target::Elsewhere(url.into())
    }

    #[test]
    fn places_and_hosts() {
        assert_eq!(place(&elsewhere("https://example.org/a/?b=c#d")), "example.org/a");
        assert_eq!(place(&elsewhere("https://fr.wikipedia.org/wiki/%C3%89t%C3%A9")), "fr.wikipedia.org/wiki/Été");
        assert_eq!(place(&elsewhere("mailto:a@example.org")), "a@example.org");
        assert_eq!(place(&Target::Page(Address::parse("/été/").unwrap())), "/été/");
        assert_eq!(host(&elsewhere("https://me@example.org:8080/x")), "example.org:8080");
    }

    #[test]
    fn an_address_never_breaks_its_line() {
        assert_eq!(url(&elsewhere("gemini://h/ a\nb\u{2028}"), Base::Path), "gemini://h/%20a%0Ab%E2%80%A8");
        let page = Target::Page(Address::parse("/é/").unwrap());
        assert_eq!(url(&page, Base::Path), "/%C3%A9/");
        assert_eq!(url(&page, Base::Url("gemini://h")), "gemini://h/%C3%A9/");
    }

    #[test]
    fn texts_that_say_nothing() {
        for name in ["ici", "Here", "[1]", "this link", "12", "¹", "→ lire la suite"] {
            assert!(is_generic(name), "{name}");
        }
        for name in ["there", "Ici Paris", "1984 (novel)", ""] {
            assert!(!is_generic(name), "{name}");
        }
    }
}
