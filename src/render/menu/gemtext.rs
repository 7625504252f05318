//! A page of gemtext as a menu, and the menu of a post's links: both are made from the lines of its gemtext.
//!
//! Gemtext specification, "Line orientation": each line type has its form in a menu, link lines become items.

use std::collections::{HashMap, HashSet};

use super::Menu;
use crate::content::{Gopher, Head, Item};
use crate::render::head;
use crate::render::letters::letter;
use crate::render::words::{self, Word};

/// Where a link of a page leads.
pub enum Lead {
    Item(Item),
    Elsewhere(String),
    /// What it led to is not there.
    Nowhere,
}

/// What says where a link of a page leads.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Lead;

/// A line of gemtext.
pub(in crate::render) enum Line<'a> {
    Text(&'a str),
    Link { url: &'a str, label: &'a str },
    Heading { level: usize, text: &'a str },
    Item(&'a str),
    Quote(&'a str),
    Preformatted(&'a str),
}

/// The lines of a text.
pub(in crate::render) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut preformatted = false;
    text.strip_prefix('\u{feff}').unwrap_or(text).lines().filter_map(move |line| {
        if line.starts_with("```") {
            preformatted = !preformatted;
            return None;
        }
        Some(if preformatted { Line::Preformatted(line) } else { read(line) })
    })
}

fn read(line: &str) -> Line<'_> {
    if let Some(link) = line.strip_prefix("=>") {
        let link = link.trim();
        let (url, label) = link.split_once(char::is_whitespace).unwrap_or((link, ""));
        return Line::Link { url, label: label.trim() };
    }
    if let Some(text) = line.strip_prefix("* ") {
        return Line::Item(text);
    }
    if let Some(text) = line.strip_prefix('>') {
        return Line::Quote(text.strip_prefix(' ').unwrap_or(text));
    }
    match line.bytes().take_while(|&byte| byte == b'#').count() {
        0 => Line::Text(line),
        level => Line::Heading { level: level.min(3), text: line[level.min(3)..].trim() },
    }
}

/// Whatever is at an address: a page of gemtext as a menu, without its end.
pub fn page(gopher: &Gopher, text: &str, resolve: Resolve<'_>) -> Vec<u8> {
    let mut menu = Menu::new(gopher);
    let mut follows_heading = false;
    for line in lines(text) {
        let heading = matches!(line, Line::Heading { level: 2 | 3, text: _ });
        match line {
            // The line under a heading sets it apart already.
            Line::Text("") if follows_heading => {}
            Line::Text("") => menu.blank(),
            Line::Text(text) => menu.info(text),
            Line::Link { url: "", label: _ } => {}
            Line::Link { url, label } => add_link(&mut menu, url, label, resolve),
            Line::Heading { level: 1, text } => menu.title(text),
            Line::Heading { level: 2, text } => menu.heading(text),
            Line::Heading { level: _, text } => menu.info(text),
            Line::Item(text) => menu.hanging("* ", "  ", text),
            Line::Quote(text) => menu.hanging("> ", "> ", text),
            Line::Preformatted(text) => menu.verbatim(text),
        }
        follows_heading = heading;
    }
    menu.into_bytes()
}

fn add_link(menu: &mut Menu<'_>, url: &str, label: &str, resolve: Resolve<'_>) {
    let label = if label.is_empty() { url } else { label };
    match resolve(url) {
        Lead::Item(item) => menu.item(&item, label),
        Lead::Elsewhere(url) => menu.link(&url, label),
        Lead::Nowhere => menu.info(label),
    }
}

/// What the menu of a post's links is made from.
pub struct Post<'a> {
    pub head: &'a Head,
    pub gemtext: &'a str,
    /// The addresses, as in the gemtext, that have letters in the text.
    pub letters: &'a [String],
    /// Where its text and its gemtext are.
    pub text: Item,
    pub source: Item,
}

/// The menu of a post's links, without its end: what it is, where its text is, and every link, by its letter.
pub fn links(gopher: &Gopher, post: &Post<'_>, resolve: Resolve<'_>) -> Vec<u8> {
    let language = &post.head.language;
    let mut menu = Menu::new(gopher);
    menu.title(&post.head.title);
    let facts = head::facts(post.head);
    if !facts.is_empty() {
        menu.info(&facts);
    }
    menu.blank();
    menu.item(&post.text, words::word(language, Word::Text));
    menu.item(&post.source, words::word(language, Word::Gemtext));
    let links = distinct(post);
    if !links.is_empty() {
        menu.blank();
        menu.heading(words::word(language, Word::Links));
    }
    let widest = links.iter().filter_map(|link| link.letter.as_ref()).map(String::len).max();
    for link in links {
        let mark = match (&link.letter, widest) {
            (Some(letter), _) => format!("[{letter}] "),
            (None, Some(widest)) => " ".repeat(widest + 3),
            (None, None) => String::new(),
        };
        // How deep the item stood that it is from says nothing here.
        let label = link.label.trim_start_matches("– ");
        let label = if label.is_empty() { link.url } else { label };
        add_link(&mut menu, link.url, &format!("{mark}{label}"), resolve);
    }
    menu.into_bytes()
}

struct Link<'a> {
    url: &'a str,
    label: &'a str,
    letter: Option<String>,
}

/// Each address once, those with letters in their order, then the others.
fn distinct<'a>(post: &Post<'a>) -> Vec<Link<'a>> {
    let letters: HashMap<&str, usize> =
        post.letters.iter().enumerate().map(|(index, url)| (url.as_str(), index)).collect();
    let mut seen = HashSet::new();
    let mut links = Vec::new();
    for line in lines(post.gemtext) {
        let Line::Link { url, label } = line else { continue };
        if !url.is_empty() && seen.insert(url) {
            let index = letters.get(url).copied();
            links.push((index.unwrap_or(usize::MAX), Link { url, label, letter: index.map(letter) }));
        }
    }
    links.sort_by_key(|(index, _)| *index);
    links.into_iter().map(|(_, link)| link).collect()
}
