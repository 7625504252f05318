//! Lines of gemtext, one method for each line type (specification, "Line orientation").
//!
//! Here and nowhere else it is kept that text lines never read as markup, that blank lines never come in twos,
//! at the start or at the end, that quotes go on through them, and that the output stays within its budget:
//! past it nothing more is written, and [`Lines::finish`] says so.

use unicode_normalization::UnicodeNormalization;

use super::line_type::LineType;
use crate::content::document::Exceeded;
use crate::render::budget;
use crate::text::{clean, escape};

pub(super) struct Lines {
    out: String,
    limit: usize,
    full: bool,
    /// How many quotes the next line stands in.
    quotes: usize,
    /// How many quotes the last line stood in.
    last_quotes: usize,
    /// A blank line is due; it stands in so many quotes.
    gap: Option<usize>,
    /// A rule is due, if anything follows it.
    rule: bool,
    /// Where the body begins: a rule is not its first line.
    body: usize,
    /// The last line is one of a block of nothing but link lines.
    follows_links: bool,
    /// What each line is meant to be, where somebody asks.
    record: Option<Vec<LineType>>,
}

impl Lines {
    pub(super) fn new(input_len: usize) -> Lines {
        let limit = budget::output(input_len);
        Lines {
            out: String::with_capacity(input_len + input_len / 8 + 256),
            limit,
            full: false,
            quotes: 0,
            last_quotes: 0,
            gap: None,
            rule: false,
            body: 0,
            follows_links: false,
            record: None,
        }
    }

    /// Remembers what each line is meant to be.
    pub(super) fn remember(&mut self) {
        self.record = Some(Vec::new());
    }

    pub(super) fn take_record(&mut self) -> Vec<LineType> {
        self.record.take().unwrap_or_default()
    }

    /// For pages that maquis makes, whose length it decides itself.
    pub(super) fn unbounded() -> Lines {
        Lines { limit: usize::MAX, ..Lines::new(0) }
    }

    /// What was written, in NFC: text was composed piece by piece, and pieces may compose with each other.
    pub(super) fn finish(self) -> Result<String, Exceeded> {
        match self.full {
            true => Err(Exceeded::Output),
            false if clean::is_composed(&self.out) => Ok(self.out),
            false => Ok(self.out.nfc().collect()),
        }
    }

    /// How many bytes may still be written.
    pub(super) fn room(&self) -> usize {
        self.limit.saturating_sub(self.out.len())
    }

    /// The body begins here.
    pub(super) fn begin_body(&mut self) {
        self.body = self.out.len();
    }

    /// Asks for a blank line before the next line.
    pub(super) fn gap(&mut self) {
        self.gap = Some(self.gap.map_or(self.quotes, |depth| depth.min(self.quotes)));
    }

    /// Asks for a rule before the next line.
    pub(super) fn rule(&mut self) {
        self.rule = true;
    }

    /// Takes a rule back that nothing has followed.
    pub(super) fn drop_rule(&mut self) {
        self.rule = false;
    }

    pub(super) fn enter_quote(&mut self) {
        self.quotes += 1;
    }

    pub(super) fn leave_quote(&mut self) {
        self.quotes -= 1;
        self.drop_rule();
    }

    pub(super) fn in_quote(&self) -> bool {
        self.quotes > 0
    }

    pub(super) fn mark_links(&mut self) {
        self.follows_links = true;
    }

    pub(super) fn follows_links(&self) -> bool {
        self.follows_links && self.gap.is_none() && !self.rule
    }

    /// A line of text behind its marker (`* `, `3. `, `[1] `, or nothing). One that would read as markup gets a space.
    pub(super) fn text(&mut self, marker: &str, text: &str) {
        let text = if clean::is_blank(text) { "" } else { text.trim_start_matches(' ').trim_end() };
        let marker = if text.is_empty() { marker.trim_end_matches(' ') } else { marker };
        if (text.is_empty() && marker.is_empty()) || !self.begin() {
            return;
        }
        if marker.is_empty() && self.quotes == 0 && escape::reads_as_markup(text) {
            self.out.push(' ');
        }
        self.out.push_str(marker);
        self.out.push_str(text);
        self.end(if marker.starts_with("* ") { LineType::Item } else { LineType::Text });
    }

    /// A text line indented by two spaces: it goes on with what the line above began.
    pub(super) fn continuation(&mut self, text: &str) {
        if !text.is_empty() && self.begin() {
            self.out.push_str("  ");
            self.out.push_str(text);
            self.end(LineType::Text);
        }
    }

    /// A heading of level 1 to 3; in a quote, which has no headings, a line of the quote.
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        let text = text.trim();
        if text.is_empty() || !self.begin() {
            return;
        }
        if self.quotes == 0 {
            self.out.push_str(&"###"[..level.clamp(1, 3)]);
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.end(LineType::Heading(level.clamp(1, 3)));
    }

    /// A link line. Neither part holds a line break, the address no space.
    pub(super) fn link(&mut self, url: &str, label: &str) {
        if self.begin() {
            self.out.push_str("=> ");
            self.out.push_str(url);
            self.out.push(' ');
            self.out.push_str(label);
            self.end(LineType::Link);
        }
    }

    /// A preformatted block; in a quote it stands between two pieces of it.
    pub(super) fn preformatted(&mut self, alt: &str, text: &str) {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let quotes = std::mem::take(&mut self.quotes);
        if !text.trim().is_empty() && self.begin() {
            self.out.push_str("```");
            self.out.push_str(alt);
            self.end(LineType::Toggle);
            self.verbatim(text);
            self.out.push_str("```");
            self.end(LineType::Toggle);
        }
        self.quotes = quotes;
    }

    fn verbatim(&mut self, text: &str) {
        let start = self.out.len();
        clean::push_preformatted(&mut self.out, text);
        if self.out[start..].contains("```") {
            let written = self.out.split_off(start);
            for line in written.split_inclusive('\n') {
                if escape::closes_preformatted(line) {
                    self.out.push(' ');
                }
                self.out.push_str(line);
            }
        }
        let breaks = self.out[start..].matches('\n').count();
        (0..breaks).for_each(|_| self.note(LineType::Preformatted));
        self.end(LineType::Preformatted);
    }

    /// Writes what is due before a line, and the marks of its quotes. False when the budget is spent.
    fn begin(&mut self) -> bool {
        if std::mem::take(&mut self.rule) && self.out.len() > self.body {
            self.gap();
            self.begin_line();
            self.out.push_str("---");
            self.end(LineType::Text);
            self.gap();
        }
        self.begin_line();
        !self.full
    }

    fn begin_line(&mut self) {
        self.follows_links = false;
        if let Some(depth) = self.gap.take()
            && !self.out.is_empty()
        {
            self.blank(depth.min(self.quotes).min(self.last_quotes), depth);
        }
        for _ in 0..self.quotes {
            self.out.push_str("> ");
        }
    }

    /// A blank line between two blocks of a quote belongs to it; next to a line outside there is none.
    fn blank(&mut self, depth: usize, wanted: usize) {
        for level in 0..depth {
            self.out.push_str(if level == 0 { ">" } else { " >" });
        }
        if depth > 0 || wanted == 0 {
            self.out.push('\n');
            self.note(if depth > 0 { LineType::Quote } else { LineType::Text });
        }
    }

    fn note(&mut self, kind: LineType) {
        if let Some(record) = &mut self.record {
            record.push(kind);
        }
    }

    /// Ends a line that is of a type outside quotes.
    fn end(&mut self, kind: LineType) {
        self.note(if self.quotes > 0 { LineType::Quote } else { kind });
        self.out.push('\n');
        self.last_quotes = self.quotes;
        if self.out.len() > self.limit {
            self.full = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Lines)) -> String {
        let mut lines = Lines::unbounded();
        write(&mut lines);
        lines.finish().unwrap()
    }

    #[test]
    fn blank_lines_come_alone_and_between() {
        let out = written(|lines| {
            lines.gap();
            lines.text("", "a");
            lines.gap();
            lines.gap();
            lines.text("", "b");
            lines.gap();
        });
        assert_eq!(out, "a\n\nb\n");
    }

    #[test]
    fn quotes_go_on_through_blank_lines() {
        let out = written(|lines| {
            lines.enter_quote();
            lines.text("", "a");
            lines.gap();
            lines.enter_quote();
            lines.gap();
            lines.text("", "b");
            lines.leave_quote();
            lines.gap();
            lines.preformatted("", "x");
            lines.gap();
            lines.text("", "c");
            lines.leave_quote();
        });
        assert_eq!(out, "> a\n>\n> > b\n```\nx\n```\n> c\n");
    }

    #[test]
    fn a_fence_inside_stays_inside() {
        assert_eq!(written(|lines| lines.preformatted("md", "```\na\n```\n")), "```md\n ```\na\n ```\n```\n");
    }

    #[test]
    fn the_budget_is_kept() {
        let mut lines = Lines::new(0);
        let line = "x".repeat(1024);
        (0..1_000_000).for_each(|_| lines.text("", &line));
        assert!(lines.out.len() < budget::ALLOWANCE + 4096);
        assert_eq!(lines.finish(), Err(Exceeded::Output));
    }
}
