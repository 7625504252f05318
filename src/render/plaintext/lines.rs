//! Lines of plain text: filled, indented, set apart.
//!
//! Whatever stands around a line (quotes, items, notes) is a [`Prefix`]; here and nowhere else it is kept that no
//! line but code and addresses is wider than the width, that no line is a lone `.` (which would end a Gopher text),
//! that blank lines stand between blocks only, and that the output stays within its budget.

use unicode_normalization::UnicodeNormalization;

use crate::content::document::Exceeded;
use crate::render::budget;
use crate::text::charset::Charset;
use crate::text::{clean, width, wrap};

/// A line has room for at least so many columns: what stands around it is cut to fit.
const MIN_ROOM: usize = 24;
const CODE_INDENT: &str = "    ";
const RULE: &str = "--------------------";

/// What stands before the lines of a block.
struct Prefix {
    /// Before the first line, until it is written.
    first: Option<String>,
    /// Before the others.
    rest: String,
    /// Whether the first is content (a number, a box) that is written even if no text follows it.
    counts: bool,
    /// Whether a line stands behind it.
    begun: bool,
}

pub(super) struct Lines {
    out: String,
    /// Where the line begins that is being written.
    line: usize,
    limit: usize,
    full: bool,
    width: usize,
    charset: Charset,
    prefixes: Vec<Prefix>,
    quotes: usize,
    /// Blank lines that are due, and how many prefixes they stand behind.
    gap: Option<(usize, usize)>,
    /// A rule is due behind so many prefixes, if anything follows it.
    rule: Option<usize>,
    /// Where the body begins: a rule is not its first line.
    body: usize,
    /// The last line is one of a heading.
    follows_heading: bool,
}

impl Lines {
    pub(super) fn new(input_len: usize, width: usize, charset: Charset) -> Lines {
        Lines {
            out: String::with_capacity(input_len + input_len / 8 + 256),
            line: 0,
            limit: budget::output(input_len),
            full: false,
            width: width.max(MIN_ROOM),
            charset,
            prefixes: Vec::new(),
            quotes: 0,
            gap: None,
            rule: None,
            body: 0,
            follows_heading: false,
        }
    }

    /// What was written, in NFC, with one newline at its end.
    pub(super) fn finish(self) -> Result<String, Exceeded> {
        match self.full {
            true => Err(Exceeded::Output),
            false if clean::is_composed(&self.out) => Ok(self.out),
            false => Ok(self.out.nfc().collect()),
        }
    }

    /// A text in the characters that the lines are written in.
    pub(super) fn fold(&self, text: &str) -> String {
        self.charset.fold(text).into_owned()
    }

    /// How many bytes may still be written.
    pub(super) fn room(&self) -> usize {
        self.limit.saturating_sub(self.out.len())
    }

    /// How many columns a line has here.
    pub(super) fn columns(&self) -> usize {
        match self.prefixes.len() {
            0 => self.width,
            depth => self.width.saturating_sub(width::columns(&self.prefix(depth))).max(MIN_ROOM),
        }
    }

    pub(super) fn begin_body(&mut self) {
        self.body = self.out.len();
    }

    /// Asks for blank lines before the next line; at the beginning of what a prefix stands before there are none.
    pub(super) fn gap(&mut self, lines: usize) {
        let depth = self.prefixes.len();
        if self.prefixes.last().is_some_and(|prefix| !prefix.begun) {
            return;
        }
        let (due, at) = self.gap.unwrap_or((0, depth));
        self.gap = Some((due.max(lines), at.min(depth)));
    }

    /// Asks for a rule before the next line.
    pub(super) fn rule(&mut self) {
        // A marker that waits belongs to what follows the rule.
        self.rule = Some(self.prefixes.iter().take_while(|prefix| prefix.begun).count());
    }

    /// Takes a rule back that nothing has followed.
    pub(super) fn drop_rule(&mut self) {
        self.rule = None;
    }

    pub(super) fn enter_quote(&mut self) {
        self.quotes += 1;
        self.prefixes.push(Prefix { first: None, rest: "> ".into(), counts: false, begun: false });
    }

    pub(super) fn leave_quote(&mut self) {
        self.quotes -= 1;
        self.drop_rule();
        self.leave();
    }

    pub(super) fn follows_heading(&self) -> bool {
        self.follows_heading
    }

    pub(super) fn in_quote(&self) -> bool {
        self.quotes > 0
    }

    /// The following lines stand behind a marker, and hang.
    pub(super) fn enter(&mut self, marker: &str, hang: usize, counts: bool) {
        let marker = self.fold(marker);
        self.prefixes.push(Prefix { first: Some(marker), rest: " ".repeat(hang), counts, begun: false });
    }

    pub(super) fn leave(&mut self) {
        let depth = self.prefixes.len();
        self.settle_marker();
        self.prefixes.pop();
        self.rule = self.rule.map(|at| at.min(depth - 1));
        // A blank line at the end of it has nothing to part.
        self.gap = self.gap.filter(|(_, at)| *at < depth);
    }

    /// Writes the marker that waits, if it counts, on a line of its own.
    pub(super) fn settle_marker(&mut self) {
        if self.prefixes.last().is_some_and(|prefix| prefix.first.is_some() && prefix.counts) {
            self.begin();
            self.end();
        }
    }

    /// Gives up the marker that waits, if one does: what follows brings its own.
    pub(super) fn drop_marker(&mut self) {
        if let Some(prefix) = self.prefixes.last_mut().filter(|prefix| prefix.first.is_some()) {
            prefix.first = None;
            prefix.rest.clear();
        }
    }

    /// Text, filled. A line break in it stays one.
    pub(super) fn text(&mut self, text: &str) {
        let text = self.charset.fold(text);
        for line in text.split('\n').map(str::trim_end).filter(|line| !line.trim_start().is_empty()) {
            self.filled(line.trim_start_matches(' '), |_| {});
        }
    }

    /// Writes one line of text on as many as it takes, each of which is shown to `seen`.
    fn filled(&mut self, line: &str, mut seen: impl FnMut(&str)) {
        // The first line may stand behind a marker of another width than what follows.
        let mut pieces = wrap::filled(line, self.columns());
        if pieces.len() > 1 && self.prefixes.iter().any(|prefix| prefix.first.is_some()) {
            let head = pieces.swap_remove(0);
            seen(&head);
            self.line(&head);
            pieces = wrap::filled(line[head.len()..].trim_start_matches(' '), self.columns());
        }
        for piece in pieces {
            seen(&piece);
            self.line(&piece);
        }
    }

    fn line(&mut self, text: &str) {
        if !self.begin() {
            return;
        }
        self.out.push_str(text);
        self.end();
    }

    /// A text line that is not filled: an address is never cut.
    pub(super) fn whole(&mut self, text: &str) {
        let text = self.charset.fold(text);
        self.line(text.trim_end());
    }

    /// A heading: the title of the page, of a part, or of less. In a quote it is text.
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        let text = self.charset.fold(text).replace('\n', " ");
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        // Marks without a letter take no room.
        let mut widest = 1;
        self.filled(text, |line| widest = widest.max(width::columns(line)));
        match level {
            _ if self.in_quote() => {}
            1 => self.line(&"=".repeat(widest)),
            2 => self.line(&"-".repeat(widest)),
            _ => {}
        }
        self.follows_heading = true;
    }

    /// Code as it is, indented.
    pub(super) fn code(&mut self, text: &str) {
        let mut code = String::with_capacity(text.len());
        clean::push_preformatted(&mut code, text);
        let code = self.charset.fold(&code).replace('\t', "    ");
        self.verbatim(&code, CODE_INDENT);
    }

    /// Lines that are set already.
    pub(super) fn set(&mut self, text: &str) {
        let text = self.charset.fold(text);
        let mut lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
        // A cell may begin with line breaks.
        lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
        self.verbatim(&lines.join("\n"), "");
    }

    fn verbatim(&mut self, text: &str, indent: &str) {
        let lines: Vec<&str> = text.trim_end().split('\n').map(str::trim_end).collect();
        for line in lines.iter().skip_while(|line| line.is_empty()) {
            if !self.begin() {
                return;
            }
            if !line.is_empty() {
                self.out.push_str(indent);
                self.out.push_str(line);
            }
            self.end();
        }
    }

    /// Writes what is due before a line, and what stands around it. False when the budget is spent.
    fn begin(&mut self) -> bool {
        if let Some(depth) = self.rule.take()
            && self.out.len() > self.body
        {
            let (lines, at) = self.gap.unwrap_or((1, depth));
            self.gap = Some((lines.max(1), at.min(depth)));
            self.write_gap();
            let before = self.prefix(depth);
            self.line = self.out.len();
            self.out.push_str(&before);
            self.out.push_str(RULE);
            self.end();
            self.gap = Some((1, depth));
        }
        self.write_gap();
        self.follows_heading = false;
        self.line = self.out.len();
        if !self.prefixes.is_empty() {
            let prefix = self.prefix(self.prefixes.len());
            self.prefixes.iter_mut().for_each(|prefix| (prefix.first, prefix.begun) = (None, true));
            self.out.push_str(&prefix);
        }
        !self.full
    }

    fn write_gap(&mut self) {
        if let Some((lines, depth)) = self.gap.take()
            && !self.out.is_empty()
        {
            let blank = self.prefix(depth);
            for _ in 0..lines {
                self.out.push_str(blank.trim_end());
                self.out.push('\n');
            }
        }
    }

    /// What stands before the next line, cut so that there is room behind it.
    fn prefix(&self, depth: usize) -> String {
        let most = self.width - MIN_ROOM;
        let mut out = String::new();
        for prefix in &self.prefixes[..depth] {
            let next = prefix.first.as_deref().unwrap_or(&prefix.rest);
            let fits = width::columns(&out) + width::columns(next) <= most;
            if fits || (prefix.first.is_some() && prefix.counts) {
                out.push_str(next);
            }
        }
        out
    }

    fn end(&mut self) {
        let line = self.line;
        self.out.truncate(line + self.out[line..].trim_end_matches(' ').len());
        if &self.out[line..] == "." {
            self.out.insert(line, ' ');
        }
        self.out.push('\n');
        self.full |= self.out.len() > self.limit;
    }
}
