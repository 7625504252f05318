//! Gopher menus: listings, the links of a post, and a page of gemtext as a menu.
//!
//! RFC 1436, 3.9 and the appendix: `type display TAB selector TAB host TAB port CRLF`, a lone `.` at the end. Display
//! strings hold to 67 columns or to the author's width, measured as shown; nothing of an author's text can be a TAB, a
//! line end or a sign that turns the direction of what follows (faults.md 84, 101). Links to the web are `h` items with a `URL:` selector,
//! those to other gopherholes name their own host and port (RFC 4266).

pub(super) mod gemtext;
mod link;

use crate::content::document::Target;
use crate::content::{Address, Entry, Gopher, Item, ItemType, Language, Listing};
use crate::text::{clean, width, wrap};

use super::words::{self, Word};

/// How wide a display string may be; less where the author wants narrow text.
pub const COLUMNS: usize = 67;
/// A date and two spaces.
const LONGEST_MARK: usize = 12;
/// So many columns may be left free for the sake of a whole word.
const LONGEST_END: usize = 20;
/// The last line of a menu.
const END: &[u8] = b".\r\n";

/// What leads from an address to an item.
pub type Items<'a> = &'a dyn Fn(&Address) -> Item;

/// A menu in the making.
pub struct Menu<'a> {
    out: Vec<u8>,
    gopher: &'a Gopher,
}

impl<'a> Menu<'a> {
    pub fn new(gopher: &'a Gopher) -> Menu<'a> {
        Menu { out: Vec::new(), gopher }
    }

    /// The bytes, to be gone on with.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// The bytes of a whole menu.
    pub fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(END);
        self.out
    }

    /// A line of text.
    pub fn info(&mut self, text: &str) {
        self.hanging("", "", text);
    }

    pub fn blank(&mut self) {
        self.line(ItemType::Info, "", "", "null.host", 1);
    }

    /// The title of the page, underlined.
    pub fn title(&mut self, text: &str) {
        self.underlined(text, "=", "TITLE");
    }

    /// The title of a part of it.
    pub fn heading(&mut self, text: &str) {
        self.underlined(text, "-", "");
    }

    /// An item of this gopherhole.
    pub fn item(&mut self, item: &Item, display: &str) {
        let gopher = self.gopher;
        let (display, rest) = self.display(display, &item.selector);
        self.line(item.kind, &display, &item.selector, &gopher.host, gopher.port);
        self.more(&rest);
    }

    /// A link to somewhere else. A `URL:` selector is as long as its address: clients take it apart and send it nowhere.
    pub fn link(&mut self, url: &str, display: &str) {
        let (display, rest) = self.display(display, url);
        if let Some(place) = link::gopher(url) {
            self.out.push(place.kind);
            self.fields(&display, &place.selector, &place.host, place.port);
        } else {
            let selector = format!("URL:{}", link::one_word(url));
            let gopher = self.gopher;
            self.line(ItemType::Html, &display, &selector, &gopher.host, gopher.port);
        }
        self.more(&rest);
    }

    /// What went wrong, as the only thing there is.
    pub fn error(&mut self, message: &str) {
        let message = self.fold(&clean::one_line(message));
        let lines = wrap::lines(&message, self.columns());
        let mut pieces = lines.iter().flat_map(|line| pieces(line, self.columns())).map(str::to_owned);
        let first = pieces.next().unwrap_or_default();
        let rest: Vec<String> = pieces.collect();
        self.line(ItemType::Error, &first, "", "error.host", 1);
        self.more(&rest);
    }

    /// How wide a line of this menu is.
    fn columns(&self) -> usize {
        COLUMNS.min(self.gopher.width)
    }

    fn underlined(&mut self, text: &str, sign: &str, selector: &str) {
        let text = self.fold(&clean::one_line(text));
        let columns = self.columns();
        let lines = wrap::lines(&text, columns);
        let widest = lines.iter().map(|line| width::columns(line)).max().unwrap_or(0).min(columns);
        for piece in lines.iter().flat_map(|line| pieces(line, columns)) {
            self.line(ItemType::Info, piece, selector, "null.host", 1);
        }
        if widest > 0 {
            self.line(ItemType::Info, &sign.repeat(widest), "", "null.host", 1);
        }
    }

    /// Text behind a marker, filled.
    fn hanging(&mut self, marker: &str, rest: &str, text: &str) {
        let text = self.fold(&clean::one_line(text));
        let columns = self.columns();
        for (index, line) in wrap::lines(&text, columns - width::columns(marker)).iter().enumerate() {
            let before = if index == 0 { marker } else { rest };
            let line = format!("{before}{line}");
            for piece in pieces(line.trim_end(), columns) {
                self.line(ItemType::Info, piece, "", "null.host", 1);
            }
        }
    }

    /// A line of preformatted text; one that is too wide is cut.
    fn verbatim(&mut self, text: &str) {
        let mut line = String::new();
        clean::push_preformatted(&mut line, text);
        let line = self.fold(&line.replace('\t', "    ").replace('\n', " "));
        for piece in pieces(line.trim_end(), self.columns()) {
            self.line(ItemType::Info, piece, "", "null.host", 1);
        }
    }

    /// A display string, cut to its width: spaces in it part its columns. Where the author wants less than that, what
    /// has no room stands on lines below, behind the date or the letter of the first.
    fn display(&self, text: &str, otherwise: &str) -> (String, Vec<String>) {
        let text = if text.trim().is_empty() { otherwise } else { text };
        let mut line = String::new();
        clean::push_preformatted(&mut line, text);
        let line = cut(self.fold(&line.replace(['\t', '\n'], " ")).trim_end(), &self.fold("…"));
        let columns = self.columns();
        if width::columns(&line) <= columns {
            return (line, Vec::new());
        }
        let mark = mark(&line);
        let filled = wrap::lines(&line[mark..], columns - mark);
        let mut pieces = filled.iter().flat_map(|line| pieces(line, columns - mark));
        let first = format!("{}{}", &line[..mark], pieces.next().unwrap_or_default());
        (first, pieces.map(|piece| format!("{}{piece}", " ".repeat(mark))).collect())
    }

    /// What had no room on the line above.
    fn more(&mut self, lines: &[String]) {
        for line in lines {
            self.line(ItemType::Info, line, "", "null.host", 1);
        }
    }

    fn fold(&self, text: &str) -> String {
        let shown: String = text.chars().filter(|&c| !is_invisible(c)).collect();
        self.gopher.charset.fold(&shown).into_owned()
    }

    fn line(&mut self, kind: ItemType, display: &str, selector: &str, host: &str, port: u16) {
        self.out.extend(u8::try_from(kind.letter()));
        self.fields(display, selector, host, port);
    }

    fn fields(&mut self, display: &str, selector: &str, host: &str, port: u16) {
        self.out.extend(self.gopher.charset.encode(display));
        self.out.extend_from_slice(format!("\t{selector}\t{host}\t{port}\r\n").as_bytes());
    }
}

/// A listing, whole but for what comes before it and the end. Without a title it goes on after an author's introduction.
pub fn listing(gopher: &Gopher, listing: &Listing, items: Items<'_>) -> Vec<u8> {
    let mut menu = Menu::new(gopher);
    if let Some(title) = &listing.title {
        menu.title(title);
        listing.subtitle.iter().for_each(|subtitle| menu.info(subtitle));
    }
    for group in &listing.groups {
        menu.blank();
        if let Some(heading) = &group.heading {
            menu.heading(heading);
        }
        entries(&mut menu, &group.entries, items);
    }
    foot(menu, &listing.ways, items)
}

/// The ways on, without the end.
pub fn footer(gopher: &Gopher, ways: &[Entry], items: Items<'_>) -> Vec<u8> {
    foot(Menu::new(gopher), ways, items)
}

fn foot(mut menu: Menu<'_>, ways: &[Entry], items: Items<'_>) -> Vec<u8> {
    if !ways.is_empty() {
        menu.blank();
    }
    entries(&mut menu, ways, items);
    menu.into_bytes()
}

fn entries(menu: &mut Menu<'_>, entries: &[Entry], items: Items<'_>) {
    for entry in entries {
        let mut label = clean::one_line(&entry.label);
        if label.is_empty() {
            label = clean::one_line(entry.target.name());
        }
        if let Some(date) = entry.date {
            label = format!("{date}  {label}");
        }
        match &entry.target {
            Target::Page(address) | Target::File(address, _) => menu.item(&items(address), &label),
            Target::Elsewhere(url) => menu.link(url, &label),
            Target::Nowhere => menu.info(&label),
        }
    }
}

/// A menu that says one thing and leads home.
pub fn message(gopher: &Gopher, language: &Language, text: &str) -> Vec<u8> {
    let mut menu = Menu::new(gopher);
    menu.error(text);
    menu.item(&Item { kind: ItemType::Menu, selector: "/".into() }, words::word(language, Word::Home));
    menu.end()
}

/// A menu that leads to where a page moved.
pub fn moved(gopher: &Gopher, language: &Language, to: &Entry, items: Items<'_>) -> Vec<u8> {
    let mut menu = Menu::new(gopher);
    menu.info(words::word(language, Word::Moved));
    entries(&mut menu, std::slice::from_ref(to), items);
    menu.into_bytes()
}

pub use gemtext::{Lead, Post, Resolve, links, page};

/// The bytes of a date or of a letter at the beginning of a display string, all ASCII, with the spaces behind it.
fn mark(line: &str) -> usize {
    let end = match line.as_bytes() {
        [b'0'..=b'9', ..] if line.get(..12).is_some_and(|date| date.ends_with("  ")) => 12,
        [b'[', ..] => line.find("] ").map_or(0, |end| end + 2),
        _ => line.len() - line.trim_start_matches(' ').len(),
    };
    if end <= LONGEST_MARK && line.as_bytes()[..end].is_ascii() { end } else { 0 }
}

/// The lines of a wide line, cut where it is full; an empty line is one.
fn pieces(line: &str, columns: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while width::columns(rest) > columns {
        let (piece, after) = rest.split_at(fitting(rest, columns).max(first_character(rest)));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// The text within the width, a sign at its end where it was cut: after a word, if none is longer than a line's end.
fn cut(text: &str, sign: &str) -> String {
    if width::columns(text) <= COLUMNS {
        return text.to_owned();
    }
    let fits = fitting(text, COLUMNS - width::columns(sign));
    let kept = match text[..fits].rfind(' ') {
        Some(space) if !text[fits..].starts_with(' ') && width::columns(&text[space..fits]) <= LONGEST_END => space,
        Some(_) | None => fits,
    };
    format!("{}{sign}", text[..kept].trim_end_matches([' ', ',', ';', ':']))
}

/// How many bytes of a text fit into so many columns.
fn fitting(text: &str, columns: usize) -> usize {
    let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).peekable();
    let mut fits = 0;
    // Widths add up from the left; a sequence may be narrower than its parts, never wider than it was.
    while let Some(end) = ends.next_if(|&end| width::columns(&text[..end]) <= columns) {
        fits = end;
    }
    fits
}

fn first_character(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// Signs that turn the direction of a text or join its letters unseen: in a menu they could disguise an item.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

#[cfg(test)]
mod tests;
