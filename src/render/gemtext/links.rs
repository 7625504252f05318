//! The link lines after a block, and what they say (conversion.md, "inline link", "image", "URLs").
//!
//! Links wait here from the block they stand in to the end of the block they are shown after: the same one, or the
//! list item, quote or table around it. One line for each address, in the order of the text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::lines::Lines;
use crate::content::document::{Kind, NodeId, Target};
use crate::content::{Document, Language};
use crate::render::inline::{Form, Inline, Mention};
use crate::render::target::{Base, Key, host, is_url, key, place, url};
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

    /// The name, and in brackets what tells it from others, that it is an image, and how large a file is.
    fn push_label(&self, out: &mut String, distinction: Distinction, language: &Language) {
        let mut remarks: Vec<Cow<'_, str>> = Vec::new();
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
        remarks.extend(self.target.file_length().map(|length| words::size(language, length).into()));
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

fn alternative<'a>(text: &'a str, image: &Mention) -> &'a str {
    text.get(image.start + 1..image.end.saturating_sub(1)).unwrap_or("")
}

fn is_generic(name: &str) -> bool {
    let bare = name.trim_matches(['(', ')', '.', ':', '!', '[', ']', '→', ' ', '\u{a0}']);
    let number = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c));
    let wordless = !name.is_empty() && !name.chars().any(char::is_alphanumeric);
    number || wordless || (bare.len() < 24 && GENERIC.contains(&bare.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_say_nothing() {
        for name in ["ici", "Here", "[1]", "this link", "12", "¹", "→ lire la suite", "→", "."] {
            assert!(is_generic(name), "{name}");
        }
        for name in ["there", "Ici Paris", "1984 (novel)", ""] {
            assert!(!is_generic(name), "{name}");
        }
    }
}
