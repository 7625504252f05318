//! Hand-written gemtext: its first heading and its links, for listings and for `check`; and the document it is,
//! for Gopher. Over Gemini the page itself is served byte for byte.
//!
//! Gemtext specification, sections 5.4.2 (links), 5.4.3 (preformatting toggles) and 5.5.1 (headings).

use crate::content::Document;
use crate::content::document::{Builder, Exceeded, Kind, Span, Target};
use crate::content::problem::Position;

/// The text of the first heading line.
pub fn first_heading(text: &str) -> Option<&str> {
    lines(text).map(|(_, line)| line).filter_map(heading).next()
}

/// The target of every link line, with its line number, counted from 1.
pub fn links(text: &str) -> impl Iterator<Item = (Position, &str)> {
    lines(text).filter_map(|(number, line)| {
        let target = line.strip_prefix("=>")?.trim_start_matches([' ', '\t']).split([' ', '\t']).next()?;
        let before = line.len() - line.trim_start_matches("=>").trim_start_matches([' ', '\t']).len();
        (!target.is_empty()).then_some((Position::in_line(number, line, before), target))
    })
}

/// The page as a document; `resolve` says where a link leads.
pub fn document(text: &str, resolve: &mut dyn FnMut(&str) -> Target) -> Result<Document, Exceeded> {
    let mut page = Page { builder: Builder::new(), open: Open::Nothing };
    let mut code: Option<String> = None;
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
        match (&mut code, line.starts_with("```")) {
            (None, true) => code = Some(String::new()),
            (Some(text), true) => {
                page.code(text)?;
                code = None;
            }
            (Some(text), false) => text.extend([line, "\n"]),
            (None, false) => page.line(line, resolve)?,
        }
    }
    if let Some(text) = code {
        page.code(&text)?;
    }
    page.close();
    page.builder.finish(Vec::new())
}

/// A document in the making, line by line.
struct Page {
    builder: Builder,
    open: Open,
}

/// The block that the next line may go on with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    List,
    Quote,
    /// A paragraph of lines: a blank line ends it.
    Lines,
}

const NOWHERE: Span = Span { start: 0, end: 0 };

impl Page {
    fn line(&mut self, line: &str, resolve: &mut dyn FnMut(&str) -> Target) -> Result<(), Exceeded> {
        if let Some(link) = line.strip_prefix("=>") {
            return self.link(link.trim(), resolve);
        }
        if let Some(text) = line.strip_prefix("* ") {
            self.within(Open::List, Kind::List { start: None })?;
            self.builder.open(Kind::Item { task: None }, NOWHERE)?;
            self.text(Kind::Plain, text.trim())?;
            self.builder.close();
            return Ok(());
        }
        if let Some(text) = line.strip_prefix('>') {
            self.within(Open::Quote, Kind::Quote { alert: None })?;
            return self.text(Kind::Paragraph, text.trim());
        }
        if let Some(title) = heading(line) {
            self.close();
            let level = line.bytes().take_while(|&byte| byte == b'#').count();
            return self.text(Kind::Heading { level: u8::try_from(level).unwrap_or(3) }, title);
        }
        if line.trim().is_empty() {
            self.close();
            return Ok(());
        }
        // Lines that follow each other are verse, or a break the author wants.
        let goes_on = self.open == Open::Lines;
        self.within(Open::Lines, Kind::Paragraph)?;
        if goes_on {
            self.builder.leaf(Kind::HardBreak, NOWHERE)?;
        }
        self.push_text(line.trim())
    }

    /// Links that follow each other stand on lines of one paragraph.
    fn link(&mut self, link: &str, resolve: &mut dyn FnMut(&str) -> Target) -> Result<(), Exceeded> {
        let (url, label) = link.split_once(char::is_whitespace).unwrap_or((link, link));
        if url.is_empty() {
            return Ok(());
        }
        let goes_on = self.open == Open::Lines;
        self.within(Open::Lines, Kind::Paragraph)?;
        if goes_on {
            self.builder.leaf(Kind::HardBreak, NOWHERE)?;
        }
        let title = self.builder.store("");
        self.builder.open(Kind::Link { target: resolve(url), title }, NOWHERE)?;
        self.push_text(label.trim())?;
        self.builder.close();
        Ok(())
    }

    fn within(&mut self, open: Open, kind: Kind) -> Result<(), Exceeded> {
        if self.open != open {
            self.close();
            self.builder.open(kind, NOWHERE)?;
            self.open = open;
        }
        Ok(())
    }

    fn text(&mut self, kind: Kind, text: &str) -> Result<(), Exceeded> {
        self.builder.open(kind, NOWHERE)?;
        self.push_text(text)?;
        self.builder.close();
        Ok(())
    }

    fn push_text(&mut self, text: &str) -> Result<(), Exceeded> {
        let text = self.builder.store(text);
        self.builder.leaf(Kind::Text(text), NOWHERE).map(|_| ())
    }

    fn code(&mut self, text: &str) -> Result<(), Exceeded> {
        self.close();
        let (language, text) = (self.builder.store(""), self.builder.store(text));
        self.builder.leaf(Kind::Code { language, text }, NOWHERE).map(|_| ())
    }

    fn close(&mut self) {
        if self.open != Open::Nothing {
            self.builder.close();
            self.open = Open::Nothing;
        }
    }
}

/// The lines outside preformatted text.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut preformatted = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let toggle = line.starts_with("```");
        preformatted ^= toggle;
        !preformatted && !toggle
    })
}

fn heading(line: &str) -> Option<&str> {
    let level = line.bytes().take_while(|&b| b == b'#').count();
    let title = line[level..].trim();
    ((1..=3).contains(&level) && !title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\u{feff}```\n# no\n=> /no\n```\n#  The title \n=> /a A\r\n=>\tgemini://b/\n=>\n## later\n";

    #[test]
    fn the_first_heading_outside_preformatted_text() {
        assert_eq!(first_heading(PAGE), Some("The title"));
        assert_eq!(first_heading("text\n#\n"), None);
    }

    #[test]
    fn links_have_lines() {
        let found = links(PAGE).map(|(at, url)| ((at.line, at.column), url));
        assert_eq!(found.collect::<Vec<_>>(), [((6, 4), "/a"), ((7, 4), "gemini://b/")]);
    }
}
