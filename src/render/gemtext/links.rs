//! The link lines after a block, and what they say (conversion.md, "inline link", "image", "URLs").
//!
//! Links wait here from the block they stand in to the end of the block they are shown after: the same one, or the
//! list item, quote or table around it. One line for each address, in the order of the text.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hash};

use super::Titles;
use super::label::{Distinction, Line, Repeated, is_generic};
use super::lines::Lines;
use crate::content::document::Target;
use crate::content::document::{Kind, NodeId};
use crate::content::{Document, Language};
use crate::render::inline::{Form, Inline, Mention};
use crate::render::target::{Base, Key, key, url};
use crate::text::clean;

/// No link line holds a longer address: Gemini's requests end there, and clients show such lines as text.
pub(super) const MAX_URL: usize = 1024;

/// What links are written with, beside themselves.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) document: &'a Document,
    pub(super) language: &'a Language,
    pub(super) base: Base<'a>,
    pub(super) titles: Titles<'a>,
}

/// Links that wait for the end of their block.
#[derive(Default)]
pub(super) struct Links {
    waiting: Vec<Waiting>,
    /// The names of all that wait, one after the other.
    names: String,
}

/// What the names and the labels of a document's links have led to so far, by their hashes.
#[derive(Default)]
pub(super) struct Named {
    names: HashMap<u64, NodeId>,
    labels: HashMap<u64, NodeId>,
    /// The names that several pictures of the document have; known from the first picture on.
    pictures: Option<HashSet<String>>,
    /// Of names that nothing tells apart.
    counts: HashMap<u64, u32>,
}

impl Named {
    /// Where a line's name has led before, if that was elsewhere; from now on it leads here.
    fn led_to<'a>(&mut self, line: &Line<'a>, document: &'a Document) -> Option<&'a Target> {
        let name = hash(&(line.form, line.name));
        let before = target(document, self.names.insert(name, line.node)?)?;
        (key(before) != line.key()).then_some(before)
    }

    /// Whether a label leads elsewhere; one that leads nowhere leads here from now on.
    fn is_taken(&mut self, label: &str, line: &Line<'_>, document: &Document) -> bool {
        let taken = *self.labels.entry(hash(&label)).or_insert(line.node);
        target(document, taken).is_some_and(|target| key(target) != line.key())
    }
}

impl Named {
    /// Another label where the best leads elsewhere already: no two addresses of a page are called the same.
    fn other_label(&mut self, line: &Line<'_>, around: Around<'_>) -> String {
        for remark in line.remarks() {
            let label = line.label_with(&remark, around.language);
            if !self.is_taken(&label, line, around.document) {
                return label;
            }
        }
        let count = self.counts.entry(hash(&(line.form, line.name))).or_insert(1);
        *count += 1;
        line.label_with(&count.to_string(), around.language)
    }
}

impl Named {
    /// Whether several pictures are called so: then each is told from the others, the first too.
    fn is_again(&mut self, name: &str, document: &Document) -> bool {
        self.pictures.get_or_insert_with(|| repeated_pictures(document)).contains(name)
    }
}

fn repeated_pictures(document: &Document) -> HashSet<String> {
    let mut names: HashMap<String, Key<'_>> = HashMap::new();
    let mut again = HashSet::new();
    for node in document.nodes() {
        let Kind::Image { target, title } = document.kind(node) else { continue };
        let mut name = document.text(*title).trim().to_owned();
        if name.is_empty() {
            document.children(node).for_each(|child| match document.kind(child) {
                Kind::Text(text) => name.push_str(document.text(*text)),
                _ => name.push(' '),
            });
            name = clean::one_line(&name);
        }
        match names.entry(name) {
            Entry::Occupied(known) if *known.get() != key(target) => drop(again.insert(known.key().clone())),
            Entry::Occupied(_) => {}
            Entry::Vacant(vacant) => drop(vacant.insert(key(target))),
        }
    }
    again
}

fn target(document: &Document, node: NodeId) -> Option<&Target> {
    match document.kind(node) {
        Kind::Link { target, .. } | Kind::Image { target, .. } => Some(target),
        _ => None,
    }
}

fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
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
    /// The alternative text of the image in a link.
    Picture,
    Caption,
}

impl Links {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds those that waited elsewhere.
    pub(super) fn append(&mut self, others: Links) {
        let start = self.names.len();
        self.names.push_str(&others.names);
        let moved = |one: Waiting| Waiting { start: one.start + start, end: one.end + start, ..one };
        self.waiting.extend(others.waiting.into_iter().map(moved));
    }

    /// Puts a word before their names, which else would not tell where they lead.
    pub(super) fn qualify(&mut self, with: &str) {
        for waiting in &mut self.waiting {
            let name = format!("{with}: {}", self.names[waiting.start..waiting.end].trim());
            waiting.start = self.names.len();
            self.names.push_str(&name);
            waiting.end = self.names.len();
        }
    }

    /// The names of all that wait.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.waiting.iter().map(|waiting| self.names[waiting.start..waiting.end].trim())
    }

    /// Calls all that wait, which lead to one page, by that page's title.
    pub(super) fn unname(&mut self) {
        self.waiting.truncate(1);
        self.waiting.iter_mut().for_each(|waiting| waiting.end = waiting.start);
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
                (Form::Link, _) => source = self.push_link_name(inline, mention, index),
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
    fn push_link_name(&mut self, inline: &Inline<'_>, link: &Mention, index: usize) -> Name {
        let (start, mut at) = (self.names.len(), link.start);
        let images = || inline.mentions[link.inner..index].iter().filter(|inner| inner.form == Form::Image);
        for image in images() {
            self.names.push_str(&inline.text[at..image.start]);
            at = image.end;
        }
        self.names.push_str(&inline.text[at..link.end]);
        if !self.names[start..].trim().is_empty() {
            return Name::Text;
        }
        self.names.truncate(start);
        for image in images() {
            clean::push_space(&mut self.names);
            self.names.push_str(alternative(&inline.text, image));
        }
        Name::Picture
    }

    /// Writes a line for each address and forgets them all. `prefix` begins every label.
    pub(super) fn flush(&mut self, to: &mut Lines, around: Around<'_>, prefix: &str, named: &mut Named) {
        if self.waiting.is_empty() {
            return;
        }
        let lines = self.distinct(around);
        let repeated = Repeated::among(&lines);
        for line in &lines {
            let before = named.led_to(line, around.document).filter(|_| !line.is_unnamed());
            let is_again = line.form == Form::Image && !line.is_unnamed() && named.is_again(line.name, around.document);
            let mut label = match (repeated.distinction(line), before) {
                (Distinction::None, _) if is_again => line.label(Distinction::TitleOrHost, around.language),
                (Distinction::None, Some(before)) => line.label_beside(before, around.language),
                (distinction, _) => line.label(distinction, around.language),
            };
            if named.is_taken(&label, line, around.document) {
                label = named.other_label(line, around);
            }
            label.insert_str(0, prefix);
            write(to, &url(line.target, around.base), &label);
        }
        self.waiting.clear();
        self.names.clear();
    }

    /// One line for each address; of several names the first that says something.
    fn distinct<'a>(&'a self, around: Around<'a>) -> Vec<Line<'a>> {
        let mut lines: Vec<Line<'a>> = Vec::with_capacity(self.waiting.len());
        let mut seen: HashMap<Key<'a>, usize> = HashMap::new();
        for line in self.waiting.iter().filter_map(|waiting| self.line(around, waiting)) {
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
                    if first.form == line.form && (first.says_nothing() || (first.is_by_picture && !line.is_by_picture))
                    {
                        first.rename(line.name);
                        first.is_by_picture = line.is_by_picture;
                    }
                }
            }
        }
        lines
    }

    fn line<'a>(&'a self, around: Around<'a>, waiting: &Waiting) -> Option<Line<'a>> {
        let document = around.document;
        let name = self.names[waiting.start..waiting.end].trim();
        let kind = document.kind(waiting.node);
        let (Kind::Link { target, title } | Kind::Image { target, title }) = kind else { return None };
        let title = document.text(*title);
        // A page of the capsule has a title that a reader knows it by.
        let title = if title.trim().is_empty() { around.titles.get(target).unwrap_or("") } else { title };
        let form = if matches!(kind, Kind::Image { .. }) { Form::Image } else { Form::Link };
        let by_title = form == Form::Image && waiting.source == Name::Text && !title.trim().is_empty();
        let name = if by_title { title } else { name };
        let (node, is_own) = (waiting.node, around.titles.is_own(target));
        let is_by_picture = waiting.source == Name::Picture;
        let is_generic = is_generic(name);
        Some(Line { node, is_own, is_by_picture, is_generic, target, title, name, form })
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
